"""``make test``: the journeys, which mostly wait, beside all other tests.

The other tests are shown as they run. Then come the journeys' whole output and the closing lines of both. The journeys
have the processor first, because they wait for a running system; nothing waits for the others.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import IO

POLITE = ("nice", "-n", "5")


def shown(lines: Iterable[str], show: Callable[[str], None]) -> str:
    """Show lines as they come; return the last that is not empty, pytest's closing line."""
    closing = ""
    for line in lines:
        show(line)
        closing = line.strip() or closing
    return closing


def both(first: Sequence[str], beside: Sequence[str], show: Callable[[str], None]) -> int:
    """Run two commands beside each other; return 0 where both succeeded."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
        slow = _started(beside, kept)
        try:
            fast = _started(first, subprocess.PIPE)
            assert fast.stdout
            first_closing = shown(fast.stdout, show)
        finally:
            slow.wait()  # also after Ctrl-C: it hears that too, and takes down its local AWS
        kept.seek(0)
        show("\n")
        beside_closing = shown(kept, show)
    show(f"\n{beside_closing}\n{first_closing}\n")
    return int(bool(fast.wait() or slow.returncode))


def _started(command: Sequence[str], output: int | IO[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, text=True, encoding="utf-8")  # noqa: S603 - fixed words


def main() -> int:
    """Run every test."""
    pytest = [sys.executable, "-m", "pytest", f"--color={'yes' if sys.stdout.isatty() else 'no'}"]
    journeys = [*pytest, "-m", "local_aws"]
    others = [*POLITE, *pytest, "-n", "auto", "--dist", "loadgroup", "-m", "not local_aws"]

    def show(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    return both(others, journeys, show)


if __name__ == "__main__":
    sys.exit(main())
