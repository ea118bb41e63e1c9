"""Messages that come through SNS or EventBridge, at both doors of the ERP."""

from collections.abc import Callable
from typing import Any

import pytest
from standby.platform.clock import to_text
from standby.platform.envelope import MOST, unwrapped
from standby.platform.json_text import to_json

from tests.promises.shop import Shop
from tests.standby.catalog.words import upserted
from tests.standby.delivery.words import placed
from tests.world import World

SKU = "SHIRT-RED-M"


def by_sns(body: str) -> dict[str, Any]:
    """Return what SNS sends to a queue without raw message delivery."""
    return {
        "Type": "Notification",
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "TopicArn": "arn:aws:sns:eu-west-1:000000000000:stock",
        "Subject": "stock",
        "Message": body,
        "Timestamp": "2026-05-03T10:00:00.000Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/key.pem",
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
    }


def by_eventbridge(message: object) -> dict[str, Any]:
    """Return what a rule of EventBridge sends to a queue without an input path."""
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "StockLevel",
        "source": "erp",
        "account": "000000000000",
        "time": "2026-05-03T10:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": message,
    }


WAYS = {
    "sns": lambda message: by_sns(to_json(message)),
    "eventbridge": by_eventbridge,
    "eventbridge by sns": lambda message: by_sns(to_json(by_eventbridge(message))),
    "sns by eventbridge": lambda message: by_eventbridge(by_sns(to_json(message))),
}


