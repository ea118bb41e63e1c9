"""What the ERP says of orders on the deployed stack: over queue and HTTP, in envelopes, good ones beside poison."""

import json
import secrets
from datetime import timedelta
from typing import Any

import httpx
import pytest
from standby.platform.clock import to_text

from infra.local.client import Client, awaited
from tests.journeys.conftest import Listening

pytestmark = pytest.mark.local_aws

SECONDS = 60
TYPES = ("placed", "refunded", "eta", "tracked", "shipped", "delivered", "cancelled", "returned")
PERSON = {"id": "C-7", "name": "Noa Levi", "email": "noa.levi@example.com", "phone": "+972501234567", "locale": "he"}


@pytest.fixture(scope="module")
def listening(client: Client) -> Listening:
    return Listening.to(client, "OrderPlaced", "OrderShipped", "OrderCancelled")


@pytest.fixture
def order_id() -> str:
    """Return an order that no other test speaks of."""
    return f"order/{secrets.token_hex(4)}"


def as_of(client: Client, seconds: int) -> str:
    """Return an instant so many seconds before now."""
    return to_text(client.now() - timedelta(seconds=seconds))


def placed(client: Client, order_id: str) -> dict[str, Any]:
    return {
        "type": "order.placed",
        "order_id": order_id,
        "customer": PERSON,
        "ship_to": {"country": "IL", "postal_code": "3303142"},
        "lines": [{"line_id": 1, "sku": "SHIRT", "quantity": "2"}, {"line_id": 2, "sku": "CUP", "quantity": 1}],
        "shipments": [{"shipment_id": "A", "promised_until": "2026-12-31", "line_ids": [1]}],
        "reservation_ids": ["R-1"],
        "as_of": as_of(client, 60),
    }


def said(client: Client, kind: str, order_id: str, **more: Any) -> dict[str, Any]:
    return {"type": f"order.{kind}", "order_id": order_id, "as_of": as_of(client, 30), **more}


def told(listening: Listening, order_id: str) -> list[tuple[str, list[str]]]:
    """Return what was told of an order, in any order: event and lines."""
    heard = {
        envelope["detail"]["id"]: (envelope["detail-type"], [line["line_id"] for line in envelope["detail"]["lines"]])
        for envelope in listening.heard()
        if envelope["detail"]["order_id"] == order_id
    }
    return sorted(heard.values())


def will_be_told(listening: Listening, order_id: str, *wanted: tuple[str, list[str]]) -> None:
    awaited(lambda: told(listening, order_id) == sorted(wanted), what=f"{order_id}: {wanted}", seconds=SECONDS)


def posted(client: Client, body: Any) -> Any:
    answer = client.http.post("/v1/messages/orders", headers=client.key, json=body)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return answer.json()


@pytest.mark.promise("P4")
def test_an_order_goes_its_way_over_queue_and_http(client: Client, listening: Listening, order_id: str) -> None:
    client.send("OrderUpdates", [said(client, "shipped", order_id, shipment_id="A", occurred_at=as_of(client, 40))])
    assert posted(client, placed(client, order_id)) == {"accepted": 1, "rejected": []}
    parts = [("OrderPlaced", ["1", "2"]), ("OrderShipped", ["1"])]
    will_be_told(listening, order_id, *parts)

    posted(client, said(client, "cancelled", order_id, line_ids=[2]))
    will_be_told(listening, order_id, *parts, ("OrderCancelled", ["2"]))

    details = [each["detail"] for each in listening.heard() if each["detail"]["order_id"] == order_id]
    assert {detail["lines"][0]["line_id"]: detail.get("complete") for detail in details[-1:]} == {"2": True}
    assert all(detail["reservation_ids"] == ["R-1"] for detail in details)
    secret = ("Noa", "noa.levi", "972501234567", "3303142", "C-7")
    assert not [each for each in secret if each in json.dumps(listening.heard())]


@pytest.mark.promise("P9")
def test_envelopes_are_opened_and_poison_keeps_no_good_message(
    client: Client, listening: Listening, order_id: str
) -> None:
    other, third = f"{order_id}-b", f"{order_id}-c"
    topic = {
        "Type": "Notification",
        "TopicArn": "arn:aws:sns:us-east-1:000000000000:orders",
        "Message": json.dumps({"type": "batch", "messages": [placed(client, order_id), {"type": "order.placed"}]}),
    }
    event = {"detail-type": "order", "source": "erp", "detail": placed(client, other)}
    client.send("OrderUpdates", [topic, event, "no JSON"])
    assert posted(client, {"type": "batch", "messages": [placed(client, third), said(client, "lost", order_id)]}) == {
        "accepted": 1,
        "rejected": [
            {"index": 1, "reason": f"type: 'order.lost' is none of {', '.join(f'order.{each}' for each in TYPES)}"}
        ],
    }
    for each in (order_id, other, third):
        will_be_told(listening, each, ("OrderPlaced", ["1", "2"]))
    reasons: set[str] = set()
    awaited(lambda: poison(client, reasons), what="two dead letters", seconds=SECONDS)
    assert {reason.partition(":")[0] for reason in reasons} == {"order_id", "not JSON"}


def poison(client: Client, reasons: set[str]) -> bool:
    """Look what was set aside, and note the reasons; tell whether there are two."""
    asked = client.place.sqs.receive_message(
        QueueUrl=client.outputs["DeliveryDeadLettersUrl"],
        MaxNumberOfMessages=10,
        MessageAttributeNames=["reason"],
        VisibilityTimeout=1,
    )
    reasons |= {letter["MessageAttributes"]["reason"]["StringValue"] for letter in asked.get("Messages", [])}
    return len(reasons) == 2
