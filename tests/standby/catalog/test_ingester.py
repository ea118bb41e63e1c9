"""A record of the queue: one message or a batch, of which nothing keeps anything else waiting."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from standby.catalog.messages import LARGEST, Word, read
from standby.catalog.model import ProductSaid
from standby.catalog.retelling import RETELL, Retelling
from standby.platform.arrivals import Arrivals
from standby.platform.backoff import BusyError
from standby.platform.identifier import EXACT
from standby.platform.json_text import to_json

from tests.fakes import FakeClock, FakeQueue, sqs_event
from tests.standby.catalog.words import upserted

pytestmark = pytest.mark.promise("P9")


@dataclass
class Taker:
    """Takes words in, but for those of products that are busy."""

    busy: set[str] = field(default_factory=set)
    taken: list[Word] = field(default_factory=list)
    retold: list[str] = field(default_factory=list)

    def take(self, word: Word) -> None:
        if isinstance(word, ProductSaid) and word.product_id in self.busy:
            raise BusyError(word.product_id)
        self.taken.append(word)

    def retell(self, product_id: str) -> None:
        if product_id in self.busy:
            raise BusyError(product_id)
        self.retold.append(product_id)

    @property
    def names(self) -> list[str]:
        return [word.product_id for word in self.taken if isinstance(word, ProductSaid)]


@dataclass
class Pages:
    """Two parts of products, of which one has two pages, and one has none."""

    shards: tuple[str, ...] = ("0", "1")
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def page(self, shard: str, after: str | None) -> tuple[list[str], str | None]:
        self.asked.append((shard, after))
        if shard == "1":
            return [], None
        return (["CUP", "MUG"], "a") if after is None else (["JUG"], None)


@dataclass
class Door:
    """An ingester with what stands around it."""

    taker: Taker = field(default_factory=Taker)
    pages: Pages = field(default_factory=Pages)
    updates: FakeQueue = field(default_factory=FakeQueue)
    dead_letters: FakeQueue = field(default_factory=FakeQueue)

    def comes(self, *bodies: str) -> list[str]:
        """Let records come; return the ids of those that failed."""
        ingester = Arrivals(
            read=partial(read, ids=EXACT),
            take=self.taker.take,
            most_bytes=max(LARGEST.values()),
            jobs={RETELL: Retelling(pages=self.pages, teller=self.taker, updates=self.updates).handle},
            updates=self.updates,
            dead_letters=self.dead_letters,
            clock=FakeClock(),
        )
        answer = ingester.handle(sqs_event(*bodies))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def batch(*messages: Any) -> str:
    return to_json({"type": "batch", "messages": messages})


def test_messages_are_taken_in_their_order_with_their_places() -> None:
    door = Door()
    assert door.comes(batch(upserted("CUP"), upserted("MUG"))) == []
    assert door.taker.names == ["CUP", "MUG"]
    assert [word.version[2] % 1_000 for word in door.taker.taken] == [0, 1]


def test_a_message_that_fails_keeps_no_other_waiting_and_comes_again() -> None:
    door = Door(Taker(busy={"CUP"}))
    failed = door.comes(batch(upserted("CUP"), upserted("MUG"), {"type": "nonsense"}), to_json(upserted("JUG")))
    assert (failed, door.taker.names) == (["m-0"], ["MUG", "JUG"])
    assert door.dead_letters.messages == [], "it brings its poison again"


def test_poison_is_set_aside_alone_with_its_reason_and_its_place() -> None:
    door = Door()
    bad = {"type": "product.discontinued"}
    assert door.comes(batch(upserted("CUP"), bad, upserted("MUG")), "[]") == []
    assert door.taker.names == ["CUP", "MUG"]
    letters = [(letter.body, letter.reason, letter.attributes.get("index")) for letter in door.dead_letters.messages]
    assert letters == [(to_json(bad), "product_id or sku: missing", "1"), ("[]", "message: must be object", "0")]


def test_what_no_store_can_keep_rejects_its_message_not_the_batch() -> None:
    door = Door()
    body = batch(upserted("CUP"), {**upserted("MUG"), "rank": 7}).replace('"rank":7', '"rank":NaN')
    assert door.comes(body) == []
    assert door.taker.names == ["CUP"]
    assert [letter.body for letter in door.dead_letters.messages] == [body]


def test_a_large_batch_is_split_and_the_places_go_on() -> None:
    door = Door()
    door.comes(batch(*(upserted(f"CUP-{number}") for number in range(30))))
    assert door.taker.taken == []
    assert [part.attributes["index"] for part in door.updates.messages] == ["0", "25"]


def test_dead_letters_that_cannot_be_sent_let_the_record_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door()

    def refuse(_messages: Any) -> None:
        raise BusyError

    monkeypatch.setattr(door.dead_letters, "send", refuse)
    assert door.comes("no JSON") == ["m-0"]


def test_all_products_are_told_anew_page_by_page() -> None:
    door = Door()
    waiting = [to_json({"retell": "products"})]
    while waiting:
        assert door.comes(waiting.pop(0)) == []
        waiting += [message.body for message in door.updates.drain()]
    assert (door.taker.retold, door.pages.asked) == (["CUP", "MUG", "JUG"], [("0", None), ("1", None), ("0", "a")])


def test_a_product_that_cannot_be_told_now_comes_again() -> None:
    door = Door(Taker(busy={"CUP"}))
    assert door.comes(to_json({"retell": "product", "product_id": "CUP"})) == ["m-0"]


@pytest.mark.parametrize(
    "job", [{"retell": "all"}, {"retell": "product"}, {"retell": "products", "shard": "7", "after": ""}]
)
def test_what_asks_for_nothing_is_poison(job: dict[str, Any]) -> None:
    door = Door()
    assert door.comes(to_json(job)) == []
    assert [letter.reason for letter in door.dead_letters.messages] == [
        "retell: asks neither for a page of products nor for one product"
    ]
