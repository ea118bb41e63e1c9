"""Products and SKUs in the Catalog table, as PynamoDB records (design §8: features whose work is records).

``PRODUCT#<id>`` / ``PRODUCT`` is a product itself, ``SKU#<sku>`` / ``VARIANT`` what products say of a SKU. What is said
stands there as JSON: nothing looks into it, and Hebrew takes a third of the room that it would have escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from standby.catalog.keys import PRODUCT, SHARDS, feed_shard, product_key, product_of, shard_of
from standby.catalog.model import NEVER, Product, Variant, Version, Word
from standby.platform.frozen import frozen
from standby.platform.records import Bounds, JsonText, read_record, save_record

VARIANT = "VARIANT"
PAGE = 500
"""Products that are found at once."""


class ProductRecord(Model):
    """One product: ``PRODUCT#<id>`` / ``PRODUCT``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default=PRODUCT)
    product_shard = UnicodeAttribute()
    edition = NumberAttribute()
    version = JsonText()
    as_of = UnicodeAttribute(null=True)
    as_of_assumed = BooleanAttribute(null=True)
    about = JsonText()
    skus = JsonText()
    leaving = JsonText(null=True)
    discontinued = JsonText(null=True)
    open = BooleanAttribute(null=True)
    feed = UnicodeAttribute(null=True)
    feed_shard = UnicodeAttribute(null=True)
    """Puts what a feed brought into the index ``feeds``, which `standby.catalog.absences` reads."""
    fed = JsonText(null=True)


class AllProducts(GlobalSecondaryIndex[ProductRecord]):  # type: ignore[no-untyped-call] # PynamoDB's own
    """The products among the items, by their part."""

    class Meta:
        """Its name in the stack."""

        index_name = "products"
        projection = KeysOnlyProjection()

    product_shard = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class VariantRecord(Model):
    """One SKU: ``SKU#<sku>`` / ``VARIANT``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default=VARIANT)
    edition = NumberAttribute()
    words = JsonText()
    discontinued = JsonText(null=True)


@cache
def products(table: str) -> Any:  # noqa: ANN401 - a record class with its index
    """Return the record class of products bound to a table."""

    class Bound(ProductRecord):
        all_products = AllProducts()

        class Meta(Bounds):
            table_name = table

    return Bound


@cache
def skus(table: str) -> type[VariantRecord]:
    """Return the record class of SKUs bound to a table."""

    class Bound(VariantRecord):
        class Meta(Bounds):
            table_name = table

    return Bound


@frozen()
class CatalogRepository:
    """The catalogue, on DynamoDB."""

    table: str

    def product(self, product_id: str) -> Product:
        """Return a product as the last finished write left it; its edition is 0 where there is none.

        Raises `BusyError` when DynamoDB kept refusing for throttling.
        """
        record = read_record(products(self.table), product_key(product_id), PRODUCT)
        return Product(product_id=product_id) if record is None else _product(product_id, record)

    def keep_product(self, product: Product, *, read: int) -> bool:
        """Write a product if its edition is still the one that was ``read``; tell whether it was."""
        record = products(self.table)(
            pk=product_key(product.product_id),
            product_shard=shard_of(product.product_id),
            edition=product.edition,
            version=product.version,
            as_of=product.as_of or None,
            as_of_assumed=product.as_of_assumed or None,
            about=product.about,
            skus=product.skus,
            leaving=product.leaving or None,
            discontinued=_unless_never(product.discontinued),
            open=product.open or None,
            feed=product.feed,
            feed_shard=None if product.feed is None else feed_shard(product.feed, shard_of(product.product_id)),
            fed=_unless_never(product.fed),
        )
        return _kept(record, read)

    @property
    def shards(self) -> tuple[str, ...]:
        """The parts of the index in which all products stand."""
        return SHARDS

    def page(self, shard: str, after: str | None) -> tuple[list[str], str | None]:
        """Return ids of a part's products, and where the next page begins; ``None`` behind the last.

        The index follows late: a product that was just described may be missing.
        """
        start = {"pk": {"S": after}, "sk": {"S": PRODUCT}, "product_shard": {"S": shard}} if after else None
        found = products(self.table).all_products.query(shard, page_size=PAGE, last_evaluated_key=start).page_iter
        page = next(found)["Items"]
        following = found.last_evaluated_key
        return [product_of(item["pk"]["S"]) for item in page], following["pk"]["S"] if following else None

    def products(self, product_ids: Sequence[str]) -> Mapping[str, Product]:
        """Return those of at most 100 products that are known, as the last finished write left them."""
        keys = [(product_key(product_id), PRODUCT) for product_id in product_ids]
        found: Iterable[ProductRecord] = products(self.table).batch_get(keys, consistent_read=True)
        return {product.product_id: product for product in (_product(product_of(each.pk), each) for each in found)}

    def variants(self, names: Sequence[str]) -> Mapping[str, Variant]:
        """Return those of at most 100 SKUs that are known, as the last finished write left them."""
        model = skus(self.table)
        # PynamoDB asks again for what DynamoDB left out, and DynamoDB reads at least one item each time.
        found: Iterable[VariantRecord] = model.batch_get(
            [(f"SKU#{sku}", VARIANT) for sku in names], consistent_read=True
        )
        return {variant.sku: variant for variant in map(_variant, found)}

    def keep_variant(self, variant: Variant) -> bool:
        """Write a SKU if its edition is still the one before; tell whether it was."""
        record = skus(self.table)(
            pk=f"SKU#{variant.sku}",
            edition=variant.edition,
            words={product_id: _word_kept(word) for product_id, word in variant.words.items()},
            discontinued=_unless_never(variant.discontinued),
        )
        return _kept(record, variant.edition - 1)


def _kept(record: ProductRecord | VariantRecord, read: int) -> bool:
    kind = type(record)
    return save_record(record, kind.edition == read if read else kind.pk.does_not_exist())


def _unless_never(version: Version) -> Version | None:
    return None if version == NEVER else version


def _version(kept: Sequence[int] | None) -> Version:
    if kept is None:
        return NEVER
    moment, sequence, arrival, mark = kept
    return moment, sequence, arrival, mark


def _word_kept(word: Word) -> dict[str, Any]:
    kept = {
        "version": _unless_never(word.version),
        "content": word.content,
        "discontinued": _unless_never(word.discontinued),
    }
    return {name: value for name, value in kept.items() if value is not None}


def _product(product_id: str, record: ProductRecord) -> Product:
    return Product(
        product_id=product_id,
        edition=int(record.edition),
        version=_version(record.version),
        as_of=record.as_of or "",
        as_of_assumed=bool(record.as_of_assumed),
        about=record.about,
        skus=tuple(record.skus),
        leaving=tuple(record.leaving or ()),
        discontinued=_version(record.discontinued),
        open=bool(record.open),
        feed=record.feed,
        fed=_version(record.fed),
    )


def _variant(record: VariantRecord) -> Variant:
    words = {
        product_id: Word(
            version=_version(kept.get("version")),
            content=kept.get("content"),
            discontinued=_version(kept.get("discontinued")),
        )
        for product_id, kept in record.words.items()
    }
    return Variant(
        sku=record.pk.removeprefix("SKU#"),
        edition=int(record.edition),
        words=words,
        discontinued=_version(record.discontinued),
    )
