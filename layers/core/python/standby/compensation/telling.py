"""What all hear of a grant, and of how its choice ended."""

from collections.abc import Iterable

from standby.compensation.model import CHOSEN, ENDED, Grant, Rating, Refusal, Remedies, Wanted, grant_id_of
from standby.compensation.policy_model import CODED, FEE_BACK
from standby.events.fee import DeliveryFeeGiven
from standby.events.fields import Money
from standby.events.grant import RemedyCallWanted, RemedyGranted, RemedyWithheld
from standby.events.remedy import RemedyChosen, RemedyLapsed, RemedyRated

Told = RemedyGranted | RemedyChosen | RemedyLapsed | DeliveryFeeGiven


def brings_code(grant: Grant) -> bool:
    """Tell whether a grant is a code for another order, or may become one."""
    return not CODED.isdisjoint({grant.kind, *(option.kind for option in grant.options if grant.open)})


def events_of(order_id: str, grant: Grant) -> Iterable[Told]:
    """Yield what all hear: that it was granted, or, once its choice ended, what came of it."""
    if grant.outcome is None:
        yield _granted(order_id, grant)
    elif grant.outcome in ENDED:
        yield RemedyLapsed(
            id=f"{grant.grant_id}#lapsed",
            at=grant.settled_at or grant.at,
            grant_id=grant.grant_id,
            order_id=order_id,
            shipment_id=grant.shipment_id,
            reason=grant.outcome,
            freed=_money(grant, grant.offered),
        )
    else:
        yield RemedyChosen(
            id=f"{grant.grant_id}#chosen",
            at=grant.settled_at or grant.at,
            grant_id=grant.grant_id,
            order_id=order_id,
            shipment_id=grant.shipment_id,
            kind=grant.kind,
            amount=_money(grant, grant.amount),
            freed=_money(grant, grant.offered - grant.amount),
            by_customer=grant.outcome == CHOSEN,
            percent=grant.percent,
            minimum=_minimum(grant),
            combinable=grant.combinable,
            bound=grant.bound,
            customer_id=grant.holder_id if grant.bound else None,
            expires_at=grant.expires_at,
        )
    if grant.kind == FEE_BACK:
        yield DeliveryFeeGiven(
            id=f"{grant.grant_id}#fee",
            at=grant.settled_at or grant.at,
            order_id=order_id,
            refund_due_id=grant.grant_id,
            amount=_money(grant, grant.amount),
        )


def withheld(order_id: str, refusal: Refusal) -> RemedyWithheld:
    """Return what all hear of a delay for which its customer is given nothing, to compare."""
    return RemedyWithheld(
        id=f"{grant_id_of(order_id, refusal.shipment_id, refusal.days_late)}#withheld",
        at=refusal.at,
        order_id=order_id,
        shipment_id=refusal.shipment_id,
        rule=refusal.rule or "",
        policy_version=refusal.policy_version,
        days_late=refusal.days_late,
        amount={"amount": refusal.amount, "currency": refusal.currency or ""},
    )


def call_wanted(order_id: str, wanted: Wanted) -> RemedyCallWanted:
    """Return what all hear of a call that a person is to make."""
    return RemedyCallWanted(
        id=f"{grant_id_of(order_id, wanted.shipment_id, wanted.level)}#call",
        at=wanted.at,
        order_id=order_id,
        shipment_id=wanted.shipment_id,
        level=wanted.level,
        days_late=wanted.days_late,
        rule=wanted.rule,
        policy_version=wanted.policy_version,
    )


def rated(known: Remedies, rating: Rating) -> RemedyRated:
    """Return what all hear of what a customer said."""
    return RemedyRated(
        id=f"{known.order_id}#rated#{rating.at}",
        at=rating.at,
        order_id=known.order_id,
        right=rating.right,
        kinds=sorted({grant.kind for grant in known.grants if grant.amount > 0}),
        held_out=known.held_out,
    )


def _granted(order_id: str, grant: Grant) -> RemedyGranted:
    return RemedyGranted(
        id=grant.grant_id,
        at=grant.at,
        order_id=order_id,
        shipment_id=grant.shipment_id,
        kind=grant.kind,
        amount=_money(grant, grant.amount),
        rule=grant.rule,
        policy_version=grant.policy_version,
        level=grant.level,
        days_late=grant.days_late,
        percent=grant.percent,
        minimum=_minimum(grant),
        combinable=grant.combinable,
        bound=grant.bound,
        customer_id=grant.holder_id if grant.bound else None,
        expires_at=grant.expires_at,
        options=[option.kind for option in grant.options],
        choose_until=grant.choose_until,
    )


def _minimum(grant: Grant) -> Money | None:
    return None if grant.minimum is None else _money(grant, grant.minimum)


def _money(grant: Grant, amount: int) -> Money:
    return {"amount": amount, "currency": grant.currency}
