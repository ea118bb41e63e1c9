"""Cutting things into requests."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from standby.platform.batching import groups

WEIGHTS = st.lists(st.integers(min_value=0, max_value=12))


@given(WEIGHTS)
def test_nothing_is_lost_and_the_order_stays(weights: list[int]) -> None:
    cut = list(groups(weights, most=3, most_weight=10, weight=int))
    assert [weight for group in cut for weight in group] == weights


@given(WEIGHTS)
def test_no_request_is_empty_too_long_or_too_heavy_but_for_a_single_heavy_thing(weights: list[int]) -> None:
    for group in groups(weights, most=3, most_weight=10, weight=int):
        assert 1 <= len(group) <= 3
        assert sum(group) <= 10 or len(group) == 1


def test_a_request_is_filled_to_the_brim() -> None:
    assert list(groups([4, 6, 1, 9, 10, 11, 0], most=3, most_weight=10, weight=int)) == [
        [4, 6],
        [1, 9],
        [10],
        [11],
        [0],
    ]


def test_a_stream_is_cut_as_it_comes() -> None:
    """Memory is one request, however long the stream is."""
    drawn: list[int] = []

    def stream() -> Iterator[int]:
        for number in range(1_000_000):
            drawn.append(number)
            yield number

    first = next(groups(stream(), most=10, most_weight=100, weight=lambda _thing: 1))
    assert first == list(range(10))
    assert len(drawn) == 11


def test_nothing_makes_no_request() -> None:
    assert list(groups([], most=3, most_weight=10, weight=int)) == []
