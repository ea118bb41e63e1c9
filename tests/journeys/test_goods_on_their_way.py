"""Goods that come later, are counted by an ERP that nets its orders, fall short, and leave, on the deployed stack."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from standby.platform.clock import to_text

from infra.local.client import Client, Mail, awaited, stock_level

pytestmark = [pytest.mark.local_aws, pytest.mark.promise("P1", "P3", "P5")]

SECONDS = 60


def day(client: Client, days: int) -> str:
    return (client.now() + timedelta(days=days)).date().isoformat()


def comes(client: Client, sku: str, units: int, eta: str) -> None:
    """Let the ERP say when goods come."""
    ordered = {"type": "stock.incoming", "purchase_order_id": f"po-{sku}", "sku": sku, "quantity": units, "eta": eta}
    client.send("StockUpdates", [{**ordered, "as_of": to_text(client.now())}])


def counts(client: Client, sku: str, on_hand: int, committed: int) -> None:
    """Let the ERP say a level that contains all orders up to now, and wait until it counts."""
    level = {**stock_level(sku, on_hand, client.now()), "committed": committed}
    client.send("StockUpdates", [{**level, "netted_until": level["as_of"]}])
    wanted = (on_hand, committed)
    awaited(lambda: numbers(client, sku, "on_hand", "committed") == wanted, what=f"{wanted}", seconds=SECONDS)


def numbers(client: Client, sku: str, *names: str) -> tuple[int, ...]:
    stock: dict[str, Any] = client.stock(sku) or {}
    return tuple(stock.get(name, 0) for name in names)


def orders(client: Client, kind: str, reservation_id: str, sku: str) -> None:
    """Let the ERP say something of the order that a reservation became."""
    at = to_text(client.now())
    said = {"type": f"order.{kind}", "order_id": f"O-{reservation_id[:12]}", "as_of": at}
    lines = [{"line_id": "1", "sku": sku, "quantity": 1}]
    placed = {"reservation_ids": [reservation_id], "lines": lines}
    client.send("OrderUpdates", [said | (placed if kind == "placed" else {"occurred_at": at})])


def look_again(client: Client, sku: str) -> None:
    """Let the ten minutes be over after which units that are missing are taken back; they are real ones here."""
    urls = client.place.sqs.list_queues()["QueueUrls"]
    (url,) = [url for url in urls if "Allocations" in url and "Dead" not in url]
    client.place.sqs.send_message(QueueUrl=url, MessageBody=f'{{"recount": "{sku}"}}')


def statuses(client: Client, made: list[str]) -> list[str]:
    return [client.reservation(each)["status"] for each in made]


def test_goods_come_later_are_netted_fall_short_and_leave(client: Client, sku: str) -> None:
    first, later = day(client, 60), day(client, 90)
    client.level(sku, 0)
    comes(client, sku, 2, first)
    awaited(lambda: numbers(client, sku, "incoming") == (2,), what="two on their way", seconds=SECONDS)
    client.campaign(sku, capacity="incoming", release_on=first)
    keys = [f"goods-{number}-{sku.lower()}" for number in range(2)]
    made = [client.reserve(key, sku).json()["id"] for key in keys]
    for each in made:
        client.confirm(each)
    began = client.sent()

    comes(client, sku, 2, later)

    def told() -> list[Mail]:
        mails = [mail for key in keys for mail in client.mails(began, to=f"{key}@example.com")]
        return [mail for mail in mails if mail.subject.startswith("Later than we told you")]

    awaited(lambda: len(told()) == len(keys), what="both are told", seconds=SECONDS)
    assert [client.reservation(each)["promised_until"] for each in made] == [later, later]
    text = client.text(told()[0])
    page = next(word for word in text.split() if "/v1/preorders/" in word)
    shown = client.http.get(page, headers={"accept": "application/json"}).raise_for_status().json()
    assert shown["promised_until"] == later

    for each in made:
        orders(client, "placed", each, sku)
    counts(client, sku, 0, 2)
    awaited(lambda: numbers(client, sku, "owed", "awaited") == (0, 2), what="both netted", seconds=SECONDS)
    counts(client, sku, 2, 2)
    awaited(lambda: statuses(client, made) == ["allocated"] * 2, what="both have theirs", seconds=SECONDS)
    assert numbers(client, sku, "allotted", "free") == (2, 0)

    counts(client, sku, 1, 2)
    look_again(client, sku)
    awaited(lambda: statuses(client, made) == ["allocated", "confirmed"], what="the last has none", seconds=SECONDS)
    counts(client, sku, 2, 2)
    awaited(lambda: statuses(client, made) == ["allocated"] * 2, what="both have theirs again", seconds=SECONDS)

    for each in made:
        orders(client, "shipped", each, sku)
    awaited(lambda: statuses(client, made) == ["fulfilled"] * 2, what="both left", seconds=SECONDS)
    assert numbers(client, sku, "shipped", "free") == (2, 0)
    assert client.reserve(f"late-{sku.lower()}", sku, kind="checkout").status_code == httpx.codes.CONFLICT
    counts(client, sku, 0, 0)
    assert numbers(client, sku, "shipped", "allotted", "held", "free") == (0, 0, 0, 0)
    assert len(told()) == len(keys), "once"
