"""Every order in which a checkout and the ERP can speak of one order, each word once or twice, beside a plain model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import permutations

import pytest
from standby.compensation.codes import codes_of, digest
from standby.compensation.following import Follower
from standby.compensation.ordered import Ordered
from standby.compensation.redeeming import Till, Wish
from standby.compensation.voucher_model import RefusedError, Voucher
from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.platform.tokens import TokenKeys

from tests.fakes import FakeBus, FakeClock
from tests.standby.compensation.remedied import eur
from tests.standby.compensation.shelf import Shelf

pytestmark = pytest.mark.promise("P6")

CODE = codes_of(TokenKeys(current="key"), "g")[0]
NEXT, NOW = "NEXT", "2026-05-03T10:00:00.000Z"
VOUCHER = Voucher(
    grant_id="g",
    order_id="LATE",
    kind="voucher",
    amount=500,
    currency="EUR",
    granted_at=NOW,
    expires_at="2027-05-03T10:00:00.000Z",
)
WORDS = ("redeem", "release", "placed", "failed", "paid", "cancelled")
EDITIONS = {"placed": 2, "failed": 3, "paid": 4, "cancelled": 5, "shipped": 5}
"""Of the order, as the ERP told it; events come in any order."""


@dataclass
class Plain:
    """An order and a voucher, as somebody would say what happens."""

    names: bool
    """The ERP says which codes an order has."""
    has: bool = False
    asked: bool = False
    """By the storefront's request, which does not redeem it again once the order gave it back."""
    had: bool = False
    """The order took it, and did not give it back by itself."""
    spent: bool = False
    failed: int = 0
    paying: int = 0
    cancelled: bool = False
    left: bool = False
    told: bool = False
    """The ERP spoke of it, so it gives nothing back by itself."""

    @property
    def over(self) -> bool:
        return not self.left and (self.cancelled or self.failed > self.paying)

    def hears(self, word: str) -> None:
        if word in EDITIONS:
            self._erp(word)
        elif word == "redeem":
            if self.has:
                self.asked = True
            elif not self.over and not self.spent:
                self.has = self.asked = self.had = True
        elif self.has and not self.told:
            self._free()
            self.had = False

    def _erp(self, word: str) -> None:
        self.told = True
        match word:
            case "failed":
                self.failed = EDITIONS[word]
            case "cancelled":
                self.cancelled = True
            case "shipped":
                self.left = True
            case _:
                self.paying = max(self.paying, EDITIONS[word])
        if self.over:
            if self.has:
                self._free()
            return
        named = self.names and word in ("placed", "failed", "paid")
        if not self.has and (self.had or named):
            self.has, self.asked, self.had = True, False, True

    def _free(self) -> None:
        self.spent = self.spent or self.asked
        self.has = self.asked = False


class Table:
    """Delivery's: it has an order at least as new as what was heard of it."""

    edition = 0
    failed = False

    def hears(self, word: str) -> None:
        if EDITIONS.get(word, 0) > self.edition:
            self.edition, self.failed = EDITIONS[word], word == "failed"

    def order(self, order_id: str) -> Ordered | None:
        if not self.edition:
            return None
        return Ordered(
            order_id=order_id,
            said={"payment_status": "Voided" if self.failed else "paid"},
            placed_at_microseconds=0,
            lines={},
            shipments={},
            gone=frozenset(),
            edition=self.edition,
        )


class Real:
    """The same with the product, its table in memory."""

    def __init__(self, *, names: bool) -> None:
        self.names, self.book, clock = names, Shelf({digest(CODE): VOUCHER}), FakeClock()
        self.table = Table()
        self.till = Till(book=self.book, bus=FakeBus(), clock=clock, order=self.table.order)
        self.follower = Follower(
            uses=self.book, till=self.till, orders=self.table, clock=clock, count=lambda _name, _times: None, zone=UTC
        )

    def hears(self, word: str) -> None:
        self.table.hears(word)
        try:
            if word == "redeem":
                self.till.redeem(CODE, Wish.of("shop", "k", {"order_id": NEXT, "order_total": eur(4_000)}))
            elif word == "release":
                self.till.release(CODE, NEXT)
            else:
                self.follower.hear(told(word, names=self.names))
        except RefusedError:
            return

    @property
    def has(self) -> bool:
        return self.book.kept[digest(CODE)].redeemed_for == NEXT


def told(word: str, *, names: bool) -> OrderPlaced | OrderShipped | OrderCancelled:
    """Return an event of the ERP's word."""
    about = {"id": word, "at": NOW, "order_id": NEXT, "as_of": NOW, "lines": [], "edition": EDITIONS[word]}
    if word == "cancelled":
        return OrderCancelled(occurred_at=NOW, complete=True, came_to_nothing=True, **about)
    if word == "shipped":
        return OrderShipped(occurred_at=NOW, complete=True, **about)
    return OrderPlaced(discount_codes=[CODE] if names else [], payment_failed=word == "failed", **about)


def heard(words: Sequence[str], *, names: bool) -> Real:
    """Let words be heard, and compare after each."""
    real, plain = Real(names=names), Plain(names)
    for place, word in enumerate(words):
        real.hears(word)
        plain.hears(word)
        assert real.has == plain.has, f"{words[: place + 1]}"
    return real


@pytest.mark.parametrize("last", ["cancelled", "shipped"])
@pytest.mark.parametrize("names", [True, False], ids=["the ERP names codes", "the ERP names none"])
def test_whoever_speaks_first_or_twice_it_is_as_a_plain_model_says(*, names: bool, last: str) -> None:
    words = [*WORDS[:-1], last]
    for order in permutations(words):
        heard([*order, *order[::-1]], names=names)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_where_the_erp_named_the_code_its_newest_word_decides_alone(count: int) -> None:
    """Whatever the storefront asks meanwhile: the order keeps the voucher exactly if the ERP says that it stands."""
    erp = [("placed", "failed", "paid"), ("placed", "failed"), ("placed",)][3 - count]
    for order in permutations(["redeem", "release", *erp]):
        real = heard([*order, *order[::-1]], names=True)
        assert real.has == (erp[-1] != "failed")


def test_a_release_that_comes_after_the_erp_told_the_order_changes_nothing() -> None:
    for words in permutations(["redeem", "placed"]):
        for later in (["release"], ["release", "release"], ["redeem", "release"]):
            assert heard([*words, *later], names=True).has
