"""Lines that an ERP takes out of an order once they are done: what left of them stays so, and what was cancelled."""

from itertools import permutations
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.promises.preorder_checks import adds_up, everything_was_told
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_leaving_in_parts import LINES, NAMES, ordered, state
from tests.standby.preorder.test_ordering import says
from tests.standby.preorder.test_reducing import freed, shipped

pytestmark = pytest.mark.promise("P1")


def without(*names: str) -> list[dict[str, Any]]:
    return [line for line in LINES if line["line_id"] not in names]


@pytest.fixture
def made(sales: Sales) -> str:
    """Let Ana order three that are there, one in each line."""
    sales.opens(capacity=9)
    reserved = ordered(sales, "ana", 3)
    sales.shop.counts(LAMP, 3)
    return reserved


def test_lines_that_left_one_by_one_and_are_taken_out_left_once_each(sales: Sales, made: str) -> None:
    seen = []
    for number, name in enumerate(NAMES, start=1):
        says(sales, "shipped", made, line_ids=[name])
        says(sales, "placed", made, lines=without(*NAMES[:number]))
        adds_up(sales.world)
        seen.append((state(sales, made)[:2], shipped(sales)))

    assert seen == [(("allocated", 2), 1), (("allocated", 1), 2), (("fulfilled", 3), 3)]
    assert (freed(sales), sales.numbers()) == ([], (0, 3, 0))


def test_what_is_cancelled_beside_a_line_that_left_and_was_taken_out_is_given_back(sales: Sales, made: str) -> None:
    says(sales, "shipped", made, line_ids=["one"])
    says(sales, "placed", made, lines=without("one"))

    says(sales, "cancelled", made, line_ids=["two"])

    assert (state(sales, made)[:2], freed(sales), shipped(sales)) == (("allocated", 1), [1], 1)
    adds_up(sales.world)


def test_a_cancelled_line_is_taken_out_and_the_next_is_given_back_too(sales: Sales, made: str) -> None:
    for number, name in enumerate(NAMES[:2], start=1):
        says(sales, "cancelled", made, line_ids=[name])
        says(sales, "placed", made, lines=without(*NAMES[:number]))
        adds_up(sales.world)

    assert (state(sales, made)[:2], freed(sales)) == (("allocated", 1), [1, 1])
    says(sales, "shipped", made)
    assert (state(sales, made)[:2], shipped(sales)) == (("fulfilled", 1), 1)


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
def test_words_come_in_any_order_and_twice(sales: Sales, order: tuple[int, ...]) -> None:
    sales.opens(capacity=9)
    made = sales.holds("ana", quantity=3)
    sales.does(made, "confirm")
    sales.shop.counts(LAMP, 3)
    at = []
    for _ in range(4):
        at.append(to_text(sales.world.clock.now()))
        sales.world.clock.advance(seconds=1)
    words: list[tuple[str, dict[str, Any]]] = [
        ("placed", {"lines": LINES, "as_of": at[0]}),
        ("shipped", {"line_ids": ["one"], "as_of": at[1], "occurred_at": at[1]}),
        ("placed", {"lines": without("one"), "as_of": at[2]}),
        ("shipped", {"line_ids": ["two"], "as_of": at[3], "occurred_at": at[3]}),
    ]

    for number in (*order, *order[:2]):
        what, more = words[number]
        says(sales, what, made, **more)
        adds_up(sales.world)

    assert (state(sales, made)[:2], shipped(sales), freed(sales)) == (("allocated", 1), 2, [])
    everything_was_told(sales.world)


def test_all_is_taken_out_once_it_left(sales: Sales, made: str) -> None:
    says(sales, "shipped", made)
    says(sales, "placed", made, lines=[])
    adds_up(sales.world)

    assert (state(sales, made)[:2], shipped(sales), freed(sales)) == (("fulfilled", 3), 3, [])


def test_lines_that_get_new_numbers_are_the_same_lines(sales: Sales, made: str) -> None:
    says(sales, "shipped", made, line_ids=["one"])
    anew = [line | {"line_id": f"new-{line['line_id']}"} for line in LINES]
    says(sales, "placed", made, lines=anew)
    adds_up(sales.world)
    assert (state(sales, made)[:2], shipped(sales)) == (("allocated", 2), 1)

    for name in NAMES:
        says(sales, "shipped", made, line_ids=[f"new-{name}"])
        adds_up(sales.world)

    assert (state(sales, made)[:2], shipped(sales), freed(sales)) == (("fulfilled", 3), 3, [])


def test_the_open_line_gets_a_new_number_as_the_one_that_left_is_taken_out(sales: Sales) -> None:
    sales.opens(capacity=9)
    made = ordered(sales, "ana", 2)
    sales.shop.counts(LAMP, 2)
    says(sales, "shipped", made, line_ids=["one"])

    says(sales, "placed", made, lines=[LINES[1] | {"line_id": "new"}])
    assert (state(sales, made)[:2], shipped(sales)) == (("allocated", 1), 1)

    says(sales, "shipped", made, line_ids=["new"])
    assert (state(sales, made)[:2], shipped(sales)) == (("fulfilled", 2), 2)
    adds_up(sales.world)
