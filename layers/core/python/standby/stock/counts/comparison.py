"""A dry run: compare a file with the ledger, report what it would change, and write nothing else."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from standby.imports.passes import Job
from standby.ledger.model import Level
from standby.platform.brake import excess
from standby.platform.clock import to_text
from standby.platform.frozen import frozen
from standby.stock.counts.model import Sum

COMPARED = 100
COMPARISONS = ("same", "changed", "emptied", "new", "older", "absent", "stocked")


class Levels(Protocol):
    """Where levels are read, for a comparison."""

    def levels_of(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Level]:
        """Return the levels of SKUs at locations."""
        ...

    def levels(
        self, location_id: str, cursor: Mapping[str, str] | None
    ) -> tuple[list[tuple[str, Level]], Mapping[str, str] | None]:
        """Return a page of the SKUs that have a level at a location."""
        ...


@frozen(kw_only=True)
class Comparison:
    """Compares one pass of a file with the ledger."""

    levels: Levels
    job: Job
    full_count: bool
    doubtful: bool
    """Lines could not be read: a full count that would empty anything waits for somebody."""
    as_of: datetime
    """When the whole file was counted, or put there."""
    sums: Mapping[tuple[str, str], Sum]
    uncounted: Collection[tuple[str, str]]
    """What a full count names and leaves as it is."""
    locations: set[str]
    differs: Callable[[Mapping[str, Any]], None]
    """Takes a difference."""

    def run(self) -> tuple[dict[str, int], dict[str, int]]:
        """Report the differences. Return the totals, and by location what the brake weighs, of all passes so far."""
        counts = {name: self.job.totals.get(name, 0) for name in COMPARISONS}
        weighed = dict(self.job.sent)
        sums = iter(self.sums.items())
        while group := dict(islice(sums, COMPARED)):
            known = self.levels.levels_of(list(group))
            for key, total in group.items():
                kind, difference = self._difference(key, total, known.get(key))
                has_units = key in known and known[key].on_hand != 0
                counts[kind] += 1
                counts["stocked"] += has_units
                weighed[key[0]] = weighed.get(key[0], 0) + excess(int(kind == "emptied"), int(has_units))
                if kind != "same":
                    self.differs(difference)
        if not self.full_count:
            return counts | {"would_wait": 0}, {}
        for location_id in sorted(self.locations):
            absent, stocked = self._absent(location_id)
            counts["absent"] += absent
            counts["stocked"] += stocked
            weighed[location_id] = weighed.get(location_id, 0) + excess(absent, stocked)
        doubted = self.doubtful and counts["emptied"] + counts["absent"] > 0
        return counts | {"would_wait": int(doubted or any(over > 0 for over in weighed.values()))}, weighed

    def _absent(self, location_id: str) -> tuple[int, int]:
        """Report what a full count does not name. Return how many that are, and how many of all those have units."""
        absent = stocked = 0
        cursor: Mapping[str, str] | None = None
        put_at = to_text(self.as_of)
        while True:
            levels, cursor = self.levels.levels(location_id, cursor)
            for sku, level in levels:
                key = (location_id, sku)
                if not self.job.owns(key) or key in self.sums or not level.on_hand:
                    continue
                stocked += 1
                if level.as_of >= put_at or key in self.uncounted:
                    continue
                absent += 1
                was = {"on_hand": level.on_hand, "committed": level.committed}
                now = {"on_hand": 0, "committed": 0}
                self.differs({"sku": sku, "location_id": location_id, "what": "absent", "was": was, "now": now})
            if cursor is None:
                return absent, stocked

    def _difference(self, key: tuple[str, str], total: Sum, level: Level | None) -> tuple[str, dict[str, Any]]:
        """Return what kind of difference a SKU's sum makes to its level, and the difference."""
        said = total.quantities()
        now = {
            "on_hand": max(0, said.get("on_hand", said.get("available", 0))),
            "committed": max(0, said.get("committed", 0)),
        }
        was = level and {"on_hand": level.on_hand, "committed": level.committed}
        kind = "new" if was is None else "same" if was == now else "changed"
        if level and level.as_of > to_text(total.as_of or self.job.put_at):
            kind = "older"
        elif kind == "changed" and was and was["on_hand"] and not now["on_hand"]:
            kind = "emptied"
        return kind, {"sku": key[1], "location_id": key[0], "what": kind, "was": was, "now": now}
