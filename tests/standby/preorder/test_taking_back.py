"""Levels that fall below what was set aside: the last in line wait again, where they stood (design §2, promise 5)."""

from collections import Counter

from standby.platform.clock import to_text

from tests.promises.preorder_checks import adds_up
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_allocating import given, ordered
from tests.standby.preorder.test_ordering import says


def statuses(sales: Sales, made: list[str]) -> list[str]:
    return [sales.reservation(each)["status"] for each in made]


def test_the_last_in_line_lose_theirs_first_and_are_the_first_to_get_some_again(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 1, 1, 2)
    sales.shop.counts(LAMP, 4)
    later = sales.holds("later")
    sales.does(later, "confirm")

    sales.shop.counts(LAMP, 1)
    assert given(sales, made) == [1, 1, 2], "a level that falls may be goods that leave"
    sales.world.wait(minutes=11)

    assert (given(sales, made), statuses(sales, made)) == ([1, 0, 0], ["allocated", "confirmed", "confirmed"])
    assert sales.numbers() == (4, 1, -4)
    adds_up(sales.world)
    sales.shop.counts(LAMP, 4)
    assert given(sales, [*made, later]) == [1, 1, 2, 0]
    assert [told["reservation_id"] for told in sales.told("AllocationTakenBack")] == [made[2], made[1]]
    ids = [told["id"] for told in sales.told("ReservationAllocated")]
    assert len(ids) == len(set(ids)) == 5
    mails = Counter(mail.email for mail in sales.world.mails if not mail.subject.startswith("Pre-ordered"))
    assert mails == {"c0@example.org": 1, "c1@example.org": 2, "c2@example.org": 2}
    adds_up(sales.world)


def test_a_head_of_many_loses_what_is_missing_and_no_more(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 8, 1)
    sales.shop.counts(LAMP, 6)

    sales.shop.counts(LAMP, 4)
    sales.world.wait(minutes=11)

    assert given(sales, made) == [4, 0]
    assert sales.told("AllocationTakenBack") == [], "nobody was told that all of it was there"
    adds_up(sales.world)


def test_goods_that_leave_are_missing_nowhere_whichever_word_comes_first(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 1, 1)
    for each in made:
        says(sales, "placed", each)
    sales.shop.counts(LAMP, 2)

    sales.shop.counts(LAMP, 1)
    sales.world.wait(minutes=5)
    says(sales, "shipped", made[1])
    sales.world.wait(minutes=11)

    assert statuses(sales, made) == ["allocated", "fulfilled"]
    assert sales.told("AllocationTakenBack") == []
    adds_up(sales.world)


def test_who_has_to_pay_need_not_for_what_is_not_there(sales: Sales) -> None:
    sales.opens(capacity=50, pay="on_allocation", checkout_hours=1)
    made = ordered(sales, 1)
    sales.shop.counts(LAMP, 1)

    sales.shop.counts(LAMP, 0)
    sales.world.wait(minutes=11)
    sales.world.wait(hours=2)
    assert statuses(sales, made) == ["confirmed"]
    sales.shop.counts(LAMP, 1)
    sales.world.wait(minutes=30)
    assert statuses(sales, made) == ["allocated"]
    sales.world.wait(minutes=40)

    assert statuses(sales, made) == ["expired"]


def test_what_the_erp_counts_itself_is_awaited_again(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 1, 1)
    for each in made:
        says(sales, "placed", each)
    netted = {"committed": 2, "netted_until": to_text(sales.world.clock.now())}
    sales.shop.counts(LAMP, 2, **netted)

    sales.shop.counts(LAMP, 1, **netted)
    sales.world.wait(minutes=11)

    stock = sales.shop.stock(LAMP)
    assert (given(sales, made), stock["awaited"], stock["allotted"], stock["held"]) == ([1, 0], 1, 1, 0)
    adds_up(sales.world)


def test_units_held_at_checkout_are_no_reason_to_take_any_from_who_ordered_ahead(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 1, 1)
    sales.shop.counts(LAMP, 3)
    sales.does(sales.holds("cart", kind="checkout"), "confirm")

    sales.shop.counts(LAMP, 2)
    sales.world.wait(minutes=11)

    assert given(sales, made) == [1, 1]
    adds_up(sales.world)
