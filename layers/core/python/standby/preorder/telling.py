"""Telling what became of reservations: each event at least once, whenever a function dies, and the same each time.

A reservation owes its events from the write that made them true, and stands in the index of what is due until it was
noted that they were published.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from standby.events.fields import ReservedLine
from standby.events.preorder import (
    AllocationTakenBack,
    CancellationRequested,
    OfferAccepted,
    OfferExpired,
    RefundDue,
    ReservationAllocated,
    ReservationCancelled,
    ReservationConfirmed,
    UnitsFreed,
)
from standby.ledger.claim_items import Watch
from standby.ledger.model import SkuStock
from standby.mail_job import MailJob, Recipient
from standby.platform.address import address_key
from standby.platform.bus import Bus, Event
from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.preorder.announcing import looks
from standby.preorder.links import Links
from standby.preorder.model import LATEST_DAY, MOVED, Line, Moved, Reservation, claim_id, promised
from standby.preorder.pricing import Prices, priced, total, totals

ALLOCATED = "ReservationAllocated"
CONFIRMED = "ReservationConfirmed"
TAKEN_BACK = "AllocationTakenBack"
CANCELLED = "ReservationCancelled"
FREED = "UnitsFreed"
OFFER_ACCEPTED = "OfferAccepted"
OFFER_EXPIRED = "OfferExpired"
REMINDED = "reminded"
"""Owed as events are, though it is a mail alone."""
REQUESTED = "CancellationRequested"
REFUND = "RefundDue"
FORM = "p1"
"""Begins the reference of a mail about a reservation, so that no other feature takes it for its own."""
UNDATED = "undated"
"""The kind of the mail to who has no day any more. It goes out once for a reservation, whatever comes and goes."""
POSTPONED = "postponed"
"""The kind of the mail to whose day is later than any that they were told; owed as events are, though it is a mail."""
AGREED = "ConsentGiven"
ANSWERS = frozenset({"reserved", "cancelled"})
"""Kinds of mails that answer what a customer just did, who waits for them at any hour. Of the others that wait for an
open hour only the newest is sent: it says how the reservation stands then."""
MAIL_VALID = timedelta(days=14)
FURTHEST = timedelta(days=4 * 366)
"""So far ahead, at most, it is known from when on units that are set aside should leave."""


class Told(Prices, Protocol):
    """Where it is noted that events were published, and prices are kept."""

    def told(self, reservation: Reservation) -> None:
        """Write that all of a reservation's events were published, unless it was changed since."""
        ...


def postponed_name(before: str, until: str, at: str) -> str:
    """Return the name, among what a reservation owes, of the mail about a day later than any that was told before."""
    return f"{POSTPONED}#{before}#{until}#{at}"


