"""Keys and mapping of the Shelf table: what an item's attributes mean, in one place.

What no condition, count or index asks for is packed into one attribute as JSON: a hundred rows are read for each
listing page, and the SDK spends most of its time on attributes, however small.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Literal
from zlib import crc32

from standby.platform.dynamodb import Item
from standby.platform.json_text import to_json
from standby.platform.table import Index, Key, Stored
from standby.shelf.ahead_model import Campaign, Window
from standby.shelf.model import (
    BETWEEN,
    LASTING,
    Counted,
    Head,
    Heard,
    Lasting,
    Product,
    Rating,
    Returned,
    Row,
    Store,
    Supply,
    Variant,
)
from standby.shelf.pictures import Picture, bands
from standby.shelf.stay_model import Stay

ROW = "ROW"
SUMMARY = "SUMMARY"
HEAD = "HEAD"
PICTURE = "PICTURE"
STORES = "STORES"
STORE_PREFIX = "STORE#"
SKU_PREFIX, PRODUCT_PREFIX = "SKU#", "PRODUCT#"
BY_PRODUCT = Index("by_product", "product_id", "place")
"""A product's rows in its own order."""
BY_CATEGORY = Index("by_category", "category", "price_place")
"""Products of a category by price. It holds keys alone."""
LONGEST_CATEGORY_BYTES = 1_000
"""An index takes 2,048; what is longer comes from no shop."""
PRICE_DIGITS, CODE = 13, 3
"""Of an amount, and of a currency."""
TOO_MUCH = 10**PRICE_DIGITS
RETURNS = Index("returns", "returns_of", "returned")
"""What came back and can be bought, by when it came back. It holds keys alone, and nothing that is sold out again."""
ALL_RETURNS = "all"
RETURNS_PREFIX = f"returns{BETWEEN}"
"""Begins the partitions of `BY_CATEGORY` in which a category's returns stand. No shop's category has a tab."""
FEED = Index("feed", "feed_shard", "listing")
"""All rows in the order of their SKUs, by shard. It holds keys alone: what a feed says of a row is one."""
FEED_SHARDS = tuple(f"FEED#{number}" for number in range(8))
PLACE_DIGITS = 6
LOOKS_DIGITS = 16
COUNTS: Mapping[Lasting | Literal["awaited"], str] = {
    "InStock": "in_stock",
    "LimitedAvailability": "limited",
    "InStoreOnly": "in_store_only",
    "OutOfStock": "out_of_stock",
    "SoldOut": "sold_out",
    "Discontinued": "gone",
    "awaited": "awaited",
}
"""The attribute of a summary that counts the rows with a status, or those that can be waited for."""
AHEAD_PREFIX = "ahead,"
"""Begins the attributes of a summary that count the rows that can be ordered ahead, by when."""
NO_CAMPAIGN, UNHEARD = Campaign(), Heard()
CAMPAIGN_FIELDS = tuple(each.name for each in fields(Campaign))
EDITION = "edition"
VERSION = "version"
AS_OF = "as_of"


SHOWN = ("pk", "revision", "sellable", "low_stock", "incoming", "discontinued", "more")
"""What is read of the rows of a product that is shown: not what only writers ask, which is half of the attributes."""


def row_key(sku: str) -> Key:
    """A SKU's row."""
    return {"pk": f"{SKU_PREFIX}{sku}", "sk": ROW}


def product_key(product_id: str) -> Key:
    """A product's counts."""
    return {"pk": f"{PRODUCT_PREFIX}{product_id}", "sk": SUMMARY}


def head_key(product_id: str) -> Key:
    """What a product says of itself. It is long, so badges do not read it."""
    return {"pk": f"{PRODUCT_PREFIX}{product_id}", "sk": HEAD}


def feed_shard(sku: str) -> str:
    """The partition of the index ``feed`` in which a SKU stands."""
    return FEED_SHARDS[crc32(sku.encode()) % len(FEED_SHARDS)]


def product_of(item: Item) -> str:
    """The product whose partition an item lies in."""
    pk: str = item["pk"]
    return pk[len(PRODUCT_PREFIX) :]


