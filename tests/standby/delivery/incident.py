"""A carrier fails, and all its orders are late at once: who is told when, in memory, minute by minute.

It stands on the product's own code but for the tables: orders are in `Books`, slots and turns in `Places`. What is
checked is counted from the mails alone.
"""

import json
import random
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from standby.delivery.links import Links
from standby.delivery.mailing import OrderMails
from standby.delivery.merging import Together
from standby.delivery.messages import read
from standby.delivery.model import Order
from standby.delivery.noticing import Notices
from standby.delivery.pacing import Slots
from standby.delivery.service import Orders
from standby.delivery.turns import Turns
from standby.delivery.turns_repository import KEPT_MINUTES, NO_DAY, Counted, Letter, Turn
from standby.platform.clock import to_text
from standby.platform.identifier import EXACT
from standby.platform.moment import Arrival
from standby.platform.queue import Outgoing
from standby.platform.tokens import TokenKeys, Tokens

from tests.fakes import AT_ONCE, EPOCH, FakeBus, FakeClock
from tests.standby.delivery.words import AT, Books

ZONE = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
TOKENS = Tokens(TokenKeys(current="winter"))
SKEW = 2.0


@dataclass
class Unsure(FakeClock):
    """A clock of many functions, each wrong by up to two seconds."""

    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def now(self) -> datetime:
        return self.at + timedelta(seconds=self.chance.uniform(-SKEW, SKEW))


@dataclass
class Places:
    """Slots, turns and mails about several orders, in memory."""

    minutes: Counter[int] = field(default_factory=Counter)
    most: int = 0
    queued_at: str | None = None
    leased_until: str | None = None
    turns: dict[str, dict[str, Turn]] = field(default_factory=lambda: defaultdict(dict))
    line: list[tuple[str, str, str]] = field(default_factory=list)
    letters: dict[str, Letter] = field(default_factory=dict)
    kept: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def counted(self) -> Counted:
        newest = max(self.minutes, default=-1)
        past = [[at, number] for at, number in self.minutes.items() if at != newest]
        left = self.most - sum(number for at, number in self.minutes.items() if at > newest - KEPT_MINUTES)
        return Counted(newest, self.minutes.get(newest, 0), past, left, self.queued_at, self.leased_until)

    def begin(self, number: int, minute: int, *, most: int) -> tuple[bool, Counted]:
        self.most = most
        idle = not self.minutes or (max(self.minutes) <= minute - KEPT_MINUTES and self.queued_at is None)
        if idle:
            self.minutes[minute] += number
        return idle, self.counted()

    def take(
        self, known: Counted, number: int, minute: int, *, most: int, beyond: bool = False, lease: str | None = None
    ) -> tuple[bool, Counted]:
        now, at = self.counted(), max(minute, known.minute)
        same = now.minute == known.minute and now.leased_until == known.leased_until
        free = beyond or now.free(at, most) >= number
        if not same or not free or (not beyond and lease is None and self.queued_at is not None):
            return False, now
        self.minutes[at] += number
        self.leased_until = lease or self.leased_until
        return True, self.counted()

    def give_back(self, number: int, minute: int) -> None:
        self.minutes[minute] -= number

    def mark(self, now: datetime) -> None:
        self.queued_at = to_text(now)

    def unmark(self, queued_at: str) -> None:
        self.queued_at = None if self.queued_at == queued_at else self.queued_at

    def put_away(self, customer: str, order_id: str, send_by: str | None, now: datetime) -> None:
        known = self.turns[customer].get(order_id)
        due_at = f"{send_by or NO_DAY} {to_text(now)}"
        if known is not None and known.due_at < due_at:
            due_at = known.due_at
        self._put(Turn(due_at, customer, order_id, 1 if known is None else known.version + 1), known)

    def put_last(self, turn: Turn, now: datetime) -> None:
        self._put(turn._replace(due_at=f"{NO_DAY} {to_text(now)}"), self.turns[turn.customer][turn.order_id])

    def _put(self, turn: Turn, known: Turn | None) -> None:
        if known is not None:
            self.line.remove((known.due_at, known.customer, known.order_id))
        self.turns[turn.customer][turn.order_id] = turn
        insort(self.line, (turn.due_at, turn.customer, turn.order_id))

    def take_away(self, turn: Turn) -> None:
        known = self.turns[turn.customer].get(turn.order_id)
        if known is not None and known.version == turn.version:
            del self.turns[turn.customer][turn.order_id]
            self.line.remove((known.due_at, known.customer, known.order_id))

    def of(self, customer: str) -> tuple[Letter | None, list[Turn]]:
        return self.letters.get(customer), sorted(self.turns[customer].values())

    def waiting(self, between: tuple[str, str] | None = None) -> Iterator[Turn]:
        for about in list(self.line):
            if between is None or between[0] <= about[0] <= between[1]:
                yield Turn(*about)
            elif about[0] > between[1]:
                return

    def begin_letter(self, customer: str, letter: Letter, now: datetime) -> Letter:
        return self.letters.setdefault(customer, letter)

    def keep_letter(self, customer: str, letter: Letter, now: datetime) -> None:
        self.kept[customer, letter.name] = list(letter.notices)

    def end_letter(self, customer: str, letter: Letter) -> None:
        self.letters.pop(customer, None)

    def orders_of(self, customer: str, name: str) -> list[str]:
        return self.kept[customer, name]


