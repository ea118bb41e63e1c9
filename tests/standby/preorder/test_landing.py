"""A purchase order is booked in by two words, a level and ``stock.received``, and ERPs differ in which comes first."""

from typing import Any

import pytest
from standby.ledger import landing
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text

from tests.promises.preorder_checks import adds_up
from tests.standby.availability.storefront import product_changed, row, variant
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_allocating import given, ordered
from tests.standby.preorder.test_netting import comes

JULY = "2026-07-10"


def bought(sales: Sales, units: int, order: str = "po-1") -> None:
    comes(sales, "incoming", order, units, "as_of", eta=JULY)
    sales.world.clock.advance(seconds=1)


def received(sales: Sales, units: int, order: str = "po-1") -> None:
    sales.world.clock.advance(seconds=30)
    comes(sales, "received", order, units, "occurred_at")


def follows(sales: Sales, units: int = 3) -> None:
    """Open a campaign that sells what a purchase order brings."""
    sales.shop.counts(LAMP, 0)
    bought(sales, units)
    sales.opens(capacity="incoming")


def sold(sales: Sales, when: str) -> int:
    return [sales.reserves(f"{when}{number}")[0] for number in range(7)].count(201)


def test_units_are_sold_once_whose_level_comes_before_their_receipt(sales: Sales) -> None:
    follows(sales)

    sales.shop.counts(LAMP, 3)

    assert sales.campaign()["remaining"] == 3
    assert sold(sales, "level") == 3
    received(sales, 3)
    assert (sold(sales, "receipt"), sales.campaign()["overcommitted"]) == (0, 0)


def test_another_order_called_off_says_nothing_of_what_came(sales: Sales) -> None:
    follows(sales)
    bought(sales, 3, "po-2")
    sales.shop.counts(LAMP, 3)

    bought(sales, 0, "po-2")

    assert sold(sales, "later") == 3


def test_what_came_besides_the_order_is_sold_with_it_a_day_later(sales: Sales) -> None:
    follows(sales)
    sales.shop.counts(LAMP, 1)
    assert sales.campaign()["remaining"] == 3

    sales.world.clock.advance(seconds=landing.LASTS.total_seconds())

    assert sales.campaign()["remaining"] == 4
    assert sold(sales, "later") == 4


