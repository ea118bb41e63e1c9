"""The rules of a restock, in any order."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from standby.ledger.model import SettleState, SkuSettings
from standby.stock.settling import Observation, announced, is_due, observed, settled

from tests.fakes import EPOCH, FakeClock

PLAIN = SkuSettings()


def see(
    state: SettleState, revision: int, free: int, *, shop: SkuSettings = PLAIN, netted: bool = False, goods: int = 0
) -> SettleState:
    """Return the state after an observation and, where the crossing is due, its decision on what was seen."""
    seen = Observation(revision=revision, free=free, netted=netted, goods=goods)
    after = observed(state, seen, shop, now=EPOCH)
    return settled(after, free, shop, now=EPOCH) if is_due(after, now=EPOCH) else after


def test_an_unknown_sku_starts_out() -> None:
    assert SettleState().state == "out"


def test_enough_free_after_nothing_is_a_restock_named_by_its_crossing() -> None:
    state = see(see(SettleState(), 1, 0), 2, 5)

    assert (state.state, state.restock_revision, state.announced) == ("in", 2, False)


def test_less_than_the_minimum_is_no_crossing() -> None:
    state = see(SettleState(), 2, 4, shop=SkuSettings(minimum_restock=5))

    assert state.state == "out"


def test_while_it_settles_the_crossing_is_pending() -> None:
    state = see(SettleState(), 2, 5, shop=SkuSettings(settle_seconds=60))

    assert (state.state, state.crossing_revision, state.restock_revision) == ("pending", 2, None)


def test_more_units_while_it_settles_do_not_move_the_crossing() -> None:
    shop = SkuSettings(settle_seconds=60)
    first = see(SettleState(), 2, 5, shop=shop)
    second = see(first, 3, 9, shop=shop)

    assert (second.crossing_revision, second.due_at) == (2, first.due_at)


def test_nothing_free_while_it_settles_ends_the_crossing() -> None:
    shop = SkuSettings(settle_seconds=60)
    state = see(see(SettleState(), 2, 5, shop=shop), 3, 0, shop=shop)

    assert (state.state, state.crossing_revision, state.due_at) == ("out", None, None)


def test_a_crossing_that_is_not_enough_at_its_end_is_no_restock() -> None:
    pending = see(SettleState(), 2, 5, shop=SkuSettings(settle_seconds=60))

    assert settled(pending, 0, PLAIN, now=EPOCH).state == "out"


def test_a_late_word_of_nothing_free_before_the_restock_changes_nothing() -> None:
    state = see(SettleState(), 5, 9)

    assert see(state, 4, 0).state == "in"


def test_a_late_word_of_nothing_free_after_the_restock_counts() -> None:
    state = see(see(SettleState(), 5, 9), 7, 0)

    assert state.state == "out"


def test_nothing_free_between_two_known_revisions_makes_the_later_one_a_restock() -> None:
    known = see(see(SettleState(), 5, 9), 7, 8)

    state = observed(known, Observation(revision=6, free=0), PLAIN, now=EPOCH)

    assert (state.state, state.crossing_revision) == ("pending", 7)


def test_enough_free_before_the_last_time_nothing_was_is_no_restock() -> None:
    state = see(see(SettleState(), 5, 0), 4, 9)

    assert (state.state, state.restock_revision) == ("out", None)


def test_the_same_observation_again_changes_nothing() -> None:
    state = see(see(SettleState(), 1, 0), 2, 5)

    assert see(see(state, 2, 5), 1, 0) == state


def test_a_restock_by_netting_needs_no_announcement() -> None:
    state = see(SettleState(), 2, 5, netted=True)

    assert (state.state, state.restock_revision, state.announced, state.due_at) == ("in", 2, True, None)


def test_a_sale_or_more_netting_after_a_restock_by_netting_needs_no_announcement() -> None:
    state = see(SettleState(), 2, 5, netted=True)

    assert see(see(state, 3, 4, goods=-1), 4, 7, goods=0).announced is True


def test_goods_before_a_restock_by_netting_are_not_news_when_they_are_told_late() -> None:
    state = see(SettleState(), 5, 5, netted=True)

    assert see(state, 4, 1, goods=3).announced is True


def test_goods_that_are_fewer_than_the_minimum_wait_for_more() -> None:
    shop = SkuSettings(minimum_restock=5)
    state = see(SettleState(), 2, 6, netted=True, shop=shop)
    few = see(see(state, 3, 1, goods=-5, shop=shop), 4, 3, goods=2, shop=shop)
    enough = see(few, 5, 9, goods=6, shop=shop)

    assert (few.announced, enough.announced, enough.restock_revision) == (True, False, 5)


def test_a_restock_by_netting_that_went_out_comes_back_as_any_other() -> None:
    state = see(see(SettleState(), 2, 5, netted=True), 3, 0)

    assert (see(state, 4, 2, goods=2).announced, see(state, 4, 2, netted=True).announced) == (False, True)


def test_going_out_forgets_an_announcement_that_was_not_made() -> None:
    state = see(see(SettleState(), 2, 5), 3, 0)

    assert (state.state, state.announced, state.due_at) == ("out", True, None)


def test_an_announced_restock_is_not_due_any_more() -> None:
    assert announced(see(SettleState(), 2, 5)).due_at is None


CHANGES = st.lists(st.tuples(st.integers(-4, 6), st.integers(0, 4)), min_size=1, max_size=8)


@settings(max_examples=400, deadline=None)
@given(changes=CHANGES, data=st.data())
def test_whoever_waits_hears_of_goods_and_never_of_netting_alone(
    changes: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Each change brings goods (or sells them) and nets orders; in order, some messages twice."""
    state, free, heard = SettleState(), 0, False
    for revision, (goods, netting) in enumerate(changes, start=1):
        netted = netting if goods <= 0 else 0
        free += goods + netting
        told = 0
        for _ in range(data.draw(st.integers(1, 2))):
            only = netted > 0 and free - netted <= 0
            state = see(state, revision, free, netted=only, goods=free - netted - (free - goods - netting))
            told += not state.announced
            state = announced(state) if not state.announced else state
        if free <= 0:
            heard = False
            assert not told
        elif (goods > 0 or not netted) and not heard and state.state == "in":
            arrived = free - netted - (free - goods - netting) > 0
            assert told == arrived
            heard = heard or arrived
        else:
            assert not told


