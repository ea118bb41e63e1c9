"""What mail decides: who may still be mailed, and what became of each recipient of a job."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from standby.platform.frozen import frozen
from standby.platform.kept import MARKS

SLOT = re.compile(r"[A-Za-z0-9._~-]*")
PLAUSIBLE = re.compile(r"[^\s@<>,;\x00-\x1f]+@[^\s@<>,;\x00-\x1f]+")
UNKNOWN_OUTCOMES_ALLOWED = 1
SOFT_FAILURES_ALLOWED = 4
SOFT_FAILURES_WITHIN = timedelta(days=30)
REFERENCES_KEPT = 200
OWN_BLOCKS = ("nearest", "nearest_text")
"""Places in a mail that hold blocks of the recipient's own: HTML, and text. No recipient's slot is called so."""
LIFTS_KEPT = 10


class State(StrEnum):
    """What became of one recipient of a job; the values are the letters of the job item's ``states``."""

    OPEN = "."
    ATTEMPTED = "?"
    ACCEPTED = "a"
    REJECTED = "r"
    SUPPRESSED = "s"
    LEFT = "l"
    ERASED = "e"
    CANCELLED = "c"
    EXPIRED = "x"
    UNCONSENTED = "u"
    PARKED = "p"


REASONS = {
    State.REJECTED: "rejected",
    State.SUPPRESSED: "suppressed",
    State.LEFT: "left",
    State.ERASED: "erased",
    State.CANCELLED: "cancelled",
    State.EXPIRED: "expired",
    State.UNCONSENTED: "unconsented",
}
"""The word in `MailRefused` for every state that ends without a mail."""


class Purpose(StrEnum):
    """Why a mail is sent: advertising needs marketing consent and, in some markets, a mark in the subject."""

    SERVICE = "service"
    ADVERTISING = "advertising"


@frozen()
class Mail:
    """A rendered mail; ``{{slot}}`` places are left for SES, and ``slots`` names those that it uses."""

    purpose: Purpose
    subject: str
    html: str
    text: str
    slots: frozenset[str]
    leave: bool = False
    """It has the link that ends all mails like it, and the headers for one click."""
    at_lease: bool = False
    """Something in it counts from the moment at which the sender took a call's lease, so each call has its own mail."""
    ends_at: datetime | None = None
    """The deadline that it names, where that counts from a lease."""
    advertises: bool = False
    """The market takes it for advertising, or for a mail with advertising in it."""
    nothing: bool = False
    """All that it tells of is sold out again, so it is not sent."""
    nearest: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By place, the blocks about its nearest store: HTML and text, by names of places in the mail that SES fills."""

    def own_blocks(self, place: str | None) -> Mapping[str, str]:
        """Return what stands in the mail for a recipient at a place, which is nothing where no store is near."""
        if not self.nearest:
            return {}
        return self.nearest.get(place or "") or dict.fromkeys(OWN_BLOCKS, "")


@frozen()
class Addressee:
    """One recipient of an SES call."""

    email: str = field(repr=False)
    slots: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class NotSentError(Exception):
    """The call surely mailed nobody, and no address is the cause. Trying again after ``delay_seconds`` helps.

    ``ours`` when somebody must act before it helps; ``for_all`` when every other call would be answered alike.
    """

    def __init__(self, reason: str, delay_seconds: int, *, ours: bool = False, for_all: bool = False) -> None:
        super().__init__(reason)
        self.delay_seconds = delay_seconds
        self.ours = ours
        self.for_all = for_all


class CallRefusedError(Exception):
    """SES refused the call, perhaps because of a recipient."""


class UnverifiedError(Exception):
    """SES mailed nobody, because its sandbox mails verified addresses only, and these recipients are none.

    ``places`` are theirs among the addressees of the call.
    """

    def __init__(self, reason: str, places: Collection[int]) -> None:
        if not places:
            raise ValueError(reason)
        super().__init__(reason)
        self.places = frozenset(places)


class OutcomeUnknownError(Exception):
    """The answer never came. Nobody knows whether the mails went out."""


class LeaseLostError(Exception):
    """Somebody else wrote the job meanwhile; nothing was written."""


class Outcome(StrEnum):
    """What SES said about one entry of a call."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """Refused, perhaps because of the address: it is, if SES accepts the same mail for somebody else."""
    UNVERIFIED = "unverified"
    """Not sent, because SES's sandbox mails verified addresses only, and this is none."""
    LATER = "later"
    """Not sent, and no address is the cause."""


