"""Ten thousand guesses of voucher codes on the local AWS, near misses of real ones among them, and honest shoppers."""

import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from standby.compensation.codes import ALPHABET, LETTERS
from standby.compensation.guessing import MOST, WINDOW

from infra.local.client import Client, awaited
from infra.operations.place import TABLES, named

GUESSES, CLIENTS = 10_000, 16
FEW = 8
"""Shopper hints of the guessers who keep theirs; the others name another one each time."""
CODES = 6
PRICE, WORTH = 5_000, 500
HONEST_PAUSE = 0.2
"""Seconds between two looks of an honest shopper."""
Found = httpx.codes.OK
Wrong = httpx.codes.NOT_FOUND
Slowed = httpx.codes.TOO_MANY_REQUESTS


def guesses(client: Client, say: Callable[[str], None]) -> None:
    """Guess from few hints, then from ever other ones; check that none is found and no honest shopper waits."""
    guessing = Guessing(client, say)
    guessing.prepare()
    guessing.guess("few hints", lambda number: f"guesser-{number % FEW}")
    looked = guessing.answers["few hints"][Wrong]
    windows = 2 + guessing.seconds // WINDOW.total_seconds()
    assert looked <= FEW * (MOST + CLIENTS) * windows, f"{looked} of few hints' guesses were looked at"
    guessing.guess("changing hints", lambda number: f"guesser-{number}-{random.randrange(10**9)}")
    items = guessing.kept()
    say(f"  {items:,} counts of guesses are kept, each for an hour")
    assert items <= GUESSES // 2 + FEW * windows + 1, items


@dataclass
class Guessing:
    """Guessers and honest shoppers at one deployment."""

    client: Client
    say: Callable[[str], None]
    codes: list[str] = field(default_factory=list)
    answers: dict[str, Counter[int]] = field(default_factory=dict)
    seconds: float = 0

    def prepare(self) -> None:
        """Let orders be late whose customers are given codes."""
        value = {"amount": WORTH, "currency": "EUR"}
        level = {"days_late": 1, "remedy": {"kind": "voucher", "amount": value}}
        budget = [{"amount": 1_000_000, "currency": "EUR"}]
        self.client.set_policy({"rules": [{"name": "all", "levels": [level]}], "monthly_budget": budget})
        line = {"line_id": "1", "sku": "GUESSED", "quantity": 1, "unit_price": {"amount": PRICE, "currency": "EUR"}}
        orders = [f"GUESSED-{number}" for number in range(CODES)]
        for order_id in orders:
            email = f"{order_id.lower()}@example.org"
            until = self.client.order(order_id, email, "GUESSED", days=2, lines=[line], ship_to={"country": "DE"})
            later = (until + timedelta(days=5)).isoformat()
            self.client.says("order.eta", order_id, eta=later, cause="carrier")
        for order_id in orders:
            granted = awaited(lambda order_id=order_id: self._granted(order_id), what="a code", seconds=120)  # type: ignore[misc]
            self.codes.append(granted[0]["code"])

    def guess(self, what: str, hint: Callable[[int], str]) -> None:
        """Make half of the guesses from many clients, an honest shopper beside them, and check every answer."""
        letters = random.Random(what)
        tried = [self._guess(letters, number) for number in range(GUESSES // 2)]
        alone = self._honest_alone()
        began = time.monotonic()
        with self._honest() as honest, ThreadPoolExecutor(CLIENTS) as clients:
            shares = [range(first, len(tried), CLIENTS) for first in range(CLIENTS)]
            made = clients.map(lambda share: [self._try(tried[each], hint(each), each) for each in share], shares)
            statuses = Counter(status for every in made for status in every)
        self.seconds = time.monotonic() - began
        self.answers[what] = statuses
        times = [seconds for _, seconds in honest]
        self.say(
            f"{len(tried):,} guesses with {what} from {CLIENTS} clients: {self.seconds:.1f} s, "
            f"{statuses[Wrong]:,} looked at, {statuses[Slowed]:,} slowed, {statuses[Found]} found; "
            f"{len(honest)} honest looks meanwhile, p50 {statistics.median(times) * 1_000:.0f} ms "
            f"(alone {alone * 1_000:.0f} ms), none slowed"
        )
        assert set(statuses) <= {Wrong, Slowed}, statuses
        assert {status for status, _ in honest} == {Found}, Counter(status for status, _ in honest)
        shown = [self._look(code, "honest-after")[0] for code in self.codes]
        assert shown == [Found] * len(self.codes)

    def kept(self) -> int:
        """Return how many counts of guesses the table has."""
        place = self.client.place
        dynamodb: Any = place.session.client("dynamodb", endpoint_url=place.endpoint)
        table = named(place.resources(*TABLES), "Vouchers")
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=table,
            FilterExpression="begins_with(pk, :guesses)",
            ExpressionAttributeValues={":guesses": {"S": "GUESSES#"}},
            Select="COUNT",
        )
        return sum(page["Count"] for page in pages)

    def _granted(self, order_id: str) -> list[dict[str, Any]]:
        return [each for each in self.client.remedies(order_id)["granted"] if each["code"]]

    def _guess(self, letters: random.Random, number: int) -> str:
        """Return a code that there is not: any letters, or one of ours with a letter wrong or two swapped."""
        if number % 2:
            return "".join(letters.choices(ALPHABET, k=LETTERS + 1))
        code = list(letters.choice(self.codes).replace("-", ""))
        place = letters.randrange(LETTERS)
        if number % 4 and code[place] != code[place + 1]:
            code[place], code[place + 1] = code[place + 1], code[place]
        else:
            code[place] = letters.choice(ALPHABET.replace(code[place], ""))
        return "".join(code)

    def _try(self, code: str, hint: str, number: int) -> int:
        """Look a code up, or redeem it; return the status."""
        if number % 3:
            return self._look(code, hint)[0]
        order = {"order_id": f"GUESS-{number}", "order_total": {"amount": PRICE, "currency": "EUR"}}
        headers = {**self.client.key, "Shopper-Hint": hint, "Idempotency-Key": f"guess-{number}-{hint}"}
        return self.client.http.post(f"/v1/vouchers/{code}/redeem", json=order, headers=headers).status_code

    def _look(self, code: str, hint: str) -> tuple[int, float]:
        """Look a code up; return the status, and the seconds that it took."""
        began = time.monotonic()
        answer = self.client.http.get(f"/v1/vouchers/{code}", headers={**self.client.key, "Shopper-Hint": hint})
        return answer.status_code, time.monotonic() - began

    def _honest_alone(self) -> float:
        return statistics.median(self._look(self.codes[0], "honest")[1] for _ in range(20))

    @contextmanager
    def _honest(self) -> Iterator[list[tuple[int, float]]]:
        """Let an honest shopper look real codes up until the block ends; yield the answers."""
        answers: list[tuple[int, float]] = []
        over = threading.Event()

        def shop() -> None:
            while not over.wait(HONEST_PAUSE):
                answers.append(self._look(self.codes[len(answers) % CODES], "honest"))

        shopper = threading.Thread(target=shop)
        shopper.start()
        try:
            yield answers
        finally:
            over.set()
            shopper.join()
