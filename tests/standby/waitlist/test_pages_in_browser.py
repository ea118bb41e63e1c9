"""The pages behind the links in Chromium: accessible, no wider than a phone, working under their headers."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from playwright.sync_api import Browser, Page, Request, Route
from standby.platform.address import address_key
from standby.platform.http import HEADERS, HTML
from standby.waitlist.pages import asked_page, confirm_page, leave_page, mine_page, problem_page, retry_page
from standby.waitlist.routes import application

from tests.browsing import DESK, PHONE, objections, too_wide
from tests.standby.waitlist.conftest import KEYS, House

pytestmark = pytest.mark.browser

PREFIX = "/_aws/execute-api/a1b2c3/$default"
STAGE = f"http://api.shop.example{PREFIX}/v1/waitlist"
SMALLEST_TARGET = 44  # CSS pixels, WCAG 2.5.5
LONGEST_SKU = "BOOT_" + "W" * 59
ENTRIES = [
    {"id": "e1", "skus": ["SHIRT-RED-M"], "quantity": 1, "until": "2026-08-01", "place": 12, "status": "waiting"},
    {"id": "e2", "skus": ["BOOT-40", LONGEST_SKU], "quantity": 2, "until": "", "place": None, "status": "unconfirmed"},
]


DRAWN = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/%3E"
CARDS = {
    "SHIRT-RED-M": {
        "product_id": "SHIRT",
        "title": {"en": "A linen shirt whose name is as long as names of linen shirts can be", "he": "חולצת פשתן"},
        "variant": "Red, M",
        "price": {"amount": 12_345_600, "currency": "ILS"},
        "image": DRAWN,
        "url": "https://shop.example/p/shirt",
    },
    "BOOT-40": {"product_id": "BOOT", "title": {"en": "W" * 80}, "variant": "40"},
}


TYPED = {"email": "ana", "quantity": "0", "until": "2001-01-01", "wording": "2026-11"}


def every_page(locale: str) -> dict[str, str]:
    """Return every page that a customer can come to, by name."""
    return {
        "confirm asks": confirm_page(locale, "ask", skus=[LONGEST_SKU], token="t"),
        "confirm is done": confirm_page(locale, "done", skus=["BOOT-40", LONGEST_SKU], token="t"),
        "confirm knows": confirm_page(locale, "ask", skus=["SHIRT-RED-M", "BOOT-40"], cards=CARDS, token="t"),
        "mine knows": mine_page(locale, ENTRIES, cards=CARDS, token="t"),
        "leave asks": leave_page(locale, "ask", token="t"),
        "leave is done": leave_page(locale, "done", token="t"),
        "asked": asked_page(locale),
        "retry": retry_page(locale, TYPED, skus=["BOOT-40"], wrong=["email", "quantity", "until"], ticked=True),
        "mine": mine_page(locale, ENTRIES, token="t", saved=True),
        "mine is empty": mine_page(locale, [], token="t"),
        "mine has the list": mine_page(locale, ENTRIES, token="t", followed=["W" * 60, "Shoes", "נעליים"]),
        "mine is the list alone": mine_page(locale, [], token="t", followed=[]),
        "problem": problem_page(locale, "410"),
        "over": problem_page(locale, "gone"),
    }


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=["en", "he"])
def locale(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_axe_finds_nothing_to_object_to(browser: Browser, locale: str, scheme: Any) -> None:
    assert objections(browser, every_page(locale), scheme) == []


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wider_than_the_screen(browser: Browser, locale: str, viewport: Any) -> None:
    assert too_wide(browser, every_page(locale), viewport) == {}


def test_a_finger_hits_every_control(browser: Browser, locale: str) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.set_content(mine_page(locale, ENTRIES, token="t"))
        controls = page.locator("button, input:not([type=hidden])").all()
        heights = [(control.bounding_box() or {"height": 0})["height"] for control in controls]
    assert len(heights) == 4 + 1 + 1
    assert min(heights) >= SMALLEST_TARGET


def test_the_keyboard_comes_to_every_control_and_is_seen_there(browser: Browser, scheme: Any) -> None:
    with browser.new_context(viewport=PHONE, color_scheme=scheme) as context:
        page = context.new_page()
        page.set_content(mine_page("en", ENTRIES[:1], token="t"))
        seen: dict[str, str] = {}
        for _ in range(8):
            page.keyboard.press("Tab")
            focused = "[document.activeElement.id || document.activeElement.textContent.trim(),"
            name, outline = page.evaluate(focused + "getComputedStyle(document.activeElement).outlineStyle]")
            seen.setdefault(name, outline)
    for name in ("quantity-1", "until-1", "Save", "Stop waiting"):
        assert seen[name] == "solid"


def posted(browser: Browser, path: str, html: str, button: str) -> Request:
    """Serve a page under the API's headers at a path of the stage, press its button, and return what it sent."""
    sent: list[Request] = []

    def serve(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request)
        route.fulfill(status=200, headers={**HEADERS, "Content-Type": HTML}, body=html)

    with browser.new_context(viewport=PHONE) as context:
        page: Page = context.new_page()
        page.route("**/*", serve)
        page.goto(f"{STAGE}/{path}")
        assert sent == []
        page.get_by_role("button", name=button, exact=True).first.click()
        page.wait_for_load_state()
    (request,) = sent
    return request


