"""What shoppers ask: badges, whether a cart can still be had, and listings with what is sold out at their end."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from standby.availability.wording import Wording
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.shelf.ahead_model import AHEAD
from standby.shelf.model import (
    BUYABLE,
    IN_STORE_ONLY,
    LIMITED,
    RULES,
    TO_BE_HAD,
    Product,
    Row,
    Status,
    earliest,
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
PREORDER: "list[Action]" = ["preorder"]
COLLECT: "list[Action]" = ["collect"]
NOTHING: "list[Action]" = []
PICTURE_RULES: Mapping[State, str] = {
    AWAITED: "the product's picture is yet to be looked at, so nothing is known to look like it",
    SEEN: "the product's picture was looked at: products that look alike are found where words give no alternatives",
    LEFT: "the product's picture was not seen, so nothing is known to look like it",
}
UNEXPECTED: "Expected" = {"back_on": None, "back_on_firm": None, "release_on": None}


class Moment(NamedTuple):
    """When something is asked."""

    at: str
    """The instant, by which campaigns open and close."""
    today: str
    """The day in the shop."""


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
        rows, moment = self.shelf.rows(skus), self.moment()
        return {"items": [self.of_row(rows.get(sku) or Row(sku=sku), language, moment) for sku in skus], "next": None}

    def of_products(self, product_ids: Sequence[str], language: str) -> "BadgeList":
        """Return the badges of products, in the order asked."""
        found, at = self.shelf.products(product_ids), self.moment().at
        products = [found.get(product_id) or Product(product_id=product_id) for product_id in product_ids]
        return {"items": [self._of_product(product, language, at) for product in products], "next": None}

    def check(self, lines: Sequence[tuple[str, int]], language: str) -> "CartChecked":
        """Return for each line of a cart whether it can be had. What lines above take is gone for those below."""
        rows, moment = self.shelf.rows([sku for sku, _ in lines]), self.moment()
        left = {sku: _orderable(row, moment.at) for sku, row in rows.items()}
        checked = []
        for sku, quantity in lines:
            units = min(quantity, left.get(sku, 0))
            left[sku] = left.get(sku, 0) - units
            checked.append(self._line(rows.get(sku) or Row(sku=sku), quantity, units, language, moment))
        return {"can_be_had": all(line["can_be_had"] for line in checked), "lines": checked}

    def rank_skus(self, skus: Sequence[str]) -> "Ranked":
        """Return SKUs with those at the end that cannot be had; both groups keep the order in which they came."""
        rows, at = self.shelf.rows(skus), self.moment().at
        found = {sku: row.status_at(at) for sku, row in rows.items()}
        return _ranked(skus, {sku: status in TO_BE_HAD for sku, status in found.items() if status is not None})

    def rank_products(self, product_ids: Sequence[str]) -> "Ranked":
        """Return products with those at the end of which nothing can be had; both groups keep their order."""
        found, at = self.shelf.products(product_ids), self.moment().at
        return _ranked(product_ids, {each: product.status_at(at) in TO_BE_HAD for each, product in found.items()})

    def why(self, sku: str) -> "BadgeExplained | None":
        """Return by which rule and numbers a SKU's badge says what it says, ``None`` for a SKU on no shelf."""
        row = self.shelf.rows([sku]).get(sku)
        if row is None:
            return None
        owner = row.variant.product_id
        picture = None if owner is None else self.shelf.pictures([owner]).get(owner)
        return {"subject": sku, "steps": _steps(row, picture, self.moment().at)}

    def moment(self) -> Moment:
        """Return the instant, and the day in the shop."""
        now = self.clock.now()
        return Moment(to_text(now), now.astimezone(self.zone).date().isoformat())

    def of_row(self, row: Row, language: str, moment: Moment) -> "BadgeShown":
        """Return the badge of a row."""
        status = row.status_at(moment.at)
        units_left = _few(row, status)
        return {
            "sku": row.sku,
            "product_id": row.variant.product_id,
            "status": status,
            "label": self.wording.label(language, status, units_left),
            "units_left": units_left,
            **_expected(row, status, moment.today, wanted=status not in BUYABLE),
            "actions": _actions(status, waits=row.awaited),
            "as_of": row.as_of or None,
        }

    def _of_product(self, product: Product, language: str, at: str) -> "BadgeShown":
        status = product.status_at(at)
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

    def _line(self, row: Row, quantity: int, units: int, language: str, moment: Moment) -> "LineChecked":
        status = row.status_at(moment.at)
        return {
            "sku": row.sku,
            "product_id": row.variant.product_id,
            "quantity": quantity,
            "can_be_had": units == quantity,
            "preorder": status in AHEAD,
            "in_store": bool(row.supply.stores),
            "units": units,
            "alternatives": [],
            "status": status,
            "label": self.wording.label(language, status, _few(row, status)),
            **_expected(row, status, moment.today, wanted=units < quantity or status in AHEAD),
            "as_of": row.as_of or None,
        }


def _actions(status: Status | None, *, waits: bool) -> "list[Action]":
    """Return what somebody can do. Who cannot come to the store, or does not pay ahead, may wait until it is there."""
    if status in BUYABLE:
        return BUY
    first = PREORDER if status in AHEAD else COLLECT if status == IN_STORE_ONLY else NOTHING
    return first + (WAIT if waits else NOTHING)


def _few(row: Row, status: Status | None) -> int | None:
    """Return how many units are left, where they are few."""
    if status in AHEAD:
        return row.ahead if row.ahead <= row.supply.low_stock else None
    return row.supply.sellable if status == LIMITED else None


def _orderable(row: Row, at: str) -> int:
    """Return how many units of a row one customer can order now, from stock or ahead."""
    if row.status_at(at) not in AHEAD:
        return row.supply.sellable
    limit = row.campaign.limit
    return row.ahead if limit is None else min(row.ahead, limit)


def _expected(row: Row, status: Status | None, today: str, *, wanted: bool) -> "Expected":
    """Return when more is expected, where that is wanted; nothing that does not come back is.

    What is ordered ahead is there by the last day that the shop promises for it, if that is not over.
    """
    if status in AHEAD:
        until = earliest([row.campaign.promised_until], today)
        firm = None if until is None else row.firm(today)
        return {"back_on": until, "back_on_firm": firm, "release_on": row.campaign.release_on}
    day = row.back_on(today) if wanted and not row.variant.discontinued else None
    return UNEXPECTED if day is None else {**UNEXPECTED, "back_on": day, "back_on_firm": row.firm(today)}


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


def _sold_ahead(row: Row) -> "Step":
    """Return what pre-orders say of a SKU."""
    said = row.campaign
    return {
        "at": row.of_campaign.at,
        "event": row.of_campaign.event,
        "rule": "pre-orders' word with the highest edition; it opens and closes by the clock",
        "numbers": {
            "edition": said.edition,
            "status": said.status,
            "opens_at": said.opens_at,
            "closes_at": said.closes_at or None,
            "early_opens_at": said.early_opens_at or None,
            "release_on": said.release_on,
            "remaining": said.remaining,
            "can_be_ordered": row.ahead,
        },
    }


def _steps(row: Row, picture: Picture | None, at: str) -> "list[Step]":
    supply, variant, status = row.supply, row.variant, row.status_at(at)
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
                    "missing": supply.missing,
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
    if row.campaign.edition:
        steps.append(_sold_ahead(row))
    steps.sort(key=lambda step: step["at"])
    numbers = {"status": status, "sellable": supply.sellable, "edition": row.edition}
    return [*steps, {"at": row.as_of, "event": "badge", "rule": RULES[status], "numbers": numbers}]
