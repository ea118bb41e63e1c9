"""Writes down what Standby is to hear of, in the transaction in which it happens."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models.signals import post_delete, post_save, pre_save
from oscar.core.loading import get_model

from care import messages
from care.models import OutboxMessage


def listen() -> None:
    """Hear of every change of stock and catalogue, in the dashboard, by an import or by an order.

    django-oscar's stock records say it also where they count in the database (``allocate`` and its like). A bulk
    ``update()`` of your own says nothing: call `stock` after it.
    """
    pre_save.connect(_renamed, sender=get_model("partner", "StockRecord"), dispatch_uid="stock renamed")
    pre_save.connect(_renamed, sender=get_model("catalogue", "Product"), dispatch_uid="product renamed")
    for signal in (post_save, post_delete):
        signal.connect(_stock_changed, sender=get_model("partner", "StockRecord"), dispatch_uid=f"stock{id(signal)}")
        signal.connect(_product_changed, sender=get_model("catalogue", "Product"), dispatch_uid=f"product{id(signal)}")
        signal.connect(_image_changed, sender=get_model("catalogue", "ProductImage"), dispatch_uid=f"image{id(signal)}")


def stock(sku: str) -> None:
    """Have a SKU's stock told."""
    OutboxMessage.objects.create(queue=OutboxMessage.STOCK, subject=sku)


def product(product: Any) -> None:
    """Have a product told, with all of its variants."""
    try:
        whole = product.parent if product.is_child else product
    except ObjectDoesNotExist:
        return  # deleted with all of its variants, which is told of itself
    OutboxMessage.objects.create(queue=OutboxMessage.CATALOG, subject=str(whole.slug))


def placed(order: Any, reservations: Sequence[dict[str, Any]], codes: Sequence[str]) -> None:
    """Have an order told, with what was held for it and the codes that it took."""
    _order(order, messages.placed(order, reservations, codes))


def moved(kind: str, order: Any) -> None:
    """Have told that an order was shipped or cancelled."""
    _order(order, messages.moved(kind, order))


def _order(order: Any, body: messages.Message) -> None:
    OutboxMessage.objects.create(queue=OutboxMessage.ORDERS, subject=order.number, body=body)


def _renamed(instance: Any, sender: Any, *, raw: bool = False, **_more: object) -> None:
    """Have told, too, what it was called before: nothing is there under that name any more."""
    before = None if raw or instance.pk is None else sender.objects.filter(pk=instance.pk).first()
    if before is None:
        return
    if hasattr(before, "partner_sku"):
        if before.partner_sku != instance.partner_sku:
            stock(before.partner_sku)
    elif before.slug != instance.slug and not before.is_child:
        product(before)


def _stock_changed(instance: Any, *, raw: bool = False, **_more: object) -> None:
    if not raw:
        stock(instance.partner_sku)
        product(instance.product)  # its price


def _product_changed(instance: Any, *, raw: bool = False, **_more: object) -> None:
    if not raw:
        product(instance)


def _image_changed(instance: Any, *, raw: bool = False, **_more: object) -> None:
    if not raw:
        product(instance.product)
