"""The benchmark of the feed reads every SKU once, and so do the bare queries."""

import gzip

import pytest

from tests.benchmarks import feeding
from tests.benchmarks.badges import CREDENTIALS


def test_both_read_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(feeding, "PAGE", 3)
    pages = feeding.index(100)
    assert max(map(len, pages.values())) > 1
    assert feeding.bare(pages)() == 100
    told = gzip.decompress(feeding.ours(pages)()).decode().splitlines()
    assert len({line.partition("\t")[0] for line in told}) == len(told) == 100
