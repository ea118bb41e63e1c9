"""`stock_detector` from stream records to the bus and the settle queue, with AWS in memory."""

from typing import Any

import pytest

from tests.standby.stock.place import Place


@pytest.fixture
def place(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(aws, monkeypatch)


def test_selling_out_is_published_and_told_to_the_settler(place: Place) -> None:
    place.run("stock_detector", "sold_out")

    assert place.events() == [("StockChanged", "MUG-BLUE@5:StockChanged"), ("SoldOut", "MUG-BLUE@5:SoldOut")]
    assert [body["free"] for body in place.bodies("stock_settle")] == [0]


def test_a_restock_is_left_to_the_settler(place: Place) -> None:
    place.run("stock_detector", "restocked")

    assert place.events() == [("StockChanged", "MUG-BLUE@6:StockChanged")]
    assert [body["revision"] for body in place.bodies("stock_settle")] == [6]


def test_other_items_are_passed_over(place: Place) -> None:
    place.run("stock_detector", "step_written")

    assert (place.events(), place.bodies("stock_settle")) == ([], [])
