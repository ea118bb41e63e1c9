"""The days on which more is expected, however many orders are late."""

from dataclasses import replace

from standby.availability.projection import MOST_ARRIVALS, supply_of
from standby.ledger.model import PurchaseOrder, SkuStock
from standby.ledger.supply import SkuSupply
from standby.shelf import items
from standby.shelf.model import Listed, Row

STOCK = SkuStock(sku="MUG", revision=1, changed_at="2026-05-03T10:00:00.000Z")


def line(eta: str) -> PurchaseOrder:
    return PurchaseOrder(purchase_order_id=eta, quantity=5, eta=eta)


def test_orders_that_are_late_do_not_hide_the_day_that_is_to_come() -> None:
    late = [line(f"2026-04-{day:02}") for day in range(1, MOST_ARRIVALS + 5)]
    supply = supply_of(SkuSupply(stock=STOCK, lines=[*late, line("2026-06-01")]))
    assert (supply.arrivals, supply.overdue) == (("2026-06-01",), True)


def test_a_day_that_is_not_over_everywhere_is_kept() -> None:
    lines = [line(day) for day in ("2026-05-01", "2026-05-02", "2026-05-03")]
    supply = supply_of(SkuSupply(stock=STOCK, lines=lines))
    assert (supply.arrivals, supply.overdue) == (("2026-05-02", "2026-05-03"), True)
    assert not supply_of(SkuSupply(stock=STOCK, lines=lines[1:])).overdue


def test_a_day_counts_from_which_there_is_something_to_sell() -> None:
    """A stranger found it: 10 units are missing, 5 come tomorrow, and the badge promised tomorrow."""
    lines = [line("2026-05-04"), line("2026-05-06"), line("2026-05-09")]
    for free, day in ((0, "2026-05-04"), (-4, "2026-05-04"), (-5, "2026-05-06"), (-14, "2026-05-09"), (-15, None)):
        supply = supply_of(SkuSupply(stock=replace(STOCK, free=free), lines=lines))
        row = Row(sku="MUG", supply=supply)
        assert (row.back_on("2026-05-03"), row.back_on("2026-05-10")) == (day, None)
        assert row.listing is not None
        assert Listed.of(row.listing).back_on("2026-05-03", "2026-05-03T10:00:00.000Z") == day
        assert items.row(items.row_values(row)).supply == supply


def test_what_is_late_fills_nothing_up() -> None:
    lines = [replace(line("2026-04-01"), quantity=100), line("2026-06-01")]
    supply = supply_of(SkuSupply(stock=replace(STOCK, free=-7), lines=lines))
    assert (Row(sku="MUG", supply=supply).back_on("2026-05-03"), supply.overdue) == (None, True)
