"""An offer that is changed for months invites nobody twice, and nobody who wants no offers any more."""

from datetime import timedelta
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.table import Key
from standby.waitlist.nearby_repository import nearby_key
from standby.waitlist.store_offer_repository import invited_key

from tests.promises.shop import OPS
from tests.standby.waitlist.invited import ANA, OFFER, Inviting, book, invitations, invited
from tests.world import World


@pytest.fixture
def shop(world: World) -> Inviting:
    """Return a shop with a store that has a shirt which is gone online."""
    shop = Inviting(world)
    shop.opens("dizengoff")
    shop.sells("SHIRT", "COAT")
    shop.has("dizengoff", "SHIRT", 3)
    return shop


def forgotten_on(shop: Inviting, key: Key) -> str:
    """Return the day from which an item may be gone."""
    item: Any = book(shop.world).table.item(key)
    now = shop.world.clock.now()
    return (now + timedelta(seconds=item["ttl"] - now.timestamp())).date().isoformat()


def test_who_is_invited_is_known_as_long_as_the_offer_may_be_given(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.offers(until="2026-05-04")
    shop.invites()
    body = {**OFFER, "since": "2026-05-20", "until": "2026-08-03"}
    status, answer = shop.world.request("waitlist_api", "PUT", "/v1/store-offers/may", body=body, scopes=OPS)
    assert (status, answer["detail"]) == (400, "until: more than 92 days from its first day, 2026-05-03")
    shop.offers(since="2026-05-20", until="2026-08-02")
    assert forgotten_on(shop, invited_key(address_key(ANA), "may")) > "2026-09-01"
    assert forgotten_on(shop, {"pk": "STORE_OFFERS", "sk": "may"}) > "2026-09-01"


def test_an_offer_that_has_not_begun_may_be_put_off(shop: Inviting) -> None:
    shop.offers(since="2026-05-10", until="2026-05-12")
    shop.offers(since="2026-10-10", until="2026-10-12")
    assert shop.shown()["since"] == "2026-10-10"


def test_a_short_wish_does_not_shorten_how_long_a_refusal_is_known(shop: Inviting) -> None:
    shop.wishes(ANA, "SHIRT", until="2026-10-01")
    shop.wishes(ANA, "COAT", until="2026-05-10")
    assert forgotten_on(shop, nearby_key(address_key(ANA))) >= "2026-11-30"


def test_what_can_be_bought_online_meanwhile_is_not_said_to_be_only_in_the_store(shop: Inviting) -> None:
    shop.wishes(ANA, quantity=2)
    shop.offers()
    shop.world.held = frozenset({"MailBulk"})
    shop.invites()
    shop.counts("SHIRT", 1)
    shop.world.held = frozenset()
    shop.world.settle()
    assert (invited(shop.world), shop.shown()["invited"]) == ([], 0)


def test_who_agrees_to_no_advertising_any_more_gets_no_invitation_that_is_under_way(shop: Inviting) -> None:
    shop.wishes(ANA)
    shop.offers()
    shop.world.held = frozenset({"MailBulk"})
    shop.invites()
    shop.wishes(ANA, marketing=False)
    shop.world.held = frozenset()
    shop.world.settle()
    assert (invited(shop.world), shop.shown()["invited"]) == ([], 0)
    shop.wishes(ANA)
    shop.offers(km=20)
    shop.invites()
    assert invited(shop.world) == [ANA], "they agreed anew"


def test_who_is_held_back_keeps_nobody_else_from_the_place(shop: Inviting) -> None:
    names = [f"c{number}@example.org" for number in range(4)]
    for email in names:
        shop.wishes(email)
    shop.offers("first", most=2)
    shop.invites()
    told = invited(shop.world)
    shop.offers("second", most=2)
    for _ in range(3):
        shop.invites()
        shop.world.clock.advance(minutes=15)
    assert invited(shop.world) == names, f"first {told}"
    assert (shop.shown("second")["invited"], shop.shown("second")["told"]) == (2, 2)


def test_the_longest_id_goes_through(shop: Inviting) -> None:
    offer_id = "a" * 64
    shop.wishes(ANA)
    shop.offers(offer_id)
    shop.invites()
    assert len(invitations(shop.world, ANA)) == 1
    assert shop.shown(offer_id)["told"] == 1
