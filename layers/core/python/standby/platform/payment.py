"""What an order's payment status says, as shops' systems write it (Shopify, WooCommerce, Magento)."""

FAILED = frozenset({"failed", "declined", "voided", "expired", "cancelled", "canceled"})
"""Of orders that nobody will pay any more."""
PAID = frozenset({"paid", "partially_refunded"})
"""Of orders whose money came and was not all sent back."""


def payment_failed(status: object) -> bool:
    """Tell whether a payment came to nothing, by the ``payment_status`` of ``order.placed``; ``None``: nobody said."""
    return status is not None and str(status).strip().casefold() in FAILED


def is_unpaid(status: object) -> bool:
    """Tell whether a payment has not come, or went back whole, by what ``payment_failed`` reads."""
    said = "" if status is None else str(status).strip().casefold()
    return bool(said) and said not in PAID
