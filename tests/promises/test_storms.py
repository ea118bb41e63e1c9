"""Storms: a day in the shop with several faults at random rates at once, late indexes, wrong clocks and disorder.

The single broken call is tried elsewhere, in every place. Here a seed draws which faults there are, how often, and what
people and the ERP do meanwhile. When the storm is over, an operator redrives what lies in the dead letters, and within
fifteen minutes all owed work is done. ``STANDBY_STORMS=n`` (``make proof``) tries n more seeds; a failure names it.
"""

import hashlib
import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from os import environ
from typing import Any

import pytest
from standby.mail.service import PARKED_VERSION
from standby.platform.clock import to_text
from standby.waitlist.assembly import api as waitlist_assembly

from tests.crashes import FAULTS, Make, can_break
from tests.deliveries import Delivery
from tests.fakes import HOURS
from tests.promises.killing import CRASHES
from tests.promises.shop import OPS
from tests.promises.test_waitlist_machine import Waitlist
from tests.promises.unruly import Unruly
from tests.promises.waitlist_checks import EMAILS, SKUS
from tests.promises.witness import Person
from tests.wiring import DEAD_LETTERS, QUEUES
from tests.world import Killed, World

pytestmark = pytest.mark.promise("P2", "P3", "P4", "P5", "P8", "P9", "P10")

SEEDS = (*range(8), *range(1_000, 1_000 + int(environ.get("STANDBY_STORMS", "0"))))
HAPPENINGS = 40
MOST_FAULTS = 4
HIGHEST_RATE = 0.3
CROWD = tuple(f"customer-{number}@example.org" for number in range(12))
"""Who waits, beside the few who do everything."""
ROUNDS = 12
"""Rounds of deliveries between two things that happen."""
ATTEMPTS = 3
"""So often somebody asks in vain; then the storm pauses."""
MAPPING = {"columns": {"sku": "Item", "on_hand": "Qty"}, "location_id": "warehouse-1"}
RESTING = {"WaitlistPlans"}
"""Queues in which something may wait for its time: the next wave."""


