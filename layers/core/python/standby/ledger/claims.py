"""Claims: units that somebody has a right to, taken only while they are there (design §4, promise 1).

A claim is *taken* (its units are no longer free), perhaps *settled* (the ERP knows its order), and ends *returned*
(its units are free again) or *dropped* (the ERP's own numbers contain it: by netting, or because it was shipped).

An ended claim is kept for a while, so that a repeated request does nothing. It lies under another prefix than claims
that live, so that a level's netting reads those only. A claim moves there in the transaction that ends it, and never
back: who reads first where it lives and then where it ends misses none.

A claim on a kit takes its components' units in the same transaction, as a *part* with each component: a claim like any
other, which settles with the whole and which a level of the component may drop. The whole ends with its parts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from standby.ledger import items
from standby.ledger.model import Component, Kit, Level
from standby.ledger.numbers import Change, claimed_of_kit, moved_numbers, step
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_milliseconds
from standby.platform.dynamodb import BusyError, ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.identifier import joined
from standby.platform.table import ConditionCheck, Delete, Put, Update, Write

CountedAs = Literal["owed", "held"]
Status = Literal["taken", "settled", "returned", "dropped"]
LIVE = frozenset({"taken", "settled"})
ENDED_KEPT = timedelta(days=90)
CLAIMS_PER_WRITE = 25
"""Claims that end in one transaction, each by two writes."""


class SoldOutError(Exception):
    """Fewer units are free than were asked for; ``free`` says how many there were at that moment."""

    def __init__(self, sku: str, units: int, free: int) -> None:
        super().__init__(f"{sku}: {units} wanted, {free} free")
        self.free = free


@frozen(kw_only=True)
class Claim:
    """Units of a SKU that are somebody's. ``counted_as`` is the number of the SKU's that they are part of."""

    claim_id: str
    sku: str
    kind: str
    units: int
    counted_as: CountedAs = "held"
    location_id: str | None = None
    status: Status = "taken"
    settled_at: str | None = None
    """The ``as_of`` of the ``order.placed`` that names the claim (RFC 3339, milliseconds)."""
    components: tuple[Component, ...] = ()
    """Of a claim on a kit: what one of it had when it was taken."""
    kit: str | None = None
    """Of a part: the SKU of the kit that was claimed."""

    def freed(self) -> Change:
        """The change of the SKU's numbers when the claim ends."""
        return _of(self.counted_as, -self.units)

    def parts(self) -> "list[Claim]":
        """Return what a claim on a kit takes of each component. No other claim has a part's id."""
        part = replace(self, claim_id=joined(self.claim_id, self.sku), components=(), kit=self.sku)
        return [replace(part, sku=sku, units=self.units * quantity) for sku, quantity in self.components]


@frozen()
class Look:
    """What somebody saw of a SKU's live claims."""

    claims: Sequence[Claim]
    settlements: int
    """How many claims had been settled before the claims were read."""


