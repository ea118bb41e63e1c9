"""The benchmark of a full count runs, so that it does not rot between its measurements."""

import pytest

from tests.benchmarks import importing


def test_a_full_count_of_a_few_hundred_rows_is_as_calculated(capsys: pytest.CaptureFixture[str]) -> None:
    assert importing.main(["300"]) == 0
    assert "snapshot applied" in capsys.readouterr().out
