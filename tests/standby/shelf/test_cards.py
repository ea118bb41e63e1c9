"""What mails and pages show of a SKU, and that nobody waits for a name."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from standby.platform.dynamodb import BusyError
from standby.shelf.cards import KEPT, MOST_KEPT, Cards
from standby.shelf.model import Head, Row, Variant

from tests.fakes import FakeClock

EUROS = {"amount": 4900, "currency": "EUR"}
SHIRT = Head(
    edition=1,
    title={"en": "Linen shirt", "he": "חולצת פשתן"},
    url="https://shop.example/p/shirt",
    image="https://shop.example/shirt.jpg",
    price=EUROS,
    options=("Colour", "Size"),
)


@dataclass
class FakeShelf:
    """Rows and heads in memory; it counts how often it is asked."""

    variants: dict[str, Variant] = field(default_factory=dict)
    said: dict[str, Head] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    failing: Exception | None = None

    def rows(self, skus: Iterable[str]) -> dict[str, Row]:
        self.asked["rows"] += 1
        if self.failing:
            raise self.failing
        return {sku: Row(sku=sku, variant=self.variants[sku]) for sku in skus if sku in self.variants}

    def heads(self, product_ids: Iterable[str]) -> dict[str, Head]:
        self.asked["heads"] += 1
        return {each: self.said[each] for each in product_ids if each in self.said}


def variant(**said: Any) -> Variant:
    return Variant(edition=1, product_id="SHIRT", **said)


@pytest.fixture
def shelf() -> FakeShelf:
    variants = {
        "SHIRT-M": variant(options={"Size": "M", "Colour": "Red", "Fit": "slim"}),
        "SHIRT-L": variant(price={"amount": 5900, "currency": "EUR"}, image="https://shop.example/l.jpg"),
        "ALONE": Variant(edition=1),
        "EARLY": Variant(edition=1, product_id="NOT-HEARD-YET"),
    }
    return FakeShelf(variants, {"SHIRT": SHIRT})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cards(shelf: FakeShelf, clock: FakeClock) -> Cards:
    return Cards(shelf, clock)


def test_a_card_says_what_the_catalogue_says_and_names_options_in_the_products_order(cards: Cards) -> None:
    about = cards.of(["SHIRT-M"])["SHIRT-M"]
    assert about["title"] == SHIRT.title
    assert about["variant"] == "Red, M, slim"
    assert (about["price"], about["image"], about["url"]) == (SHIRT.price, SHIRT.image, SHIRT.url)


def test_a_card_says_what_options_are_called_elsewhere(cards: Cards, shelf: FakeShelf) -> None:
    shelf.said["SHIRT"] = replace(SHIRT, translations={"he": {"Red": "אדום", "Colour": "צבע"}})
    assert cards.of(["SHIRT-M"])["SHIRT-M"]["variants"] == {"he": "אדום, M, slim"}


def test_what_a_variant_says_of_itself_comes_first(cards: Cards) -> None:
    about = cards.of(["SHIRT-L"])["SHIRT-L"]
    assert about["price"]["amount"] == 5900
    assert about["image"] == "https://shop.example/l.jpg"
    assert "variant" not in about


def test_what_no_product_has_and_what_is_not_heard_yet_has_no_card(cards: Cards) -> None:
    assert list(cards.of(["ALONE", "EARLY", "NOBODY", "SHIRT-M"])) == ["SHIRT-M"]


def test_the_shelf_is_asked_twice_for_all_the_mails_of_a_moment(
    cards: Cards, shelf: FakeShelf, clock: FakeClock
) -> None:
    for _ in range(20):
        assert set(cards.of(["SHIRT-M", "NOBODY"])) == {"SHIRT-M"}
    assert shelf.asked == {"rows": 1, "heads": 1}
    clock.advance(seconds=KEPT.total_seconds() + 1)
    shelf.said["SHIRT"] = Head(edition=2, title={"en": "Cotton shirt"})
    assert cards.of(["SHIRT-M"])["SHIRT-M"]["title"] == {"en": "Cotton shirt"}


@pytest.mark.parametrize("failing", [BusyError("throttled"), OSError("no network"), KeyError("title")])
def test_nobody_waits_for_a_name(cards: Cards, shelf: FakeShelf, clock: FakeClock, failing: Exception) -> None:
    assert set(cards.of(["SHIRT-M"])) == {"SHIRT-M"}
    shelf.failing = failing
    assert set(cards.of(["SHIRT-M", "SHIRT-L"])) == {"SHIRT-M"}
    clock.advance(days=1)
    assert set(cards.of(["SHIRT-M"])) == {"SHIRT-M"}
    shelf.failing = None
    assert set(cards.of(["SHIRT-M", "SHIRT-L"])) == {"SHIRT-M", "SHIRT-L"}


def test_only_so_many_cards_are_kept_and_none_that_is_asked_for_gets_lost(cards: Cards, shelf: FakeShelf) -> None:
    shelf.variants |= {f"SHIRT-{number}": variant() for number in range(MOST_KEPT)}
    for first in range(0, MOST_KEPT, 50):
        wanted = ["SHIRT-M", *(f"SHIRT-{number}" for number in range(first, first + 50))]
        assert set(cards.of(wanted)) == set(wanted)
        assert len(cards._kept) <= MOST_KEPT


@pytest.mark.parametrize(
    ("hostile", "missing"),
    [
        ({"url": "javascript:alert(1)"}, "url"),
        ({"image": "http://shop.example/a b"}, "image"),
        ({"price": {"amount": 100, "currency": ""}}, "price"),
        ({"price": {"amount": "1", "currency": "EUR"}}, "price"),
        ({"title": {"en": " "}}, "title"),
    ],
)
def test_what_cannot_be_shown_is_left_out(
    cards: Cards, shelf: FakeShelf, hostile: dict[str, Any], missing: str
) -> None:
    shelf.said["SHIRT"] = replace(SHIRT, **hostile)
    about = cards.of(["SHIRT-M"])["SHIRT-M"]
    assert missing not in about
    assert about["product_id"] == "SHIRT"
