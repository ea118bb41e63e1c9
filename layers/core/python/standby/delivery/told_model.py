"""What was told of lines and shipments that the ERP numbered or planned anew: it stands with the lines."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from standby.delivery.model import Order

REFUSED, NOBODY, REMINDER = "refused", "none", "reminder"
"""By what those were told whom no mail reached, and who were told again before silence decides (`Notice.by`)."""
NOWHERE = ""
"""The key of the address where a mail is untold that expired: it went to none (`Notice.to`)."""
EXPIRED = " expired"
"""Ends the name of a reminder whose mail expired."""
MOST_NOTICES = 200
"""Notices of an order that are kept: the newest, and beside them the newest of each shipment."""


class Notice(NamedTuple):
    """What a customer was told of a shipment's delay."""

    at: str
    shipment_id: str
    news: str
    """`standby.delivery.promises.Delay.news`."""
    promised_until: str
    expected: str | None
    by: str
    """``mail``; ``refused``: the mail did not go, or did not arrive; ``none``: the order has no address; ``reminder``:
    it was said again before silence decides; ``call``: a person is to tell; ``preorder``: pre-orders told it."""
    line_ids: tuple[str, ...] = ()
    """What the shipment had then; none: it is of an older form. What was told stands with the lines."""
    mail: str | None = None
    """The job of the mail, where that told of several orders, or reminded."""
    to: str | None = None
    """The key of the address to which it was mailed; `NOWHERE`: it went to none; ``preorder``: pre-orders mailed it."""
    answer_by: str | None = None
    """The last day to answer that the mail named, where it says that silence cancels."""
    accepted_at: str | None = None
    """When that mail was on its way: SES accepted it."""


class Wish(NamedTuple):
    """That the policy of remedies wants a person to call about a shipment (``RemedyCallWanted``)."""

    shipment_id: str
    at: str
    """RFC 3339, UTC: when the order heard of it."""
    level: int
    """Days late from which on it is wanted: of several the highest."""
    line_ids: tuple[str, ...] = ()
    """What the shipment had then."""


def kept(order: "Order", said: Iterable[Notice], beside: Collection[str]) -> tuple[Notice, ...]:
    """Return the notices that are kept. Without the newest of a shipment its customer would be told it again.

    ``beside`` are the ways of telling what is no news of a delay.
    """
    more = (each._replace(line_ids=tuple(order.line_ids_of(each.shipment_id))) for each in said)
    notices = (*order.notices, *more)
    newest = {(notice.shipment_id, notice.by in beside): place for place, notice in enumerate(notices)}
    first, stay = len(notices) - MOST_NOTICES, set(newest.values())
    return tuple(notice for place, notice in enumerate(notices) if place >= first or place in stay)


def told_of(order: "Order", notices: Sequence[Notice], shipment_id: str) -> Sequence[Notice]:
    """Return those notices that are about a shipment, under whatever name its lines were in a shipment then.

    Where more was told of some of its lines, it is what was told of the others.
    """
    own = [notice for notice in notices if notice.shipment_id == shipment_id]
    if len(own) == len(notices) and order.plan is None:
        return own
    line_ids = order.line_ids_of(shipment_id)
    if order.numbering is not None and not order.numbering.plain:
        now = [(each, order.now_at(each.line_ids, each.at)) for each in notices]
    else:
        now = [(each, each.line_ids) for each in notices]
    moved = [] if order.plan is None else [each for each in line_ids if order.plan.names[each] != (shipment_id,)]
    told = [
        [e for e, held in now if line_id in held or (e.shipment_id == shipment_id and not (held and line_id in moved))]
        for line_id in line_ids
    ]
    return min(told, key=len, default=own)


def accepted(order: "Order", job_id: str, made_at: str | None, at: str) -> "Order":
    """Return an order once SES accepted a mail that says that silence cancels; the same where that is known.

    ``made_at`` is when its notices were made, where it told of a delay; a reminder names its job.
    """
    known = tuple(
        each._replace(accepted_at=at)
        if each.answer_by and not each.accepted_at and is_of(each, job_id, made_at)
        else each
        for each in order.notices
    )
    return order if known == order.notices else replace(order, edition=order.edition + 1, notices=known)


