"""What shoppers ask: badges, whether a cart can still be had, and listings with what is sold out at their end."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from standby.availability.wording import Wording
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.shelf.model import (
    BUYABLE,
    IN_STORE_ONLY,
    LIMITED,
    RULES,
    TO_BE_HAD,
    Product,
    Row,
    Status,
)
from standby.shelf.pictures import AWAITED, LEFT, SEEN, Picture, State

if TYPE_CHECKING:
    from standby.availability.answers import (
        Action,
        BadgeExplained,
        BadgeList,
        BadgeShown,
        CartChecked,
        Expected,
        LineChecked,
        Ranked,
    )
    from standby.platform.answers import Step

BUY: "list[Action]" = ["buy"]
WAIT: "list[Action]" = ["wait"]
COLLECT: "list[Action]" = ["collect"]
NOTHING: "list[Action]" = []
PICTURE_RULES: Mapping[State, str] = {
    AWAITED: "the product's picture is yet to be looked at, so nothing is known to look like it",
    SEEN: "the product's picture was looked at: products that look alike are found where words give no alternatives",
    LEFT: "the product's picture was not seen, so nothing is known to look like it",
}
UNEXPECTED: "Expected" = {"back_on": None, "back_on_firm": None}


class Shelf(Protocol):
    """Where rows and products are read, at most 100 at a time, in one request."""

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of SKUs; those that are on no shelf are left out."""
        ...

    def products(self, product_ids: Iterable[str]) -> Mapping[str, Product]:
        """Return the counts of products; those without rows are left out."""
        ...

    def pictures(self, product_ids: Iterable[str]) -> Mapping[str, Picture]:
        """Return what is known of the pictures of products; others are left out."""
        ...


@frozen(kw_only=True)
class Badges:
    """Answers shoppers and operators."""

    shelf: Shelf
    wording: Wording
    clock: Clock
    zone: ZoneInfo
    """The shop's, by whose calendar more is expected."""

    def of_skus(self, skus: Sequence[str], language: str) -> "BadgeList":
        """Return the badges of SKUs, in the order asked."""
        rows, today = self.shelf.rows(skus), self.today()
        return {"items": [self.of_row(rows.get(sku) or Row(sku=sku), language, today) for sku in skus], "next": None}

    def of_products(self, product_ids: Sequence[str], language: str) -> "BadgeList":
        """Return the badges of products, in the order asked."""
        found = self.shelf.products(product_ids)
        products = [found.get(product_id) or Product(product_id=product_id) for product_id in product_ids]
        return {"items": [self._of_product(product, language) for product in products], "next": None}

    def check(self, lines: Sequence[tuple[str, int]], language: str) -> "CartChecked":
        """Return for each line of a cart whether it can be had. What lines above take is gone for those below."""
        rows, today = self.shelf.rows([sku for sku, _ in lines]), self.today()
        left = {sku: row.supply.sellable for sku, row in rows.items()}
        checked = []
        for sku, quantity in lines:
            units = min(quantity, left.get(sku, 0))
            left[sku] = left.get(sku, 0) - units
            checked.append(self._line(rows.get(sku) or Row(sku=sku), quantity, units, language, today))
        return {"can_be_had": all(line["can_be_had"] for line in checked), "lines": checked}

    def rank_skus(self, skus: Sequence[str]) -> "Ranked":
        """Return SKUs with those at the end that cannot be had; both groups keep the order in which they came."""
        rows = self.shelf.rows(skus)
        return _ranked(skus, {sku: row.status in TO_BE_HAD for sku, row in rows.items() if row.status is not None})

    def rank_products(self, product_ids: Sequence[str]) -> "Ranked":
        """Return products with those at the end of which nothing can be had; both groups keep their order."""
        found = self.shelf.products(product_ids)
        return _ranked(product_ids, {product_id: product.status in TO_BE_HAD for product_id, product in found.items()})

    def why(self, sku: str) -> "BadgeExplained | None":
        """Return by which rule and numbers a SKU's badge says what it says, ``None`` for a SKU on no shelf."""
        row = self.shelf.rows([sku]).get(sku)
        if row is None:
            return None
        owner = row.variant.product_id
        picture = None if owner is None else self.shelf.pictures([owner]).get(owner)
        return {"subject": sku, "steps": _steps(row, picture)}

    def today(self) -> str:
        """Return the day in the shop."""
        return self.clock.now().astimezone(self.zone).date().isoformat()

    def of_row(self, row: Row, language: str, today: str) -> "BadgeShown":
        """Return the badge of a row."""
        status = row.status
        units_left = row.supply.sellable if status == LIMITED else None
        return {
            "sku": row.sku,
            "product_id": row.variant.product_id,
            "status": status,
            "label": self.wording.label(language, status, units_left),
            "units_left": units_left,
            **_expected(row, today, wanted=status not in BUYABLE),
            "actions": _actions(status, waits=row.awaited),
            "as_of": row.as_of or None,
        }

    def _of_product(self, product: Product, language: str) -> "BadgeShown":
        status = product.status
        return {
            "sku": None,
            "product_id": product.product_id,
            "status": status,
            "label": self.wording.label(language, status, None),
            "units_left": None,
            **UNEXPECTED,
            "actions": _actions(status, waits=product.is_awaited),
            "as_of": product.as_of or None,
        }

    def _line(self, row: Row, quantity: int, units: int, language: str, today: str) -> "LineChecked":
        status = row.status
        return {
            "sku": row.sku,
            "product_id": row.variant.product_id,
            "quantity": quantity,
            "can_be_had": units == quantity,
            "in_store": bool(row.supply.stores),
            "units": units,
            "alternatives": [],
            "status": status,
            "label": self.wording.label(language, status, row.supply.sellable if status == LIMITED else None),
            **_expected(row, today, wanted=units < quantity),
            "as_of": row.as_of or None,
        }


