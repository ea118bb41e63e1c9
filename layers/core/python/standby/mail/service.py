"""Send a job, one SES call at a time, and report what became of each recipient (design §7, promises 2, 3, 8, 9).

The sender writes the job's item before each call (the lease, and who is attempted) and after it (what became of them).
If a call's answer never comes, or the sender dies before it writes the answer, nobody knows whether those mails went
out. That call is repeated once; after a second such outcome its recipients wait for a person.

What stops mails is read with the job, and again before every later call, and before the first if it had to wait. Whom
it is a closed hour for is looked up before each call, too; they wait (`standby.mail.waiting`).
"""

import math
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from standby.mail.model import (
    REASONS,
    SLOT,
    Addressee,
    Answer,
    CallRefusedError,
    JobRecord,
    LeaseLostError,
    Mail,
    NotSentError,
    Outcome,
    OutcomeUnknownError,
    Purpose,
    Reading,
    State,
    Stops,
    UnverifiedError,
    calls,
    halves,
    mail_print,
    people_print,
)
from standby.mail.news import failed, news
from standby.mail.outage import FAILING, Outage
from standby.mail.pace import Pace
from standby.mail.stopping import asked_at, decisions, sku_of
from standby.mail.unverified import UNVERIFIED, Unverified
from standby.mail.waiting import Calendar, Waiting, kept, too_late
from standby.mail.way import Inlet, Refusal, Way
from standby.mail_job import MailJob
from standby.platform.address import address_key
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.counted import counted
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import LONGEST_DELAY_SECONDS, Message, Outgoing, PoisonError, Queue, set_aside
from standby.platform.schema import checker

LEASE = timedelta(seconds=60)
"""Longer than a call can last from the write before it to the write after it."""
A_MOMENT = timedelta(seconds=1)
"""The first call may rely for so long on what was read with the job."""
UNKNOWN_DELAY_SECONDS = 60
MOST_TAKEN = 100
PUBLISHED = "told"
"""The attribute of a job put back that holds the last step whose events surely went out."""
PARKED_VERSION = "parked_version"
"""The attribute of a dead letter that holds the job's version when recipients began to wait for a person. A person who
sends the letter again, with whatever tool, has these recipients tried again."""
log = logger("mail")


class Jobs(Protocol):
    """Where jobs and marks are kept."""

    def read(self, job_id: str, recipients: int, addresses: Sequence[str], sku: str | None) -> Reading:
        """Read a job, the marks of these address keys and the SKU's wave."""
        ...

    def stops(self, addresses: Sequence[str], sku: str | None) -> Stops:
        """Read the marks of these address keys and the SKU's wave."""
        ...

    def save(self, job_id: str, record: JobRecord, *, now: datetime) -> JobRecord:
        """Write the job if nobody else did meanwhile, else raise `LeaseLostError`; return its next version."""
        ...


class Mailer(Protocol):
    """What sends mail."""

    def send(self, mail: Mail, addressees: Sequence[Addressee]) -> Sequence[Answer]:
        """Send to at most 50; for the call as a whole raise one of the errors below.

        `NotSentError`, `UnverifiedError`, `CallRefusedError`, `OutcomeUnknownError`.
        """
        ...

    @property
    def sender(self) -> str:
        """Who the mails are from."""
        ...


class Renderer(Protocol):
    """What writes mails."""

    def render(
        self,
        kind: str,
        locale: str,
        data: Mapping[str, object],
        *,
        time_zone: str | None = None,
        leased_at: datetime | None = None,
        places: Collection[str] = (),
    ) -> Mail:
        """Write the mail. Raises `PoisonError` when the kind is unknown or data is missing."""
        ...


class Bound(Protocol):
    """How often an address is mailed advertising."""

    def takes(self, address: str, job_id: str, now: datetime) -> bool:
        """Take an address's turn for a job's mail; tell whether it has it."""
        ...


