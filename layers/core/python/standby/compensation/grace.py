"""Grace: a delay is made good only if it lasted as long as the policy says (``grace_hours``).

Each delay that is told waits so long in the index of what is due. Then it is looked when the shipment is expected by
now: a day that is back in time gives nothing, and a shorter delay is made good as the shorter one. Delivery tells each
day once, so what is back in time is looked at again until its first promised day is over.
"""

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from standby.compensation.model import Late, Remedies
from standby.platform.clock import from_text, to_text

if TYPE_CHECKING:
    from standby.compensation.ordered import Ordered

BEYOND = timedelta(days=7)
"""So long after the first promised day a shipment that is back in time is still looked at."""


def begun(known: Remedies, shipment_id: str, *, at: str, hours: int) -> Remedies:
    """Return what is known once a delay that was told at an instant waits; one that waits before it, waits on."""
    late = known.late[shipment_id]
    return _with(known, shipment_id, replace(late, due_at=late.due_at or _after(at, hours)))


def waiting(known: Remedies, now: datetime) -> list[str]:
    """Return the shipments whose grace is over."""
    return [name for name, late in known.late.items() if late.due_at is not None and late.due_at <= to_text(now)]


def looked(
    known: Remedies, shipment_id: str, ordered: "Ordered | None", *, now: datetime, zone: tzinfo, hours: int
) -> Remedies:
    """Return what is known once it was looked when a shipment is expected by now."""
    late = replace(known.late[shipment_id], due_at=None)
    first = late.first
    day = None if ordered is None else ordered.expected_on(shipment_id, zone)
    if ordered is None or day is None or first is None:
        return _with(known, shipment_id, late)  # nobody knows better than what was told
    late = replace(late, looked=ordered.edition)
    if day > first:
        return _with(known, shipment_id, replace(late, known=day, asked=None) if late.known else late)
    again = now.astimezone(zone).date() <= first + BEYOND
    due_at = _after(to_text(now), max(1, hours)) if again else None
    return _with(known, shipment_id, replace(late, known=day, asked=None, due_at=due_at))


def _after(at: str, hours: int) -> str:
    return to_text(from_text(at) + timedelta(hours=hours))


def _with(known: Remedies, shipment_id: str, late: Late) -> Remedies:
    return replace(known, late={**known.late, shipment_id: late})
