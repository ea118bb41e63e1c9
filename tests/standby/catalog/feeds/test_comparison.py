"""A dry run says what the import would do, product by product and SKU by SKU."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.catalog.feeds.comparison import SKUS, Comparison
from standby.catalog.model import Product, ProductSaid
from standby.catalog.service import Catalogue

from tests.fakes import AT_ONCE, FakeBus, FakeClock
from tests.promises.unruly import searching
from tests.standby.catalog.words import NoFiles, Shelves, upserted, word

pytestmark = pytest.mark.promise("P4")


@dataclass
class KnownShelves(Shelves):
    """A catalogue in memory."""

    def __post_init__(self) -> None:
        self.kept = self.products

    def of(self, product_ids: Sequence[str]) -> Mapping[str, Product]:
        assert 0 < len(product_ids) <= 100
        return {name: self.kept[name] for name in product_ids if name in self.kept}


@dataclass
class Known:
    """What a comparison reads of it."""

    store: KnownShelves

    def products(self, product_ids: Sequence[str]) -> Mapping[str, Product]:
        return self.store.of(product_ids)

    def variants(self, skus: Sequence[str]) -> Any:
        return self.store.variants(skus)


def said(*messages: Mapping[str, Any]) -> list[ProductSaid]:
    return [made for message in messages if isinstance(made := word(message), ProductSaid)]


def compared(store: KnownShelves, words: list[ProductSaid]) -> tuple[Counter[str], dict[str, Any]]:
    found: list[Mapping[str, Any]] = []
    counts = Comparison(known=Known(store), differs=found.append).run(words)
    return counts, {difference["product_id"]: difference for difference in found}


def catalogue(store: KnownShelves) -> Catalogue:
    return Catalogue(store=store, bus=FakeBus(), clock=FakeClock(), files=NoFiles(), backoff=AT_ONCE)


def test_each_kind_of_difference_is_counted_and_named() -> None:
    store = KnownShelves()
    for each in said(
        upserted("CUP", "S", "M", "L", minute=1),
        upserted("MUG", "X", minute=1),
        upserted("JUG", "J", minute=9),
        upserted("GONE", minute=1),
    ):
        catalogue(store).take(each)
    cup = upserted("CUP", "M", "S", "XL", minute=2, title="anew")
    cup["variants"][0]["price"]["amount"] = 5
    counts, found = compared(
        store,
        said(cup, upserted("MUG", "X", minute=2), upserted("JUG", "J", minute=2), upserted("GONE", "G", minute=2)),
    )
    assert counts == {
        "products_changed": 1,
        "products_same": 1,
        "products_older": 1,
        "products_new": 1,
        "skus_changed": 1,
        "skus_same": 2,
        "skus_new": 2,
        "skus_gone": 1,
    }
    assert found == {
        "CUP": {
            "product_id": "CUP",
            "what": "changed",
            "fields": ["title"],
            "skus_new": 1,
            "skus_changed": 1,
            "skus_same": 1,
            "skus_gone": 1,
        },
        "JUG": {"product_id": "JUG", "what": "older", "fields": [], **dict.fromkeys(SKUS, 0)},
        "GONE": {
            "product_id": "GONE",
            "what": "new",
            "fields": [],
            "skus_new": 1,
            "skus_changed": 0,
            "skus_same": 0,
            "skus_gone": 0,
        },
    }


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    skus = draw(st.lists(st.sampled_from("SML"), unique=True, min_size=1))
    made = upserted(draw(st.sampled_from(["CUP", "MUG"])), *skus, minute=draw(st.integers(0, 3)))
    made["title"]["en"] += draw(st.sampled_from("ab"))
    for variant in made["variants"]:
        variant["price"]["amount"] = draw(st.sampled_from([100, 200]))
    return made


def state(store: KnownShelves, product_id: str) -> Any:
    """Return all that others are told of a product and its SKUs."""
    product = store.kept.get(product_id) or Product(product_id=product_id)
    skus = [(sku, dict(store.skus[sku].words[product_id].content or {})) for sku in product.skus]
    return dict(product.about), skus


@searching(examples=40, steps=1)
@given(
    before=st.lists(messages(), max_size=3),
    file=st.lists(messages(), max_size=2, unique_by=lambda said: said["product_id"]),
)
def test_what_a_dry_run_calls_the_same_stays_so_and_all_else_changes(
    before: list[dict[str, Any]], file: list[dict[str, Any]]
) -> None:
    store = KnownShelves()
    for each in said(*before):
        catalogue(store).take(each)
    for each in said(*file):
        counts, found = compared(store, [each])
        was, had = state(store, each.product_id), store.kept.get(each.product_id)
        catalogue(store).take(each)
        now = state(store, each.product_id)
        what = found.get(each.product_id, {"what": "same"})["what"]
        moved = any(store.skus[sku].product_id != each.product_id for sku in each.variants if sku in store.skus)
        if what in {"same", "older"}:
            assert now == was
        elif not moved:
            assert now != was or counts["skus_new"], "it was the other product's before"
        assert (what == "new") == (had is None or not had.skus)
        if what != "older":
            assert counts["skus_gone"] == sum(sku not in each.variants for sku in (had.skus if had else ()))
