"""A claim, how it lies in the table, and the writes by which it begins and ends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from standby.ledger import items
from standby.ledger.model import Component
from standby.ledger.numbers import Change, claimed_of_kit, moved_numbers, step
from standby.ledger.table import LedgerTable
from standby.platform.clock import from_text, to_milliseconds, to_text
from standby.platform.dynamodb import Item
from standby.platform.frozen import frozen
from standby.platform.identifier import joined
from standby.platform.table import ConditionCheck, Delete, Put, Update, Write

CountedAs = Literal["owed", "held"]
Status = Literal["taken", "settled", "netted", "returned", "dropped"]
LIVE = frozenset({"taken", "settled", "netted"})
ENDED_KEPT = timedelta(days=90)
UNFINISHED_AFTER = timedelta(days=7)
"""So long after the ERP knows a claim's order, and all its units are there, it should have ended (design §4).
And so long after its hold was confirmed its order should be known."""
SHIPPED_KEPT = timedelta(days=1)
"""So long, at most, units that left the house are taken for counted. An ERP may say a level only where it changes, and
have said a lower one before."""
Found = Mapping[tuple[str, str], Item]
"""Items that were read, by ``(pk, sk)``."""


@frozen(kw_only=True)
class Claim:
    """Units of a SKU that are somebody's. ``counted_as`` is the number of the SKU's that they are part of."""

    claim_id: str
    sku: str
    kind: str
    units: int
    counted_as: CountedAs = "held"
    given: int = 0
    """Of a claim that is counted as owed: how many of its units were set aside for it, so that they count as held."""
    location_id: str | None = None
    status: Status = "taken"
    settled_at: str | None = None
    """The ``as_of`` of the ``order.placed`` that names the claim (RFC 3339, milliseconds)."""
    components: tuple[Component, ...] = ()
    """Of a claim on a kit: what one of it had when it was taken."""
    kit: str | None = None
    """Of a part: the SKU of the kit that was claimed."""
    shipped_at: str | None = None
    """When its goods left the house (RFC 3339). It lives on as long as levels count them, and is nobody's any more."""
    taken_at: str = field(default="", compare=False)
    """When it was taken (RFC 3339)."""
    held_until: str | None = field(default=None, compare=False)
    """Said as it is taken: until when, at most, it may live with no order. It is found if it does a week later."""

    @property
    def key(self) -> tuple[str, str]:
        """The SKU and the id, by which callers name it."""
        return self.sku, self.claim_id

    @property
    def lives(self) -> bool:
        """Tell whether it is somebody's still: it did not end, and its goods have not left."""
        return self.status in LIVE and not self.shipped_at

    @property
    def lacks(self) -> int:
        """How many of its units are owed still; of what was shipped, which no level may have counted before it left."""
        return self.units - self.given if self.counted_as == "owed" else 0

    def taken(self) -> Change:
        """The change of the SKU's numbers by which the claim has its units."""
        lacks, shipped = (0, self.units) if self.shipped_at else (self.lacks, 0)
        if self.status == "netted":
            return Change(awaited=lacks, allotted=self.units - lacks, shipped=shipped)
        return Change(owed=lacks, held=self.units - lacks, shipped=shipped)

    def freed(self) -> Change:
        """The change of the SKU's numbers when the claim ends."""
        taken = self.taken()
        return Change(
            owed=-taken.owed,
            held=-taken.held,
            awaited=-taken.awaited,
            allotted=-taken.allotted,
            shipped=-taken.shipped,
        )

    def parts(self) -> "list[Claim]":
        """Return what a claim on a kit takes of each component. No other claim has a part's id."""
        part = replace(self, claim_id=joined(self.claim_id, self.sku), components=(), kit=self.sku)
        return [
            replace(part, sku=sku, units=self.units * quantity, given=self.given * quantity)
            for sku, quantity in self.components
        ]


def live_claims(table: LedgerTable, sku: str) -> list[Claim]:
    """Return a SKU's claims that have not ended."""
    return [_claim(item) for item in table.starting(items.partition(sku), items.CLAIMS)]


def claim_of(table: LedgerTable, sku: str, claim_id: str) -> Claim | None:
    """Return a claim, ended ones too."""
    item = table.item(items.claim_key(sku, claim_id))
    if item is None:
        item = table.item(items.ended_claim_key(sku, claim_id))
    return _claim(item) if item else None


def live(found: Found, sku: str, claim_id: str) -> Claim | None:
    """Return a claim among what was read, ``None`` if it does not live."""
    key = items.claim_key(sku, claim_id)
    item = found.get((key["pk"], key["sk"]))
    return _claim(item) if item else None


def live_parts(table: LedgerTable, claims: Iterable[Claim], found: Found) -> tuple[list[Claim], Found]:
    """Return the parts that live of claims on kits, and what was read with what is read of them and their SKUs."""
    parts = [part for claim in claims for part in claim.parts()]
    if not parts:
        return [], found
    wanted = [(items.claim_key(part.sku, part.claim_id), items.sku_key(part.sku)) for part in parts]
    found = {**found, **table.items(key for keys in wanted for key in keys)}
    return [known for part in parts if (known := live(found, part.sku, part.claim_id))], found


def begun(claim: Claim) -> tuple[Write | ConditionCheck, ...]:
    """Return the writes by which a claim lives, on the condition that it never did."""
    return (
        Put({**items.claim_key(claim.sku, claim.claim_id), **values(claim), **_due_unordered(claim)}, absent=("pk",)),
        ConditionCheck(items.ended_claim_key(claim.sku, claim.claim_id), absent=("pk",)),
    )


