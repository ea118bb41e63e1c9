"""The checkout sets units aside at Standby before anybody pays, and the order goes to Standby with them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from care import holding, telling, vouchers
from care.api import DownError, RefusedError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from oscar.apps.checkout import exceptions, views
from oscar.apps.payment.exceptions import UnableToTakePayment
from oscar.core.loading import get_model

from forks.checkout import payment

Order = get_model("order", "Order")
GONE = {
    "sold-out": "Somebody else was faster: not everything in your basket can be had any more.",
    "limit-reached": "This is more than one customer may order.",
}
NOT_NOW = "Your order cannot be taken right now. Please try again in a minute."


class PaymentDetailsView(views.PaymentDetailsView):  # type: ignore[misc]
    """From here on a basket's units are its customer's, for the minutes of a checkout."""

    pre_conditions: Sequence[str] = [*views.PaymentDetailsView.pre_conditions, "check_units_are_held"]
    reservations: Sequence[holding.Reservation] = ()
    codes: Sequence[str] = ()

    @property
    def customer(self) -> dict[str, str]:
        """Who buys."""
        user = self.request.user
        email = user.email if user.is_authenticated else self.checkout_session.get_guest_email()
        return {"email": email, "locale": "en"}

    def check_units_are_held(self, request: HttpRequest) -> None:
        """Set the basket's units aside, or see that they still are."""
        try:
            self.reservations = holding.hold(request.session, request.basket, self.customer)
        except RefusedError as refused:
            raise self._not(GONE.get(refused.problem, str(refused))) from refused
        except DownError as error:
            raise self._not(NOT_NOW) from error

    def get_context_data(self, **more: object) -> dict[str, Any]:
        """Say until when the units are held."""
        ends = [each["expires_at"] for each in self.reservations if each["expires_at"]]
        return super().get_context_data(held_until=min(ends, default=""), **more)

    def handle_payment(self, order_number: object, total: Any, **_more: object) -> None:
        """Take the codes, then the money, then the units: whatever is refused gives back what came before it."""
        email = self.customer["email"]
        try:
            self.codes = vouchers.redeem(order_number, self.request.basket, self.customer)
        except RefusedError as refused:
            raise UnableToTakePayment(f"Your voucher is not taken: {refused}") from refused
        except DownError as error:
            raise UnableToTakePayment(NOT_NOW) from error
        try:
            self.add_payment_source(payment.take(email, total.incl_tax))
        except UnableToTakePayment:
            vouchers.release(order_number, self.codes)
            raise
        try:
            holding.confirm(self.reservations)
        except (RefusedError, DownError) as error:
            self._undo(order_number, total.incl_tax)
            raise UnableToTakePayment(GONE["sold-out"] if isinstance(error, RefusedError) else NOT_NOW) from error

    def place_order(self, *, order_number: object, order_total: Any, **more: object) -> Any:  # an order
        """Write the order, and in the same transaction that Standby is to hear of it.

        One that cannot be written gives everything back.
        """
        try:
            with transaction.atomic():
                order = super().place_order(order_number=order_number, order_total=order_total, **more)
                telling.placed(order, self.reservations, self.codes)
        except Exception:
            self._undo(order_number, order_total.incl_tax)
            raise
        holding.forget(self.request.session)
        return order

    def _undo(self, order_number: object, amount: Decimal) -> None:
        payment.give_back(self.customer["email"], amount)
        if Order.objects.filter(number=order_number).exists():
            return  # the button was pressed twice: the first press has the units and the codes
        vouchers.release(order_number, self.codes)
        holding.give_back(self.request.session)

    def _not(self, why: str) -> Exception:
        refused: Exception = exceptions.FailedPreCondition(url=reverse("basket:summary"), message=why)
        return refused
