"""What a cart can have in place of a line that cannot be had."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from standby.availability.service import Badges
from standby.availability.swaps import MOST_OF_A_LINE, Swaps
from standby.availability.wording import Wording
from standby.shelf.model import Row, Supply, Variant

from tests.fakes import FakeClock
from tests.promises.unruly import searching
from tests.standby.availability.storefront import Storefront
from tests.standby.availability.test_matrix import shirts


def offers(shop: Storefront, *lines: tuple[str, int]) -> list[list[str]]:
    return [line["alternatives"] for line in shop.checks(*lines, alternatives=True)["lines"]]


def test_a_line_is_offered_what_shares_most_with_it(shop: Storefront) -> None:
    shirts(shop, s_black=5, m_red=5)
    assert offers(shop, ("S-RED", 2)) == [["S-BLACK", "M-RED"]]
    assert offers(shop, ("S-RED", 6)) == [[]]
    assert shop.checks(("S-RED", 2))["lines"][0]["alternatives"] == []
    assert shop.checks(("S-RED", 2))["lines"][0]["product_id"] == "shirt"


def test_what_the_cart_takes_itself_is_not_offered_again(shop: Storefront) -> None:
    shirts(shop, s_black=5)
    assert offers(shop, ("S-BLACK", 3), ("S-RED", 2)) == [[], ["S-BLACK"]]
    assert offers(shop, ("S-BLACK", 4), ("S-RED", 2)) == [[], []]


def test_lines_of_one_sku_are_offered_each_by_its_quantity(shop: Storefront) -> None:
    shirts(shop, s_black=5)
    assert offers(shop, ("S-RED", 2), ("S-RED", 9)) == [["S-BLACK"], []]


def test_a_line_that_can_be_had_or_has_no_product_is_offered_nothing(shop: Storefront) -> None:
    shirts(shop, s_red=5, s_black=5)
    shop.counts("MUG", 0)
    assert offers(shop, ("S-RED", 2), ("MUG", 1), ("NOBODY'S", 1)) == [[], [], []]


def test_what_only_the_index_still_shows_is_not_offered(shop: Storefront, monkeypatch: Any) -> None:
    shirts(shop, m_red=1)
    late = [Row(sku=sku, supply=Supply(revision=1, sellable=3)) for sku in ("S-BLACK", "GONE", "M-RED")]
    monkeypatch.setattr("standby.shelf.reader.ShelfReader.variants", lambda *_, **__: late)
    assert offers(shop, ("S-RED", 1)) == [["M-RED"]]


SKUS = [f"SKU-{number}" for number in range(8)]


class Rows:
    """A shelf of two products."""

    def __init__(self, units: list[int]) -> None:
        self.kept = {
            sku: Row(
                sku=sku,
                supply=Supply(revision=1, sellable=each),
                variant=Variant(product_id=f"P-{number % 2}", options={"Size": str(number % 3)}),
            )
            for number, (sku, each) in enumerate(zip(SKUS, units, strict=True))
        }

    def rows(self, skus: Iterable[str]) -> dict[str, Row]:
        return {sku: self.kept[sku] for sku in skus if sku in self.kept}

    def variants(self, product_id: str, *, most_pages: int) -> list[Row]:
        assert most_pages == 1
        return [row for row in self.kept.values() if row.variant.product_id == product_id]


@searching(examples=40, steps=1)
@given(
    units=st.lists(st.integers(0, 4), min_size=len(SKUS), max_size=len(SKUS)),
    lines=st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 4)), min_size=1, max_size=5),
)
def test_each_offer_can_be_had_beside_the_rest_of_the_cart(units: list[int], lines: list[tuple[str, int]]) -> None:
    shelf: Any = Rows(units)
    badges = Badges(shelf=shelf, wording=Wording.of("en"), clock=FakeClock(), zone=ZoneInfo("Asia/Jerusalem"))

    checked = Swaps(shelf).offered(badges.check(lines, "en"))

    taken = Counter[str]()
    for line in checked["lines"]:
        taken[line["sku"]] += line["units"]
    for line in checked["lines"]:
        own = shelf.kept[line["sku"]].variant
        had = [
            sku
            for sku, row in shelf.kept.items()
            if row.variant.product_id == own.product_id
            and sku != line["sku"]
            and row.supply.sellable - taken[sku] >= line["quantity"]
        ]
        alike = sorted(had, key=lambda sku: shelf.kept[sku].variant.options != own.options)
        assert line["alternatives"] == ([] if line["can_be_had"] else alike[:MOST_OF_A_LINE])
