"""Promises 2, 3 and 8 of store offers: as many are invited as the shop said, once each, whichever call breaks."""

from collections import Counter

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.promises.killing import Scenario, dead_letters, everything_runs, insists, report
from tests.promises.shop import OPS, Shop
from tests.standby.waitlist.invited import HAIFA, OFFER, Inviting, book, invitations
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3", "P8", "P9")

NAMES = [f"c{number}@example.org" for number in range(5)]
LEFT, ERASED = "left@example.org", "erased@example.org"
MOST = 3
PATH = "/v1/store-offers/may"


def five_wait_near_a_store_and_one_left(shop: Shop) -> None:
    inviting = Inviting(shop.world)
    inviting.opens("dizengoff", "carmel")
    inviting.sells("SHIRT")
    for number, name in enumerate((*NAMES, LEFT, ERASED)):
        inviting.wishes(name, near=HAIFA if number % 2 else "32.08,34.78")
    for store in ("dizengoff", "carmel"):
        inviting.has(store, "SHIRT", 3)
    inviting.gives_up(LEFT)
    inviting.offers("gone", stores=["carmel"], most=1)
    inviting.ends("gone")


def the_offer_goes_out(world: World) -> None:
    status, answer = insists(world, "waitlist_api", "PUT", PATH, body={**OFFER, "most": MOST}, scopes=OPS)
    assert status in {200, 201}, answer
    erased = {"id": "e", "version": 1, "at": to_text(world.clock.now()), "address": address_key(ERASED)}
    for queue in ("WaitlistRecords", "MailFeedback"):
        world.send(queue, {"detail-type": "CustomerErased", "source": "standby", "detail": erased})
    everything_runs(world)
    world.send("WaitlistSweeps", {"sweep": "store_offers"})
    everything_runs(world)


def three_got_one(world: World, most: int) -> None:
    told = Counter(mail.email for mail in invitations(world))
    assert len(told) == MOST, f"promise 2, and the bound: {told}"
    assert set(told) <= set(NAMES), f"promise 8: {told}"
    assert max(told.values()) <= most, f"promise 3: {told}"
    places = {name for name in NAMES if book(world).invitations(address_key(name))}
    assert places == set(told), "a place is somebody's who was told"
    offer = book(world).offer("may")
    assert offer is not None
    assert (offer.taken, offer.told) == (MOST, MOST)
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "a store offer goes out",
        five_wait_near_a_store_and_one_left,
        the_offer_goes_out,
        three_got_one,
        every=89,
        constants={"standby.waitlist.store_inviting.PAGE": 2},
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_as_many_get_one_invitation_as_the_shop_said_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
