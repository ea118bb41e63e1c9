"""Codes that Standby gave its customers, as vouchers of this shop's own.

django-oscar shows and applies them like any other. Whether one may be used is for Standby to say: when it is typed, and
again, for good, when its order is paid.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from oscar.core.loading import get_model

from care.api import DownError, RefusedError, ask
from care.messages import money
from care.models import Remedy, RemedyBenefit

Voucher = get_model("voucher", "Voucher")
Benefit, Condition, Offer, Range = (
    get_model("offer", name) for name in ("Benefit", "Condition", "ConditionalOffer", "Range")
)
TAKEN_HERE = {"percent_off", "voucher"}
"""Kinds that take something off here, where shipping is free."""
CENT, CENTS = Decimal("0.01"), Decimal(100)


def spelt(code: str) -> str:
    """Return a code as it is kept: customers type it with or without hyphens."""
    return code.replace("-", "").replace(" ", "").upper()


def mirrored(code: str, *, shopper: str) -> Any:
    """Return a code of Standby's as a voucher of this shop; ``None`` where no order may take it now.

    Raises `DownError`.
    """
    try:
        said = ask("GET", f"/v1/vouchers/{quote(code, safe='')}", shopper=shopper)
    except RefusedError:
        return None
    usable = said["status"] == "granted" and said["kind"] in TAKEN_HERE
    return _kept(code, said) if usable and said["amount"]["currency"] == settings.OSCAR_DEFAULT_CURRENCY else None


def redeem(order_number: object, basket: Any, customer: dict[str, str]) -> list[str]:
    """Take an order's codes for good and return them.

    Raises `RefusedError` where one is not taken, and then takes none; and `DownError`.
    """
    taken: list[str] = []
    codes = [voucher.code for voucher in basket.vouchers.filter(offers__remedy__isnull=False)]
    discounts = {each["voucher"].code: each["discount"] for each in basket.voucher_discounts}
    try:
        for code in codes:
            order = {
                "order_id": str(order_number),
                "order_total": money(basket.total_incl_tax_excl_discounts),
                "customer": {"email": customer["email"]},
                "other_codes": [other for other in codes if other != code],
            }
            said = ask("POST", f"/v1/vouchers/{code}/redeem", order, once=uuid4().hex)
            taken.append(code)
            _agrees(said["value"], discounts[code])
    except (RefusedError, DownError):
        release(order_number, taken)
        raise
    return taken


def release(order_number: object, codes: Sequence[str]) -> None:
    """Give codes back that an order took which is not placed; what Standby does not hear of it does after a day."""
    for code in codes:
        with suppress(RefusedError, DownError):
            ask("POST", f"/v1/vouchers/{code}/release", {"order_id": str(order_number)})


def _agrees(value: dict[str, Any], discount: Decimal) -> None:
    """Raise `RefusedError` where Standby takes off another amount than the basket showed."""
    if value != money(discount):
        raise RefusedError({"detail": "it takes off another amount than your basket shows"})


@transaction.atomic
def _kept(code: str, said: dict[str, Any]) -> Any:
    name = f"For your wait, {code}"
    everything, _ = Range.objects.get_or_create(name="Everything", defaults={"includes_all_products": True})
    offer = Offer.objects.filter(name=name).first()
    if offer is None:
        least = Decimal(said["minimum"]["amount"]) / CENTS if said["minimum"] else CENT
        condition = Condition.objects.create(range=everything, type=Condition.VALUE, value=least)
        proxy = f"{RemedyBenefit.__module__}.{RemedyBenefit.__name__}"
        benefit = Benefit.objects.create(range=everything, proxy_class=proxy)
        offer = Offer.objects.create(
            name=name, offer_type=Offer.VOUCHER, condition=condition, benefit=benefit, exclusive=not said["combinable"]
        )
        most = Decimal(said["amount"]["amount"]) / CENTS
        Remedy.objects.create(offer=offer, most=most, percent=said["percent"])
    # Standby counts who used it: an order that is cancelled frees its code.
    times = {"start_datetime": timezone.now(), "end_datetime": datetime.fromisoformat(said["expires_at"])}
    defaults = {"name": name, "usage": Voucher.MULTI_USE, **times}
    voucher, _ = Voucher.objects.get_or_create(code=code, defaults=defaults)
    voucher.offers.add(offer)
    return voucher