@frozen(kw_only=True)
class Announcer:
    """Publishes what reservations owe."""

    bus: Bus
    mails: Queue
    links: Links
    stock: Callable[[str], SkuStock | None]
    reservations: Told
    looks: Queue | None = None
    """Where it is asked that campaigns are looked at that got units back. ``None``: whoever tells gives none back."""

    def tell(self, reservation: Reservation) -> None:
        """Publish all that a reservation owes, mail its customer, and note that."""
        if reservation.owed:
            said = priced(reservation, self.reservations) if {CONFIRMED, REFUND} & {*reservation.owed} else reservation
            self.bus.publish([event for name in said.owed for event in self._events(said, name)])
            jobs = [job for name in said.owed for job in self._mails(said, name)]
            if REMINDED in reservation.owed:
                jobs += _reminder(reservation)
            if jobs:
                self.mails.send([Outgoing.of(job.content()) for job in jobs])
            if self.looks and any(name.startswith(FREED) for name in reservation.owed):
                sold = [line.sku for line in reservation.every_line if line.campaign is not None]
                self.looks.send(looks([*dict.fromkeys(sold)]))
            self.reservations.told(reservation)

    def _mails(self, reservation: Reservation, name: str) -> Iterator[MailJob]:
        """Make the mail that goes with an event; none about what is no longer so, and none about a checkout's goods.

        Mail sends a job once, by its id, however often it is made.
        """
        customer, (kind, at) = reservation.customer, _mail(reservation, name)
        if customer is None or at is None or reservation.kind == "checkout":
            return
        about = reservation.reservation_id
        slots = {"page": self.links.own(reservation, from_text(at))}
        yield MailJob(
            job_id=_job_id(reservation, kind, name),
            kind=kind,
            locale=customer.locale,
            data={**_said(reservation, kind, name), "page_url": self.links.url},
            recipients=[
                Recipient(reference=f"{FORM}~{about}", email=customer.email, slots=slots, consented_at=at),
            ],
            valid_until=to_text(from_text(at) + MAIL_VALID),
            send_by=at if kind in ANSWERS else None,
            about=None if kind in ANSWERS else f"{FORM}~{about}",
        )

    def _events(self, reservation: Reservation, name: str) -> Iterator[Event]:
        about, lines = reservation.reservation_id, _lines(reservation.lines)
        if name == CONFIRMED and reservation.confirmed_at is not None:
            yield ReservationConfirmed(
                id=f"{about}@confirmed",
                at=reservation.confirmed_at,
                reservation_id=about,
                kind=reservation.kind,
                lines=_lines(reservation.every_line),
                address=None if reservation.customer is None else address_key(reservation.customer.email),
            )
        if name == ALLOCATED and reservation.allocated_at is not None:
            yield ReservationAllocated(
                id=f"{about}@allocated{_again(reservation, name)}",
                at=reservation.allocated_at,
                reservation_id=about,
                kind=reservation.kind,
                lines=lines,
            )
        if name.startswith((MOVED, POSTPONED, AGREED)):
            from standby.preorder.slipping import slipped  # noqa: PLC0415 - what was promised moves seldom

            yield from slipped(reservation, name, late=_mail(reservation, name)[1])
        if name == TAKEN_BACK and reservation.taken_back_at is not None:
            yield AllocationTakenBack(
                id=f"{about}@taken-back@{reservation.taken_back_at}",
                at=reservation.taken_back_at,
                reservation_id=about,
                kind=reservation.kind,
                lines=lines,
            )
        if name == CANCELLED and reservation.ended_at is not None:
            yield ReservationCancelled(
                id=f"{about}@ended",
                at=reservation.ended_at,
                reservation_id=about,
                kind=reservation.kind,
                reason=reservation.status,
                lines=_lines(_lost(reservation)),
            )
        if name in {OFFER_ACCEPTED, OFFER_EXPIRED}:
            yield from _of_offer(reservation, name)
        if name == REFUND or name.startswith(REQUESTED):
            yield from _of_cancelling(reservation, name)
        for number, line in _freed(reservation, name):
            if at := line.ended_at or reservation.ended_at:
                stock = self.stock(line.sku)
                yield UnitsFreed(
                    id=f"{about}:{number}@{line.sku}" if number else f"{about}@{line.sku}",
                    at=at,
                    sku=line.sku,
                    revision=stock.revision if stock else 0,
                    units=line.quantity,
                )


def _of_cancelling(reservation: Reservation, name: str) -> Iterator[Event]:
    """Make what follows from a cancellation that a customer or the shop wanted, and of what nobody paid for."""
    about, order_id = reservation.reservation_id, reservation.order_id
    reason = reservation.cancelled_by or ("unpaid" if reservation.unpaid else None)
    if reason is None:
        return
    asked = name.removeprefix(REQUESTED)
    if name != REFUND and order_id and (at := reservation.cancel_sent_at or reservation.ended_at):
        yield CancellationRequested(
            id=f"{about}@requested{asked}",
            at=at,
            reservation_id=about,
            order_id=asked[1:] or order_id,
            reason=reason,
            lines=[{"sku": line["sku"], "quantity": line["quantity"]} for line in _lines(reservation.lines)],
        )
    if name == REFUND and reservation.ended_at is not None:
        amounts = [money.shown() for money in totals(_lost(reservation))]
        yield RefundDue(
            id=f"{about}@refund",
            at=reservation.ended_at,
            refund_due_id=f"{about}@refund",
            reservation_id=about,
            reason=reason,
            lines=[{"sku": line.sku, "quantity": line.quantity} for line in _lost(reservation)],
            order_id=order_id,
            amount=amounts[0] if len(amounts) == 1 else None,
            amounts=amounts if len(amounts) > 1 else None,
        )


