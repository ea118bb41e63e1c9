"""A remedy that its customer chooses from several: open, until it is chosen, its time is over, or the shop ends it.

While it is open, what the dearest remedy can cost counts as granted. What is chosen may cost less; the rest is free for
others from then on. Each remedy of a choice adds up, with all that was granted before for the same shipment, to what
the level gives by that remedy.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import NamedTuple

from standby.compensation.gathering_model import mailed_at
from standby.compensation.model import DENIED, NOTHING, REPLACED, Freed, Grant, Option, Refusal, Remedies
from standby.compensation.policy_model import CHOICE, CODED, GONE, Choice, Entitled, Market, Remedy, difference
from standby.compensation.validity_model import last_day
from standby.platform.clock import from_text, to_text

NOTHING_TO_RATE = "nothing-to-rate"
ORDER_OVER = "order-over"
UNKNOWN, NO_OPTION, ENDED, CHOSEN_ALREADY = "unknown-remedy", "no-such-option", "choice-over", "already-chosen"
FOR_GOOD = "not-revocable"


class RefusedError(Exception):
    """A choice does not end so; ``slug`` is one of the words above."""

    def __init__(self, slug: str, message: str) -> None:
        super().__init__(message)
        self.slug = slug


class Settled(NamedTuple):
    """An order after choices of it ended, and what that frees."""

    remedies: Remedies
    freed: tuple[Freed, ...]
    """Of each choice, where it frees anything."""


def options_of(found: Entitled, already: int, lefts: Sequence[int], market: Market) -> tuple[Option, ...]:
    """Return what a customer may choose from, and what each adds; what would add nothing is left out."""
    options = (_option(remedy, difference(value, already, *lefts), market) for remedy, value in found.options)
    return tuple(option for option in options if option.amount > 0)


def _option(remedy: Remedy, amount: int, market: Market) -> Option:
    return Option(
        remedy.kind,
        amount,
        remedy.percent,
        remedy.minimum,
        remedy.combinable,
        revocable=remedy.revocable,
        bound=remedy.bound,
        valid_days=market.valid_for(remedy.kind) if remedy.kind in CODED else 0,
    )


def offering(grant: Grant, options: tuple[Option, ...], choice: Choice, zone: tzinfo, told_at: datetime) -> Grant:
    """Return a grant of the dearest remedy as a choice between several; of one that is left it stays as it is.

    The days to choose are counted from ``told_at``, when the mail may go, so none is over before it went.
    It may be taken back while it is open where each of its codes may be.
    """
    if len(options) == 1:
        return grant
    at = from_text(grant.at)
    last = last_day(told_at, choice.days, zone)
    options = tuple(
        option._replace(ends_on=last_day(at, option.valid_days or grant.valid_days, zone).day)
        if option.kind in CODED
        else option
        for option in options
    )
    return replace(
        grant,
        kind=CHOICE,
        percent=None,
        minimum=None,
        combinable=True,
        revocable=all(option.revocable for option in options if option.kind in CODED),
        bound=False,
        expires_at=None,
        ends_on=min((option.ends_on for option in options if option.ends_on is not None), default=None),
        options=options,
        offered=grant.amount,
        choose_by=last.day,
        choose_until=last.over_at,
        choose_days=choice.days,
        otherwise=choice.otherwise if choice.otherwise in {option.kind for option in options} else None,
    )


def grant_of(known: Remedies, grant_id: str) -> Grant | None:
    """Return the grant of an order with an id."""
    return next((grant for grant in known.grants if grant.grant_id == grant_id), None)


def open_choices(known: Remedies) -> list[Grant]:
    """Return the choices of an order that are open."""
    return [grant for grant in known.grants if grant.open]


def without_open(
    known: Remedies, shipment_id: str, line_ids: Collection[str], at: str, *, by_hand: bool = False
) -> Settled:
    """Return an order for which more is going to be granted: what its customer did not choose yet is offered no more.

    So the customer chooses once, from what the longest delay gives. What somebody gives ``by_hand`` is what it is worth
    in all, so it replaces what waits for approval, too: whoever denied that would take something of it away.
    """
    theirs = [grant for grant in known.grants if grant.is_for(shipment_id, line_ids) and grant.outcome is None]
    return ended(known, [_replaced(grant, at) for grant in theirs if grant.options or (by_hand and grant.awaits)])


def settled(
    known: Remedies,
    grant: Grant,
    outcome: str,
    at: datetime,
    *,
    kind: str,
    code: str,
    zone: tzinfo,
) -> Settled:
    """Return an order after a choice ended with an outcome. ``kind`` is the remedy that it comes to.

    ``code`` is the hash of its voucher's code, where it is one, which is valid from now on: by days of the shop's
    ``zone``. Raises `LookupError` for a kind that it does not offer.
    """
    option = next((each for each in grant.options if each.kind == kind), None)
    if option is None:
        raise LookupError(kind)
    coded = kind in CODED
    last = last_day(at, option.valid_days or grant.valid_days, zone) if coded else None
    made = replace(
        _over(grant, outcome, to_text(at)),
        kind=option.kind,
        amount=option.amount,
        percent=option.percent,
        minimum=option.minimum,
        combinable=option.combinable,
        revocable=option.revocable,
        bound=option.bound,
        holder_id=grant.holder_id if option.bound else None,
        holder_key=grant.holder_key if option.bound else None,
        code=code if coded else None,
        expires_at=None if last is None else last.over_at,
        ends_on=None if last is None else last.day,
    )
    return ended(known, [made])


def came_to_nothing(known: Remedies, grant: Grant, outcome: str, at: datetime) -> Settled:
    """Return an order after a choice ended with an outcome of which nothing came."""
    return ended(known, [_over(grant, outcome, to_text(at))])


def order_over(known: Remedies, grant: Grant, at: datetime) -> Settled:
    """Return an order after all for which a choice, or what waits for approval, was granted came to nothing.

    Nobody had heard of what waited.
    """
    amount = max(grant.offered, grant.amount)
    over = replace(_over(grant, GONE, to_text(at)), kind=grant.kind, offered=amount, expires_at=None, ends_on=None)
    if grant.awaits:
        over = replace(over, approval=DENIED, told=NOTHING)
    why = Refusal(
        at=to_text(at),
        shipment_id=grant.shipment_id,
        days_late=grant.days_late,
        why=GONE,
        policy_version=grant.policy_version,
        rule=grant.rule,
        amount=amount,
        currency=grant.currency,
        level=grant.level,
    )
    return ended(known.refusing(why), [over])


def due_at(known: Remedies) -> str | None:
    """Return when an order is to be looked at: as a choice or grace ends, at once where all are to hear of something.

    Whoever granted by the clock and died before it was told has no event that would come again.
    """
    unheard = [refusal.at for refusal in known.refusals if not refusal.told]
    unheard += [call.at for call in known.calls if not call.told]
    unheard += [known.rating.at] if known.rating is not None and not known.rating.told else []
    untold = [grant.settled_at or grant.at for grant in known.grants if grant.untold]
    open_until = [grant.choose_until for grant in known.grants if grant.open]
    waiting = [late.due_at for late in known.late.values()]
    gathered = mailed_at(known.grants)
    return min(filter(None, [*unheard, *untold, *open_until, *waiting, gathered]), default=None)


def over(grant: Grant, now: datetime) -> bool:
    """Tell whether the time to choose is over."""
    return grant.choose_until is not None and from_text(grant.choose_until) <= now


def _over(grant: Grant, outcome: str, at: str) -> Grant:
    """Return a choice that came to nothing."""
    return replace(
        grant,
        kind=CHOICE,
        amount=0,
        outcome=outcome,
        settled_at=at,
        customer=None,
        holder_id=None,
        holder_key=None,
        told=None,
        ends_on=None,
        mail=None,
    )


def _replaced(grant: Grant, at: str) -> Grant:
    """Return what something else takes the place of; of what waited for approval nobody had heard."""
    over = _over(grant, REPLACED, at)
    if not grant.awaits:
        return over
    return replace(
        over, kind=grant.kind, offered=max(grant.offered, grant.amount), expires_at=None, approval=None, told=NOTHING
    )


def ended(known: Remedies, grants: Iterable[Grant]) -> Settled:
    """Return an order with choices as they ended."""
    ended = {grant.grant_id: grant for grant in grants}
    freed = [
        Freed(grant.month, grant.currency, grant.customer, grant.amount - ended[grant.grant_id].amount)
        for grant in known.grants
        if grant.grant_id in ended
    ]
    after = tuple(ended.get(grant.grant_id, grant) for grant in known.grants)
    return Settled(replace(known, grants=after), tuple(each for each in freed if each.amount > 0))
