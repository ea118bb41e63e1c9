"""Where a shop has its customers pay. This one takes everybody at their word, but for who asks to be declined."""

from decimal import Decimal

from oscar.apps.payment.exceptions import UnableToTakePayment

DECLINED = "declined@"


def take(email: str, _amount: Decimal) -> None:
    """Take an amount. Raises `UnableToTakePayment`."""
    if email.startswith(DECLINED):
        raise UnableToTakePayment("The payment was declined. Nothing was taken.")


def give_back(_email: str, _amount: Decimal) -> None:
    """Give an amount back that was taken for an order which could not be placed."""
