"""Money that customers are owed for what they gave up: once, as much as it cost, until it is paid."""

from collections.abc import Mapping
from typing import Any

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.test_proof import asked, lines
from tests.standby.delivery.track import AMERICA, ANA, EUROPE, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P7", "P10")
PRICE = 4_900
FEE = {"amount": 500, "currency": "USD"}


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def order(ana: Customer, units: Mapping[str, int], **more: Any) -> dict[str, Any]:
    """Return an order of so many units of each line, each with an article and a shipment of its own."""
    return {
        "order_number": "10234",
        "lines": [
            {"line_id": line_id, "sku": f"S-{line_id}", "quantity": quantity, "unit_price": usd(PRICE)}
            for line_id, quantity in units.items()
        ],
        "shipments": [
            {"shipment_id": f"P{line_id}", "promised_until": ana.day(4), "line_ids": [line_id]} for line_id in units
        ],
        "payment_status": "paid",
        "ship_to": EUROPE,
        "customer": {"locale": "en", "email": ANA},
        **more,
    }


def says(ana: Customer, units: Mapping[str, int], **more: Any) -> None:
    """Let the ERP say the whole order."""
    ana.tells("placed", **order(ana, units, **more))


def is_late(ana: Customer, units: Mapping[str, int], *late: str, **more: Any) -> None:
    """Let an order be placed of which some lines are late."""
    says(ana, units, **more)
    for line_id in late or units:
        ana.tells("eta", shipment_id=f"P{line_id}", eta=ana.day(9))


def cancels(ana: Customer) -> None:
    """Cancel all that is late, by a code."""
    ana.shop.world.clock.advance(minutes=2)
    ana.does("cancel")
    assert ana.does("cancel", {"code": ana.codes()[-1]})[0] == 200


def withdraws(ana: Customer) -> None:
    assert ana.does("withdraw", {"confirm": True})[0] == 200


def is_silent(ana: Customer) -> None:
    """Say nothing until silence cancels."""
    while not ana.heard("CancellationRequested"):
        ana.days_pass(1)


def asks(ana: Customer) -> list[tuple[int | None, dict[str, int]]]:
    """Return the amount and the units of each line that the ERP was asked to pay back."""
    return [
        (due["amount"]["amount"] if due.get("amount") else None, {e["line_id"]: e["quantity"] for e in due["lines"]})
        for due in ana.heard("RefundDue")
    ]


def looked_up(ana: Customer) -> Any:
    return ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="ops")[1]


def left(ana: Customer) -> list[int | None]:
    """Return what is still to be paid of each debt; ``None``: nobody knows how much."""
    return [None if due["left"] is None else due["left"]["amount"] for due in looked_up(ana)["refunds_due"]]


def why(ana: Customer, event: str) -> list[Any]:
    found = ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O/why", scopes="ops")[1]["steps"]
    return [step for step in found if step["event"] == event]


# ---- however the ERP carries it out ----


def drops(ana: Customer) -> None:
    says(ana, {"2": 1})


def zeroes(ana: Customer) -> None:
    says(ana, {"1": 0, "2": 1})


def drops_step_by_step(ana: Customer) -> None:
    says(ana, {"1": 1, "2": 1})
    says(ana, {"2": 1})


def drops_and_ships_the_rest(ana: Customer) -> None:
    drops(ana)
    ana.tells("shipped")
    drops(ana)


def says_that_it_paid_back(ana: Customer) -> None:
    says(ana, {"2": 1}, payment_status="partially_refunded")


WAYS = [drops, zeroes, drops_step_by_step, drops_and_ships_the_rest, says_that_it_paid_back]


@pytest.mark.parametrize("carries_out", WAYS)
@pytest.mark.parametrize("gives_up", [cancels, is_silent])
def test_what_was_given_up_is_owed_however_the_erp_carries_it_out(
    ana: Customer, gives_up: Any, carries_out: Any
) -> None:
    to = AMERICA if gives_up is is_silent else EUROPE
    says(ana, {"1": 2, "2": 1}, ship_to=to, shipments=[{**_leaves(ana), "line_ids": ["1"]}])
    ana.tells("eta", shipment_id="P1", eta=ana.day(60))
    gives_up(ana)
    assert asks(ana) == []
    carries_out(ana)
    carries_out(ana)
    assert sum(amount or 0 for amount, _ in asks(ana)) == 2 * PRICE
    assert sum(units["1"] for _, units in asks(ana)) == 2
    assert {due["reason"] for due in ana.heard("RefundDue")} == {"silence" if to is AMERICA else "customer"}


