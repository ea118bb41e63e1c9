"""A late order on the local AWS: its customer is mailed a voucher, or chooses one; the next order takes it, once."""

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
from tests.journeys.test_slipping import Mailbox, opens, presses, told

pytestmark = [pytest.mark.local_aws, pytest.mark.promise("P6")]

SECONDS = 60
CODE = re.compile(r"\b[2-9A-HJKMNP-Z]{6}(?:-[2-9A-HJKMNP-Z]{6}){2}\b")
EUR = {"currency": "EUR"}


@pytest.mark.parametrize("locale", ["en", "he"])
def test_a_late_order_brings_a_voucher_that_the_next_order_takes_once(client: Client, sku: str, locale: str) -> None:
    channel = f"app-{secrets.token_hex(4)}"
    level = {"days_late": 2, "remedy": {"kind": "voucher", "amount": {"amount": 700, **EUR}}}
    rule = {"name": "late", "when": {"channels": [channel]}, "levels": [level]}
    policy = {"rules": [rule], "monthly_budget": [{"amount": 1_000_000, **EUR}]}
    assert client.http.put("/v1/policy", json=policy, headers=client.key).json()["policy"] == policy

    email, order_id, began = f"{channel}@example.com", f"R-{secrets.token_hex(4)}", client.sent()
    line = {"line_id": "1", "sku": sku, "quantity": 1, "unit_price": {"amount": 4_900, **EUR}}
    about = {"lines": [line], "ship_to": {"country": "DE"}, "channel": channel}
    promised = client.order(order_id, email, sku, days=1, locale=locale, **about)
    client.says("order.eta", order_id, eta=(promised + timedelta(days=3)).isoformat(), cause="carrier")

    def codes() -> list[str]:
        texts = [client.text(mail) for mail in client.mails(began, to=email)]
        return [code for text in texts for code in CODE.findall(text)]

    (code,) = awaited(codes, what="the voucher's mail", seconds=SECONDS)

    def asks(method: str, path: str, **more: Any) -> Any:
        return client.http.request(method, path, **more)

    shown = asks("GET", f"/v1/deliveries/{order_id}/remedies", headers=client.key).json()
    assert [(each["code"], each["told"]) for each in shown["granted"]] == [(code, "mail")]
    following = f"N-{secrets.token_hex(4)}"

    def redeems(order: str, key: str) -> Any:
        body = {"order_id": order, "order_total": {"amount": 3_000, **EUR}}
        headers = {**client.key, "Idempotency-Key": f"{channel}-{key}"}
        return asks("POST", f"/v1/vouchers/{code}/redeem", json=body, headers=headers)

    answers = [redeems(following, "a"), redeems(following, "a"), redeems("another", "b")]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[0].json()["value"] == {"amount": 700, **EUR}
    assert answers[2].json()["type"] == "/problems/voucher-redeemed"

    client.order(following, email, sku, days=9, locale=locale, **about)
    client.says("order.cancelled", following)
    looked = f"/v1/vouchers/{code}"
    awaited(
        lambda: asks("GET", looked, headers=client.key).json()["status"] == "granted",
        what="a voucher that is free again",
        seconds=SECONDS,
    )
    given = {"elsewhere": {"amount": 900, **EUR}, "reason": "they wrote to us", "agent": "Dana"}
    remedies = f"/v1/deliveries/{order_id}/remedies"
    answers = [asks("POST", remedies, json=given, headers={**client.key, "Idempotency-Key": "a"}) for _ in range(2)]
    assert [(answer.status_code, answer.json()["amount"]["amount"]) for answer in answers] == [(201, 200)] * 2


@pytest.fixture(scope="module")
def phone() -> Iterator[Page]:
    with chromium() as browser, browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        yield context.new_page()


@pytest.mark.promise("P8", "P11")
@pytest.mark.parametrize(("locale", "country"), [("en", "DE"), ("he", "DE"), ("he", "IL")], ids=["en", "he", "Israel"])
def test_a_customer_chooses_on_the_page_of_the_late_order_and_says_whether_that_makes_it_right(
    client: Client, phone: Page, sku: str, locale: str, country: str
) -> None:
    """In Israel, where a voucher is advertising, no mail brings one: the page of the order leads to it."""
    channel, order_id = f"app-{secrets.token_hex(4)}", f"C-{secrets.token_hex(4)}"
    bus = Listening.to(client, "RemedyGranted", "RemedyChosen", "RemedyRated")
    remedies = [
        {"kind": "percent_off", "percent": 10, "amount": {"amount": 800, **EUR}},
        {"kind": "voucher", "amount": {"amount": 500, **EUR}},
        {"kind": "free_shipping", "amount": {"amount": 600, **EUR}},
    ]
    rule = {
        "name": "late",
        "when": {"channels": [channel]},
        "levels": [{"days_late": 2, "choice": {"remedies": remedies}}],
    }
    client.set_policy({"rules": [rule], "monthly_budget": [{"amount": 1_000_000, **EUR}]})
    mails = Mailbox(client, f"{channel}@example.com")
    line = {"line_id": "1", "sku": sku, "quantity": 1, "unit_price": {"amount": 4_900, **EUR}}
    about = {"lines": [line], "ship_to": {"country": country}, "channel": channel}
    promised = client.order(order_id, mails.email, sku, days=1, locale=locale, **about)
    client.says("order.eta", order_id, eta=(promised + timedelta(days=3)).isoformat(), cause="carrier")

    track = mails.having(r"/v1/track/[\w.-]+")
    awaited(lambda: client.http.get(track).json()["remedied"], what="the page to lead there", seconds=SECONDS)
    opens(phone, client, track, locale)
    with phone.expect_navigation():
        phone.locator(".remedied a").click()
    assert phone.locator('form[action$="choose"] button').count() == len(remedies)
    with phone.expect_navigation():
        phone.locator('button[value="voucher"]').click()
    code = phone.locator(".code bdi").inner_text()
    if country == "IL":
        assert not any("/v1/remedies/" in text or CODE.search(text) for text in mails.texts())
    else:
        assert mails.having(CODE.pattern) == code
        opens(phone, client, mails.having(r"/v1/remedies/[\w.-]+"), locale)
        assert phone.locator(".code bdi").inner_text() == code

    redeemed = client.http.post(
        f"/v1/vouchers/{code}/redeem",
        json={"order_id": "NEXT", "order_total": {"amount": 3_000, **EUR}},
        headers={**client.key, "Idempotency-Key": code},
    )
    assert (redeemed.status_code, redeemed.json()["value"]) == (200, {"amount": 500, **EUR})
    presses(phone, "feedback")
    assert phone.locator('[role="status"]').count() == 1
    (rated,) = awaited(
        lambda: told(bus, "RemedyRated", order_id=order_id), what="what the customer said", seconds=SECONDS
    )
    assert (rated["right"], rated["kinds"]) == (True, ["voucher"])
    (chosen,) = told(bus, "RemedyChosen", order_id=order_id)
    assert (chosen["kind"], chosen["freed"]) == ("voucher", {"amount": 300, **EUR})
