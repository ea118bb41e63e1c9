"""A real shop beside the local AWS: django-oscar, which leaves what is sold out, ordered ahead and late to Standby.

It has an environment of its own (``make oscar`` installs it); without that these are skipped, which is printed.
"""

import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.client import LINK, Client, awaited
from infra.local.emulator import Emulator
from tests.bookshop import ADDRESS, PYTHON, Bookshop, Customer, bookshop
from tests.browsing import DESK, chromium

pytestmark = [
    pytest.mark.local_aws,
    pytest.mark.skipif(not PYTHON.exists(), reason="the shop on django-oscar is not installed: make oscar does"),
]

SECONDS = 60
"""Seconds are promised; a busy machine that runs cold functions may take many."""
SOLD_OUT, AHEAD, LEFT = "BOOK-LEMONS", "BOOK-ATLAS", "BOOK-FOXES"
STAFF = {"username": "staff@example.com", "password": "harbour-books"}
WORTH = {"amount": 500, "currency": "EUR"}
LATE = {
    "name": "bookshop",
    "when": {"channels": ["bookshop"]},
    "levels": [{"days_late": 2, "remedy": {"kind": "voucher", "amount": WORTH}}],
}
BUDGET = {"amount": 1_000_000, "currency": "EUR"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def shop(client: Client, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bookshop]:
    outputs = emulator.folder.parent / "outputs.json"
    port = int(client.outputs["ClientUrl"].rpartition(":")[2])
    with bookshop(tmp_path_factory.mktemp("bookshop") / "data", port=port, outputs=outputs) as running:
        wanted = ["SoldOut", "PreOrder", "InStock"]
        awaited(lambda: client.statuses(SOLD_OUT, AHEAD, LEFT) == wanted, what="the books at Standby", seconds=SECONDS)
        awaited(lambda: client.badges(SOLD_OUT)[0]["product_id"], what="the catalogue at Standby", seconds=SECONDS)
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport=DESK) as context:
        opened = context.new_page()
        opened.set_default_timeout(SECONDS * 1_000)
        yield opened


@pytest.fixture
def email() -> str:
    """Return the address of somebody whom no other test knows."""
    return f"reader.{secrets.token_hex(4)}@example.com"


def test_who_waits_is_told_as_soon_as_the_dashboard_has_the_book_again(
    client: Client, shop: Bookshop, page: Page, email: str
) -> None:
    page.goto(f"{shop.address}/catalogue/")
    card = page.locator("[data-standby-product=lemons-preserved]")
    expect(card.locator("[data-standby-badge]")).to_have_text("Sold out")
    card.get_by_role("button", name="E-mail me when available").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill(email)
    dialog.locator("form button[type=submit], form button:not([type])").last.click()
    client.press(_link(client, email, "/v1/waitlist/confirm"))
    awaited(lambda: client.waiting(SOLD_OUT)["waiting"] == 1, what="the list", seconds=SECONDS)

    with page.context.new_page() as dashboard:
        _restock(dashboard, shop, SOLD_OUT, 5)
    page.goto(_link(client, email, "/p/"))
    expect(page).to_have_url(re.compile("/catalogue/lemons-preserved_"))
    expect(page.get_by_role("button", name="Add to basket")).to_be_visible()


def test_a_pre_order_goes_through_the_checkout(client: Client, shop: Bookshop, page: Page, email: str) -> None:
    page.goto(f"{shop.address}/p/{AHEAD}")
    expect(page.get_by_text("with you by").first).to_be_visible()  # the element took the place of the shop's own button
    page.locator("standby-preorder button:visible").click()
    expect(page.get_by_text("has been added to your basket")).to_be_visible()
    page.goto(f"{shop.address}/checkout/")
    page.get_by_label("My email address is").fill(email)
    page.get_by_label("I am a new customer and want to checkout as a guest").check()
    page.get_by_role("button", name="Continue").click()
    for name, value in ADDRESS.items():
        field = page.locator(f"[name={name}]")
        field.select_option(value) if name == "country" else field.fill(value)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_text("All of this is set aside for you until")).to_be_visible()
    page.get_by_role("button", name="Place order").click()
    expect(page).to_have_url(re.compile("/checkout/thank-you/"))

    number = str(shop.found("SELECT number FROM order_order ORDER BY id DESC")[0][0])
    placed = awaited(lambda: _delivery(client, number), what="the order at Standby", seconds=SECONDS)
    (reservation_id,) = placed["reservation_ids"]
    reservation = client.reservation(reservation_id)
    assert (reservation["kind"], reservation["status"], reservation["paid"]) == ("preorder", "confirmed", True)
    assert placed["shipments"][0]["promised_until"] == reservation["promised_until"]


