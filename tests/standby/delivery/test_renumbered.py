"""A line by another number is the same line, whatever of it was said, told and chosen before, in any order."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from itertools import permutations
from typing import Any

import pytest
from standby.delivery.choice_model import CANCEL, Choice
from standby.delivery.line_model import renamed
from standby.delivery.model import Order
from standby.delivery.promises import Promise, promises
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.test_promises import happened, known, later
from tests.standby.delivery.test_repository import comes_back, kept
from tests.standby.delivery.track import AMERICA, EUROPE, Customer
from tests.standby.delivery.words import at, placed, said
from tests.world import World

__all__ = ["kept"]
pytestmark = pytest.mark.promise("P3", "P4")
LATER, NOT_YET = "Later than we told you", "Not with you yet"
SOON, LATE = "2026-05-07", "2026-05-20"


def numbered(minute: int, lines: Mapping[str, str], *shipments: tuple[str, str, str]) -> dict[str, Any]:
    """Return an order with SKUs by number; of each shipment the id, the promised day, and its lines' numbers."""
    return {
        **placed("O", minute=minute),
        "lines": [{"line_id": line_id, "sku": sku, "quantity": 1} for line_id, sku in lines.items()],
        "shipments": [
            {"shipment_id": name, "promised_until": until, "line_ids": line_ids.split()}
            for name, until, line_ids in shipments
        ],
    }


ONE = numbered(0, {"1": "S"}, ("A", SOON, "1"))
TEN = numbered(10, {"10": "S"}, ("A", LATE, "10"))
TEN_ELSEWHERE = numbered(10, {"10": "S"}, ("B", LATE, "10"))
THREE = numbered(0, {"1": "S", "2": "M", "3": "L"}, ("A", SOON, "1 2"), ("B", LATE, "3"))
WITHOUT_THE_FIRST = numbered(10, {"1": "M", "2": "L"}, ("A", SOON, "1"), ("B", LATE, "2"))


def in_any_order(*messages: Mapping[str, Any]) -> Order:
    """Return what is known of an order, which is the same in whatever order messages come, some of them twice."""
    heard = [later(message, arrival=number) for number, message in enumerate(messages)]
    expected = known(*messages)
    for order in permutations(heard):
        made = Order(order_id="O")
        for word in (*order, *order[:2]):
            made = made.after(word)
        for name in ("numbering", "words", "earlier", "days", "first", "fates"):
            assert getattr(made, name) == getattr(expected, name)
        assert promises(made, UTC) == promises(expected, UTC)
    return expected


def only(order: Order) -> Promise:
    (promise,) = promises(order, UTC)
    return promise


@pytest.mark.parametrize("newest", [TEN, TEN_ELSEWHERE], ids=["same-shipment", "other-shipment"])
def test_the_first_day_that_was_told_stays_the_promise(newest: dict[str, Any]) -> None:
    assert only(in_any_order(ONE, newest)).promised_until == date.fromisoformat(SOON)


@pytest.mark.parametrize("newest", [TEN, TEN_ELSEWHERE], ids=["same-shipment", "other-shipment"])
@pytest.mark.parametrize("minute", [5, 15], ids=["before", "afterwards"])
@pytest.mark.parametrize("kind", ["delivered", "cancelled", "shipped"])
def test_what_was_said_of_its_old_number_is_true_of_it(newest: dict[str, Any], minute: int, kind: str) -> None:
    order = in_any_order(ONE, newest, happened(kind, at(0), "1", minute=minute))
    assert list(order.fates) == ["10"]
    assert (only(order).arrived_on is not None, only(order).over) == (kind == "delivered", kind == "cancelled")


def test_each_keeps_what_is_its_own_where_all_move_up_by_one() -> None:
    order = in_any_order(
        THREE, WITHOUT_THE_FIRST, happened("delivered", at(1), "2", minute=5), happened("shipped", at(1), "3", minute=6)
    )
    assert {line_id: fate.said.version[0] for line_id, fate in order.fates.items()} == {
        line_id: later(said("shipped", "O", line_id, minute=minute)).said.version[0]
        for line_id, minute in (("1", 5), ("2", 6))
    }
    one, other = promises(order, UTC)
    assert (one.arrived_on is not None, other.arrived_on) == (True, None)
    assert [each.promised_until.isoformat() for each in (one, other)] == [SOON, LATE], "the day of another is none"


