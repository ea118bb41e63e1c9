"""Mail programs show a late parcel by the mail's own markup: with the day of the tracking page, and nothing untrue."""

import json
import re
from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.track import Customer
from tests.world import World

MARKUP = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
URL = "https://post.example/t?n=1&p=2"


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def marked(ana: Customer) -> list[dict[str, Any]]:
    """Return what the markup of the newest mail says."""
    html = ana.shop.world.mails[-1].html
    found = MARKUP.findall(html)
    assert html.count("<script") == len(found)
    return [parcel for text in found for parcel in json.loads(text)]


def test_a_late_parcel_is_marked_with_the_day_of_its_page(ana: Customer) -> None:
    ana.places(until=2)
    ana.tells("shipped", occurred_at=ana.now(), carrier="Post", tracking_url=URL)
    ana.tells("eta", eta=ana.day(5))

    (parcel,) = marked(ana)
    shown = ana.sees()["shipments"][0]
    assert (parcel["@type"], parcel["expectedArrivalUntil"]) == ("ParcelDelivery", shown["expected"])
    assert (parcel["provider"]["name"], parcel["trackingUrl"]) == (shown["carrier"], shown["tracking_url"])
    assert (parcel["partOfOrder"]["orderNumber"], parcel["itemShipped"][0]["name"]) == ("10234", "LAMP")


def test_what_has_not_left_is_no_parcel(ana: Customer) -> None:
    ana.places(until=2)
    ana.tells("eta", eta=ana.day(5))
    assert marked(ana) == []


def test_of_two_parts_only_the_one_on_its_way_is_marked(ana: Customer) -> None:
    ana.places(until=2, skus=("LAMP", "CHAIR"))
    ana.tells("shipped", shipment_id="B", occurred_at=ana.now(), carrier="Post")
    ana.tells("eta", eta=ana.day(5))
    assert [[item["name"] for item in parcel["itemShipped"]] for parcel in marked(ana)] == [["CHAIR"]]


@pytest.mark.parametrize("url", ["https://post.example/<t>", "https://post.example/{{code}}", "ftp://post.example"])
def test_nothing_that_somebody_says_ends_the_markup_or_becomes_a_slot(ana: Customer, url: str) -> None:
    odd = "</script><script>alert(1)</script>{{page}}"
    ana.places(until=2, order_number=odd)
    ana.tells("shipped", occurred_at=ana.now(), carrier=odd, tracking_url=url)
    ana.tells("eta", eta=ana.day(5))

    (parcel,) = marked(ana)
    assert parcel["provider"]["name"].replace("\u2060", "") == odd
    assert "{{page}}" not in parcel["provider"]["name"]
    assert "trackingUrl" not in parcel
