"""What a shop must bear: many sign-ups, one long line, many SKUs at once, and workers that die."""

import os
import random
import signal
import statistics
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from infra.local.client import WORDING, Client, awaited, stock_level
from infra.local.emulator import Emulator
from infra.local.replay import in_parallel
from infra.operations.letters import count, work_queues
from infra.operations.place import TABLES, named
from tests.benchmarks import telling

SIGN_UPS, CLIENTS = 2_000, 16
IN_LINE = 10_000
SKUS = 1_000
AMONG_KILLED = 2_000
KILLINGS = 5
CALL = 50
"""Recipients of one SES call. A death between SES and our write may repeat these mails, once."""
VISIBILITY = "30"
"""Seconds, in place of minutes, after which a dead worker's messages come back."""
MOST_SECONDS = 600


@dataclass
class Crowds:
    """Loads one deployment and checks what came of it."""

    client: Client
    emulator: Emulator
    say: Callable[[str], None]
    outputs: Path
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(0, 100_000_000, 1_000_000)))

    def two_thousand_sign_up(self) -> None:
        """Sign up from 16 clients; each address gets one confirmation."""
        sku = "SIGN-UP"
        self._counted({sku: 0})
        emails = [f"signs-up-{number:05}@example.org" for number in range(SIGN_UPS)]
        began, before = time.monotonic(), self.client.sent()
        with ThreadPoolExecutor(CLIENTS) as clients:
            groups = [emails[first::CLIENTS] for first in range(CLIENTS)]
            seconds = sorted(
                each for found in clients.map(lambda group: self._sign_up(group, sku), groups) for each in found
            )
        signed_up = time.monotonic() - began
        mails = self._mails(before, SIGN_UPS)
        mailed = time.monotonic() - began
        p50, p99 = (statistics.quantiles(seconds, n=100)[at] * 1_000 for at in (49, 98))
        self.say(
            f"{SIGN_UPS:,} sign-ups from {CLIENTS} clients: {signed_up:.1f} s, {SIGN_UPS / signed_up:.0f} a second, "
            f"p50 {p50:.0f} ms, p99 {p99:.0f} ms; all confirmations out after {mailed:.1f} s"
        )
        assert mails == Counter(emails), _differs(mails, Counter(emails))
        self._nothing_set_aside()

    def ten_thousand_are_told(self) -> None:
        """Tell everybody in one long line."""
        sku = "LONG-LINE"
        people = self._waiting(sku, IN_LINE)
        self._tell({sku: IN_LINE}, people, f"{IN_LINE:,} waiting on one SKU")
        awaited(lambda: self.client.waiting(sku)["told"] == IN_LINE, what="everybody recorded as told", seconds=120)
        self._nothing_set_aside()

    def a_thousand_skus_come_back(self) -> None:
        """Restock 1,000 SKUs by one message, somebody waiting for each."""
        skus = [f"BATCH-{number:04}" for number in range(SKUS)]
        people = [email for sku in skus for email in self._waiting(sku, 1)]
        self._tell(dict.fromkeys(skus, 3), people, f"{SKUS:,} SKUs restocked in one batch")
        self._nothing_set_aside()

    def workers_die(self) -> None:
        """Kill every worker of the functions several times while many are told."""
        sku = "KILLED"
        people = self._waiting(sku, AMONG_KILLED)
        for queue in work_queues(self.client.place):
            self.client.place.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": VISIBILITY})
        with self._killing() as killed:
            self._tell(
                {sku: AMONG_KILLED}, people, f"{AMONG_KILLED:,} told while workers die", repeated=KILLINGS * CALL
            )
        self.say(f"  {len(killed)} workers were killed, at {KILLINGS} moments")
        awaited(
            lambda: self.client.waiting(sku)["told"] == AMONG_KILLED, what="everybody recorded as told", seconds=180
        )
        self._nothing_set_aside()

    # ---- doing ----

    def _sign_up(self, emails: list[str], sku: str) -> list[float]:
        """Sign up one after the other as one client; return the seconds that each took."""
        seconds = []
        consent = {"wording": WORDING, "marketing": False}
        with httpx.Client(base_url=self.client.outputs["ApiUrl"], timeout=60) as http:
            for email in emails:
                before = time.monotonic()
                answer = http.post(
                    "/v1/waitlist", json={"email": email, "skus": [sku], "locale": "en", "consent": consent}
                )
                seconds.append(time.monotonic() - before)
                assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return seconds

    def _waiting(self, sku: str, customers: int) -> list[str]:
        """Put new customers in a SKU's line, as confirming would; return their addresses."""
        first = next(self._numbers) if customers > 1 else random.randrange(10**8, 10**9)
        listings = [telling.listing(sku, number) for number in range(first, first + customers)]
        telling.put(self._dynamodb, self._table, listings)
        return [each.email for each in listings]

    @cached_property
    def _dynamodb(self) -> Any:
        place = self.client.place
        return place.session.client("dynamodb", endpoint_url=place.endpoint)

    @cached_property
    def _table(self) -> str:
        return named(self.client.place.resources(*TABLES), "Waitlist/Entries")

    def _counted(self, units: dict[str, int]) -> None:
        """Let the ERP tell the levels of SKUs in one message."""
        now = datetime.now(UTC)
        levels = [stock_level(sku, on_hand, now) for sku, on_hand in units.items()]
        self.client.send("StockUpdates", [{"type": "batch", "messages": levels}])

    def _tell(self, units: dict[str, int], people: list[str], what: str, *, repeated: int = 0) -> None:
        """Sell out, restock, and wait until everybody has a mail; say how fast it was."""
        self._counted(dict.fromkeys(units, 0))
        in_parallel(self._sold_out, units)
        began, before = time.monotonic(), self.client.sent()
        self._counted(units)
        awaited(lambda: self.client.sent() > before, what="the first mail", seconds=MOST_SECONDS)
        first = time.monotonic() - began
        mails = self._mails(before, len(people))
        seconds = time.monotonic() - began
        twice = sum(mails.values()) - len(mails)
        self.say(
            f"{what}: first mail after {first:.1f} s, all {len(people):,} after {seconds:.1f} s, "
            f"{len(people) / seconds:.0f} mails a second; {twice} repeated, {len(set(people) - set(mails))} lost"
        )
        assert set(mails) == set(people), _differs(mails, Counter(people))
        assert max(mails.values()) <= (2 if repeated else 1), mails.most_common(3)
        assert twice <= repeated, twice

    def _sold_out(self, sku: str) -> None:
        awaited(lambda: self.client.sellable(sku) == 0, what=f"{sku} sold out", seconds=MOST_SECONDS)

    def _mails(self, since: int, people: int) -> Counter[str]:
        """Wait until so many people have a mail; return how many mails each address got since."""
        seen: Counter[str] = Counter()

        def everybody() -> bool:
            nonlocal seen
            if self.client.sent() - since < people:
                return False
            seen = Counter(mail.to for mail in self.client.mails(since))
            return len(seen) >= people

        awaited(everybody, what=f"mails to {people:,} people", seconds=MOST_SECONDS, pause=0.5)
        return seen

    def _nothing_set_aside(self) -> None:
        place = self.client.place
        letters = {queue.name: count(place.sqs, queue.dead_letters_url) for queue in work_queues(place)}
        assert {name: number for name, number in letters.items() if number} == {}

    # ---- dying ----

    @contextmanager
    def _killing(self) -> Iterator[list[int]]:
        """Kill the emulator's workers several times, beginning with the first mail; yield the ended processes."""
        before, killed, over = self.client.sent(), [], threading.Event()

        def kill() -> None:
            while self.client.sent() == before and not over.wait(0.05):
                pass
            for _ in range(KILLINGS):
                for worker in self._workers():
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)
                if over.wait(1.5):
                    return

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            yield killed
        finally:
            over.set()
            killer.join()

    def _workers(self) -> list[int]:
        """Return the process ids of the functions' workers: children of the emulator that we started, no others."""
        command = ["ps", "-o", "pid=,args=", "--ppid", str(self.emulator.pid)]
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own words
        lines = (line.strip().partition(" ") for line in shown.splitlines())
        return [int(pid) for pid, _, command in lines if "worker" in command]


def _differs(mails: Counter[str], expected: Counter[str]) -> str:
    """Say how the mails that came differ from those that should have come."""
    lost, more = expected - mails, mails - expected
    return f"{len(lost)} lost, such as {list(lost)[:3]}; {sum(more.values())} too many, such as {list(more)[:3]}"
