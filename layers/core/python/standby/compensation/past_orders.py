"""Late orders of the past, as they are rehearsed: as granting saw them, or as delivery has them.

Where a policy was in force when an order was late, what was decided on stands with what was granted (`seen_model`).
Where there was none, delivery's item says which delays all heard of, and what was expected: then the order counts as
it is now, or those of its shipments do of which granting heard nothing. A delay of which nobody knew a day is not
decided there: its customer would have been asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple

from standby.compensation.expecting import ETA, expected_on, words_of
from standby.compensation.model import CHOSEN, LAPSED, OTHERWISE, REVOKED, Grant, Remedies
from standby.compensation.ordered import Ordered
from standby.compensation.replaying import Chosen, PastOrder
from standby.compensation.seen_model import MOST_SEEN, Seen
from standby.platform.clock import NO_DAY, to_text

ARRIVED_LATE = "arrived"
"""The name of delivery's news that a shipment came late."""
AS_NOW, NO_DAY_KNOWN = "as_it_is_now", "day_unknown"
"""Nobody noted what an order was like when it was late; nobody knew a day, so that its customer would be asked."""
SETTLED = frozenset({CHOSEN, OTHERWISE, LAPSED, REVOKED})


class Found(NamedTuple):
    """What there is to rehearse of an order."""

    order: PastOrder
    undecided: int = 0
    """Shipments of which nobody knew a day."""
    as_now: frozenset[str] = frozenset()
    """Shipments that count as they are now."""


def found(ordered: Ordered, remedies: Remedies | None, zone: tzinfo) -> Found | None:
    """Return what there is to rehearse of an order; ``None`` where it was not late."""
    told: Mapping[str, Sequence[str]] = ordered.kept.get("told_delays", {})
    seen, grants = ([], ()) if remedies is None else (_filled(remedies.seen, ordered), remedies.grants)
    if remedies is not None and seen:
        told = _unheard(told, remedies, ordered)
    elif not told:
        return None
    rows = [row for name, news in told.items() for row in _rows(ordered, name, news, zone)]
    as_now = frozenset(row.shipment_id for row in rows)
    lines = _lines(ordered, as_now)
    undecided = sum(name not in as_now and lines.isdisjoint(_marks(ordered, name)) for name in told)
    rows.sort(key=lambda row: (row.at, row.shipment_id, row.days_late))
    rows = sorted([*seen, *rows], key=lambda row: row.at)  # what was seen in one moment stays as it was seen
    return Found(_past(ordered, rows, grants if seen else ()), undecided, as_now)


def _unheard(told: Mapping[str, Sequence[str]], remedies: Remedies, ordered: Ordered) -> Mapping[str, Sequence[str]]:
    """Return what all heard of shipments of which granting heard nothing, as there was no policy then.

    What is planned anew is no other shipment: what was told of its lines before is carried to it.
    """
    heard = {row.shipment_id for row in remedies.seen}
    heard |= {name for name, late in remedies.late.items() if late.days <= 0}
    lines = _lines(ordered, heard)
    return {name: news for name, news in told.items() if name not in heard and lines.isdisjoint(_marks(ordered, name))}


def _past(ordered: Ordered, rows: Sequence[Seen], grants: Sequence[Grant]) -> PastOrder:
    shipments, kept = {row.shipment_id for row in rows}, rows[-MOST_SEEN:]
    moments = {(grant.shipment_id, grant.at) for grant in grants if grant.by is None}
    return PastOrder(
        order_id=ordered.order_id,
        rows=tuple(kept),
        granted=tuple(place for place, row in enumerate(kept) if (row.shipment_id, row.at) in moments),
        counted_as=ordered.counted_as,
        customer=ordered.mailbox,
        lines={name: _marks(ordered, name) for name in shipments} if len(shipments) > 1 else {},
        chosen=tuple(
            Chosen(grant.shipment_id, {option.kind: option.amount for option in grant.options}, grant.amount)
            for grant in grants
            if grant.options and grant.outcome in SETTLED
        ),
    )


def _marks(ordered: Ordered, shipment_id: str) -> list[str]:
    """Return all lines of a shipment, those that are gone too, by what names them for good."""
    return sorted({ordered.marks.get(each, each) for each in ordered.shipments.get(shipment_id, ())})


def _lines(ordered: Ordered, shipment_ids: Iterable[str]) -> set[str]:
    return {line for name in shipment_ids for line in _marks(ordered, name)}


def _filled(seen: Sequence[Seen], ordered: Ordered) -> list[Seen]:
    """Return what was seen with the facts that were seen next, where it only waited."""
    rows: list[Seen] = []
    for place, row in enumerate(seen):
        if row.facts is None and row.grace_hours:
            later = (each.facts for each in seen[place:] if each.shipment_id == row.shipment_id and each.facts)
            rows.append(row._replace(facts=next(later, None) or ordered.facts(row.shipment_id)))
        else:
            rows.append(row)
    return rows


def _rows(ordered: Ordered, shipment_id: str, news: Sequence[str], zone: tzinfo) -> Iterator[Seen]:
    """Yield how late a shipment was each time all heard of a longer delay, as delivery has it."""
    first = _first_day(ordered.kept, shipment_id)
    line_ids = ordered.shipments.get(shipment_id, frozenset()) & ordered.lines.keys()
    if first is None:
        return
    facts, longest = ordered.facts(shipment_id), 0
    for each in dict.fromkeys(news):
        day = _day(each) or (expected_on(ordered.kept, shipment_id, line_ids, zone) if each == ARRIVED_LATE else None)
        days_late = 0 if day is None else (day - first).days
        if days_late > longest:
            longest = days_late
            at = _told_at(ordered.kept, shipment_id, each) or _over(first, zone)
            yield Seen(at, shipment_id, days_late, _cause(ordered.kept, shipment_id, line_ids), None, facts)


def _first_day(kept: Mapping[str, Any], shipment_id: str) -> date | None:
    said = kept.get("first", {}).get(shipment_id) or kept.get("shipments", {}).get(shipment_id)
    day = None if said is None else said[1].get("promised_until")
    return None if day in (None, NO_DAY) else date.fromisoformat(day)


def _day(news: str) -> date | None:
    try:
        return date.fromisoformat(news)
    except ValueError:
        return None


def _told_at(kept: Mapping[str, Any], shipment_id: str, news: str) -> str | None:
    """Return when its customer was told."""
    return min(
        (at for at, about, what, *_ in kept.get("notices", ()) if (about, what) == (shipment_id, news)), default=None
    )


def _over(day: date, zone: tzinfo) -> str:
    """Return the first moment behind a day of the shop."""
    return to_text(datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC))


def _cause(kept: Mapping[str, Any], shipment_id: str, line_ids: frozenset[str]) -> str | None:
    words = [word for each in line_ids for word in words_of(kept, {ETA}, shipment_id, each)]
    newest = max(words, key=lambda word: tuple(word[0]), default=None)
    return None if newest is None else newest[1].get("cause")
