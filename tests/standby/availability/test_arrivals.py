"""The days on which more is expected, however many orders are late."""

from standby.availability.projection import MOST_ARRIVALS, supply_of
from standby.ledger.model import PurchaseOrder, SkuStock
from standby.ledger.supply import SkuSupply

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
