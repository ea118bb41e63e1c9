"""Events into the shelf's rows: what the ledger and the catalogue said last, in whatever order it is heard."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Protocol

from standby.availability.directory import Directory
from standby.availability.hears import CHANGES, Hint
from standby.availability.rebuilding import REBUILD, Rebuilder, Skus
from standby.events.catalog import ProductChanged, ProductDiscontinued
from standby.events.hearing import hear
from standby.events.preorder import CampaignChanged
from standby.events.stock import StoreChanged
from standby.ledger.model import Level, PurchaseOrder
from standby.ledger.supply import SkuSupply
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import Message, PoisonError, Queue, set_aside
from standby.shelf.ahead_model import PRE_ORDER, STATUS_OF, Campaign
from standby.shelf.model import Head, Heard, Rating, Row, Supply, Variant

MOST_ARRIVALS = 20
"""Days that a row keeps. One would not do: it is over before anything changes."""
MOST_STORES = 100
"""Stores that a row keeps. A shop with more has few SKUs that lie in so many."""
REBUILT = "make rebuild-shelf"
"""What stands in place of an event where the ledger was looked at without one."""
log = logger("availability")


class Shelf(Protocol):
    """Where the rows are."""

    def change(self, changes: Mapping[str, Callable[[Row], Row]]) -> dict[str, Exception]:
        """Change rows, each by what its function makes of the row as it is; return those that failed."""
        ...

    def describe(self, product_id: str, head: Head) -> None:
        """Take in what the catalogue says of a product; older words change nothing."""
        ...


class Ledger(Protocol):
    """Where the numbers are."""

    def supply(self, sku: str) -> SkuSupply:
        """Return the SKU's numbers, its levels and its purchase orders' lines."""
        ...


@dataclass
class _Asked:
    """What a batch of messages says about one SKU, and which of the messages do."""

    sku: str
    hint: Hint | None = None
    """The latest event about the numbers."""
    words: list[tuple[Variant, Heard]] = field(default_factory=list)
    campaigns: list[tuple[Campaign, Heard]] = field(default_factory=list)
    messages: set[str] = field(default_factory=set)


@dataclass
class _Batch:
    """One delivery of the queue."""

    skus: dict[str, _Asked] = field(default_factory=dict)
    heads: dict[str, list[tuple[Head, str]]] = field(default_factory=lambda: defaultdict(list))
    stores: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Locations that were described, and the messages that say so."""
    jobs: list[tuple[Message, dict[str, Any]]] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)

    def about(self, sku: str, message_id: str) -> _Asked:
        asked = self.skus.setdefault(sku, _Asked(sku))
        asked.messages.add(message_id)
        return asked


