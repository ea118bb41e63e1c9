"""Mails call a product what the catalogue calls it, from the first catalogue message on; nobody waits for a name."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.promises.shop import Shop
from tests.standby.availability.storefront import QUEUE, product_changed, variant
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3")

SHELF = "Availability"
ANA, DAN = "ana@example.org", "dan@example.org"
TITLE = {"en": "Linen shirt", "he": "חולצת פשתן"}


def subjects(world: World, email: str) -> list[str]:
    return [mail.subject.replace("\u2068", "").replace("\u2069", "") for mail in world.mails if mail.email == email]


def is_named(world: World, edition: int = 1, **more: Any) -> None:
    said = {"title": TITLE, "url": "https://shop.example/p/shirt", "options": ["Size"], **more}
    world.send(QUEUE, product_changed("shirts", edition, variant("SHIRT-M", edition, options={"Size": "M"}), **said))
    world.settle()


def test_a_product_is_called_by_its_name_in_the_readers_language(world: World) -> None:
    shop = Shop(world)
    shop.counts("SHIRT-M", 0)
    is_named(world)
    shop.joins(ANA, "SHIRT-M")
    shop.joins(DAN, "SHIRT-M", locale="he")
    shop.confirms(ANA)
    shop.confirms(DAN)
    shop.counts("SHIRT-M", 5)
    world.settle()
    assert [TITLE["en"] in subject for subject in subjects(world, ANA)] == [True, True]
    assert [TITLE["he"] in subject for subject in subjects(world, DAN)] == [True, True]
    assert subjects(world, ANA)[-1] == "Back in stock: Linen shirt (M)"
    mail = next(mail for mail in reversed(world.mails) if mail.email == ANA)
    assert "https://shop.example/p/shirt" in mail.text


def test_the_pages_behind_the_links_name_it_too(world: World) -> None:
    shop = Shop(world)
    shop.counts("SHIRT-M", 0)
    is_named(world)
    shop.joins(ANA, "SHIRT-M", locale="he")
    token = world.mails[-1].link("confirm")
    for method in ("GET", "POST", "GET"):
        _, html = world.request(
            "waitlist_api", method, "/v1/waitlist/confirm", query={"token": token}, headers={"accept": "text/html"}
        )
        assert TITLE["he"] in html
        assert "https://shop.example/p/shirt" in html


def test_without_the_catalogue_a_mail_names_the_sku(world: World) -> None:
    shop = Shop(world)
    shop.counts("SHIRT-M", 0)
    shop.joins(ANA, "SHIRT-M")
    shop.confirms(ANA)
    shop.counts("SHIRT-M", 5)
    world.settle()
    assert subjects(world, ANA)[-1] == "Back in stock: SHIRT-M"


def test_a_mail_goes_out_while_the_shelf_cannot_be_read(world: World) -> None:
    shop = Shop(world)
    shop.counts("SHIRT-M", 0)
    is_named(world)
    shop.waits(ANA, "SHIRT-M")

    def broken(_service: str, operation: str, parameters: Mapping[str, Any], make: Callable[..., Any]) -> Any:
        if operation == "BatchGetItem" and SHELF in parameters["RequestItems"] and world.calls[-1][0] == "mail_sender":
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, operation)
        return make()

    world.tap = broken
    shop.counts("SHIRT-M", 5)
    world.settle()
    assert subjects(world, ANA) == ["Back in stock: SHIRT-M"]
