"""Whether a shipment that nobody tracks has arrived: once its day is over, its customer is asked.

Until they answer, or a carrier says where it is, the delay is not confirmed, so nothing is granted for it. What they
say is kept as they say it, and the newest counts. That it arrived closes the delay from then on, as if it had come in
time: nobody knows the day. What the ERP or a carrier says of its arrival counts more.
"""

from datetime import date, datetime, tzinfo
from typing import NamedTuple

from standby.delivery.choice_model import ANSWERS, ARRIVED, MISSING, MOST_ANSWERS, Choice, RefusedError
from standby.delivery.model import TRACKED, About, Order, tracked
from standby.delivery.origin_model import chosen_of
from standby.delivery.promises import AFTER, Delay, Promise, held, promises, today
from standby.platform.clock import from_text, to_text

SAYS_NOTHING = frozenset({TRACKED, tracked("unknown"), tracked("labelled")})
"""What a carrier says that does not tell where a shipment is."""

KNOWN = {True: (ARRIVED, True), False: (MISSING, False)}
"""The newest answer, and whether it counts, by which nothing new is said of whether it arrived."""


class Question(NamedTuple):
    """What its customer is asked of a shipment: is it there?"""

    answer: Choice | None
    """The newest; ``None``: none was given."""
    open: bool
    """No answer was given since the day was over by which it was expected last."""


def question(order: Order, promise: Promise, day: date, zone: tzinfo) -> Question | None:
    """Return what the customer of a shipment is asked on a day; ``None``: its day is to come, or others know.

    Who said that it is there may say so again, or take it back, whatever others say since of what is still to come.
    """
    came = promise.arrived_on is not None and not promise.said_here
    if promise.over or came or order.given_up.issuperset(promise.coming):
        return None
    last = promise.last_day or promise.promised_until
    said = chosen_of(order, promise.shipment_id, ANSWERS)
    answer = said[-1] if said else None
    if day <= last or is_tracked(order, promise.shipment_id):
        return Question(answer, open=False) if any(each.kind == ARRIVED for each in said) else None
    fresh = answer is not None and (answer.kind == ARRIVED or today(from_text(answer.at), zone) > last)
    return Question(answer, open=not (promise.said_here or (fresh and answer is not None and answer.kind == MISSING)))


def answer_of(order: Order, shipment_id: str) -> Choice | None:
    """Return the newest answer of a customer about a shipment."""
    return next(reversed(chosen_of(order, shipment_id, ANSWERS)), None)


def is_tracked(order: Order, shipment_id: str) -> bool:
    """Tell whether a carrier said where a shipment is, since it was sent last."""
    kinds = {each.kind for each in order.words if _tells_where(each)}
    line_ids = held(order, shipment_id) if kinds and shipment_id in order.shipments else ()
    return any(order.newest_about(kind, line_id, shipment_id) for kind in kinds for line_id in line_ids)


def is_confirmed(order: Order, delay: Delay, zone: tzinfo) -> bool:
    """Tell whether a delay is known, so that something may be granted for it.

    It is not where its day is over, nobody says where it is, and its customer did not say since that it is missing.
    """
    if not delay.news.startswith(AFTER) or is_tracked(order, delay.promise.shipment_id):
        return True
    answer = answer_of(order, delay.promise.shipment_id)
    last = date.fromisoformat(delay.news.removeprefix(AFTER))
    return answer is not None and answer.kind == MISSING and today(from_text(answer.at), zone) > last


def asked_about(order: Order, now: datetime, zone: tzinfo) -> list[str]:
    """Return the shipments about which a customer is to be asked."""
    day = today(now, zone)
    found = ((each.shipment_id, question(order, each, day, zone)) for each in promises(order, zone))
    return [name for name, asked in found if asked is not None and asked.open]


def answered(order: Order, shipment_id: str | None, *, arrived: bool, now: datetime, zone: tzinfo) -> Order:
    """Return an order once its customer said whether a shipment is there; the same where they had said so.

    Without an id it is the only one of which they are asked. Raises `RefusedError`.
    """
    day = today(now, zone)
    asked = {
        each.shipment_id: (each, found)
        for each in promises(order, zone)
        if (found := question(order, each, day, zone)) is not None
    }
    if shipment_id is None and len(asked) == 1:
        (shipment_id,) = asked
    if shipment_id is None or shipment_id not in order.shipments:
        raise RefusedError("unknown-shipment", "say which shipment of this order it is about")
    if shipment_id not in asked:
        raise RefusedError("nothing-to-answer", "its day is not over yet, or where it is, is known")
    promise, found = asked[shipment_id]
    if found.answer is not None and not found.open and (found.answer.kind, promise.said_here) == KNOWN[arrived]:
        return order
    if sum(choice.kind in ANSWERS for choice in order.choices) >= MOST_ANSWERS:
        raise RefusedError("too-many", "it was answered too often")
    kind = ARRIVED if arrived else MISSING
    return order.chose(Choice(to_text(now), kind, shipment_id, line_ids=promise.coming), code=order.code)


def _tells_where(about: About) -> bool:
    return about.kind.startswith(TRACKED) and about.kind not in SAYS_NOTHING