@dataclass
class Gale:
    """Breaks calls, each fault at a rate of its own. It is what a witness calls a breaker."""

    chance: random.Random
    rates: Mapping[str, float]
    done: bool = False
    crashes: int = 0
    """Faults after which a mail may come twice."""

    def __call__(self, _service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        for name, rate in self.rates.items():
            if can_break(operation, FAULTS[name]) and self.chance.random() < rate:
                self.crashes += name in CRASHES
                answer = FAULTS[name](operation, parameters, make)
                if answer is not NotImplemented:
                    return answer
        return make()


class Storm(Waitlist):
    """A waitlist in a storm. What holds only when all work is done is looked at when the storm is over."""

    def __init__(self, world: World, start: Any, seed: int) -> None:
        super().__init__(world, start)
        self.chance, self.seed, self.over = random.Random(seed), seed, False
        names = self.chance.sample(sorted(FAULTS), self.chance.randint(1, MOST_FAULTS))
        self.people.update({email: Person(email) for email in CROWD})
        # Most are rare: where nearly every call breaks, hardly anything happens.
        rates = {name: HIGHEST_RATE * self.chance.random() ** 2 for name in names}
        self.gale = Gale(random.Random(seed), rates)
        self.disorder = Unruly(seed, latest=timedelta(minutes=10))
        self.files = itertools.count()

    # ---- the storm ----

    def a_day(self) -> None:
        """Let a day go by."""
        chance = self.chance
        self.begin(chance.choice((1.0, 0.5, 0.1)), 300, chance.choice(HOURS), self.seed)
        status, _ = self._request("PUT", "/v1/imports/mappings/daily", body=MAPPING, scopes=OPS)
        assert status in {200, 201}
        self.witness.breaker, self.witness.broken = self.gale, 2  # type: ignore[assignment] # it breaks calls, too
        for email in CROWD:
            self._somebody_is_brought(email)
        for _ in range(HAPPENINGS):
            self._one_of_them_happens()
            self.time_passes(chance.choice((1, 61, 301, 3_660)), 0, held=())
            self.every_promise_holds()

    def _somebody_is_brought(self, email: str) -> None:
        skus = self.chance.sample(SKUS, self.chance.randint(1, 2))
        wish = {"skus": skus, "quantity": self.chance.choice((1, 1, 2)), "until": None}
        self.is_brought_by_the_shop(email, wish, 0, 0, held=())

    def _one_of_them_happens(self) -> None:
        draw = self.chance.choice
        email, sku, seed, which = draw((*EMAILS, draw(CROWD))), draw(SKUS), self.chance.randrange(2**16), draw(range(4))
        held = draw(((), (), ("MailBulk",), ("WaitlistRecords",), ("MailFeedback",), ("WaitlistPlans",)))
        several = self.chance.sample(SKUS, self.chance.randint(1, 3))
        wish = {"skus": several, "quantity": draw((1, 2, 3)), "until": draw((None, None, 1, 3))}
        happenings: tuple[tuple[int, Callable[[], None]], ...] = (
            (6, lambda: self.counts(sku, draw((0, 0, 1, 3, 5)), seed, held=held)),
            (3, lambda: self._are_counted_in_a_file(several)),
            (1, lambda: self.says_again_what_was_long_ago(sku, draw((0, 5)), 300, seed)),
            (1, lambda: self.sets_how_waves_go(draw((1.0, 0.5)), 300, None, seed, everyone=draw((True, False)))),
            (5, lambda: self.joins(email, wish, draw(("en", "he")), seed, held=held)),
            (5, lambda: self.confirms(email, which, seed, held=held)),
            (3, lambda: self.is_brought_by_the_shop(email, wish, draw((0, 30)), seed, held=held)),
            (3, lambda: self._somebody_is_brought(draw(CROWD))),
            (2, lambda: self.edits(email, which, wish, seed, held=held)),
            (1, lambda: self.gives_one_up(email, which, seed, held=held)),
            (2, lambda: self.leaves(email, draw((None, 0)), seed, held=held)),
            (1, lambda: self.comes_back(email, draw(("bounced", "complained")), draw((0, 300)), seed, held=held)),
            (1, lambda: self.is_erased(email, draw((0, 20)), seed, held=held)),
            (1, lambda: self.dov_is_refused_by_the_mail_service(refused=draw((True, False)))),
        )
        weights, acts = zip(*happenings, strict=True)
        self.chance.choices(acts, weights)[0]()

    def _are_counted_in_a_file(self, skus: list[str]) -> None:
        self._tick()
        lines = ["Item;Qty"]
        for sku in skus:
            on_hand = self.chance.choice((0, 2, 4))
            self.newest[sku] = (self._ago(0), on_hand)
            lines.append(f"{sku};{on_hand}")
        self.world.put(f"inbox/daily/{next(self.files)}.csv", "\r\n".join(lines).encode())
        self._run(0, held=())

    # ---- afterwards ----

    def is_over(self) -> None:
        """End it: an operator redrives, and a quarter of an hour later nothing is owed. Then everything comes in."""
        self.witness.breaker, self.over = None, True
        for minute in range(15):
            if minute < 2:
                self._redrive()
            self.world.wait(minutes=1)
            self.look()
        self.every_promise_holds()
        waiting = {name for name in QUEUES if self.world.queues[name]}
        assert waiting <= RESTING, f"still to be done: {waiting - RESTING}"
        letters = [
            letter for name in DEAD_LETTERS.values() for letter in self.world.queues[name] if not _parked(letter)
        ]
        assert not letters, f"promise 9: set aside without need: {letters}"
        self._everything_comes_in()
        wronged = [failure for failure in self.world.failures if isinstance(failure, AssertionError)]
        assert not wronged, wronged
        long_over = to_text(self.world.clock.now() - timedelta(hours=30))
        parked = "".join(letter.body for letter in self.world.queues["MailDeadLetters"])
        lost = {
            place.email
            for place, known in self.known.items()
            if known.expires_at > long_over and place.email not in self.refused and place.email not in parked
        }
        assert not lost, f"promise 2: still in line though there is plenty: {lost}"

    def _redrive(self) -> None:
        """Send back what SQS or a function set aside, but for mails that wait for a person."""
        for name in sorted(set(DEAD_LETTERS.values())):
            letters = list(self.world.queues[name])
            self.world.queues[name].clear()
            for letter in letters:
                source = letter.source or letter.attributes.get("source_arn", "").rpartition(":")[2]
                back = name if _parked(letter) else source
                self.world.queues[back].append(replace(letter, receives=0, source=""))

    # ---- means, and what holds meanwhile ----

    def every_promise_holds(self) -> None:
        if self.over:
            super().every_promise_holds()
            return
        self.nobody_is_lost()
        self.nobody_is_spammed()
        self.the_counts_follow_the_line_at_every_moment()
        self.waves_promise_what_can_be_sold()

    def nobody_is_spammed(self) -> None:
        repeated = self.witness.repeated()
        assert all(count == 1 for count in repeated.values()), f"promise 3: {repeated}"
        assert sum(repeated.values()) <= 50 * self.gale.crashes, f"promise 3: {repeated}"
        notices = {job: count for job, count in self.witness.noticed.items() if count > 2}
        assert not notices, f"promise 3: {notices}"

    def _run(self, seed: int, *, held: tuple[str, ...]) -> None:
        if self.over:
            super()._run(seed, held=held)
            return
        self.disorder.held, self.disorder._doubles = held, 0
        for _ in range(ROUNDS):
            if not self.disorder(self.world):
                break
        self._tick()

    def _request(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        function = "stock_api" if "/imports/" in path else "waitlist_api"
        for attempt in range(ATTEMPTS + 1):
            self.witness.resting = attempt == ATTEMPTS
            try:
                status, answer = self.world.request(function, method, path, **more)
            except Killed:
                continue
            finally:
                self.witness.resting = False
            if status < 500:
                return status, answer
        raise AssertionError(f"{method} {path}: never answered")


def _parked(letter: Delivery) -> bool:
    return PARKED_VERSION in letter.attributes


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_storm_nothing_is_owed_and_nobody_was_wronged(
    seed: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = itertools.count()

    def drawn(size: int) -> str:
        """Draw an entry's id that is the same whenever a seed is run again."""
        return hashlib.sha256(str(next(numbers)).encode()).hexdigest()[: size + 3]

    monkeypatch.setattr(waitlist_assembly, "token_urlsafe", drawn)
    storm = Storm(world, world.snapshot(), seed)

    storm.a_day()
    storm.is_over()
