"""`stock_settler` from a settle message to a restock, with AWS in memory."""

from typing import Any

import pytest

from tests.standby.stock.place import Place


@pytest.fixture
def place(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(aws, monkeypatch)
    made.run("stock_ingester", "level")
    return made


def test_a_crossing_becomes_a_restock(place: Place) -> None:
    assert place.run("stock_settler", "crossing") == {"batchItemFailures": []}
    assert place.events() == [("Restocked", "MUG-BLUE@6:Restocked")]
    assert place.ledger.state("MUG-BLUE").state == "in"


def test_nothing_free_is_out(place: Place) -> None:
    place.run("stock_settler", "nothing_free")

    assert (place.events(), place.ledger.state("MUG-BLUE").state) == ([], "out")


def test_a_malformed_message_is_set_aside_alone_with_its_reason(place: Place) -> None:
    assert place.run("stock_settler", "malformed_among_good") == {"batchItemFailures": []}

    (letter,) = place.messages("stock_updates_dead_letter")
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "sku: missing"
    assert place.events() == [("Restocked", "MUG-BLUE@6:Restocked")]
