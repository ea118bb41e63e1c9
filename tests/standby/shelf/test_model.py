"""The rule by which something is in stock, low, sold out or gone, and what rows count for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.shelf.model import RULES, STATUSES, Heard, Product, Row, Supply, Variant, moves

HEARD = Heard(event="e", at="2026-05-03T10:00:00.000Z")


def row(*, product_id: str | None = None, ends: bool = False, **supply: Any) -> Row:
    """Return a row of a SKU that the ERP named."""
    return Row(
        sku="MUG",
        supply=Supply(**{"revision": 1, **supply}),
        variant=Variant(edition=int(product_id is not None or ends), product_id=product_id, discontinued=ends),
    )


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        (row(sellable=4, low_stock=3), "InStock"),
        (row(sellable=3, low_stock=3), "LimitedAvailability"),
        (row(sellable=1, low_stock=0), "InStock"),
        (row(sellable=0, low_stock=3), "SoldOut"),
        (row(sellable=0, incoming=1), "OutOfStock"),
        (row(sellable=0, incoming=1, ends=True), "Discontinued"),
        (row(sellable=0, in_store=1), "InStoreOnly"),
        (row(sellable=0, in_store=1, incoming=1), "InStoreOnly"),
        (row(sellable=0, in_store=1, ends=True), "InStoreOnly"),
        (row(sellable=1, in_store=9), "InStock"),
        (row(sellable=0, stores={"haifa": 1}), "SoldOut"),
        (row(sellable=1, low_stock=3, ends=True), "LimitedAvailability"),
        (row(revision=0, product_id="mugs"), "SoldOut"),
        (row(revision=0, ends=True), "Discontinued"),
        (row(revision=0), None),
    ],
)
def test_a_status_follows_from_the_numbers_and_the_catalogue(shown: Row, status: str | None) -> None:
    assert shown.status == status


def test_every_status_has_a_rule_in_words() -> None:
    assert set(RULES) == {*STATUSES, None}


def test_an_order_that_is_late_has_no_day() -> None:
    shown = row(arrivals=("2026-05-01", "2026-05-04", "2026-05-09"))
    days = {"2026-05-01": "2026-05-01", "2026-05-02": "2026-05-04", "2026-05-09": "2026-05-09", "2026-05-10": None}
    assert {today: shown.back_on(today) for today in days} == days


def test_who_hears_the_same_again_changes_nothing() -> None:
    shown = row(sellable=4).described(Variant(edition=2, product_id="mugs"), HEARD)
    assert shown.supplied(Supply(revision=1, sellable=4), Heard(event="other")) is shown
    assert shown.described(Variant(edition=2, product_id="cups"), HEARD) is shown
    assert shown.described(Variant(edition=1, product_id="cups"), HEARD) is shown
    assert shown.described(Variant(edition=3, whole=False), HEARD) is not shown
    assert shown.described(Variant(edition=2, whole=False), HEARD) is shown


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({"SoldOut": 3, "InStock": 1, "LimitedAvailability": 1}, "InStock"),
        ({"SoldOut": 3, "LimitedAvailability": 1}, "LimitedAvailability"),
        ({"SoldOut": 3, "OutOfStock": 1}, "OutOfStock"),
        ({"InStoreOnly": 1, "OutOfStock": 1}, "InStoreOnly"),
        ({"InStoreOnly": 1, "LimitedAvailability": 1}, "LimitedAvailability"),
        ({"SoldOut": 3, "Discontinued": 1}, "SoldOut"),
        ({"SoldOut": 0, "Discontinued": 1}, "Discontinued"),
        ({}, None),
    ],
)
def test_a_product_is_what_its_best_row_is(counts: Any, status: str | None) -> None:
    assert Product(product_id="mugs", counts=counts).status == status


@pytest.mark.parametrize(
    ("counts", "awaited", "waits"),
    [
        ({"SoldOut": 2}, 1, True),
        ({"SoldOut": 2}, 0, False),
        ({"SoldOut": 2}, None, True),
        ({"Discontinued": 2}, None, False),
        ({}, None, False),
    ],
)
def test_a_product_is_awaited_where_one_of_its_rows_is(counts: Any, awaited: int | None, *, waits: bool) -> None:
    assert Product(product_id="mugs", counts=counts, awaited=awaited).is_awaited == waits


named = st.sampled_from(["mugs", "cups", None])
shown = st.builds(
    lambda product_id, sellable, revision, discontinued: row(
        product_id=product_id, sellable=sellable, revision=revision, ends=discontinued
    ),
    named,
    st.integers(0, 1),
    st.integers(0, 1),
    st.booleans(),
)


@given(st.lists(st.tuples(shown, shown), max_size=6))
def test_moves_lead_from_the_counts_before_to_those_after(pairs: list[tuple[Row, Row]]) -> None:
    def counts(rows: list[Row]) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for each in rows:
            for name in (str(each.status), *(["awaited"] if each.awaited else [])):
                if each.variant.product_id is not None:
                    key = (each.variant.product_id, name)
                    found[key] = found.get(key, 0) + 1
        return found

    written = [
        (Row(**{**vars(before), "written_as": before.status, "awaited_as": before.awaited}), after)
        for before, after in pairs
    ]
    moved = counts([before for before, _ in pairs])
    for product_id, by in moves(written).items():
        for status, change in by.items():
            assert change
            moved[product_id, status] = moved.get((product_id, status), 0) + change
    assert {key: count for key, count in moved.items() if count} == counts([after for _, after in pairs])