def test_confirming_posts_to_the_page_s_own_address_under_its_policy_and_prefix(browser: Browser) -> None:
    html = confirm_page("en", "ask", skus=["SHIRT-RED-M"], token="a.b-c_d")
    assert posted(browser, "confirm?token=a.b-c_d", html, "Yes, e-mail me").url == f"{STAGE}/confirm?token=a.b-c_d"


def test_leaving_posts_to_the_page_s_own_address_under_its_policy_and_prefix(browser: Browser) -> None:
    html = leave_page("he", "ask", token="a.b-c_d")
    assert posted(browser, "leave?token=a.b-c_d", html, "יציאה מרשימת ההמתנה").url == f"{STAGE}/leave?token=a.b-c_d"


def test_an_entry_is_saved_with_its_fields_at_its_own_address(browser: Browser) -> None:
    request = posted(browser, "mine?token=t", mine_page("en", ENTRIES, token="t"), "Save")
    assert request.url == f"{STAGE}/mine/e1?token=t"
    assert parse_qs(request.post_data or "") == {"action": ["update"], "quantity": ["1"], "until": ["2026-08-01"]}


def test_an_entry_is_left_at_its_own_address(browser: Browser) -> None:
    request = posted(browser, "mine?token=t", mine_page("en", ENTRIES, token="t"), "Stop waiting")
    assert request.url == f"{STAGE}/mine/e1?token=t"
    assert parse_qs(request.post_data or "") == {"action": ["leave"]}


def test_all_entries_are_left_at_once(browser: Browser) -> None:
    request = posted(browser, "mine?token=t", mine_page("en", ENTRIES, token="t"), "Stop waiting for everything")
    assert request.url == f"{STAGE}/mine/all?token=t"
    assert parse_qs(request.post_data or "") == {"action": ["leave"]}


def test_the_weekly_list_is_ended_by_one_press(browser: Browser) -> None:
    page = mine_page("en", ENTRIES, token="t", followed=["Shoes"])
    request = posted(browser, "mine?token=t", page, "Stop the list")
    assert request.url == f"{STAGE}/mine/digest?token=t"
    assert parse_qs(request.post_data or "") == {"action": ["leave"]}


def test_a_quantity_below_one_is_not_sent(browser: Browser) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.set_content(mine_page("en", ENTRIES[:1], token="t"))
        page.get_by_label("How many").fill("0")
        assert page.evaluate("document.forms[0].checkValidity()") is False


# ---------------------------------------------------------------------- on the waitlist's own routes


def event(method: str, target: str, headers: Mapping[str, str], body: str) -> dict[str, Any]:
    """Return a request as API Gateway hands it to the function (payload 2.0)."""
    url = urlsplit(target.removeprefix(PREFIX))
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": url.path,
        "rawQueryString": url.query,
        "queryStringParameters": dict(parse_qsl(url.query)),
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": {
            "http": {"method": method, "path": url.path, "sourceIp": "203.0.113.7"},
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


