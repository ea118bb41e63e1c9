"""The ledger's stream into events, jobs for kits and settle messages; it reads and writes no table (design §3)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from standby.ledger import items
from standby.ledger.model import SkuStock
from standby.platform.bus import Bus, Event
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.stock.announcements import about_location, about_purchase_order, about_sku, settle_content
from standby.stock.kitter import changed_component

Item = dict[str, Any]
Images = tuple[Item | None, Item]


@frozen(kw_only=True)
class Detector:
    """Tells what changed."""

    bus: Bus
    settles: Queue
    kits: Queue

    def handle(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Publish the events of stream records, then send the jobs for kits, then the settle messages.

        In this order, because whoever looks for changes that were lost asks whether the settler heard of them. Raises
        whatever the bus or a queue raises. The stream then delivers the whole batch again, and the events keep their
        ids. Kits hear of a component that has the mark for it, and of a SKU that begins and so cannot have it yet.
        """
        changes = [images for record in records if (images := _images(record))]
        self.bus.publish([event for before, after in changes for event in _events(before, after)])
        kits = dict.fromkeys(new.sku for old, new in _new_revisions(changes) if new.in_kits or old is None)
        self.kits.send([Outgoing.of(changed_component(sku)) for sku in kits])
        settles = [settle_content(old.free if old else 0, new) for old, new in _new_revisions(changes)]
        self.settles.send([Outgoing.of(content) for content in settles])


def _images(record: Mapping[str, Any]) -> Images | None:
    """Return the item before and after; ``None`` where it is gone or of a kind that makes no event."""
    change = record["dynamodb"]
    if "NewImage" not in change:
        return None
    kind: str = change["Keys"]["sk"]["S"]
    if kind not in {items.SKU, items.LOCATION} and not kind.startswith(items.PURCHASE_ORDERS):
        return None
    old = change.get("OldImage")
    return (items.of_stream(old) if old else None), items.of_stream(change["NewImage"])


def _events(before: Item | None, after: Item) -> Iterator[Event]:
    if after["sk"] == items.LOCATION:
        yield from about_location(items.location(before) if before else None, items.location(after))
    elif after["sk"] == items.SKU:
        for old, new in _new_revisions([(before, after)]):
            yield from about_sku(old, new)
    else:
        old_line = items.purchase_order(before) if before else None
        yield from about_purchase_order(items.sku_of(after), old_line, items.purchase_order(after))


def _new_revisions(changes: Iterable[Images]) -> Iterator[tuple[SkuStock | None, SkuStock]]:
    for before, after in changes:
        if after["sk"] == items.SKU:
            old, new = items.stock(before) if before else None, items.stock(after)
            if old is None or old.revision != new.revision:
                yield old, new
