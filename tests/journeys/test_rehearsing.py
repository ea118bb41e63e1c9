"""A policy is rehearsed on the local AWS over late orders that are there, looked at in a browser, and then set."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from infra.local.client import Client, awaited
from tests.browsing import DESK, PHONE, chromium

pytestmark = [pytest.mark.local_aws, pytest.mark.promise("P6", "P10")]

SECONDS = 90
EUR = {"currency": "EUR"}


def test_an_operator_rehearses_a_policy_looks_at_its_page_and_sets_it(client: Client, sku: str) -> None:
    channel, order_id = f"app-{secrets.token_hex(4)}", f"R-{secrets.token_hex(4)}"
    line = {"line_id": "1", "sku": sku, "quantity": 1, "unit_price": {"amount": 4_900, **EUR}}
    about = {"lines": [line], "ship_to": {"country": "DE"}, "channel": channel}
    promised = client.order(order_id, f"{channel}@example.com", sku, days=1, locale="en", **about)
    client.says("order.eta", order_id, eta=(promised + timedelta(days=3)).isoformat(), cause="carrier")

    def asks(method: str, path: str, **more: Any) -> Any:
        return client.http.request(method, path, headers={**client.key, **more.pop("headers", {})}, **more)

    delivery = f"/v1/deliveries/{order_id}"

    def late() -> bool:
        return any(each["days_late"] for each in asks("GET", delivery).json().get("shipments", ()))

    awaited(late, what="an order that is late", seconds=SECONDS)
    level = {"days_late": 2, "remedy": {"kind": "voucher", "amount": {"amount": 700, **EUR}}}
    rule = {"name": channel, "when": {"channels": [channel]}, "levels": [level]}
    policy = {"rules": [rule], "monthly_budget": [{"amount": 1_000_000, **EUR}]}

    def finished() -> Any:
        begun = asks("POST", "/v1/policy/rehearse", json={"policy": policy})
        if begun.status_code != 202:
            return None
        path = f"/v1/policy/rehearsals/{begun.json()['id']}"
        found = awaited(
            lambda: (shown := asks("GET", path).json())["status"] == "finished" and shown,
            what="a rehearsal that is finished",
            seconds=SECONDS,
        )
        return found if found["policy"]["orders"] else None

    shown = awaited(finished, what="a rehearsal that finds the late order", seconds=SECONDS)
    (cost,) = shown["policy"]["cost"]
    assert (cost["amount"], [each["name"] for each in cost["by_rule"]]) == (700, [channel])

    page = asks("GET", f"/v1/policy/rehearsals/{shown['id']}", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "script" not in page.text
    with chromium() as browser:
        for viewport in (DESK, PHONE):
            with browser.new_context(viewport=viewport, java_script_enabled=False) as context:
                opened = context.new_page()
                opened.set_content(page.text)
                assert opened.locator("svg rect").count() == 1
                assert "7.00 EUR" in opened.locator(".sum").inner_text()

    told = asks("PUT", "/v1/policy", json=policy).json()
    assert (told["rehearsal"]["id"], told["rehearsal"]["cost"]) == (shown["id"], [{"amount": 700, **EUR}])
    assert told["versions"][0]["rehearsal"] == told["rehearsal"]
