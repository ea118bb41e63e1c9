"""The benchmark of order messages: each of the three does the same."""

import pytest

from tests.benchmarks import ordering


def test_all_three_write_and_publish_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    records, events = ordering.written(ordering.taking(monkeypatch))
    assert [record.edition for record in records] == [1, 2] * ordering.MESSAGES
    assert [entry["DetailType"] for group in events for entry in group] == ["OrderPlaced"] * ordering.MESSAGES
    ordering.by_records(records, events)()
    ordering.by_sdk(records, events)()
