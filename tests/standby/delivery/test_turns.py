"""No more notices leave in an hour than the shop says: the others wait, legal deadlines first, and none is lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from standby.delivery.pacing import AHEAD
from standby.delivery.repository import OrderRepository
from standby.delivery.turns_repository import SHARDS, TurnBook
from standby.platform.clock import to_text
from standby.platform.table import Table

from tests.promises.shop import Shop
from tests.standby.delivery.parcels import LOOK, Parcels
from tests.world import World

PACE = 5
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.promise("P2", "P3")


@pytest.fixture
def parcels(world: World, monkeypatch: pytest.MonkeyPatch) -> Parcels:
    monkeypatch.setenv("NOTICES_PER_HOUR", str(PACE))
    return Parcels(Shop(world))


def address(number: int) -> str:
    return f"ana-{number}@example.org"


def late(parcels: Parcels, *numbers: int, days: int = 9, **more: Any) -> None:
    """Place orders of as many customers, and let all of them be late at once."""
    for number in numbers:
        parcels.says("placed", f"O-{number}", **parcels.order(4), customer={"email": address(number)}, **more)
    parcels.shop.world.settle()
    parcels.shop.world.clock.advance(seconds=1)
    for number in numbers:
        parcels.says("eta", f"O-{number}", eta=parcels.day(days))
    parcels.shop.world.settle()


def minutes_pass(parcels: Parcels, minutes: int) -> None:
    """Let time go by, each minute with all that is due in it; the schedules every quarter of an hour."""
    world = parcels.shop.world
    for minute in range(1, minutes + 1):
        world.clock.advance(minutes=1)
        if minute % 15 == 0:
            world.send("DeliveryRecords", LOOK)
        world.settle()


def noticed(*numbers: int) -> list[datetime]:
    """Return when the customers of orders were told, in order."""
    store = OrderRepository("Delivery")
    notices = [notice for number in numbers for notice in store.order(f"O-{number}").notices]
    return sorted(datetime.fromisoformat(notice.at) for notice in notices)


def most_in_an_hour(times: list[datetime]) -> int:
    return max(sum(at <= each < at + HOUR for each in times) for at in times)


def waiting(world: World) -> list[str]:
    book = TurnBook(Table("Delivery", world.dynamodb))
    return [turn.order_id for turn in book.waiting()]


def told(parcels: Parcels) -> list[str]:
    return [email for email, _ in parcels.told()]


def test_what_exceeds_the_pace_waits_and_is_told_in_the_next_hours(parcels: Parcels) -> None:
    late(parcels, *range(12))
    assert len(told(parcels)) == PACE
    assert len(waiting(parcels.shop.world)) == 12 - PACE
    minutes_pass(parcels, 240)
    assert sorted(told(parcels)) == sorted(map(address, range(12)))
    assert most_in_an_hour(noticed(*range(12))) == PACE
    assert waiting(parcels.shop.world) == []


def test_as_many_as_the_pace_allows_leave_at_once(parcels: Parcels) -> None:
    late(parcels, *range(PACE))
    assert len(told(parcels)) == PACE
    minutes_pass(parcels, 90)
    late(parcels, *range(PACE, 2 * PACE))
    assert len(told(parcels)) == 2 * PACE


def test_nobody_goes_past_those_that_wait(parcels: Parcels) -> None:
    late(parcels, *range(PACE + 2))
    first = set(waiting(parcels.shop.world))
    parcels.shop.world.held = frozenset({"DeliveryRecords"})
    parcels.shop.world.clock.advance(minutes=70)
    late(parcels, 90)
    parcels.shop.world.held = frozenset()
    parcels.shop.world.settle()
    assert set(waiting(parcels.shop.world)) == {*first, "O-90"}
    minutes_pass(parcels, 20)
    assert waiting(parcels.shop.world) == []


def test_what_is_over_when_its_turn_comes_is_not_told(parcels: Parcels) -> None:
    late(parcels, *range(PACE + 4))
    back, came, cancelled, left = waiting(parcels.shop.world)
    parcels.tells("eta", back, eta=parcels.day(4))
    parcels.tells("delivered", came, occurred_at=parcels.now())
    parcels.tells("cancelled", cancelled)
    minutes_pass(parcels, 90)
    assert len(told(parcels)) == PACE + 1
    assert told(parcels)[-1] == address(int(left.removeprefix("O-")))
    assert waiting(parcels.shop.world) == []


def test_a_message_that_comes_again_takes_no_second_slot(parcels: Parcels) -> None:
    world = parcels.shop.world
    late(parcels, 0)
    delay = next(detail for name, detail in world.events if name == "DelayDetected")
    for _ in range(PACE):
        world.send("DeliveryRecords", {"source": "standby", "detail-type": "DelayDetected", "detail": delay})
        world.settle()
    late(parcels, *range(1, PACE))
    assert sorted(told(parcels)) == sorted(map(address, range(PACE)))


def test_an_order_that_waits_is_told_of_the_newest_day_alone(parcels: Parcels) -> None:
    late(parcels, *range(PACE + 1))
    (order_id,) = waiting(parcels.shop.world)
    parcels.tells("eta", order_id, eta=parcels.day(20))
    minutes_pass(parcels, 90)
    assert len(told(parcels)) == PACE + 1
    (notice,) = OrderRepository("Delivery").order(order_id).notices
    assert notice.expected == notice.news


@pytest.fixture
def book(world: World) -> TurnBook:
    return TurnBook(Table("Delivery", world.dynamodb))


def american(parcels: Parcels, number: int, *, ship_by: str) -> None:
    """Let an order of the United States be late, whose notice is due on the day by which it was to leave."""
    order = parcels.order(9)
    (shipment,) = order["shipments"]
    order["shipments"] = [{**shipment, "ship_by": ship_by}]
    customer = {"email": address(number)}
    parcels.says("placed", f"O-{number}", **order, ship_to={"country": "US"}, customer=customer)
    parcels.shop.world.settle()
    parcels.shop.world.clock.advance(seconds=1)
    parcels.tells("eta", f"O-{number}", eta=parcels.day(20))


def test_those_go_first_whose_day_the_law_names(parcels: Parcels) -> None:
    late(parcels, *range(PACE + 3))
    for number, days in ((50, 3), (51, 1), (52, 2)):
        american(parcels, number, ship_by=parcels.day(days))
    assert waiting(parcels.shop.world)[:3] == ["O-51", "O-52", "O-50"]
    minutes_pass(parcels, 80)
    assert told(parcels)[PACE : PACE + 3] == [address(51), address(52), address(50)]


def sent_again(parcels: Parcels, number: int, *, ship_by: str) -> None:
    """Let the ERP say another day by which an order of the United States leaves."""
    order = parcels.order(9)
    (shipment,) = order["shipments"]
    order["shipments"] = [{**shipment, "ship_by": ship_by}]
    parcels.tells("placed", f"O-{number}", **order, ship_to={"country": "US"}, customer={"email": address(number)})
    parcels.looks()


def test_the_day_that_the_law_names_is_that_of_the_newest_word(parcels: Parcels, book: TurnBook) -> None:
    late(parcels, *range(PACE))
    american(parcels, 50, ship_by=parcels.day(5))
    american(parcels, 51, ship_by=parcels.day(4))

    def days() -> list[tuple[str, str | None]]:
        return [(turn.order_id, turn.send_by and turn.send_by[:10]) for turn in book.waiting()]

    assert days() == [("O-51", parcels.day(4)), ("O-50", parcels.day(5))]
    sent_again(parcels, 50, ship_by=parcels.day(2))
    assert days() == [("O-50", parcels.day(2)), ("O-51", parcels.day(4))]
    sent_again(parcels, 50, ship_by=parcels.day(5))
    assert days() == [("O-51", parcels.day(4)), ("O-50", parcels.day(5))]


def test_where_there_is_time_deadlines_are_met_within_the_pace(parcels: Parcels) -> None:
    late(parcels, *range(PACE + 3))
    world = parcels.shop.world
    for number in range(50, 50 + 2 * PACE):
        american(parcels, number, ship_by=parcels.day(0))
    assert len(told(parcels)) == PACE
    end = datetime.fromisoformat(parcels.day(1)).astimezone(world.clock.now().tzinfo)
    minutes_pass(parcels, 24 * 60)
    times = noticed(*range(50, 50 + 2 * PACE))
    assert len(times) == 2 * PACE
    assert max(times) < end
    assert most_in_an_hour(noticed(*range(PACE + 3), *range(50, 50 + 2 * PACE))) == PACE


def test_whose_deadline_is_near_does_not_wait(parcels: Parcels, book: TurnBook) -> None:
    late(parcels, *range(PACE))
    world = parcels.shop.world
    midnight = datetime.fromisoformat("2026-05-03T21:00:00+00:00")  # where the shop is
    world.clock.advance(seconds=(midnight - AHEAD - world.clock.now()).total_seconds() - 60)
    late(parcels, *range(PACE, 2 * PACE))
    american(parcels, 50, ship_by=parcels.day(0))
    assert waiting(world) == ["O-50"]
    minutes_pass(parcels, 15)
    assert told(parcels)[-1] == address(50)
    american(parcels, 51, ship_by=parcels.day(0))
    assert told(parcels)[-1] == address(51)
    assert book.counted().left < 0


def test_a_turn_that_comes_too_late_is_handed_out_again(parcels: Parcels) -> None:
    world = parcels.shop.world
    late(parcels, *range(PACE + 1))
    world.clock.advance(minutes=70)
    world.send("DeliveryRecords", {"turn": "next", "left": 0})
    assert world.deliver("DeliveryRecords")
    world.clock.advance(minutes=3)
    world.settle()
    assert len(told(parcels)) == PACE
    minutes_pass(parcels, 120)
    assert len(told(parcels)) == PACE + 1


def test_a_turn_of_nobody_knows_whom_is_set_aside(parcels: Parcels) -> None:
    world = parcels.shop.world
    wrong: list[Any] = [
        {"turn": "next"},
        {"turn": "next", "left": 99},
        {"turn": "come", "customers": [["a"]], "until": "2026"},
        {"turn": 1},
    ]
    for body in wrong:
        world.send("DeliveryRecords", body)
    world.settle()
    assert len(world.bodies("DeliveryDeadLetters")) == len(wrong)


def test_turns_stand_in_shards_of_their_own(parcels: Parcels, book: TurnBook) -> None:
    late(parcels, *range(PACE + 30))
    found = [list(book._shard(shard, None)) for shard in SHARDS]
    assert sum(map(len, found)) == 30
    assert all(found)
    assert sorted(turn.due_at for shard in found for turn in shard) == [turn.due_at for turn in book.waiting()]


def test_turns_of_orders_that_do_not_wait_change_nothing(parcels: Parcels) -> None:
    world = parcels.shop.world
    late(parcels, 0)
    until = to_text(world.clock.now() + HOUR)
    world.send("DeliveryRecords", {"turn": "come", "customers": ["nobody", "else"], "until": until})
    world.settle()
    assert told(parcels) == [address(0)]
