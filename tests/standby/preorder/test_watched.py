"""Pre-orders whose units should have left by now are found, and no others are."""

from typing import Any

from standby.platform.clock import to_text

from tests.promises.preorder_checks import adds_up, stored
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_ordering import says

SHADE = "SHADE"
LINES = [{"line_id": sku, "sku": sku, "quantity": 1} for sku in (LAMP, SHADE)]


def found(sales: Sales, **later: int) -> int:
    """Return how many claims the alarm's sweep finds after some time."""
    sales.world.wait(**later)
    now = to_text(sales.world.clock.now())
    claims = [item for _, item in stored(sales.world, "Stock", "SKU#") if "claim_id" in item]
    return sum(item.get("due_shard", "").startswith("UNFINISHED") and item["due_at"] <= now for item in claims)


def bought(sales: Sales, **terms: Any) -> str:
    sales.opens(capacity=5, **terms)
    made = sales.holds("ana")
    sales.does(made, "confirm")
    return made


def both(sales: Sales) -> str:
    for sku in (LAMP, SHADE):
        sales.opens(sku, capacity=5, release_on="2026-05-04")
    wish = {"lines": [{"sku": LAMP}, {"sku": SHADE}], "customer": {"email": "ana@example.org"}}
    _, made = sales.asks("POST", "/v1/reservations", wish, key="ana")
    sales.does(made["id"], "confirm")
    return str(made["id"])


def test_units_that_are_set_aside_for_an_order_that_never_comes_are_found_a_week_later(sales: Sales) -> None:
    made = bought(sales, release_on="2026-12-01")
    assert found(sales, days=20) == 0
    sales.shop.counts(LAMP, 1)

    assert (found(sales, days=6), found(sales, days=2)) == (0, 1)
    says(sales, "placed", made)
    assert found(sales, days=60) == 0, "the ERP keeps them until their release"
    says(sales, "shipped", made)
    sales.shop.counts(LAMP, 0)
    assert found(sales, days=200) == 0
    adds_up(sales.world)


def test_nobody_is_found_who_may_still_pay(sales: Sales) -> None:
    made = bought(sales, pay="on_allocation", checkout_hours=720, release_on="2026-05-04")
    says(sales, "placed", made)
    sales.shop.counts(LAMP, 1)

    assert found(sales, days=29) == 0
    says(sales, "placed", made, payment_status="paid")
    assert (found(sales, days=7), found(sales, days=2)) == (0, 1)


def test_goods_that_came_before_their_release_are_found_a_week_behind_it(sales: Sales) -> None:
    made = bought(sales, release_on="2026-06-01/2026-06-10")
    says(sales, "placed", made)
    sales.shop.counts(LAMP, 1)

    assert (found(sales, days=44), found(sales, days=1)) == (0, 1)


def test_a_line_that_waits_for_another_is_found_with_it_a_week_after_that_came(sales: Sales) -> None:
    made = both(sales)
    says(sales, "placed", made, lines=LINES)
    sales.shop.counts(LAMP, 1)
    waiting = found(sales, days=60)
    sales.shop.counts(SHADE, 1)

    assert (waiting, found(sales, days=6), found(sales, days=2)) == (0, 0, 2)
    sales.shop.counts(SHADE, 0)
    sales.world.wait(minutes=11)
    assert sales.reservation(made)["status"] == "confirmed"
    assert found(sales, days=60) == 0, "one waits again, and the other with it"


def test_a_line_whose_other_was_cancelled_waits_for_nothing_any_more(sales: Sales) -> None:
    made = both(sales)
    says(sales, "placed", made, lines=LINES)
    sales.shop.counts(LAMP, 1)
    sales.world.wait(days=60)
    says(sales, "cancelled", made, line_ids=[SHADE])

    assert sales.reservation(made)["status"] == "allocated"
    assert (found(sales, days=6), found(sales, days=2)) == (0, 1)


def test_an_order_that_comes_late_has_a_line_wait_for_the_other(sales: Sales) -> None:
    made = both(sales)
    sales.shop.counts(LAMP, 1)
    assert found(sales, days=8) == 1

    says(sales, "placed", made, lines=LINES)
    assert found(sales, days=60) == 0
    sales.shop.counts(SHADE, 1)
    assert found(sales, days=8) == 2
