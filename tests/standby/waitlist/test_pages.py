"""The pages behind the links in the waitlist's mails."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from standby.platform.http import HEADERS
from standby.platform.page import Pages
from standby.waitlist import pages
from standby.waitlist.pages import asked_page, confirm_page, leave_page, mine_page, problem_page, retry_page

FOLDER = Path(pages.__file__).with_name("pages")
LOCALES = sorted(path.stem for path in FOLDER.glob("*.json"))
TOKEN = "eyJ4IjoxfQ.aB-_9"
SHIRT = {
    "id": "01HZX3",
    "skus": ["SHIRT-RED-M"],
    "quantity": 2,
    "until": "2026-08-01",
    "place": 12,
    "status": "waiting",
}
BOOTS = {
    "id": "01HZX4",
    "skus": ["BOOT-40", "BOOT-41"],
    "quantity": 1,
    "until": "2027-05-03",
    "place": None,
    "status": "unconfirmed",
}


class Reader(HTMLParser):
    """Reads a page into its elements (name and attributes) and its visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._hidden = tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.words.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def every_page(locale: str) -> Iterator[tuple[str, str]]:
    """Yield every page that a customer can come to, with a name."""
    yield "confirm asks", confirm_page(locale, "ask", skus=["SHIRT-RED-M"], token=TOKEN)
    yield "confirm is done", confirm_page(locale, "done", skus=["SHIRT-RED-M", "SHIRT-RED-L"], token=TOKEN)
    yield "leave asks", leave_page(locale, "ask", token=TOKEN)
    yield "leave is done", leave_page(locale, "done", token=TOKEN)
    yield "asked", asked_page(locale)
    typed = {"email": "ana", "quantity": "0", "until": "2001-01-01", "wording": "2026-11"}
    yield "retry", retry_page(locale, typed, skus=["BOOT-40"], wrong=["email", "quantity", "until"], ticked=True)
    yield "mine", mine_page(locale, [SHIRT, BOOTS], token=TOKEN, saved=True)
    yield "mine is empty", mine_page(locale, [], token=TOKEN)
    yield "mine has the list", mine_page(locale, [SHIRT, BOOTS], token=TOKEN, followed=["Shoes", "Shirts"])
    yield "mine is the list alone", mine_page(locale, [], token=TOKEN, followed=[])
    for kind in ("400", "403", "404", "410", "gone", "429", "500", "503"):
        yield f"problem {kind}", problem_page(locale, kind)


def texts(locale: str) -> dict[str, Any]:
    read_texts: dict[str, Any] = json.loads((FOLDER / f"{locale}.json").read_text("utf-8"))
    return read_texts


def leaves(tree: dict[str, Any], where: str = "") -> dict[str, str]:
    """Return a tree's texts by their path."""
    flat: dict[str, str] = {}
    for name, value in tree.items():
        flat |= leaves(value, f"{where}{name}.") if isinstance(value, dict) else {where + name: value}
    return flat


def test_asking_to_confirm_shows_a_button_that_posts_the_token_to_the_page_itself() -> None:
    page = read(confirm_page("en", "ask", skus=["SHIRT-RED-M"], token=TOKEN))
    assert page.all("form") == [{"method": "post", "action": f"?token={TOKEN}"}]
    assert "Yes, e-mail me" in page.words
    assert "SHIRT-RED-M" in page.words


def test_one_product_is_this_and_several_are_any_of_these() -> None:
    assert "when this is back" in confirm_page("en", "done", skus=["SHIRT-RED-M"], token=TOKEN)
    assert "as soon as one of these is back" in confirm_page("en", "done", skus=["BOOT-40", "BOOT-41"], token=TOKEN)


def test_what_is_done_has_no_button() -> None:
    assert read(confirm_page("en", "done", skus=["SHIRT-RED-M"], token=TOKEN)).all("button") == []
    assert read(leave_page("en", "done", token=TOKEN)).all("button") == []


def test_asking_to_leave_shows_a_button_that_posts_the_token_to_the_page_itself() -> None:
    page = read(leave_page("en", "ask", token=TOKEN))
    assert page.all("form") == [{"method": "post", "action": f"?token={TOKEN}"}]
    assert "Leave the waitlist" in page.words


def test_every_own_entry_has_a_form_to_change_it_and_one_to_leave_it() -> None:
    page = read(mine_page("en", [SHIRT, SHIRT | {"id": "01HZX5"}], token=TOKEN))
    actions = [form["action"] for form in page.all("form")]
    assert actions == [
        *[f"mine/01HZX3?token={TOKEN}"] * 2,
        *[f"mine/01HZX5?token={TOKEN}"] * 2,
        f"mine/all?token={TOKEN}",
    ]
    assert {form["method"] for form in page.all("form")} == {"post"}
    said = [field["value"] for field in page.all("input") if field["name"] == "action"]
    assert said == ["update", "leave", "update", "leave", "leave"]


