"""The cart: SKUs with quantities, kept in a cookie of the shop's, so that no server needs to remember visitors."""

import re
from collections.abc import Mapping

from infra.local.shop.goods import by_name

MOST_LINES = 30
MOST_UNITS = 20
LINE = re.compile(r"([^*.]+)\*([0-9]{1,2})")

Cart = Mapping[str, int]
"""Units by SKU, in the order of adding."""


def read(cookie: str) -> dict[str, int]:
    """Return the cart that a cookie holds; what the shop does not sell is left out."""
    lines = [(sku, int(units)) for sku, units in LINE.findall(cookie)][:MOST_LINES]
    return {sku: min(units, MOST_UNITS) for sku, units in lines if units and _sold(sku)}


def written(cart: Cart) -> str:
    """Return the cookie's value."""
    return ".".join(f"{sku}*{units}" for sku, units in cart.items())


def changed(cart: Cart, sku: str, units: int) -> dict[str, int]:
    """Return a cart with so many units of a SKU; 0 takes it out."""
    if not _sold(sku):
        return dict(cart)
    now = {**cart, sku: max(0, min(units, MOST_UNITS))}
    return dict([(each, count) for each, count in now.items() if count][:MOST_LINES])


def total(cart: Cart) -> int:
    """Return what a cart costs, in agorot."""
    return sum(variant.price * units for sku, units in cart.items() if (variant := by_name()[sku][1]))


def _sold(sku: str) -> bool:
    found = by_name().get(sku)
    return found is not None and found[1] is not None
