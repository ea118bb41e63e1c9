"""Storms over campaigns: several faults at random rates at once, late indexes, clocks two seconds apart, and disorder.

A seed draws which faults there are, how often, and what customers and the ERP do meanwhile. When the storm is over, an
operator redrives what was set aside, and within fifteen minutes all owed work is done. ``STANDBY_STORMS=n`` tries n
more seeds; a failure names it.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from os import environ
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.crashes import FAULTS
from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import Shop
from tests.promises.test_storms import HIGHEST_RATE, MOST_FAULTS, ROUNDS, Gale
from tests.promises.unruly import Unruly
from tests.standby.preorder.sales import LAMP, Sales
from tests.wiring import DEAD_LETTERS, QUEUES
from tests.world import Killed, World

pytestmark = pytest.mark.promise("P1", "P3", "P5", "P9", "P10")

SEEDS = (*range(4), *range(1_000, 1_000 + int(environ.get("STANDBY_STORMS", "0"))))
HAPPENINGS = 25
ATTEMPTS = 4
"""So often somebody asks in vain; then the storm pauses."""
RESTING = {"PreorderRecords", "PreorderAllocations"}
"""Queues in which something may wait for its time: the end of a hold, a look at what is missing."""


class Storm:
    """A shop with a campaign in a storm."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.sales, self.chance = world, Sales(Shop(world)), random.Random(seed)
        self.sales.opens(capacity=9, limit_per_customer=4, shards=2, allocation=self.chance.choice(("strict", "fill")))
        self.sales.shop.counts(LAMP, 0)
        names = self.chance.sample(sorted(FAULTS), self.chance.randint(1, MOST_FAULTS))
        self.gale = Gale(random.Random(seed), {name: HIGHEST_RATE * self.chance.random() ** 2 for name in names})
        self.disorder = Unruly(seed, latest=timedelta(minutes=10), unsteady=True)
        self.quiet = world.tap
        self.asked = 0
        self.on_hand = self.committed = 0

    def a_day(self) -> None:
        """Let a day go by."""
        self.world.tap = self.gale  # type: ignore[assignment] # it breaks calls
        acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (6, self.somebody_reserves),
            (5, lambda: self.somebody_does("confirm")),
            (2, lambda: self.somebody_does("cancel")),
            (5, self.the_erp_counts),
            (3, self.the_erp_knows_an_order),
            (1, lambda: self.the_erp_ends_an_order("shipped")),
            (1, lambda: self.the_erp_ends_an_order("cancelled")),
            (2, self.the_erp_cancels_a_unit),
        )
        weights, happenings = zip(*acts, strict=True)
        for _ in range(HAPPENINGS):
            self.chance.choices(happenings, weights)[0]()
            self.disorder._doubles = 0
            for _ in range(ROUNDS):
                if not self.disorder(self.world):
                    break
            self.world.clock.advance(seconds=self.chance.choice((1, 20, 61, 400)))

    def somebody_reserves(self) -> None:
        self.asked += 1
        customer = {"email": f"c{self.chance.randrange(4)}@example.org", "locale": "en"}
        body = {"sku": LAMP, "quantity": self.chance.choice((1, 1, 2, 3)), "customer": customer}
        kind = self.chance.choice(("preorder", "preorder", "checkout"))
        self._asks("/v1/reservations", {**body, "kind": kind}, key=f"k{self.asked}")

    def somebody_does(self, what: str) -> None:
        if name := self._any():
            self._asks(f"/v1/reservations/{name}/{what}", None)

    def the_erp_counts(self) -> None:
        self.on_hand, self.committed = self.chance.randrange(10), self.chance.choice((0, 0, 2, 5))
        at = to_text(self.world.clock.now())
        netted = {"netted_until": at} if self.chance.random() < 0.5 else {}
        level = {**self.sales.shop.level(LAMP, self.on_hand), "committed": self.committed, **netted}
        self.world.send("StockUpdates", level)

    def the_erp_knows_an_order(self) -> None:
        if name := self._any():
            lines = [{"line_id": "1", "sku": LAMP, "quantity": 1}]
            self._order(name, "placed", reservation_ids=[name], lines=lines)

    def the_erp_ends_an_order(self, what: str) -> None:
        if name := self._any():
            self.the_erp_knows_an_order()
            self._order(name, what, occurred_at=to_text(self.world.clock.now()))

    def the_erp_cancels_a_unit(self) -> None:
        """Cancel a unit of an order of two or three, and perhaps ship the others before anybody hears of that."""
        several = [each for each in reservations(self.world) if sum(line.quantity for line in each.every_line) > 1]
        if several:
            each = self.chance.choice(several)
            quantities = {"1": 1, "2": sum(line.quantity for line in each.every_line) - 1}
            lines = [{"line_id": name, "sku": LAMP, "quantity": units} for name, units in quantities.items()]
            self._order(each.reservation_id, "placed", reservation_ids=[each.reservation_id], lines=lines)
            at = to_text(self.world.clock.now())
            self._order(each.reservation_id, "cancelled", line_ids=["1"], occurred_at=at)
            if self.chance.random() < 0.3:
                self._order(each.reservation_id, "shipped", line_ids=["2"], occurred_at=at)

    def is_over(self) -> None:
        """End it: an operator redrives, and a quarter of an hour later nothing is owed."""
        self.world.tap = self.quiet  # type: ignore[method-assign]
        for minute in range(15):
            if minute < 2:
                self._redrive()
            self.world.wait(minutes=1)
        waiting = {name for name in QUEUES if self.world.visible(name)}
        assert not waiting, f"still to be done: {waiting}"
        assert {name for name in QUEUES if self.world.queues[name]} <= RESTING
        letters = {name: list(self.world.queues[name]) for name in DEAD_LETTERS.values() if self.world.queues[name]}
        assert not letters, f"promise 9: set aside without need: {letters}"
        now = self.world.clock.now()
        held = [each for each in reservations(self.world) if each.status == "held" and not each.over(now)]
        everything_was_told(self.world, held=len(held))
        adds_up(self.world)
        self._goods_are_where_they_belong()

    def _goods_are_where_they_belong(self) -> None:
        stock, campaign = self.sales.shop.stock(LAMP), self.sales.campaign()
        assert (stock["on_hand"], stock["committed"]) == (self.on_hand, self.committed), "promise 4"
        assert campaign["reserved"] + campaign["remaining"] == campaign["capacity"], "promise 1"
        lacking = stock["owed"] + stock["awaited"]
        left = min(lacking, max(0, stock["free"] + lacking))
        line = sorted(
            (each for each in reservations(self.world) if each.kind == "preorder"), key=lambda each: each.place
        )
        for each in line:
            lacks = each.lines[0].quantity - each.lines[0].given if each.status in {"held", "confirmed"} else 0
            assert each.status == "held" or not lacks or left <= 0, "promise 5: units lie about that somebody lacks"
            left -= min(left, lacks)

    def _redrive(self) -> None:
        for name in sorted(set(DEAD_LETTERS.values())):
            letters = list(self.world.queues[name])
            self.world.queues[name].clear()
            for letter in letters:
                source = letter.source or letter.attributes.get("source_arn", "").rpartition(":")[2]
                self.world.queues[source].append(replace(letter, receives=0, source=""))

    def _any(self) -> str | None:
        names = [each.reservation_id for each in reservations(self.world)]
        return self.chance.choice(names) if names else None

    def _order(self, name: str, what: str, **more: Any) -> None:
        at = to_text(self.world.clock.now())
        self.world.send("OrderUpdates", {"type": f"order.{what}", "order_id": f"O-{name[:8]}", "as_of": at, **more})

    def _asks(self, path: str, body: Any, *, key: str = "") -> None:
        """Ask until there is an answer that is no failure of ours, as a storefront does."""
        headers = {"Idempotency-Key": key} if key else {}
        for attempt in range(ATTEMPTS + 1):
            self.world.tap = self.quiet if attempt == ATTEMPTS else self.gale  # type: ignore[assignment]
            try:
                status, _ = self.world.request(
                    "preorder_api", "POST", path, body=body, headers=headers, scopes="storefront"
                )
            except Killed:
                continue
            finally:
                self.world.tap = self.gale  # type: ignore[assignment]
            if status < 500:
                return
        raise AssertionError(f"{path}: never answered")


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_storm_all_reservations_add_up_and_everything_was_told(seed: int, world: World) -> None:
    storm = Storm(world, seed)

    storm.a_day()
    storm.is_over()
