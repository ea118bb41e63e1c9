"""Each promise of design §2 has an id, a heading, tests that try to break it, and a word about what is missing."""

import re
from pathlib import Path

import pytest

from tests.promises import marks

PRODUCT = Path(__file__).parents[1] / "layers" / "core" / "python" / "standby"
PROMISES = [f"P{number}" for number in range(1, 12)]


def test_every_promise_has_a_heading_and_no_other_has() -> None:
    assert list(marks.headings()) == PROMISES == list(marks.titles())


@pytest.mark.parametrize("promise", PROMISES)
def test_every_promise_has_tests_that_try_to_break_it(promise: str) -> None:
    assert bool(marks.tried().get(promise)) == (promise not in marks.UNTRIED)


def test_no_test_is_marked_with_a_promise_that_nobody_gave() -> None:
    assert set(marks.tried()) <= set(PROMISES)


@pytest.mark.parametrize("promise", PROMISES)
def test_the_page_says_with_which_feature_the_rest_of_a_promise_comes(promise: str) -> None:
    sentences = re.split(r"(?<=\.)\s", marks.headings()[promise])
    coming = [sentence for sentence in sentences if re.search(r"\bcomes?\s+with\b", sentence)]
    features = {name for sentence in coming for name in re.findall(r"`(\w+)`", sentence)}
    assert features == marks.COMES_WITH.get(promise, set())


@pytest.mark.parametrize("feature", sorted(set().union(*marks.COMES_WITH.values())))
def test_a_feature_that_is_there_is_no_excuse_any_more(feature: str) -> None:
    assert not (PRODUCT / feature).exists(), f"{feature} came: mark its tests, and take it out of COMES_WITH"


def test_what_cannot_be_tried_is_what_has_no_feature_yet() -> None:
    assert set(marks.COMES_WITH) >= marks.UNTRIED
    assert all("Nothing of it exists" in marks.headings()[promise] for promise in marks.UNTRIED)


def test_the_page_says_why_no_alarm_rings() -> None:
    silent = {promise for promise, said in marks.headings().items() if re.search(r"No\s+alarm\s+rings", said)}
    assert silent | marks.UNTRIED == marks.SILENT


def test_an_alarms_text_names_promises() -> None:
    assert marks.named("look there (promise P2)") == {"P2"}
    assert marks.named("look (in the log) first (promises P2 and P9)") == {"P2", "P9"}
    assert marks.named("look at P2's log") == set()


def test_crash_points_are_added_up_per_test_and_the_last_run_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(marks, "COUNTED", tmp_path / "crash-points")
    assert marks.counted() == {}
    for test, what, points in [("a[x]", "x", 7), ("a[y]", "y", 5), ("a[x]", "x", 8), ("b", "z", 1)]:
        monkeypatch.setenv("PYTEST_CURRENT_TEST", f"tests/test_it.py::{test} (call)")
        marks.note(what, points)
    assert marks.counted() == {"tests/test_it.py::a": 13, "tests/test_it.py::b": 1}
