"""Kits from the messages of shop and ERP to the badges, searched: whatever comes in whatever order, while others buy.

What they are made of, how many there are, and what is told of them is compared with plain arithmetic.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.ledger.claims import Claim, ClaimBook, SoldOutError
from standby.ledger.table import LedgerTable

from tests.promises.killing import dead_letters, distinct
from tests.promises.shop import Shop
from tests.promises.unruly import run_unruly, searching
from tests.standby.availability.storefront import on_the_ledger, row
from tests.standby.catalog.words import upserted
from tests.wiring import QUEUES
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P9")

PARTS, KITS = ("TENT", "POLE", "PEG"), ("CAMP", "BOTH")
SKUS = PARTS + KITS
LATER = 16
"""Minutes after which what failed came again."""
OVERTAKEN = 0.05
"""The part of a function's calls before which something else runs."""

parts, recipes = st.sampled_from(PARTS), st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), max_size=3)
happenings = st.one_of(
    st.tuples(st.just("level"), parts, st.integers(0, 9)),
    st.tuples(st.just("level"), st.sampled_from(SKUS), st.integers(0, 9)),
    st.tuples(st.just("made of"), st.dictionaries(st.sampled_from(KITS), recipes, max_size=2)),
    st.tuples(st.just("bought"), st.sampled_from(SKUS), st.integers(1, 2)),
    st.tuples(st.just("given back"), st.integers(0, 5)),
)


class Market:
    """A shop whose ERP, catalogue and customers do as they please, and the paper on which it is noted."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.shop, self.chance = world, Shop(world), random.Random(seed)
        self.levels: dict[str, int] = {}
        self.made: tuple[int, Mapping[str, Mapping[str, int]]] = (-1, {})
        self.claims: list[Claim] = []
        self.overtaking = False

    def level(self, _minute: int, sku: str, units: int) -> None:
        self.levels[sku] = units
        self.world.send("StockUpdates", self.shop.level(sku, units))

    def made_of(self, minute: int, kits: Mapping[str, Mapping[str, int]]) -> None:
        said = {kit: {sku: n for sku, n in recipe.items() if sku != kit} for kit, recipe in kits.items()}
        self.made = max(self.made, (minute, said), key=lambda word: word[0])
        variants = [
            {"sku": kit, "components": [{"sku": sku, "quantity": n} for sku, n in recipe.items()]}
            for kit, recipe in said.items()
        ]
        self.world.send("CatalogUpdates", upserted("KITS", minute=minute, variants=variants))

    def bought(self, minute: int, sku: str, units: int) -> None:
        claim = Claim(claim_id=f"c{minute}", sku=sku, kind="checkout", units=units)
        try:
            self.claims.append(self._book().take(claim, now=self.world.clock.now()))
        except SoldOutError:
            return

    def given_back(self, _minute: int, which: int) -> None:
        if self.claims:
            claim = self.claims.pop(which % len(self.claims))
            assert self._book().give_back(claim.sku, claim.claim_id, now=self.world.clock.now())

    def _book(self) -> ClaimBook:
        return ClaimBook(LedgerTable("Stock", self.world.dynamodb))

    # ---- running ----

    def overtakes(
        self, _service: str, _operation: str, _parameters: Mapping[str, Any], make: Callable[..., Any]
    ) -> Any:
        """Run something else before some of the calls."""
        if not self.overtaking and self.chance.random() < OVERTAKEN:
            self.overtaking = True
            self.world.meanwhile(self._something)
            self.overtaking = False
        return make()

    def _something(self, world: World) -> None:
        for queue in self.chance.sample(sorted(QUEUES), len(QUEUES)):
            if world.deliver(queue, most=2):
                return
        world._stream(1)

    def runs(self, seed: int) -> None:
        self.world.tap = self.overtakes
        run_unruly(self.world, seed)
        self.world.tap = World.tap

    # ---- the paper ----

    def recipe(self, sku: str) -> Mapping[str, int]:
        return self.made[1].get(sku, {})

    def held(self, sku: str) -> int:
        whole = sum(claim.units for claim in self.claims if claim.sku == sku)
        return whole + sum(part.units for claim in self.claims for part in claim.parts() if part.sku == sku)

    def alone(self, sku: str) -> int:
        return 0 if self.recipe(sku) else self.levels.get(sku, 0) - self.held(sku)

    def free(self, sku: str) -> int:
        recipe = self.recipe(sku)
        return max(0, min(self.alone(part) // n for part, n in recipe.items())) if recipe else self.alone(sku)


def test_kits_are_what_their_components_make_them(world: World) -> None:
    start = world.snapshot()

    @searching(examples=40, steps=1)
    @given(st.lists(happenings, min_size=3, max_size=14), st.randoms(use_true_random=False), st.integers(0, 1_000))
    def search(history: list[tuple[Any, ...]], order: Any, seed: int) -> None:
        world.restore(start)
        market = Market(world, seed)
        minutes = order.sample(range(60), len(history))
        for minute, (what, *said) in zip(minutes, history, strict=True):
            world.clock.advance(seconds=1)
            getattr(market, what.replace(" ", "_"))(minute, *said)
            if order.random() < 0.4:
                market.runs(seed)
        market.runs(seed)
        world.wait(minutes=LATER)
        everything_agrees(world, market)

    search()


def everything_agrees(world: World, market: Market) -> None:
    assert dead_letters(world) == []
    told: dict[str, dict[str, Any]] = {}
    for event in distinct(world, "StockChanged"):
        told[event["sku"]] = max(told.get(event["sku"], event), event, key=lambda each: each["revision"])
    for sku in told:
        stock = market.shop.stock(sku)
        assert (stock["free"], stock["held"]) == (market.free(sku), market.held(sku)), sku
        assert told[sku]["revision"] == stock["revision"], f"the newest numbers of {sku} were never told"
        assert (stock["state"] == "in") == (stock["free"] > 0), sku
        assert row(world, sku).supply == on_the_ledger(world, sku), sku
    made = {sku for sku in KITS if market.recipe(sku)} | set(market.levels)
    assert made <= told.keys()