def row(item: Item) -> Row:
    """Read a row."""
    more = json.loads(item["more"])
    supply, variant = more["supply"], more["variant"]
    return Row(
        sku=item["pk"][len(SKU_PREFIX) :],
        supply=Supply(
            revision=int(item["revision"]),  # what is no number fails here, and not where it is shown
            sellable=int(item["sellable"]),
            low_stock=int(item["low_stock"]),
            incoming=int(item["incoming"]),
            arrivals=tuple(supply["arrivals"]),
            missing=supply.get("missing", 0),
            too_little=supply.get("too_little", 0),
            overdue=supply.get("overdue", False),
            in_store=supply.get("in_store", 0),
            stores=supply.get("stores", {}),
            more_stores=supply.get("more_stores", 0),
            as_of=supply["as_of"],
        ),
        variant=Variant(
            edition=item["catalog_edition"],
            whole=variant["whole"],
            product_id=item.get("product_id"),
            position=int(item.get("place", 0)),
            options=variant["options"],
            price=variant["price"],
            image=variant["image"],
            discontinued=item["discontinued"],
            as_of=variant["as_of"],
            category=variant.get("category"),
            of_product=variant.get("of_product", 0),
        ),
        campaign=Campaign(**more["campaign"]["said"]) if "campaign" in more else NO_CAMPAIGN,
        of_supply=Heard(event=supply["event"], at=supply["heard_at"]),
        of_variant=Heard(event=variant["event"], at=variant["heard_at"]),
        of_campaign=Heard(**more["campaign"]["heard"]) if "campaign" in more else UNHEARD,
        written_as=item.get("status"),
        listed_as=item.get("listing"),
        awaited_as=more.get("awaited", False),
        window_as=Window.of(more["window"]) if "window" in more else None,
        stay=Stay(**more.get("stay", {})),
        returned_as=Returned(*more["returned"]) if "returned" in more else None,
        edition=item[EDITION],
    )


def shown_row(item: Item, product_id: str) -> Row:
    """Read a product's row of which only what is `SHOWN` was read. It has no editions, so it is not for writing."""
    return row({**item, "product_id": product_id, "catalog_edition": 0, EDITION: 0})


def row_values(known: Row) -> Item:
    """Write a row with its key and edition. The status is derived, and stored as what its product counts."""
    supply, variant = known.supply, known.variant
    seldom = {
        "missing": supply.missing,
        "too_little": supply.too_little,
        "overdue": supply.overdue,
        "in_store": supply.in_store,
        "stores": dict(supply.stores),
        "more_stores": supply.more_stores,
    }
    more = {
        "supply": {
            **{name: said for name, said in seldom.items() if said},
            "arrivals": supply.arrivals,
            "as_of": supply.as_of,
            "event": known.of_supply.event,
            "heard_at": known.of_supply.at,
        },
        "variant": {
            "whole": variant.whole,
            "options": dict(variant.options),
            "price": variant.price,
            "image": variant.image,
            "as_of": variant.as_of,
            "event": known.of_variant.event,
            "heard_at": known.of_variant.at,
            **({"category": variant.category} if variant.category else {}),
            **({"of_product": variant.of_product} if variant.of_product else {}),
        },
        **({"awaited": True} if known.awaited else {}),
        **_stay_values(known),
        **_campaign_values(known),
    }
    placed = {} if variant.product_id is None else {"place": f"{variant.position:0{PLACE_DIGITS}}"}
    listing = known.listing
    listed = {} if listing is None else {"feed_shard": feed_shard(known.sku), "listing": listing}
    return {
        **row_key(known.sku),
        "status": known.status,
        "revision": supply.revision,
        "sellable": supply.sellable,
        "low_stock": supply.low_stock,
        "incoming": supply.incoming,
        "catalog_edition": variant.edition,
        "product_id": variant.product_id,
        **placed,
        **listed,
        **_returns_values(known.returned),
        "discontinued": variant.discontinued,
        "more": to_json(more),
        EDITION: known.edition,
    }


def _stay_values(known: Row) -> dict[str, Any]:
    """Write since when a row is there or gone, where it ever was there."""
    stay, returned = asdict(known.stay), known.returned
    said = {name: value for name, value in stay.items() if value}
    return {**({"stay": said} if said else {}), **({} if returned is None else {"returned": returned})}


def _returns_values(returned: Returned | None) -> Item:
    """Write where a row stands among what came back: in the order of time, of all and of its category."""
    if returned is None:
        return {}
    place = f"{returned.back_at}{BETWEEN}{returned.product_id}"
    category = _indexed(returned.category)
    by_category = {} if category is None else {"category": f"{RETURNS_PREFIX}{category}", "price_place": place}
    return {"returns_of": ALL_RETURNS, "returned": place, **by_category}


def _campaign_values(known: Row) -> dict[str, Any]:
    """Write what pre-orders say of a row; most rows have nothing of it."""
    said, heard, window = known.campaign, known.of_campaign, known.window
    if not said.edition:
        return {}
    of_it = {name: getattr(said, name) for name in CAMPAIGN_FIELDS}
    written = {"campaign": {"said": of_it, "heard": {"event": heard.event, "at": heard.at}}}
    return written if window is None else {**written, "window": window.text}


def returned(index: Index, category: str | None, stored: Stored) -> tuple[Returned, str]:
    """Read an entry of an index of what came back, with its SKU."""
    back_at, product_id = stored[index.sort]["S"].split(BETWEEN)
    return Returned(back_at, product_id, category), stored["pk"]["S"][len(SKU_PREFIX) :]


def count_attribute(counted: Counted) -> str:
    """Return the attribute of a summary that counts the rows of which something holds."""
    return f"{AHEAD_PREFIX}{counted.text}" if isinstance(counted, Window) else COUNTS[counted]


