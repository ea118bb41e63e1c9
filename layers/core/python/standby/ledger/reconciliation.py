"""A SKU brought in line with what the shop says about its locations and its safety stock (design §4)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from standby.ledger import items
from standby.ledger.claim_items import live_claims
from standby.ledger.claims import ClaimBook
from standby.ledger.levels import level_update
from standby.ledger.model import Level, Location, SkuSettings, SkuStock, Units
from standby.ledger.netting import Netting, levels_of, owe_again
from standby.ledger.numbers import Change, kept_of_kit, moved_numbers, noted_of_kit, owed_since, step
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.dynamodb import Item
from standby.platform.frozen import frozen
from standby.platform.table import Update

LEVELS_PER_WRITE = 40
RULE = "units count where the location sells online, without its buffer; the safety stock is set by the shop"


@frozen()
class Reconciler:
    """Counts a SKU anew."""

    table: LedgerTable

    def reconcile(self, sku: str, *, cause: str, now: datetime) -> SkuStock | None:
        """Make a SKU's numbers agree with its locations and settings as they are now, and return them.

        Writes nothing where they agree already. ``cause`` names the job, for the explanation. Returns ``None`` for an
        unknown SKU. Raises `BusyError`.
        """
        more = True
        while more:
            more = self.table.retried(partial(self._attempt, sku, cause, now))
        item = self.table.item(items.sku_key(sku))
        if item and items.stock(item).shipped:  # a location may have become one that has nothing of it
            ClaimBook(self.table).drop_contained(sku, now=now)
            item = self.table.item(items.sku_key(sku))
        return items.stock(item) if item else None

    def _attempt(self, sku: str, cause: str, now: datetime) -> bool:
        """Do one write's worth and tell whether something is left."""
        item = self.table.item(items.sku_key(sku))
        if item is None:
            return False
        known = items.stock(item)
        settings, _ = SettingsBook(self.table).resolve(sku)
        if known.kit:  # safety stock is taken off its components
            settings = replace(settings, safety_stock=0)
        wrong = self._miscounted(sku, to_text(now))
        pairs = wrong[:LEVELS_PER_WRITE]
        if not pairs and (known.safety, known.low_stock) == (settings.safety_stock, settings.low_stock):
            return False
        if pairs and (known.awaited or known.allotted):
            self._owe_again(sku, [after for _, after in pairs], now)
        units = sum((after.counted - before.counted for before, after in pairs), Units())
        change = Change(units=units, safety=settings.safety_stock - known.safety)
        explained = {
            "change": change.numbers(),
            "cause": cause,
            "safety": settings.safety_stock,
            "low_stock": settings.low_stock,
            "locations": {after.location_id: after.counting._asdict() for _, after in pairs},
        } | kept_of_kit(known)
        self.table.apply(
            [
                *(level_update(sku, before, after) for before, after in pairs),
                _numbers(sku, known, settings, change, now),
                step(sku, f"recount:{known.revision}", "recount", RULE, explained, now=now),
            ]
        )
        return len(wrong) > len(pairs)

    def _owe_again(self, sku: str, written: Sequence[Level], now: datetime) -> None:
        """Let pre-orders be owed again that only levels contain which are about to count no longer."""
        after = {level.location_id: level for level in (*levels_of(self.table, sku), *written)}
        owe_again(self.table, Netting.of(live_claims(self.table, sku), [*after.values()]), most=0, now=now)

    def _miscounted(self, sku: str, at: str) -> list[tuple[Level, Level]]:
        """Return the levels whose location counts otherwise than when they were written, before and after."""
        levels = [items.level(item) for item in self.table.starting(items.partition(sku), items.LEVELS)]
        described = self.table.items(items.location_key(level.location_id) for level in levels)
        return list(_disagreeing(levels, described, at))


def _disagreeing(
    levels: Sequence[Level], described: Mapping[tuple[str, str], Item], at: str
) -> list[tuple[Level, Level]]:
    pairs = []
    for level in levels:
        key = items.location_key(level.location_id)
        item = described.get((key["pk"], key["sk"]))
        location = items.location(item) if item else Location(location_id=level.location_id)
        if location.counting != level.counting:
            pairs.append((level, level.counting_as(location.counting, at)))
    return pairs


def _numbers(sku: str, known: SkuStock, settings: SkuSettings, change: Change, now: datetime) -> Update:
    """Move the numbers on the condition that nobody else changed the safety stock meanwhile."""
    if known.kit:
        return _of_kit(known, settings, now)
    moved = moved_numbers(sku, change, now=now)
    return replace(
        moved,
        assign={**moved.assign, "safety": settings.safety_stock, "low_stock": settings.low_stock},
        equal={"safety": known.safety, "low_stock": known.low_stock},
    )


def _of_kit(known: SkuStock, settings: SkuSettings, now: datetime) -> Update:
    """Return the update of a kit, whose levels do not count and whose components have the safety stock."""
    noted = noted_of_kit(known.sku)
    if known.low_stock == settings.low_stock:
        return noted
    return replace(
        noted,
        assign={"low_stock": settings.low_stock, "netted_units": 0, "changed_at": to_text(now)},
        first=owed_since(known.sku, now=now),
        add={**noted.add, "revision": 1},
    )
