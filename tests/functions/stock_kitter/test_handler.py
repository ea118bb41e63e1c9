"""`stock_kitter` from its queue to the ledger, with AWS in memory."""

from typing import Any

import pytest
from standby.ledger.table import LedgerTable

from tests.standby.ledger.kits import level
from tests.standby.stock.place import Place


@pytest.fixture
def place(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(aws, monkeypatch)
    level(LedgerTable("Stock", aws), "TENT", 5)
    level(LedgerTable("Stock", aws), "POLE", 7)
    return place


def free(place: Place) -> int:
    stock = place.ledger.stock("CAMP-KIT")
    assert stock is not None
    return stock.free


def test_a_kit_is_counted_when_it_is_said_and_when_a_component_changed(place: Place) -> None:
    place.run("stock_kitter", "kit_defined")
    before = free(place)
    level(LedgerTable("Stock", place.aws), "POLE", 3, second=1)

    assert place.run("stock_kitter", "component_changed") == {"batchItemFailures": []}

    assert (before, free(place)) == (3, 1)
    assert place.messages("stock_kits") == []


def test_a_malformed_message_is_set_aside_alone_with_its_reason(place: Place) -> None:
    assert place.run("stock_kitter", "malformed_among_good") == {"batchItemFailures": []}

    letters = place.messages("stock_updates_dead_letter")
    assert sorted(letter["MessageAttributes"]["reason"]["StringValue"] for letter in letters) == [
        "SELF: a kit has at most 30 components, each at least once and none twice",
        "cursor: must have the texts pk, sk",
        "names neither a kit nor a component",
        "not JSON: Expecting value: line 1 column 1 (char 0)",
    ]
    assert free(place) == 3
