"""What the ERP says, read and checked: each message by itself, so that poison stays alone (design §5.1, promise 9)."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeGuard
from zlib import crc32

from standby.ledger.model import Location, Reading
from standby.ledger.purchase_orders import Ordered, Received
from standby.platform.batch import INDEX, PART, PART_BYTES, SomeTakenError, checked, size
from standby.platform.batching import groups
from standby.platform.clock import to_text
from standby.platform.frozen import frozen
from standby.platform.identifier import EXACT, IdentifierError, Ids, lines
from standby.platform.json_text import to_json
from standby.platform.moment import Arrival, day, instant, spoken_of, version
from standby.platform.opening_hours import HoursError, opening_hours
from standby.platform.queue import Outgoing, PoisonError
from standby.stock.snapshots.model import SnapshotPart

SNAPSHOT = "stock.snapshot"
PAGE_LEVELS = 10_000
LARGEST_BYTES = 64_000
LARGEST_PAGE_BYTES = 900_000
LARGEST: Mapping[str, int] = {
    "stock.level": LARGEST_BYTES,
    SNAPSHOT: LARGEST_PAGE_BYTES,
    "stock.incoming": LARGEST_BYTES,
    "stock.received": LARGEST_BYTES,
    "location.upserted": LARGEST_BYTES,
}
"""The types of messages, and the bytes that one may have."""
MOST_REASONS = 5
LEVEL_PATH = re.compile(r"^levels(?:\.\d+)?[.:] ?")
DEEPEST = 8
"""How deep an address, or hours, may be nested."""
ABOUT = ("name", "address", "phone", "latitude", "longitude", "hours")


@frozen(kw_only=True)
class LineOrdered:
    """``stock.incoming``."""

    sku: str
    purchase_order_id: str
    ordered: Ordered


@frozen(kw_only=True)
class LineReceived:
    """``stock.received``."""

    sku: str
    purchase_order_id: str
    received: Received


Word = Reading | LineOrdered | LineReceived | Location | SnapshotPart


def read(message: object, *, arrival: Arrival, now: datetime, ids: Ids, cause: str = "") -> Word:
    """Read one message. ``cause`` names it in explanations. Raises `PoisonError` with a reason."""
    fields = _checked(message, ids)
    said: Mapping[str, Any] = message  # type: ignore[assignment] # the schema says that it is an object
    match fields["type"]:
        case "stock.level":
            return _reading(fields, said, arrival, now, cause)
        case "stock.incoming":
            return _ordered(fields, arrival, now, cause)
        case "stock.received":
            return _received(fields, arrival, now, cause)
        case "stock.snapshot":
            return _snapshot_part(fields, said, arrival, now, cause)
    return _location(fields, arrival, now)


def taken_over_http(message: object, *, arrival: Arrival, now: datetime, ids: Ids) -> None:
    """Tell what is wrong with a message before it is queued. Raises `PoisonError`, or `SomeTakenError`.

    The good levels of a full count's page are queued too. The page counts as come when it is sent again, mended.
    """
    try:
        read(message, arrival=arrival, now=now, ids=ids)
    except PoisonError as poison:
        try:
            found = sifted(message, arrival=arrival, now=now, ids=ids)
        except PoisonError:
            found = None
        if found is None or not found.good["levels"]:
            raise
        reason = f"{found.reason}; its other levels are taken, send the mended page again"
        raise SomeTakenError(found.good, reason) from poison


def page_parts(message: object, *, received_at: int, ids: Ids, index: int = 0) -> list[Outgoing]:
    """Return a snapshot's page cut into records of 25 levels, ``[]`` for any other message and for a short page.

    Levels that name the same SKU stay together. Raises `PoisonError` where the page itself is malformed.
    """
    if not _is_page(message) or len(message["levels"]) <= PART:
        return []
    levels: list[Any] = message["levels"]
    head = _checked(message | {"levels": []}, ids)
    beside = size(message | {"levels": []})
    if beside > LARGEST_BYTES:
        raise PoisonError(f"message: {beside} bytes beside the levels are more than {LARGEST_BYTES:,}")
    if len(levels) > PAGE_LEVELS:
        raise PoisonError(f"levels: {len(levels):,} are more than {PAGE_LEVELS:,}")
    if head.get("parts", 1) != 1:
        raise PoisonError(f"levels: a part of a page has at most {PART}")
    together = groups(_by_sku(levels, ids), most=PART, most_weight=PART_BYTES, weight=_share)
    cut = [[level for same in some for level in same] for some in together]
    if len(cut) == 1:
        raise PoisonError(f"levels: {ids.sku(levels[0]['sku']):.80} stands there twice")
    mark = _mark(head | {"levels": levels}, ids)
    return [
        Outgoing(
            to_json(message | {"levels": some, "part": number, "parts": len(cut), "page_mark": mark}),
            received_at=received_at,
            attributes={INDEX: str(index)},
            group=bulk(head["snapshot_id"]),
        )
        for number, some in enumerate(cut, start=1)
    ]


def bulk(name: str) -> str:
    """Return the group of the many messages that a file or a full count becomes: live levels overtake them."""
    return f"bulk-{crc32(name.encode()):08x}"


@frozen(kw_only=True)
class Sifted:
    """A page with bad levels, split."""

    part: SnapshotPart
    """What its good levels say."""
    good: dict[str, Any]
    """A page of the good levels, which does not count as come."""
    bad: dict[str, Any]
    """A page of the others as the ERP sent them. It completes the snapshot once somebody mends and redrives it."""
    reason: str
    """What is wrong with them."""


def sifted(message: object, *, arrival: Arrival, now: datetime, ids: Ids, cause: str = "") -> Sifted | None:
    """Split a page into its good levels and its bad ones.

    Returns ``None`` for a message that is no page. Raises `PoisonError` where the page itself is malformed.
    """
    if not _is_page(message):
        return None
    empty = message | {"levels": []}
    head = _checked(empty, ids)
    read(empty, arrival=arrival, now=now, ids=ids)
    good, bad, reasons = [], [], []
    for same in _by_sku(message["levels"], ids):
        try:
            read(empty | {"levels": same}, arrival=arrival, now=now, ids=ids)
        except PoisonError as poison:
            bad += same
            reasons.append(f"{_said(same[0])}: {LEVEL_PATH.sub('', poison.reason)}")
        else:
            good += same
    page = empty | {"levels": good}
    part = _snapshot_part(_checked(page, ids), page, arrival, now, cause)
    where = f"page {part.page}, " + (f"part {part.part}, " if part.parts > 1 else "")
    more = [f"and {len(reasons) - MOST_REASONS:,} more"] if len(reasons) > MOST_REASONS else []
    return Sifted(
        part=part,
        good=message | {"levels": good, "incomplete": True},
        bad=message | {"levels": bad, "page_mark": _mark(head | {"levels": message["levels"]}, ids)},
        reason=where + "; ".join(reasons[:MOST_REASONS] + more),
    )


def _is_page(message: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(message, dict) and message.get("type") == SNAPSHOT and isinstance(message.get("levels"), list)


def _by_sku(levels: Sequence[Any], ids: Ids) -> list[list[Any]]:
    """Return the levels in their order, those that name the same SKU together, however they write it."""
    found: dict[object, list[Any]] = {}
    for place, level in enumerate(levels):
        sku = _sku(level, ids)
        found.setdefault(place if sku is None else sku, []).append(level)
    return list(found.values())


def _sku(level: object, ids: Ids) -> str | None:
    """Return the SKU that a level names, ``None`` where there is none."""
    try:
        return ids.sku(level.get("sku")) if isinstance(level, dict) else None
    except IdentifierError:
        return None


def _share(levels: Sequence[Any]) -> int:
    """Return how much of a part some levels fill, by their number or by their length."""
    return max(len(levels) * PART_BYTES // PART, size(levels))


def _mark(page: Mapping[str, Any], ids: Ids) -> str | None:
    """Return what tells a page from another with its number: a number made of the SKUs that it names.

    However a page writes its SKUs, and whether or not they were read before, it is the same page.

    A part carries its page's. Whoever cuts pages into parts without it answers for them.
    """
    if "page_mark" in page or page.get("parts", 1) != 1:
        mark: str | None = page.get("page_mark")
        return mark
    skus = {
        to_json(_sku(level, ids) or (level.get("sku") if isinstance(level, dict) else "")) for level in page["levels"]
    }
    return f"{crc32(','.join(sorted(skus)).encode()):08x}"


def _said(level: object) -> str:
    """Name a level to a person who looks for it."""
    sku = level.get("sku") if isinstance(level, dict) else None
    return f"SKU {sku:.80}" if isinstance(sku, str) and sku.isprintable() else f"level {to_json(level):.80}"


def _checked(message: object, ids: Ids) -> dict[str, Any]:
    """Return a message as its schema reads it. Raises `PoisonError`."""
    fields = checked(message, package="standby.stock", largest=LARGEST, ids=ids)
    if fields["type"] == SNAPSHOT:
        _within("page", fields["page"], fields.get("pages"))
        _within("part", fields.get("part", 1), fields.get("parts", 1))
    return fields


def _within(name: str, number: int, most: int | None) -> None:
    if most is not None and number > most:
        raise PoisonError(f"{name}: {number} is more than {name}s: {most}")


def _reading(
    fields: Mapping[str, Any], said: Mapping[str, Any], arrival: Arrival, now: datetime, cause: str
) -> Reading:
    """Return what a level says; ``said`` is the level as the ERP wrote it."""
    on_hand, committed = fields.get("on_hand"), fields.get("committed")
    if on_hand is None:
        on_hand, committed = fields.get("available"), None
    if on_hand is None:
        raise PoisonError("on_hand or available: missing")
    moment, assumed = spoken_of(fields, "as_of", arrival, now)
    netted_until = instant(fields, "netted_until", now)
    short = 0 if committed is not None else _units(-on_hand)
    return Reading(
        sku=fields["sku"],
        location_id=fields["location_id"],
        on_hand=_units(on_hand),
        committed=_units(committed or 0),
        version=version(moment, arrival, fields.get("sequence")),
        as_of=to_text(moment),
        as_of_assumed=assumed,
        netted_until=to_text(netted_until) if netted_until else None,
        said={
            name: said[name] if isinstance(said[name], str) else to_json(said[name])
            for name in ("on_hand", "committed", "available", "sequence")
            if said.get(name) is not None
        },
        cause=cause,
        short=short,
    )


def _snapshot_part(
    fields: Mapping[str, Any], said: Mapping[str, Any], arrival: Arrival, now: datetime, cause: str
) -> SnapshotPart:
    moment, _ = spoken_of(fields, "as_of", arrival, now)
    netted_until = instant(fields, "netted_until", now)
    _named_once(fields["levels"])
    every = {"location_id": fields["location_id"], "as_of": fields["as_of"]}
    readings = [
        _reading(
            {**level, **every, "netted_until": level.get("netted_until") or fields.get("netted_until")},
            as_written,
            arrival,
            now,
            f"{cause}.{place}",
        )
        for place, (level, as_written) in enumerate(zip(fields["levels"], said["levels"], strict=True))
        if _was_counted(level)
    ]
    of_snapshot = {"snapshot_id": to_json(fields["snapshot_id"])}
    return SnapshotPart(
        snapshot_id=fields["snapshot_id"],
        location_id=fields["location_id"],
        as_of=to_text(moment),
        moment=version(moment, arrival)[0],
        arrival=arrival.number,
        page=fields["page"],
        pages=fields.get("pages"),
        part=fields.get("part", 1),
        parts=fields.get("parts", 1),
        mark=_mark(fields, EXACT) or "",
        incomplete=bool(fields.get("incomplete")),
        doubt=fields.get("doubt"),
        netted_until=to_text(netted_until) if netted_until else None,
        readings=tuple(replace(reading, said={**reading.said, **of_snapshot}) for reading in readings),
        uncounted=tuple(level["sku"] for level in fields["levels"] if not _was_counted(level)),
    )


def _was_counted(level: Mapping[str, Any]) -> bool:
    """Tell whether a level of a page says units. Raises `PoisonError` for one that says that it does not, and does."""
    if level.get("counted", True):
        return True
    units = [name for name in ("on_hand", "committed", "available") if level.get(name) is not None]
    if units:
        raise PoisonError(f"counted: false, and {units[0]} is said")
    return False


def _named_once(levels: Sequence[Any]) -> None:
    seen: set[object] = set()
    for level in levels:
        sku = level.get("sku") if isinstance(level, dict) else None
        if isinstance(sku, str) and sku in seen:
            raise PoisonError(f"levels: {sku:.80} stands there twice")
        seen.add(sku if isinstance(sku, str) else None)


def _ordered(fields: Mapping[str, Any], arrival: Arrival, now: datetime, cause: str) -> LineOrdered:
    moment, _ = spoken_of(fields, "as_of", arrival, now)
    return LineOrdered(
        sku=fields["sku"],
        purchase_order_id=fields["purchase_order_id"],
        ordered=Ordered(
            quantity=_units(fields["quantity"]),
            eta=day(fields, "eta"),
            supplier_id=fields.get("supplier_id"),
            as_of=to_text(moment),
            version=version(moment, arrival),
            cause=cause,
        ),
    )


def _received(fields: Mapping[str, Any], arrival: Arrival, now: datetime, cause: str) -> LineReceived:
    moment, _ = spoken_of(fields, "occurred_at", arrival, now)
    return LineReceived(
        sku=fields["sku"],
        purchase_order_id=fields["purchase_order_id"],
        received=Received(quantity=_units(fields["quantity"]), version=version(moment, arrival), cause=cause),
    )


def _location(fields: Mapping[str, Any], arrival: Arrival, now: datetime) -> Location:
    moment, _ = spoken_of(fields, "as_of", arrival, now)
    if isinstance(hours := fields.get("hours"), dict):
        try:
            opening_hours(hours)
        except HoursError as error:
            raise PoisonError(f"hours.{error}") from error
    return Location(
        location_id=fields["location_id"],
        kind=fields["kind"],
        sells_online=fields.get("sells_online"),
        ships_orders=bool(fields.get("ships_orders")),
        buffer=fields.get("buffer") or 0,
        about={name: _shown(fields[name], name) for name in ABOUT if fields.get(name) is not None},
        version=version(moment, arrival),
        as_of=to_text(moment),
    )


def _shown(said: Any, place: str, deepest: int = DEEPEST) -> Any:  # noqa: ANN401 - JSON
    """Return what customers are shown of a location, as the lines of text that they can read. Raises `PoisonError`."""
    if isinstance(said, dict | list) and not deepest:
        raise PoisonError(f"{place}: is nested deeper than {DEEPEST}")
    if isinstance(said, dict):
        return {name: _shown(inner, f"{place}.{name}", deepest - 1) for name, inner in said.items()}
    if isinstance(said, list):
        return [_shown(inner, f"{place}.{number}", deepest - 1) for number, inner in enumerate(said)]
    try:
        return lines(said) if isinstance(said, str) else said
    except IdentifierError as error:
        raise PoisonError(f"{place}: {error}") from error


def _units(quantity: float) -> int:
    """Return what a quantity counts for: decimals round down, negative ones count 0 (design §4)."""
    return max(0, math.floor(quantity))
