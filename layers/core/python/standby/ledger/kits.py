"""Kits: SKUs that lie nowhere and are made of others; as many are free as the scarcest component allows (design §4).

A kit's numbers stand in a SKU's item like any other's, so whoever asks for a SKU need not know about kits. They are
made anew when a component's numbers changed, and raise the revision only where they differ. Each component has an item
per kit that has it, written in the one transaction that says what the kit is made of.

What the ERP says of a SKU that is a kit is kept, and counts once it is no kit any more. There are no kits of kits: a
component that is a kit counts as none. So nothing is passed on, and a circle of kits ends where it begins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from standby.events.fields import MOST_COMPONENTS
from standby.ledger import items
from standby.ledger.claims import ClaimBook
from standby.ledger.model import Arrival, Component, Kit, PurchaseOrder, SkuStock, Units
from standby.ledger.numbers import Change, first_numbers, owed_since, step
from standby.ledger.settings_book import SettingsBook
from standby.ledger.supply import SkuSupply
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.table import ConditionCheck, Cursor, Delete, Put, Query, Update, Write

MOST_ARRIVALS = 20
"""Days that a kit keeps."""
KITS_PAGE = 25
RULE = "of a kit as many are free as its scarcest component allows: free / quantity, rounded down, and never below 0"
NO_KIT_RULE = "what is no kit any more has its own levels and purchase orders again"


@frozen(kw_only=True)
class Made:
    """How many of a kit there can be, and of what that was counted."""

    free: int
    incoming: int
    """How many more, once all came that is on its way to the components."""
    netted: int
    """How many of the free ones only netting of the components made."""
    arrivals: tuple[Arrival, ...]
    seen: tuple[int, ...]


@frozen()
class Parts:
    """A kit's components as they were read."""

    stocks: Mapping[str, SkuStock]
    """Numbers by SKU. Those that the ERP never named are missing."""
    lines: Mapping[str, Sequence[PurchaseOrder]]
    """What is on its way, by SKU."""

    def revision(self, sku: str) -> int:
        """Return the revision of a component's numbers."""
        return self.stocks[sku].revision if sku in self.stocks else 0

    def free(self, sku: str) -> int:
        """Return what is free of a component; nothing of one that is a kit itself."""
        stock = self.stocks.get(sku)
        return stock.free if stock and stock.kit is None else 0

    def incoming(self, sku: str) -> int:
        """Return what is on its way of a component, or was received and is in no level yet."""
        stock = self.stocks.get(sku)
        if stock is None or stock.kit is not None:
            return 0
        return max(0, stock.sure(stock.changed_at)) + self.supply(stock).received(stock.changed_at)

    def coming(self) -> list[tuple[str, str, int]]:
        """Return days on which more comes, of which component and how much; what was received comes at once."""
        days = []
        for sku, stock in self.stocks.items():
            found, at = self.supply(stock), stock.changed_at
            if stock.kit is None and found.received(at):
                days.append((at[:10], sku, found.received(at)))
            days += [(line.eta, sku, line.open) for line in found.coming(at) if line.eta]
        return sorted(days)

    def supply(self, stock: SkuStock) -> SkuSupply:
        """Return what there is of a component."""
        return SkuSupply(stock=stock, lines=self.lines.get(stock.sku, ()))


