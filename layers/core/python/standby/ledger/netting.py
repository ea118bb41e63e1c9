"""Which claims the ERP's own levels contain (design §4, Netting).

A claim on units that were there is dropped once a level contains its order. One that is counted as owed, a pre-order,
is *netted* instead: its units are owed and held no longer, as the ERP's numbers have them, but it lives, because it has
a place in line for what it lacks. That is the SKU's ``awaited``, and what such claims were given its ``allotted``.

An order that came before its goods can only be committed, as there was nothing that it could be taken off. So no more
is netted than the levels show as committed, whatever ``netted_until`` says; and where they show less than before (the
ERP says it in two steps, or shipped an order of which we were not told yet), the rest is owed again. Units are owed
again before a level could set them free, so that they are never anybody's for a moment.

What was *shipped* left the house, but the level that is stored may count it until a newer one comes. So its claim lives
on, as nobody's, and is dropped by levels that were observed since (`leaving`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from standby.ledger import items
from standby.ledger.claim_items import Claim, as_read, ended, explained, watched
from standby.ledger.model import Level
from standby.ledger.numbers import Change, moved_numbers
from standby.ledger.table import LedgerTable
from standby.platform.frozen import frozen
from standby.platform.table import Put, Update, Write

CLAIMS_PER_WRITE = 25
"""Claims that end in one transaction, each by two writes."""
LEVELS_PER_NETTING = 40
"""Levels that may show what pre-orders need; of a SKU with more of them, pre-orders stay owed."""
RULES = {
    "claim.owed_again": "no level shows as committed any more what the claim's order needs",
    "claim.dropped": "a level contains the claim's order already",
    "claim.gone": "the goods were shipped, and no level counts them any more",
    "claim.netted": "a level contains the order already, as committed; the place in line stays",
}


@frozen(kw_only=True)
class Netting:
    """What levels do to a SKU's claims."""

    owed_again: Sequence[Claim] = ()
    """They were netted, and are not contained any more."""
    dropped: Sequence[Claim] = ()
    gone: Sequence[Claim] = ()
    """They were shipped, and are counted no longer."""
    netted: Sequence[Claim] = ()

    @classmethod
    def of(cls, claims: Iterable[Claim], levels: Sequence[Level]) -> "Netting":
        """Return what has to change, so that those claims count as contained that the levels contain.

        Of pre-orders those whose orders were placed first, as far as the committed units go.
        """
        known: list[Claim] = []
        gone: list[Claim] = []
        for claim in claims:
            (gone if claim.shipped_at and not counted_still(claim, levels) else known).append(claim)
        orders = sorted((claim for claim in known if ahead(claim)), key=lambda each: (each.settled_at, each.claim_id))
        contained = _shown(orders, levels)
        there = [claim for claim in known if claim.status == "settled" and not ahead(claim) and not claim.components]
        return cls(
            owed_again=[claim for claim in orders if claim.status == "netted" and claim.claim_id not in contained],
            dropped=[claim for claim in there if any(_covers(level, claim) for level in levels)],
            gone=gone,
            netted=[claim for claim in orders if claim.status == "settled" and claim.claim_id in contained],
        )

    @property
    def claims(self) -> list[Claim]:
        """All claims that change."""
        return [*self.owed_again, *self.dropped, *self.gone, *self.netted]

    @property
    def change(self) -> Change:
        """By how much the SKU's numbers move. What was shipped and is counted no longer nets nothing."""
        netted = (*self.owed_again, *self.dropped, *self.netted)
        change = sum((claim.freed() for claim in netted), Change())
        change = sum((_as(claim, "settled").taken() for claim in self.owed_again), change)
        change = sum((_as(claim, "netted").taken() for claim in self.netted), change)
        change = replace(change, netted_units=max(0, change.free))
        return sum((claim.freed() for claim in self.gone), change)

    def first(self, most: int) -> "Netting":
        """Return at most so many of the changes, those first that make units owed again."""
        again = self.owed_again[:most]
        dropped = self.dropped[: most - len(again)]
        gone = self.gone[: most - len(again) - len(dropped)]
        netted = self.netted[: most - len(again) - len(dropped) - len(gone)]
        return Netting(owed_again=again, dropped=dropped, gone=gone, netted=netted)

    def writes(self, *, now: datetime) -> list[Write]:
        """Return the writes of the claims, on the condition that each is as it was read."""
        return [
            *(_moved(claim, "settled", now) for claim in self.owed_again),
            *(write for claim in (*self.dropped, *self.gone) for write in ended(claim, "dropped", now=now)),
            *(_moved(claim, "netted", now) for claim in self.netted),
        ]

    def explained(self, *, now: datetime) -> Put:
        """Return the step that explains it, by the first of its claims."""
        event = "claim.owed_again" if self.owed_again else "claim.dropped" if self.dropped else "claim.netted"
        event = "claim.gone" if self.claims[0] in self.gone else event
        return explained(self.claims[0], event, RULES[event], self.change, now=now)

    def left(self, claims: Iterable[Claim]) -> list[Claim]:
        """Return those of the claims that live after it, as they are then."""
        after = {claim.claim_id: _as(claim, "settled") for claim in self.owed_again}
        after |= {claim.claim_id: _as(claim, "netted") for claim in self.netted}
        gone = {claim.claim_id for claim in (*self.dropped, *self.gone)}
        return [after.get(claim.claim_id, claim) for claim in claims if claim.claim_id not in gone]


