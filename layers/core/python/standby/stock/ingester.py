"""The ERP's messages into the ledger (design §3, §4; promises 4 and 9).

A record of the queue is one message or a batch. Large batches are split; each part carries its place in the original
batch (the attribute ``index``) and ``received_at``. All levels of a SKU in one delivery become one write. When a write
fails, only the records that asked for it fail. SQS delivers them again; repeating their other writes changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from standby.ledger.model import Location, Reading
from standby.ledger.purchase_orders import Ordered, Received
from standby.platform.batch import PART, inner, letter_of, opened, parts, pass_on
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.identifier import EXACT, Ids
from standby.platform.json_text import to_json
from standby.platform.moment import Arrival
from standby.platform.observability import logger
from standby.platform.queue import Message, Outgoing, PoisonError, Queue, set_aside
from standby.stock.messages import (
    LARGEST_PAGE_BYTES,
    LineOrdered,
    LineReceived,
    Word,
    page_parts,
    read,
    sifted,
)
from standby.stock.recounts import recounts
from standby.stock.snapshots.model import Snapshot, SnapshotMismatchError, SnapshotPart
from standby.stock.snapshots.service import INDEX_LAG_SECONDS, snapshot_job

log = logger("stock")


class Levels(Protocol):
    """Where levels are kept."""

    def record(self, sku: str, readings: Iterable[Reading], *, now: datetime) -> None:
        """Take readings of one SKU in as one change; idempotent."""
        ...


class PurchaseOrders(Protocol):
    """Where incoming goods are kept."""

    def record(
        self,
        sku: str,
        purchase_order_id: str,
        *,
        ordered: Ordered | None = None,
        received: Received | None = None,
        now: datetime,
    ) -> None:
        """Take in what was said about one line; idempotent."""
        ...


class Locations(Protocol):
    """Where locations are described."""

    def describe(self, word: Location) -> Location:
        """Take a description in and return the location as it is known now; idempotent."""
        ...

    def recount_ordered(self, location: Location) -> None:
        """Note that the location's SKUs will be counted anew."""
        ...


class Snapshots(Protocol):
    """Where full counts of locations are kept."""

    def begin(self, part: SnapshotPart, *, now: datetime) -> Snapshot:
        """Note that a snapshot is coming; idempotent. Raises `SnapshotMismatchError`."""
        ...

    def spare(self, part: SnapshotPart, *, now: datetime) -> None:
        """Note which SKUs a part names and does not count; idempotent."""
        ...

    def hold_back(self, part: SnapshotPart, *, now: datetime) -> list[Reading]:
        """Put aside the readings that would empty something, and return the others; idempotent."""
        ...

    def came(self, part: SnapshotPart, *, now: datetime) -> Snapshot:
        """Note that a part's levels are written; idempotent."""
        ...


