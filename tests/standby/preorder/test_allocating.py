"""Goods that come go to who pre-ordered them, in the order in which they came."""

from os import environ

import pytest

from tests.promises.preorder_checks import adds_up, reservations
from tests.standby.preorder.sales import LAMP, Sales


def ordered(sales: Sales, *quantities: int) -> list[str]:
    """Reserve and confirm, a second apart."""
    made = []
    for number, quantity in enumerate(quantities):
        made.append(sales.holds(f"c{number}", quantity=quantity))
        sales.does(made[-1], "confirm")
        sales.world.clock.advance(seconds=1)
    return made


def given(sales: Sales, made: list[str]) -> list[int]:
    return [sales.reservation(each)["lines"][0]["allocated"] for each in made]


def test_who_came_first_is_given_first_and_what_is_left_is_sold(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, *[1] * 8)

    sales.shop.counts(LAMP, 10)

    assert given(sales, made) == [1] * 8
    assert sales.numbers() == (0, 8, 2)
    assert {sales.reservation(each)["status"] for each in made} == {"allocated"}
    assert [told["reservation_id"] for told in sales.told("ReservationAllocated")] == made
    assert {mail.email for mail in sales.world.mails} == {f"c{number}@example.org" for number in range(8)}
    adds_up(sales.world)


def test_goods_that_are_owed_are_never_sold_meanwhile_and_wake_nobody(sales: Sales) -> None:
    sales.opens(capacity=50)
    sales.shop.counts(LAMP, 0)
    sales.shop.waits("zoe@example.org", LAMP)
    ordered(sales, *[1] * 8)

    sales.shop.counts(LAMP, 8)

    free = [told["sellable"] for told in sales.told("StockChanged")]
    assert max(free) == 0
    assert sales.told("Restocked") == []
    sales.shop.counts(LAMP, 9)
    assert sales.shop.told() == {"zoe@example.org": 1}


def test_a_head_of_many_is_given_in_part_and_nobody_of_a_thousand_passes_it(sales: Sales) -> None:
    singles = 1_000 if "STANDBY_PROOF" in environ else 30
    sales.opens(capacity=5_000, shards=1)
    head, *_ = made = ordered(sales, 2_880, *[1] * singles)
    places = {name: number for number, name in enumerate(made)}

    for arrived in range(100, 2_880 + singles + 100, 100):
        sales.shop.counts(LAMP, arrived)
        known = {each.reservation_id: each.lines[0].given for each in reservations(sales.world)}
        assert known[head] == min(arrived, 2_880)
        served = {places[name] for name, units in known.items() if units and name != head}
        assert served == set(range(1, 1 + min(singles, max(0, arrived - 2_880)))), "promise 5"

    adds_up(sales.world)


def test_who_has_not_confirmed_keeps_the_units_and_is_given_them_then(sales: Sales) -> None:
    sales.opens(capacity=50)
    held = sales.holds("held")
    sales.world.clock.advance(seconds=1)
    made = ordered(sales, 1, 1)

    sales.shop.counts(LAMP, 2)
    assert given(sales, [held, *made]) == [0, 1, 0]
    sales.does(held, "confirm")
    sales.world.settle()

    assert given(sales, [held, *made]) == [1, 1, 0]


def test_what_a_hold_gives_back_goes_to_the_next_in_line(sales: Sales) -> None:
    sales.opens(capacity=50)
    sales.holds("held")
    sales.world.clock.advance(seconds=1)
    made = ordered(sales, 1, 1)
    sales.shop.counts(LAMP, 2)

    sales.world.wait(minutes=17)

    assert given(sales, made) == [1, 1]
    adds_up(sales.world)


def test_what_was_given_and_is_cancelled_goes_to_the_next_in_line(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 1, 1)
    sales.shop.counts(LAMP, 1)

    sales.does(made[0], "cancel")
    sales.world.settle()

    assert given(sales, made) == [1, 1]
    assert sales.reservation(made[0])["status"] == "cancelled"
    assert sales.numbers() == (0, 1, 0)


def test_what_nobody_paid_for_goes_to_the_next(sales: Sales) -> None:
    sales.opens(capacity=50, pay="on_allocation", checkout_hours=24)
    made = ordered(sales, 1, 1, 1)
    sales.shop.counts(LAMP, 2)
    sales.does(made[1], "confirm", {"paid": True})

    sales.world.wait(hours=25)
    sales.world.wait(minutes=2)

    assert [sales.reservation(each)["status"] for each in made] == ["expired", "allocated", "allocated"]
    assert sales.does(made[0], "confirm", {"paid": True})[0] == 409
    adds_up(sales.world)


def test_a_reservation_of_two_things_is_allocated_once_both_are_there(sales: Sales) -> None:
    for sku in (LAMP, "SHADE"):
        sales.opens(sku)
    body = {"lines": [{"sku": LAMP}, {"sku": "SHADE"}], "customer": {"email": "ana@example.org"}}
    made = sales.asks("POST", "/v1/reservations", body, key="one")[1]["id"]
    sales.does(made, "confirm")

    sales.shop.counts(LAMP, 1)
    assert (sales.reservation(made)["status"], sales.told("ReservationAllocated")) == ("confirmed", [])
    sales.shop.counts("SHADE", 1)

    assert sales.reservation(made)["status"] == "allocated"
    assert len([mail for mail in sales.world.mails if "is here" in mail.subject]) == 1
    adds_up(sales.world)


def test_a_long_line_is_served_in_pages(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.preorder.repository.LINE_PAGE", 2)
    sales.opens(capacity=50)
    sales.holds("held")
    sales.world.clock.advance(seconds=1)
    made = ordered(sales, *[1] * 7)

    sales.shop.counts(LAMP, 7)

    assert given(sales, made) == [1, 1, 1, 1, 1, 1, 0]
    adds_up(sales.world)
