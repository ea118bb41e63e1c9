"""What must hold of a waitlist after each step of the search, whatever happened."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant
from standby.platform.clock import from_text
from standby.waitlist.model import COUNTED, UNCONFIRMED_DAYS

from tests.promises.shop import OPS, Shop
from tests.promises.waitlist_reference import OUTCOMES, Account
from tests.promises.waitlist_view import Listed, News, View, Waiting
from tests.promises.witness import Person, Told, Witness
from tests.world import World

SKUS = ("MUG", "TEE", "CAP")
EMAILS = tuple(f"{name}@example.org" for name in ("ana", "ben", "carla", "dov"))
NOW = ("unconfirmed", "waiting", "units_wanted")
SWEPT_WITHIN = 13 * 3600
"""Seconds within which a sweep comes in this search, also while days pass."""


class WaitlistChecks(RuleBasedStateMachine):
    """Knows what happened, looks at what is there, and compares."""

    def __init__(self, world: World, start: Any) -> None:
        super().__init__()
        world.restore(start)
        self.world, self.shop = world, Shop(world)
        self.people = {email: Person(email) for email in EMAILS}
        self.witness = Witness(world, self.people)
        world.tap = self.witness
        self.view, self.news = View(world, self.people), News()
        self.refused: set[str] = set()
        self.account = Account(self.people, self.news, self.witness, self.refused)
        self.newest: dict[str, tuple[str, int]] = {}
        self.known: dict[Listed, Waiting] = {}
        self.edited: set[str] = set()
        self.explained = 0
        self.steps: dict[str, list[dict[str, Any]]] = {}

    # ---- noting ----

    def look(self) -> None:
        """Account for every place that the functions, as they ran, have taken out of line."""
        self.news.catch_up(self.world)
        now = self.view.listings()
        for place, waiting in self.known.items():
            if place not in now:
                self.account.ended(place, waiting, self.view.now())
        self.known = now

    def asked(self, how: str | None) -> None:
        """Account for every place that a request has just taken out of line."""
        now = self.view.listings()
        for place in self.known.keys() - now.keys():
            self.account.asked(place, how)
        self.known = now

    def seen(self, look: Callable[[str], Any], sku: str) -> Any:
        """Look while nothing breaks."""
        self.witness.resting = True
        try:
            return look(sku)
        finally:
            self.witness.resting = False

    # ---- what must hold ----

    @invariant()
    def every_promise_holds(self) -> None:
        for check in (
            self.nobody_is_lost,
            self.nobody_is_spammed,
            self.an_entry_is_told_once,
            self.nobody_is_told_and_still_waiting,
            self.the_newest_word_wins,
            self.the_counts_follow_the_line_at_every_moment,
            self.the_figures_are_those_of_the_account,
            self.entries_that_were_never_confirmed_are_forgotten,
            self.waves_promise_what_can_be_sold,
            self.every_mail_can_be_explained,
            self.who_was_erased_has_left_no_trace,
        ):
            check()

    # ---- promises 2 and 3 ----

    def nobody_is_lost(self) -> None:
        self.look()

    def nobody_is_spammed(self) -> None:
        repeated = self.witness.repeated()
        assert sum(repeated.values()) <= 50 * self.witness.broken, repeated
        assert all(count <= self.witness.broken for count in repeated.values()), repeated
        notices = {job: count for job, count in self.witness.noticed.items() if count > 1 + self.witness.broken}
        assert not notices, f"more than one last notice: {notices}"

    def an_entry_is_told_once(self) -> None:
        if self.witness.broken:
            return
        told = Counter(told.about.entry_id for told in self.witness.told)
        assert not {entry: count for entry, count in told.items() if count > 1 and entry not in self.edited}
        noticed = {job.split("#")[1] for job in self.witness.noticed}
        assert not noticed & told.keys() - self.edited, "told, and given a last notice too"

    def nobody_is_told_and_still_waiting(self) -> None:
        if self.view.quiet() and not self.view.mail_under_way():
            ended = {(about.entry_id, about.sku, about.place) for about in self.news.accepted if about.of_wave}
            assert not [place for place in self.known if (place.entry_id, place.sku, place.place) in ended]

    # ---- promise 4 ----

    def the_newest_word_wins(self) -> None:
        if self.view.quiet():
            for sku, (_, on_hand) in self.newest.items():
                assert self.seen(self.shop.stock, sku)["on_hand"] == on_hand

    # ---- the counts ----

    def the_counts_follow_the_line_at_every_moment(self) -> None:
        for sku in SKUS:
            counts, here = self.view.counts(sku), self.view.now_in_line(sku)
            assert {name: counts[name] for name in NOW} == here, sku
            assert min(counts.values()) >= 0, (sku, counts)

    def the_figures_are_those_of_the_account(self) -> None:
        if not self.view.quiet():
            return
        for sku in SKUS:
            figures = self.seen(self.shop.figures, sku)
            assert {name: figures[name] for name in COUNTED} == self.view.counts(sku), sku
            for outcome in OUTCOMES:
                least, most = self.account.least[sku, outcome], self.account.most[sku, outcome]
                assert least <= figures[outcome] <= most, (sku, outcome, figures, least, most)
            assert figures["invited"] == self.news.invitations(sku), sku

    def entries_that_were_never_confirmed_are_forgotten(self) -> None:
        now = self.world.clock.now()
        for entry in self.view.unconfirmed().values():
            age = (now - from_text(entry["created_at"])).total_seconds()
            assert age <= UNCONFIRMED_DAYS * 86_400 + SWEPT_WITHIN or not self.view.quiet()

    # ---- promise 1's bound, and promise 10 ----

    def waves_promise_what_can_be_sold(self) -> None:
        for sku in SKUS:
            waves: Counter[str] = Counter()
            bound: dict[str, float] = {}
            there: dict[str, int] = {}
            last: dict[str, int] = {}
            for item in self.view.items(f"WAVE#{sku}"):
                if item.get("event") == "WaveStarted":
                    numbers = item["numbers"]
                    bound[item["wave"]] = math.inf if numbers["units"] == "all" else numbers["units"]
                    there[item["wave"]] = numbers["sellable"]
                    assert numbers["notify_everyone"] or numbers["units"] <= numbers["sellable"]
                elif "members" in item:
                    wave = f"{sku}@{item['revision']}#{item['wave']}"
                    waves[wave] += item["units"]
                    wanted = [int(line.split("~")[-2]) for line in item["members"]]
                    assert max(wanted, default=0) <= there[wave], f"{wave}: wants more than is there"
                    last[wave] = wanted[-1] if wanted else last.get(wave, 0)
            back = self.view.returned()
            for wave, promised in waves.items():
                most = bound[wave] if math.isinf(bound[wave]) else max(bound[wave], there[wave])
                assert promised <= most + back[wave], f"{wave} promises {promised} of {most}"
                beyond = promised - bound[wave] - back[wave]
                assert beyond < max(1, last.get(wave, 0)), f"{wave}: more than the last one exceeds {bound[wave]}"

    def every_mail_can_be_explained(self) -> None:
        if not self.view.quiet() or self.explained == len(self.witness.told):
            return
        fresh, self.explained = self.witness.told[self.explained :], len(self.witness.told)
        for sku in {told.about.sku for told in fresh}:
            steps = self.seen(self._why, sku)
            for told in fresh:
                if told.about.sku == sku:
                    self._explained(told, steps)

    def _why(self, sku: str) -> list[dict[str, Any]]:
        status, body = self.world.request("waitlist_api", "GET", f"/v1/waitlist/{sku}/why", scopes=OPS)
        assert (status, body["subject"]) == (200, f"waitlist:{sku}")
        steps: list[dict[str, Any]] = body["steps"]
        return steps

    def _explained(self, told: Told, steps: list[dict[str, Any]]) -> None:
        about = told.about
        assert (about.sku, about.revision) in self.news.restocks, "told about a restock that nobody announced"
        wave = f"{about.sku}@{about.revision}#{about.wave}"
        (start,) = [step["numbers"] for step in steps if step["numbers"].get("wave") == wave]
        pages = [
            step["numbers"]
            for step in steps
            if step["event"] == "CustomersInvited"
            and (step["numbers"]["restock"], step["numbers"]["wave"]) == (about.revision, about.wave)
        ]
        assert start["restock"] == about.revision
        line = {"entry": about.entry_id, "confirmed_at": about.place, "quantity": about.quantity}
        assert sum(line in page["told"] for page in pages) == 1, f"{told} stands in no page of {wave}"
        left: Any = start["units"]
        if left != "all":
            assert 0 < left <= max(1, math.floor(start["sellable"] * float(start["ratio"])))
        for page in pages:
            assert page["customers"] == len(page["told"])
            assert page["units"] == sum(each["quantity"] for each in page["told"])
            if left != "all":
                assert 0 <= page["units_left"] + page["units"] - left <= self.view.returned()[wave]
                assert page["units_left"] > -max([each["quantity"] for each in page["told"]], default=1)
            left = page["units_left"]

    # ---- promise 8 ----

    def who_was_erased_has_left_no_trace(self) -> None:
        if not self.view.quiet():
            return
        for person in self.people.values():
            if person.erased_for_good() and not self.view.under_way(person.address, person.email):
                assert not self.view.traces(person), person.email
