"""Units that were shipped are nobody's until a level counts them no more, whichever of the two words comes first."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from standby.ledger.claim_items import SHIPPED_KEPT
from standby.platform.clock import to_text

from tests.promises.preorder_checks import adds_up
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_allocating import given, ordered
from tests.standby.preorder.test_ordering import says

pytestmark = pytest.mark.promise("P1")


def bought(sales: Sales, *, on_hand: int, kind: str = "checkout") -> str:
    """Let somebody buy one unit of those that are there, in an order that the ERP knows."""
    if kind == "preorder":
        sales.opens(capacity=5)
    sales.shop.counts(LAMP, on_hand)
    made = sales.holds("ana", kind=kind)
    sales.does(made, "confirm")
    says(sales, "placed", made)
    return made


def at(sales: Sales, **before: int) -> str:
    """Return a moment before now."""
    return to_text(sales.world.clock.now() - timedelta(**before))


@pytest.mark.parametrize("kind", ["checkout", "preorder"])
def test_the_last_unit_that_was_shipped_is_sold_to_nobody_before_the_level_says_so(sales: Sales, kind: str) -> None:
    made = bought(sales, on_hand=1, kind=kind)

    says(sales, "shipped", made)

    assert sales.reservation(made)["status"] == "fulfilled"
    assert sales.reserves("ben", kind="checkout")[0] == 409
    adds_up(sales.world)
    sales.shop.counts(LAMP, 0)
    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 0, 0), 0)
    assert (max(told["sellable"] for told in sales.told("StockChanged")[1:]), sales.told("Restocked")[1:]) == (0, [])
    adds_up(sales.world)


def test_who_waits_is_told_of_no_unit_that_was_shipped(sales: Sales) -> None:
    made = bought(sales, on_hand=1)
    sales.shop.waits("zoe@example.org", LAMP)

    says(sales, "shipped", made)

    assert sales.shop.told() == {}
    sales.shop.counts(LAMP, 0)
    sales.shop.counts(LAMP, 1)
    assert sales.shop.told() == {"zoe@example.org": 1}


def test_a_level_that_was_observed_before_the_goods_left_counts_them_still(sales: Sales) -> None:
    made = bought(sales, on_hand=3)
    sales.world.clock.advance(seconds=60)
    says(sales, "shipped", made)

    sales.shop.counts(LAMP, 4, as_of=at(sales, seconds=30))

    assert sales.numbers() == (0, 1, 3)
    adds_up(sales.world)


def test_a_level_that_came_first_and_was_observed_since_counts_them_no_more(sales: Sales) -> None:
    made = bought(sales, on_hand=3)
    left = to_text(sales.world.clock.now())
    sales.world.clock.advance(seconds=60)
    sales.shop.counts(LAMP, 2)
    assert sales.numbers() == (0, 1, 1)

    says(sales, "shipped", made, occurred_at=left)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 0, 2), 0)
    adds_up(sales.world)


def test_units_that_come_with_the_level_that_counts_them_no_more_are_a_restock(sales: Sales) -> None:
    made = bought(sales, on_hand=1)
    sales.shop.waits("zoe@example.org", LAMP)
    says(sales, "shipped", made)

    sales.shop.counts(LAMP, 1)

    assert (sales.numbers(), sales.shop.told()) == ((0, 0, 1), {"zoe@example.org": 1})


@pytest.mark.parametrize("place", ["warehouse-2", "warehouse-1"])
def test_each_warehouse_with_units_must_have_counted_since(sales: Sales, place: str) -> None:
    sales.shop.counts(LAMP, 3, location_id="warehouse-2")
    made = bought(sales, on_hand=3)
    says(sales, "shipped", made)
    other = {"warehouse-1": "warehouse-2", "warehouse-2": "warehouse-1"}[place]

    sales.shop.counts(LAMP, 3, location_id=place)

    assert sales.numbers() == (0, 1, 5)
    sales.shop.counts(LAMP, 2, location_id=other)
    assert sales.numbers() == (0, 0, 5)
    adds_up(sales.world)


def test_an_erp_that_said_the_lower_level_before_hides_its_units_for_a_day(sales: Sales) -> None:
    made = bought(sales, on_hand=3)
    sales.shop.counts(LAMP, 2)
    says(sales, "shipped", made)
    assert sales.numbers() == (0, 1, 1)

    for hours in (SHIPPED_KEPT.total_seconds() / 3600 - 1, 2):
        assert sales.numbers() == (0, 1, 1)
        sales.world.wait(hours=hours)
        sales.world.send("StockSweeps", {"sweep": "claims"})
        sales.world.settle()

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 0, 2), 0)
    adds_up(sales.world)


def test_goods_that_left_more_than_a_day_ago_are_counted_no_more(sales: Sales) -> None:
    made = bought(sales, on_hand=3)

    says(sales, "shipped", made, occurred_at=to_text(sales.world.clock.now() - SHIPPED_KEPT))

    assert sales.numbers() == (0, 0, 3)


def test_goods_that_were_shipped_before_they_were_given_are_given_to_nobody_else(sales: Sales) -> None:
    sales.opens(capacity=9)
    made = ordered(sales, 2, 2)
    for each in made:
        says(sales, "placed", each)
    sales.world.clock.advance(seconds=60)
    left = to_text(sales.world.clock.now())
    sales.shop.counts(LAMP, 3, as_of=at(sales, seconds=30))
    assert given(sales, made) == [2, 1]

    says(sales, "shipped", made[1], occurred_at=left)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 4, -1), 2)
    adds_up(sales.world)
    sales.shop.counts(LAMP, 3, as_of=at(sales, seconds=1))
    assert (given(sales, made)[0], sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == (2, (0, 2, 1), 0)
    adds_up(sales.world)


def test_goods_that_were_never_counted_take_nothing_from_those_that_were(sales: Sales) -> None:
    sales.opens(capacity=9)
    made = ordered(sales, 2, 1)
    for each in made:
        says(sales, "placed", each)
    sales.shop.counts(LAMP, 2)
    assert given(sales, made) == [2, 0]

    says(sales, "shipped", made[1])

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 3, -1), 1)
    sales.world.wait(minutes=30)
    assert (given(sales, made)[0], sales.told("AllocationTakenBack")) == (2, [])
    adds_up(sales.world)
    sales.shop.counts(LAMP, 2)
    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 2, 0), 0)
    adds_up(sales.world)


def shipped_before_it_was_counted(sales: Sales, *, on_hand: int, units: int, next_level: int) -> str:
    """Let a pre-order leave before the level comes that first showed its goods; return when it left."""
    sales.opens(capacity=9)
    sales.shop.counts(LAMP, on_hand)
    (made,) = ordered(sales, units)
    says(sales, "placed", made)
    sales.shop.waits("zoe@example.org", LAMP)
    late = sales.shop.level(LAMP, next_level)
    sales.world.clock.advance(seconds=30)
    left = to_text(sales.world.clock.now())
    says(sales, "shipped", made)
    sales.world.send("StockUpdates", late)
    sales.world.settle()
    return left


@pytest.mark.parametrize("on_hand", [0, 1])
def test_a_level_that_comes_behind_the_shipment_of_what_it_shows_first_frees_none_of_it(
    sales: Sales, on_hand: int
) -> None:
    left = shipped_before_it_was_counted(sales, on_hand=on_hand, units=3, next_level=3)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"], sales.shop.told()) == ((0, 3, 0), 3, {})
    assert sales.reserves("ben", kind="checkout")[0] == 409
    adds_up(sales.world)
    sales.shop.counts(LAMP, 1, as_of=left)
    assert (sales.numbers(), sales.shop.told()) == ((0, 0, 1), {"zoe@example.org": 1})
    adds_up(sales.world)


@pytest.mark.parametrize(("kind", "setting"), [("checkout", False), ("preorder", False), ("preorder", True)])
def test_what_was_given_and_counted_as_none_is_not_sold_when_an_older_level_comes_behind(
    sales: Sales, kind: str, *, setting: bool
) -> None:
    """A count of none is put right before the goods leave, and the word of it comes behind the shipment."""
    made = bought(sales, on_hand=1, kind=kind)
    sales.shop.settings(net_by_as_of=setting)
    sales.shop.counts(LAMP, 0)
    late = sales.shop.level(LAMP, 3)
    sales.world.clock.advance(seconds=30)
    says(sales, "shipped", made)
    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 1, -1), 1)

    sales.world.send("StockUpdates", late)
    sales.world.settle()

    assert (sales.numbers(), sales.shop.stock(LAMP)["sellable"]) == ((0, 1, 2), 2)
    adds_up(sales.world)
    sales.shop.counts(LAMP, 2)
    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 0, 2), 0)
    adds_up(sales.world)


def test_a_warehouse_without_units_keeps_none_from_sale_that_were_counted_elsewhere_since(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0, location_id="warehouse-2")
    made = bought(sales, on_hand=3)
    says(sales, "shipped", made)

    sales.shop.counts(LAMP, 2)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 0, 2), 0)
    adds_up(sales.world)


@pytest.mark.parametrize("place", ["warehouse-2", "warehouse-1"])
def test_what_left_empty_warehouses_is_sold_to_nobody_before_one_has_counted_units_since(
    sales: Sales, place: str
) -> None:
    sales.shop.counts(LAMP, 0, location_id="warehouse-2")
    made = bought(sales, on_hand=1)
    sales.shop.counts(LAMP, 0)
    late = sales.shop.level(LAMP, 3, location_id=place)
    sales.world.clock.advance(seconds=30)
    says(sales, "shipped", made)

    sales.world.send("StockUpdates", late)
    sales.world.settle()

    assert sales.numbers() == (0, 1, 2)
    sales.shop.counts(LAMP, 2, location_id=place)
    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 0, 2), 0)
    adds_up(sales.world)


def test_who_waits_behind_it_is_not_given_what_left(sales: Sales) -> None:
    sales.opens(capacity=9)
    sales.shop.counts(LAMP, 0)
    made = ordered(sales, 1, 1)
    says(sales, "placed", made[0])
    late = sales.shop.level(LAMP, 1)
    sales.world.clock.advance(seconds=30)
    says(sales, "shipped", made[0])

    sales.world.send("StockUpdates", late)
    sales.world.settle()

    assert (given(sales, made)[1], sales.numbers()) == (0, (1, 1, -1))
    sales.shop.counts(LAMP, 1)
    assert (given(sales, made)[1], sales.numbers()) == (1, (0, 1, 0))
    adds_up(sales.world)


def test_what_left_before_any_level_counted_it_is_kept_from_others_for_a_day_at_most(sales: Sales) -> None:
    shipped_before_it_was_counted(sales, on_hand=0, units=1, next_level=1)

    sales.world.wait(hours=SHIPPED_KEPT.total_seconds() / 3600 + 1)
    sales.world.send("StockSweeps", {"sweep": "claims"})
    sales.world.settle()

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 0, 1), 0)
    adds_up(sales.world)


@pytest.mark.parametrize("setting", [True, False], ids=["by a setting", "with each level"])
def test_an_erp_that_counts_reservations_frees_no_other_by_what_it_commits_for_a_shipped_one(
    sales: Sales, *, setting: bool
) -> None:
    """Two are committed; the first of them leaves, and the next order is not the second of the committed ones."""
    sales.shop.settings(net_by_as_of=setting)
    more: Callable[[], dict[str, str]] = lambda: {} if setting else {"netted_until": at(sales)}  # noqa: E731 - asked at each level
    sales.opens(capacity=9)
    sales.shop.counts(LAMP, 0)
    made = ordered(sales, 1, 1, 1)
    for each in made[:2]:
        says(sales, "placed", each)
    sales.shop.counts(LAMP, 2, committed=2, **more())
    assert (given(sales, made), sales.numbers()) == ([1, 1, 0], (1, 0, -1))
    placed = at(sales)
    sales.world.clock.advance(seconds=5)
    sales.shop.counts(LAMP, 2, committed=2, **more())

    says(sales, "shipped", made[0])
    says(sales, "placed", made[2], as_of=placed)

    assert sales.numbers() == (1, 0, -1)
    adds_up(sales.world)
    sales.shop.counts(LAMP, 1, committed=2, **more())
    assert (sales.numbers(), sales.shop.stock(LAMP)["awaited"]) == ((0, 0, -1), 1)
    adds_up(sales.world)


def test_what_was_shipped_is_missing_of_nobody(sales: Sales) -> None:
    """The level was observed before the goods left, and counts them no more all the same."""
    sales.opens(capacity=9)
    made = ordered(sales, 1, 1)
    for each in made:
        says(sales, "placed", each)
    sales.shop.counts(LAMP, 2)
    sales.world.clock.advance(seconds=60)
    says(sales, "shipped", made[0])

    sales.shop.counts(LAMP, 1, as_of=at(sales, seconds=30))
    sales.world.wait(minutes=30)

    assert (given(sales, made)[1], sales.told("AllocationTakenBack")) == (1, [])


def test_what_was_shipped_twice_left_once(sales: Sales) -> None:
    made = bought(sales, on_hand=3)

    says(sales, "shipped", made)
    says(sales, "shipped", made)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 1, 2), 1)
    assert sales.does(made, "cancel")[0] == 409
    adds_up(sales.world)


def test_a_key_whose_reservation_was_forgotten_reserves_nothing_while_a_level_counts_what_left(sales: Sales) -> None:
    made = bought(sales, on_hand=3)
    says(sales, "shipped", made)
    del sales.world.memory.tables["Preorder"].items[f"RESERVATION#{made}"]  # as who is erased is forgotten

    status, problem = sales.reserves("ana", kind="checkout")

    assert (status, problem.get("type")) == (409, "/problems/expired")
    assert sales.numbers() == (0, 1, 2)


def location(sales: Sales, *, online: bool) -> None:
    """Say whether the warehouse sells online."""
    said = {"type": "location.upserted", "location_id": "warehouse-1", "kind": "warehouse", "sells_online": online}
    sales.world.send("StockUpdates", said | {"as_of": to_text(sales.world.clock.now())})
    sales.world.settle()
    sales.world.clock.advance(seconds=2)


def two_bought(sales: Sales) -> list[str]:
    """Let two units be set aside for orders."""
    sales.opens(capacity=5)
    made = ordered(sales, 1, 1)
    for each in made:
        says(sales, "placed", each)
    sales.shop.counts(LAMP, 2)
    return made


@pytest.mark.parametrize("shipped_first", [False, True], ids=["off, shipped, on", "shipped, off, on"])
def test_what_left_while_its_warehouse_did_not_sell_online_is_not_sold_again_when_it_does(
    sales: Sales, *, shipped_first: bool
) -> None:
    made = two_bought(sales)
    steps: list[Callable[[], None]] = [lambda: location(sales, online=False), lambda: says(sales, "shipped", made[0])]

    for step in reversed(steps) if shipped_first else steps:
        step()
        adds_up(sales.world)
    location(sales, online=True)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 2, 0), 1)
    assert sales.reserves("eve", kind="checkout")[0] == 409
    adds_up(sales.world)
    sales.shop.counts(LAMP, 1)
    assert (sales.numbers(), given(sales, made)[1]) == ((0, 1, 0), 1)


def test_a_level_of_a_warehouse_that_sells_nothing_online_ends_what_left_it(sales: Sales) -> None:
    made = two_bought(sales)
    location(sales, online=False)
    says(sales, "shipped", made[0])

    sales.shop.counts(LAMP, 1)
    location(sales, online=True)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 1, 0), 0)
    adds_up(sales.world)


def test_a_store_that_never_sold_online_hides_nothing_of_what_left_a_warehouse(sales: Sales) -> None:
    said = {"type": "location.upserted", "location_id": "corner", "kind": "store", "sells_online": False}
    sales.world.send("StockUpdates", said | {"as_of": to_text(sales.world.clock.now())})
    sales.world.settle()
    sales.shop.counts(LAMP, 7, location_id="corner")
    made = two_bought(sales)
    says(sales, "shipped", made[0])

    sales.shop.counts(LAMP, 1)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 1, 0), 0)


@pytest.mark.parametrize("kind", ["checkout", "preorder"])
def test_what_was_cancelled_and_left_all_the_same_is_not_sold_again(sales: Sales, kind: str) -> None:
    made = bought(sales, on_hand=1, kind=kind)
    says(sales, "cancelled", made)
    assert (sales.reservation(made)["status"], sales.numbers()) == ("cancelled", (0, 0, 1))

    for _ in range(2):  # the word may come twice
        says(sales, "shipped", made)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 1, 0), 1)
    assert sales.reserves("ben", kind="checkout")[0] == 409
    adds_up(sales.world)
    sales.shop.counts(LAMP, 0)
    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 0, 0), 0)
    says(sales, "shipped", made)
    assert sales.numbers() == (0, 0, 0)
    adds_up(sales.world)


def test_what_was_cancelled_and_left_before_the_newest_level_is_taken_off_no_more(sales: Sales) -> None:
    made = bought(sales, on_hand=2)
    says(sales, "cancelled", made)
    left = to_text(sales.world.clock.now())
    sales.world.clock.advance(seconds=60)
    sales.shop.counts(LAMP, 1)

    says(sales, "shipped", made, occurred_at=left)

    assert (sales.numbers(), sales.shop.stock(LAMP)["shipped"]) == ((0, 0, 1), 0)


def test_a_hold_that_was_over_before_its_order_shipped_is_not_sold_again(sales: Sales) -> None:
    sales.shop.counts(LAMP, 1)
    made = sales.holds("ana", kind="checkout")
    for _ in range(30):
        sales.world.wait(minutes=1)
    assert (sales.reservation(made)["status"], sales.numbers()) == ("expired", (0, 0, 1))

    says(sales, "placed", made)
    says(sales, "shipped", made)

    assert (sales.numbers(), sales.reserves("ben", kind="checkout")[0]) == ((0, 1, 0), 409)
    adds_up(sales.world)
