"""What is written is read again, a hundred at a time in one request."""

from dataclasses import replace
from typing import Any

import pytest
from standby.availability.projection import MOST_ARRIVALS
from standby.availability.repository import ShelfRepository
from standby.platform.table import Put, Table, Update
from standby.shelf import items
from standby.shelf.model import Head, Heard, Listed, Row, Supply, Variant
from standby.shelf.reader import MOST, ShelfReader

from tests.fakes import AT_ONCE, FakeClock
from tests.tables import create_table

FULL = Row(
    sku="MUG/RED #1",
    supply=Supply(
        revision=7, sellable=2, low_stock=3, incoming=4, arrivals=("2026-06-01",), as_of="2026-05-03T10:00:00.000Z"
    ),
    variant=Variant(
        edition=3,
        whole=False,
        product_id="mugs",
        position=1_999,
        options={"Colour": "Red", "צבע": "אדום"},
        price={"amount": 4_990, "currency": "ILS"},
        image="https://shop.example/i/mug.jpg",
        discontinued=True,
        as_of="2026-05-03T09:00:00.000Z",
    ),
    of_supply=Heard(event="a", at="2026-05-03T10:00:00.000Z"),
    of_variant=Heard(event="b", at="2026-05-03T09:00:00.000Z"),
    edition=5,
)
LATE = Supply(revision=1, incoming=4, arrivals=("2026-06-01", "2026-06-09"))
LONGEST_SORT_KEY = 1024
"""Bytes, of DynamoDB."""
HEAD = Head(
    edition=2,
    title={"en": "Mug", "he": "ספל"},
    url="https://shop.example/p/mugs",
    image="https://shop.example/i/mugs.jpg",
    category="kitchen",
    brand="Acme",
    tags=("new",),
    price={"amount": 4_990, "currency": "ILS"},
    rank=4,
    similar=("cups",),
    options=("Colour",),
    discontinued=True,
)


@pytest.fixture
def table(aws: Any) -> Table:
    create_table(aws, "Availability")
    return Table("Availability", aws, AT_ONCE)


@pytest.mark.parametrize("row", [FULL, Row(sku="MUG", edition=1)])
def test_a_row_is_read_as_it_was_written(table: Table, row: Row) -> None:
    table.write(Put(items.row_values(row)))
    written = replace(row, written_as=row.status, listed_as=row.listing, awaited_as=row.awaited)
    assert ShelfReader(table).rows([row.sku, "NOBODY'S"]) == {row.sku: written}


def test_a_head_is_read_as_it_was_written_and_an_older_one_changes_nothing(table: Table) -> None:
    shelf = ShelfRepository(table=table, clock=FakeClock())
    for head in (HEAD, Head(edition=1), Head(edition=2, title={"en": "Cup"})):
        shelf.describe("mugs", head)
    assert ShelfReader(table).heads(["mugs", "cups"]) == {"mugs": HEAD}
    assert ShelfReader(table).products(["mugs"]) == {}


def test_counts_move_with_their_rows_in_one_transaction(table: Table) -> None:
    shelf = ShelfRepository(table=table, clock=FakeClock())
    assert shelf.change({FULL.sku: lambda row: row.supplied(FULL.supply, HEARD).described(FULL.variant, HEARD)}) == {}
    assert ShelfReader(table).products(["mugs"])["mugs"].counts == {"LimitedAvailability": 1}
    assert shelf.change({FULL.sku: lambda row: row.supplied(Supply(revision=8), HEARD)}) == {}
    assert ShelfReader(table).products(["mugs"])["mugs"].counts == {"Discontinued": 1}
    assert shelf.change({FULL.sku: lambda row: row}) == {}
    assert ShelfReader(table).rows([FULL.sku])[FULL.sku].edition == 2


HEARD = Heard(event="e", at="2026-05-03T10:00:00.000Z")


def test_a_hundred_are_one_request_that_costs_half(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(table.dynamodb, "batch_get_item", lambda **request: asked.append(request) or {"Responses": {}})
    assert ShelfReader(table).rows(f"S-{number}" for number in range(MOST)) == {}
    ((request,),) = (each["RequestItems"].values() for each in asked)
    assert (len(request["Keys"]), request["ConsistentRead"]) == (MOST, False)


def test_a_row_that_cannot_be_read_costs_the_others_nothing(table: Table) -> None:
    for sku in ("MUG", "CUP"):
        table.write(Put(items.row_values(Row(sku=sku, edition=1))))
    table.write(Update(items.row_key("CUP"), assign={"sellable": {"many": True}}))
    assert set(ShelfReader(table).rows(["MUG", "CUP"])) == {"MUG"}


def test_feeds_find_each_row_that_somebody_named(table: Table) -> None:
    for row in (FULL, Row(sku="NOBODY", edition=1), Row(sku="Ä\N{HEBREW LETTER ALEF}", supply=LATE, edition=1)):
        table.write(Put(items.row_values(row)))
    found = {listed.sku: listed for shard in items.FEED_SHARDS for listed in ShelfReader(table).listed(shard, None)[0]}
    assert found == {
        FULL.sku: Listed(FULL.sku, "LimitedAvailability", ()),
        "Ä\N{HEBREW LETTER ALEF}": Listed("Ä\N{HEBREW LETTER ALEF}", "OutOfStock", LATE.arrivals),
    }


def test_a_row_is_no_longer_than_an_index_takes(table: Table) -> None:
    row = Row(sku="\N{GRINNING FACE}" * 100, supply=replace(LATE, arrivals=("2026-06-01",) * MOST_ARRIVALS), edition=1)
    assert len(row.listing.encode()) <= LONGEST_SORT_KEY
    table.write(Put(items.row_values(row)))


def test_a_row_from_before_the_feed_is_written_anew(table: Table) -> None:
    before = replace(FULL, variant=replace(FULL.variant, product_id=None))
    values = items.row_values(before)
    table.write(Put({name: value for name, value in values.items() if name not in ("feed_shard", "listing")}))
    shelf = ShelfRepository(table=table, clock=FakeClock())
    assert shelf.change({FULL.sku: lambda row: row}) == {}
    assert ShelfReader(table).rows([FULL.sku])[FULL.sku].listed_as == before.listing
