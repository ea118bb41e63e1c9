"""Two runs beside each other are shown whole, and fail where either does."""

import sys

import pytest

from tests.beside import both


def said(*lines: str, code: int = 0) -> list[str]:
    text = "\n".join(lines)
    return [sys.executable, "-c", f"import sys; print({text!r}); sys.exit({code})"]


def test_both_outputs_are_shown_one_after_the_other_and_the_closing_lines_last() -> None:
    parts: list[str] = []
    code = both(said("..", "8 passed in 1s"), said("..x", "2 passed in 9s"), parts.append)

    assert code == 0
    lines = [line for line in "".join(parts).splitlines() if line]
    assert lines == ["..", "8 passed in 1s", "..x", "2 passed in 9s", "2 passed in 9s", "8 passed in 1s"]


@pytest.mark.parametrize(("one", "other"), [(1, 0), (0, 1), (2, 2)])
def test_it_fails_where_either_fails(one: int, other: int) -> None:
    assert both(said("1 failed", code=one), said("1 failed", code=other), lambda _text: None) == 1