def _leaves(ana: Customer) -> dict[str, Any]:
    return {"shipment_id": "P1", "ship_by": ana.day(1), "promised_until": ana.day(4)}


def test_what_was_withdrawn_from_and_dropped_is_owed(ana: Customer) -> None:
    is_late(ana, {"1": 2, "2": 1}, "1")
    withdraws(ana)
    says(ana, {"2": 1})
    assert asks(ana) == [(2 * PRICE, {"1": 2})]
    says(ana, {"3": 1})
    assert asks(ana) == [(2 * PRICE, {"1": 2}), (PRICE, {"2": 1})]


def test_what_was_given_up_costs_what_it_cost_then(ana: Customer) -> None:
    is_late(ana, {"1": 2, "2": 1}, "1")
    cancels(ana)
    dearer = order(ana, {"1": 1, "2": 1})
    dearer["lines"][0]["unit_price"] = usd(9_000)
    ana.tells("placed", **dearer)
    says(ana, {"2": 1})
    assert sum(amount or 0 for amount, _ in asks(ana)) == 2 * PRICE


def test_the_same_line_by_another_number_still_comes(ana: Customer) -> None:
    is_late(ana, {"1": 2, "2": 1}, "1")
    cancels(ana)
    renamed = order(ana, {"1": 2, "2": 1})
    renamed["lines"][0]["line_id"], renamed["shipments"][0]["line_ids"] = "10", ["10"]
    ana.tells("placed", **renamed)
    assert asks(ana) == []
    says(ana, {"2": 1})
    assert asks(ana) == [(2 * PRICE, {"1": 2})]


def test_what_is_said_to_be_cancelled_by_another_number_is_owed(ana: Customer) -> None:
    is_late(ana, {"1": 2, "2": 1}, "1")
    cancels(ana)
    renamed = order(ana, {"1": 2, "2": 1})
    renamed["lines"][0]["line_id"], renamed["shipments"][0]["line_ids"] = "10", ["10"]
    ana.tells("placed", **renamed)
    ana.tells("cancelled", line_ids=["10"])
    assert asks(ana) == [(2 * PRICE, {"1": 2})]


def test_nothing_is_owed_for_what_the_erp_drops_by_itself(ana: Customer) -> None:
    is_late(ana, {"1": 2, "2": 1}, "1")
    says(ana, {"2": 1})
    says(ana, {"1": 1, "2": 1})
    assert asks(ana) == []


WHICH = [{"line_ids": ["1"]}, {"shipment_id": "P1"}, {}]


@pytest.mark.parametrize("which", WHICH, ids=["line", "shipment", "order"])
def test_what_left_after_all_is_not_owed_whatever_the_erp_sends_then(ana: Customer, which: Any) -> None:
    is_late(ana, {"1": 2, "2": 1}, "1")
    cancels(ana)
    ana.tells("shipped", **which)
    says(ana, {"2": 1})
    assert asks(ana) == []


def test_a_part_that_left_before_its_line_was_taken_out_is_not_owed(ana: Customer) -> None:
    is_late(ana, {"1": 3, "2": 1}, "1")
    cancels(ana)
    says(ana, {"1": 1, "2": 1})
    ana.tells("shipped", shipment_id="P1")
    says(ana, {"2": 1})
    assert (asks(ana), left(ana)) == ([(2 * PRICE, {"1": 2})], [2 * PRICE])


def test_what_is_given_up_twice_under_two_numbers_is_owed_once(ana: Customer) -> None:
    is_late(ana, {"1": 2, "2": 1}, "1")
    cancels(ana)
    ana.shop.world.clock.advance(seconds=1)
    renamed = order(ana, {"1": 2, "2": 1})
    renamed["lines"][0]["line_id"], renamed["shipments"][0]["line_ids"] = "10", ["10"]
    ana.tells("placed", **renamed)
    withdraws(ana)
    says(ana, {"3": 1})
    assert sorted(asks(ana)) == [(PRICE, {"2": 1}), (2 * PRICE, {"1": 2})]


