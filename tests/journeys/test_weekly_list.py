"""From a tick in the sign-up to the weekly list of what is back, and out of it again, on the deployed stack."""

import json
import secrets
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from infra.local.client import Client, awaited, awaited_calm

pytestmark = pytest.mark.local_aws

SECONDS = 60
CALM = timedelta(seconds=3)
ATOM = "{http://www.w3.org/2005/Atom}"
WORDS = {"en": ("Back in stock this week", "4.6 of 5 stars"), "he": ("חזר למלאי השבוע", "4.6 מתוך 5 כוכבים")}


def described(client: Client, product_id: str, category: str, titles: dict[str, str]) -> dict[str, Any]:
    """Return the catalogue's word about a product with one SKU."""
    at = client.now().isoformat(timespec="milliseconds")
    about = {"title": titles, "category": category, "url": f"https://shop.example/p/{product_id}", "as_of": at}
    rating = {"value": 4.6, "count": 128}
    return {
        "type": "product.upserted",
        "product_id": product_id,
        "variants": [{"sku": product_id.upper()}],
        "rating": rating,
        **about,
    }


def returned(client: Client, category: str) -> list[str]:
    """Return the products of a category that are back in stock."""
    answer = client.http.get("/v1/back-in-stock", params={"category": category})
    assert answer.status_code == httpx.codes.OK, answer.text
    return [item["product_id"] for item in answer.json()["items"]]


def comes_back(client: Client, sku: str) -> None:
    """Let a SKU be there, be sold out and be there again."""
    for units in (3, 0, 3):
        client.level(sku, units)
        awaited(lambda to=units: client.sellable(sku) == to, what=f"{units} of {sku}", seconds=SECONDS)  # type: ignore[misc]
        status = "LimitedAvailability" if units else "SoldOut"
        awaited(lambda to=status: client.badges(sku)[0]["status"] == to, what=f"{sku} is {status}", seconds=SECONDS)  # type: ignore[misc]


def sends_the_list(client: Client, issue: str) -> None:
    client.send("WaitlistSweeps", [{"sweep": "digest", "issue": issue}])


@pytest.mark.promise("P3", "P8")
def test_two_people_tick_the_list_read_what_is_back_and_one_ends_it(client: Client) -> None:
    mark = secrets.token_hex(4)
    category, wanted, back = f"Kettles {mark}", f"wanted-{mark}", f"back-{mark}"
    titles = {"en": f"Copper kettle {mark}", "he": f"קומקום נחושת {mark}"}
    client.send("CatalogUpdates", [described(client, each, category, titles) for each in (wanted, back)])
    client.level(wanted.upper(), 0)
    awaited(lambda: client.badges(wanted.upper())[0]["status"] == "SoldOut", what="the wanted one", seconds=SECONDS)
    people = {f"dana.{mark}@example.com": "en", f"noa.{mark}@example.com": "he"}
    began = client.sent()
    for email, locale in people.items():
        consent = {"wording": "2026-11", "marketing": True}
        body = {"email": email, "skus": [wanted.upper()], "locale": locale, "digest": True, "consent": consent}
        assert client.http.post("/v1/waitlist", json=body).status_code == httpx.codes.ACCEPTED
    for email in people:
        (mail,) = awaited(
            lambda to=email: client.mails(began, to=to), what=f"a confirmation to {email}", seconds=SECONDS
        )  # type: ignore[misc]
        client.press(client.link(mail, "confirm"))

    comes_back(client, back.upper())
    awaited(lambda: returned(client, category) == [back], what="what is back, listed", seconds=SECONDS)
    feed = client.http.get("/v1/back-in-stock", params={"category": category, "format": "atom"})
    entries = ET.fromstring(feed.text).findall(f"{ATOM}entry")  # noqa: S314 - our own
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [titles["en"]]
    page = client.http.get("/v1/back-in-stock", params={"category": category}, headers={"Accept": "text/html"})
    assert titles["en"] in page.text

    arrived = client.sent()
    for _ in range(2):
        sends_the_list(client, "2026-11-26")
    links = {}
    for email, locale in people.items():
        (mail,) = awaited(lambda to=email: client.mails(arrived, to=to), what=f"the list to {email}", seconds=SECONDS)  # type: ignore[misc]
        subject, rating = WORDS[locale]
        assert subject in mail.subject
        assert titles[locale] in client.text(mail)
        assert rating in client.text(mail)
        links[email] = client.link(mail, "digest/leave")
    awaited_calm(client.sent, calm=CALM, what="mails", seconds=SECONDS)
    assert len(client.mails(arrived)) == len(people), "one list each"

    dana = next(iter(people))
    shown = client.http.get(links[dana], headers={"Accept": "text/html"})
    assert "Stop the weekly list?" in shown.text
    client.press(links[dana])
    client.level(back.upper(), 0)
    awaited(lambda: returned(client, category) == [], what="what is sold out again", seconds=SECONDS)
    assert json.loads(client.http.get(links[dana]).text) == {"status": "subscribed"}
