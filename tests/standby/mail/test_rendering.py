"""What the mails say."""

import json
import re
import shutil
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from standby.mail import rendering
from standby.mail.composing import SLOT_START
from standby.mail.kind import PRODUCT_KINDS
from standby.mail.model import Mail
from standby.mail.rendering import MailRenderer
from standby.platform.queue import PoisonError

from tests.standby.mail.looking import LEASED_AT, sample

BASE = "https://shop.example/v1/waitlist"
KINDS = sorted(path.name for path in PRODUCT_KINDS.iterdir() if path.is_dir())
LOCALES = sorted(path.name.removesuffix(".json") for path in files("standby.mail").joinpath("locales").iterdir())
MARKETS = sorted(path.name.removesuffix(".json") for path in files("standby.mail").joinpath("markets").iterdir())


def renderer(market: str = "default") -> MailRenderer:
    return MailRenderer("Olive & Loom <news@shop.example>", "Olive & Loom, 1 Herzl St, Tel Aviv", market)


def write(kind: str = "back_in_stock", locale: str = "en", market: str = "default", **data: Any) -> Mail:
    return renderer(market).render(kind, locale, {**sample(kind)["data"], **data}, leased_at=LEASED_AT)


class Outline(HTMLParser):
    """Collects what matters: tags with attributes, and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


CHOSEN = frozenset({"later", "unknown", "one"})
"""What a job says of an order by a word that chooses a text."""
LOCATION = "location_id"
"""The store that is looked up when a mail is sent; its name and address are shown."""


def texts(data: Any) -> list[str]:
    """Return every text of a job's data that is shown as it is. Languages have their own dates, hours and money."""
    if isinstance(data, str):
        return [] if re.match(r"\d{4}-|[A-Z]{3}$|\d\d:\d\d$", data) or data in CHOSEN else [data]
    by_name = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    inside = [inner for name, inner in by_name if name != LOCATION]
    return [text for inner in inside for text in texts(inner)]


def outline(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Outline()
    parser.feed(html)
    return parser.tags


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_mail_has_its_data_and_its_slots_in_html_and_text(kind: str, locale: str) -> None:
    mail = write(kind, locale)
    for part in (mail.html, mail.text):
        assert [slot for slot in sample(kind)["slots"] if f"{{{{{slot}}}}}" not in part] == []
        assert [
            said for said in texts(sample(kind)["data"]) if said not in mail.subject and said not in unescape(part)
        ] == []
    assert "Olive &amp; Loom, 1 Herzl St" in mail.html
    assert "Olive & Loom, 1 Herzl St" in mail.text


@pytest.mark.parametrize(
    ("kind", "button"), [("confirm", "confirm"), ("back_in_stock", "mine"), ("last_notice", "mine")]
)
@pytest.mark.parametrize("locale", LOCALES)
def test_a_mail_of_the_waitlist_names_the_product_and_links_back(kind: str, button: str, locale: str) -> None:
    mail = write(kind, locale)
    assert mail.slots == {button, "leave"}
    assert "MUG-BLUE" in mail.subject
    for part in (mail.html, mail.text):
        assert f"{BASE}/{button}?token={{{{{button}}}}}" in part
        assert f"{BASE}/leave?token={{{{leave}}}}" in part


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", LOCALES)
def test_only_slots_are_left_for_ses_to_fill(kind: str, locale: str) -> None:
    mail = write(kind, locale)
    for part in (mail.subject, mail.html, mail.text):
        assert set(re.findall(r"\{\{.*?\}\}", part)) <= {f"{{{{{slot}}}}}" for slot in mail.slots}
        assert "{%" not in part
        assert SLOT_START not in part


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_has_the_same_texts(locale: str) -> None:
    def keys(value: Any) -> Any:
        if not isinstance(value, dict):
            return None
        return {name: keys(inner) for name, inner in value.items() if name != "symbols"}  # currencies that have one

    assert keys(rendering.locale_texts(locale)[1]) == keys(rendering.locale_texts("en")[1])


@pytest.mark.parametrize(
    ("locale", "language"),
    [("he", "he"), ("he-IL", "he"), ("he_IL", "he"), ("EN-gb", "en"), ("fr", "en"), ("", "en"), ("../../x", "en")],
)
def test_a_locale_falls_back_to_its_language_and_then_to_the_default(locale: str, language: str) -> None:
    assert rendering.locale_texts(locale)[0] == language


def test_hebrew_is_written_from_right_to_left() -> None:
    mail = write(locale="he-IL")
    html = dict(outline(mail.html))["html"]
    assert (html["lang"], html["dir"]) == ("he", "rtl")
    assert re.findall(r"(?<!font-size:0px;)text-align:left", mail.html) == []
    assert "direction:ltr" not in mail.html


def test_a_product_number_does_not_disturb_the_hebrew_sentence() -> None:
    mail = write(locale="he")
    assert "\u2068MUG-BLUE\u2069" in mail.subject
    assert "\u2068MUG-BLUE\u2069" in mail.text
    assert '<bdi class="wrap">MUG-BLUE</bdi>' in mail.html


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", LOCALES)
def test_the_html_is_sound_for_screen_readers_and_loads_nothing(kind: str, locale: str) -> None:
    tags = outline(write(kind, locale).html)
    assert all(attributes.get("role") == "presentation" for tag, attributes in tags if tag == "table")
    assert all("alt" in attributes for tag, attributes in tags if tag == "img")
    assert [tag for tag, _attributes in tags if tag == "h1"] == ["h1"]
    assert [tag for tag, _attributes in tags if tag in {"link", "script", "img", "iframe"}] == []
    assert "@import" not in write(kind, locale).html


def test_data_never_becomes_markup() -> None:
    mail = write(sku='<img src=x onerror="a">')
    assert "<img" not in mail.html
    assert "&lt;img" in mail.html


@pytest.mark.parametrize(
    "sku",
    [
        "{{leave}}",
        "{{{leave}}}",
        "{ {leave} }",
        "{\u200b{leave}}",
        "\ue000leave\ue001",
        "{%x%}",
        "{{#if a}}{{/if}}",
        "}}{{",
    ],
)
def test_braces_in_data_are_never_a_slot(sku: str) -> None:
    mail = write(sku=sku)
    for part in (mail.subject, mail.html, mail.text):
        assert set(re.findall(r"\{\{(.*?)\}\}", part)) <= {"mine", "leave"}
    assert mail.html.count("{{leave}}") == write().html.count("{{leave}}")
    assert "{{" not in mail.subject


def test_data_cannot_break_the_subject_or_turn_the_text_around() -> None:
    assert "\n" not in write(sku="MUG\r\nBcc: eve@example.com").subject
    assert "\u202e" not in write(sku="MUG\u202eGUM").html


@pytest.mark.parametrize(
    ("kind", "locale", "subject", "sentence"),
    [
        ("confirm", "en", "Please confirm: tell me when A-1, B-2 or C-3 is back", "as soon as one of these is back"),
        ("confirm", "he", "נא לאשר: לעדכן אותי כש־A-1, B-2 או C-3 חוזר למלאי", "ברגע שאחד מהמוצרים הבאים"),
        (
            "last_notice",
            "en",
            "Your alert for A-1, B-2 or C-3 has ended: it has not come back",
            "none of them has come",
        ),
        ("last_notice", "he", "ההתראה על A-1, B-2 או C-3 הסתיימה: המוצר לא חזר למלאי", "אף אחד מהם לא חזר"),
    ],
)
def test_of_several_products_any_one_will_do(kind: str, locale: str, subject: str, sentence: str) -> None:
    mail = write(kind, locale, skus=["A-1", "B-2", "C-3"])
    assert mail.subject.replace("\u2068", "").replace("\u2069", "") == subject
    assert mail.text.count("  - ") == 3
    assert [part for part in (mail.html, mail.text) if sentence not in part] == []
    single = write(kind, locale, skus=["A-1"])
    assert [part for part in (single.html, single.text) if sentence in part] == []


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("confirm", {"skus": []}, "data.skus: missing or not text"),
        ("confirm", {"skus": [7]}, "data.skus.0: missing or not text"),
        ("back_in_stock", {"sku": None}, "data.sku: missing or not text"),
        ("back_in_stock", {"mine_url": "javascript:alert(1)"}, "data.mine_url: missing or not a plain http address"),
        ("back_in_stock", {"leave_url": "https://x/?a={{b}}"}, "data.leave_url: missing or not a plain http address"),
        ("back_in_stock", {"leave_url": 'https://x/"><b>'}, "data.leave_url: missing or not a plain http address"),
    ],
)
def test_missing_data_is_poison(kind: str, data: dict[str, Any], reason: str) -> None:
    with pytest.raises(PoisonError, match=re.escape(reason)):
        write(kind, **data)


