"""`stock_api` from an HTTP event to the answer, with AWS in memory."""

import json
from typing import Any

import pytest

from tests.standby.stock.place import Place


@pytest.fixture
def place(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(aws, monkeypatch)


def test_messages_are_queued_and_poison_is_named(place: Place) -> None:
    answer = place.run("stock_api", "messages")

    assert answer["statusCode"] == 202
    assert json.loads(answer["body"]) == {
        "accepted": 1,
        "rejected": [{"index": 1, "reason": "on_hand or available: missing"}],
    }
    assert [body["type"] for body in place.bodies("stock_updates")] == ["batch"]


def test_a_skus_numbers_are_shown(place: Place) -> None:
    unknown = place.run("stock_api", "stock_shown")
    place.run("stock_ingester", "level")
    known = place.run("stock_api", "stock_shown")

    assert (unknown["statusCode"], known["statusCode"]) == (404, 200)
    assert json.loads(known["body"])["free"] == 10


def test_a_changed_safety_stock_has_the_shop_counted_anew(place: Place) -> None:
    answer = place.run("stock_api", "settings_changed")

    assert json.loads(answer["body"])["safety_stock"] == 2
    assert {"sweep": "settings", "settle": False} in place.bodies("stock_sweeps")


def test_a_key_without_the_scope_is_refused(place: Place) -> None:
    answer = place.run("stock_api", "scope_missing")

    assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (403, "/problems/scope-missing")
