"""Promises 2, 3, 4, 5, 8 and 10, searched by a state machine: customers, the ERP, SES and crashes, in any order."""

import hashlib
import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from standby.platform.clock import from_text, to_text
from standby.platform.tokens import TokenKeys, Tokens
from standby.waitlist.assembly import api as waitlist_assembly
from standby.waitlist.model import DEFAULT_WAIT_DAYS, MAIL_VALID, MOST_ENTRIES, UNCONFIRMED_DAYS

from tests.fakes import HOURS
from tests.promises.shop import CONSENT
from tests.promises.unruly import BREAKS, BreakOnce, run_unruly, searching
from tests.promises.waitlist_checks import EMAILS, SKUS, WaitlistChecks
from tests.promises.waitlist_reference import WaitingLine, confirmed, edited, without
from tests.world import Killed, World

pytestmark = pytest.mark.promise("P2", "P3", "P4", "P5", "P8", "P10")

TOKENS = Tokens(TokenKeys(current="a-key-of-the-test"))
ATTEMPTS = 6
HALF_A_DAY = 12 * 3600

seeds = st.integers(0, 2**16)
people = st.sampled_from(EMAILS)
skus = st.sampled_from(SKUS)
wanted = st.lists(skus, min_size=1, max_size=3, unique=True)
units = st.integers(1, 3)
days = st.sampled_from((None, None, None, 0, 1, 3))
"""The last day of waiting, in days from today. Mostly none is named."""
wishes = st.fixed_dictionaries({"skus": wanted, "quantity": units, "until": days})
changes = st.fixed_dictionaries({"skus": st.one_of(st.none(), wanted), "quantity": units, "until": days})
late = st.sampled_from(("MailBulk", "WaitlistRecords"))
held = st.sampled_from(((), (), (), ("MailBulk",), ("WaitlistRecords",), ("MailFeedback",), ("WaitlistPlans",)))
"""Queues that stand still, so that the next thing happens while a mail or its outcome is under way."""
unsteady = st.one_of(st.none(), seeds)
"""With which seed indexes follow late and clocks are wrong, if they do."""
ratios = st.sampled_from((1.0, 0.5, 0.1))
intervals = st.sampled_from((300, 3600))


