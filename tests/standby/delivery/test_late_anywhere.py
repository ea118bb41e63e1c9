"""In whatever order, however often and late the ERP speaks: the same promises, and each delay told once.

`tests.standby.delivery.paper` computes from all messages at once what must be known in the end. Time passes between
the messages, it is looked now and then, and who tells customers may be slow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.delivery.links import Links
from standby.delivery.mailing import OrderMails
from standby.delivery.messages import read
from standby.delivery.model import Order, Word
from standby.delivery.noticing import Notices
from standby.delivery.promises import promises
from standby.delivery.service import Orders
from standby.events.delay import DelayDetected
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.identifier import EXACT
from standby.platform.moment import Arrival
from standby.platform.tokens import TokenKeys, Tokens

from tests.fakes import AT_ONCE, EPOCH, FakeBus, FakeClock, FakeQueue
from tests.promises.unruly import searching
from tests.standby.delivery import paper
from tests.standby.delivery.words import Books

pytestmark = pytest.mark.promise("P3", "P4")

ZONE = ZoneInfo("America/Sao_Paulo")
"""Where a day ends at three in UTC, so that days differ."""
TOKENS = Tokens(TokenKeys(current="winter"))
SKUS, SHIPMENTS = ("S", "M"), ("A", "B")
LAST_HOUR, END = 200, 400
HOURS = st.integers(0, LAST_HOUR // 5).map(lambda each: 5 * each)
MOVES = ("shipped", "delivered", "cancelled", "returned")
STATES = ("in_transit", "attempted", "pick_up", "delivered", "out")


def day(days: int) -> str:
    return (EPOCH.date() + paper.timedelta(days=days)).isoformat()


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    hour = draw(HOURS)
    said = {"order_id": "O", "as_of": to_text(paper.after(EPOCH, hour))}
    kind = draw(st.sampled_from(("placed", "placed", "eta", "eta", "tracked", *MOVES)))
    if kind == "placed":
        where = {sku: draw(st.sampled_from(["A", "B", "AB", ""])) for sku in SKUS}
        return {
            "type": "order.placed",
            **said,
            "customer": {"email": "ana@example.org"},
            "lines": [{"line_id": sku, "sku": sku, "quantity": draw(st.sampled_from([1, 1, 0]))} for sku in SKUS],
            "shipments": [
                {
                    "shipment_id": name,
                    "promised_until": day(draw(st.integers(0, 9))),
                    "line_ids": [sku for sku in SKUS if name in where[sku]],
                }
                for name in SHIPMENTS
                if any(name in places for places in where.values())
            ],
        }
    said |= draw(st.sampled_from([{}, {"shipment_id": "A"}, {"shipment_id": "B"}]))
    if kind == "eta":
        eta = draw(st.none() | st.integers(0, 12).map(day))
        return {"type": "order.eta", **said, "eta": eta}
    if kind in MOVES and "shipment_id" not in said:
        said |= draw(st.sampled_from([{}, {"line_ids": ["S"]}, {"line_ids": ["M"]}]))
    state = {"state": draw(st.sampled_from(STATES))} if kind == "tracked" else {}
    ago = draw(st.sampled_from([0, 0, 12, 60]))
    return {"type": f"order.{kind}", **said, **state, "occurred_at": to_text(paper.after(EPOCH, hour - ago))}


class Sorry:
    """Lets every mail say that the shop is sorry."""

    def may(self, _address: str, _job_id: str, _now: datetime) -> bool:
        return True


@dataclass
class Desk:
    """Takes messages in, looks, and tells customers, all in memory."""

    clock: FakeClock = field(default_factory=FakeClock)
    store: Books = field(default_factory=Books)
    bus: FakeBus = field(default_factory=FakeBus)
    mails: FakeQueue = field(default_factory=FakeQueue)
    heard: int = 0

    @property
    def orders(self) -> Orders:
        return Orders(store=self.store, bus=self.bus, clock=self.clock, zone=ZONE, backoff=AT_ONCE)

    def at(self, hour: int) -> None:
        """Move the clock on."""
        self.clock.advance(seconds=(paper.after(EPOCH, hour) - self.clock.now()).total_seconds())

    def says(self, message: dict[str, Any], arrival: int) -> None:
        word: Word = read(message, arrival=Arrival(arrival), now=self.clock.now(), ids=EXACT)
        self.orders.take(word)

    def looks(self) -> None:
        """Look at what is due."""
        now = to_text(self.clock.now())
        for order_id, due_at in list(self.store.due.items()):
            if due_at is not None and due_at <= now:
                self.notices.tell_due(self.orders.look(order_id))

    def hears(self) -> None:
        """Tell the customer of each delay that was published since."""
        for event in self.delays[self.heard :]:
            self.heard += 1
            self.notices.tell(event.order_id)

    @property
    def notices(self) -> Notices:
        return Notices(
            orders=self.orders,
            apologies=Sorry,
            mails=self.mails,
            written=OrderMails(Links("https://shop.example", lambda: TOKENS), "en"),
            clock=self.clock,
            zone=ZONE,
            count=lambda _name, _times: None,
            opens=lambda now, _zone, _send_by: now,
            may_go=lambda *_about: True,
            wait=lambda order_id, *_about: self.goes(order_id),
        )

    def goes(self, order_id: str) -> None:
        """Let an order have its turn at once."""
        self.notices.tell(order_id, its_turn=True)

    @property
    def delays(self) -> list[DelayDetected]:
        return [event for event in self.bus.events if isinstance(event, DelayDetected)]


Come = tuple[int, str, int]
"""The hour, what happens, and of which message."""
Lives = tuple[list[dict[str, Any]], list[Come]]
"""What is said, and what happens."""


@st.composite
def days(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Come]]:
    """Draw messages, and when each comes, some twice; and when it is looked and told."""
    said = draw(st.lists(messages(), min_size=1, max_size=9))
    steps: list[Come] = []
    for number, message in enumerate(said):
        hour = int((datetime.fromisoformat(message["as_of"]) - EPOCH).total_seconds() // 3600)
        lates = draw(st.lists(st.sampled_from([0, 0, 20, 90, 190]), min_size=1, max_size=2))
        steps += [(hour + late, "says", number) for late in lates]
    for what in ("looks", "hears"):
        steps += [(hour, what, 0) for hour in draw(st.lists(HOURS.map(lambda each: 2 * each), max_size=6))]
    return said, sorted(draw(st.permutations(steps)), key=lambda step: step[0])


def lived(said: list[dict[str, Any]], steps: list[Come]) -> Desk:
    """Let everything happen, and then all that is owed."""
    desk = Desk()
    for hour, what, number in steps:
        desk.at(hour)
        if what == "says":
            desk.says(said[number], arrival_of(number))
        else:
            getattr(desk, what)()
    desk.at(END)
    for _ in range(3):
        desk.looks()
        desk.hears()
    return desk


def arrival_of(number: int) -> int:
    return to_milliseconds(EPOCH) + number


def in_order(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages by when they were so, then by when they arrived."""
    return [message for _, _, message in sorted((each["as_of"], place, each) for place, each in enumerate(said))]


