"""A table read from end to end, against DynamoDB in memory."""

from typing import Any

import pytest
from standby.platform.table import CursorError, Put, Table
from standby.platform.whole_table import page_of_all

from tests.tables import create_table


@pytest.fixture
def table(aws: Any) -> Table:
    create_table(aws, "Stock")
    made = Table("Stock", aws)
    for number in range(7):
        for sort in ("SKU", "LEVEL"):
            made.write(Put({"pk": f"SKU#{number}", "sk": sort, "units": number, "other": "much"}))
    return made


def test_all_items_of_one_sort_key_are_found_page_by_page(table: Table) -> None:
    found, looks, cursor = [], 0, None
    while looks == 0 or cursor is not None:
        page = page_of_all(table, "SKU", ("pk", "units"), limit=3, cursor=cursor)
        found += page.items
        looks, cursor = looks + 1, page.cursor
        assert len(page.items) <= 3

    assert sorted(found, key=lambda item: item["units"]) == [{"pk": f"SKU#{n}", "units": n} for n in range(7)]
    assert looks == 5


def test_a_cursor_that_is_none_is_named(table: Table) -> None:
    with pytest.raises(CursorError, match="must have the texts pk, sk"):
        page_of_all(table, "SKU", ("pk",), limit=3, cursor={"pk": "SKU#1"})
