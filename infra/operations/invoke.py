"""``make invoke``: run a deployed function on a named sample of ``events/<function>/<case>.json``."""

import argparse
import base64
import json
import sys
from pathlib import Path

from infra.operations.command import run
from infra.operations.place import PlaceError, arguments, chosen

EVENTS = Path(__file__).parents[2] / "events"


def main() -> int:
    """Print the function's log and answer; fails when the function does."""
    parser = arguments(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("function", help="e.g. stock_ingester")
    parser.add_argument("case", nargs="?", help="the sample's name, e.g. level")
    said = parser.parse_args()
    samples = {path.stem: path for path in sorted((EVENTS / said.function).glob("*.json"))}
    if said.case not in samples:
        print(f"{said.function}: samples are {', '.join(samples) or 'none'} (case=…)", file=sys.stderr)
        return 1
    try:
        place = chosen(said)
        function = place.function(said.function)
    except PlaceError as error:
        print(error, file=sys.stderr)
        return 1
    answer = place.functions.invoke(FunctionName=function, Payload=samples[said.case].read_bytes(), LogType="Tail")
    print(base64.b64decode(answer.get("LogResult", "")).decode(), file=sys.stderr)
    print(json.dumps(json.loads(answer["Payload"].read() or b"null"), indent=2, ensure_ascii=False))
    return 1 if answer.get("FunctionError") else 0


if __name__ == "__main__":
    run(main)
