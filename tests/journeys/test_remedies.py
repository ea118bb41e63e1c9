"""A late order on the local AWS: its customer is mailed a voucher, and the next order takes it, once."""

import re
import secrets
from datetime import timedelta
from typing import Any

import pytest

from infra.local.client import Client, awaited

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
    path, body = f"/v1/vouchers/{code}/redeem", {"order_id": "NEXT", "order_total": {"amount": 3_000, **EUR}}
    answers = [asks("POST", path, json=body, headers={**client.key, "Idempotency-Key": key}) for key in "aab"]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[0].json()["value"] == {"amount": 700, **EUR}
    assert answers[2].json()["type"] == "/problems/voucher-redeemed"
