"""Orders in the Deliveries table, as PynamoDB records (design §8: features whose work is records).

``ORDER#<order_id>`` / ``ORDER`` is an order with all that was said of it. That stands there as JSON, because nothing
looks into it; a large one is compressed, so that 1,000 lines, and a word about each, fit into an item's 400 KB. In it
``marks`` are for compensation, which follows lines by whatever number (`Numbering.marks`); a large order has none.
The index ``due`` has those that must be looked at once a day is over, by that instant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from typing import Any
from zlib import crc32

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from standby.delivery.choice_model import Choice, choice_of
from standby.delivery.day_model import Article, Days, LineDays, Told
from standby.delivery.model import LINE, About, Order, Placed, Said, Step, Version
from standby.delivery.origin_model import Line, Listing, Numbering, Parcel, listed, numbered, parcels
from standby.delivery.refund_model import Refund, refunds_of
from standby.delivery.told_model import Notice, Wish
from standby.events.fields import MOST_LINES
from standby.platform.code_model import Code
from standby.platform.cursor import Cursor, CursorError
from standby.platform.frozen import frozen
from standby.platform.json_text import from_json, to_json
from standby.platform.kept import ORDERS
from standby.platform.packing import compressed, expanded
from standby.platform.queue import PoisonError
from standby.platform.records import Bounds, read_record, save_record

ORDER = "ORDER"
CODE = tuple(each.name for each in fields(Code))
DUE_SHARDS = tuple(f"DUE#{number}" for number in range(8))
DUE_PAGE = 100
CURSOR = frozenset({"pk", "sk", "due_shard", "due_at"})
MOST_BYTES = 380_000
"""Of an order, compressed."""
ERP_BYTES = 300_000
"""Of what the ERP said of it: so there is room for what its customer says, is told and is owed."""
NAMED: Mapping[str, tuple[str, ...]] = {
    "notices": Notice._fields,
    "wishes": Wish._fields,
    "refunds_due": Refund._fields,
    "choices": Choice._fields,
}
"""What names lines of an order again and again, and what is kept of each."""
MANY_LINES = 100
"""In all lists of an order: more stand by their places in these (`standby.delivery.kept_lines`)."""
BYTES_PER_LINE = 20
"""Room beside it for what was heard of each line: what is told can always be written down."""


class OrderRecord(Model):
    """One order: ``ORDER#<order_id>`` / ``ORDER``. It has either ``text`` or ``packed``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default=ORDER)
    edition = NumberAttribute()
    text = UnicodeAttribute(null=True)
    packed = BinaryAttribute(null=True, legacy_encoding=False)
    due_shard = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    ttl = NumberAttribute()


class DueOrders(GlobalSecondaryIndex[OrderRecord]):  # type: ignore[no-untyped-call] # PynamoDB's own
    """The orders that must be looked at, by when."""

    class Meta:
        """Its name in the stack."""

        index_name = "due"
        projection = KeysOnlyProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


@cache
def orders(table: str) -> Any:  # noqa: ANN401 - a record class with its index
    """Return the record class bound to a table."""

    class Bound(OrderRecord):
        due = DueOrders()

        class Meta(Bounds):
            table_name = table

    return Bound