# ---- units ----


@pytest.mark.parametrize("last", ["cancelled", "dropped"])
def test_three_units_that_go_step_by_step_are_owed_once_each(ana: Customer, last: str) -> None:
    is_late(ana, {"1": 3, "2": 1}, "1")
    cancels(ana)
    for _ in range(2):
        says(ana, {"1": 2, "2": 1})
    assert asks(ana) == [(PRICE, {"1": 1})]
    for _ in range(2):
        if last == "cancelled":
            ana.tells("cancelled", shipment_id="P1")
        else:
            says(ana, {"1": 0, "2": 1})
    says(ana, {"1": 3, "2": 1})
    says(ana, {"2": 1})
    assert asks(ana) == [(PRICE, {"1": 1}), (2 * PRICE, {"1": 2})]
    assert sum(amount or 0 for amount in left(ana)) == 3 * PRICE
    assert len({due["id"] for due in ana.heard("RefundDue")}) == 2


def test_what_leaves_of_what_was_given_up_is_not_owed(ana: Customer) -> None:
    is_late(ana, {"1": 3, "2": 1}, "1")
    cancels(ana)
    says(ana, {"1": 1, "2": 1})
    ana.tells("shipped", shipment_id="P1")
    assert (asks(ana), left(ana)) == ([(2 * PRICE, {"1": 2})], [2 * PRICE])


def test_what_the_erp_takes_back_is_owed_no_longer(ana: Customer) -> None:
    is_late(ana, {"1": 3, "2": 1}, "1")
    cancels(ana)
    says(ana, {"2": 1})
    says(ana, {"1": 3, "2": 1})
    assert left(ana) == []
    ana.tells("cancelled", line_ids=["1"])
    assert (asks(ana), left(ana)) == ([(3 * PRICE, {"1": 3})], [3 * PRICE])


def test_a_line_in_two_shipments_is_owed_once_both_are_back(ana: Customer) -> None:
    parts = [{"shipment_id": name, "promised_until": ana.day(4), "line_ids": ["1"]} for name in ("A", "B")]
    says(ana, {"1": 2}, shipments=parts)
    ana.tells("eta", eta=ana.day(9))
    ana.tells("delivered", occurred_at=ana.now())
    withdraws(ana)
    ana.tells("returned", shipment_id="A")
    assert asks(ana) == []
    ana.tells("returned", shipment_id="B")
    assert asks(ana) == [(2 * PRICE, {"1": 2})]


def test_what_was_cancelled_and_comes_back_is_owed_though_nobody_said_that_it_left(ana: Customer) -> None:
    is_late(ana, {"1": 1})
    cancels(ana)
    ana.tells("returned")
    assert asks(ana) == [(PRICE, {"1": 1})]


@pytest.mark.parametrize("first", ["cancelled", "shipped"])
def test_what_the_erp_cancelled_left_all_the_same_and_came_back_is_owed(ana: Customer, first: str) -> None:
    is_late(ana, {"1": 2})
    cancels(ana)
    as_of = {"cancelled": ana.now()}
    ana.shop.world.clock.advance(hours=1)
    as_of["shipped"] = ana.now()
    for kind in sorted(as_of, key=lambda each: each != first):
        ana.tells(kind, occurred_at=as_of[kind], as_of=as_of[kind])
    assert left(ana) == []
    ana.shop.world.clock.advance(days=2)
    ana.tells("returned", occurred_at=ana.now())
    assert left(ana) == [2 * PRICE]
    assert len(asks(ana)) == 1


# ---- who paid ----


def test_what_is_given_up_after_another_part_was_paid_back_is_owed(ana: Customer) -> None:
    is_late(ana, {"1": 1, "2": 1}, "1")
    cancels(ana)
    ana.tells("cancelled", line_ids=["1"])
    pays(ana, PRICE)
    says(ana, {"1": 1, "2": 1}, payment_status="partially_refunded")
    ana.tells("eta", shipment_id="P2", eta=ana.day(20))
    cancels(ana)
    ana.tells("cancelled", line_ids=["2"])
    assert asks(ana) == [(PRICE, {"1": 1}), (PRICE, {"2": 1})]