def product(item: Item) -> Product:
    """Read a product's counts."""
    counts = {status: item.get(COUNTS[status], 0) for status in LASTING}
    windows = {
        Window.of(name.removeprefix(AHEAD_PREFIX)): count
        for name, count in item.items()
        if count and name.startswith(AHEAD_PREFIX)
    }
    return Product(
        product_id=product_of(item),
        counts={status: count for status, count in counts.items() if count},
        windows=windows,
        awaited=item.get(COUNTS["awaited"]),
        as_of=item.get(AS_OF, ""),
    )


def head(item: Item) -> Head:
    """Read what a product says of itself."""
    said = json.loads(item["said"])
    lists = {name: tuple(said[name]) for name in ("tags", "similar", "options")}
    rating = {"rating": Rating(**said["rating"])} if said.get("rating") else {}
    return Head(**{**said, **lists, **rating, EDITION: item[EDITION]})


def head_values(product_id: str, known: Head) -> Item:
    """Write what a product says of itself, with its key."""
    said = {
        "title": dict(known.title),
        "url": known.url,
        "image": known.image,
        "category": known.category,
        "brand": known.brand,
        "tags": known.tags,
        "price": known.price,
        "price_from": known.price_from,
        "rank": known.rank,
        "similar": known.similar,
        "options": known.options,
        **({"translations": known.translations} if known.translations else {}),
        "discontinued": known.discontinued,
        **({"rating": asdict(known.rating)} if known.rating else {}),
    }
    category = category_of(known)
    placed = {} if category is None else {"category": category, "price_place": price_place(product_id, known)}
    return {**head_key(product_id), EDITION: known.edition, **placed, "said": to_json(said)}


def category_of(known: Head) -> str | None:
    """The category by which a product is found, ``None`` where it is found by none."""
    return _indexed(known.category)


def _indexed(category: str | None) -> str | None:
    return category if category and len(category.encode()) <= LONGEST_CATEGORY_BYTES else None


def price_place(product_id: str, known: Head) -> str:
    """A product's place among those of its category: by currency, then by price; those without a price come first."""
    match known.price or known.price_from:
        case {"amount": int(amount), "currency": str(currency)} if 0 <= amount < TOO_MUCH and len(currency) == CODE:
            return f"{currency}#{amount:0{PRICE_DIGITS}}#{product_id}"
    return f"#{product_id}"


def store_key(location_id: str) -> Key:
    """A location's description. All of them are one partition."""
    return {"pk": STORES, "sk": f"{STORE_PREFIX}{location_id}"}


def store(item: Item) -> Store:
    """Read a location's description."""
    said = json.loads(item["said"])
    return Store(
        location_id=item["sk"][len(STORE_PREFIX) :],
        edition=item[EDITION],
        kind=said["kind"],
        sells_online=said["sells_online"],
        about=said["about"],
    )


def store_values(known: Store) -> Item:
    """Write a location's description with its key."""
    said = {"kind": known.kind, "sells_online": known.sells_online, "about": dict(known.about)}
    return {**store_key(known.location_id), EDITION: known.edition, "said": to_json(said)}


def picture_key(product_id: str) -> Key:
    """What is known of a product's picture."""
    return {"pk": f"{PRODUCT_PREFIX}{product_id}", "sk": PICTURE}


def picture(item: Item) -> Picture:
    """Read what is known of a product's picture."""
    said = json.loads(item["said"])
    looks = item.get("looks")
    return Picture(
        product_id=product_of(item),
        edition=item[EDITION],
        looks=None if looks is None else int(looks, 16),
        version=item[VERSION],
        **said,
    )


def picture_values(known: Picture) -> Item:
    """Write what is known of a product's picture, with its key."""
    said = {
        "address": known.address,
        "state": known.state,
        "tries": known.tries,
        "reason": known.reason,
        "at": known.at,
    }
    seen = {} if known.looks is None else {"looks": looks_text(known.looks)}
    return {
        **picture_key(known.product_id),
        EDITION: known.edition,
        VERSION: known.version,
        **seen,
        "said": to_json(said),
    }


def looks_text(looks: int) -> str:
    """Write the bits of a picture."""
    return f"{looks:0{LOOKS_DIGITS}x}"


def band(place: int, value: int) -> str:
    """The list of products of which a band of the picture has a value."""
    return f"LOOKS#{place}#{value:02x}"


def band_keys(product_id: str, looks: int | None) -> list[Key]:
    """Where a product stands in the lists of its picture's bands. These items are nothing but their keys."""
    if looks is None:
        return []
    return [
        {"pk": band(place, value), "sk": f"{looks_text(looks)}#{product_id}"}
        for place, value in enumerate(bands(looks))
    ]


def looking(place: str) -> tuple[str, int]:
    """Read the sort key of an item in a band's list: the product, and its picture's bits."""
    looks, _, product_id = place.partition("#")
    return product_id, int(looks, 16)
