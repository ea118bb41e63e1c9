"""The ERP's levels into units: the newest word about each location wins, however late the others come (design §4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from standby.ledger import items
from standby.ledger.claim_items import live_claims
from standby.ledger.claims import ClaimBook, Look, settlements
from standby.ledger.landing import Landing, observed_after
from standby.ledger.model import Level, Location, Reading, SkuStock, Units, newest_readings
from standby.ledger.netting import CLAIMS_PER_WRITE, Netting, ahead, levels_of, owe_again, says
from standby.ledger.numbers import kept_of_kit, numbers, step
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.dynamodb import Item
from standby.platform.frozen import frozen
from standby.platform.table import Key, Update, Write

LOCATIONS_PER_WRITE = 40
"""Levels in one transaction; DynamoDB takes 100 writes, and claims that the levels contain want their place too."""
RULE = (
    "the newest level of each location counts, as max(0, on hand) and max(0, committed), if the location sells online; "
    "its buffer hides free units. What lies in other stores can be bought there"
)


@frozen()
class LevelBook:
    """Keeps what the ERP says about the levels."""

    table: LedgerTable

    def record(self, sku: str, readings: Iterable[Reading], *, now: datetime) -> None:
        """Take readings of one SKU in as one change (a SKU in very many locations: as several).

        Idempotent. Older readings than known, and equal ones, change nothing. Raises `BusyError`.
        """
        newest = newest_readings(readings)
        seen = None
        for start in range(0, len(newest), LOCATIONS_PER_WRITE):
            group = newest[start : start + LOCATIONS_PER_WRITE]
            seen = self.table.retried(partial(self._attempt, sku, group, now))
        if seen is not None or any(reading.netted_until for reading in newest):
            # A claim may have been settled between our look at the claims and our write, or we were killed in between.
            ClaimBook(self.table).drop_contained(sku, now=now, seen=seen)

    def _attempt(self, sku: str, readings: Sequence[Reading], now: datetime) -> Look | None:
        """Write levels, and return the claims that are left; ``None`` where nobody had to look at them."""
        found = self.table.items(
            [
                items.sku_key(sku),
                *(items.level_key(sku, reading.location_id) for reading in readings),
                *(items.location_key(reading.location_id) for reading in readings),
                *(items.counted_key(reading.location_id) for reading in readings),
                *([items.settlements_key(sku)] if any(reading.netted_until for reading in readings) else []),
            ]
        )
        found |= self.table.items(_uncounted_keys(found, readings))
        known = _stock(found, sku)
        pairs = [pair for reading in self._netting_too(known, readings) if (pair := _moved(found, reading, now))]
        if not pairs:
            return None
        seen = self._look(found, sku, known, [after for _, after in pairs])
        netting = self._netting(sku, seen, [after for _, after in pairs], now) if seen else Netting()
        later = self._after_receipt(sku, known, [after for _, after in pairs], now)
        together = known is None or bool(netting.claims) or later
        loud = [pair for pair in pairs if together or pair[0].shown != pair[1].shown]
        for before, after in pairs:
            if (before, after) not in loud:
                self.table.apply([level_update(sku, before, after)])
        if loud:
            cause = readings[0].cause
            self.table.apply(self._writes(sku, known, loud, netting, after=later, cause=cause, now=now))
        return seen and replace(seen, claims=netting.left(seen.claims))

    def _netting_too(self, known: SkuStock | None, readings: Sequence[Reading]) -> Sequence[Reading]:
        """Return readings as the shop's ERP means them: it may net orders by ``as_of`` without saying so each time."""
        if known is None or not known.claimed:
            return readings
        silent = [reading for reading in readings if reading.netted_until is None and not reading.as_of_assumed]
        if not silent or not SettingsBook(self.table).resolve(known.sku)[0].net_by_as_of:
            return readings
        return [replace(each, netted_until=each.as_of) if each in silent else each for each in readings]

    def _netting(self, sku: str, seen: Look, written: Sequence[Level], now: datetime) -> Netting:
        """Return what becomes of claims in one write with levels. Where more is owed again, that is written before."""
        places = {level.location_id for level in written}
        others: list[Level] = []
        if any(ahead(claim) or claim.shipped_at for claim in seen.claims):
            others = [level for level in levels_of(self.table, sku) if level.location_id not in places]
        netting = Netting.of(seen.claims, [*written, *others])
        if says(others):
            netting = replace(netting, netted=())  # `drop_contained` makes sure that the others stay as they were read
        return owe_again(self.table, netting, most=CLAIMS_PER_WRITE, now=now).first(CLAIMS_PER_WRITE)

    def _writes(
        self,
        sku: str,
        known: SkuStock | None,
        pairs: Sequence[tuple[Level, Level]],
        netting: Netting,
        *,
        after: bool,
        cause: str,
        now: datetime,
    ) -> list[Write]:
        units = sum((after.counted - before.counted for before, after in pairs), Units())
        netted = netting.change
        # A level may net orders and bring goods at once. What its units add is goods, even where the orders held more;
        # and what is committed now for the orders that it nets takes nothing away from them.
        moved = min(netted.netted_units, max(0, units.committed))
        netted_units = 0 if units.free + moved > 0 else netted.netted_units - moved
        change = replace(netted, units=units, netted_units=netted_units)
        landing = Landing.counted(known, units.on_hand, now, after=after)
        explained = {
            "change": change.numbers(),
            "levels": {after.location_id: _explained(before, after) for before, after in pairs},
            "netted_claims": [claim.claim_id for claim in (*netting.dropped, *netting.netted)],
            **({"gone": [claim.claim_id for claim in netting.gone]} if netting.gone else {}),
            **({"owed_again": [claim.claim_id for claim in netting.owed_again]} if netting.owed_again else {}),
            **({"landed": landing.landed} if landing else {}),
        } | kept_of_kit(known)
        return [
            *(level_update(sku, before, after) for before, after in pairs),
            *netting.writes(now=now),
            numbers(
                sku,
                known,
                change,
                landing=landing,
                settings=lambda: SettingsBook(self.table).resolve(sku)[0],
                now=now,
            ),
            step(sku, cause, "stock.level", RULE, explained, now=now),
        ]

    def _after_receipt(self, sku: str, known: SkuStock | None, written: Sequence[Level], now: datetime) -> bool:
        """Tell whether with levels that are written each was observed after a receipt that none of them counted."""
        if known is None or known.landed_at(to_text(now)) >= 0 or not observed_after(written, known.received_at):
            return False
        places = {level.location_id for level in written}
        others = [level for level in levels_of(self.table, sku) if level.location_id not in places]
        return observed_after([*written, *others], known.received_at)

    def _look(
        self, found: Mapping[tuple[str, str], Item], sku: str, known: SkuStock | None, levels: Sequence[Level]
    ) -> Look | None:
        """Read the claims that levels may contain. What was settled is counted before, so that nobody slips through."""
        if known is None or known.kit:
            return None
        contain = known.claimed and any(level.netted_until for level in levels)
        if not (contain or known.shipped):
            return None
        key = items.settlements_key(sku)
        settled = settlements(found.get((key["pk"], key["sk"])) or self.table.item(key))
        return Look(live_claims(self.table, sku), settled)


