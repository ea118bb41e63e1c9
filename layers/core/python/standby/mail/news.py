"""What is told of a job: which of its mails SES accepted, and whom it was not sent to, and why."""

from collections.abc import Callable
from datetime import datetime

from standby.events.mail import MailAccepted, MailFailed, MailRefused
from standby.mail.model import REASONS, JobRecord, State
from standby.mail_job import MailJob
from standby.platform.bus import Event
from standby.platform.clock import to_text


def news(job: MailJob, record: JobRecord, now: datetime, ends_at: Callable[[datetime], datetime | None]) -> list[Event]:
    """Make the events of every step that was not published yet. The same step always makes the same ids.

    ``ends_at`` returns the deadline in a mail that counts from a moment.
    """
    at = to_text(now)
    told: list[Event] = []
    for step in range(record.published + 1, record.step + 1):
        for state in (State.ACCEPTED, *REASONS):
            recipients = [job.recipients[index] for index in record.among(state) if record.steps[index] == step]
            references = [recipient.reference for recipient in recipients]
            if not references:
                continue
            word = REASONS.get(state, "accepted")
            event_id = f"{job.job_id}#{step}#{word}"
            if state is State.ACCEPTED:
                lease = record.lease(record.steps.index(step))  # all mails of a step were of one call
                told.append(
                    MailAccepted(
                        id=event_id,
                        at=at,
                        job_id=job.job_id,
                        kind=job.kind,
                        references=references,
                        wave=job.wave,
                        leased_at=_text(lease),
                        ends_at=_text(ends_at(lease)) if lease else None,
                    )
                )
            else:
                told.append(
                    MailRefused(
                        id=event_id,
                        at=at,
                        reason=word,
                        references=references,
                        job_id=job.job_id,
                        kind=job.kind,
                        wave=job.wave,
                    )
                )
    return told


def failed(job: MailJob, record: JobRecord, now: datetime) -> MailFailed:
    """Make the event of those who wait for a person; it is the same each time, and one for each time that they wait."""
    references = [job.recipients[index].reference for index in record.among(State.PARKED)]
    event_id = f"{job.job_id}#{record.version}#parked"
    return MailFailed(
        id=event_id, at=to_text(now), reason="parked", references=references, job_id=job.job_id, kind=job.kind
    )


def _text(at: datetime | None) -> str | None:
    return to_text(at) if at else None
