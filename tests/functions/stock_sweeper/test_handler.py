"""`stock_sweeper` over a ledger with something to find, with AWS in memory."""

from typing import Any

import pytest

from tests.standby.stock.place import Place

DONE: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def place(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(aws, monkeypatch)
    made.run("stock_ingester", "level")
    return made


@pytest.mark.parametrize("case", ["stream_failed", "sku"])
def test_what_was_never_announced_is_announced(place: Place, case: str) -> None:
    assert place.run("stock_sweeper", case) == DONE
    assert place.events() == [("StockChanged", "MUG-BLUE@1:StockChanged")]
    assert [body["revision"] for body in place.bodies("stock_settle")] == [1]


@pytest.mark.parametrize("case", ["claims", "due", "unannounced", "location"])
def test_where_nothing_is_to_be_done_nothing_is_done(place: Place, case: str) -> None:
    assert place.run("stock_sweeper", case) == DONE
    assert (place.events(), place.bodies("stock_settle"), place.bodies("stock_sweeps")) == ([], [], [])
