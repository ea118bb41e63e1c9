"""Whether a change of a SKU's numbers moves what those who lack units can count on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.ledger.model import SkuStock

from tests.promises.unruly import searching


def stock(**numbers: int) -> SkuStock:
    """Return a SKU's numbers that add up."""
    made = SkuStock(sku="MUG", **numbers)  # type: ignore[arg-type]
    return replace(made, free=made.on_hand - made.committed - made.safety - made.owed - made.held)


FEW = st.integers(0, 6)
NUMBERS = st.builds(stock, on_hand=FEW, committed=FEW, safety=FEW, owed=FEW, held=FEW)


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        (stock(on_hand=4, owed=3), stock(on_hand=2, owed=3), True),
        (stock(on_hand=4, owed=3), stock(on_hand=3, owed=3), False),
        (stock(owed=3), stock(owed=3, safety=2), True),
        (stock(owed=3, safety=2), stock(owed=3, safety=1), True),
        (stock(owed=3), stock(owed=3, committed=3), False),
        (stock(owed=3), stock(owed=3, committed=4), True),
        (stock(on_hand=2, held=2, owed=3), stock(held=2, owed=3), False),
        (stock(held=2, owed=3), stock(held=1, owed=4), True),
    ],
    ids=[
        "fewer are there than are lacking",
        "enough are left",
        "safety stock is wanted",
        "less of it",
        "the ERP may count these very orders",
        "others ordered",
        "what was set aside is missing",
        "and is taken back",
    ],
)
def test_what_those_who_lack_units_count_on(before: SkuStock, after: SkuStock, moves: bool) -> None:  # noqa: FBT001
    assert after.moves_lacking(before) == moves


@searching(examples=200, steps=1)
@given(before=NUMBERS, after=NUMBERS)
def test_nothing_moves_where_nobody_lacks_any(before: SkuStock, after: SkuStock) -> None:
    given_all = stock(on_hand=after.on_hand, committed=after.committed, safety=after.safety, held=after.held)
    assert not given_all.moves_lacking(before)


@searching(examples=400, steps=1)
@given(before=NUMBERS, units=st.integers(1, 6))
def test_claims_that_are_taken_given_or_given_up_move_nothing(before: SkuStock, units: int) -> None:
    """So a rush has no date looked at, and neither have a shop's ordinary sales."""
    reserved = replace(before, owed=before.owed + units, free=before.free - units)
    assert not reserved.moves_lacking(before)
    if units <= before.free:
        assert not replace(before, held=before.held + units, free=before.free - units).moves_lacking(before)
    if units <= min(before.givable, before.lacking):
        assert not replace(before, held=before.held + units, owed=before.owed - units).moves_lacking(before)
    if units <= before.owed and before.committed <= before.owed + before.held - units:
        assert not replace(before, owed=before.owed - units, free=before.free + units).moves_lacking(before)
