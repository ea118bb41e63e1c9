"""Promises 2, 3, 4 and 8, searched by a state machine: customers, the ERP, SES and crashes, in any order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from standby.platform.clock import to_text
from standby.platform.dynamodb import from_item
from standby.platform.tokens import TokenKeys, Tokens
from standby.waitlist.model import MAIL_VALID
from standby.waitlist.reference import read

from tests.promises.shop import CONSENT, Shop
from tests.promises.unruly import BREAKS, BreakOnce, run_unruly, searching
from tests.promises.witness import Person, Witness
from tests.world import Killed, World

SKUS = ("MUG", "TEE", "CAP")
EMAILS = tuple(f"{name}@example.org" for name in ("ana", "ben", "carla", "dov"))
TOKENS = Tokens(TokenKeys(current="a-key-of-the-test"))
ATTEMPTS = 6

seeds = st.integers(0, 2**16)
people = st.sampled_from(EMAILS)
late = st.sampled_from(("MailBulk", "WaitlistRecords"))
skus = st.sampled_from(SKUS)
wanted = st.lists(skus, min_size=1, max_size=3, unique=True)
units = st.integers(1, 3)
held = st.sampled_from(((), (), (), ("MailBulk",), ("WaitlistRecords",), ("MailFeedback",), ("WaitlistPlans",)))
"""Queues that stand still, so that the next thing happens while a mail or its outcome is under way."""


@dataclass(frozen=True)
class Listed:
    """A place in line, as it stands in the table."""

    email: str
    sku: str
    place: str
    entry_id: str


class Waitlist(RuleBasedStateMachine):
    """Everything that can happen to a waitlist; after each step nobody is lost and nobody is spammed."""

    def __init__(self, world: World, start: Any) -> None:
        super().__init__()
        world.restore(start)
        self.world, self.shop = world, Shop(world)
        self.people = {email: Person(email) for email in EMAILS}
        self.witness = Witness(world, self.people)
        world.tap = self.witness
        self.newest: dict[str, tuple[str, int]] = {}
        self.known: dict[Listed, str] = {}
        self.dropped: set[tuple[str, str]] = set()
        self.edited: set[str] = set()
        self.feedback = 0
        self.refused: set[str] = set()

    @initialize(ratio=st.sampled_from((1.0, 0.5)), interval=st.sampled_from((300, 3600)))
    def begin(self, ratio: float, interval: int) -> None:
        self.world.clock.advance(minutes=10)
        self.shop.settings(wave_ratio=ratio, wave_interval_seconds=interval)
        for sku in SKUS:
            self._count(sku, 0)
        self._run(0, held=())

    # ---- the ERP ----

    @rule(sku=skus, on_hand=st.sampled_from((0, 0, 1, 2, 3, 5)), seed=seeds, held=held)
    def counts(self, sku: str, on_hand: int, seed: int, *, held: tuple[str, ...]) -> None:
        self._count(sku, on_hand)
        self._run(seed, held=held)

    @rule(sku=skus, on_hand=st.integers(0, 5), seconds=st.integers(1, 600), seed=seeds)
    def says_again_what_was_long_ago(self, sku: str, on_hand: int, seconds: int, seed: int) -> None:
        self._count(sku, on_hand, ago=seconds)
        self._run(seed, held=())

    @rule(seconds=st.sampled_from((1, 61, 301, 3660)), seed=seeds, held=held)
    def time_passes(self, seconds: int, seed: int, *, held: tuple[str, ...]) -> None:
        self.world.clock.advance(seconds=seconds)
        for queue in ("StockSweeps", "WaitlistSweeps"):
            self.world.send(queue, {"sweep": "due"})
        self._run(seed, held=held)

    # ---- customers ----

    @rule(email=people, skus=wanted, quantity=units, locale=st.sampled_from(("en", "he")), seed=seeds, held=held)
    def joins(
        self, email: str, skus: list[str], quantity: int, locale: str, seed: int, *, held: tuple[str, ...]
    ) -> None:
        body = {"email": email, "skus": skus, "quantity": quantity, "locale": locale, "consent": CONSENT}
        assert self._request("POST", "/v1/waitlist", body=body) == (202, {"status": "accepted"})
        self._run(seed, held=held)

    @rule(email=people, which=st.integers(0, 3), seed=seeds, held=held)
    def confirms(self, email: str, which: int, seed: int, *, held: tuple[str, ...]) -> None:
        links = [
            mail.link("confirm")
            for mail in reversed(self.world.mails)
            if mail.email == email and "/v1/waitlist/confirm" in mail.text
        ]
        if not links:
            return
        self._tick()
        at = to_text(self.world.clock.now())
        self.people[email].consents.append(at)
        status, answer = self._request("POST", "/v1/waitlist/confirm", query={"token": links[which % len(links)]})
        assert status in {200, 410}
        if status == 200:
            entries = [place for place in self._listings() if place.email == email]
            fresh = [place for place in entries if place.place == at]
            assert not fresh or {place.sku for place in entries} >= set(answer["skus"]), "confirmed and not in line"
        else:
            self.people[email].consents.remove(at)
        self._run(seed, held=held)

    @rule(email=people, skus=wanted, quantity=units, ago=st.sampled_from((0, 30, 900)), seed=seeds, held=held)
    def is_brought_by_the_shop(
        self, email: str, skus: list[str], quantity: int, ago: int, seed: int, *, held: tuple[str, ...]
    ) -> None:
        self._tick()
        at = self._ago(ago)
        person = self.people[email]
        person.consents.append(at)
        consent = {**CONSENT, "at": at, "source": "checkout"}
        body = {"email": email, "skus": skus, "quantity": quantity, "locale": "en", "consent": consent}
        status, _ = self._request("POST", "/v1/waitlist/entries", body=body, scopes="storefront")
        assert status == 202
        if all(stop < at for stop, kind in person.stops if kind in {"left", "erased"}):
            waited = {place.sku for place in self._listings() if place.email == email}
            assert waited >= set(skus), "brought and not in line"
        self._run(seed, held=held)

    @rule(email=people, seed=seeds, held=held)
    def leaves(self, email: str, seed: int, *, held: tuple[str, ...]) -> None:
        self._tick()
        at = to_text(self.world.clock.now())
        self.people[email].stops.append((at, "left"))
        status, _ = self._request("POST", "/v1/waitlist/leave", query={"token": self._token("leave", email)})
        assert status == 200
        assert not [place for place in self._listings() if place.email == email], "left and still in line"
        self._run(seed, held=held)

    @rule(
        email=people, which=st.integers(0, 3), skus=st.one_of(st.none(), wanted), quantity=units, seed=seeds, held=held
    )
    def edits(
        self, email: str, which: int, skus: list[str] | None, quantity: int, seed: int, *, held: tuple[str, ...]
    ) -> None:
        entry = self._own(email, which)
        if entry is None:
            return
        self.edited.add(entry["id"])
        wish: dict[str, Any] = {"quantity": quantity} | ({"skus": skus} if skus else {})
        for sku in set(entry["skus"]) - set(skus or entry["skus"]):
            self.dropped.add((entry["id"], sku))
        path = f"/v1/waitlist/mine/{entry['id']}"
        status, answer = self._request("PATCH", path, query={"token": self._token("mine", email)}, body=wish)
        assert status in {200, 409, 410}
        if status == 200:
            assert answer["quantity"] == quantity
            for sku in answer["skus"]:
                self.dropped.discard((entry["id"], sku))
            assert {place.sku for place in self._listings() if place.entry_id == entry["id"]} == set(answer["skus"])
        self._run(seed, held=held)

    @rule(email=people, minds=st.lists(wanted, min_size=1, max_size=2), quantity=units, seed=seeds, late=late)
    def changes_a_mind_while_a_mail_is_under_way(
        self, email: str, minds: list[list[str]], quantity: int, seed: int, late: str
    ) -> None:
        entry = self._own(email, 0)
        if entry is None or entry["status"] != "waiting":
            return
        for on_hand in (0, 5):
            self._count(entry["skus"][0], on_hand)
            self._run(seed, held=(late,))
        for skus in minds:
            self.edits(email, 0, skus, quantity, seed, held=(late,))
        self._run(seed, held=())

    @rule(email=people, which=st.integers(0, 3), seed=seeds, held=held)
    def gives_one_up(self, email: str, which: int, seed: int, *, held: tuple[str, ...]) -> None:
        entry = self._own(email, which)
        if entry is None:
            return
        self.dropped |= {(entry["id"], sku) for sku in SKUS}
        path = f"/v1/waitlist/mine/{entry['id']}"
        status, _ = self._request("DELETE", path, query={"token": self._token("mine", email)})
        assert status in {204, 410}
        assert not [place for place in self._listings() if place.entry_id == entry["id"]]
        self._run(seed, held=held)

    # ---- what the mail service and others say ----

    @rule(email=people, kind=st.sampled_from(("bounced", "complained")), seed=seeds, held=held)
    def comes_back(self, email: str, kind: str, seed: int, *, held: tuple[str, ...]) -> None:
        self._tick()
        self.feedback += 1
        at = to_text(self.world.clock.now())
        self.people[email].stops.append((at, kind))
        who = [{"emailAddress": email}]
        detail: dict[str, Any] = {
            "bounced": {
                "bounce": {
                    "feedbackId": f"feedback-{self.feedback}",
                    "bounceType": "Permanent",
                    "bouncedRecipients": who,
                    "timestamp": at,
                }
            },
            "complained": {
                "complaint": {
                    "feedbackId": f"feedback-{self.feedback}",
                    "complainedRecipients": who,
                    "timestamp": at,
                    "complaintFeedbackType": "abuse",
                }
            },
        }[kind]
        name = {"bounced": "Email Bounced", "complained": "Email Complaint Received"}[kind]
        self.world.send("MailFeedback", {"source": "aws.ses", "detail-type": name, "detail": detail})
        self._run(seed, held=held)

    @rule(email=people, ago=st.sampled_from((0, 0, 20, 400)), seed=seeds, held=held)
    def is_erased(self, email: str, ago: int, seed: int, *, held: tuple[str, ...]) -> None:
        self._tick()
        at = self._ago(ago)
        person = self.people[email]
        person.stops.append((at, "erased"))
        person.erasures += 1
        detail = {"version": 1, "id": f"erased#{person.address}#{at}", "at": at, "address": person.address}
        for queue in ("WaitlistRecords", "MailFeedback"):
            self.world.send(queue, {"source": "standby", "detail-type": "CustomerErased", "detail": detail})
        self._run(seed, held=held)

    @rule(refused=st.booleans())
    def dov_is_refused_by_the_mail_service(self, *, refused: bool) -> None:
        email = EMAILS[-1]
        if refused:
            self.refused.add(email)
            self.world.refused.add(email)
        else:
            self.world.refused.discard(email)

    @rule(number=st.integers(0, 60), fault=st.sampled_from(sorted(BREAKS)))
    def something_will_break(self, number: int, fault: str) -> None:
        if self.witness.breaker is None or self.witness.breaker.done:
            self.witness.broken += 1
            self.witness.breaker = BreakOnce(number, BREAKS[fault])

    # ---- what must hold ----

    @invariant()
    def nobody_is_lost(self) -> None:
        now = self._listings()
        for place, consent in self.known.items():
            assert place in now or self._may_have_gone(place, consent), f"lost: {place}"
        self.known = now

    @invariant()
    def nobody_is_spammed(self) -> None:
        repeated = self.witness.repeated()
        assert sum(repeated.values()) <= 50 * self.witness.broken, repeated
        assert all(count <= self.witness.broken for count in repeated.values()), repeated

    @invariant()
    def an_entry_is_told_once(self) -> None:
        if self.witness.broken:
            return
        told = Counter(told.about.entry_id for told in self.witness.told)
        assert not {entry: count for entry, count in told.items() if count > 1 and entry not in self.edited}

    @invariant()
    def the_newest_word_wins(self) -> None:
        if self._quiet():
            for sku, (_, on_hand) in self.newest.items():
                assert self._seen(self.shop.stock, sku)["on_hand"] == on_hand

    @invariant()
    def waves_promise_what_can_be_sold(self) -> None:
        for sku in SKUS:
            waves: Counter[str] = Counter()
            bound: dict[str, int] = {}
            for item in self._items(f"WAVE#{sku}"):
                wave = item.get("wave")
                if item.get("event") == "WaveStarted":
                    bound[wave] = item["numbers"]["units"]
                    assert item["numbers"]["units"] <= item["numbers"]["sellable"]
                elif "members" in item:
                    waves[f"{sku}@{item['revision']}#{wave}"] += item["units"]
            back = self._returned()
            for wave, promised in waves.items():
                assert promised <= bound[wave] + back[wave], f"{wave} promises {promised} of {bound[wave]}"

    @invariant()
    def the_counts_are_true(self) -> None:
        if not self._quiet():
            return
        listings = self._listings()
        accepted = self._references("MailAccepted")
        for sku in SKUS:
            figures = self._seen(self.shop.figures, sku)
            here = [place for place in listings if place.sku == sku]
            unconfirmed = [
                entry
                for customer in self._customers()
                for entry in customer["entries"].values()
                if entry["status"] == "unconfirmed" and sku in entry["skus"]
            ]
            assert (figures["waiting"], figures["unconfirmed"]) == (len(here), len(unconfirmed)), sku
            assert figures["units_wanted"] == sum(self._quantities(sku)), sku
            assert figures["told"] <= len({text for text in accepted if (about := read(text)) and about.sku == sku})

    @invariant()
    def nobody_is_told_and_still_waiting(self) -> None:
        if self._quiet() and not self._delayed():
            ended = {
                (about.entry_id, about.sku, about.place)
                for about in map(read, self._references("MailAccepted"))
                if about
            }
            assert not [place for place in self._listings() if (place.entry_id, place.sku, place.place) in ended]

    def teardown(self) -> None:
        if not self.newest:
            return
        self._everything_comes_in()

    def _everything_comes_in(self) -> None:
        """Sell out and restock plenty: everybody in line is told within a day."""
        self.world.batch = 10
        for _ in range(3):
            self._run(1, held=())
            self.world.wait(minutes=16)
        for on_hand in (0, 1000):
            for sku in SKUS:
                self._count(sku, on_hand)
            self._run(2, held=())
            self.world.wait(minutes=2)
        for _ in range(30):
            self.world.wait(hours=1)
        assert MAIL_VALID.total_seconds() < 30 * 3600
        self.nobody_is_lost()
        self.nobody_is_spammed()
        self.the_counts_are_true()
        self.nobody_is_told_and_still_waiting()
        if self.witness.broken < 2:
            # Who is refused alone waits for a person, in the dead letters: the mail itself may have been why.
            waiting = {place.email for place in self._listings()}
            assert waiting <= self.refused, "still in line though there is plenty"
            letters = {name for name, queue in self.world.queues.items() if "DeadLetters" in name and queue}
            assert letters <= ({"MailBulkDeadLetters"} if self.refused else set())

    # ---- means ----

    def _may_have_gone(self, place: Listed, consent: str) -> bool:
        person = self.people[place.email]
        told = {told.about.entry_id for told in self.witness.told}
        stopped = [at for at, kind in person.stops if at >= consent or kind in {"bounced", "complained"}]
        given_up = (place.entry_id, place.sku) in self.dropped
        return bool(place.entry_id in told or stopped or given_up or place.email in self.refused)

    def _seen(self, look: Callable[[str], Any], sku: str) -> Any:
        """Look while nothing breaks."""
        self.witness.resting = True
        try:
            return look(sku)
        finally:
            self.witness.resting = False

    def _tick(self) -> None:
        self.world.clock.advance(seconds=1)

    def _ago(self, seconds: int) -> str:
        clock = type(self.world.clock)(self.world.clock.now())
        clock.advance(seconds=-seconds)
        return to_text(clock.now())

    def _run(self, seed: int, *, held: tuple[str, ...]) -> None:
        run_unruly(self.world, seed, held=held)
        self._tick()

    def _count(self, sku: str, on_hand: int, *, ago: int = 0) -> None:
        self._tick()
        as_of = self._ago(ago)
        if as_of >= self.newest.get(sku, ("", 0))[0]:
            self.newest[sku] = (as_of, on_hand)
        self.world.send("StockUpdates", self.shop.level(sku, on_hand, as_of=as_of))

    def _request(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """Ask as an impatient person does: again, where the answer never came or says that it was our fault."""
        for _ in range(ATTEMPTS):
            try:
                status, answer = self.world.request("waitlist_api", method, path, **more)
            except Killed:
                continue
            if status < 500:
                return status, answer
        raise AssertionError(f"{method} {path}: never answered")

    def _token(self, purpose: str, email: str) -> str:
        subject = {"a": self.people[email].address}
        return TOKENS.issue(purpose, subject, now=self.world.clock.now(), lifetime=MAIL_VALID)

    def _own(self, email: str, which: int) -> dict[str, Any] | None:
        self._tick()
        status, answer = self._request("GET", "/v1/waitlist/mine", query={"token": self._token("mine", email)})
        assert status == 200
        entries = answer["items"]
        return entries[which % len(entries)] if entries else None

    def _quiet(self) -> bool:
        now = self.world.clock.now()
        return not any(
            message.visible_at <= now
            for name, queue in self.world.queues.items()
            if "DeadLetters" not in name
            for message in queue
        )

    def _delayed(self) -> bool:
        return any(self.world.queues[name] for name in ("MailBulk", "MailUrgent"))

    def _items(self, partition: str) -> list[dict[str, Any]]:
        folder = self.world.memory.tables["Waitlist"].items.get(partition, {})
        return [from_item(item) for item in folder.values()]

    def _partitions(self, prefix: str) -> list[str]:
        return [pk for pk in self.world.memory.tables["Waitlist"].items if pk.startswith(prefix)]

    def _customers(self) -> list[dict[str, Any]]:
        return [item for pk in self._partitions("ADDRESS#") for item in self._items(pk)]

    def _listings(self) -> dict[Listed, str]:
        """Return everybody in line, with when they asked for it."""
        emails = {person.address: person.email for person in self.people.values()}
        asked = {
            key: entry["consent"]["at"] for customer in self._customers() for key, entry in customer["entries"].items()
        }
        found = {}
        for pk in self._partitions("LIST#"):
            for item in self._items(pk):
                place, _, entry_id = item["sk"].partition("#")
                listed = Listed(emails[item["address"]], pk.split("#")[1], place, entry_id)
                found[listed] = asked[entry_id]
        return found

    def _quantities(self, sku: str) -> list[int]:
        return [item["quantity"] for pk in self._partitions(f"LIST#{sku}#") for item in self._items(pk)]

    def _references(self, event: str) -> list[str]:
        return [text for name, detail in self.world.events if name == event for text in detail.get("references", ())]

    def _returned(self) -> Counter[str]:
        back: Counter[str] = Counter()
        for about in {text: read(text) for text in self._references("MailRefused")}.values():
            if about is not None:
                back[f"{about.sku}@{about.revision}#{about.wave}"] += about.quantity
        return back


def test_nobody_is_lost_spammed_or_told_too_much_whatever_happens(world: World) -> None:
    start = world.snapshot()
    run_state_machine_as_test(lambda: Waitlist(world, start), settings=searching(examples=25, steps=30))
