"""What the benchmark of a rush rests on: time that passes only where something is waited for, and conflicts."""

import pytest

from tests.benchmarks import rushing
from tests.benchmarks.badges import CREDENTIALS
from tests.benchmarks.claiming import write_units
from tests.benchmarks.reserving import MOST_UNITS, ONE_OF_INDEX, reserving


def test_who_waits_longest_comes_last_and_time_is_what_was_waited_for() -> None:
    turns, order = rushing.Turns(), list[str]()

    def waits(name: str, seconds: float) -> None:
        for _ in range(2):
            turns.wait(seconds)
            order.append(name)

    took = turns.run(lambda: waits("slow", 3.0), lambda: waits("quick", 1.0))

    assert (order, took) == (["quick", "quick", "slow", "slow"], 6.0)


def test_a_rush_on_credit_of_many_counters_is_quicker_than_one_that_meets_at_the_sku(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rushing, "RESERVATIONS", 128)  # so few that most of the time goes into the first grant

    at_the_sku, _ = rushing.a_second(rushing.rush(32, on_credit=False))
    on_credit, _ = rushing.a_second(rushing.rush(32, on_credit=True))

    assert on_credit > at_the_sku


def test_a_reservation_on_credit_is_a_query_and_four_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    reserve, made = reserving()
    reserve()

    query, transaction = made
    assert "KeyConditionExpression" in query
    assert write_units(transaction["TransactItems"]) + ONE_OF_INDEX <= MOST_UNITS
