"""The one way in which a SKU's numbers change, and the step that explains it."""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any

from standby.ledger.items import HEARD_BEFORE, KIT_LOOKS, KIT_PARTS, owing, shard, sku_key, step_key
from standby.ledger.landing import Landing
from standby.ledger.model import SkuSettings, SkuStock, Units
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.frozen import frozen
from standby.platform.table import Attribute, Put, Update

STEPS_KEPT = timedelta(days=90)


@frozen(kw_only=True)
class Change:
    """By how much a SKU's numbers move. Dropping a claim's units lowers ``owed`` or ``held`` and so raises free."""

    units: Units = field(default_factory=Units)
    safety: int = 0
    owed: int = 0
    held: int = 0
    awaited: int = 0
    allotted: int = 0
    shipped: int = 0
    incoming: int = 0
    netted_units: int = 0

    def __add__(self, other: "Change") -> "Change":
        return Change(
            units=self.units + other.units,
            safety=self.safety + other.safety,
            owed=self.owed + other.owed,
            held=self.held + other.held,
            awaited=self.awaited + other.awaited,
            allotted=self.allotted + other.allotted,
            shipped=self.shipped + other.shipped,
            incoming=self.incoming + other.incoming,
            netted_units=self.netted_units + other.netted_units,
        )

    @property
    def free(self) -> int:
        """What the change does to the free units."""
        return self.units.free - self.safety - self.owed - self.held

    def numbers(self) -> dict[str, int]:
        """Name what moved, for an explanation."""
        moved = {
            "on_hand": self.units.on_hand,
            "committed": self.units.committed,
            "safety": self.safety,
            "owed": self.owed,
            "held": self.held,
            "awaited": self.awaited,
            "allotted": self.allotted,
            "shipped": self.shipped,
            "incoming": self.incoming,
            "in_store": self.units.in_store,
            "free": self.free,
        }
        return {name: change for name, change in moved.items() if change}


def first_numbers(sku: str, change: Change, *, settings: SkuSettings, now: datetime) -> Update:
    """Return the update that begins a SKU, on the condition that nobody else did."""
    return Update(
        sku_key(sku),
        assign={
            "on_hand": change.units.on_hand,
            "committed": change.units.committed,
            "safety": settings.safety_stock,
            "low_stock": settings.low_stock,
            "owed": change.owed,
            "held": change.held,
            "incoming": change.incoming,
            "in_store": change.units.in_store,
            "free_units": change.free - settings.safety_stock,
            "netted_units": change.netted_units,
            "revision": 1,
            "changed_at": to_text(now),
            "sku_shard": shard(sku),
            **owing(sku, to_text(now)),
            HEARD_BEFORE: 0,
        },
        absent=("pk",),
    )


def moved_numbers(sku: str, change: Change, *, now: datetime, at_least: Mapping[str, int] | None = None) -> Update:
    """Return the commutative update of a SKU that is there already and no kit; it raises the revision by one.

    ``at_least`` are the numbers that must be there before, by attribute: the condition under which units may be taken.
    """
    moves = {
        "on_hand": change.units.on_hand,
        "committed": change.units.committed,
        "owed": change.owed,
        "held": change.held,
        "awaited": change.awaited,
        "allotted": change.allotted,
        "shipped": change.shipped,
        "incoming": change.incoming,
        "in_store": change.units.in_store,
        "free_units": change.free,
    }
    return Update(
        sku_key(sku),
        assign={"netted_units": change.netted_units, "changed_at": to_text(now)},
        first=owed_since(sku, now=now),
        add={name: by for name, by in moves.items() if by} | {"revision": 1},
        at_least=at_least,
        present=("pk",),
        absent=(KIT_PARTS,),
    )


def owed_since(sku: str, *, now: datetime) -> dict[str, Any]:
    """Return what a change sets where it is the first of which it is not sure that it was heard."""
    return {**owing(sku, to_text(now)), HEARD_BEFORE: Attribute("revision")}


def kept_of_kit(known: SkuStock | None) -> dict[str, object]:
    """Return what an explanation adds where the ERP speaks of a SKU that is a kit."""
    return (
        {"kit": "a kit has no levels: this is kept, and counts once it is no kit any more"}
        if known and known.kit
        else {}
    )


def noted_of_kit(sku: str) -> Update:
    """Return the update of a kit when the ERP said something of it that does not count as long as it is a kit.

    Whoever makes it no kit any more counts what was said, and must not do so while more is said.
    """
    return Update(sku_key(sku), add={KIT_LOOKS: 1}, present=(KIT_PARTS,))


def claimed_of_kit(sku: str, change: Change, *, now: datetime, equal: Mapping[str, Any] | None = None) -> Update:
    """Return the update of a kit of which units are taken or given back; ``equal`` are more conditions.

    Its free units are left alone: they follow once its components' are, so that it is never out or back by a guess.
    """
    moved = change.owed + change.held
    moves = {"on_hand": moved, "owed": change.owed, "held": change.held}
    return Update(
        sku_key(sku),
        assign={"netted_units": 0, "changed_at": to_text(now)},
        first=owed_since(sku, now=now),
        add={name: by for name, by in moves.items() if by} | {"revision": 1},
        equal=equal,
        present=(KIT_PARTS,),
    )


def numbers(
    sku: str,
    known: SkuStock | None,
    change: Change,
    *,
    landing: Landing | None,
    settings: Callable[[], SkuSettings],
    now: datetime,
) -> Update:
    """Return the update for a SKU whether it is there already or not; ``settings`` is asked only for a new one.

    What the ERP says of a kit is kept and does not count. ``landing`` is what it makes of goods that came.
    """
    if known is None:
        return first_numbers(sku, change, settings=settings(), now=now)
    if known.kit is not None:
        return noted_of_kit(sku)
    moved = moved_numbers(sku, change, now=now)
    return moved if landing is None else landing.on(moved)


def step(sku: str, step_id: str, event: str, rule: str, numbers: Mapping[str, Any], *, now: datetime) -> Put:
    """Return the step that explains a write, to be put in the same transaction. Kept 90 days."""
    at = to_text(now)
    return Put(
        {
            **step_key(sku, at, step_id),
            "at": at,
            "event": event,
            "rule": rule,
            "numbers": dict(numbers),
            "ttl": to_milliseconds(now + STEPS_KEPT) // 1000,
        }
    )
