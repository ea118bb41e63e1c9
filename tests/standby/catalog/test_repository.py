"""Products and SKUs come back from DynamoDB as they were kept, and whoever was slower is told so."""

from dataclasses import replace
from typing import Any

import pytest
from pynamodb.exceptions import PutError
from standby.catalog import repository
from standby.catalog.model import Product, Variant, Word
from standby.catalog.repository import CatalogRepository

from tests.standby.catalog.words import locales, upserted, word
from tests.tables import create_table

VERSION = (1_777_802_400_000_000, 10**18, 1_777_802_400_000_999, 2**32 - 1)
PRODUCT = Product(
    product_id="CUP/2",
    edition=1,
    version=VERSION,
    as_of="2026-05-03T10:00:00.000Z",
    as_of_assumed=True,
    about={"title": {"he": 'ספל "גדול" \ufffe'}, "rank": 0, "price": {"amount": 10**12, "currency": "ILS"}},
    skus=("S", "M"),
    leaving=("L",),
    discontinued=VERSION,
    open=True,
    feed="shop",
    fed=VERSION,
)
VARIANT = Variant(
    sku="S#1",
    edition=1,
    words={"CUP/2": Word(version=VERSION, content={"position": 0}), "MUG": Word(discontinued=VERSION)},
    discontinued=VERSION,
)


@pytest.fixture
def kept(aws: Any) -> CatalogRepository:
    for bound in (repository.products, repository.skus):
        bound.cache_clear()
    return CatalogRepository(create_table(aws, "Catalog"))


def test_a_product_comes_back_as_it_was_kept(kept: CatalogRepository) -> None:
    assert kept.keep_product(PRODUCT, read=0)
    assert kept.product("CUP/2") == PRODUCT
    plain = Product(product_id="MUG", edition=1)
    assert kept.keep_product(plain, read=0)
    assert kept.product("MUG") == plain


def test_a_sku_comes_back_as_it_was_kept(kept: CatalogRepository) -> None:
    assert kept.keep_variant(VARIANT)
    assert kept.variants(["S#1", "M"]) == {"S#1": VARIANT}


def test_a_hundred_skus_are_read_at_once(kept: CatalogRepository) -> None:
    names = [f"SKU-{number}" for number in range(100)]
    for name in names:
        assert kept.keep_variant(Variant(sku=name, edition=1))
    assert kept.variants(names).keys() == set(names)


def test_what_is_not_there_is_edition_0(kept: CatalogRepository) -> None:
    assert kept.product("CUP") == Product(product_id="CUP")


def test_whoever_read_an_older_edition_writes_nothing(kept: CatalogRepository) -> None:
    assert kept.keep_product(PRODUCT, read=0)
    assert not kept.keep_product(replace(PRODUCT, as_of=""), read=0)
    assert not kept.keep_product(replace(PRODUCT, edition=3), read=2)
    assert kept.product("CUP/2") == PRODUCT
    assert kept.keep_variant(VARIANT)
    assert not kept.keep_variant(VARIANT)
    assert not kept.keep_variant(replace(VARIANT, edition=3))
    assert kept.keep_variant(replace(VARIANT, edition=2))


def test_settling_is_no_new_edition(kept: CatalogRepository) -> None:
    assert kept.keep_product(PRODUCT, read=0)
    assert kept.keep_product(PRODUCT.settled(), read=1)
    settled = kept.product("CUP/2")
    assert (settled.edition, settled.open, settled.leaving) == (1, False, ())


def test_another_failure_is_no_slower_writer(kept: CatalogRepository, aws: Any) -> None:
    aws.delete_table(TableName="Catalog")
    with pytest.raises(PutError):
        kept.keep_product(PRODUCT, read=0)


def test_the_largest_product_has_room_in_an_item(kept: CatalogRepository) -> None:
    """DynamoDB takes 400 KB; moto counts too."""
    largest = {
        **upserted("CUP"),
        "title": dict.fromkeys(locales(), "🧦" * 500),
        "tags": [f"{n:03}" + "ת" * 80 for n in range(100)],
        "variants": [{"sku": f"{n:04}" + "ת" * 28} for n in range(2000)],
    }
    before = Product(product_id="CUP", edition=1, skus=tuple(f"{n:04}" + "א" * 28 for n in range(2000)))
    product = before.told(word(largest))  # type: ignore[arg-type] # it is a product
    assert len(product.leaving) == 2000
    assert kept.keep_product(product, read=0)
    assert kept.product("CUP") == product


def test_the_most_words_about_a_sku_have_room_in_an_item(kept: CatalogRepository) -> None:
    variant = Variant(sku="S")
    for number in range(30):
        content = {"position": 0, "image": "x" * 14_900}
        variant = variant.told("ת" * 98 + f"{number:02}", (number, 0, 0, 0), content, discontinued=VERSION)
    assert len(variant.words) == 20
    assert variant.product_id == "ת" * 98 + "29"
    assert kept.keep_variant(replace(variant, edition=1))


def test_products_are_found_page_by_page(kept: CatalogRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "PAGE", 2)
    names = {f"CUP-{number}" for number in range(20)}
    for name in names:
        assert kept.keep_product(Product(product_id=name, edition=1), read=0)
        assert kept.keep_variant(Variant(sku=name, edition=1))
    found: list[str] = []
    for shard in kept.shards:
        page, after = kept.page(shard, None)
        found += page
        while after is not None:
            page, after = kept.page(shard, after)
            assert len(page) <= 2
            found += page
    assert sorted(found) == sorted(names)
