"""A line is made good for once, however often its ERP moves it to another shipment, and never above what was paid."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.agent import agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import (
    FEE,
    ONE_OF_THREE,
    TWO_LEVELS,
    Remedied,
    document,
    eur,
    remedied,
    rule,
    voucher,
)

pytestmark = pytest.mark.promise("P6")

ANA = {"locale": "en", "email": "ana@example.org"}


def says(ana: Remedied, *shipments: str, until: int = 2, more: tuple[dict[str, Any], ...] = ()) -> None:
    """Say an order whose line comes in shipments, with other lines beside it."""
    said = ana.order(until)
    named = [{"shipment_id": name, "promised_until": ana.day(until), "line_ids": ["1"]} for name in shipments]
    ana.tells("placed", "O", **{**said, "lines": [*said["lines"], *more], "shipments": named}, customer=ANA)


def total(ana: Remedied) -> int:
    return sum(amount for _, amount in ana.granted())


def test_a_line_that_moves_to_other_shipments_again_and_again_is_made_good_once(shop: Shop) -> None:
    ana = remedied(shop)
    ana.places()
    ana.tells("eta", "O", eta=ana.day(8), cause="carrier")
    for number, name in enumerate("CDEFG"):
        says(ana, name, until=9 + number)
    assert (total(ana), ana.spent()) == (1_500, 1_500)


def renumbered(ana: Remedied, plan: str, lines: dict[str, str], *, until: int, skus: Sequence[str] = ("LAMP",)) -> None:
    """Say an order of which each line has another number, and comes in a shipment of its own that the plan names."""
    said = ana.order(until, skus=tuple(skus))
    goods = {line["sku"]: line for line in said["lines"]}
    named = [
        {"shipment_id": f"{plan}-{line_id}", "promised_until": ana.day(until), "line_ids": [line_id]}
        for line_id in lines
    ]
    made = [{**goods[sku], "line_id": line_id} for line_id, sku in lines.items()]
    ana.tells("placed", "O", **{**said, "lines": made, "shipments": named}, customer=ANA)


def test_a_line_that_gets_other_numbers_as_it_moves_is_made_good_once(shop: Shop) -> None:
    ana = remedied(shop)
    ana.places()
    ana.tells("eta", "O", eta=ana.day(8), cause="carrier")
    for number, line_id in enumerate(("10", "20", "X-1", "10")):
        renumbered(ana, f"plan-{number}", {line_id: "LAMP"}, until=9 + number)
    assert (total(ana), ana.spent()) == (1_500, 1_500)


def test_a_line_that_gets_the_number_of_one_that_was_made_good_is_made_good_itself(shop: Shop) -> None:
    """The first line goes away, and the others move up by one, in shipments of other names."""
    skus = ("LAMP", "SHADE", "BULB")
    ana = remedied(shop)
    ana.places(skus=skus)
    ana.tells("eta", "O", eta=ana.day(8), cause="carrier", shipment_id="A")
    assert total(ana) == 1_500
    shop.world.wait(minutes=5)  # its customer is told, and keeps it
    ana.tells("cancelled", "O", line_ids=["1"])
    renumbered(ana, "new", {"1": "SHADE", "2": "BULB"}, until=2, skus=skus)
    ana.tells("eta", "O", eta=ana.day(8), cause="carrier", shipment_id="new-1")
    assert total(ana) == 3_000
    renumbered(ana, "newer", {"5": "SHADE", "1": "BULB"}, until=2, skus=skus)
    ana.tells("eta", "O", eta=ana.day(9), cause="carrier")
    assert total(ana) == 4_500


def test_a_choice_ends_as_its_line_is_cancelled_by_another_number(shop: Shop) -> None:
    ana, skus = Chooser(shop), ("LAMP", "SHADE")
    ana.sets(rule(ONE_OF_THREE))
    ana.places(skus=skus)
    ana.tells("eta", "O", eta=ana.day(5), cause="carrier", shipment_id="A")
    renumbered(ana, "new", {"10": "LAMP", "20": "SHADE"}, until=2, skus=skus)
    ana.tells("cancelled", "O", line_ids=["20"])
    assert [grant.outcome for grant in ana.of().grants] == [None]
    ana.tells("cancelled", "O", line_ids=["10"])
    assert [grant.outcome for grant in ana.of().grants] == ["cancelled"]


def test_a_choice_stays_as_another_line_is_cancelled_that_has_its_number_now(shop: Shop) -> None:
    ana, skus = Chooser(shop), ("LAMP", "SHADE", "BULB")
    ana.sets(rule(ONE_OF_THREE))
    ana.places(skus=skus)
    ana.tells("eta", "O", eta=ana.day(5), cause="carrier", shipment_id="A")
    renumbered(ana, "new", {"10": "LAMP", "1": "SHADE", "3": "BULB"}, until=2, skus=skus)
    ana.tells("cancelled", "O", line_ids=["1"])
    assert [grant.outcome for grant in ana.of().grants] == [None]


def test_nor_is_its_customer_called_again_for_the_same_level(shop: Shop) -> None:
    ana = remedied(shop)
    ana.sets(rule({"days_late": 5, "call": True}))
    ana.places()
    ana.tells("eta", "O", eta=ana.day(8), cause="carrier")
    for number, name in enumerate("CD"):
        ana.days_pass(1)
        says(ana, name, until=9 + number)
    assert len(ana.heard("CallTaskOpened")) == len(ana.of().calls) == 1


def test_what_was_not_chosen_yet_moves_with_its_line(shop: Shop) -> None:
    ana = Chooser(shop)
    ana.sets(rule(ONE_OF_THREE))
    ana.places()
    ana.tells("eta", "O", eta=ana.day(8), cause="carrier")
    says(ana, "C", until=9)
    assert len([grant for grant in ana.of().grants if grant.open]) == 1


def test_a_line_in_two_shipments_is_worth_what_was_paid_for_it_once(shop: Shop) -> None:
    ana = remedied(shop)
    ana.sets(rule(voucher(1, 100_000)))
    says(ana, "A", "B")
    ana.late(days=3)
    assert total(ana) == 4_000


def test_a_discount_that_is_a_line_of_its_own_was_not_paid(shop: Shop) -> None:
    ana = remedied(shop)
    ana.sets(rule(voucher(1, 100_000)))
    says(ana, "A", more=({"line_id": "9", "sku": "COUPON", "quantity": 1, "unit_price": eur(-3_000)},))
    ana.late(days=3)
    assert total(ana) == 1_000


def test_a_gift_that_is_denied_leaves_the_customer_what_the_policy_gives(shop: Shop) -> None:
    dana = agent(shop)
    dana.sets(TWO_LEVELS, approval_above=[eur(1_000)])
    dana.places()
    dana.gives(remedy={"kind": "voucher", "amount": eur(1_100)})
    dana.late(days=3)
    for _ in range(2):
        dana.decides("deny", remedy_id=dana.of().grants[0].grant_id)
        shop.world.send("CompensationRecords", {"sweep": "due"})
        shop.world.settle()
    assert (dana.granted(), dana.spent()) == ([("voucher", 0), ("voucher", 500)], 500)


@pytest.mark.parametrize("what", [{"rule": None}, {"rule": None, "remedy": None}], ids=["null", "nulls"])
def test_a_gift_says_what_it_is(shop: Shop, what: dict[str, Any]) -> None:
    dana = agent(shop)
    dana.places()
    dana.late(days=3)
    assert dana.gives(**what)[0] == 400


def test_no_budget_ends_that_the_policy_does_not_have(shop: Shop) -> None:
    ana = remedied(shop)
    ana.sets(rule(FEE))
    said = ana.order(2) | {"delivery_fee": {"amount": 4_900, "currency": "ILS"}}
    ana.tells("placed", "O", **said, customer=ANA)
    ana.late(days=3)
    assert (ana.granted(), ana.why(), ana.heard("BudgetEnded")) == ([], ["budget"], [])


@pytest.mark.parametrize("country", ["il", "IL ", "ISR", "Israel", "ישראל"], ids=["small", "blank", "3", "en", "he"])
def test_a_country_that_is_no_code_is_the_shops_own(shop: Shop, country: str) -> None:
    ana = remedied(shop)
    ana.places(ship_to={"country": country})
    ana.late(days=3)
    assert (ana.granted(), ana.brought()) == ([("voucher", 500)], [])


def test_a_policy_is_no_larger_than_an_item(shop: Shop) -> None:
    dana = agent(shop)
    many = [f"{number:03}{'x' * 190}" for number in range(100)]
    said = document(*(rule(voucher(1, 500), name=f"r{number}", categories=many) for number in range(20)))
    status, answer = dana.asks("PUT /v1/policy", scopes="ops", body=said)
    assert (status, "more than 300,000 bytes" in str(answer)) == (400, True)


def test_a_budget_that_ends_again_after_it_was_raised_is_told_again(shop: Shop) -> None:
    ana = remedied(shop)
    for number, budget in enumerate((600, 600, 1_100, 1_100)):
        ana.sets(TWO_LEVELS, budget=budget)
        ana.places(f"O-{number}", email=f"customer.{number}@example.org")
        ana.late(f"O-{number}", days=3)
    assert [event["budget"] for event in ana.heard("BudgetEnded")] == [600, 1_100]


def test_a_delay_beyond_the_calendar_is_set_aside_with_its_reason(shop: Shop) -> None:
    ana = remedied(shop)
    ana.places()
    ana.late(days=3)
    told = ana.heard("DelayDetected")[-1]
    ana.hears("DelayDetected", **{**told, "id": "far", "promised_until": "9999-12-30", "days_late": 9, "edition": 99})
    (letter,) = ana.shop.world.queues["CompensationDeadLetters"]
    assert "the calendar is over" in letter.attributes["reason"]
