"""The benchmark of a complete product feed runs, so that it does not rot between its measurements."""

import pytest

from tests.benchmarks import feeding


def test_a_complete_feed_of_a_few_hundred_items_is_as_its_second_file_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert feeding.main(["400"]) == 0
    assert "absence applied: 10 of 100 products" in capsys.readouterr().out
