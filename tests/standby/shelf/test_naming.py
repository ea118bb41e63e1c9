"""Words for SKUs: whose language, and which of them are one product."""

import pytest
from standby.shelf.naming import localized, named

RED = {"sku": "RED", "product_id": "MUG", "title": {"en": "Mug", "he": "ספל"}, "variant": "Red", "url": "https://u"}
BLUE = {"sku": "BLUE", "product_id": "MUG", "title": {"en": "Mug"}, "variant": "Blue", "image": "https://i"}


@pytest.mark.parametrize(
    ("words", "language", "said"),
    [
        ({"en": "mug", "he": "ספל"}, "he", "ספל"),
        ({"en-GB": "mug", "fr": "tasse"}, "he", "mug"),
        ({"he_IL": "ספל", "en": "mug"}, "he", "ספל"),
        ({"fr": "tasse"}, "he", "tasse"),
        ({"he": "", "en": "mug"}, "he", "mug"),
    ],
)
def test_a_text_is_read_in_the_nearest_language(words: dict[str, str], language: str, said: str) -> None:
    assert localized(words, language) == said


def test_skus_of_one_product_are_put_together_where_the_first_stands() -> None:
    found = named([RED, {"sku": "LAMP"}, BLUE], "en")
    assert [(each.skus, each.name, each.variant) for each in found] == [
        (("RED", "BLUE"), "Mug", "Red \N{MIDDLE DOT} Blue"),
        (("LAMP",), "LAMP", ""),
    ]
    assert (found[0].image, found[0].url) == ("https://i", "https://u")


def test_only_one_variant_belongs_to_a_full_name() -> None:
    assert named([RED], "he")[0].full_name == "ספל (Red)"
    assert named([RED, BLUE], "en")[0].full_name == "Mug"
    assert named([{"sku": "LAMP"}], "en")[0].full_name == "LAMP"


@pytest.mark.parametrize(("language", "name"), [("he", "ספל (אדום)"), ("en", "Mug (Red)"), ("fr", "Mug (Red)")])
def test_a_variant_is_called_as_the_shop_calls_it_in_the_readers_language(language: str, name: str) -> None:
    """The shop's own words are shown where it said none: they may well be of the reader's language."""
    assert named([RED | {"variants": {"he-IL": "אדום", "it": "rosso"}}], language)[0].full_name == name


def test_a_product_that_is_called_like_a_sku_is_another() -> None:
    assert len(named([{"sku": "MUG"}, RED], "en")) == 2


def test_a_price_is_one_or_a_range_and_none_where_currencies_differ() -> None:
    cheap, dear, dollars = (
        {"price": {"amount": amount, "currency": currency}}
        for amount, currency in ((100, "EUR"), (900, "EUR"), (1, "USD"))
    )
    assert named([RED | dear], "en")[0].price_range == (dear["price"],)
    assert named([RED | dear, BLUE | dear], "en")[0].price_range == (dear["price"],)
    assert named([RED | dear, BLUE | cheap], "en")[0].price_range == (cheap["price"], dear["price"])
    assert named([RED | dear, BLUE], "en")[0].price_range == (dear["price"],)
    assert named([RED | dear, BLUE | dollars], "en")[0].price_range == ()
    assert named([RED], "en")[0].price_range == ()
