"""`stock_recorder` from the catalogue's events to the ledger, with AWS in memory."""

from typing import Any

import pytest
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.stock.repository import SweepRepository

from tests.standby.stock.place import Place


@pytest.fixture
def place(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(aws, monkeypatch)


def members(place: Place, product_id: str) -> list[str]:
    return SweepRepository(LedgerTable("Stock", place.aws)).of_product(product_id, None)[0]


def test_a_products_variants_belong_to_it_but_for_those_that_are_gone(place: Place) -> None:
    assert place.run("stock_recorder", "product_changed") == {"batchItemFailures": []}

    assert members(place, "mugs") == ["MUG-BLUE", "MUG-RED"]
    assert place.messages("stock_sweeps") == [], "nothing was set for any product"


def test_a_sku_that_moves_is_counted_anew_where_the_products_settings_differ(place: Place) -> None:
    SettingsBook(LedgerTable("Stock", place.aws)).change(None, {"safety_stock": 2}, product_id="cups")

    place.run("stock_recorder", "sku_moved")

    assert (members(place, "mugs"), members(place, "cups")) == (["MUG-RED"], ["MUG-BLUE"])
    job = {"sweep": "settings", "settle": False, "sku": "MUG-BLUE", "cause": "product:cups"}
    assert place.bodies("stock_sweeps") == [job]
    assert place.ledger.settings("MUG-BLUE").safety_stock == 2


def test_a_malformed_message_is_set_aside_alone_with_its_reason(place: Place) -> None:
    assert place.run("stock_recorder", "malformed_among_good") == {"batchItemFailures": []}

    letters = place.messages("stock_updates_dead_letter")
    assert sorted(letter["MessageAttributes"]["reason"]["StringValue"] for letter in letters) == [
        "ProductChanged: product_id: of another type",
        "not an event of the catalogue that stock hears",
    ]
    assert members(place, "mugs") == ["MUG-BLUE", "MUG-RED"]