def ended(claim: Claim, status: Status, *, now: datetime) -> tuple[Write, Write]:
    """Return the writes that end a claim, on the condition that it is as it was read."""
    kept = values(replace(claim, status=status)) | {"ttl": to_milliseconds(now + ENDED_KEPT) // 1000}
    return gone(claim), Put({**items.ended_claim_key(claim.sku, claim.claim_id), **kept})


def gone(claim: Claim) -> Delete:
    """Return the write after which a claim does not live, on the condition that it is as it was read."""
    return Delete(items.claim_key(claim.sku, claim.claim_id), **as_read(claim))


def as_read(claim: Claim) -> dict[str, Any]:
    """Return the condition that a claim is as it was read."""
    seen: dict[str, Any] = {"status": claim.status, "units": claim.units}
    missing = [] if claim.given or claim.counted_as == "held" else ["given"]
    if claim.given:
        seen["given"] = claim.given
    if claim.shipped_at:
        seen["shipped_at"] = claim.shipped_at
    else:
        missing.append("shipped_at")
    return {"equal": seen, "absent": tuple(missing)}


@frozen()
class Watch:
    """From when on claims that were given all their units should end, as their owner knows."""

    since: datetime | None
    """``None``: they wait for something still, such as their owner's other claims."""
    others: Sequence[tuple[str, str]] = ()
    """The owner's other claims, by SKU and id, to which this applies too."""


def watched(claim: Claim, *, now: datetime) -> dict[str, str | None]:
    """Return the attributes by which a claim is found if it does not end, although its order is known and it is served.

    Its part of a kit is not, as the whole is. What was shipped is found once no level should count it any more.
    """
    if claim.shipped_at:
        return {"due_shard": items.shipped(items.shard(claim.sku)), "due_at": to_text(kept_until(claim.shipped_at))}
    if claim.kit or claim.status not in {"settled", "netted"}:
        return {}
    return watched_from(None if claim.lacks or claim.status == "netted" else now, claim)


def watched_from(since: datetime | None, claim: Claim) -> dict[str, str | None]:
    """Return the attributes by which a claim is found that has all its units, and should end from an instant on.

    Whether its order is known makes no difference: units that are set aside for an order that never comes help nobody.
    """
    if claim.kit:
        return {}
    if since is None or claim.lacks or claim.status == "netted":
        return {"due_shard": None, "due_at": None}
    return {"due_shard": items.unfinished(items.shard(claim.sku)), "due_at": to_text(since + UNFINISHED_AFTER)}


def watching(watch: Watch, found: Found) -> list[Write]:
    """Return the writes by which those of an owner's claims that live are watched, each if it is as it was read."""
    known = [claim for sku, name in watch.others if (claim := live(found, sku, name)) and not claim.shipped_at]
    return [
        Update(items.claim_key(claim.sku, claim.claim_id), assign=watched_from(watch.since, claim), **as_read(claim))
        for claim in known
    ]


def kept_until(shipped_at: str) -> datetime:
    """Return until when, at most, levels are taken to count units that left the house."""
    return from_text(shipped_at) + SHIPPED_KEPT


def _due_unordered(claim: Claim) -> dict[str, str]:
    """Return the attributes by which a claim is found whose order never comes; once it is settled, others count."""
    if claim.held_until is None:
        return {}
    due = to_text(from_text(claim.held_until) + UNFINISHED_AFTER)
    return {"due_shard": items.unfinished(items.shard(claim.sku)), "due_at": due}


def numbers_moved(
    sku: str, change: Change, found: Found, *, now: datetime, at_least: Mapping[str, int] | None = None
) -> Update:
    """Return the update of a SKU's numbers as claims on it change; a kit's free units follow from its components'."""
    key = items.sku_key(sku)
    if items.KIT_PARTS in found.get((key["pk"], key["sk"]), {}):
        return claimed_of_kit(sku, change, now=now)
    return moved_numbers(sku, change, now=now, at_least=at_least)


def explained(claim: Claim, event: str, rule: str, change: Change, *, now: datetime, about: str = "") -> Put:
    """Return the step that explains what became of a claim; ``about`` tells apart what may come twice."""
    numbers: dict[str, object] = {"change": change.numbers(), "claim": claim.claim_id, "kind": claim.kind}
    if claim.kit:
        numbers["kit"] = claim.kit
    return step(claim.sku, f"{event}{about}:{claim.claim_id}", event, rule, numbers, now=now)


def values(claim: Claim) -> Item:
    """Write a claim's attributes, without its key."""
    return {
        "claim_id": claim.claim_id,
        "kind": claim.kind,
        "units": claim.units,
        "counter": claim.counted_as,
        "given": claim.given or None,
        "at_location": claim.location_id,  # not location_id, which would put it into the index of levels
        "status": claim.status,
        "settled_at": claim.settled_at,
        "taken_at": claim.taken_at,
        **({"shipped_at": claim.shipped_at} if claim.shipped_at else {}),
        **({"components": [list(each) for each in claim.components]} if claim.components else {}),
        **({"kit": claim.kit} if claim.kit else {}),
    }


def _claim(item: Item) -> Claim:
    return Claim(
        claim_id=item["claim_id"],
        sku=items.sku_of(item),
        kind=item["kind"],
        units=item["units"],
        counted_as=item["counter"],
        given=item.get("given", 0),
        location_id=item.get("at_location"),
        status=item["status"],
        settled_at=item.get("settled_at"),
        components=tuple((sku, quantity) for sku, quantity in item.get("components", ())),
        kit=item.get("kit"),
        shipped_at=item.get("shipped_at"),
        taken_at=item.get("taken_at", ""),
    )
