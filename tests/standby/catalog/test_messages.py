"""What the shop says of its products is read, or refused by name."""

from typing import Any

import pytest
from standby.catalog import messages
from standby.catalog.messages import read
from standby.catalog.model import ProductEnded, ProductSaid, SkuEnded
from standby.events.fields import MOST_COMPONENTS
from standby.platform.identifier import EXACT, Ids
from standby.platform.moment import Arrival
from standby.platform.queue import PoisonError

from tests.fakes import EPOCH
from tests.standby.catalog.words import AT, discontinued, locales, upserted, word

pytestmark = pytest.mark.promise("P9")


def product(**more: Any) -> ProductSaid:
    said = word({**upserted("CUP", "S"), **more})
    assert isinstance(said, ProductSaid)
    return said


def refused(message: Any, *, ids: Ids = EXACT) -> str:
    with pytest.raises(PoisonError) as poison:
        read(message, arrival=Arrival(AT), now=EPOCH, ids=ids)
    return poison.value.reason


def variants(*said: dict[str, Any]) -> dict[str, Any]:
    return {**upserted("CUP"), "variants": list(said)}


def test_numbers_and_ids_are_read_as_shops_write_them() -> None:
    said = product(
        product_id=4711,
        rank="12",
        price={"amount": "4990.0", "currency": "ILS"},
        similar=[" MUG ", 12],
        variants=[{"sku": 10452, "options": {"size": 42.5, "width": 3}, "external_ids": {"shopify": 4455667788}}],
    )
    assert (said.product_id, said.about["rank"], said.about["price"]["amount"]) == ("4711", 12, 4990)
    assert said.about["similar"] == ["MUG", "12"]
    (content,) = said.variants.values()
    assert content["options"] == {"size": "42.5", "width": "3"}
    assert content["external_ids"] == {"shopify": "4455667788"}


def test_where_case_does_not_count_ids_are_folded_everywhere() -> None:
    message = {
        **upserted("cup", "s", "m"),
        "similar": ["mug"],
        "variants": [{"sku": "s", "components": [{"sku": "lid", "quantity": 1}], "external_ids": {"shopify": "aB"}}],
    }
    said = word(message, ids=Ids("upper"))
    assert isinstance(said, ProductSaid)
    assert (said.product_id, said.about["similar"], list(said.variants)) == ("CUP", ["MUG"], ["S"])
    assert said.variants["S"]["components"] == [{"sku": "LID", "quantity": 1}]
    assert said.variants["S"]["external_ids"] == {"shopify": "aB"}
    assert word(discontinued(product_id="cup"), ids=Ids("upper")) == ProductEnded(
        product_id="CUP", version=word(discontinued(product_id="CUP")).version
    )


def test_what_is_null_is_as_if_it_were_not_there() -> None:
    nothing = dict.fromkeys(("url", "image", "category", "brand", "tags", "price", "rank", "similar", "options"))
    variant = {"sku": "S", **dict.fromkeys(("options", "price", "image", "external_ids", "components"))}
    said = product(**nothing, title={"en": "Cup", "he": None}, variants=[variant])
    assert said.about == {"title": {"en": "Cup"}}
    assert said.variants == {"S": {"position": 0}}


@pytest.mark.parametrize(
    ("prices", "lowest"),
    [
        ([(300, "ILS"), (200, "ILS"), None], {"amount": 200, "currency": "ILS"}),
        ([(300, "ILS"), (200, "EUR")], None),
        ([None], None),
        ([], None),
    ],
)
def test_the_lowest_price_of_variants_is_said_of_a_product_without_one(prices: list[Any], lowest: Any) -> None:
    variants = [
        {"sku": f"S-{place}", "price": price and {"amount": price[0], "currency": price[1]}}
        for place, price in enumerate(prices)
    ]
    said = word(upserted("MUG", variants=variants))
    priced = word(upserted("MUG", variants=variants, price={"amount": 900, "currency": "ILS"}))
    assert isinstance(said, ProductSaid)
    assert isinstance(priced, ProductSaid)
    assert said.about.get("price_from") == lowest
    assert "price_from" not in priced.about


def test_locales_are_written_one_way() -> None:
    assert product(title={"pt_BR": "Copo", "he": "ספל"}).about["title"] == {"pt-BR": "Copo", "he": "ספל"}
    words = {"Colour": "Cor", "Red": "Vermelho"}
    assert product(translations={"pt_BR": words, "he": {}}).about["translations"] == {"pt-BR": words, "he": {}}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"he": {"Red": ""}}, "translations"),
        ({"he": {"Red": "x" * 101}}, "translations"),
        ({"he": {"Red": ["אדום"]}}, "translations"),
        ({"he": "אדום"}, "translations"),
        ({"he_IL": {}, "he-il": {}}, "translations.he-il: he-il stands there twice"),
        ({"he": {str(number): "x" * 99 for number in range(999)}}, "message: "),
    ],
    ids=["empty", "long", "several", "no words", "twice", "too much"],
)
def test_translations_that_cannot_be_shown_are_refused(wrong: Any, reason: str) -> None:
    with pytest.raises(PoisonError, match=reason):
        product(translations=wrong)