def test_a_number_that_two_lines_had_speaks_of_each_in_its_time() -> None:
    order = in_any_order(
        THREE,
        happened("delivered", at(1), "2", minute=5),
        WITHOUT_THE_FIRST,
        happened("delivered", at(11), "2", minute=15),
    )
    assert [promise.arrived_on is not None for promise in promises(order, UTC)] == [True, True]
    before = in_any_order(THREE, WITHOUT_THE_FIRST, happened("delivered", at(11), "2", minute=15))
    assert [promise.arrived_on is not None for promise in promises(before, UTC)] == [False, True]


def test_a_line_is_followed_through_several_numbers_and_back() -> None:
    there = happened("delivered", at(1), "10", minute=15)
    order = in_any_order(ONE, TEN, there, numbered(20, {"100": "S"}, ("C", LATE, "100")))
    assert (order.known_as("100"), list(order.fates)) == (("100", "1", "10"), ["100"])
    back = in_any_order(ONE, TEN, there, numbered(20, {"1": "S"}, ("A", SOON, "1")))
    assert list(back.fates) == ["1"]


def test_a_line_that_is_ordered_again_after_it_went_away_is_another_line() -> None:
    gone = numbered(5, {"2": "M"}, ("B", SOON, "2"))
    again = numbered(10, {"2": "M", "10": "S"}, ("B", SOON, "2"), ("C", LATE, "10"))
    order = in_any_order(numbered(0, {"1": "S", "2": "M"}), gone, again, happened("delivered", at(1), "1", minute=3))
    assert (order.fates, order.known_as("10")) == ({}, ("10",))


def test_a_word_about_an_article_that_was_replaced_is_about_its_line() -> None:
    order = in_any_order(ONE, numbered(10, {"1": "T"}, ("A", LATE, "1")), happened("delivered", at(1), "1", minute=5))
    assert (list(order.fates), only(order).promised_until.isoformat()) == (["1"], SOON)


LINES: list[tuple[str, str, str, dict[str, str]]] = [
    ("of_equal_units_by_their_places", "1:S:1 2:S:1", "10:S:1 20:S:1", {"10": "1", "20": "2"}),
    ("by_their_units_first", "1:S:1 2:S:3", "10:S:3 20:S:1", {"10": "2", "20": "1"}),
    ("with_fewer_units", "1:S:3", "10:S:2", {"10": "1"}),
    ("exchanged", "1:S:1 2:M:1", "1:M:1 2:S:1", {"1": "2", "2": "1"}),
    ("added_beside", "1:S:1", "1:S:1 2:S:1", {"1": "1"}),
    ("parted_into_two", "1:S:2", "10:S:1 11:S:1", {"10": "1"}),
    ("replaced_and_moved", "1:S:1 2:M:1", "1:M:1 2:T:1", {"1": "2"}),
]


@pytest.mark.parametrize(("before", "after", "same"), [each[1:] for each in LINES], ids=[each[0] for each in LINES])
def test_which_line_is_which(before: str, after: str, same: dict[str, str]) -> None:
    assert renamed(lines(before), lines(after)) == same


def lines(said_: str) -> Sequence[tuple[str, str, int]]:
    return [(line_id, sku, int(units)) for line_id, sku, units in (each.split(":") for each in said_.split())]


def test_what_was_given_up_is_named_by_its_number_of_now() -> None:
    order = known(THREE).chose(Choice(at(30), CANCEL, line_ids=("1", "2")), code=None)
    for number, message in enumerate([WITHOUT_THE_FIRST, numbered(20, {"7": "M", "8": "L"})]):
        order = order.after(later(message, arrival=3_600_000 * (number + 1)))
        assert order.given_up == {next(iter(order.lines))}
    assert list(order.now_at(("1", "2", "3"), at(30))) == ["7", "8"]