def is_of(notice: Notice, job_id: str, made_at: str | None) -> bool:
    """Tell whether a notice was made with a mail, and that did not come back."""
    return notice.mail == job_id if notice.by == REMINDER else (notice.at, notice.by) == (made_at, "mail")


def refused(order: "Order", at: str | None, *, expired: bool = False) -> "Order":
    """Return an order once the mail of an instant was refused; the same where that is known.

    One that ``expired`` went nowhere, so it is told again. If that expires as well no mail can be sent, so the address
    counts as one that nobody reaches.
    """
    before = {(each.shipment_id, each.news) for each in order.notices if each.by == REFUSED and each.to == NOWHERE}

    def after(notice: Notice) -> Notice:
        again = expired and (notice.shipment_id, notice.news) not in before
        return notice._replace(by=REFUSED, to=NOWHERE if again else notice.to)

    known = tuple(after(each) if (each.at, each.by) == (at, "mail") else each for each in order.notices)
    if known == order.notices:
        return order
    return replace(order, edition=order.edition + 1, notices=known).to_tell_again()


def not_reminded(order: "Order", job_id: str | None) -> "Order":
    """Return an order whose reminder by a mail expired, so there is another; the same where that is known."""
    known = tuple(
        each._replace(news=f"{each.news}{EXPIRED}", mail=None, answer_by=None)
        if each.by == REMINDER and job_id is not None and each.mail == job_id
        else each
        for each in order.notices
    )
    return order if known == order.notices else replace(order, edition=order.edition + 1, notices=known)


def is_lost(order: "Order", refused: Notice) -> bool:
    """Tell whether a notice was refused by an address that its order does not have any more: so it reached nobody.

    One that expired went nowhere. To which address it went is not known of an older form.
    """
    if order.email is None or refused.to is None:
        return False
    from standby.platform.address import address_key  # noqa: PLC0415 - few mails are refused

    return address_key(order.email) != refused.to


def to_tell_again(order: "Order") -> "Order":
    """Return an order with the delays unheard of which its customer could not be told, where they can now."""
    untold = [each for each in order.notices if each.by == NOBODY or (each.by == REFUSED and is_lost(order, each))]
    if not untold:
        return order
    lines = {line_id for notice in untold for line_id in order.now_at(notice.line_ids, notice.at)}
    missed = {each.shipment_id for each in untold} | {e for e in order.told_delays if lines & {*order.line_ids_of(e)}}
    told = {name: news for name, news in order.told_delays.items() if name not in missed}
    return order if len(told) == len(order.told_delays) else replace(order, told_delays=told)


def told_anew(before: "Order", after: "Order") -> "Order":
    """Return an order with what was heard of it before a newer word listed its lines and shipments anew."""
    assert after.placed is not None  # noqa: S101 - the word placed it
    lines, places = before.told_lines, before.places
    if before.placed is not None and after.numbering is not None and not after.numbering.plain:
        version = before.placed.version
        lines = {
            line_id: outcome
            for line_id, outcome in lines.items()
            if line_id not in after.placed.lines or line_id in after.now_of((line_id,), version)
        }
        places = {now: names for each, names in places.items() for now in after.now_of((each,), version)}
    shipments = {name: after.line_ids_of(name) for name in after.placed.shipments}
    return replace(after, told_lines=lines, told_delays=_carried(before.told_delays, places, shipments))


def _carried(
    told: Mapping[str, tuple[str, ...]], before: Mapping[str, Sequence[str]], shipments: Mapping[str, Sequence[str]]
) -> Mapping[str, tuple[str, ...]]:
    """Return what was told of shipments, and of those that the ERP planned anew what was told of all their lines.

    ``before`` are the shipments in which each line was, and ``shipments`` the lines of each of those that are now. What
    is new in an order was told what was told of its shipment.
    """
    found = dict(told)
    for name, line_ids in shipments.items():
        if all(name in before.get(line_id, (name,)) for line_id in line_ids):
            continue
        of_lines = (
            max((told.get(place, ()) for place in before.get(line_id, (name,))), key=len, default=())
            for line_id in line_ids
        )
        found[name] = min(of_lines, key=len, default=())
        if not found[name]:
            del found[name]
    return found
