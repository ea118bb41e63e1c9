"""Where the shop's own words give no alternative, pictures do: only what can be had, the most alike first."""

from typing import Any

import pytest
from standby.shelf.pictures import MOST_OF_ONE_PICTURE

from tests.standby.availability.pictures.drawing import VERSIONS, draw, drawn, saved
from tests.standby.availability.storefront import QUEUE, Storefront, product_changed, variant
from tests.standby.availability.test_alternatives import instead, nis

PICTURES = "AvailabilityPictures"
SITE = "https://shop.example/i/"


def looking(shop: Storefront, product_id: str, units: int, picture: bytes, **more: Any) -> None:
    """Let there be a product with a picture, of which the shop says little, and so many units."""
    image, sku = f"{SITE}{product_id}.png", product_id.upper()
    shop.world.web.pictures[image] = picture
    word = product_changed(product_id, 1, variant(sku, 1, options=more.pop("options", {})), image=image, **more)
    for queue in (QUEUE, PICTURES):
        shop.world.send(queue, word)
    shop.counts(sku, units)


def version(name: str) -> bytes:
    return saved(VERSIONS[name](draw(1)))


def test_what_looks_alike_is_an_alternative_and_says_in_how_many_bits_it_differs(shop: Storefront) -> None:
    looking(shop, "linen", 0, drawn(1), price=nis(5_000))
    looking(shop, "cut", 9, version("4 % cut off each side"))
    looking(shop, "light", 9, version("JPEG of quality 30"), price=nis(5_100), brand="Acme")
    looking(shop, "sold-out", 0, drawn(1))
    looking(shop, "other", 9, drawn(2))

    found = instead(shop, "linen")

    assert [(each["product_id"], each["reason"]) for each in found] == [
        ("light", "looks_alike"),
        ("cut", "looks_alike"),
    ]
    light, cut = found
    assert light["image"] == f"{SITE}light.png"
    assert light["actions"] == ["buy"]
    assert light["numbers"]["points"] == {"price": 3}
    assert light["numbers"]["bits"] < cut["numbers"]["bits"] <= 12


@pytest.mark.parametrize(
    "words",
    [{"similar": ["wool"]}, {"category": "shirts"}],
    ids=["the shop calls one similar", "one of the category can be bought"],
)
def test_where_the_shop_s_words_give_one_looks_say_nothing(shop: Storefront, words: dict[str, Any]) -> None:
    looking(shop, "linen", 0, drawn(1), **words)
    looking(shop, "wool", 9, drawn(2), category="shirts")
    looking(shop, "twin", 9, drawn(1))
    assert [(each["product_id"], each["reason"] == "looks_alike") for each in instead(shop, "linen")] == [
        ("wool", False)
    ]

    shop.counts("WOOL", 0)
    assert [(each["product_id"], each["reason"]) for each in instead(shop, "linen")] == [("twin", "looks_alike")]


def test_what_is_chosen_counts_more_than_looks(shop: Storefront) -> None:
    looking(shop, "linen", 0, drawn(1), options={"Size": "M"})
    looking(shop, "twin", 9, drawn(1), options={"Size": "S"})
    looking(shop, "light", 9, version("4 % cut off each side"), options={"Size": "M"})
    assert [each["product_id"] for each in instead(shop, "linen")] == ["twin", "light"]
    found = instead(shop, "linen", ("choice", "Size:M"))
    assert [(each["product_id"], each["sku"]) for each in found] == [("light", "LIGHT"), ("twin", None)]


def test_a_picture_that_very_many_products_have_says_nothing(shop: Storefront) -> None:
    looking(shop, "linen", 0, drawn(1))
    for number in range(MOST_OF_ONE_PICTURE - 1):
        looking(shop, f"p-{number}", 1, drawn(1))
    assert len(instead(shop, "linen")) == 12
    looking(shop, "one-more", 1, drawn(1))
    assert instead(shop, "linen") == []


def test_a_product_whose_picture_was_not_seen_is_like_none(shop: Storefront) -> None:
    looking(shop, "linen", 0, b"no picture")
    looking(shop, "twin", 9, b"no picture")
    looking(shop, "wool", 9, drawn(1))
    assert instead(shop, "linen") == []
    assert instead(shop, "twin") == []


def test_a_shop_that_wants_no_looks_has_none(shop: Storefront, monkeypatch: pytest.MonkeyPatch) -> None:
    looking(shop, "linen", 0, drawn(1))
    looking(shop, "twin", 9, drawn(1))
    monkeypatch.setenv("LOOKS_AT_PICTURES", "never")
    shop.world.restart()
    assert instead(shop, "linen") == []
