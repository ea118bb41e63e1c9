"""Who pre-ordered hears once of each day that is later than any that they were told, and may wait or cancel."""

from typing import Any

import pytest

from tests.promises.preorder_checks import adds_up
from tests.services import Mail
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_promising import JULY, days, in_line, orders

AUGUST, SEPTEMBER = "2026-08-20", "2026-09-15"
pytestmark = pytest.mark.promise("P3")


def releases(sales: Sales, day: str, **terms: Any) -> None:
    """Let the shop say another release, and everything run."""
    sales.opens(release_on=day, **terms)
    sales.world.settle()


def later(sales: Sales) -> list[Mail]:
    return [mail for mail in sales.world.mails if mail.subject.startswith("Later than we told you")]


def test_a_release_that_is_put_off_is_told_to_all_in_line_once(sales: Sales) -> None:
    releases(sales, JULY)
    made = in_line(sales, 1, 2)

    for day in (AUGUST, AUGUST):
        releases(sales, day)

    assert days(sales, made) == [AUGUST, AUGUST]
    mails = later(sales)
    assert [mail.email for mail in mails] == ["c0@example.org", "c1@example.org"]
    assert all(day in mails[0].text for day in ("July 15, 2026", "August 20, 2026"))
    adds_up(sales.world)


def test_the_mail_leads_to_the_page_where_one_can_cancel(sales: Sales) -> None:
    releases(sales, JULY)
    in_line(sales, 1)
    releases(sales, AUGUST)

    token = sales.link("c0@example.org")
    assert token in later(sales)[0].text
    status, own = sales.own(token)
    assert (status, own["promised_until"]) == (200, AUGUST)
    sales.asks("POST", f"/v1/preorders/{token}/cancel")
    sales.world.settle()
    answer = sales.asks("POST", f"/v1/preorders/{token}/cancel", {"code": sales.codes("c0@example.org")[-1]})
    assert answer[1]["status"] == "cancelled"


def test_a_day_that_was_told_before_is_no_news(sales: Sales) -> None:
    releases(sales, JULY)
    in_line(sales, 1)

    for day in (SEPTEMBER, AUGUST, JULY, AUGUST, SEPTEMBER):
        releases(sales, day)

    assert len(later(sales)) == 1
    releases(sales, "2026-10-01")
    assert len(later(sales)) == 2
    assert all(day in later(sales)[1].text for day in ("September 15, 2026", "October 1, 2026"))


def test_goods_that_come_later_are_told_to_those_behind_them(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 1, "2026-07-01", "P-1")
    orders(sales, 1, "2026-07-10", "P-2")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1)

    orders(sales, 1, AUGUST, "P-2")

    assert days(sales, made) == [JULY, AUGUST]
    assert [mail.email for mail in later(sales)] == ["c1@example.org"]


def test_who_had_no_day_for_a_while_hears_of_one_that_is_later(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 1, "2026-07-10")
    sales.opens(capacity="incoming", release_on=JULY)
    in_line(sales, 1)

    orders(sales, 0, "2026-07-10")
    assert later(sales) == []
    orders(sales, 1, "2026-07-10")
    assert later(sales) == [], "the day that was told holds again"
    orders(sales, 0, "2026-07-10")
    orders(sales, 1, AUGUST)

    assert [mail.email for mail in later(sales)] == ["c0@example.org"]


def test_a_hold_is_told_the_day_of_its_confirmation_and_only_later_ones(sales: Sales) -> None:
    releases(sales, JULY)
    (held,) = in_line(sales, 1, confirmed=False)
    for day in (SEPTEMBER, AUGUST):
        releases(sales, day)
    assert later(sales) == []
    sales.does(held, "confirm")
    sales.world.settle()

    releases(sales, SEPTEMBER)

    assert len(later(sales)) == 1


def test_of_several_things_the_last_day_counts(sales: Sales) -> None:
    for sku, day in ((LAMP, JULY), ("SHADE", AUGUST)):
        sales.opens(sku, release_on=day)
    body = {"lines": [{"sku": LAMP}, {"sku": "SHADE"}], "customer": {"email": "ana@example.org", "locale": "en"}}
    _, made = sales.asks("POST", "/v1/reservations", body, key="ana")
    sales.does(made["id"], "confirm")
    sales.world.settle()

    releases(sales, "2026-08-01")
    assert later(sales) == []
    releases(sales, SEPTEMBER)

    assert [mail.email for mail in later(sales)] == ["ana@example.org"]


def test_who_cancelled_or_has_theirs_hears_nothing(sales: Sales) -> None:
    releases(sales, JULY)
    made = in_line(sales, 1, 1, 1)
    sales.shop.counts(LAMP, 1)
    sales.does(made[1], "cancel")
    sales.world.settle()

    releases(sales, AUGUST)

    assert [mail.email for mail in later(sales)] == ["c2@example.org"]
