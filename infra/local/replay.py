"""``make replay``: real sales as an ERP feed through the queue, and what came of it beside what should have.

The people wait for SKUs that ran out in the first part of the feed; the second part delivers some of them. A promise
that is not kept makes the command fail.
"""

import json
import random
import secrets
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx

from infra.local import feed, running
from infra.local.client import Client, LateError, RefusedError, awaited, awaited_calm
from infra.local.deployment import DeployError
from infra.local.emulator import EmulatorError
from infra.local.pages import PRODUCT_PAGES
from infra.local.up import progress, up
from infra.operations.letters import Letter, count, named_queue, peek, redrive
from infra.operations.place import PlaceError, local, local_outputs

BUSY = (
    *("StockUpdates", "StockSettle", "WaitlistPlans", "WaitlistRecords", "MailUrgent", "MailBulk"),
    *("CatalogUpdates", "AvailabilityChanges"),
)
BADGES = 100
"""Of one request."""
LOOK_SECONDS = 0.2
BY_KEY = 560
BY_MAIL = 30
LEAVING = 5
SILENT = 10
EITHER = 20
CLIENTS = 8
MOST_LETTERS = 2_000
FEED_SECONDS = 1_200
TOLD_SECONDS = 300
CALM = timedelta(seconds=4)
Thing = TypeVar("Thing")
Result = TypeVar("Result")


