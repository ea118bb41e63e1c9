"""The demo shop's pages in Chromium: accessible, no wider than a phone, and under their own policy."""

from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from infra.local.shop.answers import Request, policy
from infra.local.shop.panel import Panel
from infra.local.shop.site import Site
from tests.browsing import AXE, DESK, PHONE
from tests.fakes import EPOCH
from tests.infra.fake_standby import API, SHOP, FakeStandby, site

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/?category=Clothing&size=M",
    "/p/SHIRT-RED-M",
    "/p/PICNIC?reservation=r1",
    "/again",
    "/stores",
    "/cart",
    "/checkout",
    "/checkout?reservation=r1",
    "/panel",
)
CART = "MUG-GREEN*2.SHIRT-RED-M*1"
MAIL = {"number": 3, "to": "dana@example.com", "subject": "Yours is here", "link": f"{API}/v1/track/T"}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return a shop with an order and a mail."""
    monkeypatch.setattr(Panel, "mails", lambda _: [MAIL])
    client = SimpleNamespace(now=lambda: EPOCH, says=lambda *_, **__: None)
    shop = site(FakeStandby(client=lambda: client, gone={"SHIRT-RED-M", "LAMP"}))
    shop.panel.order("dana@example.com", "en", {"MUG-GREEN": 1})
    return shop


def opened(browser: Browser, shop: Site, code: str, **more: Any) -> BrowserContext:
    """Return a browser in which the shop answers, and Standby's API does not."""
    context = browser.new_context(**more)
    cookies = {"shop_language": code, "shop_cart": CART}
    context.add_cookies([{"name": name, "value": value, "url": SHOP} for name, value in cookies.items()])

    def answer(route: Route) -> None:
        asked = route.request
        if not asked.url.startswith(SHOP):
            return route.abort()
        given = shop.answer(
            Request(asked.method, asked.url.removeprefix(SHOP), asked.all_headers(), asked.post_data or "")
        )
        headers = policy(shop.api) | dict(given.headers)
        return route.fulfill(status=int(given.status), headers=headers, body=given.body)

    context.route("**/*", answer)
    return context


def seen(page: Page, path: str) -> None:
    page.goto(SHOP + path, wait_until="load")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("code", ["en", "he"])
def test_axe_objects_to_nothing_and_no_page_is_wider_than_a_phone(
    browser: Browser, shop: Site, code: str, scheme: str
) -> None:
    found: list[Any] = []
    with opened(browser, shop, code, viewport=PHONE, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        for path in PAGES:
            seen(page, path)
            page.add_script_tag(path=AXE)
            violations = page.evaluate("axe.run().then(result => result.violations)")
            found += [(path, rule["id"], [node["html"][:200] for node in rule["nodes"]][:3]) for rule in violations]
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > PHONE["width"]:
                found.append((path, "too wide", width))
    assert found == []


def test_the_policy_of_the_pages_refuses_nothing_of_their_own(browser: Browser, shop: Site) -> None:
    refused: list[str] = []
    with opened(browser, shop, "en", viewport=DESK) as context:
        page = context.new_page()
        page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
        for path in PAGES:
            seen(page, path)
    assert refused == []


def test_a_choice_in_a_listing_is_followed_at_once(browser: Browser, shop: Site) -> None:
    with opened(browser, shop, "en", viewport=DESK) as context:
        page = context.new_page()
        seen(page, "/?category=Clothing")
        page.get_by_label("Mustard").check()
        page.wait_for_url("**colour=Mustard**")
        assert page.locator(".card .name").all_inner_texts() == ["Lambswool sweater", "Raincoat", "Wool socks"]


def test_the_panel_shows_a_mail_that_comes(browser: Browser, shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(browser, shop, "en", viewport=DESK) as context:
        page = context.new_page()
        seen(page, "/panel")
        monkeypatch.setattr(
            Panel, "mails", lambda _: [{**MAIL, "number": 4, "subject": "Later than we told you"}, MAIL]
        )
        page.get_by_text("Later than we told you").wait_for()
        assert page.get_by_role("link", name="Follow its link").first.get_attribute("href") == MAIL["link"]
