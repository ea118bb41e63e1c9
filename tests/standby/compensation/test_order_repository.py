"""What compensation reads of orders is what delivery's own repository keeps of them."""

from typing import Any

import pytest
from standby.compensation.model import Remedies
from standby.compensation.order_repository import OrderReader
from standby.compensation.ordered import Line, Ordered

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import Remedied, eur


def read(made: Remedied, order_id: str = "O") -> Ordered | None:
    return OrderReader("Delivery", made.shop.world.dynamodb).order(order_id)


def known(made: Remedied) -> Ordered:
    found = read(made)
    assert found is not None
    return found


def test_an_order_is_read_with_its_customer_its_lines_and_its_shipments(shop: Shop) -> None:
    made = Remedied(shop)
    made.places(skus=("LAMP", "SHADE"), customer={"tier": "gold"}, channel="web")
    found = known(made)
    assert found.customer == {"email": "ana@example.org", "locale": "en", "tier": "gold"}
    assert found.lines == {"1": Line(2, 2_000, "EUR"), "2": Line(2, 2_000, "EUR")}
    assert found.shipments == {"A": {"1"}, "B": {"2"}}
    assert (found.country, found.gone) == ("DE", frozenset())


def test_an_order_that_is_kept_compressed_is_read_the_same(shop: Shop) -> None:
    made = Remedied(shop)
    many = {
        "lines": [{"line_id": f"L-{n}", "sku": f"SKU-{n}", "quantity": 1, "unit_price": eur(n)} for n in range(400)],
        "shipments": [{"shipment_id": "A", "promised_until": made.day(2), "line_ids": ["L-7"]}],
    }
    made.tells("placed", **many)
    (kept,) = (item for item in shop.world.memory.tables["Delivery"].every() if item["pk"] == {"S": "ORDER#O"})
    assert "packed" in kept
    assert (len(known(made).lines), known(made).shipments) == (400, {"A": {"L-7"}})


@pytest.mark.parametrize(
    ("kind", "which"),
    [
        ("cancelled", {"line_ids": ["1"]}),
        ("cancelled", {"shipment_id": "A"}),
        ("returned", {"line_ids": ["1"]}),
        ("returned", {"shipment_id": "A"}),
    ],
    ids=["lines cancelled", "shipment cancelled", "lines returned", "shipment returned"],
)
def test_lines_that_were_cancelled_or_came_back_are_gone(shop: Shop, kind: str, which: Any) -> None:
    made = Remedied(shop)
    made.places(skus=("LAMP", "SHADE"))
    made.tells(kind, occurred_at=made.now(), **which)
    assert known(made).gone == {"1"}


@pytest.mark.parametrize("kind", ["cancelled", "returned"])
def test_of_a_whole_order_all_lines_are_gone(shop: Shop, kind: str) -> None:
    made = Remedied(shop)
    made.places(skus=("LAMP", "SHADE"))
    made.tells(kind, occurred_at=made.now())
    assert known(made).gone == {"1", "2"}


def test_an_order_of_which_only_other_words_came_is_none(shop: Shop) -> None:
    made = Remedied(shop)
    made.tells("eta", eta=made.day(3))
    assert read(made) is None
    assert read(made, "NOBODY") is None


def test_the_value_of_an_order_is_known_only_where_all_its_lines_have_prices_in_one_currency(shop: Shop) -> None:
    made = Remedied(shop)
    made.places(skus=("LAMP", "SHADE"))
    late = Remedies(order_id="O").delayed(
        "A",
        promised=shop.today(),
        days_late=3,
        confirmed=True,
        edition=1,
        cause=None,
        policy=None,
    )
    case = known(made).case("A", late.late["A"], late)
    assert (case.order_value, case.late_value, case.currency, case.fee) == (8_000, 4_000, "EUR", 490)
    lines = made.order(2, skus=("LAMP", "SHADE"))["lines"]
    del lines[1]["unit_price"]
    made.places(skus=("LAMP", "SHADE"), lines=lines)
    case = known(made).case("A", late.late["A"], late)
    assert (case.order_value, case.currency, case.late_value) == (None, None, None)