def test_a_code_of_standby_s_is_taken_once_and_given_back_where_the_payment_is_declined(
    client: Client, shop: Bookshop, email: str
) -> None:
    code = _code(client, email)
    declined = Customer(shop, f"declined@{secrets.token_hex(4)}.example.com")
    declined.goes_to_the_checkout(LEFT)
    assert code in declined.takes_code(code)
    assert not declined.orders()
    assert _voucher(client, code)["status"] == "granted"

    customer = Customer(shop, email)
    customer.goes_to_the_checkout(LEFT)
    customer.takes_code(code)
    assert customer.orders()
    ((number, total),) = shop.found("SELECT number, total_incl_tax FROM order_order WHERE guest_email = ?", email)
    assert float(str(total)) == 14.00 - 5.00
    voucher = _voucher(client, code)
    assert (voucher["status"], voucher["redeemed_for"]) == ("redeemed", number)
    another = Customer(shop, f"another.{email}")
    another.goes_to_the_checkout(LEFT)
    assert "No order may take the code" in another.takes_code(code)


def _link(client: Client, email: str, page: str) -> str:
    """Wait for a mail with a link to a page, and return the link."""

    def links() -> list[str]:
        texts = [client.text(mail) for mail in client.mails(to=email)]
        return [link for text in texts for link in LINK.findall(text) if page in link]

    return awaited(links, what=f"a mail to {email} that leads to {page}", seconds=SECONDS)[0]


def _restock(page: Page, shop: Bookshop, sku: str, units: int) -> None:
    """Let a person at the dashboard say how many there are."""
    page.goto(f"{shop.address}/dashboard/login/")
    for name, value in STAFF.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Login").click()
    page.goto(f"{shop.address}/dashboard/catalogue/products/{shop.product(sku)}/")
    page.get_by_role("link", name="Stock and pricing").click()
    page.locator("[name=stockrecords-0-num_in_stock]").fill(str(units))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".alert-success").first).to_be_visible()


def _delivery(client: Client, order_id: str) -> dict[str, Any] | None:
    """Return what is known of an order; nothing before Standby heard of it."""
    answer = client.http.get(f"/v1/deliveries/{order_id}", headers=client.key)
    known: dict[str, Any] | None = answer.json() if answer.is_success else None
    return known


def _code(client: Client, email: str) -> str:
    """Order in the shop, let the order be late, and return the code that its customer is given."""
    client.give_for_delays(LATE, BUDGET)
    order_id = f"L-{secrets.token_hex(4)}"
    until = client.order(order_id, email, LEFT, days=1, channel="bookshop", ship_to={"country": "DE"}, lines=[_line()])
    client.says("order.eta", order_id, eta=(until + timedelta(days=4)).isoformat(), cause="carrier")
    granted = awaited(lambda: _granted(client, order_id), what="a voucher", seconds=SECONDS)
    return str(granted[0]["code"]).replace("-", "")


def _line() -> dict[str, Any]:
    return {"line_id": "1", "sku": LEFT, "quantity": 1, "unit_price": {"amount": 1_400, "currency": "EUR"}}


def _granted(client: Client, order_id: str) -> list[dict[str, Any]]:
    if _delivery(client, order_id) is None:
        return []
    granted: list[dict[str, Any]] = client.remedies(order_id)["granted"]
    return granted


def _voucher(client: Client, code: str) -> dict[str, Any]:
    """Return a voucher as Standby has it."""
    found: dict[str, Any] = client.http.get(f"/v1/vouchers/{code}", headers=client.key).raise_for_status().json()
    return found
