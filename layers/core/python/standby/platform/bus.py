"""The event bus: publish everything that happened, or raise an error (design §5.3)."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from standby.platform import aws
from standby.platform.backoff import Backoff
from standby.platform.batching import groups
from standby.platform.counted import counted
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "standby"
VERSION = 1
REQUEST_ENTRIES = 10
REQUEST_BYTES = 240_000  # EventBridge takes 256 KB a request
EVENT_BYTES = 190_000
"""What a publisher lets an event's content have at most; SQS, to which rules send it, takes 1 MiB a message."""
BACKOFF = Backoff(attempts=4, base_seconds=0.05)


class UnpublishedError(Exception):
    """EventBridge kept refusing some entries; the caller must not count its message as done."""


class Event(Protocol):
    """What the events of `standby.events` have in common."""

    @property
    def id(self) -> str:
        """Names what happened."""
        ...

    @property
    def at(self) -> str:
        """When it happened."""
        ...

    def _asdict(self) -> dict[str, Any]: ...


def name_of(event: Event) -> str:
    """Return the detail-type."""
    return type(event).__name__


def detail_of(event: Event) -> dict[str, Any]:
    """Return the detail: all fields that are set, and the contract's version."""
    values = event._asdict()
    return {"version": VERSION} | {name: value for name, value in values.items() if value is not None}


class Bus(Protocol):
    """Where features tell one another what happened."""

    def publish(self, events: Iterable[Event]) -> None:
        """Publish all events. Raises `UnpublishedError`; some events may have been published by then."""
        ...


@frozen()
class EventBridgeBus:
    """An EventBridge bus that sends refused entries again."""

    name: str
    client: "EventBridgeClient"
    backoff: Backoff = BACKOFF

    def publish(self, events: Iterable[Event]) -> None:
        """Publish in requests of 10 events and 240 kB at most. Raises `UnpublishedError`."""
        entries = (self._entry(event) for event in events)
        for group in groups(entries, most=REQUEST_ENTRIES, most_weight=REQUEST_BYTES, weight=_weight):
            self._put(group)

    def _put(self, group: Sequence[dict[str, Any]]) -> None:
        pending: Any = list(group)
        for attempt in range(self.backoff.attempts):
            if attempt:
                self.backoff.pause(attempt - 1)
            results = self.client.put_events(Entries=pending)["Entries"]
            pending = [entry for entry, result in zip(pending, results, strict=True) if result.get("ErrorCode")]
            if not pending:
                return
        message = f"{self.name}: {counted(len(pending), 'event')} refused"
        raise UnpublishedError(message)

    def _entry(self, event: Event) -> dict[str, Any]:
        return {
            "EventBusName": self.name,
            "Source": SOURCE,
            "DetailType": name_of(event),
            "Detail": to_json(detail_of(event)),
        }


def connect(name: str) -> EventBridgeBus:
    """Return the bus with this name."""
    return EventBridgeBus(name, aws.client("events"))


def _weight(entry: dict[str, Any]) -> int:
    return len(entry["Detail"].encode()) + 200
