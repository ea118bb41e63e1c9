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
