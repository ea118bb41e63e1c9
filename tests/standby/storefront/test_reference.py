"""The API's reference page in a browser that reaches nothing but its own origin, under its own policy."""

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect
from standby.storefront.bundle import Bundle
from standby.storefront.reference import Reference
from standby.storefront.routes import application

from tests.browsing import AXE, DESK, NARROWEST
from tests.gateway import http_event
from tests.world import Context

pytestmark = pytest.mark.browser

DOCUMENT = json.loads((Path(__file__).parents[3] / "openapi.json").read_text("utf-8"))
BASE = "https://api.test/stage"
"""The API below a path, as behind a stage of the gateway."""
WATCH = """window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));"""
PATIENCE_MILLISECONDS = 30_000
"""The renderer draws each operation in the list; a busy machine takes its time for it."""
PLAIN = {"accept": "*/*"}
"""A browser's stand-in unpacks nothing."""
SERIOUS = """axe.run(document, { rules: { label: { enabled: false }, "select-name": { enabled: false } } }).then(
  ({ violations }) => violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))"""


@contextmanager
def opened(browser: Browser, viewport: ViewportSize = DESK, **look: Any) -> Iterator[tuple[Page, list[str]]]:
    """Open the page. What the browser asks for is noted; only what stands below `BASE` is there."""
    app, asked = application(Bundle.among, Reference.among), []

    def answer(route: Route) -> None:
        asked.append(f"{route.request.method} {route.request.url.removeprefix(BASE)}")
        if not route.request.url.startswith(f"{BASE}/v1/"):
            route.abort()
            return
        path = urlsplit(route.request.url).path.removeprefix("/stage")
        made = app.resolve(http_event(route.request.method, path, headers=PLAIN), Context())
        body = b64decode(made["body"]) if made["isBase64Encoded"] else made["body"].encode()
        route.fulfill(status=made["statusCode"], headers=made["headers"], body=body)

    with browser.new_context(viewport=viewport, **look) as context:
        context.route("**/*", answer)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        page.add_init_script(WATCH)
        page.goto(f"{BASE}/v1/docs")
        yield page, asked


def listed(page: Page) -> Any:
    """Return the operations in the list, once they are there."""
    page.locator("rapi-doc .nav-bar-path").first.wait_for()
    return page.locator("rapi-doc .nav-bar-path")


def chosen(page: Page, operation: str) -> None:
    listed(page)
    page.locator(f'rapi-doc [id="link-{operation}"]').click()


def test_all_operations_are_listed_and_nothing_leaves_or_is_refused(browser: Browser) -> None:
    with opened(browser) as (page, asked):
        expect(listed(page)).to_have_count(sum(map(len, DOCUMENT["paths"].values())))
        chosen(page, "post-/v1/waitlist")
        shown = page.locator("rapi-doc main")
        expect(shown.get_by_role("heading", name="Wait for any of several SKUs")).to_be_visible()
        expect(shown).to_contain_text(BASE)
        assert [request for request in asked if not request.startswith("GET /v1/")] == []
        assert page.evaluate("window.refused") == []


def test_search_finds_an_operation_by_what_its_description_says(browser: Browser) -> None:
    with opened(browser) as (page, _):
        before = listed(page).count()
        page.locator("rapi-doc #nav-bar-search").fill("voucher")
        page.keyboard.press("Enter")
        expect(page.locator('rapi-doc [id="link-post-/v1/vouchers/-code-/redeem"]')).to_be_visible()
        expect(page.locator('rapi-doc [id="link-post-/v1/waitlist"]')).to_have_count(0)
        assert 0 < listed(page).count() < before
        assert page.evaluate("window.refused") == []


def test_an_operation_is_tried_where_the_page_comes_from(browser: Browser) -> None:
    with opened(browser) as (page, asked):
        chosen(page, "get-/v1/storefront/-file-")
        page.locator("rapi-doc input[data-pname=file]").fill("manifest.json")
        page.get_by_role("button", name="Try").click()
        expect(page.locator("rapi-doc api-request")).to_contain_text("OK:200")
        assert asked[-1] == "GET /v1/storefront/manifest.json"
        assert page.evaluate("[localStorage.length, document.cookie, window.refused]") == [0, "", []]


@pytest.mark.parametrize("viewport", [NARROWEST, DESK], ids=["400 % on a desk", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(
    browser: Browser, scheme: Any, viewport: ViewportSize
) -> None:
    """The renderer labels neither the field of a body nor the list of its kinds; nothing else of it is left out."""
    with opened(browser, viewport, color_scheme=scheme, bypass_csp=True) as (page, _):
        if viewport == NARROWEST:  # there is no room for the list
            page.locator("rapi-doc").get_by_text("/v1/availability/check").wait_for()
        else:
            chosen(page, "post-/v1/waitlist")
            page.locator("rapi-doc api-request").wait_for()
        page.add_script_tag(path=AXE)
        assert page.evaluate(SERIOUS) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_looks_change_with_the_visitor_s(browser: Browser) -> None:
    with opened(browser, color_scheme="light") as (page, _):
        shown = page.locator("rapi-doc")
        expect(shown).to_have_attribute("theme", "light")
        page.emulate_media(color_scheme="dark")
        expect(shown).to_have_attribute("theme", "dark")


def test_without_scripts_the_page_leads_to_the_document(browser: Browser) -> None:
    with opened(browser, java_script_enabled=False) as (page, _):
        page.get_by_role("link", name="openapi.json").click()
        page.wait_for_url(f"{BASE}/v1/openapi.json")