def _actions(status: Status | None, *, waits: bool) -> "list[Action]":
    """Return what somebody can do. Who cannot come to the store may wait until it can be bought online."""
    if status in BUYABLE:
        return BUY
    return (COLLECT if status == IN_STORE_ONLY else NOTHING) + (WAIT if waits else NOTHING)


def _expected(row: Row, today: str, *, wanted: bool) -> "Expected":
    """Return when more is expected, where that is wanted; nothing that does not come back is."""
    day = row.back_on(today) if wanted and not row.variant.discontinued else None
    return UNEXPECTED if day is None else {"back_on": day, "back_on_firm": row.firm(today)}


def _ranked(asked: Sequence[str], known: Mapping[str, bool]) -> "Ranked":
    """Put what cannot be had at the end. What stores have, and what nobody knows, stays where the shop put it."""
    return {"items": sorted(asked, key=lambda name: not known.get(name, True)), "next": None}


def _looked(picture: Picture) -> "Step":
    """Return what is known of the picture of a SKU's product, which matters where alternatives are sought by looks."""
    return {
        "at": picture.at,
        "event": "ProductChanged",
        "rule": PICTURE_RULES[picture.state],
        "numbers": {
            "product_id": picture.product_id,
            "edition": picture.edition,
            "image": picture.address,
            "tries": picture.tries,
            "reason": picture.reason or None,
        },
    }


def _steps(row: Row, picture: Picture | None) -> "list[Step]":
    supply, variant, status = row.supply, row.variant, row.status
    steps: list[Step] = [] if picture is None else [_looked(picture)]
    if supply.revision:
        steps.append(
            {
                "at": row.of_supply.at,
                "event": row.of_supply.event,
                "rule": "the ledger's numbers, read when this event was heard",
                "numbers": {
                    "revision": supply.revision,
                    "sellable": supply.sellable,
                    "low_stock": supply.low_stock,
                    "incoming": supply.incoming,
                    "arrivals": list(supply.arrivals),
                    "too_little": supply.too_little,
                    "overdue": supply.overdue,
                    "in_store": supply.in_store,
                    "stores": dict(supply.stores),
                    "as_of": supply.as_of,
                },
            }
        )
    if variant.edition:
        steps.append(
            {
                "at": row.of_variant.at,
                "event": row.of_variant.event,
                "rule": "the catalogue's word with the highest edition",
                "numbers": {
                    "edition": variant.edition,
                    "product_id": variant.product_id,
                    "discontinued": variant.discontinued,
                },
            }
        )
    steps.sort(key=lambda step: step["at"])
    numbers = {"status": status, "sellable": supply.sellable, "edition": row.edition}
    return [*steps, {"at": row.as_of, "event": "badge", "rule": RULES[status], "numbers": numbers}]
