"""What customers were promised moves with the goods behind them, and who has no day any more hears so once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.clock import from_text
from standby.preorder.promising import Arrival, cover

from tests.promises.shop import OPS
from tests.promises.unruly import searching
from tests.standby.availability.storefront import Storefront
from tests.standby.preorder.sales import CAMPAIGN, LAMP, Sales

JULY = "2026-07-15"


def orders(sales: Sales, quantity: int, eta: str | None, number: str = "P-1", *, sku: str = LAMP) -> None:
    """Let the ERP say what a purchase order brings, and everything run."""
    Storefront(sales.world).orders(sku, quantity, eta, purchase_order_id=number)
    sales.world.wait(seconds=2)


def in_line(sales: Sales, *quantities: int, confirmed: bool = True) -> list[str]:
    """Let customers pre-order, one after the other."""
    made = []
    for number, quantity in enumerate(quantities):
        made.append(sales.holds(f"c{number}", quantity=quantity))
        if confirmed:
            sales.does(made[-1], "confirm")
        sales.world.clock.advance(seconds=1)
    sales.world.settle()
    return made


def days(sales: Sales, made: list[str]) -> list[Any]:
    return [sales.reservation(each)["promised_until"] for each in made]


def undated(sales: Sales) -> list[str]:
    return [mail.email for mail in sales.world.mails if mail.subject.startswith("No date yet")]


def test_who_is_behind_goods_that_come_later_is_promised_the_later_day(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 2, "2026-07-01", "P-1")
    orders(sales, 3, "2026-07-10", "P-2")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1, 2, 1)

    orders(sales, 3, "2026-08-20", "P-2")

    assert days(sales, made) == [JULY, JULY, "2026-08-20", "2026-08-20"]
    moved = sales.told("PromiseMoved")
    assert [(each["reservation_id"], each["promised_until"]) for each in moved] == [
        (made[2], "2026-08-20"),
        (made[3], "2026-08-20"),
    ]
    assert [(each["previous_promised_until"], each["units"], each["sku"]) for each in moved] == [
        (JULY, 2, LAMP),
        (JULY, 1, LAMP),
    ]
    orders(sales, 3, "2026-07-05", "P-2")
    assert days(sales, made) == [JULY] * 4, "what was promised first is kept where it can be"
    assert undated(sales) == []


def test_who_reserves_behind_late_goods_is_promised_their_day(sales: Sales) -> None:
    orders(sales, 2, "2026-07-01", "P-1")
    orders(sales, 3, "2026-07-10", "P-2")
    sales.opens(capacity="incoming", release_on=JULY)
    in_line(sales, 2)
    orders(sales, 3, "2026-08-20", "P-2")

    assert sales.campaign()["promised_until"] == "2026-08-20"
    late = sales.holds("late")
    assert days(sales, [late]) == ["2026-08-20"]
    sales.world.wait(seconds=2)
    (badge,) = Storefront(sales.world).badges(LAMP)
    assert (badge["status"], badge["back_on"], badge["release_on"]) == ("PreOrder", "2026-08-20", JULY)
    orders(sales, 3, "2026-07-10", "P-2")
    assert sales.campaign()["promised_until"] == JULY


def test_the_last_in_line_lose_their_day_first_and_hear_so_once(sales: Sales) -> None:
    orders(sales, 5, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 2, 1, 1, 1)
    orders(sales, 3, "2026-07-01")

    assert days(sales, made) == [JULY, JULY, None, None]
    assert undated(sales) == ["c2@example.org", "c3@example.org"]
    shown = sales.campaign()
    assert (shown["remaining"], shown["overcommitted"]) == (0, 2)
    assert sales.reserves("nobody")[0] == 409
    assert Storefront(sales.world).statuses(LAMP) == ["OutOfStock"]

    orders(sales, 4, "2026-07-01")
    assert days(sales, made) == [JULY, JULY, JULY, None]
    orders(sales, 3, "2026-07-01")
    assert days(sales, made) == [JULY, JULY, None, None]
    assert len(undated(sales)) == 2, "once"
    assert sales.told("PromiseMoved")[-1]["reservation_id"] == made[2]
    assert "promised_until" not in sales.told("PromiseMoved")[-1]


def test_whoever_gives_units_back_gives_the_next_without_a_day_one(sales: Sales) -> None:
    orders(sales, 4, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1, 2)
    orders(sales, 3, "2026-07-01")
    assert days(sales, made) == [JULY, JULY, None]
    sales.does(made[0], "cancel")
    sales.world.wait(seconds=2)
    assert days(sales, made[1:]) == [JULY, JULY]


def test_a_hold_that_loses_its_day_is_not_mailed(sales: Sales) -> None:
    orders(sales, 2, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    (held,) = in_line(sales, 2, confirmed=False)
    orders(sales, 1, "2026-07-01")
    assert days(sales, [held]) == [None]
    assert undated(sales) == []


def test_a_replayed_request_answers_what_it_answered(sales: Sales) -> None:
    orders(sales, 1, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    in_line(sales, 1)
    orders(sales, 1, "2026-09-01")
    assert sales.reserves("c0")[1]["promised_until"] == JULY


def test_where_the_shop_named_a_number_it_answers_for_the_day_of_who_nobody_covers(sales: Sales) -> None:
    sales.opens(capacity=5, release_on=JULY)
    made = in_line(sales, 1, 1, 1)
    orders(sales, 2, "2026-08-01")
    assert days(sales, made) == ["2026-08-01", "2026-08-01", JULY]
    orders(sales, 0, "2026-08-01")
    assert days(sales, made) == [JULY] * 3


def test_goods_that_are_there_cover_the_head_and_an_unknown_day_says_nothing(sales: Sales) -> None:
    sales.opens(capacity=5, release_on=JULY)
    made = in_line(sales, 2, 1, confirmed=False)
    sales.shop.counts(LAMP, 1)
    orders(sales, 1, "2026-08-01", "P-1")
    orders(sales, 1, None, "P-2")
    assert days(sales, made) == ["2026-08-01", JULY]


def test_a_long_line_is_gone_through_in_pages(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.preorder.repository.LINE_PAGE", 2)
    orders(sales, 5, "2026-07-01", "P-1")
    orders(sales, 4, "2026-07-02", "P-2")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, *[1] * 9)
    orders(sales, 3, "2026-08-01", "P-2")
    assert days(sales, made) == [JULY] * 5 + ["2026-08-01"] * 3 + [None]


def test_a_pass_over_old_numbers_is_followed_by_one_over_the_new(sales: Sales) -> None:
    """While the ledger's old numbers are being written, the goods come back to their day."""
    orders(sales, 1, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    (made,) = in_line(sales, 1)
    world, former, done = sales.world, sales.world.tap, []

    def back_again(service: str, operation: str, parameters: Any, make: Any) -> Any:
        if operation == "TransactWriteItems" and "2026-09-01" in str(parameters) and not done:
            done.append(1)
            world.meanwhile(lambda _: orders(sales, 1, "2026-07-01"))
        return former(service, operation, parameters, make)

    world.tap = back_again
    orders(sales, 1, "2026-09-01")
    world.tap = former
    sales.world.wait(seconds=2)
    assert done
    assert days(sales, [made]) == [JULY]


def test_who_reserved_is_promised_the_later_day_to_which_the_shop_puts_off_its_release(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standby.preorder.repository.LINE_PAGE", 2)
    sales.opens(release_on=JULY)
    made = in_line(sales, 1, 1, 1)
    for day in ("2026-09-15", "2026-08-15", "2026-06-15"):
        sales.opens(release_on=day)
        sales.world.settle()
        assert days(sales, made) == [max(day, JULY)] * 3, day

    moved = [(each["reservation_id"], each["promised_until"]) for each in sales.told("PromiseMoved")]
    assert sorted(moved) == sorted((each, day) for each in made for day in ("2026-09-15", "2026-08-15", JULY))


def test_another_campaign_of_the_sku_puts_off_nobody(sales: Sales) -> None:
    sales.opens(release_on=JULY)
    made = in_line(sales, 1)
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    sales.opens(release_on="2026-09-15")
    sales.world.settle()

    assert days(sales, made) == [JULY]
    assert sales.told("PromiseMoved") == []


def badge(sales: Sales) -> tuple[str, str | None]:
    _, answer = sales.world.request("availability_api", "GET", "/v1/availability", query={"sku": LAMP})
    (item,) = answer["items"]
    return item["status"], item["back_on"]


@pytest.mark.parametrize("opened", [{"kind": "preorder"}, {"kind": "backorder"}])
def test_nobody_is_promised_a_day_that_is_over_until_the_shop_names_a_new_one(
    sales: Sales, opened: dict[str, str]
) -> None:
    sales.opens(**opened, release_on=JULY)
    sales.world.settle()
    sales.world.clock.at = from_text("2026-07-16T11:59:59Z")
    sales.holds("ana")
    assert badge(sales)[0] in {"PreOrder", "BackOrder"}
    sales.world.clock.at = from_text("2026-07-16T12:00:00Z")

    status, problem = sales.reserves("ben")
    assert (status, problem["type"]) == (409, "/problems/release-over")
    assert badge(sales) == ("SoldOut", None)

    new = {**CAMPAIGN, **opened, "opens_at": "2026-05-01T00:00:00Z"}
    assert sales.asks("PUT", "/v1/campaigns/GONG", new, scopes=OPS)[1]["detail"] == "release_on: is over"
    sales.opens(**opened, release_on="2026-09-15")
    sales.world.settle()
    assert badge(sales)[1] == "2026-09-15"
    assert sales.reserves("ben")[1]["promised_until"] == "2026-09-15"


def test_late_goods_keep_a_campaign_open_behind_its_release(sales: Sales) -> None:
    orders(sales, 5, "2026-09-15")
    sales.opens(release_on=JULY)
    in_line(sales, 1)
    orders(sales, 5, "2026-09-20")
    sales.world.clock.at = from_text("2026-08-01T00:00:00Z")

    assert sales.reserves("ben")[1]["promised_until"] == "2026-09-20"
    assert badge(sales)[1] == "2026-09-20"


@pytest.mark.parametrize("capacity", ["incoming", 5])
def test_goods_of_which_no_day_is_known_any_more_move_no_promise(sales: Sales, capacity: Any) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 5, "2026-08-12")
    sales.opens(capacity=capacity, release_on=JULY)
    made = in_line(sales, 1, 1)
    orders(sales, 5, "2026-08-13")
    mails = len(sales.world.mails)

    sales.world.clock.at = from_text("2026-08-01T00:00:00Z")
    orders(sales, 5, None)

    assert days(sales, made) == ["2026-08-13"] * 2
    assert sales.campaign()["promised_until"] == "2026-08-13"
    assert days(sales, [sales.holds("next")]) == ["2026-08-13"]
    assert len(sales.world.mails) == mails
    orders(sales, 5, "2026-08-20")
    assert days(sales, made) == ["2026-08-20"] * 2


def test_goods_without_a_day_promise_none_to_who_has_none(sales: Sales) -> None:
    orders(sales, 2, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1)
    orders(sales, 1, "2026-07-01")
    orders(sales, 1, None, "P-2")
    assert days(sales, made) == [JULY, None]

    orders(sales, 1, "2026-07-05", "P-2")

    assert days(sales, made) == [JULY, JULY]


def test_who_waits_for_goods_without_a_day_is_promised_the_later_release(sales: Sales) -> None:
    orders(sales, 2, None)
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1)

    sales.opens(capacity="incoming", release_on="2026-09-15")
    sales.world.settle()

    assert days(sales, made) == ["2026-09-15"]


def test_a_release_that_is_over_is_promised_to_nobody_whose_goods_are_called_off(sales: Sales) -> None:
    sales.opens(capacity=5, release_on=JULY)
    made = in_line(sales, 1)
    orders(sales, 5, "2026-08-12")
    sales.world.clock.at = from_text("2026-08-01T00:00:00Z")

    orders(sales, 0, "2026-08-12")

    assert days(sales, made) == ["2026-08-12"]


@searching(examples=40, steps=1)
@given(
    goods=st.lists(st.tuples(st.sampled_from(["2026-06", "2026-07", "2026-08"]), st.integers(0, 4)), max_size=5),
    wanted=st.integers(1, 12),
)
def test_cover_is_the_day_of_the_unit_that_is_wanted(goods: list[tuple[str, int]], wanted: int) -> None:
    units = [day for day, number in sorted(goods) for _ in range(number)]
    found = cover([Arrival(*each) for each in sorted(goods)], wanted)
    assert found == (units[wanted - 1] if wanted <= len(units) else None)
