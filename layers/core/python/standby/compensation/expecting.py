"""When a shipment is expected by now, as delivery's item has the ERP's words: a day within grace may be back in time.

Delays are told; that one is over is not. So where a policy has days of grace, it is looked here once they are over. It
is the newest of what was said of the order, the shipment and its lines; what came is expected on the day it came.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from standby.platform.clock import NO_DAY

Kept = Mapping[str, Any]
Word = tuple[Sequence[int], Mapping[str, Any]]
"""When it was said, as delivery compares it, and what."""
ETA, PREORDERED = "eta", "moved"
ARRIVED = frozenset({"delivered", "tracked.delivered", "tracked.pick_up"})
WHOLE, SHIPMENT = "order", "shipment"


def expected_on(kept: Kept, shipment_id: str, line_ids: Collection[str], zone: tzinfo) -> date | None:
    """Return the day on which the last of a shipment's lines is expected, or came; ``None``: nobody knows."""
    if shipment_id not in kept.get("shipments", {}) or not line_ids:
        return None
    days = [_line_on(kept, shipment_id, line_id, zone) for line_id in line_ids]
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


def _line_on(kept: Kept, shipment_id: str, line_id: str, zone: tzinfo) -> date | None:
    came = [fields["occurred_at"] for _, fields in words_of(kept, ARRIVED, shipment_id, line_id)]
    if came:
        return datetime.fromisoformat(min(came)).astimezone(zone).date()
    version, fields = kept["shipments"][shipment_id]
    _, first = kept.get("first", {}).get(shipment_id, (version, fields))
    said = [*words_of(kept, {ETA, PREORDERED}, shipment_id, line_id)]
    if fields["promised_until"] not in {first["promised_until"], NO_DAY}:
        said.append((version, {"eta": fields["promised_until"]}))
    day = max(said, key=lambda word: tuple(word[0]))[1].get("eta") if said else None
    return None if day is None else date.fromisoformat(day)


def words_of(kept: Kept, kinds: Collection[str], shipment_id: str, line_id: str) -> Iterator[Word]:
    """Yield what was said of a line, of its shipment and of its order, of some kinds."""
    for kind, scope, name, version, fields in kept.get("words", ()):
        if kind in kinds and (scope == WHOLE or (scope, name) == (SHIPMENT, shipment_id)):
            yield version, fields
    for kind, version, fields in kept.get("lines", {}).get(line_id, [None])[1:]:
        if kind in kinds:
            yield version, fields
