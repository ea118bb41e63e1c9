"""Mails about a later day, or none, that reached nobody: whom those were for was not told."""

from dataclasses import replace
from typing import TYPE_CHECKING

from standby.preorder.consent_model import first_promised
from standby.preorder.model import Moved, Reservation, promised
from standby.preorder.slipping import handed_over
from standby.preorder.telling import POSTPONED, UNDATED, postponed_name
from standby.preorder.untold_model import Untold, numbered

if TYPE_CHECKING:
    from standby.events.mail import MailFailed, MailRefused

EXPIRED = "expired"
"""Why a mail was refused that could not be sent in its time, whatever its address."""
MOST_UNTOLD = 20
"""Mails of a reservation that reached nobody, and are noted. Later ones count as told."""


def untold(known: Reservation, event: "MailRefused | MailFailed", now: str) -> Reservation | None:
    """Return a reservation once a mail about its day reached nobody; ``None``: another mail, or that is known.

    Its customer counts as not told: an order that has taken it over hears that. A mail that expired is sent once again
    while the day is so. A newer mail than the one that reached nobody has its own outcome.
    """
    job = _job(known, event)
    if job is None or known.status not in {"confirmed", "allocated"} or len(known.untold) >= MOST_UNTOLD:
        return None
    day, about = promised(known.lines), known.reservation_id
    undated = job == _undated(about)
    so = known.status == "confirmed" and (day is None if undated else day == known.told_until)
    tried = any(each.job == job for each in known.untold)
    again = so and event.reason == EXPIRED and not known.told_by_order and not tried
    edition = known.edition + 1
    made = replace(known, untold=(*known.untold, Untold(job, event.at, again)), edition=edition)
    if not undated:  # it was mailed, so nothing of it is owed, but that this was noted
        owed = tuple(name for name in known.owed if not _says(name, known.told_until))
        made = replace(made, owed=owed, told_until=known.told_until if again else None)
    if again:
        return replace(made, owed=(*made.owed, _once_again(made, day, now)))
    if known.told_by_order and undated == (day is None):
        made = replace(made, owed=(*made.owed, *handed_over(made, known.orders[0].named_at)))
    return made


def untold_undated(known: Reservation) -> bool:
    """Tell whether the mail that no day is known reached nobody."""
    found = [each for each in known.untold if each.job == _undated(known.reservation_id)]
    return bool(found) and not found[-1].again


def untold_until(known: Reservation) -> str | None:
    """Return the newest day of which the mail reached nobody; ``None``: there is none."""
    days = [each.job.rpartition("@")[2] for each in known.untold if each.job.startswith(POSTPONED) and not each.again]
    return days[-1] if days else None


def _job(known: Reservation, event: "MailRefused | MailFailed") -> str | None:
    """Return the newest job that an event is about, without its number; ``None``: it is about another mail.

    Of a mail that came back nobody says which it was; so it is the newest about the day.
    """
    about, first = known.reservation_id, first_promised(known.lines)
    undated, told = _undated(about), known.told_until
    dated = f"{POSTPONED}#{about}@{told}" if told is not None and first is not None and told > first else None
    if event.job_id is None:
        if known.untold and event.at <= known.untold[-1].at:
            return None
        lost = promised(known.lines) is None and first is not None and not untold_undated(known)
        return undated if lost else dated
    return next((job for job in (undated, dated) if job and numbered(job, known.untold) == event.job_id), None)


def _undated(reservation_id: str) -> str:
    return f"{UNDATED}#{reservation_id}"


def _says(name: str, until: str | None) -> bool:
    return name.startswith(POSTPONED) and name.split("#")[2] == until


def _once_again(made: Reservation, day: str | None, now: str) -> str:
    """Return the name by which the same mail is owed once more."""
    if day is not None:
        return postponed_name(first_promised(made.lines) or "", day, now)
    line = next(each for each in made.lines if each.campaign is not None and each.promised_until is None)
    return Moved(line.sku, made.edition, None, None, now).text