def level_update(sku: str, before: Level, after: Level) -> Update:
    """Return the write of a level on the condition that nobody wrote it since it was read."""
    key = items.level_key(sku, after.location_id)
    values = items.level_values(after) | {"edition": before.edition + 1}
    if before.edition == 0:
        return Update(key, assign=values, absent=("pk",))
    return Update(key, assign=values, equal={"edition": before.edition})


def _moved(found: Mapping[tuple[str, str], Item], reading: Reading, now: datetime) -> tuple[Level, Level] | None:
    """Return the level before and after a reading, ``None`` where the reading brings nothing new."""
    key = items.level_key(reading.sku, reading.location_id)
    item = found.get((key["pk"], key["sk"]))
    before = items.level(item) if item else Level(location_id=reading.location_id)
    if item and reading.version <= before.version:
        return None
    if _outdated(found, reading):
        return None
    place = items.location_key(reading.location_id)
    described = found.get((place["pk"], place["sk"]))
    location = items.location(described) if described else Location(location_id=reading.location_id)
    after = replace(
        before.counting_as(location.counting, to_text(now)),
        on_hand=reading.on_hand,
        committed=reading.committed + (reading.short if reading.netted_until else 0),
        version=reading.version,
        as_of=reading.as_of,
        as_of_assumed=reading.as_of_assumed,
        netted_until=max(filter(None, (before.netted_until, reading.netted_until)), default=None),
        said=reading.said,
        stocked_since=((before.stocked_since or before.as_of) if before.on_hand else reading.as_of)
        if reading.on_hand
        else None,
    )
    return before, after


def _outdated(found: Mapping[tuple[str, str], Item], reading: Reading) -> bool:
    """Tell whether an applied snapshot is newer, which is a word about every SKU of its location, named in it or not.

    Only those are left out that it names and does not count.
    """
    key = items.counted_key(reading.location_id)
    counted = found.get((key["pk"], key["sk"]))
    if counted is None or reading.version[0] >= counted["moment"]:
        return False
    moment: int = counted["moment"]
    whole: int = counted.get("whole", moment)
    if reading.version[0] < whole:
        return True
    return not all((key["pk"], key["sk"]) in found for key in _sparing(counted, reading))


def _uncounted_keys(found: Mapping[tuple[str, str], Item], readings: Iterable[Reading]) -> list[Key]:
    """Return where it would stand that applied snapshots which are newer than readings did not count their SKU."""
    places = {reading.location_id: items.counted_key(reading.location_id) for reading in readings}
    counted = {place: found.get((key["pk"], key["sk"]), {}) for place, key in places.items()}
    return [key for reading in readings for key in _sparing(counted[reading.location_id], reading)]


def _sparing(counted: Item, reading: Reading) -> list[Key]:
    newer = [each for each, moment in counted.get("sparing", {}).items() if moment > reading.version[0]]
    return [items.uncounted_key(reading.sku, reading.location_id, each) for each in newer]


def _stock(found: Mapping[tuple[str, str], Item], sku: str) -> SkuStock | None:
    key = items.sku_key(sku)
    item = found.get((key["pk"], key["sk"]))
    return items.stock(item) if item else None


def _explained(before: Level, after: Level) -> dict[str, object]:
    return {
        "on_hand": after.on_hand,
        "committed": after.committed,
        "was_on_hand": before.on_hand,
        "was_committed": before.committed,
        **after.counting._asdict(),
        "as_of": after.as_of,
    }
