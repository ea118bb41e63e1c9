"""What the benchmark of claims compares is a reservation, and the transaction that it makes."""

import pytest

from tests.benchmarks.badges import CREDENTIALS
from tests.benchmarks.claiming import BESIDE, MOST_UNITS, TABLES, reserving, write_units


def test_a_reservation_is_one_transaction_over_two_tables_without_a_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    reserve, made = reserving()
    reserve()

    (transaction,) = made
    tables = [next(iter(entry.values()))["TableName"] for entry in transaction]
    assert (tables.count(TABLES[0]), tables.count(TABLES[1])) == (4, len(BESIDE))
    assert write_units(transaction) <= MOST_UNITS
