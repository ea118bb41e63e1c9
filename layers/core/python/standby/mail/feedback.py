"""What stops mail: bounces and complaints from SES, leaving, erasure, selling out (design §7).

Every message is an EventBridge envelope; the SES part follows the SES developer guide, "Contents of event data". All of
it may come twice and in any order.

- ``Email Bounced``: a *Permanent* bounce suppresses the address at once. A *Transient* one about the mailbox may
  pass; the fifth within 30 days suppresses it. Other *Transient* ones are about the mail (too large, its content), and
  of an *Undetermined* one SES does not know what it is about: they count against nobody.
- ``Email Complaint Received``: suppresses the address, unless the complaint says ``not-spam``.
- ``Email Rejected`` (a virus) and ``Email Rendering Failed``: the mail was at fault, never the address. The customer is
  taken back out of those who were told (`MailRefused`, ``undelivered``).
- ``Sending Status Disabled``: SES sends nothing for us any more. It raises the metric of the sender's refused calls.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Protocol, assert_never

from standby.events.customer import CustomerErased
from standby.events.hearing import hear
from standby.events.mail import MailRefused
from standby.events.stock import SoldOut
from standby.events.waitlist import CustomerLeft
from standby.mail.hears import BOUNCED, COMPLAINED, DISABLED, FEEDBACK, NOT_RENDERED, REJECTED, Stop
from standby.mail.model import AddressMarks
from standby.mail.tag import reference
from standby.platform.address import address_key
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import Message, PoisonError

NOT_SPAM = "not-spam"
PERMANENT = "Permanent"
TRANSIENT = "Transient"
OF_THE_MAILBOX = frozenset({"General", "MailboxFull"})
"""Subtypes of a transient bounce that speak of the recipient (SES developer guide, "Bounce types")."""
log = logger("mail")


class Marks(Protocol):
    """Where marks are kept."""

    def mark(self, address: str, change: Callable[[AddressMarks], AddressMarks], *, now: datetime) -> AddressMarks:
        """Apply a change to the marks of an address key and return them."""
        ...

    def call_off(self, sku: str, revision: int, *, now: datetime) -> None:
        """Remember the newest revision at which a SKU sold out."""
        ...


@frozen()
class Feedback:
    """Turns events of the bus and of SES into marks."""

    marks: Marks
    bus: Bus
    clock: Clock
    count: Callable[[str, int], None]

    def handle(self, message: Message) -> None:
        """Handle one envelope, ignoring kinds that mail does not know. Raises `PoisonError` when it is malformed."""
        envelope = message.json()
        try:
            stop = hear(envelope, FEEDBACK)
            if stop is None:
                self._said_by_ses(envelope["detail-type"], envelope["detail"], message.message_id)
            else:
                self._stop(stop)
        except (KeyError, TypeError, AttributeError) as error:
            raise PoisonError(f"missing or malformed: {error}") from error
        except ValueError as error:
            raise PoisonError(f"not an instant: {error}") from error

    def _stop(self, stop: Stop) -> None:
        match stop:
            case CustomerLeft(at=at, references=references):
                left_at = from_text(at)
                self._mark(stop.address, lambda marks: marks.left(left_at, tuple(references)))
            case CustomerErased(at=at):
                erased_at = from_text(at)
                self._mark(stop.address, lambda marks: marks.erased(erased_at))
            case SoldOut(sku=sku, revision=revision):
                self.marks.call_off(sku, revision, now=self.clock.now())
            case unhandled:
                assert_never(unhandled)

    def _said_by_ses(self, kind: str, detail: Mapping[str, Any], message_id: str) -> None:
        if kind == BOUNCED:
            self._bounced(detail["bounce"])
        elif kind == COMPLAINED:
            self._complained(detail["complaint"])
        elif kind in {REJECTED, NOT_RENDERED}:
            self._not_sent(detail["mail"], detail.get("reject") or detail.get("failure"))
        elif kind == DISABLED:
            self.count("SesRefusesUs", 1)
            log.error("SES disabled sending", extra={"reason": detail.get("data")})
        else:
            log.warning("unknown kind ignored", extra={"kind": kind, "message_id": message_id})

    def _not_sent(self, mail: Mapping[str, Any], why: object) -> None:
        """Take back that a mail was accepted. The event's id is made of SES's, so it is the same when told twice."""
        self.count("MailNotSentAfterAll", 1)
        ses_id, about = mail["messageId"], reference(mail.get("tags") or {})
        log.error("SES did not send a mail", extra={"ses_id": ses_id, "reason": why, "reference": about})
        if about is None:
            return
        (address,) = _keys(mail["destination"])
        now = to_text(self.clock.now())
        event_id = f"{ses_id}#undelivered"
        self.bus.publish([MailRefused(id=event_id, at=now, reason="undelivered", references=[about], address=address)])

    def _bounced(self, bounce: Mapping[str, Any]) -> None:
        addresses = [recipient["emailAddress"] for recipient in bounce["bouncedRecipients"]]
        at = from_text(bounce["timestamp"])
        if bounce["bounceType"] == PERMANENT:
            self._suppress(addresses, "bounced", bounce["feedbackId"], at)
        elif bounce["bounceType"] == TRANSIENT and bounce.get("bounceSubType", "General") in OF_THE_MAILBOX:
            self._softly(addresses, bounce["feedbackId"], at)
        else:
            self.count("MailBouncedForItself", len(addresses))

    def _complained(self, complaint: Mapping[str, Any]) -> None:
        if complaint.get("complaintFeedbackType") == NOT_SPAM:
            return
        addresses = [recipient["emailAddress"] for recipient in complaint["complainedRecipients"]]
        self._suppress(addresses, "complained", complaint["feedbackId"], from_text(complaint["timestamp"]))

    def _suppress(self, addresses: list[str], reason: str, feedback_id: str, at: datetime) -> None:
        for address in _keys(addresses):
            self._mark(address, partial(AddressMarks.suppress, reason=reason, at=at))
            self._refused(address, reason, feedback_id)

    def _softly(self, addresses: list[str], feedback_id: str, at: datetime) -> None:
        for address in _keys(addresses):
            self.count("MailSoftFailure", 1)
            marks = self._mark(address, partial(AddressMarks.failed_softly, feedback_id=feedback_id, at=at))
            if marks.suppressed is not None:
                self._refused(address, marks.suppressed, feedback_id)

    def _mark(self, address: str, change: Callable[[AddressMarks], AddressMarks]) -> AddressMarks:
        return self.marks.mark(address, change, now=self.clock.now())

    def _refused(self, address: str, reason: str, feedback_id: str) -> None:
        self.count(f"MailRefused{reason.capitalize()}", 1)
        now = to_text(self.clock.now())
        self.bus.publish([MailRefused(id=f"{feedback_id}#{address}", at=now, reason=reason, address=address)])


def _keys(addresses: list[str]) -> Iterator[str]:
    """Yield the key of each address, which a mail server may write as ``Name <address>``."""
    for address in addresses:
        yield address_key(address.rpartition("<")[2].rstrip("> "))