@frozen()
class Answer:
    """SES's answer for one entry; ``error`` says why it was not accepted, the rest is as in `NotSentError`."""

    outcome: Outcome
    error: str = ""
    delay_seconds: int = 0
    ours: bool = False
    for_all: bool = False


@frozen()
class JobRecord:
    """How far a job is. Each recipient has a state, a step and a count of unknown outcomes, by index.

    ``people`` is a fingerprint of the recipients' references, in order, because the indexes mean nothing for others.
    ``steps`` numbers the write that decided a recipient. ``published`` is the last step whose events surely went out.
    ``version`` 0 is a job that nobody has begun.
    """

    states: tuple[State, ...]
    steps: tuple[int, ...]
    unknown: tuple[int, ...]
    version: int = 0
    published: int = 0
    holder: str | None = None
    held_until: datetime | None = None
    people: str = ""
    taken: str = ""
    """The fingerprint of the latest mail that SES accepted for somebody of the job (`mail_print`)."""
    leases: tuple[datetime | None, ...] = ()
    """Per recipient, when the sender took the lease of the first attempt, for mails that count from there.

    A repeated call counts from the same moment, so it says the same again. Empty for mails that count from no lease.
    """

    @classmethod
    def fresh(cls, recipients: int) -> "JobRecord":
        """Return the record of a job that nobody has begun."""
        return cls(states=(State.OPEN,) * recipients, steps=(0,) * recipients, unknown=(0,) * recipients)

    def held_at(self, now: datetime) -> bool:
        """Tell whether somebody is working on the job."""
        return self.holder is not None and self.held_until is not None and now < self.held_until

    def held(self, holder: str, until: datetime) -> "JobRecord":
        """Return the record with somebody working on it."""
        return replace(self, holder=holder, held_until=until)

    def released(self) -> "JobRecord":
        """Return the record with nobody working on it."""
        return replace(self, holder=None, held_until=None)

    def parked(self, indexes: Iterable[int]) -> "JobRecord":
        """Return the record with these recipients waiting for a person."""
        return self._with(dict.fromkeys(indexes, State.PARKED))

    @property
    def step(self) -> int:
        """The last step that decided anything."""
        return max(self.steps, default=0)

    def among(self, state: State) -> list[int]:
        """Return the indexes of the recipients in a state."""
        return [index for index, each in enumerate(self.states) if each is state]

    def decided(self, decisions: Mapping[int, State]) -> "JobRecord":
        """Return the record with these recipients decided, as one step."""
        if not decisions:
            return self
        step = self.step + 1
        states = [decisions.get(index, state) for index, state in enumerate(self.states)]
        steps = [step if index in decisions else old for index, old in enumerate(self.steps)]
        return replace(self, states=tuple(states), steps=tuple(steps))

    def attempting(self, indexes: Iterable[int]) -> "JobRecord":
        """Return the record with a call to these recipients under way."""
        return self._with(dict.fromkeys(indexes, State.ATTEMPTED))

    def leased(self, indexes: Collection[int], at: datetime) -> "JobRecord":
        """Return the record in which these recipients' mail counts from ``at``. Whoever has a lease keeps it."""
        known = [
            self.lease(index) or at if index in indexes else self.lease(index) for index in range(len(self.states))
        ]
        return replace(self, leases=tuple(known))

    def lease(self, index: int) -> datetime | None:
        """Return the moment from which a recipient's mail counts, once there is one."""
        return self.leases[index] if self.leases else None

    def not_sent(self, indexes: Collection[int]) -> "JobRecord":
        """Return the record after a call that did not mail these recipients.

        A recipient whom no earlier call can have mailed gets a new lease the next time.
        """
        opened = self._with(dict.fromkeys(indexes, State.OPEN))
        kept = (None if index in indexes and not self.unknown[index] else at for index, at in enumerate(self.leases))
        return replace(opened, leases=tuple(kept))

    def outcome_unknown(self) -> "JobRecord":
        """Return the record after an attempt whose outcome nobody knows.

        After the first such attempt its recipients are open again; after the second they are parked.
        """
        attempted = self.among(State.ATTEMPTED)
        if not attempted:
            return self
        unknown = tuple(count + 1 if index in attempted else count for index, count in enumerate(self.unknown))
        states = {
            index: State.OPEN if unknown[index] <= UNKNOWN_OUTCOMES_ALLOWED else State.PARKED for index in attempted
        }
        return replace(self._with(states), unknown=unknown)

    def redriven(self, parked_version: int | None) -> "JobRecord":
        """Return the record after a person sent its dead letter again: parked recipients may be tried again.

        ``parked_version`` is the version that the letter names. Trying again makes a new version, so a letter counts
        once, however often it is delivered. Mails that count from the lease get a new one, for the old may be over.
        """
        if parked_version is None or parked_version != self.version:
            return self
        parked = self.among(State.PARKED)
        unknown = tuple(0 if index in parked else count for index, count in enumerate(self.unknown))
        leases = tuple(None if index in parked else at for index, at in enumerate(self.leases))
        return replace(self._with(dict.fromkeys(parked, State.OPEN)), unknown=unknown, leases=leases)

    def _with(self, states: Mapping[int, State]) -> "JobRecord":
        return replace(self, states=tuple(states.get(index, state) for index, state in enumerate(self.states)))