def ahead(claim: Claim) -> bool:
    """Tell whether a claim is of an order, known to the ERP, that came before its goods."""
    whole = not claim.kit and not claim.components
    return whole and claim.counted_as == "owed" and claim.status in {"settled", "netted"}


def levels_of(table: LedgerTable, sku: str) -> list[Level]:
    """Return a SKU's levels."""
    return [items.level(item) for item in table.starting(items.partition(sku), items.LEVELS)]


def counted_still(claim: Claim, levels: Iterable[Level]) -> bool:
    """Tell whether a level may count units of a claim that were shipped: one that was observed before they left.

    Levels without units count none while units lie elsewhere. Where they lie nowhere, or no level may have counted
    what left, one without units may be followed by another of before.
    """
    here = [level for level in levels if _of_its_place(level, claim) or _once_of_its_place(level, claim)]
    if claim.lacks and not here:
        return True
    stocked = [] if claim.lacks else [level for level in here if level.on_hand or level.committed]
    return any(level.as_of < (claim.shipped_at or "") for level in stocked or here)


def says(levels: Iterable[Level]) -> list[Level]:
    """Return the levels that may contain pre-orders."""
    return [level for level in levels if level.netted_until is not None and level.committed > 0]


def owe_again(table: LedgerTable, netting: Netting, *, most: int, now: datetime) -> Netting:
    """Write what is owed again but for the last ``most`` of it, a page at a time, and return what is left."""
    while len(netting.owed_again) > most:
        some = Netting(owed_again=netting.owed_again[:CLAIMS_PER_WRITE])
        numbers = moved_numbers(some.claims[0].sku, some.change, now=now)
        table.apply([*some.writes(now=now), numbers, some.explained(now=now)])
        netting = replace(netting, owed_again=netting.owed_again[CLAIMS_PER_WRITE:])
    return netting


def _shown(orders: Iterable[Claim], levels: Sequence[Level]) -> set[str]:
    """Return the ids of the claims whose units are in the committed ones of levels that net their orders."""
    left = {level.location_id: level.committed for level in levels}
    contained = set()
    for claim in orders:
        here = [level.location_id for level in levels if _covers(level, claim)]
        if sum(left[place] for place in here) < claim.units:
            continue
        contained.add(claim.claim_id)
        units = claim.units
        for place in here:
            taken = min(units, left[place])
            left[place], units = left[place] - taken, units - taken
    return contained


def _covers(level: Level, claim: Claim) -> bool:
    """Tell whether a level says that it contains a claim's order: one of its location, or any that counts."""
    here = _of_its_place(level, claim)
    return here and level.netted_until is not None and level.netted_until >= (claim.settled_at or "")


def _of_its_place(level: Level, claim: Claim) -> bool:
    """Tell whether a level may have a claim's units: the one of its location, or any that counts."""
    return level.counting.counts if claim.location_id is None else level.location_id == claim.location_id


def _once_of_its_place(level: Level, claim: Claim) -> bool:
    """Tell whether a level that counts no more did when a claim was taken: it may count again before a newer one."""
    until = level.counted_until
    return claim.location_id is None and until is not None and until >= claim.taken_at


def _as(claim: Claim, status: Literal["settled", "netted"]) -> Claim:
    return replace(claim, status=status)


def _moved(claim: Claim, status: Literal["settled", "netted"], now: datetime) -> Update:
    key = items.claim_key(claim.sku, claim.claim_id)
    return Update(key, assign={"status": status, **watched(_as(claim, status), now=now)}, **as_read(claim))
