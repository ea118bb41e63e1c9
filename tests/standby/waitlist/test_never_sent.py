"""Who leaves before the mail is sent and joins again is told by the next wave; whom SES has mailed is told once."""

from typing import Any

import pytest
from standby.platform.address import address_key

from tests.standby.waitlist.conftest import SKU, House

ANA = "ana@example.org"
ADDRESS = address_key(ANA)
pytestmark = pytest.mark.promise("P2", "P3")


def invited(house: House) -> tuple[str, list[Any]]:
    """Put Ana in line and plan her mail; return her entry and the job."""
    entry = house.confirms(ANA)
    house.restocks(units=5)
    jobs = house.bulk.bodies()
    house.bulk.drain()
    return entry, jobs


def an_hour_passes(house: House) -> None:
    for _ in range(4):
        house.plan()
        house.clock.advance(minutes=16)
        house.sweeper.handle({"sweep": "due"})
    house.plan()


@pytest.mark.parametrize("how", ["leaves", "gives it up"])
@pytest.mark.parametrize("first", ["leaving", "refusing"])
@pytest.mark.parametrize("then", ["joins before", "joins after"])
def test_who_left_before_the_mail_and_joins_again_is_told(house: House, how: str, first: str, then: str) -> None:
    entry, jobs = invited(house)

    def leave() -> None:
        if how == "leaves":
            house.leaving.leave(ADDRESS)
        elif house.directory.read(ADDRESS)[0].entries:
            house.mine.remove(ADDRESS, entry)

    if first == "refusing":
        house.refuses("left", jobs)
    leave()
    if then == "joins before":
        house.confirms(ANA)
    house.refuses("left", jobs)
    if then == "joins after":
        house.confirms(ANA)
        house.planner.handle({"plan": "joined", "sku": SKU})
    an_hour_passes(house)
    assert house.invited() == [ANA]

    house.accepts()
    house.refuses("left", jobs)
    house.confirms(ANA)
    house.planner.handle({"plan": "joined", "sku": SKU})
    an_hour_passes(house)
    assert house.invited() == []
    assert house.counts() == {"waiting": 1, "units_wanted": 1, "invited": 2, "told": 1, "left": 1}


def test_who_left_after_the_mail_was_sent_is_not_told_again(house: House) -> None:
    _, jobs = invited(house)
    house.leaving.leave(ADDRESS)
    house.confirms(ANA)
    house.accepts(jobs)
    an_hour_passes(house)

    assert house.invited() == []
    assert house.line() == [ANA]


def test_whoever_wants_any_of_several_goes_on_waiting_for_the_others(house: House) -> None:
    house.waits(ANA, "A", "B")
    house.restocks(sku="A", units=5)
    house.leaving.leave(ADDRESS)
    house.clock.advance(minutes=2)
    house.waits(ANA, "A", "B")
    house.refuses("left")
    house.planner.handle({"plan": "joined", "sku": "A"})
    an_hour_passes(house)

    assert house.invited() == [ANA]