def shown(desk: Desk) -> dict[str, paper.Known]:
    found = promises(desk.store.orders["O"], ZONE)
    return {
        each.shipment_id: paper.Known(
            each.promised_until, None if each.over else each.expected, each.arrived_on, each.over
        )
        for each in found
    }


@searching(examples=40, steps=1)
@given(days())
def test_what_is_known_in_the_end_is_what_paper_says(lives: Lives) -> None:
    said, steps = lives
    assert shown(lived(said, steps)) == paper.known(in_order(said), ZONE)


def renumbered(said: list[dict[str, Any]], schemes: list[int], numbers: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return the same messages, of an ERP that gives lines other numbers from one ``order.placed`` to the next.

    A line that the order does not have, or did not have before, keeps its number: it would be another line. Other
    messages name lines by the numbers of the newest order of their time.
    """
    now, had, found = dict(numbers[schemes[0]]), dict.fromkeys(SKUS, True), {}
    placed = [message for message in in_order(said) if message["type"] == "order.placed"]
    for message, scheme in zip(placed, schemes, strict=False):
        has = {line["sku"]: line["quantity"] > 0 for line in message["lines"]}
        now |= {sku: number for sku, number in numbers[scheme].items() if had[sku] and has[sku]}
        had = has
        found[id(message)] = dict(now)
    names = next(iter(found.values()), now)
    for message in in_order(said):
        names = found.setdefault(id(message), names)
    return [_named(message, found[id(message)]) for message in said]


def _named(message: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    named = dict(message)
    if "lines" in message:
        named["lines"] = [{**line, "line_id": names[line["line_id"]]} for line in message["lines"]]
        shipments = message["shipments"]
        named["shipments"] = [{**each, "line_ids": [names[e] for e in each["line_ids"]]} for each in shipments]
    if "line_ids" in message:
        named["line_ids"] = [names[each] for each in message["line_ids"]]
    return named


OWN = [{"S": "S", "M": "M"}, {"S": "1", "M": "M"}, {"S": "10", "M": "20"}]
"""Numbers of which no line has one of another."""
SHARED = [{"S": "1", "M": "2"}, {"S": "2", "M": "1"}, {"S": "2", "M": "3"}, {"S": "3", "M": "4"}]
"""Numbers that lines take from one another, one scheme after the other."""


@searching(examples=40, steps=1)
@given(days(), st.lists(st.sampled_from(range(len(OWN))), min_size=9, max_size=9))
def test_a_line_by_another_number_is_known_as_it_was(lives: Lives, schemes: list[int]) -> None:
    said, steps = lives
    assert shown(lived(renumbered(said, schemes, OWN), steps)) == paper.known(in_order(said), ZONE)


@searching(examples=40, steps=1)
@given(days(), st.lists(st.sampled_from(range(len(SHARED))), min_size=9, max_size=9).map(sorted))
def test_a_number_that_another_line_takes_over_says_nothing_of_it(lives: Lives, schemes: list[int]) -> None:
    said, steps = lives
    for message in said:
        for line in message.get("lines", ()):
            line["quantity"] = 1
    assert shown(lived(renumbered(said, schemes, SHARED), steps)) == paper.known(in_order(said), ZONE)


def parted(said: list[dict[str, Any]], whole: int) -> list[dict[str, Any]]:
    """Return the same messages, of an ERP that parts a line in two after some ``order.placed``."""
    placed, found = 0, {}
    for message in in_order(said):
        placed += message["type"] == "order.placed"
        found[id(message)] = placed > whole
    return [_parted(message, parts=found[id(message)]) for message in said]


def _parted(message: dict[str, Any], *, parts: bool) -> dict[str, Any]:
    def names(line_ids: list[str]) -> list[str]:
        return [*line_ids, "S2"] if parts and "S" in line_ids else line_ids

    made = dict(message)
    if "lines" in message:
        units = {"S": 1, "S2": 1, "M": 1} if parts else {"S": 2, "M": 1}
        made["lines"] = [{"line_id": name, "sku": name[0], "quantity": count} for name, count in units.items()]
        made["shipments"] = [{**each, "line_ids": names(each["line_ids"])} for each in message["shipments"]]
    if "line_ids" in message:
        made["line_ids"] = names(message["line_ids"])
    return made


@searching(examples=40, steps=1)
@given(days(), st.integers(1, 4))
def test_a_line_that_is_parted_is_known_as_it_was(lives: Lives, whole: int) -> None:
    said, steps = lives
    for message in said:
        for line in message.get("lines", ()):
            line["quantity"] = 1
    assert shown(lived(parted(said, whole), steps)) == paper.known(in_order(said), ZONE)


def until(news: str) -> str:
    """Return the day until which somebody waits who was told some news; behind all days where they know of none."""
    return news if news[0].isdigit() else "unknown"


def lines_of(shipment_id: str, order: Order) -> list[str]:
    """Return the lines that a shipment has still."""
    (promise,) = [each for each in promises(order, ZONE) if each.shipment_id == shipment_id]
    return list(promise.line_ids)


def places_of(line_id: str, said: list[dict[str, Any]]) -> set[str]:
    """Return the shipments in which a line ever was: what was told of them was told of it."""
    shipments = [each for message in said for each in message.get("shipments", ())]
    return {each["shipment_id"] for each in shipments if line_id in each["line_ids"]}


def never_twice_for_nothing(told: list[tuple[str, str]]) -> None:
    """Check that the same was told of a shipment again only where a better day was told between."""
    newest: dict[str, list[str]] = {}
    for shipment_id, news in told:
        before = newest.setdefault(shipment_id, [])
        assert news not in before or until(news) > until(before[-1])
        before.append(news)


@searching(examples=40, steps=1)
@given(days())
def test_each_delay_is_told_once_and_none_is_left_untold(lives: Lives) -> None:
    said, steps = lives
    desk = lived(said, steps)
    order, end = desk.store.orders["O"], paper.today(desk.clock.now(), ZONE)
    announced = [(event.shipment_id, event.id.rpartition(":")[2].partition("#")[0]) for event in desk.delays]
    noticed = [(notice.shipment_id, notice.news) for notice in order.notices]
    jobs = [job["job_id"] for job in desk.mails.bodies()]
    for ids in ([event.id for event in desk.delays], jobs):
        assert len(ids) == len(set(ids))
    for told in (announced, noticed):
        never_twice_for_nothing(told)
    # Who tells is slow: what was announced may be over by then, have come late, or be known by no day any more.
    assert {each for each in noticed if each[1] not in ("arrived", "unknown")} <= set(announced)
    for shipment_id, known in paper.known(in_order(said), ZONE).items():
        news = known.news(end)
        for told, line_id in product((announced, noticed), lines_of(shipment_id, order)):
            places = {shipment_id} | places_of(line_id, said)
            names = [name for shipment, name in told if shipment in places]
            if news is not None:
                # Who was told that it is late is not told that it came; who was told a later day waits for it.
                assert names
                assert news == "arrived" or until(names[-1]) >= until(news)
    due = desk.store.due["O"]
    assert due is None or due > to_text(desk.clock.now())


@searching(examples=40, steps=1)
@given(days())
def test_nothing_is_told_that_is_not_so_when_it_is_told(lives: Lives) -> None:
    desk = lived(*lives)
    for event in desk.delays:
        news, at = event.id.rpartition(":")[2].partition("#")[0], paper.today(datetime.fromisoformat(event.at), ZONE)
        if news.startswith("after "):
            assert event.expected is None
            assert at.isoformat() > news.removeprefix("after ") >= event.promised_until
        elif news != "unknown":
            assert event.expected is not None
            assert event.expected > event.promised_until
            assert event.days_late > 0
        assert event.arrived == (news == "arrived")


@searching(examples=20, steps=1)
@given(days())
def test_all_that_was_said_may_come_again(lives: Lives) -> None:
    said, steps = lives
    desk = lived(said, steps)
    before = (desk.store.writes, len(desk.bus.events), len(desk.mails.bodies()))
    for number, message in enumerate(said):
        desk.says(message, arrival_of(number))
    desk.looks()
    desk.hears()
    assert (desk.store.writes, len(desk.bus.events), len(desk.mails.bodies())) == before