def test_options_whose_names_differ_in_case_or_blanks_are_one_as_first_written() -> None:
    said = product(
        options=["Size ", "size", "Shoe  width"],
        variants=[
            {"sku": "S", "options": {"SIZE": "M", "shoe width": "G", " Colour": "red"}},
            {"sku": "T", "options": {"Size": "L", "Shoewidth": "H", "colour ": "blue", "S\u0131ze": "x"}},
            {"sku": "U", "options": {"Size": "S", " size": "S"}},
        ],
    )
    assert said.about["options"] == ["Size", "Shoe  width"]
    assert [said.variants[sku]["options"] for sku in "STU"] == [
        {"Size": "M", "Shoe  width": "G", "Colour": "red"},
        {"Size": "L", "Shoe  width": "H", "Colour": "blue", "S\u0131ze": "x"},
        {"Size": "S"},
    ]
    twice = {"sku": "S", "options": {"Size": "M", "size ": "L"}}
    assert refused(variants(twice)) == "variants.0.options.size: Size stands there twice, with different values"
    assert refused({**upserted("CUP", "S"), "title": {"pt_BR": "Copo", "pt-br": "Taça"}}) == (
        "title.pt-br: pt-br stands there twice"
    )


def test_a_message_without_a_time_counts_from_its_receipt() -> None:
    said = product(as_of=None)
    assert (said.as_of, said.as_of_assumed) == ("2026-05-03T10:00:00.000Z", True)


def test_at_equal_times_the_sequence_then_the_arrival_counts() -> None:
    later = word(upserted("CUP", "S"), arrival=1).version
    assert later > word(upserted("CUP", "S")).version
    assert word(upserted("CUP", "S", sequence=1)).version > later


def test_only_the_same_content_has_the_same_version() -> None:
    one = word(upserted("CUP", "S", brand="A"))
    assert one.version == word({**dict(reversed(upserted("CUP", "S", brand="A").items())), "source": "PIM"}).version
    assert one.version != word(upserted("CUP", "S", brand="B")).version


