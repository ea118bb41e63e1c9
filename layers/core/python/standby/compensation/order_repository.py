"""What a customer ordered, as delivery's table has it: no event says who ordered, what they paid or where it goes.

Features do not import one another, so this knows the few places of delivery's item that it reads. A test writes orders
with delivery's own repository and reads them here (`tests.standby.compensation.test_order_repository`).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from standby.compensation.ordered import Line, Ordered
from standby.platform.dynamodb import to_item
from standby.platform.frozen import frozen
from standby.platform.json_text import from_json
from standby.platform.packing import expanded
from standby.platform.table import Cursor, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CANCELLED, RETURNED = "cancelled", "returned"
ORDER = "ORDER#"
Said = Mapping[str, Any]


@frozen()
class OrderReader:
    """Delivery's orders, read."""

    table: str
    dynamodb: "DynamoDBClient"

    def order(self, order_id: str) -> Ordered | None:
        """Return an order as the last finished write left it; ``None`` where no ``order.placed`` has come."""
        key = to_item({"pk": f"{ORDER}{order_id}", "sk": "ORDER"})
        answer = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        item: Mapping[str, Any] | None = answer.get("Item")
        return None if item is None else _ordered(item)

    def page(self, cursor: Cursor | None, *, limit: int) -> tuple[list[Ordered], Cursor | None]:
        """Look at ``limit`` items of the table, and return the orders among them and where the next page starts.

        Raises `CursorError`.
        """
        from standby.platform.whole_table import page_of_all  # noqa: PLC0415 - loaded where something is rehearsed

        wanted = ("pk", "edition", "text", "packed")
        found = page_of_all(Table(self.table, self.dynamodb), "ORDER", wanted, limit=limit, cursor=cursor)
        return [*filter(None, map(_ordered, found.stored))], found.cursor


def _ordered(item: Mapping[str, Any]) -> Ordered | None:
    text, content = ((item.get(name) or {}).get(kind) for name, kind in (("text", "S"), ("packed", "B")))
    kept = from_json(expanded(text, content))
    if "placed" not in kept:
        return None
    _, said, lines, _ = kept["placed"]
    return Ordered(
        order_id=item["pk"]["S"].removeprefix(ORDER),
        said=said,
        placed_at_microseconds=_first_said(kept),
        lines={line_id: _line(line) for line_id, line in lines.items() if line["quantity"] > 0},
        shipments={name: frozenset(_newest(kept, name).get("line_ids", ())) for name in kept.get("shipments", {})},
        gone=_gone(kept),
        marks=kept.get("marks", {}),
        edition=int(item["edition"]["N"]),
        kept=kept,
    )


def _first_said(kept: Said) -> int:
    """Return when it was first said, in microseconds; the ERP may have told the order again since."""
    said = [kept["placed"][0], *(listing[0] for listing in kept.get("listings", ()))]
    said += [version for version, *_ in kept.get("first", {}).values()]
    return int(min(version[0] for version in said))


def _line(said: Said) -> Line:
    price = said.get("unit_price") or {}
    return Line(said["quantity"], price.get("amount"), price.get("currency"), said.get("category"))


def _newest(kept: Said, shipment_id: str) -> Said:
    fields: Said = kept["shipments"][shipment_id][1]
    return fields


def _gone(kept: Said) -> frozenset[str]:
    """Return the lines of which it was said that they were cancelled or came back, by whatever message."""
    every = frozenset(kept["placed"][2])
    found: set[str] = set()
    for line_id, (outcome, *about) in kept.get("lines", {}).items():
        if outcome == CANCELLED or _says(about):
            found.add(line_id)
    for kind, scope, name, *_ in kept.get("words", ()):
        if kind == RETURNED:
            found |= every if scope == "order" else frozenset(_newest(kept, name).get("line_ids", ()))
    return frozenset(found)


def _says(about: Sequence[Any]) -> bool:
    return any(kind == RETURNED for kind, *_ in about)