MARK = "\ufeff"
DOORS = {
    "stock": ("StockUpdates", "StockDeadLetters", "stock_api"),
    "catalog": ("CatalogUpdates", "CatalogDeadLetters", "catalog_api"),
    "orders": ("OrderUpdates", "DeliveryDeadLetters", "delivery_api"),
}
MESSAGES: dict[str, Callable[[World], dict[str, Any]]] = {
    "stock": lambda world: Shop(world).level(SKU, 7),
    "catalog": lambda world: upserted("P-1", SKU),
    "orders": lambda world: placed("O-1", SKU),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_level_in_an_envelope_counts_on_the_queue_and_over_http(world: World, way: str) -> None:
    shop = Shop(world)
    world.send("StockUpdates", WAYS[way](shop.level(SKU, 7)))
    world.settle()
    assert stock(world)["on_hand"] == 7
    world.clock.advance(seconds=1)
    body = WAYS[way]({"type": "batch", "messages": [shop.level(SKU, 9)]})
    assert world.request("stock_api", "POST", "/v1/messages/stock", body=body, scopes="erp") == (
        202,
        {"accepted": 1, "rejected": []},
    )
    world.settle()
    assert stock(world)["on_hand"] == 9


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("route", DOORS)
def test_at_every_door_an_envelope_is_opened_and_a_mark_before_json_is_skipped(
    world: World, route: str, way: str
) -> None:
    """The mark before the envelope and before what SNS carries as text, one message and a batch."""
    queue, letters, function = DOORS[route]
    said = MESSAGES[route](world)
    text = MARK + to_json(WAYS[way](said)).replace('"Message":"', f'"Message":"{MARK}')
    batch = MARK + to_json(WAYS[way]({"type": "batch", "messages": [said, WAYS[way](said)]}))
    for body, number in ((text, 1), (batch, 2)):
        world.send(queue, body)
        world.settle()
        assert not world.queues[letters]
        assert world.request(function, "POST", f"/v1/messages/{route}", body=body, scopes="erp") == (
            202,
            {"accepted": number, "rejected": []},
        )


@pytest.mark.parametrize("way", WAYS)
def test_a_product_in_an_envelope_counts(world: World, way: str) -> None:
    as_of = world.clock.now().isoformat()
    word = {"type": "product.upserted", "product_id": "P-1", "title": {"en": "Shirt"}, "variants": [], "as_of": as_of}
    world.send("CatalogUpdates", WAYS[way](word))
    world.settle()
    status, product = world.request("catalog_api", "GET", "/v1/catalog/products/P-1", scopes="ops")
    assert (status, product["title"]) == (200, {"en": "Shirt"})


def test_of_a_batch_in_an_envelope_the_bad_one_is_set_aside_and_the_others_count(world: World) -> None:
    """Also the one that JSON knows and no store can keep."""
    level = Shop(world).level
    for wrong in ({"type": "stock.level"}, {"type": "stock.level", "on_hand": "@"}):
        text = to_json({"type": "batch", "messages": [level(SKU, 3), wrong]}).replace('"@"', "1e999")
        world.send("StockUpdates", by_sns(text))
        world.settle()
        assert stock(world)["on_hand"] == 3
        (letter,) = world.queues["StockDeadLetters"]
        assert "message 1" in letter.attributes["reason"] or letter.attributes["index"] == "1"
        world.queues["StockDeadLetters"].clear()


@pytest.mark.parametrize("way", WAYS)
def test_envelopes_inside_a_batch_are_opened_on_the_queue_and_over_http(world: World, way: str) -> None:
    """Of both queues: a pipe of EventBridge puts several events into one record."""
    shop = Shop(world)
    word = {"type": "product.upserted", "product_id": "P-1", "title": {"en": "Shirt"}, "variants": []}
    for number, (queue, route, said) in enumerate(
        [("StockUpdates", "stock", shop.level(SKU, 7)), ("CatalogUpdates", "catalog", word)]
    ):
        batch = {"type": "batch", "messages": [WAYS[way](said), said]}
        world.send(queue, batch)
        world.settle()
        assert not world.queues["StockDeadLetters"]
        assert not world.queues["CatalogDeadLetters"]
        answer = world.request(f"{route}_api", "POST", f"/v1/messages/{route}", body=batch, scopes="erp")
        assert answer == (202, {"accepted": 2, "rejected": []}), number
    assert stock(world)["on_hand"] == 7
    assert world.request("catalog_api", "GET", "/v1/catalog/products/P-1", scopes="ops")[0] == 200


def test_an_envelope_of_a_batch_that_cannot_be_opened_is_set_aside_alone_as_it_came(world: World) -> None:
    shop = Shop(world)
    batch = {"type": "batch", "messages": [by_sns("{"), by_eventbridge(shop.level(SKU, 4)), by_sns('{"type":1e999}')]}
    world.send("StockUpdates", batch)
    world.settle()
    assert stock(world)["on_hand"] == 4
    letters = sorted(world.queues["StockDeadLetters"], key=lambda letter: letter.attributes["index"])
    assert [letter.attributes["index"] for letter in letters] == ["0", "2"]
    assert letters[0].body == to_json(by_sns("{"))
    assert all(letter.attributes["reason"].startswith("not JSON: in SNS's Message: ") for letter in letters)
    status, answer = world.request("stock_api", "POST", "/v1/messages/stock", body=batch, scopes="erp")
    assert (status, answer["accepted"], [each["index"] for each in answer["rejected"]]) == (202, 1, [0, 2])


def test_a_full_counts_page_inside_an_envelope_of_a_batch_is_cut_and_counts(world: World) -> None:
    skus = [f"SHIRT-{number}" for number in range(60)]
    page = {
        "type": "stock.snapshot",
        "snapshot_id": "S-1",
        "location_id": "MAIN",
        "as_of": world.clock.now().isoformat(),
        "page": 1,
        "pages": 1,
        "levels": [{"sku": sku, "on_hand": 2} for sku in skus],
    }
    world.send("StockUpdates", {"type": "batch", "messages": [by_sns(to_json(page))]})
    world.settle()
    status, found = world.request("stock_api", "GET", f"/v1/stock/{skus[-1]}", scopes="ops")
    assert (status, found["on_hand"]) == (200, 2)


@pytest.mark.parametrize("text", ["{", ""])
def test_what_cannot_be_read_in_an_envelope_is_poison_as_it_came(world: World, text: str) -> None:
    world.send("StockUpdates", body := to_json(by_sns(text)))
    world.settle()
    (letter,) = world.queues["StockDeadLetters"]
    assert letter.body == body
    assert letter.attributes["reason"].startswith("not JSON: in SNS's Message: ")
    assert world.request("stock_api", "POST", "/v1/messages/stock", body=by_sns(text), scopes="erp")[0] == 400


def test_a_batch_in_an_envelope_loses_only_its_bad_message_over_http_too(world: World) -> None:
    level = {"type": "stock.level", "sku": "A", "location_id": "W", "on_hand": 5, "as_of": to_text(world.clock.now())}
    batch = to_json({"type": "batch", "messages": [level, {**level, "on_hand": 7}]}).replace(":7,", ":NaN,")
    plain, wrapped = (
        world.request("stock_api", "POST", "/v1/messages/stock", body=body, scopes="erp")
        for body in (batch, to_json(by_sns(batch)))
    )
    assert (plain[0], plain[1]["accepted"]) == (202, 1)
    assert wrapped == plain


def test_a_message_with_a_type_is_no_envelope_whatever_else_it_has() -> None:
    message = {"type": "stock.level", "detail-type": "x", "source": "erp", "detail": {}}
    assert unwrapped(message) is message


def test_envelopes_around_envelopes_come_to_an_end() -> None:
    content: Any = {"type": "stock.level"}
    for _ in range(MOST + 1):
        content = by_eventbridge(content)
    assert unwrapped(content) == by_eventbridge({"type": "stock.level"})


def stock(world: World) -> Any:
    return world.request("stock_api", "GET", f"/v1/stock/{SKU}", scopes="ops")[1]
