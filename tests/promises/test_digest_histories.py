"""Whoever gets a weekly list, and what it names, is what a plain model says, however often messages come (P3, P8)."""

import random
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from standby.platform.address import address_key

from tests.promises.shop import CONSENT, TOKENS, Shop
from tests.promises.unruly import Unruly
from tests.standby.availability.storefront import QUEUE, product_changed, variant
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P8")

CATEGORIES = {"Clothes": ("SHIRT", "COAT", "HAT"), "Kitchen": ("MUG", "BOWL")}
CATEGORY_OF = {sku: category for category, skus in CATEGORIES.items() for sku in skus}
PEOPLE = [f"p{number}@example.org" for number in range(4)]
DAYS, APART = timedelta(days=14), timedelta(days=6, hours=12)
STEPS = 40


@dataclass
class Paper:
    """What a person would write down who sends the lists by hand."""

    there: dict[str, datetime | None] = field(default_factory=dict)
    """When what can be bought came back; ``None``: it was always there."""
    wishes: dict[str, list[str]] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)
    told: dict[str, datetime] = field(default_factory=dict)
    mailed: dict[str, datetime] = field(default_factory=dict)

    def list_for(self, email: str, now: datetime) -> set[str]:
        """Return the products that somebody's list must name."""
        wished = self.wishes.get(email, [])
        followed = {CATEGORY_OF[sku] for sku in wished}
        if email in self.mailed and now - self.mailed[email] < APART:
            return set()
        news = (
            sku
            for sku, at in self.there.items()
            if at is not None
            and CATEGORY_OF[sku] in followed
            and sku not in wished
            and now - at < DAYS
            and (at > self.told[email] if email in self.told else at >= self.since[email])
        )
        return set(news)


@dataclass
class History:
    """A shop, its paper, and chance."""

    shop: Shop
    chance: random.Random
    paper: Paper = field(default_factory=Paper)
    issues: int = 0

    def ticks(self) -> None:
        """Let somebody wait for something, with the list or without it, whatever other advertising they want."""
        email, sku = self.chance.choice(PEOPLE), self.chance.choice(list(CATEGORY_OF))
        digest, marketing = self.chance.random() < 0.8, self.chance.random() < 0.8
        now = self.shop.world.clock.now()
        consent = {
            **CONSENT,
            "marketing": marketing,
            "at": now.isoformat(timespec="milliseconds"),
            "source": "checkout",
        }
        self.shop.waits(email, sku, digest=digest, consent=consent)
        self._settle()
        if digest:
            wishes = self.paper.wishes.setdefault(email, [])
            self.paper.wishes[email] = [*(each for each in wishes if each != sku), sku]
            self.paper.since[email] = now

    def ends(self) -> None:
        """Let somebody end the list, or everything."""
        email, all_of_it = self.chance.choice(PEOPLE), self.chance.random() < 0.3
        purpose, path = ("leave", "leave") if all_of_it else ("digest", "digest/leave")
        clock = self.shop.world.clock
        token = TOKENS.issue(purpose, {"a": address_key(email)}, now=clock.now(), lifetime=timedelta(days=1))
        self.shop.world.request("waitlist_api", "POST", f"/v1/waitlist/{path}", query={"token": token})
        self._settle()
        clock.advance(seconds=1)
        for known in (self.paper.wishes, self.paper.since, self.paper.told):
            known.pop(email, None)

    def goes(self) -> None:
        """Let something be sold out."""
        sku = self.chance.choice(list(CATEGORY_OF))
        self.shop.counts(sku, 0)
        self.paper.there.pop(sku, None)

    def returns(self) -> None:
        """Let something come back that was away for hours."""
        sku = self.chance.choice(list(CATEGORY_OF))
        self.shop.counts(sku, 0)
        self.shop.world.clock.advance(hours=2)
        self.paper.there[sku] = self.shop.world.clock.now()
        self.shop.counts(sku, 3)
        self.shop.world.clock.advance(minutes=1)

    def passes(self) -> None:
        """Let days pass."""
        self.shop.world.clock.advance(days=self.chance.choice([1, 3, 7]))

    def sends(self) -> None:
        """Let an issue go out, begun some times and its pages asked for again, in disorder."""
        world, now = self.shop.world, self.shop.world.clock.now()
        self.issues += 1
        issue = (datetime(2026, 5, 1) + timedelta(days=self.issues)).date().isoformat()  # noqa: DTZ001 - a day
        before = len(world.mails)
        for _ in range(self.chance.randint(1, 3)):
            world.send("WaitlistSweeps", {"sweep": "digest", "issue": issue})
        for shard in self.chance.sample(range(4), 2):
            world.send("WaitlistSweeps", {"sweep": "digest", "issue": issue, "shard": shard, "after": ""})
        rounds = Unruly(self.chance.randrange(1_000))
        while rounds(world):
            pass
        self._settle()
        found = {mail.email: named(mail.html) for mail in world.mails[before:] if "this week" in mail.subject}
        told = [mail.email for mail in world.mails[before:] if "this week" in mail.subject]
        wanted = {email: list_ for email in PEOPLE if (list_ := self.paper.list_for(email, now))}
        assert (found, len(told)) == (wanted, len(wanted))
        for email in wanted:
            self.paper.told[email] = self.paper.mailed[email] = now
        world.clock.advance(seconds=1)

    def _settle(self) -> None:
        self.shop.world.settle()
        assert not self.shop.world.failures


def named(html: str) -> set[str]:
    """Return the SKUs that a list names."""
    return {sku for sku in CATEGORY_OF if re.search(rf">{sku.lower()} 1<", html)}


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 5, 6])
def test_lists_say_what_the_paper_says(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.waitlist.digesting.PAGE", 2)
    shop = Shop(world)
    for sku, category in CATEGORY_OF.items():
        world.send(QUEUE, product_changed(sku.lower(), 1, variant(sku, 1), category=category))
        shop.counts(sku, 3)
        shop.counts(sku, 0)
    history = History(shop, random.Random(seed))
    acts = [history.ticks, history.returns, history.goes, history.sends, history.passes, history.ends]
    drawn = history.chance.choices(acts, weights=[2, 3, 1, 4, 3, 1], k=STEPS)
    for act in (history.ticks, history.ticks, *drawn, history.returns, history.sends):
        act()
    assert history.paper.mailed, "a history without a list says nothing"
