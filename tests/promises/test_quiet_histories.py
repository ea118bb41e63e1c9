"""Whoever stands in the segment of quiet customers is who a plain model says, whatever they do and in which order."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.promises.segments import segment
from tests.promises.shop import CONSENT, TOKENS, Shop
from tests.world import World

pytestmark = pytest.mark.promise("P8")

PEOPLE = [f"p{number}@example.org" for number in range(4)]
SKUS = ("MUG", "BOWL")
DAYS, SEEN_WITHIN = timedelta(days=60), timedelta(days=10)
STEPS = 30


@dataclass
class Paper:
    """What a person would note who watches everybody."""

    agreed: set[str] = field(default_factory=set)
    waiting: dict[str, set[str]] = field(default_factory=dict)
    told: dict[str, datetime] = field(default_factory=dict)
    """When somebody was told first since they did something."""

    def signs(self, email: str) -> None:
        """Note that somebody did something."""
        self.told.pop(email, None)

    def quiet(self, now: datetime, after: timedelta) -> set[str]:
        """Return who did nothing for so long after they were told something."""
        return {email for email, at in self.told.items() if email in self.agreed and now - at >= after}


@dataclass
class History:
    """A shop, its paper, and chance."""

    shop: Shop
    chance: random.Random
    paper: Paper = field(default_factory=Paper)

    def joins(self) -> None:
        """Let somebody wait for something, with advertising or without."""
        email, sku, marketing = self.chance.choice(PEOPLE), self.chance.choice(SKUS), self.chance.random() < 0.7
        now = self.shop.world.clock.now()
        consent = {**CONSENT, "marketing": marketing, "at": to_text(now), "source": "checkout"}
        self.shop.waits(email, sku, consent=consent)
        self.paper.waiting.setdefault(sku, set()).add(email)
        self.paper.signs(email)
        if marketing:
            self.paper.agreed.add(email)
        self._settle()

    def returns(self) -> None:
        """Let something come back for everybody who waits, and go again."""
        sku = self.chance.choice(SKUS)
        for units in (9, 0):
            self.shop.counts(sku, units)
        for email in self.paper.waiting.pop(sku, set()):
            self.paper.told.setdefault(email, self.shop.world.clock.now())
        self._settle()

    def orders(self) -> None:
        """Let somebody order what they had reserved at a checkout."""
        email, now = self.chance.choice(PEOPLE), to_text(self.shop.world.clock.now())
        detail = {"version": 1, "id": f"r{now}", "at": now, "reservation_id": "r", "kind": "checkout"}
        event = {"detail-type": "ReservationConfirmed", "source": "standby"}
        lines = [{"sku": "OTHER", "quantity": 1}]
        about = {**detail, "lines": lines, "address": address_key(email)}
        for _ in range(self.chance.randint(1, 2)):
            self.shop.world.send("WaitlistRecords", {**event, "detail": about})
        self.paper.signs(email)
        self._settle()

    def leaves(self) -> None:
        """Let somebody end everything."""
        email, now = self.chance.choice(PEOPLE), self.shop.world.clock.now()
        token = TOKENS.issue("leave", {"a": address_key(email)}, now=now, lifetime=timedelta(days=1))
        self.shop.world.request("waitlist_api", "POST", "/v1/waitlist/leave", query={"token": token})
        self.paper.agreed.discard(email)
        for waiting in self.paper.waiting.values():
            waiting.discard(email)
        self.paper.signs(email)
        self._settle()

    def passes(self) -> None:
        """Let days pass, each with a sweep, which may come twice."""
        world = self.shop.world
        for _ in range(self.chance.choice([3, 15, 35])):
            world.clock.advance(days=2)
            for _ in range(self.chance.choice([1, 1, 2])):
                world.send("WaitlistSweeps", {"sweep": "due"})
            self._settle()
        now = world.clock.now()
        in_it = segment(world, PEOPLE, self.chance)
        assert self.paper.quiet(now, DAYS + SEEN_WITHIN) <= in_it <= self.paper.quiet(now, DAYS)

    def _settle(self) -> None:
        self.shop.world.settle()
        assert not self.shop.world.failures
        self.shop.world.clock.advance(seconds=1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_segment_is_what_the_paper_says(world: World, seed: int) -> None:
    shop = Shop(world)
    for sku in SKUS:
        shop.counts(sku, 3)
        shop.counts(sku, 0)
    history = History(shop, random.Random(seed))
    acts = [history.joins, history.returns, history.orders, history.leaves, history.passes]
    for act in (history.joins, *history.chance.choices(acts, weights=[4, 3, 1, 1, 3], k=STEPS), history.passes):
        act()
    assert "CustomerWentQuiet" in world.names(), "a history in which nobody goes quiet says nothing"
