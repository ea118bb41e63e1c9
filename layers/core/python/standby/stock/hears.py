"""What stock hears from the bus; the stack's rule and the recorder both read it."""

from standby.events.catalog import ProductChanged

PRODUCTS: tuple[type[ProductChanged], ...] = (ProductChanged,)
"""StockProducts: which SKUs a product has. That one is discontinued changes nothing of that."""
