"""People are asked to make so many calls a day: more wait for the next, and it rings where that is too late."""

import pytest
from standby.delivery.calls_repository import CallBook
from standby.platform.table import Table

from tests.promises.shop import Shop
from tests.standby.delivery.parcels import Parcels
from tests.world import World

PER_DAY = 2
pytestmark = pytest.mark.promise("P2", "P3")


@pytest.fixture
def parcels(world: World, monkeypatch: pytest.MonkeyPatch) -> Parcels:
    monkeypatch.setenv("CALL_TASKS_PER_DAY", str(PER_DAY))
    return Parcels(Shop(world))


def unreached(parcels: Parcels, *order_ids: str, days: int) -> None:
    """Let orders of the United States without an address be late, which are to leave within so many days."""
    for order_id in order_ids:
        order = parcels.order(9)
        (shipment,) = order["shipments"]
        order["shipments"] = [{**shipment, "ship_by": parcels.day(days)}]
        parcels.tells("placed", order_id, **order, ship_to={"country": "US"}, customer={"locale": "en"})
        parcels.tells("eta", order_id, eta=parcels.day(12))


def called(parcels: Parcels) -> list[str]:
    return [event["order_id"] for name, event in parcels.shop.world.events if name == "CallTaskOpened"]


def waiting(world: World) -> list[str]:
    return [order_id for _, order_id in CallBook(Table("Delivery", world.dynamodb)).waiting()]


def test_more_calls_wait_for_the_next_days_the_nearest_legal_day_first(parcels: Parcels) -> None:
    unreached(parcels, "O-1", "O-2", days=4)
    unreached(parcels, "O-3", days=6)
    unreached(parcels, "O-4", "O-5", days=3)
    parcels.looks()
    assert called(parcels) == ["O-1", "O-2"]
    assert waiting(parcels.shop.world) == ["O-4", "O-5", "O-3"]
    parcels.days_pass(1)
    assert called(parcels)[2:] == ["O-4", "O-5"]
    parcels.looks()
    parcels.days_pass(1)
    assert called(parcels)[4:] == ["O-3"]
    assert waiting(parcels.shop.world) == []
    parcels.days_pass(1)
    assert len(called(parcels)) == 5


def test_what_is_over_by_then_is_not_called_about(parcels: Parcels) -> None:
    unreached(parcels, "O-1", "O-2", "O-3", days=4)
    parcels.tells("delivered", "O-3", occurred_at=parcels.now())
    parcels.days_pass(1)
    assert called(parcels) == ["O-1", "O-2"]
    assert waiting(parcels.shop.world) == []


def test_it_rings_where_a_legal_day_will_be_missed(parcels: Parcels, capsys: pytest.CaptureFixture[str]) -> None:
    unreached(parcels, "O-1", "O-2", "O-3", days=1)
    parcels.looks()
    assert "CallsTooLate" not in capsys.readouterr().out
    unreached(parcels, "O-4", days=0)
    parcels.looks()
    assert "CallsTooLate" in capsys.readouterr().out
    parcels.days_pass(1)
    assert sorted(called(parcels)) == ["O-1", "O-2", "O-3", "O-4"]


def test_a_call_is_opened_once_whatever_is_said_again(parcels: Parcels) -> None:
    unreached(parcels, "O-1", "O-2", "O-3", days=4)
    for _ in range(3):
        parcels.tells("eta", "O-3", eta=parcels.day(13))
        parcels.looks()
    parcels.days_pass(1)
    parcels.looks()
    assert called(parcels) == ["O-1", "O-2", "O-3"]


def test_calls_wait_by_the_legal_day_of_the_newest_word(parcels: Parcels) -> None:
    unreached(parcels, "O-1", "O-2", days=4)
    unreached(parcels, "O-3", days=5)
    unreached(parcels, "O-4", days=6)
    assert waiting(parcels.shop.world) == ["O-3", "O-4"]
    unreached(parcels, "O-4", days=3)
    parcels.looks()
    assert waiting(parcels.shop.world) == ["O-4", "O-3"]
    unreached(parcels, "O-4", days=6)
    parcels.looks()
    assert waiting(parcels.shop.world) == ["O-3", "O-4"]


def test_one_order_with_many_shipments_takes_one_call_of_the_day(parcels: Parcels) -> None:
    skus = tuple(f"MUG-{number}" for number in range(20))
    parcels.places("O-0", until=4, skus=skus)
    for number in range(20):
        shipment_id = chr(ord("A") + number)
        parcels.says("tracked", "O-0", shipment_id=shipment_id, state="failed", occurred_at=parcels.now())
    unreached(parcels, "O-1", days=4)
    parcels.looks()
    unreached(parcels, "O-2", days=4)
    parcels.looks()
    assert sorted(called(parcels)) == ["O-0", "O-1"]
    tasks = [event for name, event in parcels.shop.world.events if name == "CallTaskOpened"]
    assert [len(event["shipment_ids"]) for event in tasks if event["order_id"] == "O-0"] == [20]


def given_up(parcels: Parcels, *order_ids: str, state: str = "failed") -> None:
    """Let a carrier give up the parcels of orders, or bring them back."""
    for order_id in order_ids:
        parcels.places(order_id, until=4)
        parcels.tells("tracked", order_id, state=state, occurred_at=parcels.now())


@pytest.mark.parametrize("state", ["failed", "returning"])
def test_calls_about_what_a_carrier_says_wait_too_and_behind_those_that_the_law_dates(
    parcels: Parcels, state: str
) -> None:
    given_up(parcels, "O-1", "O-2", "O-3", "O-4", "O-5", state=state)
    parcels.looks()
    first = called(parcels)
    assert len(first) == PER_DAY
    unreached(parcels, "O-8", "O-9", days=4)
    parcels.looks()
    assert (called(parcels), waiting(parcels.shop.world)[:2]) == (first, ["O-8", "O-9"])
    parcels.days_pass(1)
    parcels.looks()
    assert called(parcels)[PER_DAY:] == ["O-8", "O-9"]
    moot = waiting(parcels.shop.world)[0]
    parcels.tells("delivered", moot, occurred_at=parcels.now())
    parcels.days_pass(1)
    parcels.looks()
    assert {*first, *called(parcels)[2 * PER_DAY :]} == {"O-1", "O-2", "O-3", "O-4", "O-5"} - {moot}
    for _ in range(2):
        parcels.days_pass(1)
    assert len(called(parcels)) == 3 * PER_DAY
    assert waiting(parcels.shop.world) == []


def test_who_waits_for_a_call_by_law_is_not_overtaken_by_what_no_law_dates(
    parcels: Parcels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standby.delivery.call_pacing.AT_A_TIME", 1)
    unreached(parcels, "O-1", "O-2", "O-3", "O-4", days=4)
    parcels.shop.world.clock.advance(days=1)
    given_up(parcels, "O-8", "O-9")
    parcels.looks()
    parcels.looks()
    assert called(parcels) == ["O-1", "O-2", "O-3", "O-4"]


def test_what_was_delivered_meanwhile_rings_not(parcels: Parcels, capsys: pytest.CaptureFixture[str]) -> None:
    unreached(parcels, "O-1", "O-2", "O-3", "O-4", days=0)
    parcels.tells("delivered", "O-3", occurred_at=parcels.now())
    parcels.looks()
    assert '"CallsTooLate":[1.0]' in capsys.readouterr().out
    parcels.tells("delivered", "O-4", occurred_at=parcels.now())
    parcels.looks()
    assert "CallsTooLate" not in capsys.readouterr().out
    assert waiting(parcels.shop.world) == []
