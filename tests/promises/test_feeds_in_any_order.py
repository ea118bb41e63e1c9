"""Complete files and messages in any order, often at once, lead to what they say in the order of their times."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.catalog.absences.repository import AbsenceRepository
from standby.catalog.feeds.completeness import INDEX_LAG_SECONDS
from standby.platform.clock import to_text

from tests.promises.killing import dead_letters
from tests.promises.test_absent_anywhere import listed, saves, shown
from tests.promises.unruly import Unruly, searching
from tests.standby.catalog.words import upserted
from tests.world import World, furnish

pytestmark = pytest.mark.promise("P4")

PRODUCTS = ("CUP", "MUG", "JUG")


@dataclass(frozen=True)
class Said:
    """A file that names some products, or a message about one of them."""

    named: frozenset[str]
    seconds: int
    """After the one before."""
    file: bool
    runs: bool
    """Something of it is done before the next one comes."""


words = st.builds(
    lambda named, seconds, file, runs: Said(named if file else frozenset(sorted(named)[:1]), seconds, file, runs),
    st.frozensets(st.sampled_from(PRODUCTS), min_size=1),
    st.sampled_from([1, 1, 4, 9]),
    st.sampled_from([True, True, True, False]),
    st.booleans(),
)


def expected(history: list[Said]) -> tuple[set[str], set[str]]:
    """Return the products that have SKUs, and those of the feed, from all words in their order."""
    sold: set[str] = set()
    brought: set[str] = set()
    for said in history:
        if said.file:
            sold = (sold - brought) | said.named
            brought = set(said.named)
        else:
            sold |= said.named
    return sold, brought


@searching(examples=25, steps=1)
@given(history=st.lists(words, min_size=2, max_size=6), seed=st.integers(0, 1_000))
def test_any_order_of_files_and_messages_leads_to_the_same(history: list[Said], seed: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("standby.platform.brake.BRAKE_PERCENT", 100)
        monkeypatch.setattr("standby.catalog.feeds.completeness.LISTED", 1)
        world = furnish(monkeypatch)
        saves(world)
        happens(world, history, seed)
        sold, brought = expected(history)
        assert {name for name in PRODUCTS if (shown(world, name) or {"skus": ()})["skus"]} == sold
        assert set(AbsenceRepository("Catalog").members("shop")) == brought
        assert dead_letters(world) == []


def happens(world: World, history: list[Said], seed: int) -> Any:
    """Let files and messages come while what came before is still on its way."""
    order = Unruly(seed, unsteady=True)
    for number, said in enumerate(history):
        world.clock.advance(seconds=said.seconds)
        if said.file:
            world.put(f"inbox/shop/{number}.tsv", listed(*sorted(said.named)))
        else:
            (name,) = said.named
            world.send("CatalogUpdates", upserted(name, name, as_of=to_text(world.clock.now())))
        for _ in range(3 if said.runs else 0):
            order(world)
    world.turn = order
    for seconds in (0, INDEX_LAG_SECONDS + 1, 60):
        world.wait(seconds=seconds)
    world.steady()
    world.wait(minutes=16)
