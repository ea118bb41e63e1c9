"""The benchmark of rehearsals decides of every late order, and no budget ends before."""

from pathlib import Path

from tests.benchmarks.rehearsing import LATE, read, rehearsed, written


def test_every_late_order_is_decided_and_given_something_or_was_not_late_enough(tmp_path: Path) -> None:
    file = written(tmp_path / "orders.csv", 280)
    rehearsal = rehearsed(file)

    assert (read(file), rehearsal.late) == (280, 280 // LATE)
    assert rehearsal.orders == rehearsal.late - rehearsal.refused.total() > 0
    assert set(rehearsal.refused) <= {"level_not_reached"}
