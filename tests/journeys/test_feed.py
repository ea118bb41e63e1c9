"""From a word of the ERP to the feed that shopping platforms fetch, on the deployed stack."""

import json
from datetime import timedelta

import httpx
import pytest

from infra.local.client import Client, awaited

pytestmark = pytest.mark.local_aws

SECONDS = 20
"""Seconds are promised; a busy machine that runs a cold function may take many."""


def lines(client: Client, **headers: str) -> dict[str, tuple[str, str]]:
    """Return what the feed says of each SKU: availability and date."""
    answer = client.http.get("/v1/feeds/availability.tsv", headers=headers)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"].startswith("text/tab-separated-values")
    heading, *rest = answer.text.splitlines()
    assert heading == "id\tavailability\tavailability_date"
    return {sku: (availability, day) for sku, availability, day in (line.split("\t") for line in rest)}


def test_a_message_of_the_erp_changes_the_feed_within_seconds(client: Client, sku: str) -> None:
    client.level(sku, 12)
    awaited(lambda: lines(client).get(sku) == ("in_stock", ""), what=f"{sku} in the feed", seconds=SECONDS)
    client.level(sku, 0)
    awaited(lambda: lines(client)[sku] == ("out_of_stock", ""), what=f"{sku} sold out", seconds=SECONDS)

    day = (client.now() + timedelta(days=5)).date().isoformat()
    at = client.now().isoformat(timespec="milliseconds")
    ordered = {"type": "stock.incoming", "purchase_order_id": "P", "sku": sku, "quantity": 9, "eta": day, "as_of": at}
    client.send("StockUpdates", [ordered])
    awaited(lambda: client.badges(sku)[0]["back_on"] == day, what=f"{sku} expected", seconds=SECONDS)
    assert lines(client)[sku] == ("out_of_stock", ""), "a day stands beside what is sold ahead only"


def test_a_feed_is_divided_packed_and_kept_as_its_answer_says(client: Client, sku: str) -> None:
    client.level(sku, 12)
    awaited(lambda: sku in lines(client), what=f"{sku} in the feed", seconds=SECONDS)
    packed = client.http.get("/v1/feeds/availability.jsonl", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert {"id": sku, "availability": "in_stock"} in [json.loads(line) for line in packed.text.splitlines()]
    assert packed.headers["cache-control"] == "public, max-age=60"

    parts = [
        client.http.get("/v1/feeds/availability.jsonl", params={"part": str(part), "parts": "2"}).text
        for part in (1, 2)
    ]
    assert sum(part.count(f'"{sku}"') for part in parts) == 1
