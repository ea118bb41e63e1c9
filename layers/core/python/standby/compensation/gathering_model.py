"""One mail for all that is granted of an order within minutes: its shipments are late each by an event of its own.

What is granted of an order in one shipment is mailed at once. Of one in several it is gathered: whoever gathers the
first sends the issuer a message that comes minutes later. Whatever was gathered by then is written down as going, is
mailed together, and is written down as mailed; but of what was taken back by then, or is for what was cancelled or came
back, its customer is told nothing. While it goes, nothing else becomes of it: so whoever does it again, for
one who died, makes the same mail, which mail sends once. The hourly look is the backstop.

What a person decided, or its customer chose, does not wait: somebody looks out for it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from standby.compensation.model import CHOSEN, GATHERED, GOING, NOTHING, Grant, Remedies
from standby.platform.clock import from_text, to_text

if TYPE_CHECKING:
    from standby.compensation.ordered import Ordered

WITHIN = timedelta(minutes=5)
"""So long what is granted of an order is gathered, from the first of it."""
MAIL = "mail_gathered"
"""The field of the message that asks for the mail; it has the order's id."""


def is_gathered(grant: Grant, ordered: "Ordered") -> bool:
    """Tell whether what is granted waits minutes for what else may be granted of its order."""
    if grant.by is not None or grant.decided_by is not None or grant.outcome == CHOSEN:
        return False
    return sum(1 for name in ordered.shipments if ordered.lines_of(name)) > 1


def gathered(known: Remedies) -> list[Grant]:
    """Return what is gathered of an order."""
    return [grant for grant in known.grants if grant.told == GATHERED]


def going(known: Remedies) -> list[Grant]:
    """Return what one mail brings now."""
    return [grant for grant in known.grants if grant.told == GOING]


def with_all_going(known: Remedies, over: Collection[str] = ()) -> Remedies:
    """Return an order once one mail is to bring all that is gathered, but grants that are ``over``, by their ids."""
    every = (
        replace(grant, told=NOTHING if grant.grant_id in over else GOING) if grant.told == GATHERED else grant
        for grant in known.grants
    )
    return replace(known, grants=tuple(every))


def mailed_at(grants: Sequence[Grant]) -> str | None:
    """Return when one mail is to bring what is gathered among grants; ``None``: nothing is."""
    first = min((grant.settled_at or grant.at for grant in grants if grant.told == GATHERED), default=None)
    return None if first is None else to_text(from_text(first) + WITHIN)


def is_due(known: Remedies, now: datetime) -> bool:
    """Tell whether it is time to mail what is gathered of an order."""
    at = mailed_at(known.grants)
    return at is not None and at <= to_text(now)
