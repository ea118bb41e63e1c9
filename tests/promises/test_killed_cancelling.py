"""Promises 1, 3 and 10 of pre-orders that are cancelled, when that is broken at any call."""

from collections import Counter

import pytest
from standby.platform.clock import to_text

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import OPS, Shop
from tests.standby.availability.storefront import discontinued, product_changed, variant
from tests.standby.preorder.sales import BROWSER, CAMPAIGN, LAMP, Sales
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P3", "P9", "P11")


def two_pre_ordered_and_the_erp_knows_one(shop: Shop, *, paid: bool = True) -> None:
    sales = Sales(shop)
    sales.opens(capacity=9, limit_per_customer=2)
    made = [sales.holds(f"c{number}", quantity=2) for number in range(2)]
    for each in made:
        sales.does(each, "confirm", {"paid": paid})
    at = to_text(shop.world.clock.now())
    order = {"type": "order.placed", "order_id": "O-1", "as_of": at, "reservation_ids": [made[1]]}
    shop.world.send("OrderUpdates", order | {"lines": [{"line_id": "1", "sku": LAMP, "quantity": 2}]})
    shop.world.settle()


def both_cancel_by_the_mailed_code(world: World) -> None:
    for number in range(2):
        cancels(world, f"c{number}@example.org")
    at = to_text(world.clock.now())
    world.send("OrderUpdates", {"type": "order.cancelled", "order_id": "O-1", "as_of": at, "occurred_at": at})
    everything_runs(world)


def cancels(world: World, email: str) -> None:
    """Cancel as a customer does: press, look for the code, and ask for a new one where that came too late."""
    path = f"/v1/preorders/{Sales(Shop(world)).link(email)}/cancel"
    status = 0
    assert insists(world, "preorder_viewer", "GET", path.removesuffix("/cancel"), headers=BROWSER)[0] == 200
    for _ in range(4):
        for _ in range(2):
            insists(world, "preorder_viewer", "POST", path)
        world.settle()
        for code in Sales(Shop(world)).codes(email)[-1:]:
            status, _ = insists(world, "preorder_viewer", "POST", path, body={"code": code})
        everything_runs(world)
        if status == 200:
            return
        world.clock.advance(minutes=1)
    raise AssertionError(status)


