"""What the catalogue says of a product stands in the mails about it; without its word a mail is whole all the same."""

from typing import Any

import pytest
from standby.mail.composing import skus_shown
from standby.mail.kind import read_kind

from tests.standby.mail.looking import ROOTS, renderer, sample, write
from tests.standby.mail.test_blocks import Reader, read_text

SHIRT = {
    "product_id": "SHIRT",
    "title": {"en": "Linen shirt", "he": "חולצת פשתן"},
    "image": "https://shop.example/shirt.jpg",
    "url": "https://shop.example/p/linen-shirt",
}
CARDS: dict[str, dict[str, Any]] = {
    "MUG-BLUE": {"product_id": "MUG", "title": {"en": "Blue mug"}, "price": {"amount": 1290, "currency": "EUR"}},
    "SHIRT-M": {**SHIRT, "variant": "Red, M", "price": {"amount": 4900, "currency": "EUR"}},
    "SHIRT-L": {**SHIRT, "variant": "Red, L", "price": {"amount": 5900, "currency": "EUR"}},
}


def test_a_mail_says_the_name_variant_price_and_picture_of_a_sku_and_leads_to_its_page() -> None:
    mail = write("back_in_stock", cards=CARDS, sku="SHIRT-M")
    assert "Linen shirt (Red, M)" in mail.subject.replace("\u2068", "").replace("\u2069", "")
    for part in ("Linen shirt", "Red, M", "€49.00", "https://shop.example/p/linen-shirt"):
        assert part in mail.html
        assert part in mail.text
    assert "https://shop.example/shirt.jpg" in mail.html
    assert "SHIRT-M" not in mail.text


@pytest.mark.parametrize("language", ["en", "he"])
@pytest.mark.parametrize("skus", [["SHIRT-M"], ["SHIRT-M", "SHIRT-L"], ["SHIRT-M", "MUG-BLUE", "LAMP"]])
def test_html_and_text_say_the_same_of_cards(language: str, skus: list[str]) -> None:
    mail = write("confirm", language, cards=CARDS, skus=skus)
    words, links = read_text(mail.text)
    assert Reader(mail.html).words == words
    assert set(Reader(mail.html).links) == set(links)


def test_a_mail_names_the_product_in_its_readers_language() -> None:
    assert "חולצת פשתן" in write("back_in_stock", "he-IL", cards=CARDS, sku="SHIRT-M").text


def test_skus_of_one_product_share_a_card() -> None:
    mail = write("confirm", cards=CARDS, skus=["SHIRT-M", "MUG-BLUE", "SHIRT-L"])
    assert mail.html.count("https://shop.example/shirt.jpg") == 1
    assert "Red, M \N{MIDDLE DOT} Red, L" in mail.text
    assert "€49.00\u2069 \N{EN DASH} \u2068€59.00" in mail.text
    subject = mail.subject.replace("\u2068", "").replace("\u2069", "")
    assert "Linen shirt or Blue mug" in subject


def test_prices_in_several_currencies_are_not_compared() -> None:
    dollars = {**CARDS["SHIRT-L"], "price": {"amount": 100, "currency": "USD"}}
    text = write("confirm", cards={**CARDS, "SHIRT-L": dollars}, skus=["SHIRT-M", "SHIRT-L"]).text
    assert "49" not in text
    assert "$" not in text


def test_a_sku_without_a_card_is_named_by_itself() -> None:
    mail = write("confirm", cards=CARDS, skus=["MUG-BLUE", "LAMP-7"])
    assert "Blue mug" in mail.text
    assert "LAMP-7" in mail.text
    assert "https://shop.example/p/LAMP-7" in mail.text


def test_two_skus_without_a_card_are_two() -> None:
    text = write("confirm", skus=["LAMP-7", "LAMP-8"]).text
    assert "LAMP-7" in text
    assert "LAMP-8" in text


def test_what_the_data_says_stands_before_the_catalogues_word() -> None:
    text = write("back_in_stock", cards=CARDS, sku={"sku": "MUG-BLUE", "title": "Our mug"}).text
    assert "Our mug" in text
    assert "€12.90" in text


def test_a_mail_is_written_anew_when_the_catalogue_has_another_word() -> None:
    cards = dict(CARDS)
    shop = renderer(cards=cards)
    data = sample("back_in_stock")["data"]
    assert "Blue mug" in shop.render("back_in_stock", "en", data).text
    cards["MUG-BLUE"] = {"title": {"en": "Teal mug"}}
    assert "Teal mug" in shop.render("back_in_stock", "en", data).text


@pytest.mark.parametrize(
    ("kind", "data", "skus"),
    [
        ("back_in_stock", {"sku": "A"}, ["A"]),
        ("confirm", {"skus": ["A", {"sku": "B"}, "A"]}, ["A", "B"]),
        ("last_notice", {"sku": "A"}, ["A"]),
        ("last_notice", {"sku": "A", "skus": ["A", "B"]}, ["A", "B"]),
    ],
)
def test_the_catalogue_is_asked_once_for_each_sku_that_a_mail_shows(
    kind: str, data: dict[str, Any], skus: list[str]
) -> None:
    assert skus_shown(read_kind(kind, ROOTS), data) == skus
