"""A delivery fee that is given back for a delay: the order owes it, once, whatever else goes back of it."""

from typing import Any

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import FEE, Remedied, eur, rule
from tests.standby.delivery.test_refunds import cancels, fees, left, looked_up, why, withdraws
from tests.standby.delivery.track import Customer
from tests.world import World

pytestmark = pytest.mark.promise("P6", "P7", "P10")
BOTH, PRICES = 490, 4_000


class Ana(Remedied, Customer):
    """A customer of a shop that gives the delivery fee back for a delay."""


@pytest.fixture
def ana(world: World) -> Ana:
    made = Ana(Shop(world))
    made.sets(rule(FEE))
    made.places(payment_status="paid")
    return made


def gives(ana: Ana, amount: int = BOTH, grant_id: str = "g-1") -> None:
    """Let delivery hear that a fee is given back."""
    event = {"id": f"{grant_id}#fee", "at": ana.now(), "order_id": "O", "refund_due_id": grant_id}
    ana.shop.world.send(
        "DeliveryRecords", {"detail-type": "DeliveryFeeGiven", "detail": {**event, "amount": eur(amount)}}
    )
    ana.shop.world.settle()
    ana.shop.world.clock.advance(seconds=1)


def asked(ana: Ana) -> int:
    """Return how much of fees all were asked to pay back."""
    return sum(fee["amount"] for fee in fees(ana) if fee is not None)


def test_the_order_owes_the_fee_until_it_is_paid_by_its_id(ana: Ana) -> None:
    ana.late(days=2)
    (due,) = ana.heard("RefundDue")
    assert (due["amount"], due["delivery_fee"], due["reason"], due["lines"]) == (eur(BOTH), eur(BOTH), "delay", [])
    (shown,) = looked_up(ana)["refunds_due"]
    assert (shown["refund_due_id"], shown["left"], shown["due_by"]) == (due["refund_due_id"], eur(BOTH), ana.day(14))
    assert [step["rule"] for step in why(ana, "RefundDue")] == ["the_delivery_fee_is_given_back_for_a_delay"]
    ana.tells("refunded", amount=eur(BOTH), refund_due_id=due["refund_due_id"])
    assert left(ana) == []


def test_one_that_is_not_paid_rings_once(ana: Ana) -> None:
    ana.late(days=2)
    ana.days_pass(15)
    assert [each.rung for each in OrderRepository("Delivery").order("O").refunds_due] == [True]


@pytest.mark.parametrize("gives_up", [cancels, withdraws])
def test_who_was_given_the_fee_and_gives_the_order_up_is_owed_the_rest(ana: Ana, gives_up: Any) -> None:
    ana.late(days=2)
    gives_up(ana)
    ana.tells("cancelled")
    assert (fees(ana), left(ana)) == ([eur(BOTH), None], [BOTH, PRICES])


def test_who_was_given_a_part_of_the_fee_is_owed_the_other_part_once_the_order_is_given_up(ana: Ana) -> None:
    ana.sets(rule(FEE), per_order=[eur(300)])
    ana.late(days=2)
    withdraws(ana)
    ana.tells("cancelled")
    assert (fees(ana), left(ana)) == ([eur(300), eur(190)], [300, PRICES + 190])


def test_what_is_given_after_the_whole_order_was_given_up_is_owed_once(ana: Ana) -> None:
    ana.sets()
    ana.late(days=2)
    withdraws(ana)
    ana.tells("cancelled")
    for _ in range(2):
        gives(ana)
    assert (fees(ana), left(ana)) == ([eur(BOTH)], [PRICES + BOTH])


def test_what_is_given_after_the_erp_cancelled_all_by_itself_is_its_own_to_pay(ana: Ana) -> None:
    ana.tells("cancelled")
    gives(ana)
    assert (fees(ana), left(ana)) == ([], [])


def test_what_was_given_too_late_is_owed_once_the_order_comes_after_all(ana: Ana) -> None:
    ana.sets()
    ana.late(days=2)
    withdraws(ana)
    ana.tells("cancelled")
    gives(ana)
    ana.tells("shipped")
    assert left(ana) == [BOTH]
    ana.tells("cancelled")
    assert sum(amount or 0 for amount in left(ana)) <= PRICES + BOTH
    assert OrderRepository("Delivery").order("O").refunds_due


def test_two_parts_of_a_fee_are_never_more_than_the_fee(ana: Ana) -> None:
    gives(ana, 300, "g-1")
    gives(ana, 300, "g-2")
    assert (asked(ana), left(ana)) == (BOTH, [300, 190])


def test_an_order_that_was_not_paid_is_owed_nothing_until_it_is(world: World) -> None:
    ana = Ana(Shop(world))
    ana.places(payment_status="pending")
    gives(ana)
    assert left(ana) == []
    ana.places(payment_status="paid")
    assert left(ana) == [BOTH]
