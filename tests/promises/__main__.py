"""``make promises``: for each promise the tests that try to break it, their crash points, and the alarms that ring."""

# ruff: noqa: T201 - a command prints

import sys
import tempfile
from pathlib import Path

import infra.app  # noqa: F401 - says where the product is, and that Debian's Node is good enough
from tests.infra.template import synthesize
from tests.promises import marks


def alarms() -> dict[str, list[str]]:
    """Return the texts of the alarms that name each promise, from the synthesized templates."""
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        stage = synthesize(Path(folder), stage="prod", alarm_email="ops@shop.example")
    for alarm in stage.properties("CloudWatch::Alarm").values():
        text = str(alarm["AlarmDescription"])
        for promise in marks.named(text):
            found.setdefault(promise, []).append(text)
    return found


def main() -> int:
    """Print the list."""
    tried, counted, ringing = marks.tried(), marks.counted(), alarms()
    for promise, title in marks.titles().items():
        tests = tried.get(promise, [])
        points = {test: counted[test] for test in tests if test in counted}
        print(f"\n{promise} {title}")
        if promise in marks.COMES_WITH:
            print(f"  not all of it yet: the rest comes with {', '.join(sorted(marks.COMES_WITH[promise]))}")
        print(f"  {len(tests)} tests try to break it, {sum(points.values()):,} crash points when they last ran here")
        for test in tests:
            print(f"    {test}" + (f" ({points[test]:,} crash points)" if test in points else ""))
        texts = sorted(set(ringing.get(promise, [])))
        print(f"  {len(ringing.get(promise, []))} alarms ring" + (":" if texts else ""))
        for text in texts:
            print(f"    {text}")
    if not counted:
        print("\nNo crash points were counted here yet: `.venv/bin/pytest tests/promises` counts them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
