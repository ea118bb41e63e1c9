"""A customer in the demo shop waits, orders ahead, takes what was set aside, is stopped in time; also by keys alone."""

import re
import secrets
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from infra.local.client import LINK, Client, Mail, awaited
from infra.local.shop import goods
from infra.local.shop.words import Language
from infra.local.up import hand_over
from tests.browsing import PHONE, chromium

pytestmark = pytest.mark.local_aws

SECONDS = 90
"""Seconds are promised; a busy machine that runs cold functions may take many."""
RADIO, CUSHION, ANOTHER, CUP, MUG = "RADIO-WALNUT", "CUSHION-ROSE", "CUSHION-OLIVE", "CUP-NAVY", "MUG-SKY"
LOCALES = ("en", "he")


class Visitor(NamedTuple):
    """Somebody with a browser, in a language and with an address of their own."""

    page: Page
    client: Client
    language: Language
    email: str

    def opens(self, path: str) -> None:
        """Open a page of the shop."""
        self.page.goto(f"{self.client.outputs['ShopUrl']}{path}")

    def button(self, word: str) -> Locator:
        """The button that says a word of the shop's."""
        return self.page.get_by_role("button", name=self.language.say(word), exact=True)

    def mail(self, number: int, what: str) -> Mail:
        """Return their mail of this number, once it came."""
        mails = awaited(
            lambda: found if len(found := self.client.mails(to=self.email)) > number else None,
            what=what,
            seconds=SECONDS,
        )
        assert mails is not None
        return mails[number]

    def link(self, mail: Mail, marker: str) -> str:
        """Return the first link of a mail that has this in it."""
        return next(link for link in LINK.findall(self.client.text(mail)) if marker in link)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def shelf(client: Client) -> None:
    """Let the catalogue name what these journeys are about."""
    ids = {goods.by_name()[sku][0].product_id for sku in (RADIO, CUSHION, CUP, MUG)}
    hand_over(client, "CatalogUpdates", [said for said in goods.catalogue(client.now()) if said["product_id"] in ids])
    terms = dict(goods.campaigns(client.now()))
    client.http.put(f"/v1/campaigns/{RADIO}", headers=client.key, json=terms[RADIO]).raise_for_status()


@pytest.fixture
def visitor(browser: Browser, client: Client, locale: str) -> Iterator[Visitor]:
    with browser.new_context(viewport=PHONE, locale=locale) as context:
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1_000)
        expect.set_options(timeout=SECONDS * 1_000)
        yield Visitor(page, client, Language(locale), f"shopper.{secrets.token_hex(4)}@example.com")


def has(client: Client, sku: str, units: int, status: str) -> None:
    """Let so many units of a SKU be sellable, and be shown so."""
    known = client.stock(sku) or {"on_hand": 0, "free": 0}
    client.level(sku, known["on_hand"] - known["free"] + units)
    awaited(lambda: client.statuses(sku) == [status], what=f"{sku} {status}", seconds=SECONDS)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_radio_is_ordered_ahead_paid_followed_and_told_to_be_here(visitor: Visitor) -> None:
    client, page = visitor.client, visitor.page
    awaited(lambda: client.statuses(RADIO) == ["PreOrder"], what="the radio to be ordered ahead", seconds=SECONDS)
    visitor.opens(f"/p/{RADIO}")
    expect(visitor.button("add.ahead")).to_be_enabled()
    visitor.button("add.ahead").click()
    visitor.button("cart.check").click()
    page.locator("[type=email]").fill(visitor.email)
    visitor.button("checkout.hold").click()
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"1?\d:\d\d"))
    page.locator(".pay button").click()
    expect(page.locator("h1")).to_have_text(visitor.language.say("thanks"))

    def followed() -> str | None:
        page.reload()
        links = page.get_by_role("link", name=visitor.language.say("thanks.track"))
        return links.get_attribute("href") if links.count() else None

    page.goto(awaited(followed, what="the link to the order's page", seconds=SECONDS) or "")
    expect(page.locator("html")).to_have_attribute("dir", visitor.language.direction)
    expect(page.locator("main")).to_contain_text(goods.by_name()[RADIO][0].title[visitor.language.code])

    told = len(client.mails(to=visitor.email))
    client.level(RADIO, (client.stock(RADIO) or {"on_hand": 0})["on_hand"] + 1)
    here = visitor.mail(told, "the mail that it is here")
    assert {"en": "Yours is here", "he": "ההזמנה המוקדמת שלכם הגיעה"}[visitor.language.code] in here.subject


