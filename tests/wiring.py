"""How the stacks hang together, as `tests.infra.wired` read it from their templates, and what tests call the parts.

A queue goes by its name, a table by its feature's (in the base, by its own), anything
else by the last word of its place among the constructs.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("wiring.json")
WIRING: Mapping[str, Any] = json.loads(FILE.read_text("utf-8"))
OUR_EVENTS = ["standby"]
BASE = "Base"
"""The stack that is no feature's."""
BEATS = frozenset({"rate(1 minute)", "rate(5 minutes)"})


def called(place: str) -> str:
    """Return what tests call a thing: ``StockDeadLetters`` for ``Stock/DeadLetters``."""
    *above, last = place.split("/")
    if place in WIRING["tables"]:
        return last if above[0] == BASE else above[0]
    if last == "DeadLetters":
        return above[-1] + last
    return above[-1] if last == "Bucket" else last


def _by_name(section: str) -> dict[str, Any]:
    """Return a section of the wiring by what tests call its things. No two may have one name."""
    named = {called(place): thing for place, thing in WIRING[section].items()}
    assert len(named) == len(WIRING[section]), section
    return named


QUEUES: Mapping[str, Mapping[str, Any]] = _by_name("queues")
STREAMS: Mapping[str, Mapping[str, Any]] = _by_name("streams")
TABLES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    name: tuple((index, *keys) for index, keys in table["indexes"].items())
    for name, table in _by_name("tables").items()
}
"""The indexes of each table: name, partition key and sort key."""
WHOLE: Mapping[str, frozenset[str]] = {
    name: frozenset(table.get("whole", ())) for name, table in _by_name("tables").items()
}
"""Of each table the indexes that have whole items, and not keys alone."""
FILES: Mapping[str, Mapping[str, str]] = _by_name("files")
DEAD_LETTERS: Mapping[str, str] = {name: called(queue["dead_letters"]) for name, queue in QUEUES.items()}
ALARMS: Mapping[str, float] = WIRING["alarms"]
"""Our own metrics that ring, with the number from which each does."""
FUNCTIONS: Mapping[str, Mapping[str, Any]] = WIRING["functions"]


def hearing(event: str, detail: Mapping[str, Any]) -> list[str]:
    """Return the queues that hear of an event of ours."""
    rules = [rule for rule in WIRING["rules"] if rule["source"] == OUR_EVENTS and event in rule["events"]]
    heard = [
        rule
        for rule in rules
        if all(detail.get(name, 1) > 0 for name in rule.get("above_zero", ()))
        and (detail.get("kind") is None or detail["kind"] in rule.get("kinds", [detail["kind"]]))
    ]
    return [called(queue) for rule in heard for queue in rule["queues"]]


def told_of_file(bucket: str, key: str) -> list[str]:
    """Return the queues that are told of a new file."""
    return [called(queue) for prefix, queue in FILES[bucket].items() if key.startswith(prefix)]


def beats() -> list[tuple[str, Any]]:
    """Return the messages that schedules send every few minutes, with their queues."""
    due = [schedule for schedule in WIRING["schedules"] if schedule["every"] in BEATS]
    return [(called(queue), schedule["message"]) for schedule in due for queue in schedule["queues"]]


def passes(stream: str, record: Mapping[str, Any]) -> bool:
    """Tell whether a change goes through a stream's filters to its function."""
    return any(_matches(pattern, record) for pattern in STREAMS[stream]["filters"])


def _matches(pattern: Any, value: Any) -> bool:
    """Tell whether a value is as a filter's pattern says: an exact text or a beginning, at every name."""
    match pattern:
        case list():
            return any(_matches(each, value) for each in pattern)
        case {"prefix": str(beginning)}:
            return isinstance(value, str) and value.startswith(beginning)
        case dict():
            return isinstance(value, Mapping) and all(_matches(each, value.get(name)) for name, each in pattern.items())
        case _:
            return bool(pattern == value)


def environment() -> dict[str, str]:
    """Return every variable of every function with what tests call its thing, or with the text that prod is told."""
    variables: dict[str, str] = {}
    for function in FUNCTIONS.values():
        told = {name: text for name, text in function["is_told"].items() if text is not None}
        for name, value in {**told, **{name: called(place) for name, place in function["knows"].items()}}.items():
            assert variables.setdefault(name, value) == value, f"{name} leads functions to different things"
    return variables
