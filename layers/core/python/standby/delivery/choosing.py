"""Customers who choose (design §5.2): they wait for a new day, cancel what is late, or withdraw.

What a customer says is written into the order first, on the condition that nobody wrote meanwhile, and told then
(`standby.delivery.service`): who dies between leaves it to the sweep. Each may be pressed again and again.

Cancelling destroys, so the first press is acknowledged with date and time, and a code from the mailbox carries it out,
as with pre-orders. It cancels what its mail named, and works while the order has the address to which it went. What
becomes late after the press needs a press, and a code, of its own. Between the two steps of withdrawing stands no code:
whether one may is not settled (`withdrawal_code` of the rules of the European Union). The second step is about what the
first one showed.

An order is the ERP's to cancel: it is asked to (``CancellationRequested``), and its ``order.cancelled`` or
``order.shipped`` decides.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Protocol

from standby.delivery.choice_model import ASK, CANCEL, MOST_WAITS, WAIT, WITHDRAW, Choice, RefusedError
from standby.delivery.links import PURPOSE, Links
from standby.delivery.mailing import OrderMails, customer_of, skus_of
from standby.delivery.model import Order
from standby.delivery.standing import Standing, standing
from standby.mail_job import MailJob
from standby.platform.address import address_key
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.code_model import (
    CODE_EVERY,
    MOST_TRIES,
    Code,
    CodeOverError,
    TooManyCodesError,
    WrongCodeError,
    next_code,
)
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens

KIND = "order_code"


class Changes(Protocol):
    """Where orders are read, changed and told of."""

    def change(self, order_id: str, change: Callable[[Order], Order]) -> Order:
        """Change an order, and return it as it is then. Raises `BusyError`."""
        ...

    def tell(self, order: Order) -> bool:
        """Tell what nobody heard of."""
        ...


@frozen(kw_only=True)
class Choosing:
    """Takes what customers say of their orders. All methods raise `BusyError` where others keep writing an order."""

    orders: Changes
    mails: Queue
    links: Links
    tokens: "Callable[[], Tokens]"
    clock: Clock
    zone: tzinfo
    """The shop's."""
    default_locale: str

    def wait(self, order_id: str, *, shipment_id: str | None, until: str | None, wording: str) -> Order:
        """Note that the customer waits until the day that was shown, and return the order.

        The same again changes nothing. Raises `RefusedError`.
        """
        now = self.clock.now()

        def change(order: Order) -> Order:
            parcel = standing(order, self.zone, now).parcel(shipment_id)
            if parcel is None:
                raise RefusedError("unknown-shipment", "say which shipment of this order it is about")
            if parcel.agreed is not None and parcel.waits and parcel.expected == until:
                return order
            if not parcel.asks or parcel.given_up:
                raise RefusedError("nothing-to-wait-for", "it is not late, or it has arrived or was cancelled")
            if not parcel.rights.may_wait:
                raise RefusedError("too-late", "it has left, or the time to agree to a new day is over")
            if until != parcel.expected:
                raise RefusedError("day-changed", f"it is expected {parcel.expected or 'on no day that is known'} now")
            if sum(choice.kind == WAIT for choice in order.choices) >= MOST_WAITS:
                raise RefusedError("too-many", "too many days were agreed to")
            name = parcel.promise.shipment_id
            return order.chose(Choice(to_text(now), WAIT, name, until, wording), code=order.code)

        return self._told(order_id, change)

    def answer(self, order_id: str, *, shipment_id: str | None, arrived: bool) -> Order:
        """Note whether a shipment that nobody tracks is there, and return the order. Raises `RefusedError`."""
        from standby.delivery.arriving import answered  # noqa: PLC0415 - few are asked

        now, zone = self.clock.now(), self.zone
        return self._told(order_id, lambda order: answered(order, shipment_id, arrived=arrived, now=now, zone=zone))

    def press(self, order_id: str) -> Order:
        """Note that the customer wants to cancel what is late, mail a code, and return the order.

        What was passed on already stays as it is. Within a minute the same code is mailed once, unless it was used, or
        more became late since. Raises `RefusedError`, `TooManyCodesError`.
        """
        now = self.clock.now()

        def change(order: Order) -> Order:
            found = standing(order, self.zone, now)
            if not _may_cancel(found):
                return order
            if "email" not in customer_of(order):
                raise RefusedError("no-address", "the shop knows no e-mail address to which a code could go")
            code = next_code(_last_code(found, now), now)
            if code is None:
                raise TooManyCodesError
            asked = [] if code == order.code else [Choice(to_text(now), ASK, line_ids=found.cancels)]
            return order.chose(*asked, code=code)

        order = self._told(order_id, change)
        found = standing(order, self.zone, now)
        if found.asked_for and found.asked is not None and order.code is not None:
            job = self._mail(found, found.asked, order.code)
            self.mails.send([Outgoing.of(job.content())] if job is not None else [])
        return order

    def carry_out(self, order_id: str, said: str) -> Order:
        """Ask the ERP, by a code, to cancel what its mail named and is late still, and return the order.

        Each try counts before it is compared, so that no more are compared than may be, however many come at once.
        Raises `WrongCodeError`, `CodeOverError`, `RefusedError`.
        """
        now = self.clock.now()

        def count(order: Order) -> Order:
            if not _may_cancel(standing(order, self.zone, now)):
                return order
            if order.code is None or not order.code.may_be_tried(now):
                raise CodeOverError
            return order.chose(code=replace(order.code, tries=order.code.tries + 1))

        order = self.orders.change(order_id, count)
        tried = order.code
        if tried is None or not standing(order, self.zone, now).cancels:
            return self._told(order_id, lambda known: known)
        about = _about(order, tried)
        if not self.tokens().has_code(PURPOSE, about, said):
            raise WrongCodeError(MOST_TRIES - tried.tries)

        def cancel(order: Order) -> Order:
            found = standing(order, self.zone, now)
            if order.code is None or _about(order, order.code) != about:
                raise CodeOverError
            if order.code.used:
                return order  # it was carried out: by this request, whose answer was lost, or by one beside it
            if not found.asked_for:
                raise CodeOverError
            choice = Choice(to_text(now), CANCEL, line_ids=found.asked_for)
            return order.chose(choice, code=replace(order.code, used=True))

        return self._told(order_id, cancel)

    def withdraw(self, order_id: str, shown: Collection[str] | None = None) -> Order:
        """Note that the customer withdrew and confirmed it, ask the ERP to take it back, and return the order.

        ``shown`` are the lines that the customer saw before; ``None``: all. Repeating changes nothing. The
        acknowledgement follows by mail. Raises `RefusedError`.
        """
        now = self.clock.now()

        def change(order: Order) -> Order:
            found = standing(order, self.zone, now)
            lines = tuple(each for each in found.withdraws if shown is None or each in shown)
            if lines:
                return order.chose(Choice(to_text(now), WITHDRAW, line_ids=lines), code=order.code)
            if found.withdraws and shown and not {*shown} & {*order.lines}:
                raise RefusedError("order-changed", "nothing that was shown is in the order any more: look at it again")
            if found.withdrawn is None:
                raise RefusedError("withdrawal-closed", "the time to withdraw is over, or there is nothing to return")
            return order

        return self._told(order_id, change)

    def _told(self, order_id: str, change: Callable[[Order], Order]) -> Order:
        """Change an order, tell what is owed of it, and return it."""
        order = self.orders.change(order_id, change)
        self.orders.tell(order)
        return order

    def _mail(self, found: Standing, asked: Choice, code: Code) -> MailJob | None:
        last = max((parcel.promise.last_day or parcel.promise.promised_until for parcel in found.parcels), default=None)
        about = _about(found.order, code)
        return OrderMails(self.links, self.default_locale).write(
            found.order,
            KIND,
            {"skus": skus_of(found.order, found.asked_for), "asked_at": asked.at},
            name=about,
            at=code.made_at,
            valid_until=code.valid_until,
            last_day=None if last is None else last.isoformat(),
            slots={"code": self.tokens().code(PURPOSE, about)},
        )


def _may_cancel(found: Standing) -> bool:
    """Tell whether there is anything to cancel; not where that was passed on. Raises `RefusedError` where none is."""
    if not found.cancels and all(choice.kind not in (CANCEL, WITHDRAW) for choice in found.order.choices):
        raise RefusedError("nothing-late", "nothing of this order is late, or it has arrived or was cancelled")
    return bool(found.cancels)


def _last_code(found: Standing, now: datetime) -> Code | None:
    """Return the code before the next, as old as it must be where it serves no more and another is due at once."""
    code = found.order.code
    named = found.asked is not None and {*found.cancels} <= {*found.asked.line_ids}
    if code is None or (named and not code.used):
        return code
    return replace(code, made_at=to_text(min(from_text(code.made_at), now - CODE_EVERY)))


def _about(order: Order, code: Code) -> str:
    """Return what no other code is about; the same code for another address is another."""
    email = customer_of(order).get("email")
    to = "" if email is None else address_key(email)
    return f"{order.order_id}#{code.number}@{code.made_at}#{to}"
