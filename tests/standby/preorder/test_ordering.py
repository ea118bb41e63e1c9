"""Orders of the ERP that name reservations: known to it, gone, or cancelled."""

from typing import Any

from standby.platform.clock import to_text

from tests.promises.preorder_checks import adds_up
from tests.standby.preorder.sales import LAMP, Sales


def says(sales: Sales, kind: str, reservation_id: str, **more: Any) -> None:
    """Let the ERP say something of the order that a reservation became."""
    at = to_text(sales.world.clock.now())
    said = {"type": f"order.{kind}", "order_id": f"O-{reservation_id[:8]}", "as_of": at}
    if kind == "placed":
        said |= {"reservation_ids": [reservation_id], "lines": [{"line_id": "1", "sku": LAMP, "quantity": 1}]}
    else:
        said |= {"occurred_at": at}
    sales.world.send("OrderUpdates", said | more)
    sales.world.settle()
    sales.world.clock.advance(seconds=1)


def bought(sales: Sales) -> str:
    sales.shop.counts(LAMP, 3)
    made = sales.holds("ana", kind="checkout")
    sales.does(made, "confirm")
    return made


def test_what_was_shipped_is_held_no_longer(sales: Sales) -> None:
    made = bought(sales)
    says(sales, "placed", made)
    assert sales.numbers() == (0, 1, 2)

    says(sales, "shipped", made)
    sales.shop.counts(LAMP, 2)

    assert sales.reservation(made)["status"] == "fulfilled"
    assert sales.numbers() == (0, 0, 2)
    assert sales.told("UnitsFreed") == []
    assert sales.does(made, "cancel")[0] == 409
    adds_up(sales.world)


def test_what_the_level_contains_already_is_held_no_longer(sales: Sales) -> None:
    made = bought(sales)
    says(sales, "placed", made)

    sales.shop.counts(LAMP, 3, committed=1, netted_until=to_text(sales.world.clock.now()))

    assert sales.numbers() == (0, 0, 2)
    says(sales, "shipped", made)
    assert sales.reservation(made)["status"] == "fulfilled"


def test_an_order_that_is_cancelled_gives_its_units_back(sales: Sales) -> None:
    made = bought(sales)
    says(sales, "placed", made)

    says(sales, "cancelled", made)

    assert sales.reservation(made)["status"] == "cancelled"
    assert sales.numbers() == (0, 0, 3)
    assert len(sales.told("UnitsFreed")) == 1
    adds_up(sales.world)


def test_a_pre_order_that_left_keeps_its_part_of_the_campaign(sales: Sales) -> None:
    sales.opens(capacity=2, limit_per_customer=1)
    made = sales.holds("ana")
    sales.does(made, "confirm")
    sales.shop.counts(LAMP, 1)
    says(sales, "placed", made)

    says(sales, "shipped", made)

    shown = sales.campaign()
    assert (shown["reserved"], shown["remaining"]) == (1, 1)
    assert sales.reserves("again", email="ana@example.org")[0] == 409
    adds_up(sales.world)


def test_ids_that_are_nobodys_reservation_change_nothing(sales: Sales) -> None:
    for kind in ("placed", "shipped", "cancelled"):
        says(sales, kind, "somebody-elses-id")

    assert sales.told("ReservationCancelled") == []
    assert sales.world.bodies("PreorderDeadLetters") == []


def test_an_order_confirms_what_is_still_held_for_it(sales: Sales) -> None:
    sales.opens(capacity=2)
    made = sales.holds("ana")

    says(sales, "placed", made)
    sales.world.wait(minutes=20)
    sales.shop.counts(LAMP, 1)

    assert sales.reservation(made)["status"] == "allocated"
    assert [told["reservation_id"] for told in sales.told("ReservationConfirmed")] == [made]
    assert sales.does(made, "confirm")[0] == 200
    adds_up(sales.world)


def test_an_order_that_comes_after_the_hold_confirms_nothing(sales: Sales) -> None:
    sales.shop.counts(LAMP, 1)
    made = sales.holds("ana", kind="checkout")
    sales.world.wait(minutes=20)

    says(sales, "placed", made)

    assert (sales.reservation(made)["status"], sales.numbers()) == ("expired", (0, 0, 1))
