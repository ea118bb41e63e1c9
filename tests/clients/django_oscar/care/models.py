"""The outbox, and what is known of Standby's vouchers."""

from decimal import ROUND_DOWN, Decimal

from django.db import models
from oscar.core.loading import get_class

CENT = Decimal("0.01")


class OutboxMessage(models.Model):
    """Something that Standby is to hear of; written in the transaction in which it happens, deleted once it was told.

    Of stock and catalogue only the ``subject`` is written down, a SKU or a product's id: what is told is what is so
    then. Of an order the ``body`` is the message.
    """

    STOCK, ORDERS, CATALOG = "stock", "orders", "catalog"

    queue = models.CharField(max_length=10, db_index=True)
    subject = models.CharField(max_length=128)
    body = models.JSONField(default=dict)
    as_of = models.DateTimeField(null=True)
    """When the relay saw it first, so that telling it again says nothing new."""

    def __str__(self) -> str:
        return f"{self.queue}: {self.subject}"


class Remedy(models.Model):
    """What a code of Standby's takes off, behind the offer that django-oscar applies for it."""

    offer = models.OneToOneField("offer.ConditionalOffer", on_delete=models.CASCADE, related_name="remedy")
    most = models.DecimalField(max_digits=12, decimal_places=2)
    percent = models.PositiveSmallIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.percent} %, at most {self.most}" if self.percent else str(self.most)

    def takes_off(self, total: Decimal) -> Decimal:
        """Return what it takes off a total, to the cent as Standby reckons it."""
        share = (total * self.percent / 100).quantize(CENT, ROUND_DOWN) if self.percent else total
        return min(self.most, share, total)


class RemedyBenefit(get_class("offer.benefits", "AbsoluteDiscountBenefit")):  # type: ignore[misc]
    """Takes off what its offer's remedy says."""

    class Meta:  # noqa: D106 - Django's
        app_label = "care"
        proxy = True

    name = description = "What Standby gave for a late delivery"

    def apply(self, basket, condition, offer, **limits):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN003, ANN201
        """Discount the basket's lines, as any fixed discount does."""
        amount = offer.remedy.takes_off(basket.total_incl_tax_excl_discounts)
        return super().apply(basket, condition, offer, discount_amount=amount, **limits)
