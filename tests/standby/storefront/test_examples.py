"""What the guide's examples write into a shop's page: what the API said, or something else in time, and the form."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser
from standby.platform.schema import reader

from tests.standby.storefront.examples import LANGUAGES, included, rendered
from tests.standby.storefront.fake_shop import document

pytestmark = pytest.mark.enable_socket

SAID = '<section class="standby-product" data-status="SoldOut">אזל</section>'
ODD = {"sku": "A\"&'<b>", "title": "<M> & \"L\" 'x'"}
VARIANTS = [{"sku": "SHIRT-M", "title": "M"}, ODD]
UNKNOWN = {"en": "We cannot say right now", "he": "כרגע אין לנו מידע"}
BUTTONS = {"en": "<button>E-mail me</button>", "he-IL": "<button>עדכנו אותי</button>"}
HANGS_SECONDS = 20
MOST_SECONDS = 5
"""For an interpreter to start on a busy machine, and the half second that it waits."""


class Form(HTMLParser):
    """Reads the form as a browser would send it, all boxes ticked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.tags: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.action = said.get("action", self.action)
        if tag == "input":
            self.fields.setdefault(said["name"], []).append(said.get("value", ""))


@contextmanager
def api(*, status: int = 200, hangs: bool = False, trickles: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Serve the piece of HTML, or what else happens; return the address and what was asked."""
    asked: list[str] = []
    over = threading.Event()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if hangs:
                over.wait(HANGS_SECONDS)
                return
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(SAID.encode())
            while trickles and not over.wait(0.1):
                self.wfile.write(b" ")
                self.wfile.flush()

        def log_message(self, *said: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        over.set()
        server.shutdown()


@pytest.mark.parametrize("locale", ["en", "he-IL"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_what_the_api_said_and_a_form_that_it_takes(language: str, locale: str) -> None:
    with api() as (address, asked):
        html = included(language, address, "shirt & co", locale, VARIANTS, patience=20_000)
    assert SAID in html
    (path,) = asked
    assert (urlsplit(path).path, parse_qs(urlsplit(path).query)) == (
        "/v1/products/availability",
        {"product_id": ["shirt & co"], "format": ["html"], "locale": [locale]},
    )
    assert BUTTONS[locale] in html
    form = Form(html)
    assert form.action == f"{address}/v1/waitlist"
    assert form.fields == {
        "sku": ["SHIRT-M", ODD["sku"]],
        "email": [""],
        "locale": [locale],
        "wording": ["2026-11"],
    }
    typed = {name: values[0] for name, values in form.fields.items()}
    reader("standby.waitlist", "waitlist.form")({**typed, "email": "dana@example.org", "sku": ["SHIRT-M"]})
    assert "b" not in form.tags


@pytest.mark.parametrize("case", ["down", "error", "hanging", "trickling"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_without_an_answer_the_page_is_there_all_the_same_and_soon(language: str, case: str) -> None:
    with api(status=503 if case == "error" else 200, hangs=case == "hanging", trickles=case == "trickling") as (up, _):
        address = "http://127.0.0.1:9" if case == "down" else up
        began = time.monotonic()
        html = included(language, address, "shirt", "en", VARIANTS[:1])
        assert time.monotonic() - began < MOST_SECONDS
    assert UNKNOWN["en"] in html
    assert SAID not in html
    assert Form(html).fields["sku"] == ["SHIRT-M"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_that_the_example_does_not_have_and_a_product_that_one_need_not_wait_for(language: str) -> None:
    html = included(language, "http://127.0.0.1:9", "shirt", "fr", [])
    assert (UNKNOWN["en"] in html, "<form" in html) == (True, False)


@pytest.mark.parametrize("locale", ["en", "he-IL"])
def test_a_theme_shows_what_the_server_got_else_what_the_shop_knows_and_the_form(locale: str) -> None:
    product = {"id": "shirt", "variants": [{**ODD, "available": False}, {"sku": "S", "title": "S", "available": True}]}
    told = {"product": product, "standby_api": "https://care.shop.example", "locale": locale}
    without, given = rendered(**told), rendered(**told, standby_availability=SAID)
    assert (SAID in without, SAID in given) == (False, True)
    for html in (without, given):
        assert BUTTONS[locale] in html
        form = Form(html)
        assert (form.action, form.fields["sku"]) == ("https://care.shop.example/v1/waitlist", [ODD["sku"]])
        assert (form.fields["locale"], "b" in form.tags) == ([locale], False)
    assert "<li><bdi>S</bdi></li>" in without


def test_a_theme_without_anything_missing_has_no_form() -> None:
    product = {"id": "shirt", "variants": [{"sku": "S", "title": "S", "available": True}]}
    assert "<form" not in rendered(product=product, standby_api="https://care.shop.example", locale="en")


@pytest.mark.browser
@pytest.mark.parametrize("language", [*LANGUAGES, "liquid"])
def test_each_box_stands_beside_its_own_words_also_from_right_to_left(browser: Browser, language: str) -> None:
    variants = [{"sku": "S", "title": "S"}, {"sku": "M", "title": "M"}]
    if language == "liquid":
        product = {"id": "shirt", "variants": [{**each, "available": False} for each in variants]}
        html = rendered(product=product, standby_api="", locale="he")
    else:
        html = included(language, "http://127.0.0.1:9", "shirt", "he", variants)
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.set_content(document(html, locale="he"))
        places = [
            box["x"]
            for sku in ("S", "M")
            for shown in (page.locator(f"input[value={sku}]"), page.locator("label bdi", has_text=sku))
            if (box := shown.bounding_box())
        ]
    assert places == sorted(places, reverse=True)
