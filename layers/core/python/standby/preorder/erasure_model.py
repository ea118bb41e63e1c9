"""What a reservation still says of a customer who was erased."""

from collections.abc import Iterable
from dataclasses import replace

from standby.preorder.model import Line, Reservation


def marked(reservation: Reservation, at: str) -> Reservation:
    """Return a reservation whose customer was erased. It keeps what its order needs: the address, and the language."""
    customer = reservation.customer and replace(reservation.customer, tier=None)
    return replace(reservation, erased_at=at, customer=customer)


def forgotten(reservation: Reservation) -> Reservation:
    """Return a reservation that is over and told without anything that was its customer's or was made of an address.

    Why an operator put it in front is said in words of theirs, which may name somebody.
    """
    offer = reservation.offer and replace(
        reservation.offer, reference="", address="", locale="", time_zone=None, links={}, slots={}, consented_at=""
    )
    lines, gone = _unlimited(reservation.lines), _unlimited(reservation.gone)
    return replace(reservation, customer=None, offer=offer, lines=lines, gone=gone, prioritised=None)


def _unlimited(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(replace(line, limits=()) for line in lines)