def test_which_line_is_which_comes_back_as_it_was_kept(kept: OrderRepository) -> None:
    comes_back(
        kept,
        known(
            THREE,
            happened("delivered", at(1), "2", minute=5),
            WITHOUT_THE_FIRST,
            happened("delivered", at(11), "2", minute=15),
            numbered(20, {"7": "M", "2": "L", "3": "S"}),
        ),
    )


# ---- what customers hear ----


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def orders(ana: Customer, number: str = "1", *, shipment: str = "A", until: int = 4, **more: Any) -> None:
    """Let the ERP say an order of one line, by its number, in one shipment."""
    line = {"line_id": number, "sku": "LAMP", "quantity": 1}
    parcel = {"shipment_id": shipment, "promised_until": ana.day(until), "line_ids": [number]}
    ana.places(until=until, **{"lines": [line], "shipments": [parcel], "ship_to": EUROPE, **more})


def subjects(ana: Customer) -> list[str]:
    return [mail.subject.partition(": ")[0].partition(" by ")[0] for mail in ana.shop.world.mails]


def known_lines(ana: Customer) -> list[tuple[str, str]]:
    shown = ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="ops")[1]
    return [(line["line_id"], line["fate"]) for line in shown["lines"]]


@pytest.mark.parametrize("shipment", ["A", "B"])
def test_the_same_day_is_not_told_again(ana: Customer, shipment: str) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(9))
    assert subjects(ana) == [LATER]
    orders(ana, "10", shipment=shipment, until=9)
    ana.looks()
    assert (subjects(ana), len(ana.delays())) == ([LATER], 1)
    orders(ana, "100", shipment="C", until=12)
    assert (subjects(ana), len(ana.delays())) == ([LATER, LATER], 2)


@pytest.mark.parametrize("number", ["1", "10"])
def test_what_came_is_not_late_whichever_number_the_erp_names(ana: Customer, number: str) -> None:
    orders(ana)
    if number == "1":
        ana.tells("delivered", line_ids=["1"])
    orders(ana, "10", shipment="B")
    ana.tells("delivered", line_ids=[number])
    ana.days_pass(8)
    assert (subjects(ana), known_lines(ana)) == ([], [("10", "arrived")])


def test_who_gave_it_up_is_told_nothing_more_of_it(ana: Customer) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(9))
    ana.does("cancel")
    ana.does("cancel", {"code": ana.codes()[-1]})
    told = subjects(ana)
    orders(ana, "10", shipment="B", until=12)
    ana.days_pass(14)
    assert (subjects(ana), ana.sees()["cancel"]["open"]) == (told, False)


def test_who_agreed_to_wait_is_waited_for(ana: Customer) -> None:
    orders(ana, ship_to=AMERICA)
    ana.tells("eta", eta=ana.day(40))
    assert ana.waits(ana.day(40))[0] == 200
    orders(ana, "10", shipment="B", until=40, ship_to=AMERICA)
    (parcel,) = ana.sees()["shipments"]
    assert (parcel["agreed"]["until"], parcel["may_wait"]) == (ana.day(40), False)
    for _ in range(10):
        ana.days_pass(4)
    assert ana.heard("CancellationRequested") == []


def test_who_said_that_it_is_here_is_not_asked_again(ana: Customer) -> None:
    orders(ana)
    ana.days_pass(5)
    assert ana.does("arrived", {"arrived": True})[0] == 200
    orders(ana, "10", shipment="B", until=1)
    (parcel,) = ana.sees()["shipments"]
    assert (parcel["state"], subjects(ana)) == ("delivered", [NOT_YET])


def test_what_becomes_of_a_line_under_a_number_of_another_is_told(ana: Customer) -> None:
    def line(number: str, sku: str) -> dict[str, Any]:
        return {"line_id": number, "sku": sku, "quantity": 1}

    ana.places(lines=[line("1", "LAMP"), line("2", "CHAIR")], shipments=[])
    ana.tells("shipped", line_ids=["1"])
    ana.places(lines=[line("1", "CHAIR")], shipments=[])
    ana.tells("shipped", line_ids=["1"])
    told = [each["sku"] for event in ana.heard("OrderShipped") for each in event["lines"]]
    assert told == ["LAMP", "CHAIR"]