@frozen(kw_only=True)
class Projector:
    """Writes the shelf."""

    shelf: Shelf
    ledger: Ledger
    skus: Skus
    directory: Directory
    changes: Queue
    dead_letters: Queue
    clock: Clock
    least_away: timedelta = timedelta()
    """What could not be bought for less than this did not come back."""

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Take one Lambda SQS event in and return the partial batch response.

        All that a batch says about one SKU is one change of its row. A message fails if anything that it names fails.
        """
        batch = _Batch()
        messages = [Message.from_record(record) for record in event["Records"]]
        for message in messages:
            self._guarded(batch, {message.message_id}, partial(self._read, message, batch))
        for product_id, heads in batch.heads.items():
            newest = max((head for head, _ in heads), key=lambda head: head.edition)
            asking = {message_id for _, message_id in heads}
            self._guarded(batch, asking, partial(self.shelf.describe, product_id, newest))
        for location_id, asking in batch.stores.items():
            self._guarded(batch, asking, partial(self.directory.look, location_id))
        changes = {sku: partial(self._changed, asked) for sku, asked in batch.skus.items()}
        for sku in self.shelf.change(changes):
            batch.failed |= batch.skus[sku].messages
        rebuilder = Rebuilder(skus=self.skus, looks=self, stores=self.directory, changes=self.changes)
        for message, job in batch.jobs:
            self._guarded(batch, {message.message_id}, partial(self._aside, message, partial(rebuilder.handle, job)))
        failed = [message.message_id for message in messages if message.message_id in batch.failed]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    def look(self, skus: Iterable[str]) -> dict[str, Exception]:
        """Bring the rows of SKUs in line with the ledger, and return those that failed."""
        heard = Heard(event=REBUILT, at=to_text(self.clock.now()))
        return self.shelf.change({sku: partial(self._supplied, heard) for sku in skus})

    def _guarded(self, batch: _Batch, messages: set[str], work: Callable[[], None]) -> None:
        """Do a piece of work. When it fails, the messages that asked for it fail, and SQS delivers them again."""
        try:
            work()
        except Exception:
            log.exception("messages failed", extra={"messages": sorted(messages)})
            batch.failed |= messages

    def _read(self, message: Message, batch: _Batch) -> None:
        self._aside(message, partial(_sort, message, batch))

    def _aside(self, message: Message, work: Callable[[], None]) -> None:
        """Do a piece of work, and set the message aside that is poison to it."""
        try:
            work()
        except PoisonError as poison:
            set_aside(self.dead_letters, message, poison.reason)

    def _changed(self, asked: _Asked, row: Row) -> Row:
        """Return a row with all that a batch said about it. The ledger is read now, after the row was."""
        for variant, heard in asked.words:
            row = row.described(_beside(row.variant, variant), heard)
        for campaign, heard in asked.campaigns:
            row = row.sold_ahead(campaign, heard)
        hint = asked.hint
        if hint is not None and getattr(hint, "revision", row.supply.revision) >= row.supply.revision:
            return self._supplied(Heard(event=hint.id, at=hint.at), row)
        if hint is None and not row.supply.revision:
            # Somebody else names it for the first time; its numbers may be older than the shelf itself.
            _, heard = (*asked.words, *asked.campaigns)[-1]
            return self._supplied(heard, row)
        return row

    def _supplied(self, heard: Heard, row: Row) -> Row:
        return row.supplied(supply_of(self.ledger.supply(row.sku)), heard, least_away=self.least_away)


def supply_of(found: SkuSupply) -> Supply:
    """Return what a row says of the ledger's numbers."""
    stock = found.stock
    if stock is None:
        return Supply()
    stores, at = _stores(found.levels), stock.changed_at
    lines = [*_received(found, at), *found.coming(at)]
    arrivals = _arrivals(lines, at)
    return Supply(
        revision=stock.revision,
        sellable=stock.sellable,
        low_stock=stock.low_stock,
        incoming=max(0, stock.sure(at)),
        arrivals=arrivals,
        missing=max(0, -stock.free),
        too_little=_too_little(stock.free, lines, arrivals),
        overdue=any(day < _day_before(at) for day in _days(lines)),
        in_store=max(0, stock.in_store),
        stores=dict(stores[:MOST_STORES]),
        more_stores=len(stores[MOST_STORES:]),
        as_of=at,
    )


def _received(found: SkuSupply, at: str) -> Iterable[PurchaseOrder]:
    """Yield what was received and is in no level yet, as if it came on the day of a moment."""
    if units := found.received(at):
        yield PurchaseOrder(purchase_order_id="", quantity=units, eta=at[:10])


def _arrivals(lines: Iterable[PurchaseOrder], changed_at: str) -> tuple[str, ...]:
    """Return the first days on which more is expected, from the day before a change of the numbers on."""
    earliest = _day_before(changed_at)
    return tuple(sorted({day for day in _days(lines) if day >= earliest})[:MOST_ARRIVALS])


def _too_little(free: int, lines: Iterable[PurchaseOrder], days: Sequence[str]) -> int:
    """Return on how many of the first days what comes is still less than what is missing before anything is free."""
    coming = [(line.eta, line.open) for line in lines]
    return sum(
        free + sum(units for eta, units in coming if eta is not None and days[0] <= eta <= day) <= 0 for day in days
    )


def _days(lines: Iterable[PurchaseOrder]) -> Iterator[str]:
    """Yield the days on which open orders are, or were, expected."""
    return (line.eta for line in lines if line.open and line.eta is not None)


