"""From an offer of the back office to a mail that names the nearest store, and out again, on the deployed stack."""

import secrets
from datetime import timedelta
from typing import Any

import httpx
import pytest

from infra.local.client import Client, awaited, awaited_calm

pytestmark = pytest.mark.local_aws

SECONDS = 60
CALM = timedelta(seconds=3)
TEL_AVIV = "32.0853,34.7818"
WORDS = {"en": "off your next purchase", "he": "הנחה בקנייה הבאה"}


def described(client: Client, mark: str) -> None:
    """Describe a product that is sold out online, and two stores that have it, one of them near."""
    sku, at = f"OFFERED-{mark}", client.now().isoformat(timespec="milliseconds")
    titles = {"en": f"Copper kettle {mark}", "he": f"קומקום נחושת {mark}"}
    product = {"type": "product.upserted", "product_id": sku.lower(), "variants": [{"sku": sku}], "title": titles}
    client.send("CatalogUpdates", [product | {"url": f"https://shop.example/p/{mark}", "as_of": at}])
    places = {"near": (32.0796, 34.7741), "far": (32.794, 34.9896)}
    for name, (latitude, longitude) in places.items():
        location = {"type": "location.upserted", "location_id": f"{name}-{mark}", "kind": "store", "as_of": at}
        about = {"name": f"Store {name}", "address": f"Herzl 1\n{name}", "sells_online": False}
        client.send("StockUpdates", [location | about | {"latitude": latitude, "longitude": longitude}])
    client.level(sku, 0)
    awaited(lambda: client.stock(sku) is not None, what="the SKU", seconds=SECONDS)
    for name in places:
        level = {"type": "stock.level", "sku": sku, "location_id": f"{name}-{mark}", "on_hand": 4, "as_of": at}
        client.send("StockUpdates", [level])
    awaited(lambda: client.statuses(sku) == ["InStoreOnly"], what="the stores' units", seconds=SECONDS)


def offer(client: Client, mark: str) -> dict[str, Any]:
    """Return what the back office says of an offer that counts now."""
    today = client.now().date()
    days = {"since": (today - timedelta(days=1)).isoformat(), "until": (today + timedelta(days=2)).isoformat()}
    about = {"kind": "next_purchase_percent", "percent": 15, "code": f"SHOP-{mark}", "hour": 0}
    return {**about, **days, "skus": [f"OFFERED-{mark}"], "most": 10, "texts": {}}


@pytest.mark.promise("P3", "P8")
def test_two_people_who_wait_are_invited_to_the_store_nearby_and_one_wants_no_more_of_it(client: Client) -> None:
    mark = secrets.token_hex(4)
    described(client, mark)
    people = {f"dana.{mark}@example.com": "en", f"noa.{mark}@example.com": "he"}
    began = client.sent()
    for email, locale in people.items():
        consent = {"wording": "2026-11", "marketing": True}
        client.join(email, f"OFFERED-{mark}", locale=locale, near=TEL_AVIV, consent=consent)
    client.join(f"plain.{mark}@example.com", f"OFFERED-{mark}", near=TEL_AVIV)
    for email in [*people, f"plain.{mark}@example.com"]:
        (mail,) = awaited(
            lambda to=email: client.mails(began, to=to), what=f"a confirmation to {email}", seconds=SECONDS
        )  # type: ignore[misc]
        client.press(client.link(mail, "confirm"))

    path, arrived = f"/v1/store-offers/autumn-{mark}", client.sent()
    made = client.http.put(path, headers=client.key, json=offer(client, mark))
    assert made.status_code == httpx.codes.CREATED, made.text
    for _ in range(2):
        client.send("WaitlistSweeps", [{"sweep": "store_offers"}])
    links = {}
    for email, locale in people.items():
        (mail,) = awaited(
            lambda to=email: client.mails(arrived, to=to), what=f"the invitation of {email}", seconds=SECONDS
        )  # type: ignore[misc]
        text = client.text(mail)
        for said in (WORDS[locale], "Store near", f"SHOP-{mark}"):
            assert said in text
        links[email] = client.link(mail, "store-offers/leave")
    awaited_calm(client.sent, calm=CALM, what="mails", seconds=SECONDS)
    assert len(client.mails(arrived)) == len(people), "one each, and nobody else"
    awaited(
        lambda: client.http.get(path, headers=client.key).json()["told"] == len(people),
        what="that both were told",
        seconds=SECONDS,
    )

    dana = next(iter(people))
    shown = client.http.get(links[dana], headers={"Accept": "text/html"})
    assert "Stop the invitations to our stores?" in shown.text
    client.press(links[dana])
    assert client.waiting(f"OFFERED-{mark}")["waiting"] == len(people) + 1
    assert client.http.delete(path, headers=client.key).status_code == httpx.codes.NO_CONTENT
    assert client.http.get(path, headers=client.key).json()["ended_at"] is not None