@frozen()
class OrderRepository:
    """The orders, on DynamoDB."""

    table: str

    def order(self, order_id: str) -> Order:
        """Return an order as the last finished write left it; its edition is 0 where there is none.

        Raises `BusyError` when DynamoDB kept refusing for throttling.
        """
        record = read_record(orders(self.table), f"ORDER#{order_id}", ORDER)
        return Order(order_id=order_id) if record is None else _order(order_id, record)

    def due(self, shard: str, now: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return the ids of a page of orders that are due, and where the next page starts.

        Raises `CursorError` for a cursor of something else.
        """
        start = None if cursor is None else _start(shard, cursor)
        model = orders(self.table)
        found = model.due.query(shard, DueOrders.due_at <= now, page_size=DUE_PAGE, last_evaluated_key=start).page_iter
        page = next(found)["Items"]
        following = found.last_evaluated_key
        after = None if following is None else {name: value["S"] for name, value in following.items()}
        return [item["pk"]["S"].removeprefix("ORDER#") for item in page], after

    def keep(self, order: Order, *, now: datetime, due_at: str | None) -> bool:
        """Write an order if its edition is still the one before; tell whether it was.

        Raises `PoisonError` where it no longer fits into an item.
        """
        text = to_json(_content(order))
        content = compressed(text)
        if content is not None and len(content) > MOST_BYTES + BYTES_PER_LINE * min(len(order.told_lines), MOST_LINES):
            raise PoisonError(f"order: all that was said of it are {len(content)} bytes, more than {MOST_BYTES:,}")
        if content is not None and len(content) > ERP_BYTES and (said := _bytes_of_erp(order)) > ERP_BYTES:
            raise PoisonError(f"order: all that was said of it are {said} bytes, more than {ERP_BYTES:,}")
        kind = orders(self.table)
        record = kind(
            pk=f"ORDER#{order.order_id}",
            edition=order.edition,
            text=text if content is None else None,
            packed=content,
            due_shard=None if due_at is None else DUE_SHARDS[crc32(order.order_id.encode()) % len(DUE_SHARDS)],
            due_at=due_at,
            ttl=int((now + ORDERS).timestamp()),
        )
        return save_record(record, kind.edition == order.edition - 1 if order.edition > 1 else kind.pk.does_not_exist())


def _bytes_of_erp(order: Order) -> int:
    """Return how much room of an order is taken by what the ERP said of it."""
    told: dict[str, Any] = {
        "told": None,
        "told_lines": {},
        "told_delays": {},
        "notices": (),
        "wishes": (),
        "choices": (),
    }
    said = replace(order, **told, refunds_due=(), code=None)
    text = to_json(_content(said))
    return len(compressed(text) or text)


def _content(order: Order) -> dict[str, Any]:
    """Return an order as JSON. What is said of a line stands with the line, where it compresses best."""
    placed = order.placed
    by_line: dict[str, list[Any]] = {line_id: [outcome] for line_id, outcome in order.told_lines.items()}
    others, earlier = [], []
    for about, said in order.words.items():
        if about.scope == LINE:
            by_line.setdefault(about.id, [None]).append([about.kind, *_said_kept(said)])
        else:
            others.append([*about, *_said_kept(said)])
    for about, words in order.earlier.items():
        if about.scope == LINE:
            by_line[about.id] += [[about.kind, *_said_kept(said)] for said in words]
        else:
            earlier += [[*about, *_said_kept(said)] for said in words]
    content = {
        "placed": None if placed is None else [placed.version, placed.fields, placed.lines, list(placed.shipments)],
        "reservations": None if order.reservations is None else _said_kept(order.reservations),
        "shipments": {name: _said_kept(said) for name, said in order.shipments.items()},
        "first": {name: _said_kept(said) for name, said in order.first.items() if said != order.shipments[name]},
        "listings": _listings_kept(order),
        "days": _days_kept(order.days, placed, order.numbering),
        "marks": None if order.numbering is None or _is_large(order.numbering) else order.numbering.marks(),
        "words": others,
        "earlier": earlier,
        "lines": by_line,
        "refunds": {name: _said_kept(said) for name, said in order.refunds.items()},
        "history": [[*step[:-1], dict(step.said)] for step in order.history],
        "told": order.told,
        "told_delays": order.told_delays,
        "notices": order.notices,
        "wishes": order.wishes,
        "choices": order.choices,
        "told_choices": order.told_choices or None,
        "refunds_due": order.refunds_due,
        **_named_kept(order),
        "look_on": order.look_on,
        "tell_at": order.tell_at,
        "code": None if order.code is None else [getattr(order.code, name) for name in CODE],
    }
    return {name: value for name, value in content.items() if value not in (None, {}, [], ())}


def _named_kept(order: Order) -> dict[str, list[Any]]:
    """Return what names lines of a large order again and again, by their places."""
    if order.numbering is None or not _is_large(order.numbering):
        return {}
    from standby.delivery.kept_lines import lines_of, packed  # noqa: PLC0415 - few orders are large

    places = lines_of(order.numbering.listings)
    found: dict[str, list[Any]] = {"choices": []}
    others: dict[str, Sequence[Notice | Wish | Refund]] = {"notices": order.notices, "refunds_due": order.refunds_due}
    others["wishes"] = order.wishes
    for name, named in others.items():
        found[name] = [[*(each._asdict() | {"line_ids": packed(each.line_ids, places)}).values()] for each in named]
    for choice in order.choices:
        kept: dict[str, Any] = {"line_ids": packed(choice.line_ids, places), "left": packed(choice.left, places)}
        lines = [(line_id, *units) for line_id, units in zip(choice.line_ids, choice.units, strict=False)]
        if lines and all(line in places for line in lines):
            kept |= {"line_ids": packed(lines, places), "units": True}
        found["choices"].append([*(choice._asdict() | kept).values()])
    return found


def _named(content: dict[str, Any], numbering: Numbering | None) -> dict[str, Any]:
    """Return what was kept of an order, with the lines that are named by their places."""
    if numbering is None or not _is_large(numbering):
        return content
    from standby.delivery.kept_lines import numbers, unpacked  # noqa: PLC0415 - few orders are large

    listings, found = numbering.listings, dict(content)
    for name, names in NAMED.items():
        found[name] = []
        for kept in content.get(name, ()):
            each = dict(zip(names, kept, strict=False))
            if each.get("units") is True:
                each["units"] = [line[1:] for line in unpacked(each["line_ids"], listings)]
            for about in ("line_ids", "left"):
                if about in each:
                    each[about] = numbers(each[about], listings)
            found[name].append([*each.values()])
    return {name: value for name, value in found.items() if value != []}


def _is_large(numbering: Numbering) -> bool:
    return sum(len(listing.lines) for listing in numbering.listings) > MANY_LINES


def _order(order_id: str, record: OrderRecord) -> Order:
    content = from_json(expanded(record.text, record.packed))
    shipments = _by_name(content.get("shipments", {}))
    first = shipments | _by_name(content.get("first", {}))
    words = {About(kind, scope, name): _said(*said) for kind, scope, name, *said in content.get("words", ())}
    told_lines = {}
    earlier: dict[About, tuple[Said, ...]] = {}
    for kind, scope, name, *kept in content.get("earlier", ()):
        about_shipment = About(kind, scope, name)
        earlier[about_shipment] = (*earlier.get(about_shipment, ()), _said(*kept))
    for line_id, (outcome, *about) in content.get("lines", {}).items():
        for kind, *kept in about:
            named, said = About(kind, LINE, line_id), _said(*kept)
            if named in words:
                earlier[named] = (*earlier.get(named, ()), said)
            else:
                words[named] = said
        if outcome is not None:
            told_lines[line_id] = outcome
    placed = _placed(order_id, content["placed"], shipments) if "placed" in content else None
    numbering: Numbering | None = None
    days: Days = {}
    if placed is not None:
        numbering = _numbering(placed, first, content)
        days = _days(content["days"], placed, numbering) if "days" in content else _older_days(first, shipments, placed)
    content = _named(content, numbering)
    order = Order(
        order_id=order_id,
        edition=int(record.edition),
        placed=placed,
        numbering=numbering,
        shipments=shipments,
        first=first,
        days=days,
        reservations=_said(*content["reservations"]) if "reservations" in content else None,
        words=words,
        earlier=earlier,
        refunds=_by_name(content.get("refunds", {})),
        history=tuple(
            Step(as_of, mark, kind, tuple(sorted(said.items())))
            for as_of, mark, kind, said in content.get("history", ())
        ),
        told=content.get("told"),
        told_lines=told_lines,
        choices=tuple(map(choice_of, content.get("choices", ()))),
        told_choices=content.get("told_choices", 0),
        refunds_due=refunds_of(content.get("refunds_due", ()), content.get("told_refunds", 0)),
        look_on=content.get("look_on"),
        tell_at=content.get("tell_at"),
        code=Code(**dict(zip(CODE, content["code"], strict=True))) if "code" in content else None,
        notices=tuple(map(_notice, content.get("notices", ()))),
        wishes=tuple(map(_wish, content.get("wishes", ()))),
        told_delays={name: tuple(news) for name, news in content.get("told_delays", {}).items()},
    )
    return numbered(order)


def _notice(kept: Any) -> Notice:  # noqa: ANN401 - JSON
    notice = Notice(*kept)
    return notice._replace(line_ids=tuple(notice.line_ids))


def _wish(kept: Any) -> Wish:  # noqa: ANN401 - JSON
    wish = Wish(*kept)
    return wish._replace(line_ids=tuple(wish.line_ids))


def _start(shard: str, cursor: Cursor) -> dict[str, dict[str, str]]:
    if not isinstance(cursor, Mapping) or set(cursor) != CURSOR or cursor["due_shard"] != shard:
        raise CursorError("it is no place in the orders that are due")
    return {name: {"S": str(value)} for name, value in cursor.items()}


def _placed(order_id: str, kept: Any, shipments: Mapping[str, Said]) -> Placed:  # noqa: ANN401 - JSON
    version, fields, lines, named = kept
    return Placed(
        order_id=order_id,
        version=_version(version),
        fields=fields,
        lines=lines,
        shipments={name: shipments[name].fields for name in named},
    )


def _listings_kept(order: Order) -> list[Any] | None:
    """Return the lists of its lines, where those do not follow from what it has.

    What a list has as the newest one has it stands there as the places of that: from one on, before another.
    """
    numbering, placed = order.numbering, order.placed
    if numbering is None or placed is None:
        return None
    if len(numbering.listings) == 1 and numbering.version == _first_said(placed, order.first):
        return None
    now, parcels_now = listed(placed.lines), parcels(placed.shipments)
    places = {line: place for place, line in enumerate(now)}
    skus = {sku: place for place, (_, sku, _) in enumerate(now)}
    kept = []
    for listing in numbering.listings:
        lines: list[list[Any]] = []
        for line in listing.lines:
            place = places.get(line)
            if place is None:
                lines.append([line[0], skus.get(line[1], line[1]), line[2]])
            elif lines and lines[-1][1:] == [place]:
                lines[-1][1] = place + 1
            else:
                lines.append([place, place + 1])
        shipments = listing.shipments
        kept.append([listing.first, listing.last, lines, shipments == parcels_now or _parcels_kept(listing)])
    return kept


def _parcels_kept(listing: Listing) -> list[Any]:
    """Return the shipments of a list of lines, with the places that their lines have in it where they are in it."""
    places = {line_id: place for place, (line_id, *_) in enumerate(listing.lines)}
    return [[name, [places.get(line_id, line_id) for line_id in line_ids]] for name, line_ids in listing.shipments]


def _parcels(kept: Any, lines: Sequence[Line], placed: Placed) -> tuple[Parcel, ...]:  # noqa: ANN401 - JSON
    if kept is True:
        return parcels(placed.shipments)
    return tuple((name, tuple(lines[e][0] if isinstance(e, int) else e for e in held)) for name, held in kept)


def _numbering(placed: Placed, first: Mapping[str, Said], content: Mapping[str, Any]) -> Numbering:
    now = listed(placed.lines)
    if "origin" in content:
        from standby.delivery.older_form import numbering_of  # noqa: PLC0415 - few orders have an older form

        version, gone, added = content["origin"]
        return numbering_of(placed, _version(version), gone, {each: _version(since) for each, since in added.items()})
    if "listings" not in content:
        known = parcels(placed.shipments)
        same = known == parcels({name: said.fields for name, said in first.items()})
        return Numbering((Listing(_first_said(placed, first), placed.version, now, known if same else ()),))
    listings = []
    for first_said, last_said, kept_lines, *kept_parcels in content["listings"]:
        lines = tuple(
            each
            for kept in kept_lines
            for each in (now[kept[0] : kept[1]] if isinstance(kept[0], int) else [_line(kept, now)])
        )
        shipments = _parcels(kept_parcels[0], lines, placed) if kept_parcels else ()
        listings.append(Listing(_version(first_said), _version(last_said), lines, shipments))
    return Numbering(tuple(listings))


def _line(kept: Any, now: Sequence[Line]) -> Line:  # noqa: ANN401 - JSON
    line_id, sku, units = kept
    return line_id, now[sku][1] if isinstance(sku, int) else sku, units


def _first_said(placed: Placed, first: Mapping[str, Said]) -> Version:
    """Return the oldest word about the whole order that what is kept of it beside its lists shows."""
    return min([placed.version, *(said.version for said in first.values())])


def _days_kept(days: Days, placed: Placed | None, numbering: Numbering | None) -> list[Any]:
    """Return the days that were told, those of lines of which the same is known together."""
    kept: dict[str, list[Any]] = {}
    many = numbering is not None and _is_large(numbering)
    for (line_id, sku), (first, least, said) in days.items():
        since = {name: told for name, told in least.items() if told != (first.days.get(name), first.version)}
        follows = LineDays.of(first, least, {}).said
        group = [first.version, first.days, since, {day: at for day, at in said.items() if at != follows.get(day)}]
        line: Any = (
            line_id if placed is not None and placed.lines.get(line_id, {}).get("sku") == sku else [line_id, sku]
        )
        if many:
            line = (line_id, sku)
        kept.setdefault(to_json(group), [*group, []])[-1].append(line)
    if numbering is not None and many:
        from standby.delivery.kept_lines import articles_of, packed  # noqa: PLC0415 - few orders are large

        places = articles_of(numbering.listings)
        kept = {name: [*group, packed(line_ids, places)] for name, (*group, line_ids) in kept.items()}
    return [[*group, line_ids, said] if said else [*group, line_ids] for *group, said, line_ids in kept.values()]


def _days(kept: Any, placed: Placed, numbering: Numbering) -> Days:  # noqa: ANN401 - JSON
    found: dict[Article, LineDays] = {}
    skus = {line_id: sku for each in numbering.listings for line_id, sku, _ in each.lines}
    skus |= {line_id: line["sku"] for line_id, line in placed.lines.items()}
    for version, days, since, kept_lines, *said in kept:
        first = Told(_version(version), days)
        least = {name: (day, first.version) for name, day in days.items()}
        least |= {name: (day, _version(at)) for name, (day, at) in since.items()}
        others = {day: _version(at) for day, at in said[0].items()} if said else {}
        lines = kept_lines
        if any(isinstance(line, list) and isinstance(line[0], int) for line in lines):
            from standby.delivery.kept_lines import unpacked  # noqa: PLC0415 - few orders are large

            lines = [line if isinstance(line, str) else line[:2] for line in unpacked(kept_lines, numbering.listings)]
        articles = ((line, skus.get(line, "")) if isinstance(line, str) else (line[0], line[1]) for line in lines)
        found |= dict.fromkeys(articles, LineDays.of(first, least, others))
    return found


def _older_days(first: Mapping[str, Said], shipments: Mapping[str, Said], placed: Placed) -> Days:
    if not shipments:
        return {}
    from standby.delivery.older_form import days_of  # noqa: PLC0415 - few orders have an older form

    return days_of([*first.items(), *shipments.items()], placed)


def _said_kept(said: Said) -> list[Any]:
    return [said.version, said.fields]


def _said(version: Any, fields: Any) -> Said:  # noqa: ANN401 - JSON
    return Said(version=_version(version), fields=fields)


def _by_name(kept: Mapping[str, Any]) -> dict[str, Said]:
    return {name: _said(*said) for name, said in kept.items()}


def _version(kept: Any) -> Version:  # noqa: ANN401 - JSON
    moment, sequence, arrival, mark = kept
    return moment, sequence, arrival, mark