def test_an_entry_s_form_holds_what_is_known() -> None:
    fields = {field["name"]: field for field in read(mine_page("en", [SHIRT], token=TOKEN)).all("input")}
    assert (fields["quantity"]["type"], fields["quantity"]["value"], fields["quantity"]["min"]) == ("number", "2", "1")
    assert (fields["until"]["type"], fields["until"]["value"]) == ("date", "2026-08-01")


def test_the_form_takes_as_many_units_as_the_route_behind_it() -> None:
    schema = json.loads((FOLDER.parent / "json_schemas" / "waitlist.change.json").read_text("utf-8"))
    limits = schema["properties"]["quantity"]
    fields = {field["name"]: field for field in read(mine_page("en", [SHIRT], token=TOKEN)).all("input")}
    assert (fields["quantity"]["min"], fields["quantity"]["max"]) == (str(limits["minimum"]), str(limits["maximum"]))


@pytest.mark.parametrize(("until", "shown"), [("2026-08-01T21:00:00.000Z", "2026-08-01"), (None, "")])
def test_the_last_day_is_a_calendar_date(until: str | None, shown: str) -> None:
    fields = {
        field["name"]: field for field in read(mine_page("en", [SHIRT | {"until": until}], token=TOKEN)).all("input")
    }
    assert fields["until"]["value"] == shown


def test_the_place_in_line_is_told_as_approximate() -> None:
    assert "Your place in line: about 12" in read(mine_page("en", [SHIRT], token=TOKEN)).words


def test_an_unconfirmed_entry_says_what_is_missing() -> None:
    words = read(mine_page("en", [BOOTS], token=TOKEN)).words
    assert "Not confirmed yet: use the link in the mail that we sent you." in words
    assert "place in line" not in " ".join(words)


@pytest.mark.parametrize("status", ["unconfirmed", "invited", "told"])
def test_an_entry_that_is_not_in_line_can_be_left_but_not_changed(status: str) -> None:
    page = read(mine_page("en", [SHIRT | {"status": status}], token=TOKEN))
    assert [field["value"] for field in page.all("input")] == ["leave"]


def test_a_change_is_acknowledged_once() -> None:
    assert "Your change is saved." in read(mine_page("en", [SHIRT], token=TOKEN, saved=True)).words
    assert "Your change is saved." not in read(mine_page("en", [SHIRT], token=TOKEN)).words


def test_somebody_who_waits_for_nothing_is_told_so() -> None:
    page = read(mine_page("en", [], token=TOKEN))
    assert "You are not waiting for anything now." in page.words
    assert page.all("form") == []


def test_a_single_entry_is_left_by_its_own_button() -> None:
    assert "mine/all" not in mine_page("en", [SHIRT], token=TOKEN)


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        ("404", "This link does not work"),
        ("409", "You are waiting for that already"),
        ("410", "This link has expired"),
        ("429", "One moment, please"),
        ("400", "That did not work"),
        ("500", "Something went wrong on our side"),
        ("503", "Something went wrong on our side"),
        ("418", "Something went wrong on our side"),
        ("gone", "This is over"),
    ],
)
def test_a_problem_is_said_in_words(kind: str, heading: str) -> None:
    assert read(problem_page("en", kind)).words[0] == heading


def test_nothing_from_outside_becomes_markup() -> None:
    evil = '"><script>alert(1)</script>'
    html = confirm_page("en", "ask", skus=[evil], token=evil) + leave_page("en", "ask", token=evil)
    html += mine_page("en", [SHIRT | {"id": evil, "skus": [evil], "until": evil, "quantity": evil}], token=evil)
    assert "<script" not in html
    assert read(html).all("form")[0]["action"] == "?token=%22%3E%3Cscript%3Ealert%281%29%3C/script%3E"


def test_a_sku_keeps_its_direction_inside_a_right_to_left_sentence() -> None:
    page = mine_page("he", [SHIRT], token=TOKEN) + confirm_page("he", "ask", skus=["SHIRT-RED-M"], token=TOKEN)
    assert page.count("SHIRT-RED-M") == page.count('<bdi class="sku">SHIRT-RED-M</bdi>')


@pytest.mark.parametrize(
    ("locale", "lang", "direction"),
    [
        ("en", "en", "ltr"),
        ("he", "he", "rtl"),
        ("he-IL", "he", "rtl"),
        ("he_IL", "he", "rtl"),
        ("HE", "he", "rtl"),
        ("he-Hebr-IL-u-ca-hebrew", "he", "rtl"),
        ("en-GB", "en", "ltr"),
        ("fr-CA", "en", "ltr"),
        ("", "en", "ltr"),
        ("../../en", "en", "ltr"),
    ],
)
def test_the_closest_locale_is_used_and_english_where_there_is_none(locale: str, lang: str, direction: str) -> None:
    assert read(problem_page(locale, "404")).all("html") == [{"lang": lang, "dir": direction}]


