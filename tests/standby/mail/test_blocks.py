"""What the blocks of a mail show, and that HTML and text say the same."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from standby.mail.kind import PRODUCT_KINDS
from standby.platform.queue import PoisonError

from tests.standby.mail.looking import FOLDERS, LANGUAGES, LEASED_AT, renderer, sample, write

KINDS = [folder.name for folder in FOLDERS]
BLOCKS = sorted(path.name for path in (PRODUCT_KINDS.parent / "blocks").iterdir())
LINK = re.compile(r"https?://\S+")
WORD = re.compile(r"[\w{}]+")
VOID = {"img", "br", "meta", "link", "input", "hr"}

each_kind = pytest.mark.parametrize("kind", KINDS)
each_language = pytest.mark.parametrize("language", LANGUAGES)


class Reader(HTMLParser):
    """Reads a mail's HTML as a person does: what is hidden and the address that repeats a button's stand apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.apart: dict[str, str] = {"preview": "", "fallback": "", "": ""}
        self._open: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and self._where() is None and not said["href"].startswith("tel:"):
            self.links.append(said["href"])
        if tag not in VOID:
            self._open.append((tag, self._apart(tag, said)))

    def handle_endtag(self, tag: str) -> None:
        while tag not in VOID and self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        where = self._where()
        if where is None:
            self.words.extend(WORD.findall(data))
        else:
            self.apart[where] += data

    def _apart(self, tag: str, said: dict[str, str]) -> str | None:
        if tag in {"head", "style"}:
            return ""
        if "display:none" in said.get("style", ""):
            return "preview"
        return "fallback" if "fallback" in said.get("class", "").split() else None

    def _where(self) -> str | None:
        return next((where for _tag, where in self._open if where is not None), None)


def read_text(text: str) -> tuple[list[str], list[str]]:
    return WORD.findall(LINK.sub(" ", text)), LINK.findall(text)


@each_kind
@each_language
@pytest.mark.parametrize("product_page", [None, "https://shop.example/p/{sku}"])
def test_html_and_text_say_the_same_words_in_the_same_order_and_lead_to_the_same_places(
    kind: str, language: str, product_page: str | None
) -> None:
    mail = write(kind, language, product_page)
    html = Reader(mail.html)
    words, links = read_text(mail.text)
    assert html.words == words
    assert set(html.links) == set(links)
    assert html.apart["preview"].strip()
    if html.apart["fallback"]:
        assert LINK.findall(html.apart["fallback"])[0] in links


def test_the_comparison_would_see_a_word_or_a_link_too_many() -> None:
    mail = write("everything")
    html = Reader(mail.html)
    assert "482913" not in html.words
    assert {"{{code}}", "SORRY", "972", "₪649"} - set(html.words) == {"₪649"}
    assert len(set(html.links)) == 10
    more = Reader(mail.html.replace("</h1>", " indeed <a href='https://elsewhere.example/'></a></h1>"))
    assert more.words != html.words
    assert set(more.links) != set(html.links)


def test_the_kind_of_the_tests_shows_every_block() -> None:
    folder = next(folder for folder in FOLDERS if folder.name == "everything")
    assert set(re.findall(r'"block": "([a-z]+)"', (folder / "kind.json").read_text("utf-8"))) == set(BLOCKS)


def test_a_product_is_named_in_the_readers_language() -> None:
    assert "Blue mug" in write("everything", "en").text
    assert "ספל כחול" in write("everything", "he-IL").text
    only_french = {"sku": "MUG", "title": {"fr": "Tasse"}}
    assert "Tasse" in write("everything", "he", main=only_french).text


def test_a_products_page_is_the_datas_or_made_from_the_shops_pattern_or_unknown() -> None:
    links = Reader(write("everything").html).links
    assert "https://shop.example/mugs/blue" in links
    assert "https://shop.example/p/SHIRT-RED-M" in links
    assert "https://shop.example/p/LAMP-7%20%22Noor%22" in links
    without = write("everything", product_page=None)
    assert "/p/" not in without.html
    assert "To the product" not in without.html
    assert "To the product" not in without.text