def test_a_product_or_a_sku_is_discontinued() -> None:
    assert isinstance(word(discontinued(product_id="CUP")), ProductEnded)
    assert isinstance(word(discontinued(sku="S")), SkuEnded)
    assert refused(discontinued(product_id="CUP", sku="S")) == "sku: there is a product_id already"
    for nothing in ({}, {"sku": None}, {"product_id": None}, {"sku": None, "product_id": None}):
        assert refused({**discontinued(), **nothing}) == "product_id or sku: missing"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"product_id": ""}, "product_id: is empty"),
        ({"product_id": "x" * 101}, "product_id: has more than 100 characters"),
        ({"product_id": "a\u200bb"}, "product_id: has U+200B"),
        ({"title": "Cup"}, "title: must be object"),
        ({"title": {}}, "title: must contain at least 1 property"),
        ({"title": {"en": "C\x00p"}}, "title.en: has U+0000"),
        ({"title": {"en": "a\nb"}}, "title.en: has U+000A"),
        ({"title": {"en": "  "}}, "title.en: has nothing"),
        ({"title": {"en": "x" * 501}}, "title.en: must be shorter than or equal to 500 characters"),
        ({"title": {"en us": "Cup"}}, "title: a name in it must be a language, such as he or pt-BR"),
        ({"title": dict.fromkeys(locales(41), "Cup")}, "title: must contain less"),
        ({"url": "http://shop.example"}, "url: is no web address: it must begin with https://"),
        ({"url": "https://"}, "url: has no host"),
        ({"url": "https://shop.example/a b"}, "url: has U+0020 SPACE in it: write %20"),
        ({"url": "https://shop.example/a\nb"}, "url: has U+000A in it, which nobody sees"),
        ({"url": 'https://shop.example/"onload'}, "url: has U+0022 QUOTATION MARK in it: write %22"),
        ({"url": "https://shop.example/" + "x" * 2000}, "url: must be shorter"),
        ({"image": "javascript:alert(1)"}, "image: is no web address: it must begin"),
        ({"tags": ["x"] * 101}, "tags: must contain less"),
        ({"tags": ["a\x1bb"]}, "tags.0: has U+001B"),
        ({"options": ["x"] * 11}, "options: must contain less"),
        ({"similar": ["x"] * 51}, "similar: must contain less"),
        ({"price": {"amount": -1, "currency": "ILS"}}, "price.amount: must be bigger"),
        ({"price": {"amount": 12.5, "currency": "ILS"}}, "price.amount: 12.5 is not a whole number"),
        (
            {"price": {"amount": 12, "currency": "shekel"}},
            "price.currency: 'shekel' is no currency of ISO 4217, such as EUR",
        ),
        ({"price": {"amount": 12}}, "price.currency: missing"),
        ({"price": 12}, "price: must be object"),
        ({"variants": None}, "variants: must be array"),
        ({"as_of": "yesterday"}, "as_of: "),
        ({"as_of": "2026-05-03T10:05:01Z"}, "as_of: 2026-05-03T10:05:01Z is more than 5 minutes ahead"),
        ({"type": "product.changed"}, "type: 'product.changed' is none of product.upserted, product.discontinued"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(wrong: dict[str, Any], reason: str) -> None:
    assert refused({**upserted("CUP", "S"), **wrong}).startswith(reason)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([{}], "variants.0.sku: missing"),
        ([{"sku": "S"}, {"sku": " S "}], "variants.1.sku: S stands there twice"),
        ([{"sku": "S", "options": {str(n): "x" for n in range(11)}}], "variants.0.options: must contain less"),
        ([{"sku": "S", "options": {"a\x00": "x"}}], "variants.0.options: the name 'a\\x00' has U+0000"),
        ([{"sku": "S", "options": {"a": ["x"]}}], "variants.0.options.a: must be string"),
        ([{"sku": "S", "image": "ftp://x"}], "variants.0.image: is no web address"),
        (
            [{"sku": "S", "external_ids": {str(n): "x" for n in range(21)}}],
            "variants.0.external_ids: must contain less",
        ),
        ([{"sku": "S", "components": [{"sku": "L", "quantity": 0}]}], "variants.0.components.0.quantity: must be big"),
        ([{"sku": "S", "components": [{"sku": "S", "quantity": 1}]}], "variants.0.components.0.sku: S stands there tw"),
        ([{"sku": "S", "components": [{"sku": "L", "quantity": 1}] * 51}], "variants.0.components: must contain less"),
        ([{"sku": str(n)} for n in range(2001)], "variants: must contain less than or equal to 2000 items"),
    ],
)
def test_what_cannot_be_kept_of_a_variant_is_refused_by_name(said: list[dict[str, Any]], reason: str) -> None:
    assert refused(variants(*said)).startswith(reason)


def test_what_has_no_room_in_an_item_is_refused() -> None:
    brief = {**upserted("CUP", "S"), "title": dict.fromkeys(locales(), "🧦" * 500)}
    tags = [f"{number:03}" + "🧦" * 97 for number in range(100)]
    assert refused({**brief, "tags": tags}).endswith(" bytes beside the variants are more than 100,000")
    assert word(brief)
    many = [{"sku": f"{n:04}" + "ת" * 60} for n in range(2000)]
    assert refused(variants(*many)).endswith(" bytes of SKUs are more than 130,000")
    long = {"sku": "S", "components": [{"sku": f"{n:02}" + "🧦" * 98, "quantity": 1} for n in range(MOST_COMPONENTS)]}
    options = {f"{n}" + "ת" * 99: "ת" * 100 for n in range(10)}
    assert refused(variants({**long, "options": options})).startswith("variants.0: ")
    assert word(variants(long))


@pytest.mark.parametrize("message", [None, 7, "product.upserted", [], {}, {"type": None}, {"type": ["x"]}])
def test_what_is_no_message_is_refused(message: object) -> None:
    assert refused(message)


def test_a_message_is_bounded() -> None:
    message = {**upserted("CUP", "S"), "source": "x" * messages.LARGEST["product.upserted"]}
    assert refused(message).endswith("bytes are more than 900,000")


@pytest.mark.parametrize(
    ("rating", "told"),
    [
        ({"value": "4.57", "count": "12"}, {"hundredths": 457, "count": 12}),
        ({"value": 5, "count": 1}, {"hundredths": 500, "count": 1}),
        ({"value": 0, "count": 0}, None),
        (None, None),
    ],
    ids=["texts", "whole", "nobody", "null"],
)
def test_a_rating_is_told_in_hundredths_and_only_where_somebody_rated(rating: Any, told: Any) -> None:
    assert product(rating=rating).about.get("rating") == told


@pytest.mark.parametrize(
    "rating",
    [{"value": 5.1, "count": 1}, {"value": -1, "count": 1}, {"value": 4}, {"value": "many", "count": 1}, 4.6],
    ids=["above", "below", "no count", "a word", "no object"],
)
def test_a_rating_that_is_none_is_poison(rating: Any) -> None:
    assert refused({**upserted("CUP", "S"), "rating": rating}).startswith("rating")