HISTORIES = st.lists(st.integers(-2, 6), min_size=1, max_size=8)


@settings(max_examples=400, deadline=None)
@given(history=HISTORIES, minimum=st.integers(1, 3), data=st.data())
def test_in_any_order_with_duplicates_it_ends_as_the_ledger_is(
    history: list[int], minimum: int, data: st.DataObject
) -> None:
    """The reference is the ledger itself: its last number, and its last revision with nothing free."""
    shop = SkuSettings(minimum_restock=minimum)
    revisions = list(enumerate(history, start=1))
    again = data.draw(st.lists(st.sampled_from(revisions), max_size=4))
    state = SettleState()
    restocks: list[int] = []
    for revision, free in data.draw(st.permutations([*revisions, *again])):
        state = observed(state, Observation(revision=revision, free=free), shop, now=EPOCH)
        if state.state == "pending":
            state = settled(state, history[-1], shop, now=EPOCH)
        if not state.announced:
            restocks.append(state.restock_revision or 0)
            state = announced(state)

    last_zero = max((revision for revision, free in revisions if free <= 0), default=0)
    if history[-1] <= 0:
        assert state.state == "out"
    elif history[-1] >= minimum:
        assert state.state == "in"
        assert (state.restock_revision or 0) > last_zero
    assert len(set(restocks)) == len(restocks)
    assert all(history[revision - 1] >= minimum for revision in restocks)


@settings(max_examples=200, deadline=None)
@given(history=HISTORIES, settle=st.integers(1, 50), gaps=st.lists(st.integers(1, 60), min_size=8, max_size=8))
def test_in_order_it_announces_what_a_patient_shopkeeper_would(
    history: list[int], settle: int, gaps: list[int]
) -> None:
    """The reference looks at each second. A restock means: after nothing, there is enough for the whole settle time."""
    shop = SkuSettings(settle_seconds=settle)
    clock = FakeClock()
    state, restocks, free = SettleState(), [], 0
    expected, out, since = [], True, None
    for revision, (level, gap) in enumerate(zip(history, gaps, strict=False), start=1):
        free = level
        state = observed(state, Observation(revision=revision, free=free), shop, now=clock.now())
        if level <= 0:
            out, since = True, None
        elif out and since is None:
            since = revision
            waited = 0
        for _ in range(gap):
            clock.advance(seconds=1)
            if is_due(state, now=clock.now()) and state.state == "pending":
                state = settled(state, free, shop, now=clock.now())
                restocks.append(state.restock_revision)
                state = announced(state)
            if since is not None:
                waited += 1
                if waited >= settle:
                    expected.append(since)
                    out, since = False, None

    assert restocks == expected
    assert replace(state, announced=True) == state
