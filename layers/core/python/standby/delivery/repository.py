"""Orders in the Deliveries table, as PynamoDB records (design §8: features whose work is records).

``ORDER#<order_id>`` / ``ORDER`` is an order with all that was said of it. That stands there as JSON, because nothing
looks into it; a large one is compressed, so that 1,000 lines, and a word about each, fit into an item's 400 KB.
"""

import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from standby.delivery.model import LINE, About, Order, Placed, Said, Step, Version
from standby.events.fields import MOST_LINES
from standby.platform.frozen import frozen
from standby.platform.json_text import from_json, to_json
from standby.platform.kept import ORDERS
from standby.platform.queue import PoisonError
from standby.platform.records import Bounds, read_record, save_record

ORDER = "ORDER"
PLAIN_BYTES = 10_000
"""A longer text is compressed: it costs less to write, and nobody reads so much of it in a console."""
MOST_BYTES = 380_000
"""Of an order, compressed."""
BYTES_PER_LINE = 20
"""Room beside it for what was heard of each line: what is told can always be written down."""


class OrderRecord(Model):
    """One order: ``ORDER#<order_id>`` / ``ORDER``. It has either ``text`` or ``packed``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default=ORDER)
    edition = NumberAttribute()
    text = UnicodeAttribute(null=True)
    packed = BinaryAttribute(null=True, legacy_encoding=False)
    ttl = NumberAttribute()


@cache
def orders(table: str) -> type[OrderRecord]:
    """Return the record class bound to a table."""

    class Bound(OrderRecord):
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

    def keep(self, order: Order, *, now: datetime) -> bool:
        """Write an order if its edition is still the one before; tell whether it was.

        Raises `PoisonError` where it no longer fits into an item.
        """
        text = to_json(_content(order))
        packed = zlib.compress(text.encode()) if len(text) > PLAIN_BYTES else None
        if packed is not None and len(packed) > MOST_BYTES + BYTES_PER_LINE * min(len(order.told_lines), MOST_LINES):
            raise PoisonError(f"order: all that was said of it are {len(packed)} bytes, more than {MOST_BYTES:,}")
        kind = orders(self.table)
        record = kind(
            pk=f"ORDER#{order.order_id}",
            edition=order.edition,
            text=text if packed is None else None,
            packed=packed,
            ttl=int((now + ORDERS).timestamp()),
        )
        return save_record(record, kind.edition == order.edition - 1 if order.edition > 1 else kind.pk.does_not_exist())


def _content(order: Order) -> dict[str, Any]:
    """Return an order as JSON. What is said of a line stands with the line, where it compresses best."""
    placed = order.placed
    by_line: dict[str, list[Any]] = {line_id: [outcome] for line_id, outcome in order.told_lines.items()}
    others = []
    for about, said in order.words.items():
        if about.scope == LINE:
            by_line.setdefault(about.id, [None]).append([about.kind, *_said_kept(said)])
        else:
            others.append([*about, *_said_kept(said)])
    content = {
        "placed": None if placed is None else [placed.version, placed.fields, placed.lines, list(placed.shipments)],
        "reservations": None if order.reservations is None else _said_kept(order.reservations),
        "shipments": {name: _said_kept(said) for name, said in order.shipments.items()},
        "words": others,
        "lines": by_line,
        "refunds": {name: _said_kept(said) for name, said in order.refunds.items()},
        "history": [[*step[:-1], dict(step.said)] for step in order.history],
        "told": order.told,
    }
    return {name: value for name, value in content.items() if value not in (None, {}, [])}


def _order(order_id: str, record: OrderRecord) -> Order:
    content = from_json(record.text if record.packed is None else zlib.decompress(record.packed).decode())
    shipments = _by_name(content.get("shipments", {}))
    words = {About(kind, scope, name): _said(*said) for kind, scope, name, *said in content.get("words", ())}
    told_lines = {}
    for line_id, (outcome, *about) in content.get("lines", {}).items():
        words |= {About(kind, LINE, line_id): _said(*said) for kind, *said in about}
        if outcome is not None:
            told_lines[line_id] = outcome
    return Order(
        order_id=order_id,
        edition=int(record.edition),
        placed=_placed(order_id, content["placed"], shipments) if "placed" in content else None,
        shipments=shipments,
        reservations=_said(*content["reservations"]) if "reservations" in content else None,
        words=words,
        refunds=_by_name(content.get("refunds", {})),
        history=tuple(
            Step(as_of, mark, kind, tuple(sorted(said.items())))
            for as_of, mark, kind, said in content.get("history", ())
        ),
        told=content.get("told"),
        told_lines=told_lines,
    )


def _placed(order_id: str, kept: Any, shipments: Mapping[str, Said]) -> Placed:  # noqa: ANN401 - JSON
    version, fields, lines, named = kept
    return Placed(
        order_id=order_id,
        version=_version(version),
        fields=fields,
        lines=lines,
        shipments={name: shipments[name].fields for name in named},
    )


def _said_kept(said: Said) -> list[Any]:
    return [said.version, said.fields]


def _said(version: Any, fields: Any) -> Said:  # noqa: ANN401 - JSON
    return Said(version=_version(version), fields=fields)


def _by_name(kept: Mapping[str, Any]) -> dict[str, Said]:
    return {name: _said(*said) for name, said in kept.items()}


def _version(kept: Any) -> Version:  # noqa: ANN401 - JSON
    moment, sequence, arrival, mark = kept
    return moment, sequence, arrival, mark
