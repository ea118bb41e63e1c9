"""Kits against a plain model: whatever is said, taken and given back, the ledger has its numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.ledger import items
from standby.ledger.claims import Claim, ClaimBook, SoldOutError
from standby.ledger.kits import KitBook
from standby.ledger.levels import LevelBook
from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.table import Update

from tests.fakes import EPOCH
from tests.promises.unruly import searching
from tests.standby.ledger.words import reading
from tests.world import World, build

pytestmark = pytest.mark.promise("P1")

PARTS = ("TENT", "POLE", "PEG")
KITS = ("CAMP", "BOTH")
SKUS = PARTS + KITS
Recipe = dict[str, int]

skus, kits = st.sampled_from(SKUS), st.sampled_from(KITS)
names = st.sampled_from([f"c{number}" for number in range(5)])
recipes = st.dictionaries(skus, st.integers(1, 3), max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("level"), st.sampled_from(PARTS), st.integers(0, 9)),
    st.tuples(st.just("level"), skus, st.integers(0, 5)),
    st.tuples(st.just("define"), kits, recipes, st.integers(1, 30)),
    st.tuples(st.just("take"), skus, names, st.integers(1, 3)),
    st.tuples(st.just("end"), names, st.sampled_from(["give_back", "shipped"])),
    st.tuples(st.just("settle"), names),
    st.tuples(st.just("net"), st.sampled_from(PARTS)),
    st.tuples(st.just("look"), kits),
)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from build(monkeypatch)


@dataclass
class Taken:
    """A claim on paper: what is held of each SKU, and whether it is settled."""

    sku: str
    held: Recipe
    whole: int
    kit: bool
    settled: bool = False
    live: bool = True


@dataclass
class Paper:
    """What is known, in plain numbers."""

    levels: Recipe = field(default_factory=dict)
    words: dict[str, dict[int, Recipe]] = field(default_factory=dict)
    claims: dict[str, Taken] = field(default_factory=dict)

    def recipe(self, sku: str) -> Recipe:
        said = self.words.get(sku, {})
        return said[max(said)] if said else {}

    def held(self, sku: str) -> int:
        own = sum(taken.whole for taken in self.claims.values() if taken.live and taken.kit and taken.sku == sku)
        return own + sum(taken.held.get(sku, 0) for taken in self.claims.values())

    def alone(self, sku: str) -> int:
        """Return what is free of a SKU as a component."""
        return 0 if self.recipe(sku) else self.levels.get(sku, 0) - self.held(sku)

    def free(self, sku: str) -> int:
        recipe = self.recipe(sku)
        if not recipe:
            return self.alone(sku)
        return max(0, min(self.alone(part) // quantity for part, quantity in recipe.items()))


@dataclass
class Run:
    """The ledger beside the paper."""

    table: LedgerTable
    paper: Paper = field(default_factory=Paper)
    second: int = 0
    netted: set[str] = field(default_factory=set)
    """The SKUs of which a level said that it contains all orders."""

    def level(self, sku: str, units: int, **more: Any) -> None:
        self.second += 1
        LevelBook(self.table).record(sku, [reading(sku, "berlin", units, second=self.second, **more)], now=EPOCH)
        self.paper.levels[sku] = units

    def net(self, sku: str) -> None:
        """The ERP counts without the orders that it knows."""
        gone = sum(taken.held.pop(sku, 0) for taken in self.paper.claims.values() if taken.settled)
        self.level(sku, self.paper.levels.get(sku, 0) - gone, netted_until=to_text(EPOCH))
        self.netted.add(sku)
        self.emptied()

    def emptied(self) -> None:
        for taken in self.paper.claims.values():
            if taken.settled and not taken.held:
                taken.live = False

    def define(self, kit: str, recipe: Recipe, edition: int) -> None:
        said = self.paper.words.setdefault(kit, {})
        recipe = {part: quantity for part, quantity in recipe.items() if part != kit}
        if edition in said:
            recipe = said[edition]
        said[edition] = recipe
        self.table.write(Update(items.membership_key(kit), assign={"edition": max(said)}))
        KitBook(self.table).define(kit, recipe.items(), edition=edition, now=EPOCH)

    def take(self, sku: str, name: str, units: int) -> None:
        recipe = self.paper.recipe(sku)
        known = self.paper.claims.get(name)
        if known is not None and known.sku != sku:
            return
        claim = Claim(claim_id=name, sku=sku, kind="offer", units=units)
        there = {part: self.paper.alone(part) // quantity for part, quantity in (recipe or {sku: 1}).items()}
        if known is None and min(there.values()) < units:
            with pytest.raises(SoldOutError) as refused:
                ClaimBook(self.table).take(claim, now=EPOCH)
            assert min(there.values()) == refused.value.free
            return
        ClaimBook(self.table).take(claim, now=EPOCH)
        if known is None:
            held = {part: quantity * units for part, quantity in (recipe or {sku: 1}).items()}
            self.paper.claims[name] = Taken(sku, held, units, kit=bool(recipe))

    def end(self, name: str, how: str) -> None:
        taken = self.paper.claims.get(name)
        if taken is not None:
            done = getattr(ClaimBook(self.table), how)(taken.sku, name, now=EPOCH)
            assert done == taken.live
            taken.live = False
            taken.held.clear()

    def settle(self, name: str) -> None:
        taken = self.paper.claims.get(name)
        if taken is not None:
            ClaimBook(self.table).settle(taken.sku, name, settled_at=to_text(EPOCH), now=EPOCH)
            taken.settled = taken.live
            for sku in list(taken.held):
                if sku in self.netted and not self.paper.recipe(sku):
                    del taken.held[sku]
            self.emptied()

    def look(self, kit: str) -> None:
        KitBook(self.table).look(kit, now=EPOCH)

    def agrees(self) -> None:
        for kit in KITS * 2:
            self.look(kit)
        for sku in SKUS:
            stock = LedgerReader(self.table).stock(sku)
            told = (stock.free, stock.held, stock.on_hand - stock.held) if stock else (0, 0, 0)
            assert (self.paper.free(sku), self.paper.held(sku), self.paper.free(sku)) == told, sku


@given(steps=st.lists(STEPS, min_size=4, max_size=30))
@searching(examples=40, steps=1)
def test_kits_have_the_numbers_of_a_plain_model(world: World, steps: list[tuple[Any, ...]]) -> None:
    run = Run(LedgerTable("Stock", world.dynamodb))
    for name in world.memory.tables:
        world.memory.tables[name].items.clear()
    for what, *said in steps:
        getattr(run, what)(*said)
    run.agrees()
