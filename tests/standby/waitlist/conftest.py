"""A waitlist in memory: its table on moto, everything around it a fake that remembers."""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from standby.events.mail import MailAccepted, MailRefused
from standby.ledger.model import SettleState, SkuSettings, SkuStock
from standby.platform.address import address_key
from standby.platform.bus import detail_of, name_of
from standby.platform.caller import Proxies
from standby.platform.clock import to_text
from standby.platform.shop_hours import AlwaysOpen
from standby.platform.table import Table
from standby.platform.tokens import TokenKeys, Tokens
from standby.shelf.model import Row, Variant
from standby.waitlist import items
from standby.waitlist.attending import Attending
from standby.waitlist.closing import Closing, Leaving
from standby.waitlist.digest_model import NEVER, Week
from standby.waitlist.digest_repository import DigestRepository
from standby.waitlist.directory import Directory
from standby.waitlist.discontinuing import Discontinuing
from standby.waitlist.explaining import Explainer
from standby.waitlist.limits import JoinLimit
from standby.waitlist.links import Links
from standby.waitlist.noticing import Noticing
from standby.waitlist.outcome_repository import OutcomeRepository
from standby.waitlist.own_entries import Mine
from standby.waitlist.planning import Planner
from standby.waitlist.reacting import Reacting
from standby.waitlist.recording import Recorder
from standby.waitlist.repository import CustomerRepository
from standby.waitlist.restoring import Restoring
from standby.waitlist.routes import Desk
from standby.waitlist.served import Served
from standby.waitlist.service import Calendar, SignUp, Wish
from standby.waitlist.store_offer_repository import StoreOfferRepository
from standby.waitlist.subscribing import Refusing, Unsubscribing
from standby.waitlist.sweeping import Sweeper
from standby.waitlist.wave_repository import WaveRepository

from tests.fakes import AT_ONCE, FakeBus, FakeClock, FakeQueue

TABLE = "Waitlist"
SKU = "SHIRT-RED-M"
KEYS = Tokens(TokenKeys("secret"))


def _no_dates() -> Any:
    raise AssertionError("days are told in the world of tests.standby.waitlist.test_dating")


def _no_lists() -> Any:
    raise AssertionError("lists are sent in the world of tests.standby.waitlist.test_digest")


class _NoOffers:
    """A shop without store offers; `tests.standby.waitlist.test_store_offers` makes some."""

    def begin(self) -> None:
        """Find none that is due."""


@dataclass
class FakeLedger:
    """Stock, state and settings as a test sets them."""

    states: dict[str, SettleState] = field(default_factory=dict)
    stocks: dict[str, SkuStock] = field(default_factory=dict)
    merged: SkuSettings = field(default_factory=SkuSettings)
    unheard_of: set[str] = field(default_factory=set)

    def known(self, skus: Iterable[str]) -> frozenset[str]:
        return frozenset(skus) - self.unheard_of

    def stock(self, sku: str) -> SkuStock | None:
        return self.stocks.get(sku)

    def state(self, sku: str) -> SettleState:
        return self.states.get(sku, SettleState())

    def settings(self, sku: str) -> SkuSettings:
        return self.merged

    def restocked(self, sku: str, revision: int, units: int) -> None:
        """Let a SKU be in."""
        self.states[sku] = SettleState(state="in", restock_revision=revision)
        self.stocks[sku] = SkuStock(sku=sku, on_hand=units, free=units, revision=revision)

    def sold_out(self, sku: str) -> None:
        """Let a SKU be out."""
        self.states[sku] = SettleState()
        self.stocks[sku] = SkuStock(sku=sku)


@dataclass
class FakeCatalogue:
    """What SKUs are called, which is what the test says."""

    cards: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, skus: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the cards of SKUs."""
        return {sku: self.cards[sku] for sku in skus if sku in self.cards}


@dataclass
class FakeShelf:
    """What the catalogue said last, as a test sets it."""

    variants: dict[str, Variant] = field(default_factory=dict)

    def rows(self, skus: Iterable[str]) -> dict[str, Row]:
        return {sku: Row(sku=sku, variant=self.variants[sku]) for sku in skus if sku in self.variants}

    def says(self, sku: str, *, discontinued: bool = True) -> int:
        """Let the catalogue say that a SKU does not come back, or that it does; return the word's edition."""
        edition = self.variants.get(sku, Variant()).edition + 1
        self.variants[sku] = Variant(edition=edition, discontinued=discontinued, as_of="2026-05-03T08:00:00.000Z")
        return edition