@frozen()
class ClaimBook:
    """Keeps the claims. Everything is idempotent per claim id, and raises `BusyError` rather than guess."""

    table: LedgerTable

    def take(self, claim: Claim, *, now: datetime) -> Claim:
        """Take a claim's units if that many are free, and return the claim.

        Of a kit, the units of all its components are taken or none. A claim id that was taken before takes nothing and
        returns the claim as it is now. Raises `SoldOutError`, with how many kits there could be, and `BusyError`.
        """
        return self.table.retried(partial(self._take, claim, now))

    def give_back(self, sku: str, claim_id: str, *, now: datetime) -> bool:
        """Free a live claim's units again; tell whether this call did it."""
        return self.table.retried(partial(self._end, sku, claim_id, "returned", now))

    def shipped(self, sku: str, claim_id: str, *, now: datetime) -> bool:
        """Drop a live claim whose goods left the house; tell whether this call did it."""
        return self.table.retried(partial(self._end, sku, claim_id, "dropped", now))

    def settle(self, sku: str, claim_id: str, *, settled_at: str, now: datetime) -> None:
        """Note since when the ERP knows a claim's order, and drop the claim if a level contains that order already."""
        known = self.table.retried(partial(self._settle, sku, claim_id, settled_at))
        for part in known.parts() if known else ():
            self.drop_contained(part.sku, now=now)
        if known and known.components:
            self.drop_emptied(sku, now=now)
        else:
            self.drop_contained(sku, now=now)

    def drop_contained(self, sku: str, *, now: datetime, seen: Look | None = None) -> int:
        """Drop the settled claims that the levels contain already (netting) and return how many they were.

        ``seen`` are the claims as a level's write left them: they are not read again unless one was settled since.
        """
        if seen is not None and settlements(self.table.item(items.settlements_key(sku))) == seen.settlements:
            settled = [claim for claim in seen.claims if claim.status == "settled"]
            if not settled or not covered(settled, self._levels(sku)):
                return 0
        dropped = 0
        while count := self.table.retried(partial(self._drop_contained, sku, now)):
            dropped += count
        return dropped

    def drop_emptied(self, sku: str, *, now: datetime) -> int:
        """Drop the settled claims on a kit of which no part is left, and return how many they were.

        The levels of all components contain them.
        """
        dropped = 0
        for claim in live_claims(self.table, sku):
            if claim.components and claim.status == "settled":
                dropped += self.table.retried(partial(self._end, sku, claim.claim_id, "dropped", now, emptied=True))
        return dropped

    def claim(self, sku: str, claim_id: str) -> Claim | None:
        """Return a claim, ended ones too."""
        item = self.table.item(items.claim_key(sku, claim_id))
        if item is None:
            item = self.table.item(items.ended_claim_key(sku, claim_id))
        return _claim(item) if item else None

    def _take(self, claim: Claim, now: datetime) -> Claim:
        change = _of(claim.counted_as, claim.units)
        try:
            self.table.transact(
                [
                    *_begun(claim),
                    moved_numbers(claim.sku, change, now=now, free_at_least=claim.units),
                    _step(claim, "claim.taken", "units are taken only while they are free", change, now),
                ]
            )
        except ConditionFailedError as error:
            taken, over, short, _ = error.reasons
            if taken is not None or over is not None:
                return self._known(claim)
            kit = items.stock(short).kit if short else None
            if kit is not None:
                return self._take_of_kit(claim, kit, now)
            raise SoldOutError(claim.sku, claim.units, (short or {}).get("free_units", 0)) from error
        return claim

    def _take_of_kit(self, claim: Claim, kit: Kit, now: datetime) -> Claim:
        whole = replace(claim, components=kit.components)
        change, parts = _of(claim.counted_as, claim.units), whole.parts()
        rule = "a kit's units are taken only while each of its components is free"
        try:
            self.table.transact(
                [
                    *_begun(whole),
                    claimed_of_kit(claim.sku, change, now=now, equal={items.KIT_EDITION: kit.edition}),
                    _step(whole, "claim.taken", rule, change, now),
                    *(
                        moved_numbers(part.sku, _of(part.counted_as, part.units), now=now, free_at_least=part.units)
                        for part in parts
                    ),
                    *(Put({**items.claim_key(part.sku, part.claim_id), **_values(part)}) for part in parts),
                    *(_step(part, "claim.taken", rule, _of(part.counted_as, part.units), now) for part in parts),
                ]
            )
        except ConditionFailedError as error:
            taken, over, changed, _, *short = error.reasons
            if taken is not None or over is not None:
                return self._known(claim)
            if changed is not None:
                raise  # it is another kit by now, or none
            scarce = [
                _kits_in(item, quantity)
                for item, (_, quantity) in zip(short, kit.components, strict=False)
                if item is not None
            ]
            raise SoldOutError(claim.sku, claim.units, min(scarce)) from error
        return whole

    def _known(self, claim: Claim) -> Claim:
        known = self.claim(claim.sku, claim.claim_id)
        if known is None:
            raise BusyError(f"{claim.sku}: the claim {claim.claim_id} was there a moment ago")
        return known

    def _end(self, sku: str, claim_id: str, status: Status, now: datetime, *, emptied: bool = False) -> bool:
        """End a claim that lives; tell whether this call did. ``emptied``: only if no part of it is left."""
        found = self.table.items([items.claim_key(sku, claim_id), items.sku_key(sku)])
        known = _live(found, sku, claim_id)
        if known is None:
            return False
        if known.components:
            wanted = [(items.claim_key(part.sku, part.claim_id), items.sku_key(part.sku)) for part in known.parts()]
            found |= self.table.items(key for keys in wanted for key in keys)
        parts = [part for each in known.parts() if (part := _live(found, each.sku, each.claim_id))]
        if emptied and parts:
            return False
        rule = "an ended claim's units count as free again"
        self.table.apply(
            [
                *ended(known, status, now=now),
                *(Delete(items.claim_key(part.sku, part.claim_id), equal={"status": part.status}) for part in parts),
                *(_freed(claim, status, found, now) for claim in (known, *parts)),
                *(_step(claim, f"claim.{status}", rule, claim.freed(), now) for claim in (known, *parts)),
            ]
        )
        return True

    def _settle(self, sku: str, claim_id: str, settled_at: str) -> Claim | None:
        known = self.claim(sku, claim_id)
        if known is None or known.status != "taken":
            return known
        assign = {"status": "settled", "settled_at": settled_at}
        gone: list[Write] = []
        for claim in (known, *known.parts()):
            gone += [
                Update(items.claim_key(claim.sku, claim.claim_id), assign=assign, equal={"status": "taken"}),
                Update(items.settlements_key(claim.sku), add={"settlements": 1}),
            ]
        self.table.apply(gone)
        return known

    def _drop_contained(self, sku: str, now: datetime) -> int:
        claims = live_claims(self.table, sku)
        if not any(claim.status == "settled" for claim in claims):
            return 0
        gone = covered(claims, self._levels(sku))[:CLAIMS_PER_WRITE]
        if gone:
            change = freed_by_netting(gone)
            self.table.apply(
                [
                    *(write for claim in gone for write in ended(claim, "dropped", now=now)),
                    moved_numbers(sku, change, now=now),
                    _step(gone[0], "claim.dropped", "a level contains the claim's order already", change, now),
                ]
            )
        return len(gone)

    def _levels(self, sku: str) -> list[Level]:
        return [items.level(item) for item in self.table.starting(items.partition(sku), items.LEVELS)]


