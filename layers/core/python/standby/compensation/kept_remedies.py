"""What is known of an order's remedies as its item keeps it, as JSON.

The grants of a large order name shipments and lines again and again, far from each other. There each name stands once,
in ``names``, and all else has its place there; and the id of a grant, which follows from its order and shipment, is
left out. Compressed (`standby.platform.packing`), 1,000 shipments with three grants each take 200 KB.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from standby.compensation.model import Grant, Late, Option, Rating, Refusal, Remedies, Wanted, grant_id_of
from standby.compensation.seen_model import kept_of, seen_of
from standby.compensation.validity_model import with_last_day

MANY = 30
"""Delays and grants in all: an order with more is a large one."""
DAYS = ("first", "known", "asked")
LATE, GRANT = (tuple((each.name, each.default) for each in fields(kept)) for kept in (Late, Grant))


def content_of(known: Remedies) -> dict[str, Any]:
    """Return what is known of an order as JSON."""
    if len(known.late) + len(known.grants) <= MANY:
        return _content(known, lambda name: name)
    places: dict[str, int] = {}
    content = _content(known, lambda name: places.setdefault(name, len(places)))
    ids = _grant_ids(known.order_id, (grant.shipment_id for grant in known.grants))
    for kept, grant_id in zip(content["grants"], ids, strict=True):
        if kept["grant_id"] == grant_id:
            del kept["grant_id"]
    return {**content, "late": [*content["late"].items()], "names": [*places]}


def _content(known: Remedies, place: Callable[[str], Any]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "late": {place(name): _late(late) for name, late in known.late.items()},
        "grants": [_grant(grant, place) for grant in known.grants],
        "refusals": [(at, place(name), *said) for at, name, *said in known.refusals],
    }
    if known.calls:
        calls = known.calls
        content["calls"] = [(at, place(name), *said, [*map(place, lines)]) for at, name, *said, lines in calls]
    if known.rating is not None:
        content["rating"] = known.rating
    return content | kept_of(known.seen, place)


def remedies_of(order_id: str, edition: int, content: Mapping[str, Any]) -> Remedies:
    """Return what is known of an order from what was kept of it."""
    names, late, grants = content.get("names"), content["late"], content["grants"]
    name: Callable[[Any], str] = str if names is None else names.__getitem__
    if names is not None:
        late = {name(place): kept for place, kept in late}
        ids = _grant_ids(order_id, (name(kept["shipment_id"]) for kept in grants))
        grants = [{"grant_id": grant_id, **kept} for kept, grant_id in zip(grants, ids, strict=True)]
    return Remedies(
        order_id=order_id,
        edition=edition,
        late={each: _late_of(kept) for each, kept in late.items()},
        grants=tuple(_grant_of(kept, name) for kept in grants),
        refusals=tuple(Refusal(at, name(about), *said) for at, about, *said in content["refusals"]),
        seen=seen_of(content, name),
        rating=Rating(*content["rating"]) if "rating" in content else None,
        calls=tuple(_wanted_of(Wanted(*kept), name) for kept in content.get("calls", ())),
    )


def _grant_ids(order_id: str, shipment_ids: Iterable[str]) -> Iterator[str]:
    """Yield the ids that grants of shipments have, in the order in which they were granted."""
    counts = Counter[str]()
    for shipment_id in shipment_ids:
        yield grant_id_of(order_id, shipment_id, counts[shipment_id])
        counts[shipment_id] += 1


def _grant(grant: Grant, place: Callable[[str], Any]) -> dict[str, Any]:
    kept = _said(grant, GRANT)
    kept["shipment_id"] = place(grant.shipment_id)
    if grant.line_ids:
        kept["line_ids"] = [*map(place, grant.line_ids)]
    return kept


def _grant_of(kept: Mapping[str, Any], name: Callable[[Any], str]) -> Grant:
    options = tuple(Option(*option) for option in kept.get("options", ()))
    lines = tuple(map(name, kept.get("line_ids", ())))
    return Grant(
        **{**with_last_day(kept), "shipment_id": name(kept["shipment_id"]), "options": options, "line_ids": lines}
    )


def _wanted_of(kept: Wanted, name: Callable[[Any], str]) -> Wanted:
    return kept._replace(shipment_id=name(kept.shipment_id), line_ids=tuple(map(name, kept.line_ids)))


def _late(late: Late) -> dict[str, Any]:
    kept = _said(late, LATE)
    return kept | {name: kept[name].isoformat() for name in DAYS if name in kept}


def _late_of(kept: Mapping[str, Any]) -> Late:
    return Late(**{**kept, **{name: date.fromisoformat(kept[name]) for name in DAYS if name in kept}})


def _said(kept: Late | Grant, known: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return what does not go without saying."""
    return {name: value for name, default in known if (value := getattr(kept, name)) != default}
