"""Promise 8 of pre-orders whose customer is erased, when that is broken at any call."""

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import Shop
from tests.standby.preorder.sales import Sales
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P8", "P9")
EVA = "eva@example.org"


def eva_pre_ordered_three_times_and_ben_once(shop: Shop) -> None:
    sales = Sales(shop)
    sales.opens(capacity=9, limit_per_customer=5)
    made = [sales.holds(f"e{number}", email=EVA) for number in range(3)]
    made.append(sales.holds("b", email="ben@example.org"))
    for each in made:
        sales.does(each, "confirm", {"paid": True})
    for each in (made[0], made[3]):
        sales.does(each, "cancel")
    shop.world.settle()


def eva_is_erased_and_then_cancels_one(world: World) -> None:
    detail = {"id": "e", "at": to_text(world.clock.now()), "address": address_key(EVA)}
    world.send("PreorderRecords", {"source": "standby", "detail-type": "CustomerErased", "detail": detail})
    everything_runs(world)
    about = min(each.reservation_id for each in reservations(world) if each.status == "confirmed")
    assert insists(world, "preorder_api", "POST", f"/v1/reservations/{about}/cancel", scopes="storefront")[0] == 200
    everything_runs(world)


def only_what_she_still_gets_names_her(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    known = [(each.status, each.customer.email if each.customer else None) for each in reservations(world)]
    ended = [("cancelled", None), ("cancelled", None), ("cancelled", "ben@example.org")]
    assert sorted(known, key=str) == sorted([*ended, ("confirmed", EVA)], key=str), "promise 8"
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "somebody who pre-ordered is erased",
        eva_pre_ordered_three_times_and_ben_once,
        eva_is_erased_and_then_cancels_one,
        only_what_she_still_gets_names_her,
        every=11,
        constants={"standby.preorder.erasure_repository.SCAN_PAGE": 4},
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_who_is_erased_is_forgotten_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
