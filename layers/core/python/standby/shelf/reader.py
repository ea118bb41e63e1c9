"""Reading the shelf: as many rows or products as a listing page shows, in one request."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from standby.platform.dynamodb import write
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.table import Cursor, Query, Stored, Table
from standby.shelf import items
from standby.shelf.model import Head, Listed, Product, Returned, Row, Store
from standby.shelf.pictures import Picture, alike, bands

Found = TypeVar("Found", bound=Mapping[str, Any])
Read = TypeVar("Read")
log = logger("shelf")
MOST = 100
"""Rows or products of one request."""
PAGE = 1_000
"""Rows of one request for a product's; DynamoDB ends a page at 1 MB in any case."""
MOST_OF_BAND = 500
"""Products that are looked at in one of eight lists of pictures. In a shop with 100,000 pictures each has some 400."""
MOST_PAGES = 10
"""Pages that are read of one product. A catalogue's largest, of 2,000 rows, takes two to four."""


@frozen()
class ShelfReader:
    """Answers what can be had. What it reads may be a second old, which halves its price."""

    table: Table

    def rows(self, skus: Iterable[str]) -> dict[str, Row]:
        """Return the rows of at most 100 SKUs; those that are on no shelf are left out. Raises `BusyError`."""
        found = self.table.batch([items.row_key(sku) for sku in skus], consistent=False)
        return {row.sku: row for row in _readable(found, items.row)}

    def products(self, product_ids: Iterable[str]) -> dict[str, Product]:
        """Return the counts of at most 100 products; those without rows are left out. Raises `BusyError`."""
        found = self.table.batch([items.product_key(product_id) for product_id in product_ids], consistent=False)
        return {product.product_id: product for product in _readable(found, items.product)}

    def listed(self, shard: str, cursor: Cursor | None) -> tuple[list[Listed], Cursor | None]:
        """Return what feeds say of as many rows of a shard as come in one request, and where the next page begins.

        They stand in the order of their SKUs. One that changes meanwhile may come again, at the top of the next page.
        Raises `BusyError`.
        """
        wanted = Query(shard, index=items.FEED)
        page = write(partial(self.table.page, wanted, cursor), backoff=self.table.backoff)
        return list(_readable(page.stored, _listed)), page.cursor

    def returns(self, since: str, most: int, category: str | None = None) -> list[tuple[Returned, str]]:
        """Return what came back since an instant and can be bought, the newest first, each with its SKU.

        It is one request, whatever there is; of more than ``most`` the newest are told. Raises `BusyError`.
        """
        index = items.RETURNS if category is None else items.BY_CATEGORY
        of = items.ALL_RETURNS if category is None else f"{items.RETURNS_PREFIX}{category}"
        wanted = Query(of, index=index, after=since, newest_first=True, limit=most)
        page = write(partial(self.table.page, wanted), backoff=self.table.backoff)
        return list(_readable(page.stored, partial(items.returned, index, category)))

    def heads(self, product_ids: Iterable[str]) -> dict[str, Head]:
        """Return what at most 100 products say of themselves; unknown ones are left out. Raises `BusyError`."""
        found = self.table.batch([items.head_key(product_id) for product_id in product_ids], consistent=False)
        return dict(_readable(found, lambda item: (items.product_of(item), items.head(item))))

    def locations(self, location_ids: Iterable[str]) -> dict[str, Store]:
        """Return how at most 100 locations are described; unknown ones are left out. Raises `BusyError`."""
        found = self.table.batch([items.store_key(location_id) for location_id in location_ids], consistent=False)
        return {store.location_id: store for store in _readable(found, items.store)}

    def beside(self, product_id: str, head: Head, most: int) -> list[str]:
        """Return products of the same category with the next prices, at most so many dearer and so many cheaper.

        They come from an index, so one that was just described may be missing. Raises `BusyError`.
        """
        category = items.category_of(head)
        if category is None:
            return []
        place = items.price_place(product_id, head)
        dearer = Query(category, index=items.BY_CATEGORY, after=place, limit=most)
        cheaper = Query(category, index=items.BY_CATEGORY, before=place, newest_first=True, limit=most)
        pages = [write(partial(self.table.page, wanted), backoff=self.table.backoff) for wanted in (dearer, cheaper)]
        return [items.product_of(item) for page in pages for item in page.items]

    def pictures(self, product_ids: Iterable[str]) -> dict[str, Picture]:
        """Return what is known of the pictures of at most 100 products; others are left out. Raises `BusyError`."""
        found = self.table.batch([items.picture_key(product_id) for product_id in product_ids], consistent=False)
        return {picture.product_id: picture for picture in _readable(found, items.picture)}

    def alike(self, product_id: str) -> dict[str, int]:
        """Return products whose pictures are like a product's, with the bits that differ, the nearest first.

        It is nine requests, whatever there is: one for the picture, and one for each list that it stands in. All that
        differ in at most `SURE_BITS` are found, unless more than `MOST_OF_BAND` stand in a list. Raises `BusyError`.
        """
        picture = self.pictures([product_id]).get(product_id)
        if picture is None or picture.looks is None:
            return {}
        others: dict[str, int] = {}
        for place, value in enumerate(bands(picture.looks)):
            wanted = Query(items.band(place, value), limit=MOST_OF_BAND)
            page = write(partial(self.table.page, wanted), backoff=self.table.backoff)
            others.update(_readable(page.stored, _looking))
        return alike(product_id, picture.looks, others)

    def variants(self, product_id: str, *, most_pages: int | None = None) -> list[Row]:
        """Return the rows of a product in its own order, or of its first pages, without editions. Raises `BusyError`.

        They come from an index, which follows the table within a second, mostly. So what is shown may be a moment old,
        and nothing that was just written may be looked for here: for that there is `rows`.
        """
        wanted = Query(product_id, index=items.BY_PRODUCT, limit=PAGE, only=items.SHOWN)
        found: list[Row] = []
        cursor = None
        for _ in range(most_pages or MOST_PAGES):
            page = write(partial(self.table.page, wanted, cursor), backoff=self.table.backoff)
            found += _readable(page.items, lambda item: items.shown_row(item, product_id))
            cursor = page.cursor
            if cursor is None:
                return found
        if most_pages is None:
            log.error("a product has more rows than are read", extra={"product_id": product_id})
        return found


def _listed(stored: Stored) -> Listed:
    return Listed.of(stored[items.FEED.sort]["S"])


def _looking(stored: Stored) -> tuple[str, int]:
    return items.looking(stored["sk"]["S"])


def _readable(found: Iterable[Found], read: Callable[[Found], Read]) -> Iterator[Read]:
    """Read items. One that cannot be read is left out, as if it were not there, and costs the others nothing."""
    for item in found:
        try:
            yield read(item)
        except Exception:
            log.exception("an item of the shelf cannot be read", extra={"pk": item.get("pk")})