def possible(components: Iterable[Component], units: Mapping[str, int]) -> int:
    """Return how many of a kit can be made of so many units of each component."""
    return max(0, min(units[sku] // quantity for sku, quantity in components))


def made_of(kit: Kit, parts: Parts) -> Made:
    """Count a kit."""
    free = {sku: parts.free(sku) for sku, _ in kit.components}
    now = possible(kit.components, free)
    all_came = {sku: units + parts.incoming(sku) for sku, units in free.items()}
    netted = _netted(kit, parts)
    without = {sku: units - netted.get(sku, 0) for sku, units in free.items()}
    return Made(
        free=now,
        incoming=possible(kit.components, all_came) - now,
        netted=now - possible(kit.components, without),
        arrivals=_arrivals(kit.components, free, parts.coming()),
        seen=tuple(parts.revision(sku) for sku, _ in kit.components),
    )


def _netted(kit: Kit, parts: Parts) -> dict[str, int]:
    """Return the units that netting freed, if nothing else changed any component since the kit was counted last."""
    if not kit.seen:
        return {}
    before = zip(kit.components, kit.seen, strict=True)
    changed = [sku for (sku, _), revision in before if parts.revision(sku) != revision]
    netted = {sku: parts.stocks[sku].netted_units for sku in changed if sku in parts.stocks}
    return netted if len(netted) == len(changed) and all(units > 0 for units in netted.values()) else {}


def _arrivals(
    components: Sequence[Component], free: Mapping[str, int], coming: Iterable[tuple[str, str, int]]
) -> tuple[Arrival, ...]:
    """Return how many more can be made from which day on. Goods without a day make none."""
    units, count = dict(free), possible(components, free)
    days: dict[str, int] = {}
    for day, sku, more in coming:
        units[sku] += more
        following = possible(components, units)
        if following > count:
            days[day] = days.get(day, 0) + following - count
        count = following
    return tuple(days.items())[:MOST_ARRIVALS]


@frozen()
class KitBook:
    """Keeps what kits are made of, and their numbers."""

    table: LedgerTable

    def define(self, sku: str, components: Iterable[Component], *, edition: int, now: datetime) -> None:
        """Take in what the catalogue says a SKU is made of (of nothing: it is no kit), and count it.

        The word with the highest edition counts, whichever comes first. Idempotent. Raises ``ValueError`` for
        what no kit can be, `BusyError`.
        """
        wanted = tuple(components)
        names = {sku} | {name for name, _ in wanted}
        if len(names) <= len(wanted) or len(wanted) > MOST_COMPONENTS or any(number < 1 for _, number in wanted):
            message = f"{sku}: a kit has at most {MOST_COMPONENTS} components, each at least once and none twice"
            raise ValueError(message)
        self.table.retried(partial(self._define, sku, wanted, edition, now))
        # A component may have changed after it was read and before it was known as one.
        self.look(sku, now=now)

    def look(self, sku: str, *, now: datetime) -> SkuStock | None:
        """Count a kit by what its components have now, and return its numbers, ``None`` for what is no kit.

        Idempotent: it writes nothing where it sees nothing new. Raises `BusyError`.
        """
        stock = self.table.retried(partial(self._look, sku, now))
        if stock is not None and (stock.owed or stock.held):
            ClaimBook(self.table).drop_emptied(sku, now=now)
        return stock

    def among(self, skus: Iterable[str]) -> frozenset[str]:
        """Return those of the SKUs that are kits now."""
        found = self.table.batch(items.sku_key(sku) for sku in skus)
        return frozenset(items.sku_of(item) for item in found if items.KIT_PARTS in item)

    def kits_of(self, component: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of the kits that have a component, and where the next page begins."""
        wanted = Query(items.partition(component), starting=items.KITS, consistent=True, limit=KITS_PAGE)
        page = self.table.page(wanted, cursor)
        return [item["sk"].removeprefix(items.KITS) for item in page.items], page.cursor

    def _stock(self, sku: str) -> SkuStock | None:
        item = self.table.item(items.sku_key(sku))
        return items.stock(item) if item else None

    def _define(self, sku: str, components: tuple[Component, ...], edition: int, now: datetime) -> None:
        known = self._stock(sku)
        was = known.kit if known else None
        if was is not None and edition <= was.edition:
            return
        if was is not None and components == was.components:
            # The catalogue said something else of it.
            guard = {items.KIT_LOOKS: was.looks, items.KIT_EDITION: was.edition}
            same = Update(items.sku_key(sku), assign={items.KIT_EDITION: edition}, equal=guard)
            writes: list[Write] = [same]
        elif components:
            writes = self._kitted(sku, known, Kit(components=components, edition=edition), now)
        elif known is not None and was is not None:
            writes = self._unkitted(known, was, edition, now)
        else:
            return
        newest = ConditionCheck(items.membership_key(sku), at_most={"edition": edition}, or_absent="edition")
        try:
            self.table.transact([newest, *writes, *_links(sku, was, components)])
        except ConditionFailedError as error:
            if error.reasons[0] is None:
                raise
            # Otherwise the catalogue has said something newer since.

    def _kitted(self, sku: str, known: SkuStock | None, kit: Kit, now: datetime) -> list[Write]:
        parts = self._parts(kit.components)
        made = made_of(kit, parts)
        values = items.kit_values(_counted(kit, made))
        explained = _explained(kit, parts, made) | {"edition": kit.edition}
        if known is None:
            settings, _ = SettingsBook(self.table).resolve(sku)
            change = Change(units=Units(on_hand=made.free), incoming=made.incoming)
            first = first_numbers(sku, change, settings=replace(settings, safety_stock=0), now=now)
            write = replace(first, assign={**first.assign, **values, items.KIT_LOOKS: 1})
        else:
            guard = {items.KIT_LOOKS: known.kit.looks} if known.kit else {}
            write = Update(
                items.sku_key(sku),
                assign={**values, **_numbers(known, made, now), "committed": 0, "safety": 0, "in_store": 0},
                first=owed_since(sku, now=now),
                add={items.KIT_LOOKS: 1, "revision": 1},
                equal={"revision": known.revision, **guard},
                absent=() if known.kit else (items.KIT_PARTS,),
            )
        return [write, step(sku, f"kit:{kit.edition}", "kit.defined", RULE, explained, now=now)]

    def _unkitted(self, known: SkuStock, was: Kit, edition: int, now: datetime) -> list[Write]:
        """Return the writes by which what the ERP said of a SKU counts again."""
        sku = known.sku
        said = self.table.between(items.partition(sku), items.LEVELS, items.SKU)
        levels = [items.level(item) for item in said if item["sk"].startswith(items.LEVELS)]
        lines = [items.purchase_order(item) for item in said if item["sk"].startswith(items.PURCHASE_ORDERS)]
        units = sum((level.counted for level in levels), Units())
        settings, _ = SettingsBook(self.table).resolve(sku)
        numbers = {
            "on_hand": units.on_hand,
            "committed": units.committed,
            "safety": settings.safety_stock,
            "low_stock": settings.low_stock,
            "free_units": units.free - settings.safety_stock - known.owed - known.held,
            "incoming": sum(line.open for line in lines),
            "in_store": units.in_store,
        }
        gone = dict.fromkeys((items.KIT_PARTS, items.KIT_EDITION, items.KIT_LOOKS, items.KIT_ARRIVALS))
        write = Update(
            items.sku_key(sku),
            assign={**numbers, **gone, "netted_units": 0, "changed_at": to_text(now)},
            first=owed_since(sku, now=now),
            add={"revision": 1},
            equal={"revision": known.revision, items.KIT_LOOKS: was.looks},
        )
        return [write, step(sku, f"kit:{edition}", "kit.dissolved", NO_KIT_RULE, numbers, now=now)]

    def _look(self, sku: str, now: datetime) -> SkuStock | None:
        known = self._stock(sku)
        if known is None or known.kit is None:
            return None
        kit = known.kit
        parts = self._parts(kit.components)
        made = made_of(kit, parts)
        changed = (made.free, made.incoming, made.arrivals) != (known.free, known.incoming, kit.arrivals)
        if not changed and made.seen == kit.seen:
            return known
        numbers = _numbers(known, made, now) if changed else {}
        after = _counted(kit, made)
        # What was seen is written even where it makes no difference. Or somebody slower, who saw the components
        # before, would not notice that his numbers are old.
        write = Update(
            items.sku_key(sku),
            assign={**items.kit_values(after), **numbers},
            first=owed_since(sku, now=now) if changed else {},
            add={items.KIT_LOOKS: 1} | ({"revision": 1} if changed else {}),
            equal={"revision": known.revision, items.KIT_LOOKS: kit.looks},
        )
        explained = _explained(kit, parts, made)
        why = [step(sku, f"kit:{kit.looks + 1}", "kit.counted", RULE, explained, now=now)] if changed else []
        self.table.apply([write, *why])
        return replace(
            known,
            on_hand=made.free + known.owed + known.held,
            free=made.free,
            incoming=made.incoming,
            revision=known.revision + changed,
            kit=replace(after, looks=kit.looks + 1),
        )

    def _parts(self, components: Sequence[Component]) -> Parts:
        """Read components, once it is sure that kits will hear of their changes."""
        stocks = self._stocks(components)
        strangers = [sku for sku, stock in stocks.items() if not stock.in_kits]
        for sku in strangers:
            self.table.apply([Update(items.sku_key(sku), assign={items.IN_KITS: True}, present=("pk",))])
        if strangers:
            stocks = self._stocks(components)
        coming = [sku for sku, stock in stocks.items() if stock.incoming > 0 and stock.kit is None]
        lines = {sku: self.table.starting(items.partition(sku), items.PURCHASE_ORDERS) for sku in coming}
        return Parts(stocks, {sku: [items.purchase_order(item) for item in found] for sku, found in lines.items()})

    def _stocks(self, components: Sequence[Component]) -> dict[str, SkuStock]:
        found = self.table.items(items.sku_key(sku) for sku, _ in components)
        return {items.sku_of(item): items.stock(item) for item in found.values()}


def _links(sku: str, was: Kit | None, components: Sequence[Component]) -> list[Write]:
    """Return the writes by which components know of a kit, or no longer."""
    before = {name for name, _ in was.components} if was else set()
    after = {name for name, _ in components}
    return [
        *(Put(dict(items.kit_key(name, sku))) for name in sorted(after - before)),
        *(Delete(items.kit_key(name, sku)) for name in sorted(before - after)),
    ]


def _counted(kit: Kit, made: Made) -> Kit:
    return replace(kit, seen=made.seen, arrivals=made.arrivals)


def _numbers(known: SkuStock, made: Made, now: datetime) -> dict[str, int | str]:
    """Return a kit's numbers. They add up as any SKU's do: what is owed and held of it is on hand too."""
    return {
        "on_hand": made.free + known.owed + known.held,
        "free_units": made.free,
        "incoming": made.incoming,
        "netted_units": made.netted,
        "changed_at": to_text(now),
    }


def _explained(kit: Kit, parts: Parts, made: Made) -> dict[str, object]:
    seen = {
        sku: {
            "quantity": quantity,
            "free": parts.free(sku),
            "incoming": parts.incoming(sku),
            "revision": parts.revision(sku),
            "is_kit": sku in parts.stocks and parts.stocks[sku].kit is not None,
        }
        for sku, quantity in kit.components
    }
    return {"free": made.free, "incoming": made.incoming, "netted": made.netted, "components": seen}
