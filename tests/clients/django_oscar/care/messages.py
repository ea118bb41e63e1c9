"""The shop's words for Standby: its stock, its catalogue and its orders as the messages of Standby's queues."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone

WAREHOUSE = "warehouse"
PROMISED_DAYS = 3
"""By when an order of what lies there is with its customer."""

Message = dict[str, Any]


def instant(at: datetime) -> str:
    """Return an instant as Standby reads it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def money(amount: Decimal) -> Message:
    """Return an amount of the shop's currency in minor units."""
    return {"amount": int(amount * 100), "currency": settings.OSCAR_DEFAULT_CURRENCY}


def level(sku: str, record: Any, at: datetime, sequence: int) -> Message:
    """Say what lies there of a SKU: all units, and those of them that open orders have.

    Without a ``record`` (``None``) it is none of the shop's any more, so nothing of it can be sold.
    ``at`` is also up to when those orders are in it. So Standby drops what it held for their customers.
    """
    return {
        "type": "stock.level",
        "sku": sku,
        "location_id": WAREHOUSE,
        "on_hand": (record and record.num_in_stock) or 0,
        "committed": (record and record.num_allocated) or 0,
        "as_of": instant(at),
        "netted_until": instant(at),
        "sequence": sequence,
    }


def product(product_id: str, product: Any, at: datetime) -> Message:
    """Say what a product is, with its variants; or that it is sold no more: it is hidden, or deleted (``None``)."""
    if product is None or not product.is_public:
        return {"type": "product.discontinued", "product_id": product_id, "as_of": instant(at)}
    image = product.primary_image()
    category = product.get_categories().first()
    variants = [
        {
            "sku": record.partner_sku,
            "price": money(record.price),
            "options": {"Edition": each.title} if product.is_parent else {},
        }
        for each in (product.children.public() if product.is_parent else [product])
        if (record := each.stockrecords.first()) and record.price is not None
    ]
    return {
        "type": "product.upserted",
        "product_id": product_id,
        "title": {"en": product.get_title()},
        "url": _public(product.get_absolute_url()),
        "image": _public(image.original.url) if getattr(image, "pk", None) else None,
        "category": category.name if category else None,
        "options": ["Edition"] if product.is_parent else [],
        "variants": variants,
        "as_of": instant(at),
    }


def _public(path: str) -> str | None:
    """Return an address that customers are led to. Standby takes https alone; a shop on loopback has none."""
    return settings.SHOP_URL + path if settings.SHOP_URL.startswith("https://") else None


def placed(order: Any, reservations: Sequence[Message], codes: Sequence[str]) -> Message:
    """Say that an order was placed and paid, with what was held for it and the codes that it took."""
    lines = [
        {
            "line_id": str(line.pk),
            "sku": line.partner_sku,
            "quantity": line.quantity,
            "unit_price": money(line.unit_price_incl_tax),
        }
        for line in order.lines.all()
    ]
    days = [date.fromisoformat(each["promised_until"]) for each in reservations if each["promised_until"]]
    until = max([(timezone.now() + timedelta(days=PROMISED_DAYS)).date(), *days])
    address = order.shipping_address
    return {
        "type": "order.placed",
        "order_id": str(order.number),
        "order_number": str(order.number),
        "channel": "bookshop",
        "customer": {"email": order.email, "locale": "en", "name": address.name if address else ""},
        "ship_to": {"country": address.country_id, "postal_code": address.postcode} if address else None,
        "lines": lines,
        "shipments": [
            {
                "shipment_id": "1",
                "promised_until": until.isoformat(),
                "line_ids": [line["line_id"] for line in lines],
            }
        ],
        "delivery_fee": money(order.shipping_incl_tax),
        "payment_status": "paid",
        "reservation_ids": [each["id"] for each in reservations],
        "discount_codes": list(codes),
    }


def moved(kind: str, order: Any) -> Message:
    """Say that an order was shipped (``order.shipped``) or cancelled (``order.cancelled``), whole, now."""
    return {"type": kind, "order_id": str(order.number), "occurred_at": instant(timezone.now())}
