"""Which mails wait for an hour in which the shop writes to people, and until when (`standby.platform.shop_hours`).

Nothing waits for which a person waits: a code, a confirmation, all that comes by the queue MailUrgent. Advertising
waits in every closed hour, other mails only where the shop says so. SQS delays a message for 15 minutes at most, so a
job that has to wait longer is put away in the table. A sweep sends it to its queue again (`sweeping`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Protocol

from standby.mail.model import Mail
from standby.mail_job import MailJob
from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Message, to_json
from standby.platform.shop_hours import AlwaysOpen, Hours

SENT_BEFORE = timedelta(hours=1)
"""So long before its ``send_by`` a job must be on its way, because its queue may be long."""
VALID_AFTERWARDS = timedelta(days=1)
"""A patient job is valid for so long, at least, after the end of the closed hours."""
MOST_BYTES = 350_000
"""An item of DynamoDB has 400 kB at most. A job that is longer goes round in its queue instead."""

ABOUT = "about~"
"""Begins the name under which a job waits that tells the newest of something."""


@frozen()
class KeptJob:
    """A job that waits, as its queue had it."""

    job_id: str
    """Its id, or what it is about: whatever waits about the same is one."""
    body: str = field(repr=False)
    attributes: Mapping[str, str]
    received_at: int
    said_at: str | None = None
    """Since when it is so what a job says that tells the newest of something."""


class Waiting(Protocol):
    """Where jobs wait."""

    def put_away(self, kept: KeptJob, *, until: datetime, now: datetime) -> None:
        """Keep a job until its hour has come. One that waits already waits until then, unless it is newer."""
        ...


@frozen()
class Calendar:
    """When mails may go."""

    hours: Hours = field(default_factory=AlwaysOpen)
    everything: bool = False
    """All mails wait, not advertising alone."""

    def closed(self, job: MailJob, mail: Mail, indexes: Iterable[int], now: datetime) -> dict[int, datetime]:
        """Return for whom of a job's recipients it is a closed hour, and when that ends for each."""
        if not self.hours.closes or not (self.everything or mail.advertises):
            return {}
        opens: dict[str | None, datetime] = {}
        for index in indexes:
            zone = job.recipients[index].time_zone or job.time_zone
            if zone not in opens:
                opens[zone] = self._opens(job, zone, now)
        zones = ((index, job.recipients[index].time_zone or job.time_zone) for index in indexes)
        return {index: opens[zone] for index, zone in zones if opens[zone] > now}

    def _opens(self, job: MailJob, zone: str | None, now: datetime) -> datetime:
        opens = self.hours.opens(now, zone)
        dated = job.send_by is not None and from_text(job.send_by) - SENT_BEFORE < opens
        return now if dated else opens


def too_late(job: MailJob, waiting: Mapping[int, datetime]) -> Collection[int]:
    """Return for whom the closed hours last longer than the job is valid, unless it is patient."""
    valid_until = from_text(job.valid_until)
    return [] if job.patient else [index for index, opens in waiting.items() if valid_until <= opens]


def kept(job: MailJob, message: Message, attributes: Mapping[str, str], until: datetime) -> KeptJob | None:
    """Return a job as it is put away; ``None`` where it is too long for that."""
    body, valid_until = message.body, until + VALID_AFTERWARDS
    if job.patient and from_text(job.valid_until) < valid_until:
        body = to_json({**message.json(), "valid_until": to_text(valid_until)})
    if len(body.encode()) > MOST_BYTES:
        return None
    if job.about is None:
        return KeptJob(job.job_id, body, attributes, message.received_at)
    said_at = max((each.consented_at or "" for each in job.recipients), default="")
    return KeptJob(f"{ABOUT}{job.about}", body, attributes, message.received_at, said_at)
