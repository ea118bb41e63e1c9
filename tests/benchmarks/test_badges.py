"""What the benchmark of badges compares is the function's answer and a bare read of the same rows."""

import json

import pytest

from tests.benchmarks.badges import BADGES, asking, bare, sku


def test_both_read_the_same_hundred_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asking(monkeypatch)()
    shown = [badge["sku"] for badge in json.loads(answer["body"])["items"]]
    assert shown == [sku(number) for number in range(BADGES)]
    assert [item["pk"].partition("#")[2] for item in bare()()] == shown
