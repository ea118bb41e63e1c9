"""Who of a job must not get its mail (promise 8)."""

from collections.abc import Sequence
from datetime import datetime

from standby.mail.model import NO_MARKS, PLAUSIBLE, JobRecord, Mail, Purpose, State, Stops, Wave, stopped
from standby.mail_job import MailJob, Recipient
from standby.platform.clock import from_text


def sku_of(job: MailJob) -> str | None:
    """Return the SKU whose selling out calls the job off."""
    wave = Wave.of(job.wave)
    return wave.sku if wave else None


def decisions(
    job: MailJob, mail: Mail, record: JobRecord, keys: Sequence[str], stops: Stops, *, now: datetime
) -> dict[int, State]:
    """Decide who of the open recipients must not get the mail, and why. ``keys`` are their address keys, by index."""
    wave = Wave.of(job.wave)
    called_off = wave is not None and wave.called_off(stops.sold_out_revision)
    expired = from_text(job.valid_until) <= now
    decided: dict[int, State] = {}
    for index in record.among(State.OPEN):
        recipient = job.recipients[index]
        marks = stops.marks.get(keys[index], NO_MARKS)
        reason = stopped((recipient.reference, *recipient.tells_of), asked_at(recipient), marks, leave=mail.leave)
        if reason is None and (called_off or mail.nothing):
            reason = State.CANCELLED
        if reason is None and expired:
            reason = State.EXPIRED
        if reason is None and mail.purpose is Purpose.ADVERTISING and not recipient.marketing:
            reason = State.UNCONSENTED
        if reason is None and PLAUSIBLE.fullmatch(recipient.email) is None:
            reason = State.REJECTED
        if reason is not None:
            decided[index] = reason
    return decided


def asked_at(recipient: Recipient) -> datetime | None:
    """Return when a recipient asked for the mail; ``None`` where the job does not say."""
    return None if recipient.consented_at is None else from_text(recipient.consented_at)