def both_are_cancelled_and_owed_their_money(world: World, most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    assert [each.status for each in reservations(world)] == ["cancelled", "cancelled"]
    assert (Sales(Shop(world)).numbers()[0], Sales(Shop(world)).campaign()["remaining"]) == (0, 9)
    assert len({told["id"] for name, told in world.events if name == "RefundDue"}) == 2
    codes = Counter(mail.text for mail in world.mails if mail.subject.startswith("Your code"))
    assert max(codes.values()) <= most, f"promise 3: {codes}"
    assert dead_letters(world) == [], dead_letters(world)


def five_pre_ordered_and_one_holds(shop: Shop) -> None:
    sales = Sales(shop)
    sales.opens(capacity=9)
    for number in range(5):
        made = sales.holds(f"c{number}")
        sales.does(made, "confirm", {"paid": number % 2 == 0})
        shop.world.clock.advance(seconds=1)
    sales.holds("held")
    shop.world.settle()


def the_shop_cancels_them_all(world: World) -> None:
    for what in ("cancel", "cancellation/approve"):
        status, answer = insists(world, "preorder_api", "POST", f"/v1/campaigns/{LAMP}/{what}", scopes=OPS)
        assert status == 200, answer
    everything_runs(world)


def all_are_cancelled_and_told_once(world: World, most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    assert {each.status for each in reservations(world)} <= {"cancelled", "expired"}
    told = Counter(mail.email for mail in world.mails if mail.subject.startswith("We had to cancel"))
    assert set(told) == {f"c{number}@example.org" for number in range(5)}, told
    assert max(told.values()) <= most, f"promise 3: {told}"
    assert len({due["id"] for name, due in world.events if name == "RefundDue"}) == 3
    shown = Sales(Shop(world)).asks("GET", f"/v1/campaigns/{LAMP}/cancellation", scopes=OPS)[1]
    assert (shown["status"], shown["reservations"]) == ("cancelled", 0)
    assert dead_letters(world) == [], dead_letters(world)


def the_catalogue_discontinues_it_and_the_shop_cancels(world: World) -> None:
    """Let what was pre-ordered not come back; the catalogue's functions are killed elsewhere."""
    for _ in range(2):
        world.send("PreorderRecords", discontinued(LAMP, 3, "lamps"))
    everything_runs(world)
    _the_catalogue_asks_and_the_shop_approves(world)


def one_becomes_a_kit(shop: Shop) -> None:
    five_pre_ordered_and_one_holds(shop)
    shop.counts("BASE", 9)
    kit = variant(LAMP, 1, components=[{"sku": "BASE", "quantity": 1}])
    shop.world.send("StockProducts", product_changed("lamp", 1, kit))
    shop.world.settle()


def somebody_wants_the_kit_and_the_shop_cancels(world: World) -> None:
    """Let it be noticed that a SKU which is sold ahead became a kit: by the first who wants it."""
    body = {"sku": LAMP, "customer": {"email": "late@example.org"}}
    headers = {"Idempotency-Key": "late"}
    for _ in range(2):
        status, problem = insists(
            world, "preorder_api", "POST", "/v1/reservations", body=body, headers=headers, scopes="storefront"
        )
        assert (status, problem["type"].split("/")[-1] in {"kit", "campaign-closed"}) == (409, True), problem
    everything_runs(world)
    _the_catalogue_asks_and_the_shop_approves(world)


def _the_catalogue_asks_and_the_shop_approves(world: World) -> None:
    path = f"/v1/campaigns/{LAMP}/cancellation"
    _, asked = insists(world, "preorder_api", "GET", path, scopes=OPS)
    assert (asked["status"], asked["asked_by"], asked["reservations"]) == ("waiting", "catalogue", 5), asked
    shown = insists(world, "preorder_api", "GET", f"/v1/campaigns/{LAMP}", scopes=OPS)[1]
    assert shown["status"] == "closed", "promise 1: sold ahead though it never comes"
    status, answer = insists(world, "preorder_api", "POST", f"{path}/approve", scopes=OPS)
    assert status == 200, answer
    everything_runs(world)


def two_have_theirs_of_a_cancelled_campaign(shop: Shop) -> None:
    sales = Sales(shop)
    sales.opens(capacity=9)
    for number in range(2):
        sales.does(sales.holds(f"c{number}"), "confirm", {"paid": True})
        shop.world.clock.advance(seconds=1)
    shop.counts(LAMP, 2)
    the_shop_cancels_them_all(shop.world)


def one_unit_is_missed_while_another_campaign_is_open(world: World) -> None:
    status, _ = insists(world, "preorder_api", "PUT", f"/v1/campaigns/{LAMP}", body=CAMPAIGN, scopes=OPS)
    assert status < 300, status
    world.send("StockUpdates", Shop(world).level(LAMP, 1))
    everything_runs(world)


def the_last_is_cancelled_and_the_first_keeps_it(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    found = {each.customer.email[:2]: each.status for each in reservations(world) if each.customer}
    assert found == {"c0": "allocated", "c1": "cancelled"}, found
    assert dead_letters(world) == [], dead_letters(world)


def one_is_ordered_twice_and_both_cancel(world: World) -> None:
    """Let who cancels place another order meanwhile, and the other's be heard of, and paid, when all is over."""
    first, second = (each.reservation_id for each in sorted(reservations(world), key=lambda each: each.created_at))
    for number in range(2):
        cancels(world, f"c{number}@example.org")
    at = to_text(world.clock.now())
    for order_id, made in (("O-2", second), ("O-3", first)):
        order = {"type": "order.placed", "order_id": order_id, "as_of": at, "reservation_ids": [made]}
        lines = [{"line_id": "1", "sku": LAMP, "quantity": 2}]
        world.send("OrderUpdates", {**order, "lines": lines, "payment_status": "paid"})
    everything_runs(world)
    world.clock.advance(seconds=1)
    at = to_text(world.clock.now())
    for order_id in ("O-1", "O-2"):
        world.send("OrderUpdates", {"type": "order.cancelled", "order_id": order_id, "as_of": at, "occurred_at": at})
    everything_runs(world)


def both_wait_and_the_erp_knows_one(shop: Shop) -> None:
    two_pre_ordered_and_the_erp_knows_one(shop, paid=False)


def each_order_is_asked_for_and_both_are_owed_their_money(world: World, most: int) -> None:
    both_are_cancelled_and_owed_their_money(world, most)
    asked = {told["id"]: told["order_id"] for name, told in world.events if name == "CancellationRequested"}
    assert sorted(asked.values()) == ["O-1", "O-2", "O-3"], asked


SCENARIOS = (
    Scenario(
        "who cancels orders again and pays",
        both_wait_and_the_erp_knows_one,
        one_is_ordered_twice_and_both_cancel,
        each_order_is_asked_for_and_both_are_owed_their_money,
        every=19,
    ),
    Scenario(
        "a unit of a cancelled campaign is missed",
        two_have_theirs_of_a_cancelled_campaign,
        one_unit_is_missed_while_another_campaign_is_open,
        the_last_is_cancelled_and_the_first_keeps_it,
        every=19,
    ),
    Scenario(
        "what was pre-ordered does not come back",
        five_pre_ordered_and_one_holds,
        the_catalogue_discontinues_it_and_the_shop_cancels,
        all_are_cancelled_and_told_once,
        every=61,
        constants={"standby.preorder.repository.LINE_PAGE": 2},
    ),
    Scenario(
        "what was pre-ordered becomes a kit",
        one_becomes_a_kit,
        somebody_wants_the_kit_and_the_shop_cancels,
        all_are_cancelled_and_told_once,
        every=61,
        constants={"standby.preorder.repository.LINE_PAGE": 2},
    ),
    Scenario(
        "the shop cancels a campaign",
        five_pre_ordered_and_one_holds,
        the_shop_cancels_them_all,
        all_are_cancelled_and_told_once,
        every=19,
        constants={"standby.preorder.repository.LINE_PAGE": 2},
    ),
    Scenario(
        "two cancel by the mailed code",
        two_pre_ordered_and_the_erp_knows_one,
        both_cancel_by_the_mailed_code,
        both_are_cancelled_and_owed_their_money,
        every=19,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_is_cancelled_is_given_back_and_told_once_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
