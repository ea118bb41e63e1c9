"""Whom waves tell, beside a person who goes down a list with a pencil."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from standby.platform.clock import to_text
from standby.waitlist.model import Listing, wave_units
from standby.waitlist.wave import Chain, Stretch, choose

from tests.fakes import EPOCH
from tests.promises.unruly import searching

NOW = to_text(EPOCH)
LINE = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(("en", "he"))), max_size=40)
RATIOS = st.sampled_from((0.01, 0.3, 0.5, 1.0, 1.7, 3.0))


def waiting(line: list[tuple[int, str]]) -> list[Listing]:
    """Return the listings of people who want so many units each."""
    until = to_text(EPOCH + timedelta(days=30))
    return [
        Listing(
            sku="MUG",
            place=to_text(EPOCH - timedelta(days=1) + timedelta(seconds=number)),
            entry_id=f"e{number:03}",
            address=f"a{number}",
            email=f"{number}@example.org",
            quantity=quantity,
            locale=locale,
            consented_at=NOW,
            expires_at=until,
        )
        for number, (quantity, locale) in enumerate(line)
    ]


def fair(line: list[Listing], sellable: int, bound: int | None) -> list[str]:
    """Go down the list: nobody who wants more than there is; the bound ends it, and the last one may exceed it."""
    told: list[str] = []
    promised = 0
    there = sellable if bound is None else max(sellable, bound)
    for each in line:
        if bound is not None and promised >= bound:
            break
        if each.quantity <= sellable and (bound is None or promised + each.quantity <= there):
            told.append(each.entry_id)
            promised += each.quantity
    return told


def wave(chain: Chain, line: list[Listing], there: int, size: int) -> tuple[list[str], Chain]:
    """Let a wave go down a line in pages of at most ``size`` listings."""
    told: list[str] = []
    while chain.state == "paging":
        ahead = [each for each in line if each.key > chain.cursor]
        if not ahead:
            return told, chain.finished(EPOCH)
        stretch = Stretch(ahead[:size], exhausted=len(ahead) <= size)
        choice = choose(
            stretch,
            revision=chain.revision,
            units_left=chain.bound,
            there=there,
            spare=chain.spare,
            now=NOW,
            start=chain.cursor,
        )
        told += [member.entry_id for member in choice.members]
        chain = chain.turned(EPOCH, choice)
    return told, chain


@searching(examples=400, steps=1)
@given(line=LINE, sellable=st.integers(1, 30), ratio=RATIOS, everyone=st.booleans(), size=st.integers(1, 12))
def test_a_wave_tells_whom_a_person_would(
    line: list[tuple[int, str]], sellable: int, ratio: float, size: int, *, everyone: bool
) -> None:
    people = waiting(line)
    bound = wave_units(sellable, ratio, everyone=everyone)
    spare = 0 if bound is None else max(0, sellable - bound)
    begun = Chain(sku="MUG", revision=1).next_wave(
        EPOCH, NOW, units=bound, spare=spare, counted=1, interval_seconds=3600
    )

    told, _ = wave(begun, people, sellable, size)

    assert told == fair(people, sellable, bound)


@searching(examples=400, steps=1)
@given(
    line=LINE,
    sellable=st.integers(1, 12),
    freed=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 2)), max_size=6),
    size=st.integers(1, 12),
)
def test_what_comes_back_is_told_to_whoever_waits_longest_and_never_twice(
    line: list[tuple[int, str]], sellable: int, freed: list[tuple[int, int]], size: int
) -> None:
    """Beside what comes back there may be units that nobody was promised, by which the last one told may exceed it."""
    people = waiting(line)
    chain = Chain(sku="MUG", revision=1).next_wave(
        EPOCH, NOW, units=sellable, spare=0, counted=1, interval_seconds=3600
    )
    told, chain = wave(chain, people, sellable, size)
    unclaimed = 0
    for units, spare in freed:
        left = [each for each in people if each.entry_id not in told]
        unclaimed += units
        expected = fair(left, unclaimed + spare, unclaimed)
        if chain.helps_nobody(chain.returned + units + spare, EPOCH):
            assert not expected, "put off, though it would have helped somebody"
            chain = chain.put_off(EPOCH, 3600, counted=None, returned=chain.returned + units)
            continue
        begun = chain.extra_wave(EPOCH, NOW, units=chain.returned + units, spare=spare, interval_seconds=3600)
        again, chain = wave(begun, left, sellable + sum(map(sum, freed)), size)
        assert again == expected
        unclaimed = max(0, unclaimed - sum(each.quantity for each in left if each.entry_id in again))
        told += again
        if chain.state != "resting":
            break  # nobody waits any more
        assert chain.returned == unclaimed