@dataclass
class House:
    """The waitlist and what is around it."""

    dynamodb: Any
    clock: FakeClock = field(default_factory=FakeClock)
    urgent: FakeQueue = field(default_factory=FakeQueue)
    bulk: FakeQueue = field(default_factory=FakeQueue)
    offers: FakeQueue = field(default_factory=FakeQueue)
    plans: FakeQueue = field(default_factory=FakeQueue)
    sweeps: FakeQueue = field(default_factory=FakeQueue)
    bus: FakeBus = field(default_factory=FakeBus)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    shelf: FakeShelf = field(default_factory=FakeShelf)
    shard_read: int = 75
    measured: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        numbers = itertools.count(1)
        self.new_id: Callable[[], str] = lambda: f"entry{next(numbers):07d}"
        table = Table(TABLE, self.dynamodb, AT_ONCE)
        self.customers = CustomerRepository(table)
        self.waves = WaveRepository(table, self.shard_read)
        self.outcomes = OutcomeRepository(table)
        self.links = Links("https://shop.example", lambda: KEYS)
        self.calendar = Calendar("Asia/Jerusalem")
        self.directory = Directory(self.customers, self.waves)
        self.closing = Closing(self.directory, self.clock)
        self.sign_up = SignUp(
            directory=self.directory,
            ledger=self.ledger,
            shelf=self.shelf,
            mails=self.urgent,
            plans=self.plans,
            bus=self.bus,
            links=self.links,
            clock=self.clock,
            calendar=self.calendar,
            new_id=self.new_id,
        )
        self.leaving = Leaving(self.closing, self.bus, self.clock)
        self.mine = Mine(
            self.directory, self.ledger, self.shelf, self.closing, self.bus, self.plans, self.clock, self.calendar
        )
        discontinuing = Discontinuing(
            line=self.waves,
            ledger=self.ledger,
            shelf=self.shelf,
            directory=self.directory,
            plans=self.plans,
            clock=self.clock,
        )
        self.planner = Planner(
            waves=self.waves,
            ledger=self.ledger,
            discontinuing=lambda: discontinuing,
            dating=_no_dates,
            early=_no_dates,
            mails=self.bulk,
            offers=self.offers,
            plans=self.plans,
            bus=self.bus,
            links=self.links,
            clock=self.clock,
            count=self.measure,
            opens=AlwaysOpen().opens,
        )
        noticing = Noticing(self.directory, self.clock)
        self.recorder = Recorder(
            outcomes=self.outcomes,
            closing=self.closing,
            noticing=noticing,
            restoring=Restoring(self.directory, self.plans, self.clock, self.measure),
            served=Served(self.directory, self.closing, self.clock),
            reacting=Reacting(self.directory, self.waves, self.clock),
            digests=DigestRepository(self.customers.table),
            invited=StoreOfferRepository(self.customers.table),
            clock=self.clock,
            count=self.measure,
        )
        attending = Attending(
            directory=self.directory,
            subscribers=DigestRepository(table),
            bus=self.bus,
            clock=self.clock,
            count=self.measure,
            days=60,
        )
        self.sweeper = Sweeper(
            chains=self.waves,
            chain_shards=items.CHAINS_DUE,
            addresses=self.customers,
            address_shards=items.CUSTOMERS_DUE,
            directory=self.directory,
            closing=self.closing,
            noticing=noticing,
            mails=self.bulk,
            plans=self.plans,
            sweeps=self.sweeps,
            links=self.links,
            clock=self.clock,
            count=self.measure,
            week=Week(weekday=NEVER, hour=0, zone=ZoneInfo("UTC")),
            digesting=_no_lists,
            attending=lambda: attending,
            inviting=_NoOffers,
        )

    def measure(self, name: str, value: int) -> None:
        """Remember a metric."""
        self.measured[name] += value

    def desk(self, joins_per_minute: int = 0) -> Desk:
        """Return who answers the API's routes."""
        return Desk(
            sign_up=self.sign_up,
            leaving=self.leaving,
            unsubscribing=Unsubscribing(self.directory, self.bus, self.clock),
            refusing=Refusing(self.directory, StoreOfferRepository(self.customers.table).refuse, self.bus, self.clock),
            store_offers=_no_lists,
            mine=self.mine,
            directory=self.directory,
            explainer=Explainer(self.customers, self.waves, self.shelf, self.clock),
            limit=JoinLimit(self.customers, joins_per_minute, self.clock),
            proxies=Proxies(),
            tokens=lambda: KEYS,
            clock=self.clock,
            calendar=self.calendar,
            cards=self.catalogue,
            default_locale="en",
        )

    def wish(self, email: str, *skus: str, **more: Any) -> Wish:
        """Return what somebody asks for."""
        values = {"quantity": 1, "locale": "en", "wording": "2026-05", **more}
        return Wish(email=email, skus=skus or (SKU,), **values)

    def waits(self, email: str, *skus: str, **more: Any) -> str:
        """Put somebody in line, a second after whoever came before; return the entry's id."""
        self.clock.advance(seconds=1)
        known = set(self.customers.customer(address_key(email)).entries)
        now = to_text(self.clock.now())
        self.sign_up.enroll(self.wish(email, *skus, **more), consented_at=now, source="checkout")
        self.plans.drain()
        return next(iter(set(self.customers.customer(address_key(email)).entries) - known), "")

    def confirms(self, email: str, *skus: str, **more: Any) -> str:
        """Let somebody join and confirm; return the entry's id."""
        self.clock.advance(minutes=2)
        self.sign_up.join(self.wish(email, *skus, **more))
        subject = self.token("confirm")
        self.sign_up.confirm(subject["a"], subject["e"])
        self.plans.drain()
        return str(subject["e"])

    def token(self, purpose: str) -> Any:
        """Return what the newest confirmation mail's link opens."""
        slots = self.urgent.bodies()[-1]["recipients"][0]["slots"]
        return KEYS.read(purpose, slots[purpose], now=self.clock.now())

    def restocks(self, revision: int = 1, units: int = 1_000, *, sku: str = SKU) -> None:
        """Let a SKU be restocked and the first wave be planned."""
        self.ledger.restocked(sku, revision, units)
        self.planner.handle(event("Restocked", sku=sku, revision=revision))
        self.plan()

    def plan(self) -> None:
        """Handle the plans that are not delayed, and those that follow from them; delayed ones stay."""
        while ready := [message for message in self.plans.messages if not message.delay_seconds]:
            self.plans.messages = [message for message in self.plans.messages if message.delay_seconds]
            for message in ready:
                self.planner.handle(_json(message.body))

    def delayed(self) -> None:
        """Handle the delayed plans."""
        for message in self.plans.drain():
            self.planner.handle(_json(message.body))
        self.plan()

    def invited(self) -> list[str]:
        """Return the addresses in the jobs that lie in MailBulk, in order; a job made twice is one, as for mail."""
        jobs = {job["job_id"]: job for job in reversed(self.bulk.bodies())}
        return [recipient["email"] for job in reversed(jobs.values()) for recipient in job["recipients"]]

    def accepts(self, jobs: Iterable[Any] | None = None) -> None:
        """Let SES accept all mails of jobs (of all that lie in MailBulk) and the recorder hear of it."""
        for job in self.bulk.bodies() if jobs is None else jobs:
            self.recorder.handle(accepted(job))
        if jobs is None:
            self.bulk.drain()

    def refuses(self, reason: str, jobs: Iterable[Any] | None = None) -> None:
        """Let all mails of jobs (of all that lie in MailBulk) be refused and the recorder hear of it."""
        for job in self.bulk.bodies() if jobs is None else jobs:
            self.recorder.handle(refused(job, reason))
        if jobs is None:
            self.bulk.drain()

    def counts(self, sku: str = SKU) -> dict[str, int]:
        """Return the SKU's counts that are not 0."""
        return {name: number for name, number in self.customers.counts(sku).items() if number}

    def addresses_due(self) -> list[str]:
        """Return the keys of the addresses about which something is due."""
        now = to_text(self.clock.now())
        return [found for shard in items.CUSTOMERS_DUE for found in self.customers.due(shard, now, None)[0]]

    def line(self, sku: str = SKU) -> list[str]:
        """Return who is in line, in order."""
        found, after = [], ""
        while True:
            stretch = self.waves.stretch(sku, after)
            found += [listing.email for listing in stretch.listings]
            if stretch.exhausted or not stretch.listings:
                return found
            after = stretch.listings[-1].key


def event(name: str, **detail: Any) -> dict[str, Any]:
    """Return an event as a rule delivers it to a queue."""
    told = {"id": f"{name}-1", "at": "x", "free": 9, "minimum": 1, **detail}
    return {"detail-type": name, "source": "standby", "detail": told}


def accepted(job: Any) -> dict[str, Any]:
    """Return the event that SES accepted a job."""
    references = [recipient["reference"] for recipient in job["recipients"]]
    said = MailAccepted(id="a", at="t", job_id=job["job_id"], kind=job["kind"], references=references)
    return {"detail-type": name_of(said), "detail": detail_of(said) | {"references": references}}


def refused(job: Any, reason: str) -> dict[str, Any]:
    """Return the event that a job's mails were refused."""
    references = [recipient["reference"] for recipient in job["recipients"]]
    said = MailRefused(id="a", at="t", reason=reason, references=references)
    return {"detail-type": name_of(said), "detail": detail_of(said) | {"references": references}}


def _json(text: str) -> Any:

    return json.loads(text)


@pytest.fixture
def house(tables: Any) -> House:
    return House(tables)
