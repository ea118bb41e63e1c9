"""What a customer sees of an own reservation, behind the signed link in its mails."""

from datetime import timedelta
from typing import Any

import pytest
from standby.platform.tokens import TokenKeys, Tokens

from tests.standby.preorder.sales import LAMP, PRICE, Sales

ANA = "ana@example.org"
GONE = 410


def ordered(sales: Sales, *names: str, **more: Any) -> list[str]:
    """Reserve and confirm, a second apart, and let the mails go out."""
    made = []
    for name in names:
        made.append(sales.holds(name, **more))
        sales.does(made[-1], "confirm")
        sales.world.clock.advance(seconds=1)
    sales.world.settle()
    return made


def test_a_mail_confirms_the_reservation_once_with_what_date_price_and_link(sales: Sales) -> None:
    sales.opens(capacity=5)
    (made,) = ordered(sales, "ana", quantity=2)
    sales.does(made, "confirm", {"paid": True})
    sales.world.wait(minutes=2)
    (mail,) = [mail for mail in sales.world.mails if mail.email == ANA]
    for words in (f"Pre-ordered: \u2068{LAMP}\u2069",):
        assert words in mail.subject
    for words in ("July 15, 2026", "€118.00", "a quantity of \u20682\u2069", "/v1/preorders/"):
        assert words in mail.text


def test_what_is_held_at_checkout_is_confirmed_by_no_mail_of_ours(sales: Sales) -> None:
    sales.shop.counts(LAMP, 3)
    ordered(sales, "ana", kind="checkout")
    assert sales.world.mails == []


def test_a_reservation_that_was_given_back_before_it_was_told_is_confirmed_by_no_mail(sales: Sales) -> None:
    sales.opens(capacity=5)
    made = sales.holds("ana")
    sales.does(made, "confirm")
    sales.world.queues["MailUrgent"].clear()
    sales.does(made, "cancel")
    sales.world.wait(minutes=2)
    assert sales.world.mails == []


@pytest.mark.parametrize(
    ("release_on", "moved", "alive_after", "over_after"),
    [
        ("2026-07-15", None, 430, 440),
        ("2028-12-31", None, 1_330, 1_340),
        ("2026-07", "2027-07", 448, 460),
    ],
)
def test_a_link_lives_a_year_behind_the_day_that_was_promised_when_it_was_mailed(
    sales: Sales, release_on: str, moved: str | None, alive_after: int, over_after: int
) -> None:
    sales.opens(release_on=release_on)
    ordered(sales, "ana")
    token = sales.link(ANA)
    if moved is not None:  # what the shop puts off later is in the link of the next mail
        sales.opens(release_on=moved)
        sales.world.settle()

    sales.world.clock.advance(days=alive_after)
    assert sales.own(token)[0] == 200
    sales.world.clock.advance(days=over_after - alive_after)
    assert sales.own(token)[0] == GONE


def test_no_link_lives_longer_than_four_years(sales: Sales) -> None:
    sales.opens(release_on="2029-04-30")
    ordered(sales, "ana")
    token = sales.link(ANA)

    sales.world.clock.advance(days=1_455)
    assert sales.own(token)[0] == 200
    sales.world.clock.advance(days=10)
    assert sales.own(token)[0] == GONE


def test_a_link_shows_state_date_price_place_and_what_happens_next(sales: Sales) -> None:
    sales.opens(capacity=9)
    ordered(sales, "ben", "ana", quantity=2)
    status, own = sales.own(sales.link(ANA))
    assert status == 200
    assert (own["status"], own["next"], own["lines"][0]["place"]) == ("confirmed", "arrival", 2)
    assert (own["promised_until"], own["price"]) == ("2026-07-15", {**PRICE, "amount": 2 * PRICE["amount"]})
    assert "id" not in own

    sales.shop.counts(LAMP, 3)
    _, own = sales.own(sales.link(ANA))
    assert (own["lines"][0]["place"], own["lines"][0]["allocated"]) == (1, 1)

    sales.shop.counts(LAMP, 4)
    _, own = sales.own(sales.link(ANA))
    assert (own["status"], own["next"], own["lines"][0]["place"]) == ("allocated", "delivery", None)


def test_a_link_says_until_when_it_must_be_paid_and_then_that_it_is_over(sales: Sales) -> None:
    sales.opens(capacity=9, pay="on_allocation", checkout_hours=2)
    ordered(sales, "ana")
    sales.shop.counts(LAMP, 1)
    _, own = sales.own(sales.link(ANA))
    assert (own["next"], own["pay_by"] > own["reserved_at"]) == ("payment", True)
    sales.world.clock.advance(hours=3)
    _, over = sales.own(sales.link(ANA))
    assert (over["status"], over["next"], over["ended_at"]) == ("expired", None, own["pay_by"])


def test_the_mail_that_yours_is_here_has_the_link_too(sales: Sales) -> None:
    sales.opens(capacity=9)
    ordered(sales, "ana")
    sales.shop.counts(LAMP, 1)
    about = [mail for mail in sales.world.mails if "is here" in mail.subject]
    assert ["/v1/preorders/" in mail.text for mail in about] == [True]


@pytest.mark.parametrize(("locale", "words"), [("en", "Your place in line"), ("he-IL", "המקום שלכם בתור")])
def test_a_browser_is_shown_a_page_in_the_customers_language(sales: Sales, locale: str, words: str) -> None:
    sales.opens(capacity=9)
    ordered(sales, "ana", customer={"locale": locale})
    status, html = sales.own(sales.link(ANA), page=True)
    assert (status, words in html, "<script" in html) == (200, True, False)


def test_looking_changes_nothing(sales: Sales) -> None:
    sales.opens(capacity=9)
    ordered(sales, "ana")
    before = sales.world.memory.snapshot()
    for page in (False, True):
        sales.own(sales.link(ANA), page=page)
    assert sales.world.memory.snapshot() == before


def test_half_a_link_opens_nothing_and_an_old_one_says_so(sales: Sales) -> None:
    sales.opens(capacity=9)
    ordered(sales, "ana")
    token = sales.link(ANA)
    assert sales.own(token[:-3])[0] == 404
    assert sales.own(token + ".")[0] == 200
    sales.world.clock.advance(days=440)
    for page in (False, True):
        assert sales.own(token, page=page)[0] == GONE


def test_a_link_of_another_purpose_opens_no_reservation(sales: Sales) -> None:
    sales.opens(capacity=9)
    (made,) = ordered(sales, "ana")
    keys = Tokens(TokenKeys("a-key-of-the-test"))
    now = sales.world.clock.now()
    own = keys.issue("preorder", {"r": made}, now=now, lifetime=timedelta(days=1))
    other = keys.issue("leave", {"r": made}, now=now, lifetime=timedelta(days=1))
    assert (sales.own(own)[0], sales.own(other)[0]) == (200, 404)


def test_a_link_to_what_is_kept_no_more_says_that_it_is_over(sales: Sales) -> None:
    keys = Tokens(TokenKeys("a-key-of-the-test"))
    token = keys.issue("preorder", {"r": "0" * 32}, now=sales.world.clock.now(), lifetime=timedelta(days=1))
    status, problem = sales.own(token)
    assert (status, problem["type"]) == (GONE, "/problems/gone")
    assert "This is over" in sales.own(token, page=True)[1]
