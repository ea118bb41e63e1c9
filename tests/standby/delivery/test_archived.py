"""Lines that an order has no more: what became of them is known, in any order of the words."""

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.delivery.archived import archived
from standby.delivery.model import Order

from tests.promises.unruly import searching
from tests.standby.delivery.words import placed, said, word

ONE, BOTH = "one", ("one", "two")


def listed(*names: str, minute: int = 0, **more: Any) -> Any:
    """Return an order of one unit of the same SKU in each line."""
    lines = [{"line_id": name, "sku": "A", "quantity": 1} for name in names]
    return placed("O", minute=minute, **more) | {"lines": lines}


def after(messages: Iterable[Any]) -> Order:
    order = Order(order_id="O")
    for number, message in enumerate(messages):
        order = order.after(word(message, arrival=number))
    return order


@pytest.mark.parametrize("what", ["shipped", "cancelled"])
@pytest.mark.parametrize("lines", [(ONE,), BOTH, ()], ids=["of the line", "of both lines", "of the order"])
def test_what_was_said_before_a_line_was_taken_out_stays_true_of_it(what: str, lines: tuple[str, ...]) -> None:
    words = [listed(*BOTH), said(what, "O", *lines, minute=1), listed("two", minute=2)]

    assert [archived(after(each)) for each in permutations(words)] == [[("A", what, 1)]] * 6


def test_of_the_whole_order_that_is_said_later_it_is_not_true() -> None:
    words = [listed(*BOTH), listed("two", minute=1), said("shipped", "O", minute=2)]

    assert [archived(after(each)) for each in permutations(words)] == [[]] * 6
    assert after(words).fates.keys() == {"two"}


def test_a_line_that_comes_again_is_the_orders_own() -> None:
    words = [listed(*BOTH), said("shipped", "O", ONE, minute=1), listed("two", minute=2), listed(*BOTH, minute=3)]

    assert [archived(after(each)) for each in permutations(words)] == [[]] * 24
    assert after(words).fates.keys() == {ONE}


def test_a_line_in_a_shipment_that_left_stays_so() -> None:
    first = listed(*BOTH, shipments={"S": [ONE], "T": ["two"]})
    words = [first, said("shipped", "O", shipment_id="S", minute=1), listed("two", minute=2, shipments={"T": ["two"]})]

    assert [archived(after(each)) for each in permutations(words)] == [[("A", "shipped", 1)]] * 6


def test_a_line_that_gets_another_number_is_no_line_that_was_taken_out() -> None:
    words = [listed(*BOTH), said("shipped", "O", ONE, minute=1), listed("10", "20", minute=2)]

    assert [archived(after(each)) for each in permutations(words)] == [[]] * 6


def test_what_is_said_of_another_line_by_its_number_is_not_true_of_it() -> None:
    other = placed("O", minute=1) | {"lines": [{"line_id": ONE, "sku": "B", "quantity": 1}]}
    words = [listed(*BOTH), listed("two", minute=1), other | {"as_of": listed(minute=2)["as_of"]}]
    words.append(said("shipped", "O", ONE, minute=3))

    assert archived(after(words)) == []


@given(draw=st.data())
@searching(examples=40, steps=1)
def test_any_order_of_the_words_leads_to_the_same(draw: st.DataObject) -> None:
    names = st.lists(st.sampled_from(("one", "two", "three", "10", "20")), max_size=4, unique=True)
    words = [listed(*draw.draw(names, label=f"at {minute}"), minute=minute) for minute in (0, 4, 8)]
    for minute in (2, 6):
        lines = draw.draw(st.lists(st.sampled_from(("one", "two", "10")), max_size=2, unique=True))
        words.append(said(draw.draw(st.sampled_from(("shipped", "cancelled"))), "O", *lines, minute=minute))
    doubled = draw.draw(st.lists(st.sampled_from(words), max_size=2))

    assert archived(after(draw.draw(st.permutations([*words, *doubled])))) == archived(after(words))
