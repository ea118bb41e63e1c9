"""The benchmark of late orders sweeps and lives as it says."""

import pytest

from tests.benchmarks import delaying


def test_late_orders_are_swept_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delaying, "ORDERS", 20)
    swept, million = delaying.delaying()
    assert 6_000 < swept.measured < 9_000
    assert 0 < million.measured < 2 * delaying.USD_BUDGET
