"""The HTTP route to the stores that have a product."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.availability.asking import FRESH_SECONDS
from standby.availability.stores import Stores
from standby.platform.http import PUBLIC, Resolver, identifier, malformed, query_value
from standby.platform.point import EXAMPLE, Point, PointError, point

if TYPE_CHECKING:
    from standby.availability.answers import StoreList

MOST_STORES = 50
STORES = 10
"""How many are shown where nobody says how many."""
NUMBER = re.compile(r"[0-9]{1,4}")


def add(app: Resolver, stores: Callable[[], Stores]) -> None:
    """Add the route to the API's."""

    @app.operation(
        "GET /v1/products/<product_id>/stores",
        "Show stores that have a product, the nearest first: where they are, when they are open, and what they have",
        {
            200: "the stores with units; none for a product that no store has, and for an unknown one",
            400: "malformed, such as a point that is none",
        },
        parameters={
            "product_id": "the product, percent-encoded",
            "near": f"the point from which distances count: latitude and longitude in degrees, such as `{EXAMPLE}`; "
            "without it, stores stand in the order of their names",
            "sku": "only stores that have this variant",
            "limit": f"how many stores at most, up to {MOST_STORES}; without it, {STORES}",
        },
        fresh_seconds=FRESH_SECONDS,
        scope=PUBLIC,
    )
    def show_stores(product_id: str) -> "StoreList":
        near, sku, limit = (query_value(app, name) for name in ("near", "sku", "limit"))
        return stores().having(
            product_id,
            None if sku is None else identifier(app, "sku", sku),
            None if near is None else _point(near),
            STORES if limit is None else _most(limit),
        )


def _point(said: str) -> Point:
    """Read a point. Raises `Problem` 400."""
    try:
        return point(said)
    except PointError as error:
        raise malformed(f"near: {error}") from error


def _most(said: str) -> int:
    """Read how many stores are wanted. Raises `Problem` 400."""
    if not NUMBER.fullmatch(said) or not 1 <= int(said) <= MOST_STORES:
        raise malformed(f"limit: must be a whole number from 1 to {MOST_STORES}")
    return int(said)
