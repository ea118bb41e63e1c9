"""Customers who cancel (design §5.2): the first press is acknowledged at once, a code from the mailbox carries it out.

The press notes date and time and stops every clock for a day. A mail scanner that presses the button does no more than
that. The code is made of the keys of links, the reservation and a number that counts its codes, as RFC 4226 makes
one-time passwords of a counter: no table has it, and a press that failed half-way mails the same one again.

An order that the ERP knows already is the ERP's to cancel: it is asked to (``CancellationRequested``), and its
``order.cancelled`` or ``order.shipped`` decides.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from standby.mail_job import MailJob, Recipient
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, from_text
from standby.platform.code_model import MOST_TRIES, Code, CodeOverError, TooManyCodesError, WrongCodeError, next_code
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.preorder.ending import EndingDesk
from standby.preorder.links import PURPOSE, Links
from standby.preorder.model import LIVE, RefusedError, Reservation
from standby.preorder.repository import ChangedMeanwhileError
from standby.preorder.telling import FORM

if TYPE_CHECKING:
    from standby.platform.table import Write
    from standby.platform.tokens import Tokens

KIND = "cancel_code"


class Preorders(Protocol):
    """Where reservations and their codes are kept."""

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...

    def update(self, reservation: Reservation) -> None:
        """Write what changed of a reservation that stays alive. Raises `ChangedMeanwhileError`."""
        ...

    def code(self, reservation_id: str) -> Code | None:
        """Return the newest code of a reservation."""
        ...

    def make_code(self, reservation_id: str, code: Code) -> None:
        """Write a new code over the one before it. Raises `ChangedMeanwhileError`."""
        ...

    def try_code(self, reservation_id: str, number: int) -> int:
        """Count one more try of a code and return how many there were. Raises `ChangedMeanwhileError`: no more."""
        ...


class CodeWrites(Protocol):
    """The writes about codes that share a transaction with others."""

    def used(self, reservation_id: str, number: int) -> "list[Write]":
        """Return the write by which a code is used, on the condition that it was not."""
        ...


@frozen(kw_only=True)
class Cancelling:
    """Takes a customer's press, and the code that carries it out."""

    preorders: Preorders
    writes: CodeWrites
    ending: EndingDesk
    mails: Queue
    links: Links
    tokens: "Callable[[], Tokens]"
    clock: Clock
    backoff: Backoff

    def press(self, reservation_id: str) -> Reservation | None:
        """Note that the customer wants to cancel, and mail a code; ``None``: there is no such reservation.

        What is over or was passed on already stays as it is. Within a minute the same code is mailed once. Raises
        `RefusedError` for goods that left the house, `TooManyCodesError`.
        """
        known = self._noted(reservation_id)
        if known is None or not _open(known, self.clock.now()) or known.customer is None:
            return known
        code = self._code(reservation_id)
        self.mails.send([Outgoing.of(self._mail(known, code).content())])
        return known

    def carry_out(self, reservation_id: str, said: str) -> Reservation | None:
        """Cancel by a code, or ask the ERP to, where it knows the order; ``None``: there is no such reservation.

        Each try counts before it is compared, so that no more are compared than may be, however many come at once.
        Raises `WrongCodeError`, `CodeOverError`, `RefusedError`.
        """
        known = self.preorders.reservation(reservation_id)
        if known is None or not _open(known, self.clock.now()):
            return known
        code = self.preorders.code(reservation_id)
        if code is None or not code.may_be_tried(self.clock.now()):
            raise CodeOverError
        try:
            tries = self.preorders.try_code(reservation_id, code.number)
        except ChangedMeanwhileError as error:
            raise CodeOverError from error
        if not self.tokens().has_code(PURPOSE, _about(reservation_id, code), said):
            raise WrongCodeError(MOST_TRIES - tries)
        used = self.writes.used(reservation_id, code.number)
        return self.ending.cancel(reservation_id, by="customer", beside=used)

    def _noted(self, reservation_id: str) -> Reservation | None:
        """Note the first press and stop the clocks; a later one changes nothing."""
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            now = self.clock.now()
            if known is None or not _open(known, now) or known.cancel_asked_at is not None:
                return known
            made = known.stopped(now)
            try:
                self.preorders.update(made)
            except ChangedMeanwhileError:
                continue
            return made
        raise AssertionError

    def _code(self, reservation_id: str) -> Code:
        """Return the code that is mailed now. Raises `TooManyCodesError`."""
        for _ in self.backoff.tries(reservation_id):
            known, now = self.preorders.code(reservation_id), self.clock.now()
            made = next_code(known, now)
            if made is None:
                raise TooManyCodesError
            if made is known:
                return known
            try:
                self.preorders.make_code(reservation_id, made)
            except ChangedMeanwhileError:
                continue
            return made
        raise AssertionError

    def _mail(self, known: Reservation, code: Code) -> MailJob:
        about, customer = known.reservation_id, known.customer
        if customer is None:
            raise AssertionError
        made_at = from_text(code.made_at)
        digits = self.tokens().code(PURPOSE, _about(about, code))
        slots = {"code": digits, "page": self.links.own(known, made_at)}
        return MailJob(
            job_id=f"{KIND}#{_about(about, code)}",
            kind=KIND,
            locale=customer.locale,
            data={
                "skus": [line.sku for line in known.lines],
                "asked_at": known.cancel_asked_at,
                "page_url": self.links.url,
            },
            recipients=[
                Recipient(reference=f"{FORM}~{about}", email=customer.email, slots=slots, consented_at=code.made_at),
            ],
            valid_until=code.valid_until,
        )


def _open(known: Reservation, now: datetime) -> bool:
    """Tell whether there is anything left to cancel. Raises `RefusedError` for goods that left the house."""
    if known.status == "fulfilled":
        raise RefusedError("fulfilled", "the goods have left the house")
    return known.state(now) in LIVE and known.cancel_sent_at is None


def _about(reservation_id: str, code: Code) -> str:
    """Return what no other code is about: the numbers begin again some days after the last code."""
    return f"{reservation_id}#{code.number}@{code.made_at}"
