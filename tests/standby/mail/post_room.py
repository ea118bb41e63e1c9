"""A post office that can lose answers, and a sender around it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from standby.mail.advertising_repository import AdvertisingBound
from standby.mail.model import Addressee, Answer, Mail, Outcome
from standby.mail.pace import Pace
from standby.mail.rendering import MailRenderer
from standby.mail.repository import MailRepository
from standby.mail.service import Sender
from standby.mail.ses import FixedRate
from standby.mail.sweeping import WaitingSweeper
from standby.mail.waiting import Calendar
from standby.mail.waiting_repository import WaitingRepository
from standby.mail.way import Inlet
from standby.mail_job import MailJob, Recipient
from standby.platform.bus import Event
from standby.platform.clock import to_text
from standby.platform.json_text import from_json
from standby.platform.queue import Message, Outgoing, consume, to_json

from tests.fakes import FakeBus, FakeClock, FakeQueue

LEAVE = "https://shop.example/v1/waitlist/leave?token="
Script = Callable[[Sequence[Addressee]], Sequence[Answer] | None]


def nothing_waits() -> WaitingSweeper:
    """Stand for the sweeper where no job waits."""
    raise AssertionError


class KilledError(BaseException):
    """The process ended here."""


@dataclass
class FakeMailer:
    """A post office. Each call takes the next script; without one everybody is accepted.

    A script returns answers, returns ``None`` to accept all, or raises; what it does before raising is its business
    (`lost` accepts the mails and loses the answer).
    """

    scripts: list[Script] = field(default_factory=list)
    calls: list[list[str]] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    addressees: list[Addressee] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    sender: str = "Olive & Loom <news@shop.example>"

    def send(self, mail: Mail, addressees: Sequence[Addressee]) -> Sequence[Answer]:
        self.calls.append([addressee.email for addressee in addressees])
        self.addressees.extend(addressees)
        self.mails.append(mail)
        answers = self.scripts.pop(0)(addressees) if self.scripts else None
        if answers is None:
            answers = [Answer(Outcome.ACCEPTED)] * len(addressees)
        self.deliver(addressees, answers)
        return answers

    def deliver(self, addressees: Sequence[Addressee], answers: Sequence[Answer]) -> None:
        """Hand out the mails that were accepted."""
        for addressee, answer in zip(addressees, answers, strict=True):
            if answer.outcome is Outcome.ACCEPTED:
                self.delivered.append(addressee.email)

    def loses(self, error: BaseException) -> Script:
        """Return a script that delivers to everybody and then raises."""

        def script(addressees: Sequence[Addressee]) -> None:
            self.deliver(addressees, [Answer(Outcome.ACCEPTED)] * len(addressees))
            raise error

        return script


def raises(error: BaseException) -> Script:
    """Return a script that delivers to nobody and raises."""

    def script(_addressees: Sequence[Addressee]) -> None:
        raise error

    return script


def answers(*outcomes: Answer) -> Script:
    """Return a script that answers this."""
    return lambda _addressees: outcomes


@dataclass
class Counting:
    """A DynamoDB client that counts its requests and the write units of single writes."""

    client: Any
    requests: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)

        def counted(**request: Any) -> Any:
            self.requests.append(name)
            return method(**request)

        return counted


@dataclass
class PostRoom:
    """The sender with everything around it, and a queue that delivers."""

    clock: FakeClock
    dynamodb: Counting
    mailer: FakeMailer
    bus: FakeBus
    queue: FakeQueue
    dead_letters: FakeQueue
    repository: MailRepository
    rate: float = 500.0
    counts: dict[str, int] = field(default_factory=dict)
    slept: list[float] = field(default_factory=list)
    calendar: Calendar = field(default_factory=Calendar)
    pace: Pace = field(init=False)
    sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        self.set_rate(self.rate)

    def set_rate(self, rate: float) -> None:
        """Let the account send so many mails a second."""
        self.pace = Pace(self.repository, FixedRate(rate), self.clock, self._sleep)
        self.sender = Sender(
            jobs=self.repository,
            mailer=self.mailer,
            pace=self.pace,
            renderer=MailRenderer("Olive & Loom <news@shop.example>", "Olive & Loom, 1 Herzl St, Tel Aviv", "default"),
            bus=self.bus,
            dead_letters=self.dead_letters,
            clock=self.clock,
            count=self._count,
            calendar=self.calendar,
            waiting=lambda: self.waiting,
            bound=AdvertisingBound(table=self.repository.table, days=0),
        )

    @property
    def waiting(self) -> WaitingRepository:
        """Where jobs wait for an open hour."""
        return WaitingRepository(self.repository.table)

    def sweep(self) -> None:
        """Send the jobs to the queue whose hour has come, as a sweep does."""
        sweeps = FakeQueue()
        sweeper = WaitingSweeper(waiting=self.waiting, jobs=self.queue, sweeps=sweeps, clock=self.clock)
        sweeper.handle({"sweep": "due"})
        while sweeps.messages:
            for message in sweeps.drain():
                sweeper.handle(from_json(message.body))

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds=seconds)

    def _count(self, name: str, value: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + value

    def deliver(
        self, *jobs: MailJob | Outgoing, urgent: bool = False, attributes: Mapping[str, str] | None = None
    ) -> list[str]:
        """Hand a batch of jobs to the sender; return the ids of the messages that failed."""
        messages = [
            Message(
                f"m-{place}",
                to_json(job.content()) if isinstance(job, MailJob) else job.body,
                received_at=0,
                attributes=dict(attributes or {}) if isinstance(job, MailJob) else dict(job.attributes),
            )
            for place, job in enumerate(jobs)
        ]
        event = {
            "Records": [
                {
                    "messageId": message.message_id,
                    "body": message.body,
                    "messageAttributes": {name: {"stringValue": value} for name, value in message.attributes.items()},
                }
                for message in messages
            ]
        }
        until = self.clock.now() + timedelta(seconds=40)
        left = iter(range(len(jobs), 0, -1))
        answer = consume(
            event,
            lambda message: self.sender.handle(
                message, Inlet(self.queue, urgent, f"test#{message.message_id}", next(left), until)
            ),
            dead_letters=self.dead_letters,
        )
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def settle(self, *, rounds: int = 20) -> None:
        """Deliver what was put back once its time has come, until nothing is left."""
        for _ in range(rounds):
            if not self.queue.messages:
                return
            waiting = self.queue.drain()
            self.clock.advance(seconds=max(message.delay_seconds for message in waiting))
            self.deliver(*waiting)

    def references(self, name: str, reason: str | None = None) -> list[str]:
        """Return the references that events of this name told, in order."""
        return [
            reference
            for event in self.bus.named(name)
            if reason is None or event._asdict().get("reason") == reason
            for reference in event._asdict()["references"]
        ]


def job(
    people: int = 3,
    *,
    job_id: str = "MUG@7#1#0#0",
    kind: str = "back_in_stock",
    wave: str | None = "MUG@7#1",
    valid_for: float = 3600,
    clock: FakeClock | None = None,
    emails: Iterable[str] | None = None,
    data: Mapping[str, Any] | None = None,
    consented_at: datetime | None = None,
    **more: Any,
) -> MailJob:
    now = (clock or FakeClock()).now()
    asked = to_text(consented_at or now - timedelta(days=3))
    button = "confirm" if kind == "confirm" else "mine"
    names = {"skus": ["MUG"]} if kind == "confirm" else {"sku": "MUG"}
    return MailJob(
        job_id=job_id,
        kind=kind,
        locale=more.pop("locale", "en"),
        data=data or {**names, f"{button}_url": "https://shop.example/v1/mine?token=", "leave_url": LEAVE},
        recipients=[
            Recipient(
                reference=f"entry-{index}",
                email=email,
                slots={button: f"m{index}", "leave": f"l{index}"},
                consented_at=asked,
            )
            for index, email in enumerate(emails or [f"person{number}@example.com" for number in range(people)])
        ],
        valid_until=to_text(now + timedelta(seconds=valid_for)),
        wave=wave,
        **more,
    )


@dataclass
class FailingBus(FakeBus):
    """A bus that raises the errors given, one per publication, before it takes anything."""

    errors: list[BaseException | None] = field(default_factory=list)

    def publish(self, events: Iterable[Event]) -> None:
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        super().publish(events)