class Waitlist(WaitlistChecks):
    """Everything that can happen to a waitlist; after each step nobody is lost and nobody is spammed."""

    @initialize(ratio=ratios, interval=intervals, starts_at=st.sampled_from(HOURS), unsteady=unsteady)
    def begin(self, ratio: float, interval: int, starts_at: datetime, unsteady: int | None) -> None:
        if unsteady is not None:
            self.world.unsteady(unsteady)
        self.world.clock.at = starts_at
        self.shop.settings(wave_ratio=ratio, wave_interval_seconds=interval)
        for sku in SKUS:
            self._count(sku, 0)
        self._run(0, held=())

    # ---- the ERP and the operator ----

    @rule(sku=skus, on_hand=st.sampled_from((0, 0, 1, 2, 3, 5)), seed=seeds, held=held)
    def counts(self, sku: str, on_hand: int, seed: int, *, held: tuple[str, ...]) -> None:
        self._count(sku, on_hand)
        self._run(seed, held=held)

    @rule(sku=skus, on_hand=st.integers(0, 5), seconds=st.integers(1, 600), seed=seeds)
    def says_again_what_was_long_ago(self, sku: str, on_hand: int, seconds: int, seed: int) -> None:
        self._count(sku, on_hand, ago=seconds)
        self._run(seed, held=())

    @rule(ratio=ratios, interval=intervals, everyone=st.booleans(), sku=st.one_of(st.none(), skus), seed=seeds)
    def sets_how_waves_go(self, ratio: float, interval: int, sku: str | None, seed: int, *, everyone: bool) -> None:
        self.witness.resting = True
        scope = f"sku:{sku}" if sku else "shop"
        self.shop.settings(scope, wave_ratio=ratio, wave_interval_seconds=interval, notify_everyone=everyone)
        self.witness.resting = False
        self._run(seed, held=())

    @rule(seconds=st.sampled_from((1, 61, 301, 3660)), seed=seeds, held=held)
    def time_passes(self, seconds: int, seed: int, *, held: tuple[str, ...]) -> None:
        self.world.clock.advance(seconds=seconds)
        self.world.tick()
        self._run(seed, held=held)

    @rule(half_days=st.sampled_from((1, 3, 5, 9, 33)), seed=seeds)
    def days_pass(self, half_days: int, seed: int) -> None:
        for number in range(half_days):
            self.time_passes(HALF_A_DAY, seed + number, held=())
            self.look()

    # ---- customers ----

    @rule(email=people, wish=wishes, locale=st.sampled_from(("en", "he")), seed=seeds, held=held)
    def joins(self, email: str, wish: dict[str, Any], locale: str, seed: int, *, held: tuple[str, ...]) -> None:
        self._tick()
        before = self.view.line(email)
        self._active(email)
        skus, quantity = wish["skus"], wish["quantity"]
        body = {"email": email, "locale": locale, "consent": CONSENT, **self._dated(wish)}
        assert self._request("POST", "/v1/waitlist", body=body) == (202, {"status": "accepted"})
        self._stands(email, before)
        kept = [entry["quantity"] for entry in self.view.unconfirmed(email).values() if set(entry["skus"]) == set(skus)]
        waits = wish["until"] is None and all(
            sku in before and self._says(email, before[sku][0], skus, quantity, locale) for sku in skus
        )
        full = len({entry for entry, _ in before.values()}) >= MOST_ENTRIES
        assert waits or full or quantity in kept, "asked for, and not kept"
        self._run(seed, held=held)

    @rule(email=people, which=st.integers(0, 3), seed=seeds, held=held)
    def confirms(self, email: str, which: int, seed: int, *, held: tuple[str, ...]) -> None:
        links = self._links(email, "confirm")
        if not links:
            return
        self._tick()
        link = links[which % len(links)]
        before, pending = self.view.line(email), self.view.unconfirmed(email)
        at = to_text(self.world.clock.now())
        self.people[email].consents.append(at)
        status, answer = self._request("POST", "/v1/waitlist/confirm", query={"token": link})
        if status != 200:
            assert status == 410
            self.people[email].consents.remove(at)
        entry_id = self._subject("confirm", link).get("e")
        entry = pending.get(entry_id or "")
        if entry is not None and not self._lapsed(entry):
            assert (status, set(answer["skus"])) <= (200, set(entry["skus"]))
            self._active(email)
            self._stands(email, confirmed(before, str(entry_id), entry["skus"], entry["quantity"]))
        else:
            self._stands(email, before)
        self._run(seed, held=held)

    @rule(email=people, wish=wishes, ago=st.sampled_from((0, 30, 900)), seed=seeds, held=held)
    def is_brought_by_the_shop(
        self, email: str, wish: dict[str, Any], ago: int, seed: int, *, held: tuple[str, ...]
    ) -> None:
        self._tick()
        at = self._ago(ago)
        person = self.people[email]
        person.consents.append(at)
        before = self.view.line(email)
        consent = {**CONSENT, "at": at, "source": "checkout"}
        body = {"email": email, "locale": "en", "consent": consent, **self._dated(wish)}
        status, _ = self._request("POST", "/v1/waitlist/entries", body=body, scopes="storefront")
        full = len({entry for entry, _ in before.values()}) >= MOST_ENTRIES
        if status == 409:
            assert full or person.stopped_since(at) or person.suppressed, "refused, and nothing stopped"
            self._stands(email, before)
            self._run(seed, held=held)
            return
        assert status == 202
        assert not self.view.customers().get(person.address, {}).get("stopped_at"), "taken, and Mail will not mail it"
        if not person.stopped_since(at):
            self._active(email)
            waited = self.view.line(email)
            known = {entry for entry, _ in before.values()}
            entry_id = next((waited[sku][0] for sku in wish["skus"] if waited[sku][0] not in known), "")
            self._stands(email, confirmed(before, entry_id, wish["skus"], wish["quantity"]))
        elif not self.view.under_way(person.address):
            self._stands(email, before)
        else:
            self.look()
        self._run(seed, held=held)

    @rule(email=people, old_link=st.one_of(st.none(), st.integers(0, 9)), seed=seeds, held=held)
    def leaves(self, email: str, old_link: int | None, seed: int, *, held: tuple[str, ...]) -> None:
        self._tick()
        links = self._links(email, "leave")
        link = self._token("leave", email) if old_link is None or not links else links[old_link % len(links)]
        at = to_text(self.world.clock.now())
        self.people[email].stops.append((at, "left"))
        status, _ = self._request("POST", "/v1/waitlist/leave", query={"token": link})
        assert status == 200
        self._stands(email, {}, how="left")
        assert not self.view.unconfirmed(email)
        self._run(seed, held=held)

    @rule(email=people, which=st.integers(0, 3), change=changes, seed=seeds, held=held)
    def edits(self, email: str, which: int, change: dict[str, Any], seed: int, *, held: tuple[str, ...]) -> None:
        entry = self._own(email, which)
        if entry is None:
            return
        self.edited.add(entry["id"])
        before = self.view.line(email)
        wish = self._dated(change)
        path = f"/v1/waitlist/mine/{entry['id']}"
        status, answer = self._request("PATCH", path, query={"token": self._token("mine", email)}, body=wish)
        expected = edited(before, entry["id"], change["skus"], change["quantity"])
        assert status == (
            410 if entry["status"] != "waiting" else 200 if entry["id"] in dict(expected.values()) else 409
        )
        if status == 200:
            self._active(email)
            assert answer["quantity"] == change["quantity"]
            assert answer["until"] == wish.get("until", entry["until"])
        self._stands(email, expected if status == 200 else before)
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
            self.edits(email, 0, {"skus": skus, "quantity": quantity, "until": None}, seed, held=(late,))
        self._run(seed, held=())

    @rule(email=people, what=st.sampled_from(("extends", "asks again", "leaves")), seed=seeds, late=late)
    def does_something_while_a_last_notice_is_under_way(self, email: str, what: str, seed: int, late: str) -> None:
        self.edits(email, 0, {"skus": None, "quantity": 1, "until": 0}, seed, held=())
        for number in range(5):
            self.time_passes(HALF_A_DAY, seed + number, held=(late,))
            self.look()
        line = self.view.line(email)
        if what == "extends":
            self.edits(email, 0, {"skus": None, "quantity": 1, "until": 3}, seed, held=(late,))
        elif what == "asks again" and line:
            wish = {"skus": sorted(line)[:1], "quantity": 2, "until": 3}
            self.is_brought_by_the_shop(email, wish, 0, seed, held=(late,))
        else:
            self.leaves(email, 0, seed, held=(late,))
        self._run(seed, held=())

    @rule(email=people, which=st.integers(0, 3), seed=seeds, held=held)
    def gives_one_up(self, email: str, which: int, seed: int, *, held: tuple[str, ...]) -> None:
        entry = self._own(email, which)
        if entry is None:
            return
        before = self.view.line(email)
        path = f"/v1/waitlist/mine/{entry['id']}"
        status, _ = self._request("DELETE", path, query={"token": self._token("mine", email)})
        assert status in {204, 410}
        self._stands(email, without(before, entry["id"]), how="left")
        self._run(seed, held=held)

    # ---- what the mail service and others say ----

    @rule(
        email=people,
        kind=st.sampled_from(("bounced", "complained")),
        ago=st.sampled_from((0, 0, 300)),
        seed=seeds,
        held=held,
    )
    def comes_back(self, email: str, kind: str, ago: int, seed: int, *, held: tuple[str, ...]) -> None:
        self._tick()
        at = self._ago(ago)
        stops = self.people[email].stops
        stops.append((to_text(self.world.clock.now()), kind))
        what, whom, name = {
            "bounced": ("bounce", "bouncedRecipients", "Email Bounced"),
            "complained": ("complaint", "complainedRecipients", "Email Complaint Received"),
        }[kind]
        about = {"feedbackId": f"{email}-{len(stops)}", "timestamp": at, whom: [{"emailAddress": email}]}
        about |= {"bounceType": "Permanent"} if kind == "bounced" else {"complaintFeedbackType": "abuse"}
        self.world.send("MailFeedback", {"source": "aws.ses", "detail-type": name, "detail": {what: about}})
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

    # ---- the end ----

    def teardown(self) -> None:
        if self.newest:
            self._everything_comes_in()

    def _everything_comes_in(self) -> None:
        """Sell out, then restock plenty: everybody in line is told within a day, unless their time was over before."""
        self.world.batch = 10
        for _ in range(3):
            self._run(1, held=())
            self.world.wait(minutes=16)
        self.look()
        for on_hand in (0, 1000):
            for sku in SKUS:
                self._count(sku, on_hand)
            self._run(2, held=())
            self.world.wait(minutes=2)
        self.look()
        for number in range(30):
            self.world.wait(hours=1)
            if number % 6 == 0:
                self.look()
        assert MAIL_VALID.total_seconds() < 30 * 3600
        self.every_promise_holds()
        if self.witness.broken < 2:
            # A mail that was refused alone waits in the dead letters for a person: the mail itself may be the reason.
            long_over = to_text(self.world.clock.now() - timedelta(hours=30))
            waiting = {place.email for place, known in self.known.items() if known.expires_at > long_over}
            assert waiting <= self.refused, "still in line though there is plenty"
            letters = {name for name, queue in self.world.queues.items() if "DeadLetters" in name and queue}
            assert letters <= ({"MailDeadLetters"} if self.refused else set())

    # ---- means ----

    def _stands(self, email: str, expected: WaitingLine, *, how: str | None = None) -> None:
        """Compare an address's line with what paper says, and account for who went out of it."""
        assert self.view.line(email) == expected, email
        self.asked(how)

    def _says(self, email: str, entry_id: str, skus: list[str], quantity: int, locale: str) -> bool:
        """Tell whether an entry says all that a wish for a year says, about nothing else."""
        entry = self.view.customers()[self.people[email].address]["entries"][entry_id]
        lasting = (self.shop.today() + timedelta(days=DEFAULT_WAIT_DAYS - 30)).isoformat()
        return (
            (entry["quantity"], entry["locale"]) == (quantity, locale)
            and set(entry["places"]) <= set(skus)
            and entry["until"] >= lasting
        )

    def _active(self, email: str) -> None:
        self.people[email].active_at = to_text(self.world.clock.now())

    def _tick(self) -> None:
        self.world.clock.advance(seconds=1)

    def _ago(self, seconds: int) -> str:
        return to_text(self.world.clock.now() - timedelta(seconds=seconds))

    def _dated(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Return a wish as it is sent: its last day is named as a date, and what is not wished for is left out."""
        sent = {name: value for name, value in wish.items() if value is not None}
        if "until" in sent:
            sent["until"] = (self.shop.today() + timedelta(days=sent["until"])).isoformat()
        return sent

    def _lapsed(self, entry: dict[str, Any]) -> bool:
        forgotten = from_text(entry["created_at"]) + timedelta(days=UNCONFIRMED_DAYS)
        return min(forgotten, from_text(entry["expires_at"])) <= self.world.clock.now()

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

    def _subject(self, purpose: str, token: str) -> dict[str, Any]:
        return TOKENS.read(purpose, token, now=self.world.clock.now() - timedelta(days=UNCONFIRMED_DAYS * 30))

    def _links(self, email: str, action: str) -> list[str]:
        """Return the links of this kind in the mails that somebody has, the newest first."""
        return [
            mail.link(action)
            for mail in reversed(self.world.mails)
            if mail.email == email and f"/v1/waitlist/{action}" in mail.text
        ]

    def _own(self, email: str, which: int) -> dict[str, Any] | None:
        """Look at somebody's own entries, which are those in the table, and return one."""
        self._tick()
        status, answer = self._request("GET", "/v1/waitlist/mine", query={"token": self._token("mine", email)})
        assert status == 200
        entries: list[dict[str, Any]] = answer["items"]
        shown = {
            sku: (each["id"], each["quantity"])
            for each in entries
            if each["status"] == "waiting"
            for sku in each["skus"]
        }
        assert shown == self.view.line(email)
        return entries[which % len(entries)] if entries else None


def test_nobody_is_lost_spammed_or_told_too_much_whatever_happens(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = world.snapshot()

    def machine() -> Any:
        numbers = itertools.count()

        def drawn(size: int) -> str:
            """Draw an entry's id that is the same whenever an example is run again."""
            return hashlib.sha256(str(next(numbers)).encode()).hexdigest()[: size + 3]

        monkeypatch.setattr(waitlist_assembly, "token_urlsafe", drawn)
        return Waitlist(world, start)

    run_state_machine_as_test(machine, settings=searching(examples=60, steps=30))
