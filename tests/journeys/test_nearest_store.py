"""Who signs up with a place is told the nearest store that has what came back, on the deployed stack."""

from typing import Any

import pytest

from infra.local.client import Client, awaited, stock_level
from tests.standby.catalog.words import upserted

pytestmark = pytest.mark.local_aws

SECONDS = 60
WORDS = {"en": "about \u20682\u2069 km", "he": "כ־\u20682\u2069 ק״מ"}


def tell(client: Client, *bodies: dict[str, Any]) -> None:
    said = {"type": "batch", "messages": list(bodies)}
    answer = client.http.post("/v1/messages/stock", headers=client.key, json=said)
    assert answer.json() == {"accepted": len(bodies), "rejected": []}


@pytest.mark.parametrize("locale", ["en", "he"])
def test_a_guest_who_gave_a_place_reads_which_store_has_it(client: Client, sku: str, locale: str) -> None:
    # In the middle of the sea, where no other journey has a store.
    store, far = f"near-{sku}", f"far-{sku}"
    said = {"type": "location.upserted", "kind": "store", "as_of": client.now().isoformat(timespec="milliseconds")}
    about = {"address": "Pier 1", "phone": "03-555-0101", "hours": {"sun": ["09:30", "20:00"]}}
    tell(
        client,
        said | about | {"location_id": store, "name": f"Olive {store}", "latitude": -40.02, "longitude": -120.0},
        said | {"location_id": far, "name": f"Olive {far}", "latitude": -40.2, "longitude": -120.0},
    )
    named = upserted(f"product-{sku}", sku, as_of=said["as_of"])
    client.http.post("/v1/messages/catalog", headers=client.key, json=named).raise_for_status()
    client.level(sku, 0)
    awaited(lambda: client.sellable(sku) == 0, what=f"{sku} sold out", seconds=SECONDS)
    email, nowhere = f"ana.{sku}@example.com".lower(), f"ben.{sku}@example.com".lower()
    began = client.sent()
    client.join(email, sku, locale=locale, near="-40.0012,-120.0034")
    client.join(nowhere, sku, locale=locale)
    for each in (email, nowhere):
        (mail,) = awaited(lambda to=each: client.mails(began, to=to), what=f"a confirmation to {each}", seconds=SECONDS)  # type: ignore[misc]
        client.press(client.link(mail, "confirm"))
    awaited(lambda: client.waiting(sku)["waiting"] == 2, what="both waiting", seconds=SECONDS)

    tell(client, *(stock_level(sku, 3, client.now(), location_id) for location_id in (far, store)))
    stores = f"/v1/products/product-{sku}/stores?near=-40,-120"
    awaited(lambda: len(client.http.get(stores).json()["items"]) == 2, what="both stores", seconds=SECONDS)
    arrived = client.sent()
    client.level(sku, 12)
    mails = {}
    for each in (email, nowhere):
        (mail,) = awaited(lambda to=each: client.mails(arrived, to=to), what=f"the mail to {each}", seconds=120)  # type: ignore[misc]
        mails[each] = client.text(mail)
    assert [f"Olive {store}" in mails[email], "Pier 1" in mails[email], WORDS[locale] in mails[email]] == [True] * 3
    assert "far-" not in mails[email]
    assert "Olive" not in mails[nowhere]
