"""From a word of the ERP or the catalogue to the badge that a storefront shows, on the deployed stack."""

from datetime import timedelta
from time import monotonic

import httpx
import pytest

from infra.local.client import Client, awaited
from tests.standby.availability.storefront import QUEUE
from tests.standby.catalog.words import upserted

pytestmark = pytest.mark.local_aws

SECONDS = 20
"""Seconds are promised; a busy machine that runs a cold function may take many."""


def test_a_message_of_the_erp_changes_the_badge_within_seconds(client: Client, sku: str) -> None:
    assert client.statuses(sku) == [None]
    took = []
    for units, status in ((12, "InStock"), (2, "LimitedAvailability"), (0, "SoldOut"), (1, "LimitedAvailability")):
        began = monotonic()
        client.level(sku, units)
        awaited(lambda wanted=status: client.statuses(sku) == [wanted], what=f"{sku} {status}", seconds=SECONDS)  # type: ignore[misc]
        took.append(monotonic() - began)
    (badge,) = client.badges(sku)
    assert (badge["units_left"], badge["actions"]) == (1, ["buy"])
    print("seconds from message to badge:", [round(each, 2) for each in took])  # noqa: T201 - the figure


def test_goods_on_their_way_say_when_it_is_back_and_a_cart_what_of_it_can_be_had(client: Client, sku: str) -> None:
    day = (client.now() + timedelta(days=5)).date().isoformat()
    at = client.now().isoformat(timespec="milliseconds")
    client.level(sku, 0)
    client.send(
        "StockUpdates",
        [{"type": "stock.incoming", "purchase_order_id": "P", "sku": sku, "quantity": 9, "eta": day, "as_of": at}],
    )
    awaited(lambda: client.badges(sku)[0]["back_on"] == day, what=f"{sku} expected", seconds=SECONDS)
    client.level(sku, 3)
    awaited(lambda: client.statuses(sku) == ["LimitedAvailability"], what=f"{sku} back", seconds=SECONDS)

    lines = [{"sku": sku, "quantity": 2}, {"sku": sku, "quantity": 2}]
    checked = client.http.post("/v1/availability/check", json={"lines": lines}).json()
    assert [(line["can_be_had"], line["units"], line["back_on"]) for line in checked["lines"]] == [
        (True, 2, None),
        (False, 1, day),
    ]
    assert checked["can_be_had"] is False


def test_a_product_shows_the_best_of_its_variants_and_a_listing_ends_with_what_is_sold_out(
    client: Client, sku: str
) -> None:
    red, blue, product, other = f"{sku}-RED", f"{sku}-BLUE", f"product-{sku}", f"other-{sku}"
    at = client.now().isoformat(timespec="milliseconds")
    said = [upserted(product, red, blue, as_of=at), upserted(other, as_of=at)]
    answer = client.http.post("/v1/messages/catalog", headers=client.key, json={"type": "batch", "messages": said})
    assert answer.json() == {"accepted": 2, "rejected": []}
    for name, units in ((red, 0), (blue, 8)):
        client.level(name, units)

    def shown() -> str | None:
        status: str | None = client.http.get("/v1/availability", params={"product_id": product}).json()["items"][0][
            "status"
        ]
        return status

    awaited(lambda: shown() == "InStock", what=f"{product} in stock", seconds=SECONDS)
    client.level(blue, 0)
    awaited(lambda: shown() == "SoldOut", what=f"{product} sold out", seconds=SECONDS)
    assert client.badges(red)[0]["product_id"] == product
    ranked = client.http.post("/v1/listings/rank", json={"product_ids": [product, other]}).json()
    assert ranked["items"] == [other, product]


def test_a_cdn_may_keep_a_badge_for_seconds_and_asks_with_its_etag(client: Client, sku: str) -> None:
    client.level(sku, 12)
    awaited(lambda: client.statuses(sku) == ["InStock"], what=f"{sku} in stock", seconds=SECONDS)
    address = f"/v1/availability?sku={sku}"

    answer = client.http.get(address, headers={"Accept-Language": "he"})
    etag = answer.headers["etag"]
    assert answer.headers["cache-control"] == "public, max-age=5"
    assert answer.json()["items"][0]["label"] == "במלאי"
    again = client.http.get(address, headers={"Accept-Language": "he", "If-None-Match": etag})
    assert (again.status_code, again.content) == (httpx.codes.NOT_MODIFIED, b"")
    looked = client.http.head(address, headers={"Accept-Language": "he"})
    assert (looked.status_code, looked.content, looked.headers["etag"]) == (httpx.codes.OK, b"", etag)


@pytest.mark.promise("P10", "P11")
def test_only_a_key_opens_the_explanation_of_a_badge(client: Client, sku: str) -> None:
    client.level(sku, 2)
    awaited(lambda: client.statuses(sku) == ["LimitedAvailability"], what=f"{sku} low", seconds=SECONDS)
    address = f"/v1/availability/{sku}/why"

    assert client.http.get(address).status_code == httpx.codes.UNAUTHORIZED
    *_, numbers, badge = client.http.get(address, headers=client.key).json()["steps"]
    assert numbers["event"] == f"{sku}@1:StockChanged"
    assert badge["numbers"]["status"] == "LimitedAvailability"


def test_a_shelf_that_is_lost_is_rebuilt_from_the_ledger(client: Client, sku: str) -> None:
    client.level(sku, 2)
    awaited(lambda: client.statuses(sku) == ["LimitedAvailability"], what=f"{sku} low", seconds=SECONDS)
    place = client.place
    dynamodb = place.session.client("dynamodb", endpoint_url=place.endpoint)
    key = {"pk": {"S": f"SKU#{sku}"}, "sk": {"S": "ROW"}}
    dynamodb.delete_item(TableName=client.outputs["AvailabilityTableName"], Key=key)
    assert client.statuses(sku) == [None]
    client.send(QUEUE, [{"rebuild": "skus"}])
    awaited(lambda: client.statuses(sku) == ["LimitedAvailability"], what=f"{sku} back on the shelf", seconds=SECONDS)
