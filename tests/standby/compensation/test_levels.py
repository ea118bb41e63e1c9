"""Each level counts by itself: what of a rule does not fit an order costs it nothing of the rest."""

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import (
    FEE,
    TWO_LEVELS,
    Remedied,
    choice,
    eur,
    percent,
    rule,
    shipping,
    voucher,
)

pytestmark = pytest.mark.promise("P6", "P10")

FEE_LATER = {**FEE, "days_late": 5}
FREE = {"delivery_fee": eur(0)}


def ana(shop: Shop, *rules: dict[str, object]) -> Remedied:
    """Return a shop with some rules."""
    made = Remedied(shop)
    made.sets(*rules)
    return made


@pytest.mark.parametrize("days", [3, 9], ids=["before the level of the fee", "from it on"])
def test_an_order_with_free_delivery_is_given_what_a_level_without_the_fee_gives(shop: Shop, days: int) -> None:
    made = ana(shop, rule(voucher(2, 500), FEE_LATER))
    made.places(**FREE)
    made.late(days=days)
    assert made.granted() == [("voucher", 500)], made.why()


def test_an_order_with_free_delivery_may_choose_what_else_there_is(shop: Shop) -> None:
    made = ana(shop, rule(choice(2, FEE, voucher(2, 500), shipping(2, 600))))
    made.places(**FREE)
    made.late(days=3)
    (grant,) = made.of().grants
    assert [option.kind for option in grant.options] == ["voucher", "free_shipping"]


def test_of_a_choice_of_which_one_is_left_that_one_is_given(shop: Shop) -> None:
    made = ana(shop, rule(choice(2, FEE, voucher(2, 500))))
    made.places(**FREE)
    made.late(days=3)
    assert made.granted() == [("voucher", 500)], made.why()


def test_a_second_shipment_is_given_its_level_though_the_fee_went_back_for_the_first(shop: Shop) -> None:
    made = ana(shop, rule({**FEE, "days_late": 2}, voucher(5, 1_500)))
    made.places(skus=("LAMP", "DESK"))
    made.late(days=3, shipment_id="A")
    made.late(days=3, shipment_id="B")
    assert [(each.why, each.level) for each in made.of().refusals] == [("level_not_reached", 5)]
    made.late(days=9, shipment_id="B")
    given = [(each.kind, each.amount) for each in made.of().grants if each.shipment_id == "B"]
    assert given == [("voucher", 1_500)], made.why()


def test_a_person_calls_whom_a_level_says_though_delivery_was_free(shop: Shop) -> None:
    made = ana(shop, rule({**FEE_LATER, "call": True}))
    made.places(**FREE)
    made.late(days=9)
    assert (len(made.heard("CallTaskOpened")), made.why()) == (1, ["call"])


def test_an_order_without_prices_may_choose_what_is_fixed(shop: Shop) -> None:
    made = ana(shop, rule(choice(2, percent(2, 10, 800), voucher(2, 500))))
    made.places(lines=[{"line_id": "1", "sku": "LAMP", "quantity": 1}])
    made.late(days=3)
    assert made.granted() == [("voucher", 500)], made.why()


def test_a_rule_of_which_nothing_fits_leaves_the_order_to_the_next(shop: Shop) -> None:
    made = ana(shop, rule({**FEE, "call": True}, name="fee"), TWO_LEVELS)
    made.places(**FREE)
    made.late(days=3)
    assert made.granted() == [("voucher", 500)], made.why()


def test_a_rule_in_another_currency_leaves_the_order_to_the_next_though_it_gives_a_fee_back(shop: Shop) -> None:
    other = {"days_late": 1, "remedy": {"kind": "voucher", "amount": {"amount": 700, "currency": "USD"}}}
    made = Remedied(shop)
    made.sets(
        rule(other, FEE_LATER, name="usd"), TWO_LEVELS, monthly_budget=[eur(9_000), {"amount": 1, "currency": "USD"}]
    )
    made.places()
    made.late(days=3)
    assert made.granted() == [("voucher", 500)], made.why()
