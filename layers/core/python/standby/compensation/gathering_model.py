"""One mail for all that is granted of an order within minutes: its shipments are late each by an event of its own.

What is granted of an order in one shipment is mailed at once. Of one in several it is gathered: whoever gathers the
first sends the issuer a message that comes minutes later. Whatever was gathered by then is written down as going, is
mailed together, and is written down as mailed; but of what was taken back by then, or is for what was cancelled or came
back, its customer is told nothing. While it goes, nothing else becomes of it: so whoever does it again, for
one who died, makes the same mail, which mail sends once. The hourly look is the backstop.

Where something that it brings is taken back before it went, Mail does not send it, and says so: another one brings the
rest.

What a person decided, or its customer chose, does not wait: somebody looks out for it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from standby.compensation.model import CHOSEN, GATHERED, GOING, MAILED, NOTHING, Grant, Remedies
from standby.platform.clock import from_text, to_text

if TYPE_CHECKING:
    from standby.compensation.ordered import Ordered

WITHIN = timedelta(minutes=5)
"""So long what is granted of an order is gathered, from the first of it."""
SECONDS = int(WITHIN.total_seconds())
MAIL = "mail_gathered"
"""The field of the message that asks for the mail; it has the order's id."""


def is_gathered(grant: Grant, ordered: "Ordered") -> bool:
    """Tell whether what is granted waits minutes for what else may be granted of its order."""
    if grant.by is not None or grant.decided_by is not None or grant.outcome == CHOSEN:
        return False
    return sum(1 for name in ordered.shipments if ordered.lines_of(name)) > 1


def gathered_until(grant: Grant, ordered: "Ordered", at: datetime) -> datetime:
    """Return when what is granted at an instant is mailed, where the shop writes to people then."""
    return at + WITHIN if is_gathered(grant, ordered) else at


def gathered(known: Remedies) -> list[Grant]:
    """Return what is gathered of an order."""
    return [grant for grant in known.grants if grant.told == GATHERED]


def going(known: Remedies) -> list[Grant]:
    """Return what one mail brings now."""
    return [grant for grant in known.grants if grant.told == GOING]


def to_mail(known: Remedies, instead_of: str | None, due_by: datetime | None) -> list[Grant]:
    """Return what one mail is to bring: all that is gathered, or what a mail was to bring that did not go.

    Nothing while that is not due by ``due_by``; ``None``: it is.
    """
    if instead_of is not None:
        return [grant for grant in known.grants if (grant.told, grant.mail) == (MAILED, instead_of)]
    return gathered(known) if due_by is None or is_due(known, due_by) else []


def with_all_going(known: Remedies, waiting: Collection[Grant], over: Collection[str] = ()) -> Remedies:
    """Return an order, to be written, once one mail is to bring all that is ``waiting``.

    Grants that are ``over``, by their ids, are not in it.
    """
    ids = {grant.grant_id for grant in waiting}
    left = [f"{grant.grant_id} {grant.outcome}" for grant in waiting if grant.grant_id not in over]
    mail = sha256("\n".join(left).encode()).hexdigest()[:8]
    every = (
        (replace(grant, told=NOTHING, mail=None) if grant.grant_id in over else replace(grant, told=GOING, mail=mail))
        if grant.grant_id in ids
        else grant
        for grant in known.grants
    )
    return replace(known, grants=tuple(every), edition=known.edition + 1)


def mailed_at(grants: Sequence[Grant]) -> str | None:
    """Return when one mail is to bring what is gathered among grants; ``None``: nothing is."""
    first = min((grant.settled_at or grant.at for grant in grants if grant.told == GATHERED), default=None)
    return None if first is None else to_text(from_text(first) + WITHIN)


def is_due(known: Remedies, now: datetime) -> bool:
    """Tell whether it is time to mail what is gathered of an order."""
    at = mailed_at(known.grants)
    return at is not None and at <= to_text(now)
