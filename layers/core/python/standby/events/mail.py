"""What mail tells: which mails SES accepted, which were not sent or came back, and who may be mailed again."""

from typing import NamedTuple

from standby.events.fields import Address, EventId, Instant, References


class MailAccepted(NamedTuple):
    """SES accepted mails: one event per SES call, with the references of its job's recipients.

    Where the kind has a deadline ``at_lease``, the deadline in these mails counts from ``leased_at``, and is
    ``ends_at``: it counts the shop's open hours only.
    """

    id: EventId
    at: Instant
    job_id: str
    kind: str
    references: References
    wave: str | None = None
    leased_at: Instant | None = None
    ends_at: Instant | None = None


class MailRefused(NamedTuple):
    """Mails were not sent, or came back.

    ``reason``: ``rejected`` (SES refused the address or message for good), ``suppressed`` (bounced or complained
    before), ``left``, ``erased``, ``cancelled`` (the wave was called off), ``expired`` (too late to send),
    ``unconsented`` (advertising without marketing consent). When feedback arrives after acceptance, it is ``bounced``
    or ``complained``; these name an ``address`` and no references. ``undelivered`` takes back a `MailAccepted`, which
    may come later: SES did not send the mail after all. It names the ``address`` and the one reference.
    """

    id: EventId
    at: Instant
    reason: str
    references: References = ()
    job_id: str | None = None
    kind: str | None = None
    wave: str | None = None
    address: Address | None = None


class MailFailed(NamedTuple):
    """Nobody knows that a mail reached its recipients, though it was not refused for good.

    ``reason``: ``parked`` (SES refused it and accepted the like for nobody, or its answers were lost: it waits for a
    person), ``bounced`` (it came back, whether for good or not; the event names the one reference and no job).
    """

    id: EventId
    at: Instant
    reason: str
    references: References
    job_id: str | None = None
    kind: str | None = None


class SuppressionLifted(NamedTuple):
    """Somebody let an address be mailed again, whatever bounced or was complained about until ``at``.

    What was asked for before the bounce or complaint stays stopped.
    """

    id: EventId
    at: Instant
    address: Address