def test_adding_a_locale_is_adding_a_file(tmp_path: Path) -> None:
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    french = (FOLDER / "en.json").read_text("utf-8").replace('"lang": "en"', '"lang": "fr"')
    (tmp_path / "fr.json").write_text(french.replace("This link has expired", "Ce lien a expiré"), "utf-8")
    page = read(Pages.of(tmp_path).write("problem", "fr-CA", kind="410"))
    assert page.all("html") == [{"lang": "fr", "dir": "ltr"}]
    assert page.words[0] == "Ce lien a expiré"


@pytest.mark.parametrize("locale", LOCALES)
def test_a_locale_says_everything_with_the_same_places(locale: str) -> None:
    english, other = leaves(texts("en")), leaves(texts(locale))
    assert other.keys() == english.keys()
    assert {key: text.count("%s") for key, text in other.items()} == {
        key: text.count("%s") for key, text in english.items()
    }


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_a_locale_is_translated(locale: str) -> None:
    english, other = leaves(texts("en")), leaves(texts(locale))
    assert [key for key, text in other.items() if text == english[key]] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_page_loads_nothing_runs_nothing_and_leads_nowhere_else(locale: str) -> None:
    """The pages must work under `HEADERS`: no scripts, and nothing fetched."""
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    for name, html in every_page(locale):
        page = read(html)
        assert {tag for tag, _ in page.elements} & {
            "script",
            "link",
            "img",
            "iframe",
            "object",
            "base",
            "a",
        } == set(), name
        assert [key for _, attributes in page.elements for key in attributes if key.startswith("on")] == [], name
        assert re.findall(r"url\(|@import|https?://", html) == [], name


@pytest.mark.parametrize("locale", LOCALES)
def test_a_form_names_no_absolute_address(locale: str) -> None:
    for name, html in every_page(locale):
        assert [form["action"] for form in read(html).all("form") if (form["action"] or "/").startswith("/")] == [], (
            name
        )


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_has_one_heading_and_says_it_in_the_title(locale: str) -> None:
    for name, html in every_page(locale):
        titles = re.findall(r"<title>(.*?)</title>", html)
        assert len(titles) == 1, name
        assert titles[0], name
        assert len(read(html).all("h1")) == 1, name


@pytest.mark.parametrize("locale", LOCALES)
def test_ids_are_unique_and_every_field_has_its_label(locale: str) -> None:
    for name, html in every_page(locale):
        page = read(html)
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids)), name
        labelled = {label["for"] for label in page.all("label")}
        fields = {field.get("id") for field in page.all("input") if field["type"] != "hidden"}
        assert fields == labelled, name


CARDS = {
    sku: {
        "product_id": "BOOT",
        "title": {"en": "Boots <b>", "he": "מגפיים"},
        "variant": size,
        "image": "https://shop.example/boots.jpg",
        "url": "https://shop.example/p/boots?a=1&b=2",
    }
    for sku, size in (("BOOT-40", "40"), ("BOOT-41", "41"))
}


@pytest.mark.parametrize(("locale", "name"), [("en", "Boots <b>"), ("he-IL", "מגפיים")])
def test_a_page_calls_products_what_the_catalogue_calls_them(locale: str, name: str) -> None:
    for html in (
        confirm_page(locale, "ask", skus=["BOOT-40", "BOOT-41", "LAMP"], cards=CARDS, token=TOKEN),
        mine_page(locale, [BOOTS | {"skus": ["BOOT-40", "BOOT-41", "LAMP"]}], cards=CARDS, token=TOKEN),
    ):
        page = read(html)
        assert page.words.count(name) == 1, "variants of one product are shown as one"
        assert "40 \N{MIDDLE DOT} 41" in page.words
        assert "LAMP" in page.words
        assert "BOOT-40" not in html
        assert [link["href"] for link in page.all("a")] == ["https://shop.example/p/boots?a=1&b=2"]
        assert [picture["src"] for picture in page.all("img")] == ["https://shop.example/boots.jpg"]


def test_a_wish_for_any_of_several_sizes_says_so_though_they_are_one_product() -> None:
    html = confirm_page("en", "ask", skus=["BOOT-40", "BOOT-41"], cards=CARDS, token=TOKEN)
    assert "as soon as one of these is back" in html


@pytest.mark.parametrize(
    ("locale", "day", "prices"),
    [
        ("en", "August 1, 2026", ["₪49.00", "\N{EN DASH}", "₪59.00"]),
        ("he-IL", "1 באוגוסט 2026", ["\u200f49.00 \u200f₪", "\N{EN DASH}", "\u200f59.00 \u200f₪"]),
    ],
)
def test_a_day_and_prices_are_written_in_the_readers_language(locale: str, day: str, prices: list[str]) -> None:
    card = {"product_id": "SHIRT", "title": {"en": "Shirt", "he": "חולצה"}}
    cards = {
        sku: {**card, "variant": sku, "price": {"amount": amount, "currency": "ILS"}}
        for sku, amount in (("S", 4_900), ("M", 5_900))
    }
    words = read(confirm_page(locale, "ask", skus=["S", "M"], token=TOKEN, cards=cards, until="2026-08-01")).words
    assert day in words
    assert [word.replace("\u00a0", " ") for word in words if "₪" in word or word == "\N{EN DASH}"] == prices
