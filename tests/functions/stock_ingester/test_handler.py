"""`stock_ingester` from its event to the ledger, with AWS in memory."""

from typing import Any

import pytest

from tests.standby.stock.place import Place

DONE: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def place(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(aws, monkeypatch)


def free(place: Place, sku: str) -> int | None:
    stock = place.ledger.stock(sku)
    return stock.free if stock else None


def test_a_level_becomes_units(place: Place) -> None:
    assert place.run("stock_ingester", "level") == DONE
    assert free(place, "MUG-BLUE") == 10


def test_the_newest_word_wins_whatever_its_order(place: Place) -> None:
    assert place.run("stock_ingester", "level_out_of_order") == DONE
    assert free(place, "MUG-BLUE") == 5


def test_poison_is_set_aside_alone_with_its_reason(place: Place) -> None:
    assert place.run("stock_ingester", "batch_with_poison") == DONE

    (letter,) = place.messages("stock_updates_dead_letter")
    assert letter["Body"] == '{"type":"stock.level","sku":"MUG-RED","location_id":"warehouse-1"}'
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "on_hand or available: missing"
    assert letter["MessageAttributes"]["received_at"]["StringValue"] == "1777802400001"
    assert (free(place, "MUG-BLUE"), free(place, "JUG")) == (12, 3)


def test_a_body_that_is_no_json_is_set_aside_as_it_came(place: Place) -> None:
    assert place.run("stock_ingester", "malformed") == DONE
    assert [letter["Body"] for letter in place.messages("stock_updates_dead_letter")] == [
        '{"type": "stock.level", "sku": '
    ]


def test_a_large_batch_is_split(place: Place) -> None:
    assert place.run("stock_ingester", "large_batch") == DONE
    assert sorted(len(body["messages"]) for body in place.bodies("stock_updates")) == [10, 25, 25]


def test_what_is_on_its_way_is_incoming(place: Place) -> None:
    place.run("stock_ingester", "incoming_and_received")

    stock = place.ledger.stock("MUG-BLUE")
    assert stock is not None
    assert stock.incoming == 25


def test_a_store_over_the_counter_has_its_skus_counted_anew(place: Place) -> None:
    assert place.run("stock_ingester", "store_described") == DONE
    assert {"sweep": "location", "location_id": "store-haifa"} in place.bodies("stock_sweeps")