@dataclass
class Sent:
    """A queue that remembers when what was sent, and when it may be taken."""

    clock: FakeClock
    messages: list[tuple[datetime, int, Mapping[str, Any]]] = field(default_factory=list)
    serial: int = 0

    def send(self, messages: Any) -> None:
        for message in messages:
            self.put(message)

    def put(self, message: Outgoing) -> None:
        self.serial += 1
        at = self.clock.at + timedelta(seconds=message.delay_seconds)
        heappush(self.messages, (at, self.serial, json.loads(message.body)))

    def take(self) -> list[Mapping[str, Any]]:
        """Take out what may be taken now."""
        found = []
        while self.messages and self.messages[0][0] <= self.clock.at:
            found.append(heappop(self.messages)[2])
        return found


class Sorry:
    """Lets every mail say that the shop is sorry."""

    def may(self, _address: str, _job_id: str, _now: datetime) -> bool:
        return True


@dataclass
class Incident:
    """So many orders that are late at once, and everything that tells their customers."""

    orders: int
    pace: int
    seed: int = 1
    legal: int = 10
    """One order in so many is of the United States, where the law names a day."""
    workers: int = 8
    clock: Unsure = field(init=False)
    store: Books = field(default_factory=Books)
    bus: FakeBus = field(default_factory=FakeBus)
    places: Places = field(default_factory=Places)
    mails: list[tuple[datetime, Mapping[str, Any]]] = field(default_factory=list)
    moot: set[str] = field(default_factory=set)
    """Orders whose delay was over before their turn."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.clock = Unsure(chance=self.chance)
        self.queue = Sent(self.clock)
        service = Orders(store=self.store, bus=self.bus, clock=self.clock, zone=ZONE, backoff=AT_ONCE)
        self.service = service
        self.slots = [Slots(self.places, self.pace) for _ in range(self.workers)]
        self.notices = Notices(
            orders=service,
            apologies=Sorry,
            mails=self,
            written=OrderMails(Links("https://shop.example", lambda: TOKENS), "en"),
            clock=self.clock,
            zone=ZONE,
            count=lambda _name, _times: None,
            opens=lambda now, _zone, _send_by: now,
            may_go=lambda *about: self.chance.choice(self.slots).may(*about),
            wait=lambda *about: self.chance.choice(self.slots).wait(*about),
        )
        together = Together(letters=self.places, notices=self.notices, look=lambda _order: None)
        self.turns = Turns(book=self.places, tell=together.tell, queue=self.queue, clock=self.clock, most=self.pace)

    def send(self, messages: Any) -> None:
        """Take a mail, as mail's queue does."""
        self.mails += [(self.clock.at, json.loads(message.body)) for message in messages]

    # ---- what happens ----

    def says(self, kind: str, order_id: str, **more: Any) -> None:
        message = {"type": f"order.{kind}", "order_id": order_id, "as_of": to_text(self.clock.at), **more}
        self.service.take(read(message, arrival=Arrival(AT + self.places_serial()), now=self.clock.at, ids=EXACT))

    def places_serial(self) -> int:
        self.queue.serial += 1
        return self.queue.serial

    def day(self, days: int) -> str:
        return (EPOCH.date() + timedelta(days=days)).isoformat()

    def address(self, number: int) -> str:
        return f"ana-{number * 4 // 5}@example.org"

    def is_legal(self, number: int) -> bool:
        return number % self.legal == 0

    def begin(self) -> None:
        """Place the orders, and let all of them be late, told of in any order, some twice."""
        for number in range(self.orders):
            shipment = {"shipment_id": "A", "promised_until": self.day(6), "line_ids": ["1"]}
            american = self.is_legal(number)
            more = {"ship_by": self.day(number // self.legal % 3 + 1)} if american else {}
            self.says(
                "placed",
                f"O-{number}",
                order_number=str(number),
                customer={"email": self.address(number)},
                ship_to={"country": "US" if american else "DE"},
                lines=[{"line_id": "1", "sku": "LAMP", "quantity": 1}],
                shipments=[{**shipment, **more}],
            )
        self.clock.advance(seconds=10)
        for number in range(self.orders):
            self.says("eta", f"O-{number}", eta=self.day(12), cause="carrier")
        late = [event.order_id for event in self.bus.named("DelayDetected")]
        late += self.chance.sample(late, len(late) // 50)
        self.chance.shuffle(late)
        for place in range(0, len(late), 10):
            for slots in self.slots:
                slots.give_back()
                slots.expect(2)
            for order_id in late[place : place + 10]:
                self.notices.tell(order_id)
        for slots in self.slots:
            slots.give_back()

    def goes_by(self) -> int:
        """Let minutes go by until nobody waits, while some orders come after all; return how many minutes."""
        minutes = 0
        self.turns.look()
        while self.places.line and minutes < 60 * 24 * 7:
            minutes += 1
            self.clock.advance(minutes=1)
            if minutes % 15 == 0:
                self.turns.look()
            if minutes % 7 == 0:
                self._some_are_over()
            due = self.queue.take()
            due += self.chance.sample(due, len(due) // 20)
            self.chance.shuffle(due)
            for body in due:
                self.clock.advance(milliseconds=10)
                self.turns.handle(body)
        return minutes

    def _some_are_over(self) -> None:
        """Let a few of those that wait come in time, be cancelled, or be expected in time again."""
        waiting = [order_id for _, _, order_id in self.places.line]
        for order_id in self.chance.sample(waiting, len(waiting) // 500 or len(waiting) > 3):
            kind = self.chance.choice(("delivered", "cancelled", "eta"))
            more = {"eta": self.day(6)} if kind == "eta" else {"occurred_at": to_text(self.clock.at)}
            self.says(kind, order_id, **more)
            self.moot.add(order_id)

    # ---- what must hold ----

    def order(self, number: int) -> Order:
        return self.store.orders[f"O-{number}"]

    def most_in_an_hour(self) -> int:
        """Return how many mails left in any hour, at most; clocks differ by some seconds."""
        times, first, most = sorted(at for at, _ in self.mails), 0, 0
        for place, at in enumerate(times):
            while times[first] <= at - HOUR:
                first += 1
            most = max(most, place - first + 1)
        return most

    def told_when(self) -> dict[str, datetime]:
        """Return when each order was told of."""
        return {
            order_id: datetime.fromisoformat(order.notices[0].at).astimezone(UTC)
            for order_id, order in self.store.orders.items()
            if order.notices
        }


def everybody_was_told_once(incident: Incident) -> None:
    for number in range(incident.orders):
        notices, order_id = incident.order(number).notices, f"O-{number}"
        assert [notice.by for notice in notices] == ([] if order_id in incident.moot else ["mail"]), order_id
    jobs = [job["job_id"] for _, job in incident.mails]
    assert len(jobs) == len(set(jobs))
    named: Counter[str] = Counter()
    for _, job in incident.mails:
        numbers = (
            [each["order"] for each in job["data"]["orders"]] if "orders" in job["data"] else [job["data"]["order"]]
        )
        named.update(f"O-{number}" for number in numbers)
        (recipient,) = job["recipients"]
        assert {incident.address(int(number)) for number in numbers} == {recipient["email"]}
    assert set(named.values()) <= {1}
    assert set(named) == incident.told_when().keys()
    assert not set(named) & incident.moot


def legal_days_went_first(incident: Incident, begun: datetime) -> None:
    """Of those that waited: whose day the law names nearer was not told after others, but for those told together."""
    when = incident.told_when()
    first: dict[str, datetime] = {}
    nearest: dict[str, int] = {}
    for number in range(incident.orders):
        order_id, email = f"O-{number}", incident.address(number)
        told = when.get(order_id)
        if told is not None and told <= begun + timedelta(seconds=2 * SKEW):
            continue
        if told is not None:
            first[email] = min(first.get(email, told), told)
        day = number // incident.legal % 3 if incident.is_legal(number) else 9
        nearest[email] = min(nearest.get(email, 9), day)
    last: dict[int, datetime] = {}
    earliest: dict[int, datetime] = {}
    for email, at in first.items():
        day = nearest[email]
        last[day], earliest[day] = max(last.get(day, at), at), min(earliest.get(day, at), at)
    days = sorted(last)
    room = timedelta(minutes=3)  # of one pass, whose turns come in any order
    for day, following in pairwise(days):
        assert last[day] <= earliest[following] + room, (day, following)