def _mail(reservation: Reservation, name: str) -> tuple[str, str | None]:
    """Return the kind of the mail that goes with an event, and since when what it says is so; ``None``: none goes."""
    moved = Moved.of(name)
    if moved is not None:
        lost = moved.until is None and reservation.status == "confirmed" and promised(reservation.lines) is None
        return UNDATED, moved.at if lost and not moved.of_order else None
    if name.startswith(POSTPONED):
        _, before, _, at = name.split("#")
        late = reservation.status == "confirmed" and (promised(reservation.lines) or "") > before
        return POSTPONED, at if late else None
    match name, reservation.status:
        case "ReservationConfirmed", "confirmed" | "allocated":
            return "reserved", reservation.confirmed_at
        case "ReservationAllocated", "allocated" if reservation.cancel_sent_at is None:
            return "allocated", reservation.allocated_at
        case "ReservationCancelled", _:
            return _mail_at_the_end(reservation)
    return "", None


def _mail_at_the_end(reservation: Reservation) -> tuple[str, str | None]:
    """Return the kind of the mail that says why a reservation ended; none goes where somebody else's word ended it."""
    if reservation.unpaid:
        return "unpaid", reservation.ended_at
    if reservation.cancelled_by == "customer":
        return "cancelled", reservation.ended_at
    return "called_off", reservation.ended_at if reservation.cancelled_by and reservation.confirmed_at else None


def confirmed(known: Reservation, now: datetime, *, paid: bool) -> Reservation:
    """Return a held reservation as it is once its order was placed. What was bought counts for no limit of holds."""
    lines = tuple(replace(line, on_credit=False) for line in known.lines)
    if known.kind == "checkout":
        lines = tuple(replace(line, limits=()) for line in lines)
    made = replace(known, lines=lines, status="confirmed", confirmed_at=to_text(now), paid=paid)
    return replace(made, told_until=promised(lines), edition=known.edition + 1, owed=(*known.owed, CONFIRMED))


def paid_for(known: Reservation) -> Reservation:
    """Return a reservation whose order was placed as it is once it is paid: no clock ends it any more."""
    return replace(known, paid=True, pay_by=None, edition=known.edition + 1)


def allocated(made: Reservation, now: datetime) -> Reservation:
    """Return a reservation as it is: allocated where all units of its lines were set aside."""
    lines = made.lines
    if any(line.given < line.quantity for line in lines):
        return made
    hours = [line.pay_hours for line in lines if line.pay_hours is not None]
    due = hours and not made.paid and made.cancel_sent_at is None
    pay_by = to_text(made.running_from(now) + timedelta(hours=min(hours))) if due else None
    owed = (*made.owed, ALLOCATED)
    return replace(made, status="allocated", allocated_at=to_text(now), pay_by=pay_by, owed=owed)


def watch(made: Reservation, now: datetime, but: str | None = None) -> Watch:
    """Return from when on a reservation's claims should end: all of it is there, released, and no clock runs any more.

    They are all but that of the SKU ``but``. One that is not allocated waits for goods. As long as the ERP knows no
    order, each claim should be named by one, whenever the others' goods come or may leave.
    """
    if made.order_id is None:
        return Watch(now)
    others = [(line.sku, claim_id(made.reservation_id, line.sku)) for line in made.lines if line.sku != but]
    if made.status != "allocated":
        return Watch(None, others)
    days = [f"{min(line.promised_until, LATEST_DAY)}T00:00:00.000Z" for line in made.lines if line.promised_until]
    return Watch(min(from_text(max([to_text(now), made.pay_by or "", *days])), now + FURTHEST), others)


def requested_name(order_id: str | None) -> str:
    """Return the name of the event that the ERP is asked to cancel an order."""
    return f"{REQUESTED}#{order_id or ''}"


def freed_name(sku: str, number: int) -> str:
    """Return the name of the event that units of a SKU are free again, where others of the reservation go on.

    So many lines of the SKU were given back before them.
    """
    return f"{FREED}:{number}#{sku}" if number else f"{FREED}#{sku}"


def _job_id(reservation: Reservation, kind: str, name: str) -> str:
    job = f"{kind}#{reservation.reservation_id}{_again(reservation, name)}"
    if not reservation.untold:
        return job
    from standby.preorder.untold_model import numbered  # noqa: PLC0415 - most mails arrive

    return numbered(job, reservation.untold)