@dataclass
class Taken:
    """The mails that SES accepted from this process, by their fingerprints; the latest ones only."""

    _prints: dict[str, None] = field(default_factory=dict)

    def add(self, mail: str) -> None:
        """Remember one."""
        self._prints.pop(mail, None)
        self._prints[mail] = None
        if len(self._prints) > MOST_TAKEN:
            del self._prints[next(iter(self._prints))]

    def __contains__(self, mail: str) -> bool:
        return mail in self._prints


@frozen()
class Sender:
    """Sends jobs."""

    jobs: Jobs
    mailer: Mailer
    pace: Pace
    renderer: Renderer
    bus: Bus
    dead_letters: Queue
    clock: Clock
    count: Callable[[str, int], None]
    """Counts a metric."""
    calendar: Calendar
    waiting: Callable[[], Waiting]
    """Loads where jobs wait for an open hour, which most shops do not need."""
    bound: Bound
    taken: Taken = field(default_factory=Taken)

    def handle(self, message: Message, inlet: Inlet) -> None:
        """Handle one job message.

        Raises `PoisonError` for a message that can never be sent. Whatever else is raised leaves the job in a state
        from which the next delivery goes on.
        """
        job = parse(message)
        mail = self._mail(job, self.clock.now())
        _require_slots(job, mail)
        keys = [address_key(recipient.email) for recipient in job.recipients]
        looked_at = self.clock.now()
        reading = self.jobs.read(job.job_id, len(keys), keys, sku_of(job))
        people = people_print(recipient.reference for recipient in job.recipients)
        if reading.record.version and reading.record.people != people:
            self._ignore(job)
            return
        now = self.clock.now()
        outage = Outage.of(message.attributes.get(FAILING))
        unverified = Unverified.of(message.attributes.get(UNVERIFIED), now)
        if reading.record.held_at(now):
            wait = math.ceil(((reading.record.held_until or now) - now).total_seconds()) + 1
            self._put_back(message, inlet, wait, _carried(reading.record.published, outage, unverified))
            return
        published = max(reading.record.published, _number(message.attributes.get(PUBLISHED)) or 0)
        record = replace(
            reading.record.redriven(_number(message.attributes.get(PARKED_VERSION))), published=published, people=people
        )
        record = self._unknown(record)
        way = Way(job, message, inlet, mail, reading.record, record, outage, unverified, keys, looked_at)
        self._stop(way, reading.stops)
        self._close(way)
        try:
            self._calls(way)
            self._finish(way)
        except LeaseLostError:
            if way.record.version != way.read.version:
                raise
            self._put_back(message, inlet, int(LEASE.total_seconds()), _carried(published, outage, unverified))

    def _calls(self, way: Way) -> None:
        """Make the calls that the open recipients need, one after the other."""
        besides = way.unverified.places | way.waiting.keys()
        groups = deque(calls(way.record, self.pace.call_size(), besides=besides))
        while groups and way.delay_seconds is None:
            group = self._ready(way, groups.popleft())
            if group:
                way.record = self._save(way, self._leased(way, group))
                way.looked_at = None
                groups.extend(self._call(way, group))
        if way.delay_seconds is None:
            self._settle_refused(way)
            self._settle_unverified(way)

    def _ready(self, way: Way, group: Sequence[int]) -> Sequence[int]:
        """Wait for a call's turn, look up what stops it, and return those of a group that it may go to."""
        try:
            self._close(way)
            if not (way.open(group) and self._turn(way, group)):
                return ()
            self._look_again(way)
            self._close(way)
            self._bind(way, group)
        except Exception:
            if way.looked_at is None:  # or the call before would count as one whose answer never came
                self._save(way, way.record.released())
            raise
        return way.open(group)

    def _bind(self, way: Way, group: Sequence[int]) -> None:
        """Call advertising off for those of a call who were mailed some a short while ago."""
        if way.mail.purpose is Purpose.ADVERTISING:
            now = self.clock.now()
            late = [each for each in way.open(group) if not self.bound.takes(way.keys[each], way.job.job_id, now)]
            way.record = way.record.decided(dict.fromkeys(late, State.CANCELLED))
            self.count("AdvertisingHeldBack", len(late))

    def _look_again(self, way: Way) -> None:
        """Look up what stops mails, unless that was done a moment ago and no call was made since."""
        now = self.clock.now()
        if way.looked_at is not None and now - way.looked_at <= A_MOMENT and now < from_text(way.job.valid_until):
            return
        keys = [way.keys[index] for index in way.record.among(State.OPEN)]
        self._stop(way, self.jobs.stops(keys, sku_of(way.job)))

    def _stop(self, way: Way, stops: Stops) -> None:
        """Decide who of the open recipients must not get the mail."""
        way.record = way.record.decided(decisions(way.job, way.mail, way.record, way.keys, stops, now=self.clock.now()))

    def _close(self, way: Way) -> None:
        """Leave those out of the calls for whom it is a closed hour, and decide for whom it stays one for too long."""
        if way.inlet.urgent or not self.calendar.hours.closes:
            return
        closed = self.calendar.closed(way.job, way.mail, way.record.among(State.OPEN), self.clock.now())
        way.waiting = {**closed, **way.waiting}  # whoever waits is in no call of this way, though it may open meanwhile
        late = too_late(way.job, way.waiting)
        if late:
            way.too_late.update(late)
            way.record = way.record.decided(dict.fromkeys(late, State.EXPIRED))
            log.warning(
                "closed for longer than the job is valid", extra={"job_id": way.job.job_id, "kind": way.job.kind}
            )

    def _turn(self, way: Way, group: Sequence[int]) -> bool:
        """Wait for the next call's turn; tell whether it came."""
        if self.clock.now() >= way.inlet.until:
            way.delay_seconds, way.why_later = 1, "no time left"
            return False
        wait = self.pace.wait(len(group), ahead=len(group) * way.inlet.ahead, urgent=way.inlet.urgent)
        if wait > 0:
            way.delay_seconds, way.why_later = math.ceil(wait), "rate"
        return wait == 0

    def _call(self, way: Way, group: Sequence[int]) -> tuple[Sequence[int], ...]:
        """Make one call and note what became of its recipients; return the calls that must follow from it."""
        mail = self._mail(way.job, way.record.lease(group[0])) if way.mail.at_lease else way.mail
        try:
            answers = self.mailer.send(mail, [way.addressee(index) for index in group])
        except NotSentError as error:
            way.record = way.record.not_sent(group)
            self._put_off(way, error.delay_seconds, str(error), ours=error.ours, for_all=error.for_all)
        except UnverifiedError as error:
            way.record = way.record.not_sent(group)
            self._leave_out(way, {group[place]: str(error) for place in error.places})
            return ([index for index in group if index not in way.unverified.places],)
        except OutcomeUnknownError as error:
            way.record = self._unknown(way.record)
            way.delay_seconds, way.why_later = UNKNOWN_DELAY_SECONDS, f"outcome unknown: {error}"
        except CallRefusedError as error:
            way.record = way.record.not_sent(group)
            if len(group) > 1:
                return halves(group)
            way.refused[group[0]] = Refusal(str(error), mail_print(self.mailer.sender, mail))
        else:
            self._note(way, dict(zip(group, answers, strict=True)), mail_print(self.mailer.sender, mail))
        return ()

    def _note(self, way: Way, answers: Mapping[int, Answer], mail: str) -> None:
        accepted = [index for index, answer in answers.items() if answer.outcome is Outcome.ACCEPTED]
        way.record = way.record.not_sent(set(answers) - set(accepted))
        if accepted:
            way.record = replace(way.record.decided(dict.fromkeys(accepted, State.ACCEPTED)), taken=mail)
            way.outage = None
            self.taken.add(mail)
        later: Answer | None = None
        for index, answer in answers.items():
            if answer.outcome is Outcome.REFUSED:
                way.refused[index] = Refusal(answer.error, mail)
            elif answer.outcome is Outcome.UNVERIFIED:
                self._leave_out(way, {index: answer.error})
            elif answer.outcome is Outcome.LATER and (later is None or answer.delay_seconds > later.delay_seconds):
                later = answer
        if later is not None:
            for_all = later.for_all and not accepted
            self._put_off(way, later.delay_seconds, later.error, ours=later.ours, for_all=for_all)

    def _leave_out(self, way: Way, errors: Mapping[int, str]) -> None:
        """Make no more calls for recipients whom SES's sandbox does not mail, and go on with the others."""
        way.unverified = way.unverified.joined(errors.keys(), self.clock.now())
        way.why_unverified = next(iter(errors.values()))

    def _settle_unverified(self, way: Way) -> None:
        """Try those again later whom SES's sandbox did not mail. Nobody leaves a list for our being in it."""
        if way.unverified.until is None or not set(way.everybody_open()) & way.unverified.places:
            return
        left = (way.unverified.until - self.clock.now()).total_seconds()
        self._put_off(way, max(1, math.ceil(left)), way.why_unverified, ours=True, for_all=False)

    def _put_off(self, way: Way, delay_seconds: int, why: str, *, ours: bool, for_all: bool) -> None:
        """Note that SES sent nothing to some, through no fault of theirs; the job is tried again later."""
        way.outage = Outage.failed(way.outage, self.clock.now())
        way.delay_seconds, way.why_later = way.outage.delay(delay_seconds), why
        if for_all:
            way.hold_seconds = delay_seconds
        if ours:
            self.count("SesRefusesUs", 1)
            log.error("SES refuses us", extra={"job_id": way.job.job_id, "reason": why})
        elif way.outage.long:
            self.count("SesRefusesUs", 1)
            log.error("SES keeps failing", extra={"job_id": way.job.job_id, "reason": why})

    def _settle_refused(self, way: Way) -> None:
        """Close the recipients whom SES refused, if it accepted the same mail for somebody else.

        Otherwise the mail or its sender may be at fault, which must not take anybody off their list: they wait for a
        person.
        """
        ours = {
            index: refusal
            for index, refusal in way.refused.items()
            if refusal.mail != way.record.taken and refusal.mail not in self.taken
        }
        way.record = way.record.decided(dict.fromkeys(way.refused.keys() - ours.keys(), State.REJECTED))
        if ours:
            way.record = way.record.parked(ours)
            way.why_parked = f"refused, and nobody was accepted: {next(iter(ours.values())).error}"

    def _finish(self, way: Way) -> None:
        """Write what is not written yet, publish the news, and put back or set aside what is left."""
        if way.delay_seconds is not None and not way.everybody_open():
            way.delay_seconds = None
        if replace(way.record.released(), published=0, people="") != replace(way.read, published=0, people=""):
            way.record = self._save(way, way.record.released())
        if way.hold_seconds:
            self.pace.hold(way.hold_seconds)
        self._measure(way)
        ends_at = partial(self._ends_at, way.job)
        self.bus.publish(news(way.job, way.record, self.clock.now(), ends_at))
        if way.delay_seconds is not None:
            log.info("job put back", extra={"job_id": way.job.job_id, "reason": way.why_later})
            carried = _carried(way.record.step, way.outage, way.unverified)
            self._put_back(way.message, way.inlet, way.delay_seconds, carried)
            return
        until = way.waits_until()
        if until is not None:
            self._put_away(way, until)
            return
        parked = len(way.record.among(State.PARKED))
        if parked:
            self.bus.publish([failed(way.job, way.record, self.clock.now())])
            whom = f"{parked} of {counted(len(way.record.states), 'recipient')}"
            letter = replace(way.message, attributes={PARKED_VERSION: str(way.record.version)})
            set_aside(self.dead_letters, letter, f"{whom}: {way.why_parked}")

    def _put_away(self, way: Way, until: datetime) -> None:
        """Let the rest of a job wait for an open hour."""
        waits = {"job_id": way.job.job_id, "kind": way.job.kind, "until": to_text(until)}
        log.info("job waits for an open hour", extra={**waits, "recipients": len(way.waiters())})
        now = self.clock.now()
        carried = _carried(way.record.step, way.outage, way.unverified)
        job = kept(way.job, way.message, carried, until)
        if job is None:
            left = math.ceil((until - now).total_seconds())
            self._put_back(way.message, way.inlet, min(LONGEST_DELAY_SECONDS, max(1, left)), carried)
            return
        self.count("MailWaits", len(way.waiters()))
        self.waiting().put_away(job, until=until, now=now)

    def _ignore(self, job: MailJob) -> None:
        """Leave a job alone whose id was begun with other recipients.

        Such a job was made again after somebody left the list. The first job's own message is still on its way.
        """
        self.count("MailJobDiffers", 1)
        log.warning("job made again with other recipients", extra={"job_id": job.job_id})

    def _save(self, way: Way, record: JobRecord) -> JobRecord:
        return self.jobs.save(way.job.job_id, record, now=self.clock.now())

    def _leased(self, way: Way, group: Sequence[int]) -> JobRecord:
        """Return the record with the lease for a call taken.

        Mails that count from the lease get its moment written too, so that a repeated call says the same.
        """
        now = self.clock.now()
        record = way.record.attempting(group).held(way.inlet.holder, now + LEASE)
        return record.leased(group, now.replace(microsecond=0)) if way.mail.at_lease else record

    def _mail(self, job: MailJob, leased_at: datetime | None) -> Mail:
        places = {each.near for each in job.recipients if each.near is not None}
        return self.renderer.render(
            job.kind, job.locale, job.data, time_zone=job.time_zone, leased_at=leased_at, places=places
        )

    def _ends_at(self, job: MailJob, leased_at: datetime) -> datetime | None:
        return self._mail(job, leased_at).ends_at

    def _unknown(self, record: JobRecord) -> JobRecord:
        attempted = len(record.among(State.ATTEMPTED))
        if attempted:
            self.count("MailOutcomeUnknown", attempted)
        return record.outcome_unknown()

    def _put_back(self, message: Message, inlet: Inlet, delay_seconds: int, carried: Mapping[str, str]) -> None:
        """Send the job to its queue again: waiting is no failure, and must not end in the dead-letter queue."""
        self.count("MailPutBack", 1)
        attributes = {name: value for name, value in message.attributes.items() if name == PARKED_VERSION}
        attributes.update(carried)
        inlet.queue.send(
            [Outgoing(message.body, delay_seconds, received_at=message.received_at, attributes=attributes)]
        )

    def _measure(self, way: Way) -> None:
        for state in State:
            before, after = way.read.among(state), way.record.among(state)
            new = len(set(after) - set(before))
            if new and state is State.ACCEPTED:
                self.count("MailAccepted", new)
            elif new and state in REASONS:
                self.count(f"MailRefused{REASONS[state].capitalize()}", new)
                unforeseen = len(set(after) - set(before) - way.too_late)
                if state is State.EXPIRED and unforeseen:  # an alarm for a metric of its own would cost as much again
                    self.count("MailNotSentAfterAll", unforeseen)
            elif new and state is State.PARKED:
                self.count("MailParked", new)


def parse(message: Message) -> MailJob:
    """Read a job. Raises `PoisonError` naming what is wrong with it."""
    content = message.json()
    wrong = checker("standby.mail", "mail.job")(content)
    if wrong:
        raise PoisonError("; ".join(wrong))
    job = MailJob.from_content(content)
    try:
        from_text(job.valid_until)
        from_text(job.send_by or job.valid_until)
        for recipient in job.recipients:
            asked_at(recipient)
    except ValueError as error:
        raise PoisonError(f"not an instant: {error}") from error
    return job


def _require_slots(job: MailJob, mail: Mail) -> None:
    for index, recipient in enumerate(job.recipients):
        for name in sorted(mail.slots):
            if SLOT.fullmatch(recipient.slots.get(name, "{")) is None:
                raise PoisonError(f"recipients.{index}.slots.{name}: missing or not plain")


def _carried(published: int, outage: Outage | None, unverified: Unverified) -> dict[str, str]:
    """Return what a job that is put back carries in attributes, without those that say nothing."""
    said = {
        PUBLISHED: str(published or ""),
        FAILING: outage.text() if outage else "",
        UNVERIFIED: unverified.text(),
    }
    return {name: value for name, value in said.items() if value}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