@pytest.mark.parametrize("locale", LOCALES)
def test_by_keys_alone_a_guest_waits_from_a_listing_confirms_and_lands_on_the_product(visitor: Visitor) -> None:
    client, page, product = visitor.client, visitor.page, goods.by_name()[CUSHION][0]
    has(client, CUSHION, 9, "InStock")  # what was never there would be new when it comes, not back
    for sku in (CUSHION, ANOTHER):
        has(client, sku, 0, "SoldOut")
    visitor.opens(f"/?category={product.category}")
    card = page.locator(f"[data-standby-product={product.product_id}]")
    wait = card.locator("[data-standby-wait]")
    expect(wait).to_be_visible()
    reach(page, wait)
    page.keyboard.press("Enter")
    dialog = page.locator("standby-waitlist dialog")
    reach(page, dialog.get_by_role("checkbox", name=visitor.language.name("Rose"), exact=True))
    page.keyboard.press("Space")
    reach(page, dialog.locator("[type=email]"))
    page.keyboard.type(visitor.email)
    page.keyboard.press("Enter")
    expect(dialog.locator("[part=next] li").first).to_contain_text(visitor.email)
    page.keyboard.press("Escape")
    expect(wait).to_be_focused()

    page.goto(visitor.link(visitor.mail(0, "the confirmation"), "/confirm"))
    reach(page, page.get_by_role("button").first)
    page.keyboard.press("Enter")
    awaited(lambda: client.waiting(CUSHION)["waiting"] >= 1, what="the guest in line", seconds=SECONDS)
    has(client, CUSHION, 9, "InStock")
    back = visitor.mail(1, "the mail that it is back")
    page.goto(visitor.link(back, f"/p/{CUSHION}"))
    expect(page.locator("h1")).to_have_text(product.title[visitor.language.code])
    expect(visitor.button("add")).to_be_enabled()

    def listed() -> bool:
        visitor.opens("/again")
        return page.locator(f"[data-standby-product={product.product_id}]").count() == 1

    awaited(listed, what="it is among what came back", seconds=SECONDS)


@pytest.mark.parametrize("locale", LOCALES)
def test_what_was_set_aside_by_an_offer_is_bought_in_the_shop(visitor: Visitor) -> None:
    client, page = visitor.client, visitor.page
    client.settings(f"sku:{CUP}", offer_hours=2)
    has(client, CUP, 0, "SoldOut")
    client.enter(visitor.email, CUP, locale=visitor.language.code)
    has(client, CUP, 1, "SoldOut")  # it is the customer's
    page.goto(visitor.link(visitor.mail(0, "the offer"), "/v1/offers/"))
    page.locator("button.wide").click()
    page.locator("a.button").click()
    expect(page.get_by_role("status").first).to_contain_text(visitor.language.say("aside"))
    page.get_by_role("link", name=visitor.language.say("aside.buy")).click()
    page.locator("[type=email]").fill(visitor.email)
    visitor.button("aside.buy").click()
    expect(page.locator(".lines")).to_contain_text(visitor.language.name("Navy"))
    page.locator(".pay button").click()
    expect(page.locator("h1")).to_have_text(visitor.language.say("thanks"))
    assert (client.stock(CUP) or {})["free"] == 0


@pytest.mark.parametrize("locale", LOCALES)
def test_who_comes_too_late_is_stopped_at_the_checkout_not_after_it(visitor: Visitor) -> None:
    """The form is held back while the last one is gone, and goes through as soon as there is one again."""
    client, page = visitor.client, visitor.page
    has(client, MUG, 1, "LimitedAvailability")
    visitor.opens(f"/p/{MUG}")
    visitor.button("add").click()
    has(client, MUG, 0, "SoldOut")
    visitor.button("cart.check").click()
    check = page.locator("standby-cart-check")
    expect(check).to_contain_text(goods.by_name()[MUG][0].title[visitor.language.code])
    assert page.url.endswith("/cart")
    has(client, MUG, 12, "InStock")
    visitor.button("cart.check").click()
    expect(visitor.button("checkout.hold")).to_be_visible()


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there; a page of a shop has no more than so many stops."""
    expect(wanted).to_be_visible()
    for _ in range(120):
        if wanted.evaluate("(element) => element.getRootNode().activeElement === element"):
            return
        page.keyboard.press("Tab")
    pytest.fail("the keyboard does not get there")


@pytest.mark.parametrize("locale", LOCALES)
def test_beside_what_is_sold_out_stands_what_can_be_had_instead_in_the_same_shop(visitor: Visitor) -> None:
    client, page = visitor.client, visitor.page
    has(client, CUP, 0, "SoldOut")
    has(client, MUG, 9, "InStock")
    cup, mug = (goods.by_name()[sku][0] for sku in (CUP, MUG))
    awaited(lambda: mug.product_id in client.alternatives(cup.product_id), what="the mug instead", seconds=SECONDS)
    visitor.opens(f"/p/{CUP}")
    its_own = page.locator("standby-alternatives [part=product]")  # not the links of the page, which it replaces
    instead = its_own.filter(has_text=mug.title[visitor.language.code])
    expect(instead).to_be_visible()
    instead.evaluate("(link) => link.scrollIntoView()")
    drawn = instead.locator("img")
    expect(drawn).to_have_js_property("complete", True)  # noqa: FBT003 - Playwright's
    assert drawn.evaluate("img => img.naturalWidth") > 0
    instead.click()
    expect(page.locator("h1")).to_have_text(mug.title[visitor.language.code])
    assert page.url == f"{client.outputs['ShopUrl']}/p/{mug.product_id}"
