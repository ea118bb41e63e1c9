"""The rules of mail, without AWS."""

from dataclasses import replace
from datetime import timedelta

import pytest
from standby.mail.model import NO_MARKS, AddressMarks, JobRecord, State, Wave, calls, stopped

from tests.fakes import EPOCH

BEFORE, AFTER = EPOCH - timedelta(days=1), EPOCH + timedelta(days=1)


def test_an_address_without_marks_is_mailed() -> None:
    assert stopped(["entry-1"], BEFORE, NO_MARKS) is None


def test_leaving_stops_what_was_asked_for_before_it() -> None:
    left = NO_MARKS.left(EPOCH)
    assert stopped(["entry-1"], BEFORE, left) is State.LEFT
    assert stopped(["entry-1"], EPOCH, left) is State.LEFT
    assert stopped(["entry-2"], AFTER, left) is None


def test_a_mail_that_says_not_when_it_was_asked_for_counts_as_asked_before() -> None:
    assert stopped(["entry-1"], None, NO_MARKS.left(EPOCH)) is State.LEFT


def test_leaving_does_not_stop_what_cannot_be_left() -> None:
    assert stopped(["order-1"], None, NO_MARKS.left(EPOCH), leave=False) is None
    assert stopped(["order-1"], BEFORE, NO_MARKS.erased(EPOCH), leave=False) is State.ERASED
    assert stopped(["order-1"], AFTER, NO_MARKS.suppress("bounced", EPOCH), leave=False) is State.SUPPRESSED
    assert stopped(["order-1"], BEFORE, NO_MARKS.left(EPOCH, ["order-1"]), leave=False) is State.LEFT


def test_leaving_with_one_reference_stops_only_that_one() -> None:
    left = NO_MARKS.left(EPOCH, ["entry-1"])
    assert stopped(["entry-1"], BEFORE, left) is State.LEFT
    assert stopped(["entry-2"], BEFORE, left) is None


def test_erasure_stops_what_was_asked_for_before_it() -> None:
    erased = NO_MARKS.erased(EPOCH)
    assert stopped(["entry-1"], BEFORE, erased) is State.ERASED
    assert stopped(["entry-1"], AFTER, erased) is None


def test_a_suppressed_address_gets_nothing() -> None:
    marks = NO_MARKS.suppress("bounced", EPOCH)
    assert stopped(["entry-1"], AFTER, marks) is State.SUPPRESSED


def test_leaving_told_in_any_order_counts_the_last_time() -> None:
    assert NO_MARKS.left(AFTER).left(BEFORE) == NO_MARKS.left(BEFORE).left(AFTER)


def test_erasure_keeps_only_what_must_stop_mail() -> None:
    marks = NO_MARKS.left(BEFORE, ["entry-1"]).suppress("complained", BEFORE).erased(EPOCH)
    assert marks == AddressMarks(suppressed="complained", suppressed_at=BEFORE, erased_at=EPOCH)


def test_the_fifth_soft_failure_within_thirty_days_suppresses() -> None:
    marks = NO_MARKS
    for number in range(4):
        marks = marks.failed_softly(f"feedback-{number}", EPOCH + timedelta(days=number))
    assert marks.suppressed is None
    assert marks.failed_softly("feedback-3", EPOCH + timedelta(days=4)).suppressed is None
    assert marks.failed_softly("feedback-4", EPOCH + timedelta(days=4)).suppressed == "bounced"


def test_soft_failures_a_month_apart_do_not_add_up() -> None:
    marks = NO_MARKS
    for number in range(12):
        marks = marks.failed_softly(f"feedback-{number}", EPOCH + timedelta(days=31 * number))
    assert marks.suppressed is None


def test_taken_back_references_are_forgotten_after_ninety_days() -> None:
    marks = NO_MARKS.left(EPOCH, ["old"]).left(EPOCH + timedelta(days=91), ["new"])
    assert set(marks.cancelled) == {"new"}


@pytest.mark.parametrize(
    ("text", "wave"),
    [
        ("MUG@7#1", Wave("MUG", 7)),
        ("A:B.c_+-@12#confirm", Wave("A:B.c_+-", 12)),
        ("A#1@2#b@7#1", Wave("A#1@2#b", 7)),
        ("digest", None),
        ("MUG@x#1", None),
        (None, None),
    ],
)
def test_a_wave_names_its_restock(text: str | None, wave: Wave | None) -> None:
    assert Wave.of(text) == wave


def test_a_wave_is_called_off_by_selling_out_after_its_restock() -> None:
    wave = Wave("MUG", 7)
    assert [wave.called_off(revision) for revision in (None, 6, 7, 8)] == [False, False, False, True]


def test_an_unknown_outcome_may_be_repeated_once_and_is_then_parked() -> None:
    record = JobRecord.fresh(2).attempting([0, 1]).outcome_unknown()
    assert record.states == (State.OPEN, State.OPEN)
    record = record.attempting([0, 1]).outcome_unknown()
    assert record.states == (State.PARKED, State.PARKED)


def test_a_redrive_opens_what_was_parked_when_the_letter_was_written() -> None:
    parked = JobRecord.fresh(2).decided({0: State.ACCEPTED}).parked([1])
    waiting = replace(parked, version=4)
    assert waiting.redriven(4).states == (State.ACCEPTED, State.OPEN)
    assert [waiting.redriven(version) for version in (None, 3, 5)] == [waiting] * 3


def test_who_may_have_been_mailed_shares_no_call_with_others() -> None:
    record = JobRecord.fresh(4).attempting([1, 2]).outcome_unknown()
    assert calls(record, 50) == [[0, 3], [1, 2]]
    assert calls(record, 1) == [[0], [3], [1], [2]]
    assert calls(record, 50, besides={2, 3}) == [[0], [1]]
