"""The demo shop beside the local AWS, in Chromium: the ERP's panel speaks, and the shop's open pages follow."""

import re
import secrets
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.client import Client, awaited
from infra.local.shop import goods
from infra.local.up import hand_over
from tests.browsing import PHONE, chromium

pytestmark = pytest.mark.local_aws

SECONDS = 60
"""Seconds are promised; a busy machine that runs cold functions may take many."""
PRODUCT, SKU = "LAMP", "LAMP-PAPER"
REMEDIES = re.compile(r"/v1/remedies/[\w.-]+")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def shop(client: Client) -> str:
    """Return the shop's address, with a lamp that is sold out."""
    now = client.now()
    hand_over(client, "CatalogUpdates", [said for said in goods.catalogue(now) if said["product_id"] == PRODUCT])
    client.level(SKU, 0)
    awaited(lambda: client.statuses(SKU) == ["SoldOut"], what=f"{SKU} sold out", seconds=SECONDS)
    return client.outputs["ShopUrl"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE) as context:
        yield context.new_page()


def test_the_shop_is_on_an_origin_of_its_own_with_a_strict_policy(client: Client, shop: str) -> None:
    answer = httpx.get(shop, timeout=SECONDS)
    assert httpx.URL(shop).port != httpx.URL(client.outputs["ApiUrl"]).port
    assert answer.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self' http://127.0.0.1:"
    )
    assert httpx.get(shop, headers={"Host": "elsewhere.example"}).status_code == httpx.codes.MISDIRECTED_REQUEST


def test_the_badge_of_a_listing_flips_without_a_reload_when_the_panel_delivers(shop: str, page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{shop}/?category=Home")
    page.evaluate("window.stayed = true")
    card = page.locator(f"[data-standby-product={PRODUCT}]")
    expect(card).to_have_attribute("data-standby-status", "SoldOut", timeout=SECONDS * 1_000)
    with page.context.new_page() as panel:
        panel.goto(f"{shop}/panel")
        panel.get_by_role("button", name=f"Deliver 12: {SKU}").click()
        expect(panel.get_by_role("status").first).to_contain_text(f"{SKU}: 12")
    expect(card).to_have_attribute("data-standby-status", "InStock", timeout=SECONDS * 1_000)
    expect(card.locator("[data-standby-badge]")).to_have_text("In stock")
    assert page.evaluate("window.stayed") is True
    assert refused == []


def test_an_order_that_the_panel_makes_late_brings_a_mail_and_a_voucher(client: Client, shop: str) -> None:
    """The voucher is chosen at the mail's link, and taken by the shop's checkout."""
    email = f"dana.{secrets.token_hex(4)}@example.com"
    stocked(client, "MUG-GREEN", 9)
    with httpx.Client(base_url=shop, headers={"Origin": shop}, timeout=SECONDS) as visitor:
        placed = visitor.post("/panel/order", data={"sku": "MUG-GREEN", "email": email})
        assert "said=A-" in placed.headers["Location"]
        attempt = re.findall(r'name="attempt" value="(\w+)"', visitor.get("/panel").text)[0]
        visitor.post("/panel/order.eta", data={"attempt": attempt})

        def chosen() -> str | None:
            texts = [client.text(mail) for mail in client.mails(to=email)]
            return next((found.group() for text in texts if (found := REMEDIES.search(text))), None)

        link = awaited(chosen, what="a mail with a choice", seconds=SECONDS)
        assert link is not None
        (offered,) = client.http.get(link).raise_for_status().json()["remedies"]
        choice = {"remedy_id": offered["remedy_id"], "kind": "voucher"}
        (remedy,) = client.http.post(f"{link}/choose", json=choice).raise_for_status().json()["remedies"]

        visitor.post("/cart", data={"add": "1", "sku": "MUG-GREEN"})
        held = visitor.post("/checkout", data={"email": email}).headers["Location"]
        paid = visitor.post(held, data={"code": remedy["code"]}).headers["Location"]
        assert "The code took ₪20 off." in visitor.get(paid).text


def stocked(client: Client, sku: str, units: int) -> None:
    """Let a SKU be in stock."""
    client.level(sku, units)
    awaited(lambda: client.statuses(sku) == ["InStock"], what=f"{sku} in stock", seconds=SECONDS)