@dataclass
class People:
    """Who signed up for what, by address, and who has to be told."""

    skus: dict[str, tuple[str, ...]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


@dataclass
class Storefront:
    """Looks again and again at the badges of SKUs, beside all that happens, and notes when each can be bought."""

    client: Client
    skus: Sequence[str]
    seen: dict[str, float] = field(default_factory=dict)
    _over: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            missing = [sku for sku in self.skus if sku not in self.seen]
            for badge in badges(self.client, missing):
                if "buy" in badge["actions"]:
                    self.seen[badge["sku"]] = time.time()


@dataclass
class Ledger:
    """What is printed: each line with its figure, and whether the promise behind it was kept."""

    broken: list[str] = field(default_factory=list)

    def line(self, name: str, figure: object, *, kept: bool = True) -> None:
        """Print a line."""
        print(f"{name:<44} {figure}" + ("" if kept else "   ← broken"))
        if not kept:
            self.broken.append(name)


def main() -> int:
    """Replay and report."""
    try:
        if running.find() is None or not running.OUTPUTS.exists():
            up()
        return replay(Client(local(), local_outputs()), feed.read_sales())
    except (EmulatorError, DeployError, PlaceError, LateError, RefusedError, httpx.HTTPError) as error:
        print(error, file=sys.stderr)
        return 1


def replay(client: Client, sales: Sequence[feed.Sale]) -> int:
    """Push the sales through as a feed, compare, and return the exit code. Raises `LateError`."""
    say = progress()
    run = secrets.token_hex(3)
    draw = random.Random(feed.SEED)
    made = feed.build(sales, run=run, now=client.now())
    storefront = Storefront(client, made.delivered)
    client.settings("shop", notify_everyone=True)
    try:
        say(f"{len(sales):,} sale lines; sending the first part, {len(made.first):,} messages")
        sent_at = push(client, made.first, draw)
        idle(client, "the first part")
        sold_out = [*made.delivered, *made.never]
        awaited(lambda: all(_is_out(client, sku) for sku in sold_out), what="the awaited SKUs sold out", seconds=60)
        links = describe(client, sold_out)
        idle(client, "the catalogue")
        say(f"{len(sold_out)} awaited SKUs are sold out; people sign up")
        began = client.sent()
        people = sign_up(client, made, draw, run)
        idle(client, "signing up")
        confirmations = awaited_calm(client.sent, calm=CALM, what="confirmation mails")
        say(f"{len(people.skus)} waiting; sending the second part, {len(made.second):,} messages")
        with storefront:
            sent_at |= push(client, made.second, draw)
            idle(client, "the second part")
            awaited(lambda: len(storefront.seen) == len(made.delivered), what="badges of all that was delivered")
        awaited(
            lambda: people.told <= {mail.to for mail in client.mails(confirmations)},
            what="mail to everyone who has to be told",
            seconds=TOLD_SECONDS,
            pause=1,
        )
    except LateError as error:
        print(error, file=sys.stderr)
    finally:
        awaited_calm(client.sent, calm=CALM, what="mails")
        client.settings("shop", notify_everyone=None)
    say(f"comparing; {client.sent() - began} mails were sent")
    ledger = Ledger()
    ledger.line("messages", f"{len(made.first) + len(made.second):,}")
    compare_levels(client, made, ledger)
    compare_badges(client, made, ledger)
    say_how_long("badge", [at - sent_at[sku] for sku, at in storefront.seen.items()], ledger)
    compare_told(client, people, confirmations, sent_at, ledger)
    compare_links(client, people, confirmations, links, ledger)
    compare_dead_letters(client, made, run, ledger)
    repair(client, made, ledger)
    print("\nevery promise was kept" if not ledger.broken else f"\nbroken: {', '.join(ledger.broken)}")
    return 1 if ledger.broken else 0


def push(client: Client, messages: Sequence[feed.Sent], draw: random.Random) -> dict[str, float]:
    """Send a part through the queue and return when each awaited SKU's delivery was sent (seconds since the epoch)."""
    restocked: dict[str, float] = {}
    url = client.outputs["StockUpdatesQueueUrl"]
    for group in feed.bodies(messages, draw):
        restocked |= {sent.restocks: time.time() for sent in group if sent.restocks}
        client.place.sqs.send_message(QueueUrl=url, MessageBody=feed.written(group))
    return restocked


def idle(client: Client, what: str, queues: Sequence[str] = BUSY) -> None:
    """Wait until nothing is on its way through the queues."""

    def waiting() -> int:
        return sum(client.waiting_in(name) for name in queues)

    awaited_calm(waiting, calm=timedelta(seconds=2), what=what, seconds=FEED_SECONDS)
    awaited(lambda: waiting() == 0, what=f"{what} worked off", seconds=FEED_SECONDS)


def describe(client: Client, skus: Sequence[str]) -> dict[str, str]:
    """Let the catalogue know every other SKU, and return the end of the link that a mail about each has to have."""
    as_of = client.now().isoformat()
    known = {sku: f"https://shop.example/products/{number}" for number, sku in enumerate(skus) if number % 2}
    products = [
        {
            "type": "product.upserted",
            "product_id": sku,
            "title": {"en": f"Product {number}"},
            "url": url,
            "variants": [{"sku": sku}],
            "as_of": as_of,
        }
        for number, (sku, url) in enumerate(known.items())
    ]
    client.send("CatalogUpdates", [{"type": "batch", "messages": products}])
    return {sku: f"{PRODUCT_PAGES}{quote(sku, safe='')}" for sku in skus} | known


def sign_up(client: Client, made: feed.Feed, draw: random.Random, run: str) -> People:
    """Sign people up by the shop's key and by mail. Some want either of two SKUs, some never confirm, some leave."""
    people = People()
    skus = [*made.delivered, *made.never]
    by_key: dict[str, tuple[str, ...]] = {
        f"key.{index}.{run}@example.com": (draw.choice(skus),) for index in range(BY_KEY)
    }
    by_key |= {f"either.{index}.{run}@example.com": tuple(draw.sample(skus, 2)) for index in range(EITHER)}
    in_parallel(lambda item: client.enter(item[0], *item[1], locale=draw.choice(("en", "he"))), by_key.items())

    began = client.sent()
    by_mail: dict[str, tuple[str, ...]] = {
        f"mail.{index}.{run}@example.com": (draw.choice(skus),) for index in range(BY_MAIL)
    }
    in_parallel(lambda item: client.join(item[0], *item[1]), by_mail.items())
    mails = awaited(
        lambda: found if len(found := {mail.to: mail for mail in client.mails(began)}) >= len(by_mail) else {},
        what="confirmation mails",
        seconds=120,
    )
    confirming = list(by_mail)[SILENT:]
    in_parallel(lambda email: client.press(client.link(mails[email], "confirm")), confirming)
    leaving = confirming[:LEAVING]
    in_parallel(lambda email: client.press(client.link(mails[email], "leave")), leaving)

    people.skus = by_key | by_mail
    waiting = {*by_key, *confirming} - {*leaving}
    people.told = {email for email in waiting if set(people.skus[email]) & set(made.delivered)}
    return people


def compare_levels(client: Client, made: feed.Feed, ledger: Ledger) -> None:
    """Compare every SKU's numbers with the independent calculation."""
    differing = {}
    for (sku, level), found in zip(made.levels.items(), in_parallel(client.stock, made.levels), strict=True):
        should = (level, made.incoming.get(sku, 0))
        shown = None if found is None else (found["on_hand"], found["incoming"])
        if shown != should:
            differing[sku] = (should, shown)
    ledger.line("SKUs", f"{len(made.levels):,}")
    ledger.line("levels that differ", len(differing), kept=not differing)
    for sku, (should, shown) in list(differing.items())[:5]:
        print(f"    {sku}: should be {should}, is {shown} (on hand, incoming)")


def compare_badges(client: Client, made: feed.Feed, ledger: Ledger) -> None:
    """Compare every SKU's badge with what the independent calculation says of it."""
    low = client.settings("shop")["low_stock"]
    differing = {}
    for badge in badges(client, list(made.levels)):
        sku = badge["sku"]
        should = _status(made.levels[sku], made.incoming.get(sku, 0), low)
        if badge["status"] != should:
            differing[sku] = (should, badge["status"])
    ledger.line("badges that differ", len(differing), kept=not differing)
    for sku, (should, shown) in list(differing.items())[:5]:
        print(f"    {sku}: should be {should}, is {shown}")


def badges(client: Client, skus: Sequence[str]) -> list[dict[str, Any]]:
    """Return the badges of SKUs, a hundred to a request."""
    groups = [skus[start : start + BADGES] for start in range(0, len(skus), BADGES)]
    return [badge for group in groups for badge in client.badges(*group)]


def _status(units: int, incoming: int, low: int) -> str:
    if units > 0:
        return "LimitedAvailability" if units <= low else "InStock"
    return "OutOfStock" if incoming > 0 else "SoldOut"


def compare_told(client: Client, people: People, began: int, sent_at: Mapping[str, float], ledger: Ledger) -> None:
    """Compare who was told with who should have been, and print how long it took."""
    mails = [mail for mail in client.mails(began) if mail.to in people.skus]
    times = Counter(mail.to for mail in mails)
    missed, wrongly = people.told - times.keys(), times.keys() - people.told
    twice = [email for email, count_ in times.items() if count_ > 1]
    ledger.line("people waiting", len(people.skus))
    ledger.line("people told / should have been", f"{len(times)} / {len(people.told)}", kept=not missed)
    ledger.line("people told who should not have been", len(wrongly), kept=not wrongly)
    ledger.line("people told twice", len(twice), kept=not twice)
    took = [
        mail.at - min(sent_at[sku] for sku in people.skus[mail.to] if sku in sent_at)
        for mail in mails
        if any(sku in sent_at for sku in people.skus[mail.to])
    ]
    say_how_long("mail", took, ledger)


def compare_links(client: Client, people: People, began: int, links: Mapping[str, str], ledger: Ledger) -> None:
    """Look for the way to the product in each mail about a restock: the catalogue's word, or else the shop's page."""
    mails = [mail for mail in client.mails(began) if mail.to in people.told]
    without = [
        mail.to
        for mail, text in zip(mails, in_parallel(client.text, mails), strict=True)
        if not any(f"{links[sku]}\n" in f"{text}\n" for sku in people.skus[mail.to])
    ]
    ledger.line("mails without a link to their product", len(without), kept=not without)


def say_how_long(what: str, took: Sequence[float], ledger: Ledger) -> None:
    """Print how many seconds lay between messages of the ERP and what came of them."""
    if took:
        ledger.line(f"seconds from message to {what}, median", f"{statistics.median(took):.2f}")
        ledger.line(f"seconds from message to {what}, p99", f"{sorted(took)[int(len(took) * 0.99)]:.2f}")


def compare_dead_letters(client: Client, made: feed.Feed, run: str, ledger: Ledger) -> None:
    """Look for each malformed message among the dead letters, in its original form and with a reason."""
    reasons = {}
    for letter in _letters(client):
        if run in letter.body:
            reasons[_canonical(letter.body)] = letter.reason
    expected = {_canonical(body if isinstance(body, str) else json.dumps(body)) for body in made.malformed}
    good = {body for body in expected if body in reasons and not reasons[body].startswith("failed until")}
    complete = good == expected == reasons.keys()
    ledger.line("malformed / dead letters with a reason", f"{len(expected)} / {len(reasons)}", kept=complete)
    for reason, times in Counter(reasons.values()).most_common():
        print(f"    {times:>3} x {reason[:110]}")


def repair(client: Client, made: feed.Feed, ledger: Ledger) -> None:
    """Send one dead letter back with a repaired body, as the operator's command does, and wait for its level."""
    broken, mended = made.repaired
    found = [letter for letter in _letters(client) if _canonical(letter.body) == _canonical(json.dumps(broken))]
    came = False
    if found:
        letter_id = found[0].message_id
        queue = named_queue(client.place, "StockUpdates")
        redrive(client.place.sqs, queue, chosen=lambda one: one.message_id == letter_id, body=json.dumps(mended))
        try:
            came = awaited(lambda: client.sellable(mended["sku"]) == mended["on_hand"], what="the repaired message")
        except LateError as error:
            print(error, file=sys.stderr)
    ledger.line("repaired message came through `make redrive`", "yes" if came else "no", kept=came)


def in_parallel(do: Callable[[Thing], Result], things: Iterable[Thing]) -> list[Result]:
    """Call ``do`` with each of the things, several at a time, and return the results in order."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(do, things))


def _is_out(client: Client, sku: str) -> bool:
    found = client.stock(sku)
    return found is not None and found["sellable"] == 0 and found["state"] == "out"


def _letters(client: Client) -> list[Letter]:
    queue = named_queue(client.place, "StockUpdates")
    most = min(MOST_LETTERS, count(client.place.sqs, queue.dead_letters_url) + 1)
    return [letter for letter in peek(client.place.sqs, queue.dead_letters_url, most=most) if queue.sent(letter)]


def _canonical(body: str) -> str:
    """Return a text by which two bodies are the same message: JSON with its keys in order, other text as it is."""
    try:
        content: Any = json.loads(body)
    except ValueError:
        return body
    return json.dumps(content, sort_keys=True)


if __name__ == "__main__":
    sys.exit(main())