@contextmanager
def served(app: APIGatewayHttpResolver) -> Iterator[str]:
    """Serve an API below a stage's path on loopback, as the gateway would, and yield its address."""

    class Gateway(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            context: Any = None
            made = app.resolve(event(self.command, self.path, dict(self.headers), body), context)
            self.send_response(made["statusCode"])
            for name, value in made["headers"].items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write((made.get("body") or "").encode())

        do_GET = do_POST = answer  # noqa: N815 - the base class's words

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - same
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}/v1/waitlist"
        server.shutdown()
        thread.join()


@pytest.fixture
def visit(house: House, browser: Browser) -> Iterator[tuple[Page, str]]:
    """Return a phone's page and the address of the waitlist's routes."""
    with served(application(house.desk)) as address, browser.new_context(viewport=PHONE, locale="en-GB") as context:
        yield context.new_page(), address


def press(page: Page, button: str) -> None:
    """Press the first button of this name, and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).first.click()


def test_a_person_confirms_by_the_button_and_a_mail_scanner_by_nothing(house: House, visit: tuple[Page, str]) -> None:
    page, address = visit
    house.sign_up.join(house.wish("ana@example.org", locale="he-IL"))
    token = house.urgent.bodies()[-1]["recipients"][0]["slots"]["confirm"]
    page.goto(f"{address}/confirm?token={token}")
    assert page.locator("html").get_attribute("lang") == "he"
    assert house.line() == []
    press(page, "כן, עדכנו אותי במייל")
    assert page.get_by_role("heading").inner_text() == "אתם ברשימה"
    assert house.line() == ["ana@example.org"]


def test_a_person_changes_an_entry_and_leaves_one_after_the_other(house: House, visit: tuple[Page, str]) -> None:
    page, address = visit
    for sku in ("SHIRT-RED-M", "BOOT-40"):
        house.waits("ana@example.org", sku)
    now = house.clock.now()
    token = KEYS.issue("mine", {"a": address_key("ana@example.org")}, now=now, lifetime=timedelta(days=30))
    page.goto(f"{address}/mine?token={token}")
    page.get_by_label("How many").first.fill("3")
    press(page, "Save")
    assert page.get_by_role("status").inner_text() == "Your change is saved."
    assert page.get_by_label("How many").first.input_value() == "3"
    press(page, "Stop waiting")
    assert (house.line("SHIRT-RED-M"), house.line("BOOT-40")) == ([], ["ana@example.org"])
    press(page, "Stop waiting")
    assert page.get_by_text("You are not waiting for anything now.").inner_text()
    assert house.line("BOOT-40") == []


def test_a_person_stops_waiting_for_everything(house: House, visit: tuple[Page, str]) -> None:
    page, address = visit
    for sku in ("SHIRT-RED-M", "BOOT-40"):
        house.waits("ana@example.org", sku)
    now = house.clock.now()
    token = KEYS.issue("mine", {"a": address_key("ana@example.org")}, now=now, lifetime=timedelta(days=30))
    page.goto(f"{address}/mine?token={token}")
    press(page, "Stop waiting for everything")
    assert page.get_by_text("You are not waiting for anything now.").inner_text()
    assert house.line("SHIRT-RED-M") + house.line("BOOT-40") == []


def test_a_person_leaves_by_the_button_and_a_mail_scanner_by_nothing(house: House, visit: tuple[Page, str]) -> None:
    page, address = visit
    house.waits("ana@example.org")
    now = house.clock.now()
    token = KEYS.issue("leave", {"a": address_key("ana@example.org")}, now=now, lifetime=timedelta(days=365))
    page.goto(f"{address}/leave?token={token}")
    assert house.line() == ["ana@example.org"]
    press(page, "Leave the waitlist")
    assert page.get_by_role("heading").inner_text() == "You have left the waitlist"
    assert house.line() == []


def test_a_person_with_half_a_link_reads_what_to_do(visit: tuple[Page, str]) -> None:
    page, address = visit
    response = page.goto(f"{address}/confirm?token=half")
    assert response is not None
    assert response.status == 404
    assert page.get_by_role("heading").inner_text() == "This link does not work"
