"""The one way in which a SKU's numbers change, and the step that explains it."""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any

from standby.ledger.items import HEARD_BEFORE, owing, shard, sku_key, step_key
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
    incoming: int = 0
    netted_units: int = 0

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
            "incoming": self.incoming,
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


def moved_numbers(sku: str, change: Change, *, now: datetime, free_at_least: int | None = None) -> Update:
    """Return the commutative update of a SKU that is there already; it raises the revision by one.

    ``free_at_least`` is the condition under which units may be taken.
    """
    moves = {
        "on_hand": change.units.on_hand,
        "committed": change.units.committed,
        "owed": change.owed,
        "held": change.held,
        "incoming": change.incoming,
        "free_units": change.free,
    }
    return Update(
        sku_key(sku),
        assign={"netted_units": change.netted_units, "changed_at": to_text(now)},
        first={**owing(sku, to_text(now)), HEARD_BEFORE: Attribute("revision")},
        add={name: by for name, by in moves.items() if by} | {"revision": 1},
        at_least={} if free_at_least is None else {"free_units": free_at_least},
        present=("pk",),
    )


def numbers(
    sku: str, known: SkuStock | None, change: Change, *, settings: Callable[[], SkuSettings], now: datetime
) -> Update:
    """Return the update for a SKU whether it is there already or not; ``settings`` is asked only for a new one."""
    if known is None:
        return first_numbers(sku, change, settings=settings(), now=now)
    return moved_numbers(sku, change, now=now)


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
