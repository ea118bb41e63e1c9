"""In a browser, by links in mails: a pre-order that slips up to its refund, and a late order, in both languages."""

import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from infra.local.client import Client, awaited
from tests.browsing import PHONE, chromium
from tests.journeys.conftest import Listening

pytestmark = [pytest.mark.local_aws, pytest.mark.promise("P7", "P11")]

SECONDS = 60
LANGUAGES = pytest.mark.parametrize("locale", ["en", "he"])


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser, browser.new_context(viewport=PHONE) as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def bus(client: Client) -> Listening:
    return Listening.to(client, "DelayDetected", "ConsentGiven", "RefundDue")


def told(bus: Listening, name: str, **about: str) -> list[dict[str, Any]]:
    """Return what all heard of one kind, about an order or a reservation, each once."""
    details = [envelope["detail"] for envelope in bus.heard() if envelope["detail-type"] == name]
    these = [each for each in details if all(each.get(field) == value for field, value in about.items())]
    return list({each["id"]: each for each in these}.values())


class Mailbox:
    """The mails to one customer since it was made."""

    def __init__(self, client: Client, email: str) -> None:
        self.client, self.email, self.began = client, email, client.sent()

    def texts(self) -> list[str]:
        """Return all of them."""
        return [self.client.text(mail) for mail in self.client.mails(self.began, to=self.email)]

    def having(self, pattern: str, number: int = 1) -> str:
        """Wait until so many mails have a pattern, and return what it found in the last."""

        def found() -> list[str]:
            hits = [hit for text in self.texts() for hit in sorted(set(re.findall(pattern, text)))]
            return hits if len(hits) >= number else []

        return str(awaited(found, what=f"mail {number} with {pattern}", seconds=SECONDS)[-1])


def opens(page: Page, client: Client, path: str, locale: str) -> None:
    """Open a mailed link, and look which language its page has."""
    answer = page.goto(f"{str(client.http.base_url).rstrip('/')}{path}")
    assert answer is not None
    assert answer.status == 200
    assert page.locator("html").get_attribute("lang") == locale


def presses(page: Page, form: str) -> None:
    """Press the button of a form, by where it leads, and wait for the page after it."""
    with page.expect_navigation():
        page.locator(f'form[action$="{form}"] button').first.click()


def enters(page: Page, code: str) -> None:
    """Enter a mailed code."""
    page.locator("#code").fill(code)
    with page.expect_navigation():
        page.locator("form.code button").click()


def agreed(page: Page) -> bool:
    return page.locator(".agreed").count() == 1 and page.locator('form[action$="wait"]').count() == 0


@LANGUAGES
def test_a_pre_order_that_slips_is_consented_to_cancelled_and_paid_back(
    client: Client, bus: Listening, page: Page, sku: str, locale: str
) -> None:
    name = f"slips-{locale}-{sku.lower()}"
    mails = Mailbox(client, f"{name}@example.com")
    days = [(client.now() + timedelta(days=ahead)).date().isoformat() for ahead in (30, 60, 90)]

    def goods_come(day: str) -> None:
        bought = {"purchase_order_id": f"P-{sku}", "sku": sku, "quantity": 5, "eta": day}
        client.send("StockUpdates", [{"type": "stock.incoming", **bought, "as_of": client.now().isoformat()}])

    goods_come(days[0])
    sold = {"capacity": "incoming", "release_on": days[0]}
    awaited(lambda: (client.campaign(sku, **sold)["remaining"] or 0) > 0, what="goods to sell", seconds=SECONDS)
    made = client.reserve(name, sku, customer={"email": mails.email, "locale": locale}).json()["id"]
    client.confirm(made)
    own = mails.having(r"/v1/preorders/[\w.-]+")

    goods_come(days[1])
    awaited(lambda: told(bus, "DelayDetected", reservation_id=made), what="a delay of the pre-order", seconds=SECONDS)
    mails.having(r"/v1/preorders/[\w.-]+", 2)
    opens(page, client, own, locale)
    presses(page, "wait")
    assert agreed(page)
    (consent,) = awaited(lambda: told(bus, "ConsentGiven", reservation_id=made), what="consent", seconds=SECONDS)
    assert consent["until"] == days[1]

    order_id, price = f"S-{secrets.token_hex(4)}", {"amount": 4_900, "currency": "EUR"}
    client.order(
        order_id,
        mails.email,
        sku,
        days=30,
        locale=locale,
        lines=[{"line_id": "1", "sku": sku, "quantity": 1, "unit_price": price}],
        reservation_ids=[made],
        payment_status="paid",
        ship_to={"country": "FR"},
    )

    def looked_up() -> dict[str, Any]:
        found = client.http.get(f"/v1/deliveries/{order_id}", headers=client.key)
        return dict(found.json()) if found.is_success else {}

    def expected() -> str | None:
        return next((each["expected"] for each in looked_up().get("shipments", [])), None)

    awaited(lambda: expected() == days[1], what="the order to take over", seconds=SECONDS)
    assert told(bus, "DelayDetected", order_id=order_id) == [], "the pre-order told it"
    goods_come(days[2])
    track = mails.having(r"/v1/track/[\w.-]+")
    (late,) = awaited(lambda: told(bus, "DelayDetected", order_id=order_id), what="a delay of it", seconds=SECONDS)
    assert (late["promised_until"], late["expected"]) == (days[0], days[2])
    opens(page, client, track, locale)
    presses(page, "wait")
    assert agreed(page)

    presses(page, "cancel")
    enters(page, mails.having(r"(?m)^\s*(\d{6})\s*$"))
    assert page.locator("#code").count() == 0
    client.says("order.cancelled", order_id)
    (owed,) = awaited(lambda: told(bus, "RefundDue", order_id=order_id), what="the money owed", seconds=SECONDS)
    assert (owed["amount"], owed["reason"]) == (price, "customer")
    assert [each["refund_due_id"] for each in looked_up()["refunds_due"]] == [owed["refund_due_id"]]
    client.says("order.refunded", order_id, amount=price, refund_due_id=owed["refund_due_id"])
    awaited(lambda: looked_up()["refunds_due"] == [], what="the refund", seconds=SECONDS)
    assert len(set(mails.texts())) == 4, "confirmed, put off, late, and the code"


@LANGUAGES
def test_a_late_order_is_waited_for_and_withdrawn_from_in_two_taps(
    client: Client, page: Page, sku: str, locale: str
) -> None:
    order_id, mails = f"W-{secrets.token_hex(4)}", Mailbox(client, f"withdraws-{locale}-{sku.lower()}@example.com")
    until = client.order(order_id, mails.email, sku, days=2, locale=locale, ship_to={"country": "FR"})
    client.says("order.eta", order_id, eta=(until + timedelta(days=3)).isoformat(), cause="supplier")
    opens(page, client, mails.having(r"/v1/track/[\w.-]+"), locale)
    presses(page, "wait")
    assert agreed(page)

    presses(page, "withdraw")
    assert order_id in page.content()
    assert len(mails.texts()) == 1, "nothing happened yet"
    with page.expect_navigation():
        page.locator("main button, form button").first.click()
    assert page.locator('form[action$="withdraw"]').count() == 0
    awaited(lambda: len(mails.texts()) > 1, what="the receipt", seconds=SECONDS)
    assert order_id in mails.texts()[-1]
