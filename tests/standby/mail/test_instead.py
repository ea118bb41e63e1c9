"""Mails about what does not come back say what can be bought instead, to those who may be told."""

from typing import Any

import pytest
from standby.mail.rendering import MailRenderer
from standby.platform.clock import to_text

from tests.promises.shop import Shop
from tests.standby.catalog.words import discontinued, upserted
from tests.standby.mail.looking import ROOTS, sample
from tests.world import World

CUP = {"sku": "cups", "product_id": "cups", "title": {"en": "Tin cup"}, "url": "https://shop.example/p/cup"}


def shown(market: str, kind: str = "not_coming_back", **data: Any) -> bool:
    """Tell whether a mail shows what can be bought instead."""
    shop = MailRenderer("Olive & Loom <a@shop.example>", "Tel Aviv", market, kinds=ROOTS, instead=lambda _skus: [CUP])
    said = {name: value for name, value in sample(kind)["data"].items() if name != "instead"}
    text = shop.render(kind, "en", said | data).text
    assert (CUP["url"] in text) == ("Tin cup" in text)
    return CUP["url"] in text


def test_what_can_be_bought_instead_is_shown_with_the_way_to_it() -> None:
    assert shown("default")
    assert shown("us")
    assert not shown("default", kind="back_in_stock")


@pytest.mark.parametrize("market", ["eu", "il"])
def test_where_that_is_advertising_only_those_see_it_who_agreed(market: str) -> None:
    assert not shown(market)
    assert not shown(market, advertising_agreed=False)
    assert shown(market, advertising_agreed=True)


@pytest.mark.parametrize(("left", "agreed"), [(3, True), (0, True), (3, False)])
def test_whoever_waits_for_what_does_not_come_back_is_told_what_there_is(
    world: World, left: int, *, agreed: bool
) -> None:
    """The shop is in Israel."""
    shop = Shop(world)
    address = "https://shop.example/p/cup"
    for said in (upserted("mugs", "MUG", similar=["cups"]), upserted("cups", "CUP", url=address)):
        world.send("CatalogUpdates", said)
    shop.counts("MUG", 0)
    shop.counts("CUP", left)
    consent = {"wording": "2026-05", "marketing": agreed, "source": "checkout", "at": to_text(world.clock.now())}
    shop.waits("ana@example.org", "MUG", consent=consent)
    world.settle()
    world.send("CatalogUpdates", discontinued(minute=1, sku="MUG"))
    world.settle()
    world.wait(minutes=3)
    world.wait(minutes=3)
    (mail,) = world.mails
    assert "not coming back" in mail.text
    assert (address in mail.text) == (agreed and left > 0)
