"""What an order's payment status says, as shops' systems write it (Shopify, WooCommerce, Magento)."""

FAILED = frozenset({"failed", "declined", "voided", "expired", "cancelled", "canceled"})
"""Of orders that nobody will pay any more."""


def payment_failed(status: object) -> bool:
    """Tell whether a payment came to nothing, by the ``payment_status`` of ``order.placed``; ``None``: nobody said."""
    return status is not None and str(status).strip().casefold() in FAILED