@frozen()
class Stops:
    """What stops mails of a job: whose address is marked, by its key, and when the job's SKU sold out."""

    marks: Mapping[str, "AddressMarks"]
    sold_out_revision: int | None


@frozen()
class Reading:
    """What one read of the table says about a job: how far it is, and what stops its mails."""

    record: JobRecord
    stops: Stops


@frozen()
class Lift:
    """A suppression that somebody lifted: why and since when there was one, who lifted it, when."""

    reason: str
    suppressed_at: datetime
    at: datetime
    by: str


@frozen()
class AddressMarks:
    """What is known about an address that stops mail. Most addresses have no marks at all."""

    suppressed: str | None = None
    suppressed_at: datetime | None = None
    suppressed_for: str = ""
    """What SES said, in its words."""
    lifts: tuple[Lift, ...] = ()
    """The latest lifted suppressions, oldest first."""
    left_at: datetime | None = None
    erased_at: datetime | None = None
    cancelled: Mapping[str, datetime] = field(default_factory=dict)
    """References that somebody took back, and when."""
    soft: Mapping[str, datetime] = field(default_factory=dict)
    """Soft failures of the last 30 days by feedback id."""

    def left(self, at: datetime, references: Sequence[str] = ()) -> "AddressMarks":
        """Return the marks after leaving at ``at``, with everything or with these references only."""
        if not references:
            return replace(self, left_at=_later(self.left_at, at))
        merged = dict(self.cancelled)
        for reference in references:
            merged[reference] = _later(merged.get(reference), at)
        kept = {reference: when for reference, when in merged.items() if at - when <= MARKS}
        newest = sorted(kept.items(), key=lambda pair: (pair[1], pair[0]))[-REFERENCES_KEPT:]
        return replace(self, cancelled=dict(newest))

    def erased(self, at: datetime) -> "AddressMarks":
        """Return the marks after erasure at ``at``: nothing is kept but what must stop mail."""
        return AddressMarks(
            suppressed=self.suppressed,
            suppressed_at=self.suppressed_at,
            suppressed_for=self.suppressed_for,
            left_at=self.left_at,
            erased_at=_later(self.erased_at, at),
        )

    def suppress(self, reason: str, at: datetime, said: str = "") -> "AddressMarks":
        """Return the marks after a permanent bounce or a complaint. The first reason stays.

        What happened before a suppression was lifted may be told late or again; it suppresses nobody anew.
        """
        if self.suppressed is not None or self._forgiven(at):
            return self
        return replace(self, suppressed=reason, suppressed_at=at, suppressed_for=said, soft={})

    def lifted(self, by: str, at: datetime) -> "AddressMarks":
        """Return the marks after somebody lifted the suppression.

        What was asked for before the bounce or complaint stays stopped (`stopped_at`).
        """
        if self.suppressed is None or self.suppressed_at is None:
            return self
        lift = Lift(self.suppressed, self.suppressed_at, at, by)
        return replace(
            self,
            suppressed=None,
            suppressed_at=None,
            suppressed_for="",
            soft={},
            lifts=(*self.lifts, lift)[-LIFTS_KEPT:],
        )

    @property
    def stopped_at(self) -> datetime | None:
        """Up to when what was asked for is stopped by a suppression that was lifted, because the waitlist ended it."""
        return self.lifts[-1].suppressed_at if self.lifts else None

    def _forgiven(self, at: datetime) -> bool:
        return bool(self.lifts) and at <= self.lifts[-1].at

    def failed_softly(self, feedback_id: str, at: datetime, said: str = "") -> "AddressMarks":
        """Return the marks after a failure that may pass: the fifth within 30 days suppresses the address."""
        if self.suppressed is not None or self._forgiven(at):
            return self
        merged = {**self.soft, feedback_id: at}
        latest = max(merged.values())
        recent = {key: when for key, when in merged.items() if latest - when <= SOFT_FAILURES_WITHIN}
        marked = replace(self, soft=recent)
        return marked.suppress("bounced", at, said) if len(recent) > SOFT_FAILURES_ALLOWED else marked