def test_a_level_that_comes_while_somebody_reserves_sells_nothing_twice(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    follows(sales)
    written = LedgerTable.beside

    def too_late(self: LedgerTable, *writes: Any, **more: Any) -> None:
        monkeypatch.setattr(LedgerTable, "beside", written)
        sales.shop.counts(LAMP, 3)
        written(self, *writes, **more)

    sales.holds("first", quantity=2)
    monkeypatch.setattr(LedgerTable, "beside", too_late)

    assert sales.reserves("second", quantity=2)[0] == 409


def test_what_came_is_not_on_its_way_for_who_may_pass(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    bought(sales, 10)
    sales.opens(capacity=50, allocation="fill")
    made = ordered(sales, 10, 1, 1)

    sales.shop.counts(LAMP, 5)
    received(sales, 5)

    assert given(sales, made) == [5, 0, 0]
    adds_up(sales.world)


def test_nobody_loses_a_day_because_the_goods_were_received(sales: Sales) -> None:
    follows(sales)
    made = ordered(sales, 1, 1, 1)
    sales.world.settle()
    before = len(sales.world.mails)

    received(sales, 3)
    sales.world.wait(minutes=1)
    assert len(sales.world.mails) == before
    assert [sales.reservation(each)["promised_until"] for each in made] == ["2026-07-15"] * 3

    sales.shop.counts(LAMP, 3)
    assert [sales.reservation(each)["status"] for each in made] == ["allocated"] * 3


def test_what_was_received_is_missing_of_nobody_and_sold_once_it_is_counted(sales: Sales) -> None:
    follows(sales, units=10)
    ordered(sales, 1, 1, 1, 1, 1, 1)

    def shown() -> tuple[int, int]:
        campaign = sales.campaign()
        return campaign["remaining"], campaign["overcommitted"]

    received(sales, 5)

    assert shown() == (0, 0), "five still come, for six"
    sales.shop.counts(LAMP, 5)
    assert shown() == (4, 0)
    assert sold(sales, "level") == 4


@pytest.mark.parametrize("first", ["receipt", "level"])
def test_who_waits_for_the_rest_of_an_order_keeps_the_day(sales: Sales, first: str) -> None:
    follows(sales)
    made = ordered(sales, 1, 1, 1)
    if first == "receipt":
        received(sales, 2)
    sales.shop.counts(LAMP, 2)
    if first == "level":
        received(sales, 2)
    sales.world.wait(minutes=1)

    last = sales.reservation(made[-1])
    assert (last["status"], last["promised_until"]) == ("confirmed", "2026-07-15")
    assert not [mail for mail in sales.world.mails if mail.subject.startswith("No date")]


def test_what_was_received_and_is_not_counted_for_a_day_promises_nothing(sales: Sales) -> None:
    follows(sales)
    (made,) = ordered(sales, 2)
    received(sales, 3)

    sales.world.clock.advance(seconds=landing.LASTS.total_seconds())
    bought(sales, 1, "po-2")
    sales.world.wait(minutes=1)

    assert sales.reservation(made)["promised_until"] is None


def badge(sales: Sales, sku: str = LAMP) -> tuple[str | None, str | None]:
    """Return what the shelf says of a SKU beside its campaign: its status, and the day on which more comes."""
    found = row(sales.world, sku)
    return found.status, found.back_on("2026-05-03")


def test_the_badge_of_goods_that_came_for_others_names_no_day_until_more_comes(sales: Sales) -> None:
    """The level came before its receipt: what is on its way by the purchase order lies in the house, for who waits."""
    follows(sales, units=3)
    ordered(sales, 1, 1, 1)
    assert badge(sales)[0] == "OutOfStock"

    sales.shop.counts(LAMP, 3)

    assert badge(sales) == ("SoldOut", None)
    assert row(sales.world, LAMP).ahead == 0
    bought(sales, 2, "po-2")
    received(sales, 3)
    assert badge(sales) == ("OutOfStock", JULY)
    assert row(sales.world, LAMP).ahead == 2


def test_the_badge_of_goods_that_were_received_expects_them_until_they_are_counted(sales: Sales) -> None:
    follows(sales, units=3)

    received(sales, 3)

    assert badge(sales) == ("OutOfStock", to_text(sales.world.clock.now())[:10])
    assert row(sales.world, LAMP).ahead == 0
    sales.shop.counts(LAMP, 3)
    assert badge(sales)[0] == "LimitedAvailability"
    sales.shop.counts(LAMP, 0)
    assert badge(sales) == ("SoldOut", None)


def test_a_kits_badge_counts_goods_once_that_came(sales: Sales) -> None:
    """One lamp and one shade make a set; four shades are there, and three lamps come that are owed to others."""
    follows(sales, units=3)
    sales.shop.counts("SHADE", 4)
    components = [{"sku": sku, "quantity": 1} for sku in (LAMP, "SHADE")]
    sales.world.send("StockProducts", product_changed("lamp-set", 1, variant("LAMP-SET", 1, components=components)))
    sales.world.settle()
    ordered(sales, 1, 1, 1)
    bought(sales, 5)

    sales.shop.counts(LAMP, 3)
    assert sales.shop.stock("LAMP-SET")["incoming"] == 2
    received(sales, 3)
    assert (sales.shop.stock("LAMP-SET")["incoming"], badge(sales, "LAMP-SET")) == (2, ("OutOfStock", JULY))
    received(sales, 5)

    assert (sales.shop.stock("LAMP-SET")["incoming"], badge(sales, "LAMP-SET")[0]) == (2, "OutOfStock")
    sales.shop.counts(LAMP, 5)
    assert (sales.shop.stock("LAMP-SET")["free"], sales.shop.stock("LAMP-SET")["incoming"]) == (2, 0)
