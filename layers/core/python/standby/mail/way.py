"""One sender's way through one job: where it came from, how far it is, and what keeps it from going on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from standby.mail.model import Addressee, JobRecord, Mail, State
from standby.mail.outage import Outage
from standby.mail.tag import tags
from standby.mail.unverified import Unverified
from standby.mail_job import MailJob
from standby.platform.frozen import frozen
from standby.platform.queue import Message, Queue


@frozen()
class Inlet:
    """Where a job came from and under which circumstances it is handled.

    ``ahead`` guesses how many jobs like it come with it, itself included. The sender begins no call after ``until``.
    """

    queue: Queue
    urgent: bool
    holder: str
    ahead: int
    until: datetime


@frozen()
class Refusal:
    """What SES said against one recipient, and the fingerprint of the mail that it was asked to send."""

    error: str
    mail: str


@dataclass
class Way:
    """One sender's way through one job."""

    job: MailJob
    message: Message
    inlet: Inlet
    mail: Mail
    read: JobRecord
    record: JobRecord
    outage: Outage | None
    """How long SES has failed the job; ``None`` once it accepted anything."""
    unverified: Unverified
    """Whom SES does not mail while the account is in its sandbox."""
    keys: Sequence[str]
    """The recipients' address keys."""
    looked_at: datetime | None
    """When the job was read; ``None`` once a call was made, whose outcome is not written yet."""
    refused: dict[int, Refusal] = field(default_factory=dict)
    """Whom SES refused, perhaps because of their addresses."""
    delay_seconds: int | None = None
    """Set when the rest is to be tried again later."""
    waiting: dict[int, datetime] = field(default_factory=dict)
    """For whom it is a closed hour, and when that ends (`standby.mail.waiting`)."""
    too_late: set[int] = field(default_factory=set)
    """Whose closed hours last longer than the job is valid."""
    hold_seconds: int = 0
    """How long no sender should make a call."""
    why_later: str = ""
    why_unverified: str = "unverified recipients are left out for a while"
    why_parked: str = "unknown outcome twice: they may have been mailed, and wait for a person"

    def open(self, group: Collection[int]) -> Sequence[int]:
        """Return those of a group about whom nothing is decided, and for whom it is no closed hour."""
        return [index for index in group if self.record.states[index] is State.OPEN and index not in self.waiting]

    def everybody_open(self) -> Sequence[int]:
        """Return all about whom nothing is decided, and for whom it is no closed hour."""
        return self.open(range(len(self.record.states)))

    def waits_until(self) -> datetime | None:
        """Return when the first closed hour ends of those about whom nothing is decided; ``None``: nobody waits."""
        return min((self.waiting[index] for index in self.waiters()), default=None)

    def waiters(self) -> Sequence[int]:
        """Return those about whom nothing is decided, and for whom it is a closed hour."""
        return [index for index in self.record.among(State.OPEN) if index in self.waiting]

    def addressee(self, index: int) -> Addressee:
        """Return a recipient as an SES call has it."""
        recipient = self.job.recipients[index]
        slots = {name: recipient.slots[name] for name in sorted(self.mail.slots)}
        slots.update(self.mail.own_blocks(recipient.near))
        headers: dict[str, str] = {}
        if self.mail.leave:
            headers["List-Unsubscribe"] = f"<{self.job.data['leave_url']}{recipient.slots['leave']}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return Addressee(recipient.email, slots, headers, tags(recipient.reference))