NO_MARKS = AddressMarks()


@frozen()
class Wave:
    """The restock that a job belongs to: ``sku@revision#n`` in `MailJob.wave`."""

    sku: str
    revision: int

    @classmethod
    def of(cls, text: str | None) -> "Wave | None":
        """Read a job's wave; ``None`` when it names no restock."""
        restock = (text or "").rpartition("#")[0]  # from the right, because a SKU may have both signs
        sku, _, revision = restock.rpartition("@")
        return cls(sku, int(revision)) if sku and revision.isdecimal() else None

    def called_off(self, sold_out_revision: int | None) -> bool:
        """Tell whether the SKU sold out after this restock."""
        return sold_out_revision is not None and self.revision < sold_out_revision


def stopped(
    references: Iterable[str], consented_at: datetime | None, marks: AddressMarks, *, leave: bool = True
) -> State | None:
    """Tell why an address must not get this mail (design, promise 8), or ``None`` when it may.

    ``references`` are all that it tells of.

    Leaving, erasure and cancelling stop whatever was asked for before them, of any kind; a customer who asks again
    later gets the mail. Leaving does not stop what cannot be left (``leave``): mails about the customer's own order.
    A suppressed address gets nothing. Once that is lifted, what was asked for before and can be left stays stopped.
    """
    if marks.suppressed is not None or (leave and _before(consented_at, marks.stopped_at)):
        return State.SUPPRESSED
    if _before(consented_at, marks.erased_at):
        return State.ERASED
    taken_back = marks.cancelled and any(_before(consented_at, marks.cancelled.get(each)) for each in references)
    if taken_back or (leave and _before(consented_at, marks.left_at)):
        return State.LEFT
    return None


def calls(record: JobRecord, size: int, *, besides: Collection[int] = ()) -> list[Sequence[int]]:
    """Cut the open recipients, ``besides`` some, into calls of at most ``size``.

    A recipient who may have been mailed already shares no call with those who surely were not, because a repeated call
    must say the same again. Recipients with different leases share no call either.
    """
    alike: dict[tuple[int, str], list[int]] = {}
    for index in record.among(State.OPEN):
        if index in besides:
            continue
        lease = record.lease(index)
        alike.setdefault((record.unknown[index], lease.isoformat() if lease else ""), []).append(index)
    return [group[start : start + size] for _, group in sorted(alike.items()) for start in range(0, len(group), size)]


def people_print(references: Iterable[str]) -> str:
    """Return a short fingerprint of who a job's recipients are, in order."""
    return hashlib.sha256("\n".join(references).encode()).hexdigest()[:16]


def mail_print(sender: str, mail: Mail) -> str:
    """Return a short fingerprint of a mail without what its slots will hold."""
    said = f"{sender}\n{mail.subject}\n{mail.html}\n{mail.text}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def halves(indexes: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    """Cut a refused call in two, to find out whose address is refused."""
    middle = len(indexes) // 2
    return indexes[:middle], indexes[middle:]


def _before(asked: datetime | None, stop: datetime | None) -> bool:
    """Tell whether somebody asked before a stop, as a mail counts that does not say when it was asked for."""
    return stop is not None and (asked is None or asked <= stop)


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)
