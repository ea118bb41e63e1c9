"""The checker of histories finds what cannot have happened, and nothing else."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.linearizable import NEVER, Call, Did, Said, Units, fault, faults, said
from tests.promises.unruly import searching

LAMP = "LAMP"


def call(key: str, said: Said, began: float, ended: float, *, did: Did = "reserve", text: str = "") -> Call:
    return Call(did=did, sku=LAMP, key=key, said=said, began=began, ended=ended, customer=key[0], text=text or key)


def test_calls_that_overlap_may_have_happened_in_either_order() -> None:
    history = [call("a", "sold-out", 0, 3), call("b", "made", 1, 2), call("c", "sold-out", 2.5, 4)]

    assert faults(history, {LAMP: Units(1)}) == []


def test_one_unit_too_many_is_found() -> None:
    history = [call(f"k{number}", "made", number, number + 4) for number in range(6)]

    assert faults(history, {LAMP: Units(6)}) == []
    assert len(faults(history, {LAMP: Units(5)})) == 1


def test_sold_out_while_a_unit_was_there_all_the_time_is_found() -> None:
    history = [call("a", "made", 0, 1), call("b", "sold-out", 2, 3), call("c", "made", 4, 5)]

    assert "key='b'" in str(fault(history, Units(2)))


def test_a_replay_that_is_answered_otherwise_is_found() -> None:
    first = call("a", "made", 0, 1, text="until ten")
    assert faults([first, call("a", "made", 2, 3, text="until ten")], {LAMP: Units(1)}) == []

    for replay in (call("a", "made", 2, 3, text="until eleven"), call("a", "sold-out", 2, 3)):
        assert any(wrong.startswith("key a") for wrong in faults([first, replay], {LAMP: Units(1)}))


def test_another_request_under_a_key_is_refused_and_takes_nothing() -> None:
    first = call("a", "made", 0, 1)
    other = replace(first, units=2, began=2, ended=3)

    assert faults([first, replace(other, said="other-request")], {LAMP: Units(4)}) == []
    assert len(faults([first, other], {LAMP: Units(4)})) == 1


def test_a_unit_that_is_lost_when_a_hold_ends_is_found() -> None:
    expired = call("a", "ended", 2, 6, did="end")
    history = [call("a", "made", 0, 1), expired, call("b", "sold-out", 3, 4)]

    assert faults(history, {LAMP: Units(1)}) == [], "it may have ended after the other asked"
    assert len(faults([*history, call("c", "sold-out", 7, 8)], {LAMP: Units(1)})) == 1


def test_one_more_than_a_customer_may_have_is_found() -> None:
    history = [call("a1", "made", 0, 1), call("a2", "limit-reached", 2, 3)]

    assert faults(history, {LAMP: Units(9, limit=1)}) == []
    assert len(faults([*history, call("a3", "made", 4, 5)], {LAMP: Units(9, limit=1)})) == 1


def test_an_answer_that_was_lost_may_have_taken_a_unit_or_not() -> None:
    lost = call("a", "unknown", 0, 1)

    for after in ("made", "sold-out"):
        assert faults([lost, call("b", after, 2, 3)], {LAMP: Units(1)}) == []
    assert faults([lost, call("b", "made", 2, 3), call("a", "sold-out", 4, 5)], {LAMP: Units(1)}) == []
    assert len(faults([lost, call("a", "made", 2, 3), call("b", "made", 4, 5)], {LAMP: Units(1)})) == 1


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (201, {}, "made"),
        (409, {"type": "/problems/sold-out"}, "sold-out"),
        (409, {"type": "/problems/limit-reached"}, "limit-reached"),
        (422, {"type": "/problems/other-request"}, "other-request"),
        (503, {"type": "/problems/busy"}, "unknown"),
    ],
)
def test_what_an_answer_says(status: int, answer: object, expected: Said) -> None:
    assert said(status, answer) == expected


def sequential(seed: int, *, units: int, customers: int) -> list[Call]:
    """Return calls that happened one after the other, at 1, 2, 3 …, each stretched around its instant."""
    chance, model, state = random.Random(seed), Units(units, limit=2), Units(units).begins()
    history: list[Call] = []
    for instant in range(60):
        key = f"{chance.randrange(customers):02}"
        did: Did = chance.choice(("reserve", "reserve", "end"))
        answers: tuple[Said, ...] = ("ended",) if did == "end" else ("made", "sold-out", "limit-reached")
        for answer in answers:
            made = replace(call(key, answer, instant, instant, did=did), customer=key[0])
            after = model.follows(state, made)
            if after is not None:
                state = after
                around = (chance.random() * 4, chance.random() * 4)
                lost = answer == "made" and chance.random() < 0.1
                made = replace(made, began=instant - around[0], ended=NEVER if lost else instant + around[1])
                history.append(replace(made, said="unknown") if lost else made)
                break
    return history


@searching(examples=40, steps=1)
@given(seed=st.integers(0, 10**6), units=st.integers(1, 6), customers=st.integers(1, 20))
def test_whatever_happened_one_after_the_other_is_explained(seed: int, units: int, customers: int) -> None:
    assert faults(sequential(seed, units=units, customers=customers), {LAMP: Units(units, limit=2)}) == []
