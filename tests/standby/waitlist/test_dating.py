"""Who waits is told from which day there is more, once, and again where it slips by more than the shop allows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.ledger.model import PurchaseOrder, SkuStock
from standby.ledger.supply import SkuSupply
from standby.waitlist.dating import first_day

from tests.promises.unruly import searching
from tests.standby.availability.storefront import Storefront
from tests.standby.preorder.sales import Sales
from tests.world import World

MUG = "MUG-BLUE"
MAY, LATER, JUNE = "2026-05-12", "2026-05-14", "2026-06-20"


@pytest.fixture
def shop(world: World) -> Storefront:
    shop = Storefront(world)
    shop.settings(date_slip_days=3)
    shop.counts(MUG, 0)
    for name in ("ana", "ben"):
        shop.waits(f"{name}@example.org", MUG)
        world.clock.advance(seconds=1)
    return shop


def orders(shop: Storefront, eta: str | None, quantity: int = 5, number: str = "P-1") -> None:
    shop.orders(MUG, quantity, eta, purchase_order_id=number)
    shop.world.wait(minutes=6)


def told(shop: Storefront) -> list[tuple[str, str]]:
    """Return who was told a day, and which."""
    days = {"May 12": MAY, "May 14": LATER, "June 20": JUNE}
    return [
        (mail.email.partition("@")[0], next(day for words, day in days.items() if words in mail.subject))
        for mail in shop.world.mails
        if "expected" in mail.subject
    ]


def test_a_day_is_told_once_and_another_where_it_slips(shop: Storefront) -> None:
    orders(shop, MAY)
    assert told(shop) == [("ana", MAY), ("ben", MAY)]
    orders(shop, LATER)
    assert len(told(shop)) == 2, "two days are no slip"
    orders(shop, JUNE)
    assert told(shop)[2:] == [("ana", JUNE), ("ben", JUNE)]
    last = shop.world.mails[-1]
    assert "instead of" in last.html
    orders(shop, MAY)
    assert len(told(shop)) == 4, "earlier is no slip"


def test_who_was_told_a_day_keeps_the_place_and_is_told_when_it_is_back(shop: Storefront) -> None:
    orders(shop, MAY)
    shop.counts(MUG, 1)
    shop.world.wait(minutes=2)
    assert [mail.email for mail in shop.world.mails if "back in stock" in mail.subject.lower()] == ["ana@example.org"]


def test_a_shop_that_does_not_want_it_tells_no_day(shop: Storefront) -> None:
    shop.settings(date_slip_days=0)
    orders(shop, MAY)
    assert told(shop) == []


def test_several_orders_that_move_together_are_told_as_one_day(shop: Storefront) -> None:
    for number, eta in (("P-1", JUNE), ("P-2", MAY)):
        shop.orders(MUG, 5, eta, purchase_order_id=number)
    shop.world.wait(minutes=6)
    assert told(shop) == [("ana", MAY), ("ben", MAY)]


def test_nobody_is_told_of_what_can_be_bought_or_is_owed_or_over(shop: Storefront) -> None:
    orders(shop, "2026-05-01")
    shop.counts(MUG, 3)
    orders(shop, JUNE, number="P-2")
    assert told(shop) == []


def test_who_left_hears_nothing_and_who_came_later_neither(shop: Storefront) -> None:
    orders(shop, MAY)
    token = next(mail.link("leave") for mail in shop.world.mails if mail.email == "ana@example.org")
    shop.world.request("waitlist_api", "POST", "/v1/waitlist/leave", query={"token": token})
    shop.waits("late@example.org", MUG)
    orders(shop, LATER)
    assert len(told(shop)) == 2, "who comes later sees the day on the page"
    orders(shop, JUNE)
    assert told(shop)[2:] == [("ben", JUNE), ("late", JUNE)]


def test_the_mail_says_that_it_can_be_pre_ordered(shop: Storefront) -> None:
    Sales(shop).opens(MUG, capacity=5)
    shop.world.wait(seconds=2)
    orders(shop, MAY)
    assert all("pre-ordered now" in mail.html for mail in shop.world.mails if "expected" in mail.subject)
    assert len(told(shop)) == 2


def test_a_long_line_is_told_in_pages(shop: Storefront, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.waitlist.line_pages.PAGE", 2)
    names = [f"c{number}" for number in range(5)]
    for name in names:
        shop.waits(f"{name}@example.org", MUG)
        shop.world.clock.advance(seconds=1)
    orders(shop, MAY)
    assert [name for name, _ in told(shop)] == ["ana", "ben", *names]
    shop.world.send("WaitlistPlans", {"plan": "date_page", "sku": MUG, "number": 1, "after": ""})
    shop.world.settle()
    assert len(told(shop)) == 7, "a page that comes again makes the same jobs"


@pytest.mark.parametrize(("landed", "day"), [(0, MAY), (4, JUNE), (9, None), (-3, MAY), (-4, None)])
def test_goods_of_which_one_word_came_are_expected_no_more(landed: int, day: str | None) -> None:
    """Three are owed; four come in May and four in June, of which some lie in the house by one of two words."""
    orders = [PurchaseOrder(purchase_order_id=eta, quantity=4, eta=eta) for eta in (MAY, JUNE)]
    stock = SkuStock(sku=MUG, free=-3, incoming=8, landed=landed, landed_until="2026-05-04T10:00:00.000Z")
    assert first_day(SkuSupply(stock=stock, lines=orders), "2026-05-03T10:00:00.000Z") == day


units = st.integers(0, 4)
lines = st.lists(st.tuples(st.sampled_from([None, "2026-05-01", MAY, JUNE]), units), max_size=4)


@searching(examples=40, steps=1)
@given(free=st.integers(-5, 1), coming=lines)
def test_the_first_day_is_that_of_the_first_unit_that_can_be_sold(free: int, coming: list[tuple[Any, int]]) -> None:
    orders = [PurchaseOrder(purchase_order_id=str(n), quantity=q, eta=eta) for n, (eta, q) in enumerate(coming)]
    found = first_day(SkuSupply(stock=SkuStock(sku=MUG, free=free), lines=orders), "2026-05-03")
    expected = [eta for eta, quantity in coming if eta is not None and eta >= "2026-05-03" for _ in range(quantity)]
    missing = sorted(expected)[max(0, -free) :]
    assert found == (None if free > 0 else next(iter(missing), None))