def covered(claims: Iterable[Claim], levels: Sequence[Level]) -> list[Claim]:
    """Return the settled claims whose orders are subtracted already by a level of their location.

    A claim without a location is covered by the level of any location that counts; one on a kit by none, its parts are.
    """
    return [
        claim
        for claim in claims
        if claim.status == "settled" and not claim.components and any(_covers(level, claim) for level in levels)
    ]


def freed_by_netting(claims: Iterable[Claim]) -> Change:
    """Return the change of a SKU's numbers when claims are dropped because the levels contain them."""
    owed = held = 0
    for claim in claims:
        owed += claim.units if claim.counted_as == "owed" else 0
        held += claim.units if claim.counted_as == "held" else 0
    return Change(owed=-owed, held=-held, netted_units=owed + held)


def ended(claim: Claim, status: Status, *, now: datetime) -> tuple[Write, Write]:
    """Return the writes that end a claim, on the condition that it is as it was read."""
    values = _values(replace(claim, status=status)) | {"ttl": to_milliseconds(now + ENDED_KEPT) // 1000}
    return (
        Delete(items.claim_key(claim.sku, claim.claim_id), equal={"status": claim.status}),
        Put({**items.ended_claim_key(claim.sku, claim.claim_id), **values}),
    )


def settlements(item: Item | None) -> int:
    """Return how many claims of a SKU were settled so far."""
    return item["settlements"] if item else 0


def live_claims(table: LedgerTable, sku: str) -> list[Claim]:
    """Return a SKU's claims that have not ended."""
    return [_claim(item) for item in table.starting(items.partition(sku), items.CLAIMS)]


def _begun(claim: Claim) -> tuple[Write | ConditionCheck, ...]:
    """Return the writes by which a claim lives, on the condition that it never did."""
    return (
        Put({**items.claim_key(claim.sku, claim.claim_id), **_values(claim)}, absent=("pk",)),
        ConditionCheck(items.ended_claim_key(claim.sku, claim.claim_id), absent=("pk",)),
    )


def _live(found: Mapping[tuple[str, str], Item], sku: str, claim_id: str) -> Claim | None:
    """Return a claim among what was read, ``None`` if it does not live."""
    key = items.claim_key(sku, claim_id)
    item = found.get((key["pk"], key["sk"]))
    return _claim(item) if item else None


def _freed(claim: Claim, status: Status, found: Mapping[tuple[str, str], Item], now: datetime) -> Update:
    """Return the update of a SKU's numbers when a claim ends; a kit's free units follow from its components'."""
    key, change = items.sku_key(claim.sku), claim.freed()
    if items.KIT_PARTS in found.get((key["pk"], key["sk"]), {}):
        return claimed_of_kit(claim.sku, change, now=now)
    if status == "dropped":
        change = replace(change, netted_units=claim.units)
    return moved_numbers(claim.sku, change, now=now)


def _kits_in(component: Item, quantity: int) -> int:
    """Return how many of a kit there are of a component."""
    return 0 if items.KIT_PARTS in component else component.get("free_units", 0) // quantity


def _of(counted_as: CountedAs, units: int) -> Change:
    return Change(owed=units) if counted_as == "owed" else Change(held=units)


def _covers(level: Level, claim: Claim) -> bool:
    here = level.counting.counts if claim.location_id is None else level.location_id == claim.location_id
    return here and level.netted_until is not None and level.netted_until >= (claim.settled_at or "")


def _claim(item: Item) -> Claim:
    return Claim(
        claim_id=item["claim_id"],
        sku=items.sku_of(item),
        kind=item["kind"],
        units=item["units"],
        counted_as=item["counter"],
        location_id=item.get("at_location"),
        status=item["status"],
        settled_at=item.get("settled_at"),
        components=tuple((sku, quantity) for sku, quantity in item.get("components", ())),
        kit=item.get("kit"),
    )


def _values(claim: Claim) -> Item:
    return {
        "claim_id": claim.claim_id,
        "kind": claim.kind,
        "units": claim.units,
        "counter": claim.counted_as,
        "at_location": claim.location_id,  # not location_id, which would put it into the index of levels
        "status": claim.status,
        "settled_at": claim.settled_at,
        **({"components": [list(each) for each in claim.components]} if claim.components else {}),
        **({"kit": claim.kit} if claim.kit else {}),
    }


def _step(claim: Claim, event: str, rule: str, change: Change, now: datetime) -> Put:
    numbers: Mapping[str, object] = {"change": change.numbers(), "claim": claim.claim_id, "kind": claim.kind}
    if claim.kit:
        numbers = {**numbers, "kit": claim.kit}
    return step(claim.sku, f"{event}:{claim.claim_id}", event, rule, numbers, now=now)
