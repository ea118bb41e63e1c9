"""What the benchmark of a whole product compares is the function's answer and a bare read of the same rows."""

import json

import pytest

from tests.benchmarks.whole_product import MOST_VARIANTS, asking, bare


def test_both_read_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = [each["sku"] for each in json.loads(asking(monkeypatch)()["body"])["variants"]]
    assert [item["pk"].partition("#")[2] for item in bare()()] == shown
    assert len(set(shown)) == MOST_VARIANTS