def test_an_unknown_kind_is_poison() -> None:
    with pytest.raises(PoisonError, match="kind: newsletter is unknown"):
        renderer().render("newsletter", "en", {})


def test_a_mail_is_written_once_for_the_same_data() -> None:
    shop = renderer()
    data = sample("confirm")["data"]
    assert shop.render("confirm", "en", data) is shop.render("confirm", "en", dict(data))
    assert shop.render("confirm", "he", data) != shop.render("confirm", "en", data)


def test_few_mails_are_kept() -> None:
    shop = renderer()
    for number in range(100):
        shop.render("back_in_stock", "en", sample("back_in_stock")["data"] | {"sku": f"MUG-{number}"})
    assert len(shop._kept) == rendering.KEPT_MAILS


@pytest.mark.parametrize("market", MARKETS)
def test_a_market_has_a_refusal_text_in_the_default_language_and_a_source(market: str) -> None:
    profile = rendering.market_profile(market)
    assert profile["refusal"]["en"]
    assert profile["source"]
    assert profile["refusal"]["en"] in write(market=market).text


@pytest.mark.parametrize("market", MARKETS)
def test_a_mail_about_ones_own_order_names_no_link_that_it_has_not(market: str) -> None:
    assert rendering.market_profile(market)["refusal"]["en"] not in write("allocated", market=market).text


def test_a_mail_that_was_asked_for_is_not_marked_as_advertising_in_israel() -> None:
    assert not write(locale="he", market="il").subject.startswith("פרסומת")


def test_advertising_in_israel_says_so_first(tmp_path: Path) -> None:
    shutil.copytree(PRODUCT_KINDS / "back_in_stock", tmp_path / "back_in_stock")
    kind = json.loads((tmp_path / "back_in_stock" / "kind.json").read_text("utf-8"))
    (tmp_path / "back_in_stock" / "kind.json").write_text(json.dumps(kind | {"purpose": "advertising"}), "utf-8")

    def subject(market: str) -> str:
        shop = replace(renderer(market), kinds=(tmp_path,))
        return shop.render("back_in_stock", "he", sample("back_in_stock")["data"]).subject

    assert subject("il").startswith("פרסומת: ")
    assert not subject("eu").startswith("פרסומת")


def test_an_unknown_market_fails_at_the_first_mail() -> None:
    with pytest.raises(FileNotFoundError):
        write(market="atlantis")


def test_locales_and_markets_are_plain_files() -> None:
    for folder in ("locales", "markets"):
        for path in files("standby.mail").joinpath(folder).iterdir():
            assert isinstance(json.loads(path.read_text("utf-8")), dict)
