"""From the mail about a late order to its page: its customer waits, cancels by the mailed code, and withdraws."""

import re
import secrets
from datetime import timedelta

import pytest

from infra.local.client import Client, awaited

pytestmark = [pytest.mark.local_aws, pytest.mark.promise("P11")]

SECONDS = 60


@pytest.mark.parametrize(("locale", "says"), [("en", "Your order is late"), ("he", "ההזמנה שלכם מאחרת")])
def test_a_customer_waits_cancels_and_withdraws_behind_the_link_in_the_mail(
    client: Client, sku: str, locale: str, says: str
) -> None:
    name = secrets.token_hex(4)
    order_id, email = f"T-{name}", f"track.{name}@example.com"
    began = client.sent()
    until = client.order(order_id, email, sku, days=2, locale=locale, ship_to={"country": "FR"})
    new = (until + timedelta(days=3)).isoformat()
    client.says("order.eta", order_id, eta=new, cause="carrier")

    def mailed(number: int) -> str:
        mails = client.mails(began, to=email)
        return client.text(mails[number]) if len(mails) > number else ""

    text = awaited(lambda: mailed(0), what="the mail about the delay", seconds=SECONDS)
    (token,) = set(re.findall(r"/v1/track/([\w.-]+)", text))
    page = client.http.get(f"/v1/track/{token}", headers={"Accept": "text/html"})
    assert (page.status_code, says in page.text) == (200, True)

    waits = client.http.post(f"/v1/track/{token}/wait", json={"wording": "w", "until": new})
    assert (waits.status_code, waits.json()["shipments"][0]["agreed"]["until"]) == (200, new)
    assert client.http.post(f"/v1/track/{token}/cancel").status_code == 202
    text = awaited(lambda: mailed(1), what="the code", seconds=SECONDS)
    (code,) = re.findall(r"(?m)^\s*(\d{6})\s*$", text)
    cancelled = client.http.post(f"/v1/track/{token}/cancel", json={"code": code})
    assert (cancelled.status_code, cancelled.json()["cancel"]["open"]) == (200, False)

    assert client.http.post(f"/v1/track/{token}/withdraw").status_code == 202
    withdrawn = client.http.post(f"/v1/track/{token}/withdraw", json={"confirm": True})
    assert (withdrawn.status_code, withdrawn.json()["withdraw"]["open"]) == (200, False)
    assert order_id in awaited(lambda: mailed(2), what="the acknowledgement", seconds=SECONDS)
    client.says("order.cancelled", order_id)
    awaited(
        lambda: client.http.get(f"/v1/track/{token}").json()["shipments"][0]["state"] == "cancelled",
        what="the ERP's word",
        seconds=SECONDS,
    )
