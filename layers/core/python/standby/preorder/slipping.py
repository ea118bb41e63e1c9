"""What others hear of a pre-order whose day moved: the day, that it is a delay, and that its customer agreed to wait.

Who tells the customer of a later day is one of two: pre-orders, until an order that tells of its own delays names the
reservation, then that order (`standby.events.delivery.OrderPlaced`). It hears of every day that moves, and first of
what was promised and told before.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from standby.events.delay import ConsentGiven, DelayDetected
from standby.events.preorder import PromiseMoved
from standby.platform.bus import Event
from standby.preorder.consent_model import first_promised
from standby.preorder.model import Moved, Reservation
from standby.preorder.telling import AGREED, POSTPONED


def slipped(reservation: Reservation, name: str, *, late: str | None) -> Iterator[Event]:
    """Yield what a name that a reservation owes tells. ``late``: since when its customer is told of a delay by it."""
    moved = Moved.of(name)
    if moved is not None:
        yield _moved(reservation, moved)
    if late is not None:
        before, until = name.split("#")[1:3] if name.startswith(POSTPONED) else (moved and moved.before, None)
        yield from _late(reservation, before, until, late)
    if name.startswith(AGREED):
        yield from _agreed(reservation, name.partition("#")[2])


def agreed_name(at: str) -> str:
    """Return the name, among what a reservation owes, of the event that its customer agreed to a day."""
    return f"{AGREED}#{at}"


def handed_over(made: Reservation, at: str) -> Sequence[str]:
    """Return the names of the events by which the order of a reservation hears what was promised, and told, so far."""
    if not (made.agreed or any(line.first_promise is not None for line in made.lines)):
        return []
    return [
        Moved(line.sku, made.edition, line.promised_until, line.promised_until, at, of_order=True).text
        for line in made.lines
        if line.campaign is not None
    ]


def _moved(reservation: Reservation, moved: Moved) -> PromiseMoved:
    line = next((each for each in reservation.lines if each.sku == moved.sku), None)
    event = PromiseMoved(
        id=f"{reservation.reservation_id}@{moved.edition}:{moved.sku}",
        at=moved.at,
        reservation_id=reservation.reservation_id,
        edition=moved.edition,
        sku=moved.sku,
        units=0 if line is None else line.quantity - line.given,
        promised_until=moved.until,
        previous_promised_until=moved.before,
        first_promised_until=None if line is None else line.first_promise or line.promised_until,
        order_id=reservation.order_id if moved.of_order else None,
    )
    if not moved.taken_over:
        return event
    told, first = reservation.told_until, first_promised(reservation.lines)
    if told is not None and first is not None and told > first:
        event = event._replace(told_until=told)
    if moved.until is None and reservation.confirmed_at is not None:
        event = event._replace(told_undated=True)
    if reservation.untold:
        event = _untold(event, reservation)
    for agreed in reservation.agreed[-1:]:
        event = event._replace(agreed_at=agreed.at, agreed_until=agreed.until, wording=agreed.wording)
    return event


def _untold(event: PromiseMoved, reservation: Reservation) -> PromiseMoved:
    """Return what an order hears, with that of which the mail reached nobody."""
    from standby.preorder.untold import untold_undated, untold_until  # noqa: PLC0415 - most mails arrive

    if event.promised_until is None:
        missed = untold_undated(reservation)
        return event._replace(told_undated=event.told_undated and not missed, untold_undated=missed)
    return event if event.told_until else event._replace(untold_until=untold_until(reservation))


def _late(reservation: Reservation, before: str | None, until: str | None, at: str) -> Iterator[DelayDetected]:
    about = reservation.reservation_id
    first = first_promised(reservation.lines) or before
    if first is None:
        return  # what had no day is not later
    yield DelayDetected(
        id=f"{about}@{first}:{until or 'unknown'}",
        at=at,
        reservation_id=about,
        order_id=reservation.order_id,
        edition=reservation.edition,
        promised_until=first,
        days_late=0 if until is None else (date.fromisoformat(until) - date.fromisoformat(first)).days,
        expected=until,
    )


def _agreed(reservation: Reservation, at: str) -> Iterator[ConsentGiven]:
    for agreed in reservation.agreed:
        if agreed.at == at:
            yield ConsentGiven(
                id=f"{reservation.reservation_id}@{at}:agreed",
                at=at,
                wording=agreed.wording,
                order_id=reservation.order_id,
                reservation_id=reservation.reservation_id,
                until=agreed.until,
            )
