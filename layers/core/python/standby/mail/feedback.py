"""What stops mail: bounces and complaints from SES, leaving, erasure, selling out, what a shop takes back (design §7).

Every message is an EventBridge envelope; the SES part follows the SES developer guide, "Contents of event data". All of
it may come twice and in any order.

- ``Email Bounced``: a *Permanent* bounce suppresses the address at once. A *Transient* one about the mailbox may
  pass; the fifth within 30 days suppresses it. Other *Transient* ones are about the mail (too large, its content), and
  of an *Undetermined* one SES does not know what it is about: they count against nobody. Nor do automatic replies ("out
  of the office"): SES calls them *Transient*, *General* too, but no mail server reported a failure.
- ``Email Complaint Received``: suppresses the address, unless it says ``not-spam``, or ``auth-failure``: that is a
  machine's, about our signature.
- ``Email Rejected`` (a virus) and ``Email Rendering Failed``: the mail was at fault, never the address. The customer is
  taken back out of those who were told (`MailRefused`, ``undelivered``).
- ``Sending Status Disabled``: SES sends nothing for us any more. It raises the metric of the sender's refused calls.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, assert_never

from standby.events.customer import CustomerErased
from standby.events.hearing import hear
from standby.events.mail import MailFailed, MailRefused
from standby.events.remedy import VoucherRevoked
from standby.events.stock import SoldOut
from standby.events.waitlist import CustomerLeft, StoreOfferChanged
from standby.mail.hears import BOUNCED, COMPLAINED, DISABLED, FEEDBACK, NOT_RENDERED, REJECTED, Stop
from standby.mail.model import AddressMarks
from standby.mail.tag import reference
from standby.mail_job import store_offer_named
from standby.platform.address import address_key
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import Message, PoisonError

if TYPE_CHECKING:
    from standby.mail.sweeping import WaitingSweeper

NOT_COMPLAINING = frozenset({"not-spam", "auth-failure"})
"""Types of feedback by which nobody says that a mail is unwanted (RFC 5965 and its registry)."""
PERMANENT = "Permanent"
TRANSIENT = "Transient"
GENERAL, MAILBOX_FULL = "General", "MailboxFull"
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
    sweeper: "Callable[[], WaitingSweeper]"
    """Loads what finds the jobs whose hour has come."""

    def handle(self, message: Message) -> None:
        """Handle one envelope, ignoring kinds that mail does not know, or a sweep of ours.

        Raises `PoisonError` when it is malformed.
        """
        envelope = message.json()
        if isinstance(envelope, dict) and "sweep" in envelope:
            self.sweeper().handle(envelope)
            return
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
            case VoucherRevoked(address=str(address), at=at, references=references) if references:
                revoked_at = from_text(at)
                self._mark(address, lambda marks: marks.left(revoked_at, tuple(references)))
            case StoreOfferChanged(offer_id=offer_id, edition=edition):
                self.marks.call_off(store_offer_named(offer_id), edition, now=self.clock.now())
            case VoucherRevoked():
                pass  # nobody was to be mailed
            case unhandled:
                assert_never(unhandled)

    def _said_by_ses(self, kind: str, detail: Mapping[str, Any], message_id: str) -> None:
        if kind == BOUNCED:
            self._bounced(detail["bounce"])
            self._came_back(detail["bounce"], (detail.get("mail") or {}).get("tags") or {})
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
        recipients = bounce["bouncedRecipients"]
        at, kind, subtype = from_text(bounce["timestamp"]), bounce["bounceType"], bounce.get("bounceSubType", GENERAL)
        said = f"{kind} {subtype}"
        if kind == PERMANENT:
            self._suppress(_addresses(recipients), "bounced", bounce["feedbackId"], at, said)
            return
        soft = [each for each in recipients if kind == TRANSIENT and _of_the_mailbox(subtype, each)]
        self._softly(_addresses(soft), bounce["feedbackId"], at, said)
        if len(soft) < len(recipients):
            self.count("MailBouncedForItself", len(recipients) - len(soft))

    def _came_back(self, bounce: Mapping[str, Any], tags: Mapping[str, Any]) -> None:
        """Tell of whom a mail came back, but for automatic replies: those mails arrived."""
        about, transient = reference(tags), bounce["bounceType"] == TRANSIENT
        subtype = bounce.get("bounceSubType", GENERAL)
        replied = transient and subtype == GENERAL and not any(_reported(each) for each in bounce["bouncedRecipients"])
        if about is None or replied:
            return
        event_id, now = f"{bounce['feedbackId']}#failed", to_text(self.clock.now())
        self.bus.publish([MailFailed(id=event_id, at=now, reason="bounced", references=[about])])

    def _complained(self, complaint: Mapping[str, Any]) -> None:
        said = complaint.get("complaintFeedbackType") or ""
        if said in NOT_COMPLAINING:
            return
        addresses = _addresses(complaint["complainedRecipients"])
        self._suppress(addresses, "complained", complaint["feedbackId"], from_text(complaint["timestamp"]), said)

    def _suppress(self, addresses: list[str], reason: str, feedback_id: str, at: datetime, said: str) -> None:
        for address in _keys(addresses):
            marks = self._mark(address, partial(AddressMarks.suppress, reason=reason, at=at, said=said))
            if marks.suppressed is not None:
                self._refused(address, reason, feedback_id)

    def _softly(self, addresses: list[str], feedback_id: str, at: datetime, said: str) -> None:
        for address in _keys(addresses):
            self.count("MailSoftFailure", 1)
            marks = self._mark(address, partial(AddressMarks.failed_softly, feedback_id=feedback_id, at=at, said=said))
            if marks.suppressed is not None:
                self._refused(address, marks.suppressed, feedback_id)

    def _mark(self, address: str, change: Callable[[AddressMarks], AddressMarks]) -> AddressMarks:
        return self.marks.mark(address, change, now=self.clock.now())

    def _refused(self, address: str, reason: str, feedback_id: str) -> None:
        self.count(f"MailRefused{reason.capitalize()}", 1)
        now = to_text(self.clock.now())
        self.bus.publish([MailRefused(id=f"{feedback_id}#{address}", at=now, reason=reason, address=address)])


def _addresses(recipients: list[Mapping[str, Any]]) -> list[str]:
    return [recipient["emailAddress"] for recipient in recipients]


def _of_the_mailbox(subtype: str, recipient: Mapping[str, Any]) -> bool:
    """Tell whether a transient bounce is a failure of the recipient's mailbox.

    Where a mail server reported the bounce, SES hands on its action and status (RFC 3464). An automatic reply has none.
    """
    return subtype == MAILBOX_FULL or (subtype == GENERAL and _reported(recipient))


def _reported(recipient: Mapping[str, Any]) -> bool:
    """Tell whether a mail server reported a bounce."""
    return recipient.get("action", "failed") == "failed" and recipient.get("status", "")[:1] in {"4", "5"}


def _keys(addresses: list[str]) -> Iterator[str]:
    """Yield the key of each address, which a mail server may write as ``Name <address>``."""
    for address in addresses:
        yield address_key(address.rpartition("<")[2].rstrip("> "))