def _again(reservation: Reservation, name: str) -> str:
    """Return what tells an allocation from the one before that was taken back, and a later day from the one before."""
    if name.startswith(POSTPONED):
        return f"@{name.split('#')[2]}"
    return f"@{reservation.allocated_at}" if name == ALLOCATED and reservation.taken_back_at else ""


def _said(reservation: Reservation, kind: str, name: str) -> dict[str, object]:
    """Return what a mail says of a reservation."""
    lines = reservation.lines
    said: dict[str, object] = {"skus": [line.sku for line in lines]}
    if kind == UNDATED:
        return {"skus": [line.sku for line in lines if line.campaign is not None and line.promised_until is None]}
    if kind == POSTPONED:
        return {**said, "day": promised(lines), "before": name.split("#")[1]}
    if kind == "allocated":
        return said if reservation.pay_by is None else {**said, "pay_by": reservation.pay_by}
    if kind in {"cancelled", "called_off", "unpaid"}:
        skus = [*dict.fromkeys(line.sku for line in _lost(reservation))]
        said |= {"ended_at": reservation.ended_at, "skus": skus}
        return {**said, "refund": True} if reservation.paid else said
    until, price = promised(lines), total(lines)
    if until is not None:
        said["promised_until"] = until
    if price is not None:
        said["price"] = price.shown()
    if len(lines) == 1:
        said["quantity"] = lines[0].quantity
    return said


def _of_offer(reservation: Reservation, name: str) -> Iterator[Event]:
    """Tell what became of an offer. One that is over when its acceptance is told was accepted all the same."""
    offer, about, (line, *_) = reservation.offer, reservation.reservation_id, reservation.lines
    if offer is not None and name == OFFER_ACCEPTED and offer.accepted_at is not None:
        yield OfferAccepted(
            id=f"{about}@accepted",
            at=offer.accepted_at,
            sku=line.sku,
            reservation_id=about,
            units=line.quantity,
            address=offer.address,
        )
    if offer is not None and name == OFFER_EXPIRED and offer.over is not None and reservation.ended_at is not None:
        yield OfferExpired(
            id=f"{about}@over",
            at=reservation.ended_at,
            sku=line.sku,
            reservation_id=about,
            units=line.quantity,
            reason=offer.over,
            reference=offer.reference,
            address=offer.address,
        )


def _reminder(reservation: Reservation) -> Iterator[MailJob]:
    """Make the mail that reminds of an offer; none where it was accepted or is over."""
    offer, customer = reservation.offer, reservation.customer
    if offer is None or customer is None or not reservation.unaccepted or reservation.status != "held":
        return
    (line,) = reservation.lines
    yield MailJob(
        job_id=f"reminder#{reservation.reservation_id}",
        kind="offer_reminder",
        locale=customer.locale,
        data={"sku": line.sku, "ends_at": reservation.expires_at, **several(line.quantity), **offer.links},
        recipients=[
            Recipient(
                reference=f"{FORM}~reminder~{reservation.reservation_id}",
                email=customer.email,
                slots=offer.slots,
                consented_at=offer.consented_at,
            )
        ],
        valid_until=reservation.expires_at,
        time_zone=offer.time_zone,
    )


def several(quantity: int) -> dict[str, int]:
    """Return what a mail's data says of how many units are set aside: of one nothing, for a sentence of its own."""
    return {"quantity": quantity} if quantity > 1 else {}


def _lines(lines: Iterable[Line]) -> list[ReservedLine]:
    """Return what lines have of each SKU: of one that is in several, all of it."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


def _freed(reservation: Reservation, name: str) -> Iterator[tuple[int, Line]]:
    """Yield the lines of which a name says that their units are free again, and how many of the SKU were before."""
    if not name.startswith(FREED):
        return
    seen: dict[str, int] = {}
    for place, line in enumerate(reservation.every_line):
        number = seen.get(line.sku, 0)
        seen[line.sku] = number + 1
        if name == FREED if place >= len(reservation.gone) else name == freed_name(line.sku, number):
            yield number, line


def _lost(reservation: Reservation) -> Sequence[Line]:
    """Return the lines of a reservation that is over which were not shipped."""
    cancelled = [line for line in reservation.gone if line.fate == "cancelled"]
    return cancelled if reservation.status == "fulfilled" else [*cancelled, *reservation.lines]