@pytest.mark.parametrize(("status", "owed"), [(None, PRICE), ("pending", PRICE), ("refunded", 0)])
@pytest.mark.parametrize("paid_comes", ["before", "after"])
def test_who_once_paid_is_owed_unless_all_went_back(
    ana: Customer, paid_comes: str, status: str | None, owed: int
) -> None:
    paid: dict[str, Any] = {**order(ana, {"1": 1}), "as_of": ana.now()}
    ana.shop.world.clock.advance(hours=1)
    newer: dict[str, Any] = {**paid, "as_of": ana.now(), "payment_status": status}
    for said in (paid, newer) if paid_comes == "before" else (newer, paid):
        ana.tells("placed", **{name: value for name, value in said.items() if value is not None})
    ana.tells("eta", eta=ana.day(9))
    cancels(ana)
    ana.tells("cancelled")
    assert sum(amount or 0 for amount, _ in asks(ana)) == owed


# ---- the delivery fee ----


def fees(ana: Customer) -> list[Any]:
    return [due.get("delivery_fee") for due in ana.heard("RefundDue")]


def test_who_gives_up_all_is_owed_the_fee_once_nothing_comes(ana: Customer) -> None:
    is_late(ana, {"1": 1, "2": 1}, delivery_fee=FEE)
    cancels(ana)
    says(ana, {"2": 1}, delivery_fee=usd(0))
    assert (asks(ana), fees(ana)) == ([(PRICE, {"1": 1})], [None])
    ana.tells("cancelled")
    assert (asks(ana)[1:], fees(ana)[1:]) == ([(PRICE + 500, {"2": 1})], [FEE])


def test_who_gives_up_all_that_the_erp_left_is_owed_the_fee(ana: Customer) -> None:
    is_late(ana, {"1": 1, "2": 1}, "1", delivery_fee=FEE)
    ana.tells("cancelled", line_ids=["2"])
    cancels(ana)
    ana.tells("cancelled")
    assert (asks(ana), fees(ana)) == ([(PRICE + 500, {"1": 1})], [FEE])


def cancels_all(ana: Customer) -> None:
    ana.tells("cancelled")


def drops_the_other(ana: Customer) -> None:
    ana.tells("cancelled", line_ids=["1"])
    says(ana, {"1": 1}, delivery_fee=FEE)


@pytest.mark.parametrize("ends", [cancels_all, drops_the_other])
def test_the_fee_goes_with_what_the_erp_cancels_by_itself_where_that_was_still_to_come(
    ana: Customer, ends: Any
) -> None:
    is_late(ana, {"1": 1, "2": 1}, "1", delivery_fee=FEE)
    cancels(ana)
    ends(ana)
    assert (asks(ana), fees(ana)) == ([(PRICE, {"1": 1})], [None])


def test_who_keeps_a_part_paid_for_its_delivery(ana: Customer) -> None:
    is_late(ana, {"1": 1, "2": 1}, "1", delivery_fee=FEE)
    ana.tells("delivered", shipment_id="P2", occurred_at=ana.now())
    cancels(ana)
    ana.tells("cancelled", line_ids=["1"])
    assert (asks(ana), fees(ana)) == ([(PRICE, {"1": 1})], [None])


# ---- what closes a debt ----


def gives_up(ana: Customer, units: int = 2, **more: Any) -> str:
    """Let a line be cancelled by code and by the ERP; return the id of what is owed."""
    is_late(ana, {"1": units, "2": 1}, "1", **more)
    cancels(ana)
    ana.tells("cancelled", line_ids=["1"])
    (due,) = ana.heard("RefundDue")
    return str(due["refund_due_id"])


def pays(ana: Customer, amount: int, named: str | None = None, *, at: str | None = None, currency: str = "USD") -> None:
    name = {} if named is None else {"refund_due_id": named}
    ana.tells("refunded", amount={"amount": amount, "currency": currency}, occurred_at=at or ana.now(), **name)


def test_a_debt_says_how_and_by_when_it_is_paid(ana: Customer) -> None:
    gives_up(ana)
    (due,) = ana.heard("RefundDue")
    assert (due["method"], due["due_by"], due["amount"]) == ("original", ana.day(14), usd(2 * PRICE))


