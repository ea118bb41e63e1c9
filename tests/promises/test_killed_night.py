"""Promises 2, 3 and 10 where delays are told in open hours alone, in an incident, and where a notice comes back."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from standby.delivery.repository import OrderRepository
from standby.delivery.turns_repository import TurnBook
from standby.platform.table import Table

from tests.promises.killing import Scenario, dead_letters, distinct, everything_runs, insists, report
from tests.promises.shop import Shop
from tests.standby.delivery.parcels import LOOK, Parcels
from tests.standby.delivery.track import AMERICA, EUROPE
from tests.world import ENVIRONMENT, World

pytestmark = pytest.mark.promise("P2", "P3", "P10")
CLOSED = range(21, 24), range(8)
"""The hours of the shop in which nobody is told."""
DATED, OVER = "D-L", "D-1"
"""The order of which the law wants to be told at night, and the one that is over by the morning."""


def it_is_evening(shop: Shop) -> None:
    """Six customers wait for their orders, and the shop is about to close."""
    parcels = Parcels(shop)
    for number in range(6):
        parcels.places(f"D-{number}", until=3, email=f"ana-{number}@example.org", ship_to=EUROPE)
    shop.world.clock.advance(hours=7, minutes=45)


def much_becomes_late_until_the_morning(world: World) -> None:
    parcels = Parcels(Shop(world))
    for name in ("D-4", "D-5"):  # one has to wait for an hour, when the shop is closed
        parcels.says("eta", name, eta=parcels.day(6))
    everything_runs(world)
    order = parcels.order(3, ship_to=AMERICA, customer={"locale": "en", "email": "lea@example.org"})
    order["shipments"][0]["ship_by"] = parcels.day(0)
    parcels.says("placed", DATED, **order)
    for name in ("D-0", OVER, "D-2"):
        parcels.says("eta", name, eta=parcels.day(6))
    everything_runs(world)
    parcels.says("cancelled", OVER)
    parcels.says("eta", "D-2", eta=parcels.day(8))
    everything_runs(world)
    for hours in (1, 4, 4, 1, 1, 1, 1, 1, 1):
        world.clock.advance(hours=hours)
        world.send("DeliveryRecords", LOOK)
        everything_runs(world)


def each_was_told_once_of_what_was_so_then(world: World, most: int) -> None:
    parcels, store = Parcels(Shop(world)), OrderRepository("Delivery")
    told = Counter(parcels.told())
    everybody = {*(f"ana-{number}@example.org" for number in (0, 2, 4, 5)), "lea@example.org"}
    assert {email for email, _ in told} == everybody, "promise 2"
    assert max(told.values()) <= most, f"promise 3: {told}"
    assert len(told) == len(everybody), f"promise 3: {told}"
    zone = ZoneInfo(ENVIRONMENT["SHOP_TIME_ZONE"])
    for name, days in (("D-0", 1), ("D-2", 1), (OVER, 0), ("D-3", 0), ("D-4", 1), ("D-5", 1), (DATED, 1)):
        order = store.order(name)
        assert (len(order.notices), order.tell_at) == (days, None), f"promise 10: {name}"
        hours = [datetime.fromisoformat(each.at).astimezone(zone).hour for each in order.notices]
        at_night = [hour for hour in hours if any(hour in closed for closed in CLOSED)]
        assert bool(at_night) is (name == DATED), f"{name} is told at {hours}"
    assert list(TurnBook(Table("Delivery", world.dynamodb)).waiting()) == [], "it waits for ever"
    assert dead_letters(world) == [], dead_letters(world)


# ---- an incident ----


def parcels_are_on_their_way(shop: Shop) -> None:
    parcels = Parcels(shop)
    for number in range(2):
        parcels.places(f"D-{number}", until=3, email=f"ana-{number}@example.org", ship_to=EUROPE)


def a_storm_comes_and_goes(world: World) -> None:
    parcels = Parcels(Shop(world))
    said = {"cause": "weather", "since": parcels.day(0), "until": parcels.day(9), "policy": "storm"}
    assert insists(world, "delivery_api", "PUT", "/v1/incidents/storm", body=said, scopes="ops")[0] == 200
    everything_runs(world)
    parcels.says("eta", "D-0", eta=parcels.day(6))
    everything_runs(world)
    assert insists(world, "delivery_api", "POST", "/v1/incidents/storm/end", scopes="ops")[0] == 200
    everything_runs(world)
    parcels.says("eta", "D-1", eta=parcels.day(6))
    everything_runs(world)


def what_it_explains_says_so_once(world: World, most: int) -> None:
    parcels = Parcels(Shop(world))
    told = Counter(parcels.told())
    assert {email for email, _ in told} == {"ana-0@example.org", "ana-1@example.org"}, "promise 2"
    assert max(told.values()) <= most, f"promise 3: {told}"
    of = {event["order_id"]: event.get("incident_id") for event in parcels.delays()}
    assert of["D-0"] == "storm", f"promise 10: {of}"
    assert dead_letters(world) == [], dead_letters(world)


# ---- a notice comes back ----


def a_parcel_for_america_is_due(shop: Shop) -> None:
    parcels = Parcels(shop)
    shipment = {**parcels.order(6)["shipments"][0], "ship_by": parcels.day(4)}
    parcels.places("D-0", until=6, email="ana@example.org", shipments=[shipment], ship_to=AMERICA)


def its_notice_comes_back(world: World) -> None:
    parcels = Parcels(Shop(world))
    parcels.says("eta", "D-0", eta=parcels.day(40))
    everything_runs(world)
    tags = {name: [value] for name, value in world.mails[-1].tags.items()}
    said = {"timestamp": parcels.now(), "feedbackId": "f", "bounceType": "Permanent", "bounceSubType": "General"}
    detail = {"bounce": {**said, "bouncedRecipients": [{"emailAddress": "ana@example.org"}]}, "mail": {"tags": tags}}
    world.send("MailFeedback", {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail})
    everything_runs(world)
    world.send("DeliveryRecords", LOOK)
    everything_runs(world)


def a_person_calls_once(world: World, _most: int) -> None:
    notices = OrderRepository("Delivery").order("D-0").notices
    assert [notice.by for notice in notices] == ["refused", "call"], "promise 10"
    assert [call["order_id"] for call in distinct(world, "CallTaskOpened")] == ["D-0"], "promise 2"
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "delays at night",
        it_is_evening,
        much_becomes_late_until_the_morning,
        each_was_told_once_of_what_was_so_then,
        every=20,
        environment={"QUIET_HOURS": "21:00-08:00", "QUIET_FOR": "all", "NOTICES_PER_HOUR": "1"},
    ),
    Scenario(
        "an incident",
        parcels_are_on_their_way,
        a_storm_comes_and_goes,
        what_it_explains_says_so_once,
        every=7,
    ),
    Scenario("a notice comes back", a_parcel_for_america_is_due, its_notice_comes_back, a_person_calls_once, every=7),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nobody_is_lost_and_nobody_told_twice_however_a_night_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    explored = scenario.broken(shop.world)

    assert {kind[1:] for kind in explored.kinds} >= {("dynamodb", "PutItem"), ("events", "PutEvents")}
    report(capsys, scenario.name, explored)
