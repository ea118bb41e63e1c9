"""The newest word about each product wins and everybody hears of it, in whatever order, however often, and broken.

A plain model computes what must be known from all words at once. A listener keeps what events say, by their editions.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.catalog.messages import Word
from standby.catalog.service import Catalogue
from standby.platform.bus import Event

from tests.dying import DyingBus, Interrupted, lives_on
from tests.fakes import AT_ONCE, FakeBus, FakeClock
from tests.promises.unruly import searching
from tests.standby.catalog.words import Listener, NoFiles, Shelves, discontinued, expected, upserted, word

pytestmark = pytest.mark.promise("P4")

PRODUCTS, SKUS = ("CUP", "MUG"), ("S", "M")
"""So few that words often meet."""
MOST_DEATHS = 6
MINUTES = st.integers(0, 4)


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["upserted"] * 4 + ["product", "sku"]))
    if kind == "sku":
        return discontinued(sku=draw(st.sampled_from(SKUS)), minute=draw(MINUTES))
    product_id = draw(st.sampled_from(PRODUCTS))
    if kind == "product":
        return discontinued(product_id=product_id, minute=draw(MINUTES))
    skus = draw(st.lists(st.sampled_from(SKUS), unique=True))
    said = upserted(product_id, *skus, minute=draw(MINUTES), title=draw(st.sampled_from("ab")))
    for variant in said["variants"]:
        variant["price"]["amount"] = draw(st.sampled_from([100, 100, 200]))
    return said


@dataclass
class Broken(Interrupted, Shelves):
    """A store that breaks."""


def all_is_known(store: Shelves, events: list[Event], words: list[Word]) -> None:
    skus, titles, ended = expected(words)
    known = {
        sku: (
            (variant.product_id, store.products[variant.product_id or ""].about["title"]["en"]),
            variant.content["position"],
            variant.content["price"]["amount"],
            variant.is_discontinued,
        )
        for sku, variant in store.skus.items()
        if variant.content is not None
    }
    assert known == skus
    assert {
        name: (product.about["title"]["en"], product.is_discontinued)
        for name, product in store.products.items()
        if product.known
    } == titles
    listener = Listener()
    listener.hear(events)
    assert listener.knows() == skus
    assert listener.titles() == titles
    gone = {sku for sku, (_, said) in listener.skus.items() if said is None}
    assert gone == {sku for sku in listener.skus if sku not in skus}
    silent = {sku for sku in ended | {sku for sku, said in skus.items() if said[3]} if not listener.heard_ended(sku)}
    assert silent == set()
    again = Listener()
    again.hear(reversed(events))
    assert (again.knows(), again.titles()) == (listener.knows(), listener.titles())


def everything(draw: st.DataObject) -> list[Word]:
    """Draw some messages, a few of them twice, in any order; each arrives at a time of its own."""
    said = draw.draw(st.lists(messages(), min_size=1, max_size=8))
    words = [word(message, arrival=number) for number, message in enumerate(said)]
    doubled = draw.draw(st.lists(st.sampled_from(words), max_size=2))
    return draw.draw(st.permutations(words + doubled))


@searching(examples=40, steps=1)
@given(draw=st.data())
def test_any_order_and_any_repetition_leads_to_the_same(draw: st.DataObject) -> None:
    store, bus, words = Shelves(), FakeBus(), everything(draw)
    catalogue = Catalogue(store=store, bus=bus, clock=FakeClock(), files=NoFiles(), backoff=AT_ONCE)
    for said in words:
        catalogue.take(said)
    all_is_known(store, bus.events, words)


@searching(examples=40, steps=1)
@given(draw=st.data())
def test_a_function_may_die_at_any_call(draw: st.DataObject) -> None:
    """What it was at work on comes again, after other messages or before."""
    deaths = draw.draw(st.lists(st.integers(0, 12), max_size=2).map(sorted))
    store, bus, words = Broken(), DyingBus(deaths=deaths), everything(draw)
    catalogue = Catalogue(store=store, bus=bus, clock=FakeClock(), files=NoFiles(), backoff=AT_ONCE)
    waiting, died = list(words), 0
    while waiting:
        said = waiting.pop(0)
        store.next(draw.draw(st.integers(-1, 14), label="dies at call") if died < MOST_DEATHS else -1)
        if not lives_on(partial(catalogue.take, said)):
            died += 1
            waiting.insert(draw.draw(st.integers(0, len(waiting)), label="comes again"), said)
    all_is_known(store, bus.events, words)


@searching(examples=40, steps=1)
@given(draw=st.data())
def test_two_functions_may_work_at_the_same_time(draw: st.DataObject) -> None:
    """While one stands still in the middle of a call, another takes a message in, which may be the same."""
    store, bus, words = Broken(), FakeBus(), everything(draw)
    catalogue = Catalogue(store=store, bus=bus, clock=FakeClock(), files=NoFiles(), backoff=AT_ONCE)
    waiting = list(words)
    while waiting:
        said = waiting.pop(0)
        other = draw.draw(st.sampled_from([said, *waiting]), label="meanwhile")
        store.next(draw.draw(st.integers(-1, 14), label="stands still at call"), partial(catalogue.take, other))
        catalogue.take(said)
    all_is_known(store, bus.events, words)


def catalogue_of(store: Shelves, bus: FakeBus) -> Catalogue:
    return Catalogue(store=store, bus=bus, clock=FakeClock(), files=NoFiles(), backoff=AT_ONCE)


def test_a_sku_that_its_product_gives_up_is_the_other_ones_again() -> None:
    store, bus = Shelves(), FakeBus()
    words = [
        word(upserted("CUP", "S", minute=1)),
        word(upserted("MUG", "S", minute=2)),
        word(upserted("MUG", "M", minute=3)),
    ]
    for said in words:
        catalogue_of(store, bus).take(said)
    all_is_known(store, bus.events, words)
    assert expected(words)[0]["S"][0] == ("CUP", "CUP")


@pytest.mark.parametrize("dies", range(12))
def test_what_a_word_no_longer_had_is_gone_though_it_died_and_a_newer_word_came(dies: int) -> None:
    store, bus = Broken(), FakeBus()
    words = [word(upserted("CUP", *skus, minute=minute)) for minute, skus in enumerate(("SM", "S", "S"))]
    catalogue = catalogue_of(store, bus)
    catalogue.take(words[0])
    store.next(dies)
    died = not lives_on(partial(catalogue.take, words[1]))
    assert died == (dies < 11)
    store.next(-1)
    for said in (words[2], words[1]):
        catalogue.take(said)
    all_is_known(store, bus.events, words)


def test_a_word_that_all_know_is_not_told_again() -> None:
    store, bus = Shelves(), FakeBus()
    said = word(upserted("CUP", "S", "M"))
    for _ in range(3):
        catalogue_of(store, bus).take(said)
    assert (len(bus.events), store.writes) == (1, 4)


def test_a_newer_word_that_says_the_same_is_not_told() -> None:
    store, bus = Shelves(), FakeBus()
    for minute in range(3):
        catalogue_of(store, bus).take(word(upserted("CUP", "S", "M", minute=minute)))
    assert len(bus.events) == 1


@searching(examples=40, steps=1)
@given(draw=st.data())
def test_whoever_lost_everything_hears_it_again(draw: st.DataObject) -> None:
    """A listener that begins with nothing knows the SKUs and products after they were told anew."""
    store, words = Shelves(), everything(draw)
    for said in words:
        catalogue_of(store, FakeBus()).take(said)
    bus = FakeBus()
    for product_id in store.products:
        catalogue_of(store, bus).retell(product_id)
    listener = Listener()
    listener.hear(bus.events)
    skus, titles, _ = expected(words)
    assert (listener.knows(), listener.titles()) == (skus, titles)
    assert all(listener.heard_ended(sku) for sku, said in skus.items() if said[3])