def _stores(levels: Iterable[Level]) -> list[tuple[str, int]]:
    """Return stores and what can be bought in them, those with most units first."""
    stocked = ((level.location_id, level.collectable) for level in levels if level.collectable)
    return sorted(stocked, key=lambda store: (-store[1], store[0]))


def _day_before(instant: str) -> str:
    """Return the day before an instant. Wherever the shop is, earlier days were over by then."""
    return (date.fromisoformat(instant[:10]) - timedelta(days=1)).isoformat() if instant else ""


def variants_of(event: ProductChanged) -> Iterable[tuple[str, Variant]]:
    """Yield what a product says of its SKUs."""
    for said in event.variants:
        variant = Variant(edition=said["edition"], discontinued=said["discontinued"], as_of=event.at)
        if not said["gone"]:
            variant = replace(
                variant,
                product_id=event.product_id,
                category=event.category,
                of_product=event.edition,
                position=said.get("position", 0),
                options=said.get("options", {}),
                price=said.get("price"),
                image=said.get("image"),
            )
        yield said["sku"], variant


def head_of(event: ProductChanged) -> Head:
    """Return what a product says of itself."""
    return Head(
        edition=event.edition,
        title=dict(event.title),
        url=event.url,
        image=event.image,
        category=event.category,
        brand=event.brand,
        tags=tuple(event.tags),
        price=dict(event.price) if event.price else None,
        price_from=dict(event.price_from) if event.price_from else None,
        rank=event.rank,
        similar=tuple(event.similar),
        options=tuple(event.options),
        translations=event.translations or {},
        discontinued=event.discontinued,
        rating=Rating(hundredths=event.rating["hundredths"], count=event.rating["count"]) if event.rating else None,
    )


def campaign_of(event: CampaignChanged) -> Campaign:
    """Return what pre-orders say of a SKU."""
    return Campaign(
        edition=event.edition,
        status=STATUS_OF.get(event.kind, PRE_ORDER),
        opens_at=event.opens_at,
        closes_at=event.closes_at or "",
        early_opens_at=event.early_opens_at or "",
        release_on=event.release_on,
        promised_until=event.promised_until,
        remaining=event.remaining,
        limit=event.limit_per_customer,
        price=dict(event.price),
    )


def _sort(message: Message, batch: _Batch) -> None:
    """Put what a message says to what others of the batch say of the same things. Raises `PoisonError`."""
    content, message_id = message.json(), message.message_id
    if isinstance(content, dict) and REBUILD in content:
        batch.jobs.append((message, content))
        return
    event = hear(content, CHANGES)
    if event is None:
        raise PoisonError("not an event that changes what can be had")
    heard = Heard(event=event.id, at=event.at)
    match event:
        case ProductChanged():
            batch.heads[event.product_id].append((head_of(event), message_id))
            for sku, variant in variants_of(event):
                batch.about(sku, message_id).words.append((variant, heard))
        case StoreChanged():
            batch.stores[event.location_id].add(message_id)
        case CampaignChanged():
            batch.about(event.sku, message_id).campaigns.append((campaign_of(event), heard))
        case ProductDiscontinued():
            end = Variant(
                edition=event.edition, whole=False, product_id=event.product_id, discontinued=True, as_of=event.at
            )
            batch.about(event.sku, message_id).words.append((end, heard))
        case hint:
            asked = batch.about(hint.sku, message_id)
            asked.hint = hint if asked.hint is None else max(asked.hint, hint, key=_newness)


def _newness(hint: Hint) -> tuple[int, str]:
    """Order hints. What tells no revision is looked at in any case, so it stands above those that do."""
    return getattr(hint, "revision", 1 << 62), hint.at


def _beside(known: Variant, said: Variant) -> Variant:
    """Return a word that only ends a SKU with what is known of it, if that is of the same product."""
    if said.whole or said.product_id is None or said.product_id != known.product_id:
        return said
    return replace(known, edition=said.edition, whole=False, discontinued=True, as_of=said.as_of)
