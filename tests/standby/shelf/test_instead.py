"""What mails offer instead of a SKU that does not come back: what can be bought now, and nobody waits for it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from standby.platform.dynamodb import BusyError
from standby.shelf.cards import KEPT, MOST_KEPT
from standby.shelf.instead import MOST_SHOWN, Instead
from standby.shelf.model import BUYABLE, STATUSES, Head, Product, Row, Variant

from tests.fakes import FakeClock

OLD, NEW = "MUG-OLD", "mugs"


@dataclass
class FakeShelf:
    """Products in memory; it counts how often it is asked."""

    similar: tuple[str, ...] = ()
    statuses: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Head] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    failing: Exception | None = None

    def rows(self, skus: Iterable[str]) -> dict[str, Row]:
        self.asked["rows"] += 1
        if self.failing:
            raise self.failing
        return {sku: Row(sku=sku, variant=Variant(edition=1, product_id=NEW)) for sku in skus if sku == OLD}

    def products(self, product_ids: Iterable[str]) -> dict[str, Product]:
        self.asked["products"] += 1
        known = [each for each in product_ids if each in self.statuses]
        return {each: Product(product_id=each, counts={self.statuses[each]: 1}) for each in known}

    def heads(self, product_ids: Iterable[str]) -> dict[str, Head]:
        self.asked["heads"] += 1
        return {each: self.said.get(each, head(each, self.similar)) for each in product_ids}


def head(name: str, similar: tuple[str, ...] = ()) -> Head:
    return Head(edition=1, title={"en": name}, url=f"https://shop.example/{name}", similar=similar)


def offered(shelf: FakeShelf, *skus: str) -> list[str]:
    return [card["product_id"] for card in Instead(shelf, FakeClock()).of(skus or (OLD,))]


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_can_be_bought_is_offered(status: Any) -> None:
    shelf = FakeShelf(similar=("cups",), statuses={"cups": status})
    assert offered(shelf) == (["cups"] if status in BUYABLE else [])


def test_other_variants_of_the_product_come_first_then_the_shop_s_own_order() -> None:
    names = ("jugs", "cups", "bowls", "plates")
    shelf = FakeShelf(similar=names, statuses=dict.fromkeys((NEW, *names), "InStock"))
    assert offered(shelf) == [NEW, "jugs", "cups"][:MOST_SHOWN]


def test_what_leads_nowhere_or_has_no_name_is_not_offered() -> None:
    shelf = FakeShelf(similar=("cups", "jugs", "bowls"), statuses=dict.fromkeys(("cups", "jugs", "bowls"), "InStock"))
    shelf.said = {"cups": replace(head("cups"), url="javascript:alert(1)"), "jugs": replace(head("jugs"), title={})}
    assert offered(shelf) == ["bowls"]


def test_of_a_sku_that_nobody_described_nothing_is_asked() -> None:
    shelf = FakeShelf()
    assert offered(shelf, "UNKNOWN") == []
    assert shelf.asked == {"rows": 1}


def test_it_is_asked_four_times_and_again_only_after_some_seconds() -> None:
    shelf, clock = FakeShelf(similar=("cups",), statuses={"cups": "InStock"}), FakeClock()
    instead = Instead(shelf, clock)
    assert instead.of([OLD]) == instead.of([OLD])
    assert shelf.asked == {"rows": 1, "products": 1, "heads": 2}
    shelf.statuses["cups"] = "SoldOut"
    clock.advance(seconds=KEPT.total_seconds() + 1)
    assert instead.of([OLD]) == []


def test_a_mail_waits_for_no_alternatives() -> None:
    shelf = FakeShelf(similar=("cups",), statuses={"cups": "InStock"}, failing=BusyError("busy"))
    instead = Instead(shelf, FakeClock())
    assert instead.of([OLD]) == []
    shelf.failing = None
    assert [card["product_id"] for card in instead.of([OLD])] == ["cups"]


def test_few_answers_are_kept() -> None:
    instead = Instead(FakeShelf(), FakeClock())
    for number in range(MOST_KEPT + 1):
        instead.of([f"SKU-{number}"])
    assert len(instead._kept) == 1
