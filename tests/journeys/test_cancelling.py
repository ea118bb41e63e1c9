"""From a pre-order to its cancellation with the code out of the mailbox, on the deployed stack."""

import re

import pytest

from infra.local.client import Client, awaited

pytestmark = [pytest.mark.local_aws, pytest.mark.promise("P1", "P11")]

SECONDS = 60


def test_a_customer_cancels_with_the_code_out_of_the_mailbox(client: Client, sku: str) -> None:
    began, email = client.sent(), f"cancels-{sku.lower()}@example.com"
    client.campaign(sku, capacity=2)
    made = client.reserve(f"cancels-{sku.lower()}", sku, 2).json()["id"]
    assert client.confirm(made)["status"] == "confirmed"

    def mailed(subject: str) -> str:
        mails = [mail for mail in client.mails(began, to=email) if mail.subject.startswith(subject)]
        return client.text(mails[-1]) if mails else ""

    text = awaited(lambda: mailed("Pre-ordered"), what="the mail that confirms it", seconds=SECONDS)
    (token,) = set(re.findall(r"/v1/preorders/([\w.-]+)", text))
    page = client.http.get(f"/v1/preorders/{token}", headers={"Accept": "text/html"})
    assert (page.status_code, "You have pre-ordered" in page.text) == (200, True)
    assert client.http.get(f"/v1/preorders/{token}").json()["lines"][0]["place"] == 1

    assert client.http.post(f"/v1/preorders/{token}/cancel").status_code == 202
    text = awaited(lambda: mailed("Your code"), what="the code", seconds=SECONDS)
    (code,) = re.findall(r"(?m)^\s*(\d{6})\s*$", text)
    assert client.reserve(f"early-{sku.lower()}", sku).status_code == 409, "nothing is free before the code"
    cancelled = client.http.post(f"/v1/preorders/{token}/cancel", json={"code": code})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")

    taken = client.reserve(f"next-{sku.lower()}", sku, 2)
    assert taken.status_code == 201, "the units are free at once"
    client.http.post(f"/v1/reservations/{taken.json()['id']}/cancel", headers=client.key)
    awaited(lambda: mailed("Cancelled"), what="the mail that says so", seconds=SECONDS)