@dataclass
class _Delivery:
    """What one delivery of the queue asks to be written, by target; each piece with the record that asks for it."""

    locations: dict[str, list[tuple[str, Location]]] = field(default_factory=lambda: defaultdict(list))
    levels: dict[str, list[tuple[str, Reading]]] = field(default_factory=lambda: defaultdict(list))
    lines: dict[tuple[str, str], list[tuple[str, LineOrdered | LineReceived]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    parts: list[tuple[str, SnapshotPart]] = field(default_factory=list)
    poison: dict[str, list[tuple[Message, str, str | None]]] = field(default_factory=lambda: defaultdict(list))
    failed: set[str] = field(default_factory=set)

    def add(self, record: str, word: Word) -> None:
        """Sort what a record said."""
        if isinstance(word, Location):
            self.locations[word.location_id].append((record, word))
        elif isinstance(word, Reading):
            self.levels[word.sku].append((record, word))
        elif isinstance(word, SnapshotPart):
            self.parts.append((record, word))
        else:
            self.lines[word.sku, word.purchase_order_id].append((record, word))


@frozen(kw_only=True)
class Ingester:
    """Takes the ERP's messages in."""

    levels: Levels
    purchase_orders: PurchaseOrders
    locations: Locations
    snapshots: Snapshots
    updates: Queue
    dead_letters: Queue
    sweeps: Queue
    clock: Clock
    ids: Ids = EXACT

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Take one Lambda SQS event in and return the partial batch response."""
        delivery = _Delivery()
        messages = [Message.from_record(record) for record in event["Records"]]
        for message in messages:
            self._guarded(delivery, [message.message_id], partial(self._read, message, delivery))
        # Locations first: the levels of the same delivery are counted by the new description.
        for descriptions in delivery.locations.values():
            self._guarded(delivery, [record for record, _ in descriptions], partial(self._describe, descriptions))
        for sku, readings in delivery.levels.items():
            write = partial(self.levels.record, sku, [reading for _, reading in readings], now=self.clock.now())
            self._guarded(delivery, [record for record, _ in readings], write)
        for (sku, purchase_order_id), lines in delivery.lines.items():
            words = [line for _, line in lines]
            self._guarded(delivery, [record for record, _ in lines], partial(self._line, sku, purchase_order_id, words))
        for record, part in delivery.parts:
            if record not in delivery.failed:
                self._guarded(delivery, [record], partial(self._came, part))
        # Poison last: a record that will come again brings its poison again.
        for record, letters in delivery.poison.items():
            if record not in delivery.failed:
                self._guarded(delivery, [record], partial(self._set_aside, letters))
        return {
            "batchItemFailures": [
                {"itemIdentifier": message.message_id} for message in messages if message.message_id in delivery.failed
            ]
        }

    def _guarded(self, delivery: _Delivery, records: Iterable[str], work: Callable[[], None]) -> None:
        """Do a piece of work. When it fails, the records that asked for it fail, and SQS delivers them again."""
        try:
            work()
        except Exception:
            log.exception("stock messages failed", extra={"records": sorted(set(records))})
            delivery.failed.update(records)

    def _read(self, message: Message, delivery: _Delivery) -> None:
        try:
            content = opened(message)
        except PoisonError as poison:
            delivery.poison[message.message_id].append((message, poison.reason, None))
            return
        if content.unkept is not None:
            delivery.poison[message.message_id].append((message, content.unkept, None))
        if len(content.messages) > PART:
            cut = parts(content.messages, received_at=message.received_at, first=content.first)
            self._pass_on(delivery, message, cut)
            return
        for place, said in enumerate(content.messages):
            index = content.first + place
            letter = letter_of(message, index)
            try:
                read_as = inner(said)
                cut = page_parts(read_as, received_at=message.received_at, ids=self.ids, index=index)
                if cut:
                    self._pass_on(delivery, letter, cut)
                else:
                    self._sort(letter, read_as, index, delivery)
            except PoisonError as poison:
                body = None if content.single else to_json(said)
                delivery.poison[message.message_id].append((letter, poison.reason, body))

    def _pass_on(self, delivery: _Delivery, letter: Message, cut: Sequence[Outgoing]) -> None:
        """Send parts. What cannot be sent waits for a person, as it came."""
        reason = pass_on(self.updates, cut, group=letter.message_id, most_bytes=LARGEST_PAGE_BYTES)
        if reason is not None:
            delivery.poison[letter.message_id].append((letter, reason, None))

    def _sort(self, letter: Message, said: object, index: int, delivery: _Delivery) -> None:
        """Collect what a message asks to be written.

        A partly bad page still writes its good levels; it counts as received once the bad ones are mended.
        """
        record, now = letter.message_id, self.clock.now()
        arrival, cause = Arrival(letter.received_at, index), f"{record}.{index}"
        try:
            word = read(said, arrival=arrival, now=now, ids=self.ids, cause=cause)
        except PoisonError:
            found = sifted(said, arrival=arrival, now=now, ids=self.ids, cause=cause)
            if found is None:
                raise
            self._begin(delivery, record, found.part)
            delivery.poison[record].append((letter, found.reason, to_json(found.bad)))
            return
        if isinstance(word, SnapshotPart):
            self._begin(delivery, record, word)
            if word.incomplete:
                return
        delivery.add(record, word)

    def _begin(self, delivery: _Delivery, record: str, part: SnapshotPart) -> None:
        try:
            self.snapshots.begin(part, now=self.clock.now())
        except SnapshotMismatchError as mismatch:
            raise PoisonError(str(mismatch)) from mismatch
        self.snapshots.spare(part, now=self.clock.now())
        for reading in self.snapshots.hold_back(part, now=self.clock.now()):
            delivery.add(record, reading)

    def _came(self, part: SnapshotPart) -> None:
        snapshot = self.snapshots.came(part, now=self.clock.now())
        if snapshot.complete and snapshot.state == "receiving":
            self.sweeps.send([Outgoing.of(snapshot_job(snapshot), delay_seconds=INDEX_LAG_SECONDS)])

    def _describe(self, descriptions: list[tuple[str, Location]]) -> None:
        newest = max((location for _, location in descriptions), key=lambda location: location.version)
        location = self.locations.describe(newest)
        if location.recount:
            self.sweeps.send(recounts({"sweep": "location", "location_id": location.location_id}))
            self.locations.recount_ordered(location)

    def _line(self, sku: str, purchase_order_id: str, lines: list[LineOrdered | LineReceived]) -> None:
        ordered = [line.ordered for line in lines if isinstance(line, LineOrdered)]
        received = [line.received for line in lines if isinstance(line, LineReceived)]
        self.purchase_orders.record(
            sku,
            purchase_order_id,
            ordered=max(ordered, key=lambda word: word.version, default=None),
            received=max(received, key=lambda word: word.version, default=None),
            now=self.clock.now(),
        )

    def _set_aside(self, letters: list[tuple[Message, str, str | None]]) -> None:
        for letter, reason, body in letters:
            set_aside(self.dead_letters, letter, reason, body=body)
