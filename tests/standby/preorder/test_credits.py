"""A campaign that expects a rush: units are owed ahead, so reservations do not meet at the SKU, and none is lost."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from standby.platform.clock import to_text
from standby.preorder.counter_model import Counter
from standby.preorder.credits import granted, share
from standby.preorder.model import Campaign, Money, Terms

from tests.promises.preorder_checks import adds_up
from tests.promises.shop import OPS
from tests.standby.availability.storefront import product_changed, variant
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_reserving import slug

pytestmark = pytest.mark.promise("P1", "P5")

RUSH = {"expected_per_second": 4, "shards": 2, "capacity": 10}
"""Each of two counters is granted four units at once."""


def written(sales: Sales, act: Callable[[], Any]) -> list[str]:
    """Return the partition keys of what an act writes in transactions."""
    keys: list[str] = []

    def noting(service: str, operation: str, parameters: Mapping[str, Any], make: Callable[..., Any]) -> Any:
        for entry in parameters.get("TransactItems", ()):
            ((_, body),) = entry.items()
            keys.append(
                f"{body.get('Key', body.get('Item'))['pk']['S']}/{body.get('Key', body.get('Item'))['sk']['S']}"
            )
        return make()

    sales.world.tap = noting
    act()
    return keys


def test_a_reservation_on_credit_writes_nothing_of_the_ledger(sales: Sales) -> None:
    sales.opens(**RUSH, limit_per_customer=1)
    sales.holds("first")
    sales.holds("second")

    keys = written(sales, lambda: sales.holds("ana"))

    kinds = sorted(key.partition("#")[0] for key in keys)
    assert kinds == ["CAMPAIGN", "LIMIT", "LINE", "RESERVATION"]
    adds_up(sales.world)


def test_units_that_were_granted_count_as_owed_and_remain(sales: Sales) -> None:
    sales.opens(**RUSH)
    sales.holds("ana")

    assert sales.numbers()[0] in {4, 8}
    assert (sales.campaign()["reserved"], sales.campaign()["remaining"]) == (1, 9)


def test_every_unit_is_sold_and_one_more_is_sold_out(sales: Sales) -> None:
    sales.opens(**RUSH)
    for number, quantity in enumerate((1, 2, 1, 3, 1, 1)):
        sales.holds(f"c{number}", quantity=quantity)

    assert slug(sales.reserves("two", quantity=2)) == (409, "sold-out")
    sales.holds("last")
    assert slug(sales.reserves("late")) == (409, "sold-out")
    assert sales.numbers() == (10, 0, -10)
    adds_up(sales.world)


def test_who_confirms_has_a_claim_and_is_given_what_comes(sales: Sales) -> None:
    sales.opens(**RUSH)
    sales.shop.counts(LAMP, 0)
    sales.does(sales.holds("held"), "extend")
    made = sales.holds("ana", quantity=2)
    sales.does(made, "confirm")
    adds_up(sales.world)

    sales.shop.counts(LAMP, 9)

    assert sales.reservation(made)["status"] == "allocated"
    assert sales.numbers()[2] <= 6, "what is held is not free"
    adds_up(sales.world)


def test_what_nobody_reserves_is_free_again_after_a_quarter_of_an_hour(sales: Sales) -> None:
    sales.opens(**RUSH)
    sales.does(sales.holds("ana"), "confirm")
    sales.holds("ben")
    sales.shop.counts(LAMP, 9)
    assert sales.shop.stock(LAMP)["sellable"] <= 5

    sales.world.wait(minutes=20)
    assert (sales.shop.stock(LAMP)["sellable"], sales.campaign()["remaining"]) == (7, 9), (
        "ben's unit came back to be owed"
    )
    sales.world.wait(minutes=20)

    assert sales.shop.stock(LAMP)["sellable"] == 8
    assert (sales.campaign()["reserved"], sales.campaign()["remaining"]) == (1, 9)
    adds_up(sales.world)


def test_closing_gives_back_at_once_what_nobody_reserved(sales: Sales) -> None:
    sales.opens(**RUSH)
    sales.holds("ana", quantity=3)

    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)

    assert (sales.numbers(), sales.campaign()["remaining"]) == ((3, 0, -3), 7)
    adds_up(sales.world)


def test_a_campaign_shrinks_to_what_is_reserved(sales: Sales) -> None:
    sales.opens(**RUSH)
    sales.holds("ana", quantity=3)

    sales.opens(**{**RUSH, "capacity": 3})

    assert (sales.numbers()[0], sales.campaign()["remaining"]) == (3, 0)
    assert slug(sales.reserves("late")) == (409, "sold-out")
    adds_up(sales.world)


def test_a_campaign_that_expects_no_rush_any_more_sells_what_was_granted(sales: Sales) -> None:
    sales.opens(**RUSH)
    sales.holds("ana")

    sales.opens(**{**RUSH, "expected_per_second": None})
    for number in range(9):
        sales.holds(f"c{number}")

    assert sales.numbers() == (10, 0, -10)
    adds_up(sales.world)


def test_cancelling_gives_units_to_the_next(sales: Sales) -> None:
    sales.opens(**{**RUSH, "capacity": 2})
    first, second = sales.holds("ana"), sales.holds("ben")
    sales.does(first, "confirm")

    for gone in (first, second):
        sales.does(gone, "cancel")
    sales.holds("eva", quantity=2)

    assert sales.campaign()["remaining"] == 0
    adds_up(sales.world)


@pytest.mark.parametrize("what", ["shipped", "cancelled"])
def test_an_order_that_comes_before_it_was_confirmed_is_followed(sales: Sales, what: str) -> None:
    sales.opens(**RUSH)
    made, at = sales.holds("ana"), to_text(sales.world.clock.now())
    order = {"order_id": "O-1", "as_of": at}
    lines = [{"line_id": "1", "sku": LAMP, "quantity": 1}]
    for message in ({"type": "order.placed", "reservation_ids": [made], "lines": lines}, {"type": f"order.{what}"}):
        more = {} if "lines" in message else {"occurred_at": at}
        sales.world.send("OrderUpdates", order | message | more)
        sales.world.settle()

    assert sales.reservation(made)["status"] == {"shipped": "fulfilled"}.get(what, what)
    adds_up(sales.world)


def test_what_can_be_held_on_credit_can_be_confirmed_and_cancelled(sales: Sales) -> None:
    for number in range(3):
        sales.opens(f"S{number}", capacity=64, shards=32, expected_per_second=1)
    refused = []
    for quantity in (40, 30, 26, 24, 20, 16, 12):
        body = {"lines": [{"sku": f"S{number}", "quantity": quantity} for number in range(3)]}
        body |= {"customer": {"email": "a@b.example"}}
        status, made = sales.asks("POST", "/v1/reservations", body, key=str(quantity))
        if status == 201:
            break
        refused.append(slug((status, made)))
    assert set(refused) == {(409, "too-many-lines")}
    assert sales.does(made["id"], "confirm", {"paid": True})[0] == 200
    sales.world.settle()
    assert sales.does(made["id"], "cancel")[1]["status"] == "cancelled"
    adds_up(sales.world)


def test_what_becomes_a_kit_is_not_sold_ahead(sales: Sales) -> None:
    sales.opens(**RUSH)
    for sku in ("BASE", "SHADE"):
        sales.shop.counts(sku, 4)
    parts = [{"sku": sku, "quantity": 1} for sku in ("BASE", "SHADE")]
    sales.world.send("StockProducts", product_changed("lamps", 1, variant(LAMP, 1, components=parts)))
    sales.world.settle()

    assert sales.reserves("ana")[1]["type"] == "/problems/kit"
    assert sales.numbers("BASE") == (0, 0, 4)


def test_a_counter_is_granted_what_it_sells_in_two_seconds() -> None:
    terms = Terms(
        kind="preorder", capacity=9_000, release_on="2026-07", price=Money(1, "EUR"), opens_at="", shards=8,
        expected_per_second=100,
    )  # fmt: skip
    campaign = Campaign(sku=LAMP, number=1, terms=terms, edition=1, prices=())

    assert share(campaign) == 25
    assert granted([Counter(3, 1_000, 0, 0), Counter(4, 1_000, 0, 0, credit=1)], 1, 25) == {3: 25}
    assert granted([Counter(3, 7, 0, 0), Counter(4, 1_000, 0, 0)], 1, 25) == {4: 25, 3: 7}
    assert granted([Counter(3, 0, 0, 0), Counter(4, 40, 0, 0, credit=1)], 2, 25) == {4: 25}
    assert granted([Counter(3, 1, 0, 0), Counter(4, 2, 0, 0)], 3, 1) == {4: 2, 3: 1}


def test_a_campaign_that_ends_by_the_clock_gives_back_what_nobody_reserved(sales: Sales) -> None:
    closes = to_text(sales.world.clock.now() + timedelta(minutes=5))
    sales.opens(**RUSH, closes_at=closes)
    sales.does(sales.holds("ana"), "confirm")
    sales.shop.counts(LAMP, 9)
    assert sales.shop.stock(LAMP)["sellable"] <= 5

    sales.world.wait(minutes=4)
    assert sales.shop.stock(LAMP)["sellable"] <= 5
    sales.world.wait(minutes=2)

    assert sales.shop.stock(LAMP)["sellable"] == 8
    adds_up(sales.world)


def test_a_hold_that_ends_after_the_campaign_closed_is_owed_to_nobody_any_more(sales: Sales) -> None:
    sales.opens(**RUSH)
    made = sales.holds("ana", quantity=3)
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    sales.world.settle()
    assert sales.numbers() == (3, 0, -3)

    sales.does(made, "cancel")
    sales.world.wait(seconds=5)

    assert (sales.numbers(), sales.campaign()["remaining"]) == ((0, 0, 0), 10)
    adds_up(sales.world)


def test_a_hold_that_lapses_after_the_campaigns_end_is_owed_to_nobody_any_more(sales: Sales) -> None:
    closes = to_text(sales.world.clock.now() + timedelta(minutes=5))
    sales.opens(**RUSH, closes_at=closes)
    sales.holds("ana", quantity=3)

    for minutes in (6, 10, 1):
        sales.world.wait(minutes=minutes)

    assert sales.numbers() == (0, 0, 0)
    adds_up(sales.world)


def test_a_cancelled_campaign_gives_back_at_once_what_nobody_reserved(sales: Sales) -> None:
    sales.opens(**RUSH)
    for name in ("ana", "ben"):
        sales.does(sales.holds(name), "confirm")
    sales.holds("eve")
    assert sales.numbers()[0] >= 4

    for what in ("cancel", "cancellation/approve"):
        sales.asks("POST", f"/v1/campaigns/{LAMP}/{what}", scopes=OPS)
    sales.world.wait(seconds=5)

    assert sales.numbers() == (0, 0, 0)
    adds_up(sales.world)
