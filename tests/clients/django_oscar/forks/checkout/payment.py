"""Where a shop has its customers pay. This one takes everybody at their word, but for who asks to be declined."""

from decimal import Decimal
from typing import Any

from oscar.apps.payment.exceptions import UnableToTakePayment
from oscar.core.loading import get_model

DECLINED = "declined@"


def take(email: str, amount: Decimal) -> Any:  # a source of payment
    """Take an amount, and return what django-oscar writes down of it. Raises `UnableToTakePayment`."""
    if email.startswith(DECLINED):
        raise UnableToTakePayment("The payment was declined. Nothing was taken.")
    invoice, _ = get_model("payment", "SourceType").objects.get_or_create(name="Invoice")
    source = get_model("payment", "Source")
    return source(source_type=invoice, amount_allocated=amount, amount_debited=amount)


def give_back(_email: str, _amount: Decimal) -> None:
    """Give an amount back that was taken for an order which could not be placed."""
