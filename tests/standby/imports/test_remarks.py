"""What a report says beside bad lines: what was left as it is, and ids that look alike."""

import pytest
from standby.imports import passes

from tests.standby.imports.test_reading import PLAIN, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_lines_that_leave_things_as_they_are_send_nothing_and_are_counted(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"zero_words": ["sold out"], "keep_words": ["n/a"]}
    report = desk.put("Item;Qty\nA;3\nB;n/a\nC;Sold out\n")
    assert desk.told() == {("W", "A"): 3, ("W", "C"): 0}
    assert report["totals"] == {"rows": 3, "bad_lines": 0, "levels": 2, "kept": 1}


@pytest.mark.parametrize("pass_bytes", [10, 10_000])
def test_ids_that_differ_only_in_capitals_or_blanks_are_remarked(
    desk: Desk, pass_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "PASS_BYTES", pass_bytes)
    others = "".join(f"S-{number};1\n" for number in range(20))
    report = desk.put(f"Item;Qty\nAB 1;3\nab1;4\n{others}AB1;5\nX-1;1\nx-2;1\nq;1\n")
    assert report["remarks"] == ["sku: 'AB 1', 'AB1', 'ab1' differ only in capitals or blanks"]
    assert desk.told()["W", "ab1"] == 4


def test_a_remark_about_locations_stands_there_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pass sees all of them, and at 50 they pushed other remarks out."""
    monkeypatch.setattr(passes, "PASS_BYTES", 100)
    desk.files.mappings["plain"] = {"columns": {"sku": "Item", "location": "Loc", "on_hand": "Qty"}, "version": 1}
    lines = "".join(f"S{n};{'W' if n % 2 else 'w'};{n}\n" for n in range(60))
    report = desk.put(f"Item;Loc;Qty\n{lines}")
    assert report["passes"] > 3
    assert report["remarks"] == ["location: 'W', 'w' differ only in capitals or blanks"]
