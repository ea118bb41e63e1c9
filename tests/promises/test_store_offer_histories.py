"""Whoever is invited to a store, and by which offer, is what a plain model says, however messages come (P3, P8)."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from standby.platform.address import address_key

from tests.promises.shop import TOKENS
from tests.promises.unruly import Unruly
from tests.standby.waitlist.invited import HAIFA, TEL_AVIV, Inviting, invitations
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P8")

PEOPLE = [f"p{number}@example.org" for number in range(5)]
SKUS = ("SHIRT", "COAT")
NEAREST = {TEL_AVIV: "dizengoff", HAIFA: "carmel"}
STEPS = 24


@dataclass
class Paper:
    """What a person would write down who invites by hand."""

    units: dict[tuple[str, str], int] = field(default_factory=dict)
    waits: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """Where who waits for a SKU would be invited; ``None``: they said no place, or agreed to no advertising."""
    refused: set[str] = field(default_factory=set)
    offers: dict[str, dict[str, Any]] = field(default_factory=dict)
    invited: dict[str, set[str]] = field(default_factory=dict)

    def wanted(self, offer_id: str) -> set[str]:
        """Return who may be invited by an offer and was not."""
        terms = self.offers[offer_id]
        return {
            email
            for (email, sku), store in self.waits.items()
            if store is not None
            and sku in terms["skus"]
            and self.units.get((store, sku), 0) > 0
            and email not in self.refused
            and email not in self.invited.get(offer_id, set())
        }


@dataclass
class History:
    """A shop, its paper, and chance."""

    shop: Inviting
    chance: random.Random
    paper: Paper = field(default_factory=Paper)

    def waits(self) -> None:
        """Let somebody wait for something, or say anew how."""
        email, sku, near = self.chance.choice(PEOPLE), self.chance.choice(SKUS), self.chance.choice(list(NEAREST))
        marketing = self.chance.random() < 0.8
        self.shop.wishes(email, sku, near=near, marketing=marketing)
        self.paper.waits[email, sku] = NEAREST[near] if marketing else None
        if email in self.paper.refused and marketing:
            self.paper.refused.discard(email)
            for other in SKUS:  # what they agreed to before stays refused
                if other != sku and (email, other) in self.paper.waits:
                    self.paper.waits[email, other] = None

    def has(self) -> None:
        """Let a store have some of something, or none."""
        store, sku, units = (
            self.chance.choice(list(NEAREST.values())),
            self.chance.choice(SKUS),
            self.chance.choice([0, 2]),
        )
        self.shop.has(store, sku, units)
        self.paper.units[store, sku] = units

    def returns(self) -> None:
        """Let something be there online for a while: whoever waits for it is told."""
        sku = self.chance.choice(SKUS)
        self.shop.counts(sku, 50)
        self.shop.counts(sku, 0)
        self.paper.waits = {key: store for key, store in self.paper.waits.items() if key[1] != sku}

    def says(self) -> None:
        """Let the shop make an offer of a week or say something else of one."""
        offer_id, today = self.chance.choice(["one", "two"]), self.shop.today()
        terms = {"skus": self.chance.choice([["SHIRT"], list(SKUS)]), "most": self.chance.choice([1, 2, 9])}
        days = {"since": today.isoformat(), "until": (today + timedelta(days=60)).isoformat(), "hour": 0}
        self.shop.offers(offer_id, **terms, **days)
        self.paper.offers[offer_id] = terms

    def ends(self) -> None:
        """Let the shop end an offer."""
        if self.paper.offers:
            offer_id = self.chance.choice(sorted(self.paper.offers))
            self.shop.ends(offer_id)
            del self.paper.offers[offer_id]

    def refuses(self) -> None:
        """Let somebody want no offers any more."""
        email, clock = self.chance.choice(PEOPLE), self.shop.world.clock
        token = TOKENS.issue("store_offers", {"a": address_key(email)}, now=clock.now(), lifetime=timedelta(days=1))
        path = "/v1/waitlist/store-offers/leave"
        assert self.shop.world.request("waitlist_api", "POST", path, query={"token": token})[0] == 200
        self.shop.world.settle()
        clock.advance(seconds=1)
        self.paper.refused.add(email)

    def sends(self) -> None:
        """Let a day pass and its invitations go out, begun some times, in disorder."""
        world = self.shop.world
        world.clock.advance(days=1)
        before = len(world.mails)
        for _ in range(self.chance.randint(1, 3)):
            world.send("WaitlistSweeps", {"sweep": "store_offers"})
        rounds = Unruly(self.chance.randrange(1_000))
        while rounds(world):
            pass
        world.settle()
        assert not world.failures
        told = [(mail.email, mail.text) for mail in world.mails[before:] if "/store-offers/leave" in mail.text]
        wanted: Counter[str] = Counter()
        for offer_id, terms in sorted(self.paper.offers.items()):
            known, able = self.paper.invited.setdefault(offer_id, set()), self.paper.wanted(offer_id)
            new = {email for email in PEOPLE if self.shop.invited_by(email).count(offer_id)} - known
            assert new <= able, (offer_id, new, able)
            assert len(new) == min(len(able), max(0, terms["most"] - len(known))), (offer_id, new, able)
            known |= new
            wanted.update(new)
            assert (self.shop.shown(offer_id)["invited"], self.shop.shown(offer_id)["told"]) == (len(known), len(known))
        assert Counter(email for email, _ in told) == wanted
        world.clock.advance(seconds=1)


@pytest.mark.parametrize("seed", [0, 2])
def test_those_are_invited_whom_the_paper_names(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVERTISING_DAYS", "0")
    monkeypatch.setattr("standby.waitlist.store_inviting.PAGE", 2)
    shop = Inviting(world)
    shop.opens("dizengoff", "carmel")
    shop.sells(*SKUS)
    history = History(shop, random.Random(seed))
    acts = [history.waits, history.has, history.sends, history.says, history.ends, history.refuses, history.returns]
    drawn = history.chance.choices(acts, weights=[5, 4, 4, 3, 1, 1, 1], k=STEPS)
    for act in (history.waits, history.has, history.says, *drawn, history.waits, history.has, history.sends):
        act()
    assert invitations(world), "a history without an invitation says nothing"
