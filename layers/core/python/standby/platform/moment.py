"""When things were said and observed: the order of an ERP's words about one thing (design, promise 4)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zlib import crc32

from standby.platform.clock import NO_DAY, ZERO_DAY, from_milliseconds, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json
from standby.platform.queue import PoisonError

AHEAD = timedelta(minutes=5)
"""How far ahead of our clock the ERP's may be. What outranks other words, or nets orders, must be bounded: it stays."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@frozen()
class Arrival:
    """When a message reached us, and its place in its batch: the last tie-break between the ERP's words."""

    received_at: int
    """Milliseconds since the epoch."""
    index: int = 0

    @property
    def number(self) -> int:
        """The arrival as one number; a batch has at most 1,000 messages."""
        return self.received_at * 1_000 + self.index


def version(moment: datetime, arrival: Arrival, sequence: int | None = None) -> tuple[int, int, int]:
    """Return what orders words about one thing: the instant in microseconds, the sequence, the arrival."""
    return ((moment - EPOCH) // MICROSECOND, int(sequence or 0), arrival.number)


def spoken_of(fields: Mapping[str, Any], name: str, arrival: Arrival, now: datetime) -> tuple[datetime, bool]:
    """Return the instant a message speaks of, and whether it is only assumed from its receipt. Raises `PoisonError`."""
    said = instant(fields, name, now)
    if said is None:
        return from_milliseconds(arrival.received_at), True
    return said, False


def instant(fields: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    """Return the instant that a field says, between 1970 (before it lie the zeros of other systems) and now.

    Raises `PoisonError` for any other.
    """
    text = fields.get(name)
    if text is None:
        return None
    try:
        said = from_text(text)
    except (ValueError, OverflowError) as error:
        raise PoisonError(f"{name}: {error}") from error
    if said > now + AHEAD:
        raise PoisonError(f"{name}: {text} is more than 5 minutes ahead of {to_text(now)}")
    if said < EPOCH:
        raise PoisonError(f"{name}: {text} is before 1970")
    return said


def day(fields: Mapping[str, Any], name: str) -> str | None:
    """Return the calendar date that a field says; ``None``: none, which other systems say by `ZERO_DAY` or `NO_DAY`.

    Raises `PoisonError` for one that no calendar has.
    """
    text = fields.get(name)
    if text is None:
        return None
    try:
        said = date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise PoisonError(f"{name}: {error}") from error
    return None if said <= ZERO_DAY or said == NO_DAY else said


def mark(fields: Mapping[str, Any]) -> int:
    """Return a number made of what a message says, however its fields are ordered.

    Behind `version` it lets only the same message have the same version.
    """
    said = {name: value for name, value in fields.items() if name not in ("message_id", "source")}
    return crc32(to_json(ordered(said)).encode())


def ordered(content: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with the fields of every object in one order."""
    if isinstance(content, dict):
        return {name: ordered(content[name]) for name in sorted(content)}
    return [ordered(each) for each in content] if isinstance(content, list) else content
