"""Prices: what a reservation costs never rises, and API, mails and events say the same."""

from datetime import timedelta
from typing import Any

from standby.platform.clock import from_text
from standby.preorder.pricing import KEPT_PRICES, Priced, carried

from tests.promises.shop import OPS
from tests.standby.preorder.sales import LAMP, PRICE, Sales


def test_the_price_never_rises_after_it_was_reserved_and_falls_where_that_is_guaranteed(sales: Sales) -> None:
    sales.opens(price_guarantee="lowest_until_release")
    ana = sales.holds("ana")
    sales.world.clock.advance(minutes=1)
    sales.opens(price_guarantee="lowest_until_release", price={**PRICE, "amount": 6_500})
    assert sales.reservation(ana)["price"] == PRICE
    sales.world.clock.advance(minutes=1)
    sales.opens(price_guarantee="lowest_until_release", price={**PRICE, "amount": 4_900})

    assert sales.reservation(ana)["price"] == {**PRICE, "amount": 4_900}
    sales.world.clock.advance(minutes=1)
    sales.opens(price_guarantee="lowest_until_release", price={**PRICE, "amount": 5_500})
    assert sales.reservation(ana)["price"] == {**PRICE, "amount": 4_900}


GUARANTEED = {"price_guarantee": "lowest_until_release", "opens_at": "2026-01-01T00:00:00Z"}


def cut(sales: Sales, amount: int = 4_900, **terms: Any) -> None:
    """Let the campaign cost less, a minute later."""
    sales.world.clock.advance(minutes=1)
    sales.opens(**{**GUARANTEED, "price": {**PRICE, "amount": amount}, **terms})


def test_no_later_word_of_the_shop_takes_a_lower_price_away(sales: Sales) -> None:
    sales.opens(**GUARANTEED, release_on="2026-09-15")
    ana = sales.holds("ana", quantity=2)
    sales.does(ana, "confirm")
    yesterday = (sales.world.clock.now() - timedelta(days=1)).date().isoformat()

    cut(sales, release_on="2026-09-15")
    for later in ({"price_guarantee": "none"}, {"release_on": yesterday}, {"price_guarantee": "none"}):
        cut(sales, 5_900, **later)
        assert sales.reservation(ana)["price"] == {**PRICE, "amount": 9_800}, later
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    cut(sales, 5_500)
    assert sales.reservation(ana)["price"] == {**PRICE, "amount": 9_800}


def test_a_guarantee_that_stood_stays_and_one_that_did_not_comes_too_late(sales: Sales) -> None:
    sales.opens(**GUARANTEED)
    ana = sales.holds("ana")
    cut(sales, 5_500, price_guarantee="none")
    ben = sales.holds("ben")
    cut(sales, 4_900)

    prices = [sales.reservation(each)["price"]["amount"] for each in (ana, ben)]
    assert prices == [4_900, 5_500]


def test_a_lower_price_counts_until_the_release_wherever_the_campaign_was_opened_anew(sales: Sales) -> None:
    sales.opens(**GUARANTEED)
    ana = sales.holds("ana")
    sales.does(ana, "confirm")
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    cut(sales, 4_900, release_on="2026-11-01")
    assert sales.reservation(ana)["price"] == {**PRICE, "amount": 4_900}
    sales.world.clock.at = from_text("2026-07-16T00:00:00Z")
    cut(sales, 3_900, release_on="2026-11-01")
    assert sales.reservation(ana)["price"] == {**PRICE, "amount": 4_900}


def test_the_mail_says_the_price_that_the_answer_says(sales: Sales) -> None:
    sales.opens(**GUARANTEED)
    ana = sales.holds("ana")
    cut(sales)
    _, said = sales.does(ana, "confirm")
    sales.world.settle()

    (mail,) = sales.world.mails
    assert said["price"]["amount"] == 4_900
    assert "49.00" in mail.text
    assert "59.00" not in mail.text


def test_who_paid_is_owed_the_price_that_was_asked_for(sales: Sales) -> None:
    sales.opens("OTHER", price={"amount": 2_000, "currency": "GBP"})
    sales.opens(**GUARANTEED)
    ana = sales.holds("ana", quantity=2)
    lines = {"lines": [{"sku": LAMP}, {"sku": "OTHER", "quantity": 2}], "customer": {"email": "ben@example.org"}}
    _, ben = sales.asks("POST", "/v1/reservations", lines, key="ben")
    cut(sales)
    for each in (ana, ben["id"]):
        sales.does(each, "confirm", {"paid": True})
        sales.world.settle()
    for decision in ("cancel", "cancellation/approve"):
        sales.asks("POST", f"/v1/campaigns/{LAMP}/{decision}", scopes=OPS)
    sales.world.settle()

    owed = {each["reservation_id"]: each for each in sales.told("RefundDue")}
    assert owed[ana]["amount"] == {**PRICE, "amount": 9_800}
    assert "amounts" not in owed[ana]
    assert owed[ben["id"]].get("amount") is None
    assert owed[ben["id"]]["amounts"] == [{**PRICE, "amount": 4_900}, {"amount": 4_000, "currency": "GBP"}]


def test_prices_of_earlier_campaigns_that_are_very_many_become_the_lowest_of_the_oldest() -> None:
    prices = [Priced(f"2026-06-01T00:{n:02}:00Z", 5_900 + n, "EUR", "2026-07-15", 1) for n in range(KEPT_PRICES + 3)]

    kept = carried(prices)
    assert kept[0] == prices[2]._replace(amount=5_900)
    assert kept[1:] == prices[3:]
    assert carried(prices[:2]) == prices[:2]