@pytest.mark.parametrize(
    ("sku", "written"),
    [
        ("A/B #1", "A%2FB%20%231"),
        ("50% & more?", "50%25%20%26%20more%3F"),
        ("ספל", "%D7%A1%D7%A4%D7%9C"),
        ("{{x}}", "%7B%7Bx%7D%7D"),
    ],
)
def test_a_sku_is_percent_encoded_in_the_address_of_its_page(sku: str, written: str) -> None:
    assert f"https://shop.example/p/{written}" in Reader(write("back_in_stock", sku=sku).html).links


def test_the_first_button_of_back_in_stock_leads_to_the_product_where_its_page_is_known() -> None:
    def buttons(product_page: str | None) -> list[str]:
        return re.findall(r"^(.*):\n(?=https)", write("back_in_stock", product_page=product_page).text, re.MULTILINE)

    assert buttons("https://shop.example/p/{sku}") == ["To the product", "See your alerts", "Stop these e-mails"]
    assert buttons(None) == ["See your alerts", "Stop these e-mails"]


def test_what_the_data_lacks_is_left_out_where_the_kind_says_so() -> None:
    data = sample("everything")["data"]
    less = {name: value for name, value in data.items() if name not in {"voucher", "mine_url"}}
    written = [renderer().render("everything", "en", each, leased_at=LEASED_AT).text for each in (data, less)]
    assert ["SORRY-7K2M" in text for text in written] == [True, False]
    assert ["See your alerts" in text for text in written] == [True, False]
    assert ["Keep it for me" in text for text in written] == [True, True]


HOSTILE = '<img src=x onerror="a">{{leave}}\ue000leave\ue001\u202e{%x%}'


def everywhere(said: Any, text: str) -> Any:
    """Return data with a text in place of every name in it."""
    match said:
        case dict():
            kept = {"at", "what", "date", "answer", "currency", "opens", "closes", "phone", "ends_on"}
            return {name: value if name in kept else everywhere(value, text) for name, value in said.items()}
        case list():
            return [everywhere(value, text) for value in said]
        case str() if not re.match(r"https?://|\d{4}-", said):
            return text
        case _:
            return said


@each_kind
@each_language
def test_data_is_never_markup_nor_a_slot_in_any_block(kind: str, language: str) -> None:
    good = write(kind, language)
    bad = write(kind, language, **everywhere(sample(kind)["data"], HOSTILE))
    assert bad.slots == good.slots
    for part, plain in ((bad.subject, good.subject), (bad.html, good.html), (bad.text, good.text)):
        assert part.count("{{") == plain.count("{{")
        assert not set(part) & {"\ue000", "\ue001", "\u202e"}
    assert "<img src=x" not in bad.html
    assert HOSTILE.split("{", maxsplit=1)[0] in bad.subject + bad.text


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("promised_until", "2026-02-30", "data.promised_until: "),
        ("promised_until", "3 May", "data.promised_until: missing or not a date"),
        ("closes_at", "2026-05-17T16:30:00", "data.closes_at: missing or not an instant"),
        ("closes_at", "0000-05-17T16:30:00Z", "data.closes_at: "),
        ("paid", {"amount": 12.5, "currency": "ILS"}, "data.paid.amount: missing or not an amount of minor units"),
        ("paid", {"amount": 12, "currency": "shekel"}, "data.paid.currency: missing or not a currency"),
        ("paid", {"amount": 12}, "data.paid.currency: missing"),
        ("history", [{"at": "2026-13-01T00:00:00Z", "what": "ordered"}], "data.history: "),
        ("history", [{"at": "2026-12-01T00:00:00Z", "what": "lost"}], "data.history.0.what: "),
        ("offer_hours", 10**9, "data.offer_hours: "),
        ("offer_hours", None, "data.offer_hours: missing or not a number of hours"),
        ("store", {"name": "Herzl St"}, "data.store.lines: missing"),
        ("main", {"title": "no sku"}, "data.main: missing or not text"),
    ],
)
def test_data_that_cannot_be_written_is_poison_and_named(field: str, value: Any, reason: str) -> None:
    with pytest.raises(PoisonError, match=f"^{re.escape(reason)}"):
        write("everything", **{field: value})
