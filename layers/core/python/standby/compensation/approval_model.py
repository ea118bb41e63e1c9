"""A grant above the policy's amount waits until a person approves or denies it. What it can cost counts meanwhile."""

from dataclasses import replace
from datetime import date, datetime, tzinfo

from standby.compensation.choice_model import Settled, ended, offering
from standby.compensation.model import APPROVED, DENIED, NOTHING, Grant, Remedies
from standby.compensation.policy_model import CODED, Choice
from standby.compensation.validity_model import last_day
from standby.platform.clock import from_text, to_text


def denied(known: Remedies, grant: Grant, *, by: str, at: datetime) -> Settled:
    """Return an order after nobody gets a grant. For the same delay it is not granted again.

    What somebody gave by hand covered what the policy gives, so that is looked at now.
    """
    over = replace(
        grant,
        amount=0,
        offered=max(grant.offered, grant.amount),
        outcome=DENIED,
        approval=DENIED,
        decided_by=by,
        settled_at=to_text(at),
        customer=None,
        holder_id=None,
        holder_key=None,
        expires_at=None,
        ends_on=None,
        told=NOTHING,
    )
    late = known.late.get(grant.shipment_id)
    if grant.by is not None and late is not None and late.days > 0 and late.due_at is None:
        known = replace(known, late={**known.late, grant.shipment_id: replace(late, due_at=to_text(at))})
    return ended(known, [over])


def approved(
    known: Remedies, grant: Grant, *, by: str, at: datetime, code: str | None, zone: tzinfo, told_at: datetime
) -> Settled:
    """Return an order after a grant was approved: its voucher is valid, and its customer may choose, from then on.

    ``code`` is the hash of its code, where it is one. ``told_at`` is when its mail may go.
    """
    now = to_text(at)
    made = replace(grant, approval=APPROVED, decided_by=by, settled_at=now, told=None)
    if grant.kind in CODED:
        last = last_day(at, grant.valid_days, zone)
        made = replace(made, code=code, expires_at=last.over_at, ends_on=last.day)
    if grant.choose_by is not None:
        before = date.fromisoformat(grant.choose_by) - from_text(grant.at).astimezone(zone).date()
        choice = Choice((), grant.choose_days or before.days, grant.otherwise)
        anew = offering(replace(made, at=now), grant.options, choice, zone, told_at)
        made = replace(anew, at=grant.at)
    else:
        made = replace(made, customer=None)
    return ended(known, [made])
