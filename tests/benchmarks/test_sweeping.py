"""A sweep costs what there is to do, however much the ledger remembers."""

from tests.benchmarks.sweeping import hourly_sweep, sweeping


def test_a_sweep_costs_the_same_with_ten_times_the_history() -> None:
    history, cost = sweeping()
    assert history.measured == 1.0
    assert cost.ratio <= 1


def test_a_sweep_without_changes_reads_the_index_and_writes_nothing() -> None:
    quiet = hourly_sweep(history=3, changes=0)
    assert (quiet.read_units, quiet.writes) == (2.0, 0)  # one eventually consistent query for each of four shards