def test_what_was_paid_before_it_was_given_up_closes_nothing(ana: Customer) -> None:
    is_late(ana, {"1": 2, "2": 1}, "1")
    pays(ana, 2 * PRICE)
    before = ana.now()
    cancels(ana)
    ana.tells("cancelled", line_ids=["1"])
    pays(ana, 2 * PRICE, at=before)
    assert left(ana) == [2 * PRICE]
    assert [paid["closes_nothing"] for paid in looked_up(ana)["refunds"]] == ["before_it_was_given_up"] * 2
    assert {step["rule"] for step in why(ana, "order.refunded")} == {
        "what_went_back_before_it_was_given_up_closes_nothing"
    }
    ana.days_pass(16)
    assert [refund.rung for refund in OrderRepository("Delivery").order("O").refunds_due] == [True]


@pytest.mark.parametrize("first", ["refunded", "cancelled"])
def test_an_erp_that_pays_what_it_was_asked_to_cancel_closes_the_debt_in_whatever_order_it_says_so(
    ana: Customer, first: str
) -> None:
    is_late(ana, {"1": 2, "2": 1}, "1")
    cancels(ana)
    for kind in ("refunded", "cancelled") if first == "refunded" else ("cancelled", "refunded"):
        if kind == "refunded":
            pays(ana, 2 * PRICE)
        else:
            ana.tells("cancelled", line_ids=["1"])
    assert left(ana) == []
    assert len(ana.heard("RefundDue")) == (first == "cancelled"), "what went back already is not asked for"
    assert ana.due() == ["O"], "the other line is looked at"


def test_a_part_leaves_the_rest_owed_and_parts_add_up(ana: Customer) -> None:
    name = gives_up(ana)
    part = {"amount": usd(PRICE), "refund_due_id": name, "occurred_at": ana.now()}
    for _ in range(2):
        ana.tells("refunded", **part)
    assert left(ana) == [PRICE]
    (step,) = why(ana, "RefundDue")
    assert (step["numbers"]["left"], step["numbers"]["units"]) == (PRICE, [2])
    assert f'"left":{PRICE}' in "".join(lines(asked(ana))).replace(" ", "")
    pays(ana, PRICE - 1)
    assert left(ana) == [1]
    pays(ana, 1, name)
    assert left(ana) == []
    assert [paid["counted"] for paid in looked_up(ana)["refunds"]] == [PRICE, PRICE - 1, 1]


@pytest.mark.parametrize("named", [True, False])
def test_another_currency_closes_nothing_and_that_is_said(ana: Customer, named: bool) -> None:  # noqa: FBT001
    name = gives_up(ana)
    pays(ana, 2 * PRICE, name if named else None, currency="ILS")
    assert left(ana) == [2 * PRICE]
    (paid,) = looked_up(ana)["refunds"]
    assert (paid["counted"], paid["closes_nothing"]) == (0, "another_currency")
    assert [step["rule"] for step in why(ana, "order.refunded")] == ["another_currency_closes_nothing"]


def test_a_debt_of_which_nobody_said_how_much_it_is_is_closed_by_its_name(ana: Customer) -> None:
    said = order(ana, {"1": 2, "2": 1})
    del said["lines"][0]["unit_price"]
    ana.tells("placed", **said)
    ana.tells("eta", shipment_id="P1", eta=ana.day(9))
    cancels(ana)
    ana.tells("cancelled", line_ids=["1"])
    assert (asks(ana), left(ana)) == ([(None, {"1": 2})], [None])
    pays(ana, 100_000)
    assert left(ana) == [None]
    pays(ana, 1, ana.heard("RefundDue")[0]["refund_due_id"])
    assert left(ana) == []


def test_each_currency_is_a_debt_of_its_own(ana: Customer) -> None:
    is_late(ana, {"1": 2}, delivery_fee={"amount": 900, "currency": "ILS"})
    cancels(ana)
    ana.tells("cancelled")
    assert sorted((due["amount"]["currency"], due["amount"]["amount"]) for due in ana.heard("RefundDue")) == [
        ("ILS", 900),
        ("USD", 2 * PRICE),
    ]
    pays(ana, 900, currency="ILS")
    assert left(ana) == [2 * PRICE]


def test_what_names_something_else_closes_nothing(ana: Customer) -> None:
    gives_up(ana)
    pays(ana, 2 * PRICE, "RMA-77")
    assert left(ana) == [2 * PRICE]
