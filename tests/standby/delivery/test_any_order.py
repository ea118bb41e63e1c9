"""The newest word about each order wins and everybody hears of it, in whatever order, however often, and broken.

A plain model computes what must be known from all messages at once. A listener keeps what events say, by edition.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.delivery.model import Word
from standby.delivery.service import Orders
from standby.events.delay import DelayDetected
from standby.platform.bus import detail_of, name_of

from tests.dying import DyingBus, Interrupted, lives_on
from tests.fakes import AT_ONCE, FakeBus, FakeClock
from tests.promises.unruly import searching
from tests.standby.delivery.words import Books, Listener, expected, placed, said, word

pytestmark = pytest.mark.promise("P4")

SKUS, SHIPMENTS = ("S", "M", "L"), ("A", "B")
"""So few that words often meet."""
MOST_DEATHS = 6
MINUTES = st.integers(0, 6)
MOVES = ("shipped", "cancelled", "shipped", "cancelled", "delivered", "returned", "tracked")
STATES = ("out", "returning", "labelled", "failed")
MORE: Mapping[str, Mapping[str, Any]] = {
    "eta": {"eta": "2026-05-09"},
    "refunded": {"amount": {"amount": 100, "currency": "ILS"}},
}
"""What nothing acts on, and must be known all the same."""
Arrived = tuple[int, Mapping[str, Any], Word]


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    minute = draw(MINUTES)
    if draw(st.booleans()):
        skus = draw(st.lists(st.sampled_from(SKUS), unique=True, min_size=1))
        where = {sku: draw(st.sampled_from([(), ("A",), ("B",), ("A", "B")])) for sku in skus}
        shipments = {name: [sku for sku in skus if name in where[sku]] for name in SHIPMENTS}
        order = placed("O", *skus, minute=minute, shipments=shipments)
        order["lines"][0]["quantity"] = draw(st.integers(0, 2))
        return order
    kind = draw(st.sampled_from([*MOVES, *MORE]))
    lines = [] if kind in MORE or kind == "tracked" else draw(st.lists(st.sampled_from(SKUS), unique=True, max_size=2))
    shipment = {} if lines or draw(st.booleans()) else {"shipment_id": draw(st.sampled_from(SHIPMENTS))}
    state = {"state": draw(st.sampled_from(STATES))} if kind == "tracked" else {}
    return said(kind, "O", *lines, minute=minute, **shipment, **MORE.get(kind, {}), **state)


@dataclass
class Broken(Interrupted, Books):
    """A store that breaks."""


def orders_of(store: Books, bus: FakeBus) -> Orders:
    return Orders(store=store, bus=bus, clock=FakeClock(), zone=UTC, backoff=AT_ONCE)


def everything(draw: st.DataObject) -> list[Arrived]:
    """Draw some messages, a few of them twice, in any order; each arrives at a time of its own."""
    drawn = draw.draw(st.lists(messages(), min_size=1, max_size=8))
    arrived = [(number, message, word(message, arrival=number)) for number, message in enumerate(drawn)]
    doubled = draw.draw(st.lists(st.sampled_from(arrived), max_size=2))
    return draw.draw(st.permutations(arrived + doubled))


def all_is_known(store: Books, bus: FakeBus, arrived: list[Arrived]) -> None:
    """Check what is kept and what was heard, in whichever order it was heard."""
    order, fates = expected([(at, message) for at, message, _ in arrived], "O")
    assert {line_id: fate.outcome for line_id, fate in store.orders["O"].fates.items()} == fates
    told = [(name_of(event), detail_of(event)) for event in bus.events if not isinstance(event, DelayDetected)]
    for events in (told, told[::-1]):
        listener = Listener()
        for name, event in events:
            listener.hear(name, event)
        if order is None:
            assert listener.lines == {}
            continue
        lines = [line for line in order["lines"] if line["quantity"]]
        assert listener.lines["O"] == lines
        # A line that a newer word takes out of its shipment may have been told of before: that is not told back.
        assert {line_id: listener.fates.get(("O", line_id)) for line_id in fates} == fates
    never_wrong(told, [message for _, message, _ in arrived])


def never_wrong(told: list[tuple[str, Any]], said_: list[Mapping[str, Any]]) -> None:
    """Check that each event says what some message said."""
    minutes = {kind: {message["as_of"] for message in said_ if message["type"] in kind} for kind in KINDS.values()}
    orders = [message for message in said_ if message["type"] == "order.placed"]
    for name, event in told:
        assert event["as_of"].replace(".000Z", "Z") in minutes[KINDS[name]]
        assert any(all(line in order["lines"] for line in event["lines"]) for order in orders)


KINDS = {
    "OrderPlaced": ("order.placed",),
    "OrderShipped": ("order.shipped", "order.delivered", "order.returned", "order.tracked"),
    "OrderCancelled": ("order.cancelled",),
}


@searching(examples=40, steps=1)
@given(draw=st.data())
def test_any_order_and_any_repetition_leads_to_the_same(draw: st.DataObject) -> None:
    store, bus, arrived = Books(), FakeBus(), everything(draw)
    for *_, said_ in arrived:
        orders_of(store, bus).take(said_)
    all_is_known(store, bus, arrived)
    in_order = Books()
    for *_, said_ in sorted(arrived, key=lambda each: each[0]):
        orders_of(in_order, FakeBus()).take(said_)
    one, other = store.orders["O"], in_order.orders["O"]
    unlike = {"edition": 0, "told": None, "told_lines": {}, "told_delays": {}}
    assert replace(one, **unlike) == replace(other, **unlike)


@searching(examples=40, steps=1)
@given(draw=st.data())
def test_what_all_heard_is_not_told_again(draw: st.DataObject) -> None:
    store, bus, arrived = Books(), FakeBus(), everything(draw)
    for *_, said_ in arrived:
        orders_of(store, bus).take(said_)
    writes, told = store.writes, len(bus.events)
    for *_, said_ in draw.draw(st.permutations(arrived)):
        orders_of(store, bus).take(said_)
    assert (store.writes, len(bus.events)) == (writes, told)


@searching(examples=40, steps=1)
@given(draw=st.data())
def test_a_function_may_die_at_any_call(draw: st.DataObject) -> None:
    """What it was at work on comes again, after other messages or before."""
    deaths = draw.draw(st.lists(st.integers(0, 6), max_size=2).map(sorted))
    store, bus, arrived = Broken(), DyingBus(deaths=deaths), everything(draw)
    waiting, died = [said_ for *_, said_ in arrived], 0
    while waiting:
        said_ = waiting.pop(0)
        store.next(draw.draw(st.integers(-1, 4), label="dies at call") if died < MOST_DEATHS else -1)
        if not lives_on(partial(orders_of(store, bus).take, said_)):
            died += 1
            waiting.insert(draw.draw(st.integers(0, len(waiting)), label="comes again"), said_)
    all_is_known(store, bus, arrived)


@searching(examples=40, steps=1)
@given(draw=st.data())
def test_two_functions_may_work_at_the_same_time(draw: st.DataObject) -> None:
    """While one stands still in the middle of a call, another takes a message in, which may be the same."""
    store, bus, arrived = Broken(), FakeBus(), everything(draw)
    orders, waiting = orders_of(store, bus), [said_ for *_, said_ in arrived]
    while waiting:
        said_ = waiting.pop(0)
        other = draw.draw(st.sampled_from([said_, *waiting]), label="meanwhile")
        store.next(draw.draw(st.integers(-1, 4), label="stands still at call"), partial(orders.take, other))
        orders.take(said_)
    all_is_known(store, bus, arrived)


LEAVES = [
    said("shipped", "O", "S", minute=1),
    said("cancelled", "O", "S", minute=2),
    said("shipped", "O", "S", minute=3),
]
CHANGES = [placed("O", "S", minute=1), placed("O", "S", "M", minute=2), placed("O", "S", minute=3)]
TOLD_UNNOTED = 3
"""A call of the store, counted from 0: the order was read and written, and others heard of it."""


@pytest.mark.parametrize("words", [LEAVES, CHANGES], ids=["what became of a line", "its lines"])
def test_what_is_again_as_it_was_is_told_where_others_may_have_heard_something_else(words: list[Any]) -> None:
    """Who told what was so in between dies before it is written down that it was heard."""
    store, bus = Broken(), FakeBus()
    messages_ = [placed("O", "S"), *words]
    arrived = [(number, message, word(message, arrival=number)) for number, message in enumerate(messages_)]
    for number, _, said_ in arrived:
        store.next(TOLD_UNNOTED if number == 2 else -1)
        assert lives_on(partial(orders_of(store, bus).take, said_)) is (number != 2)
    all_is_known(store, bus, arrived)
