"""What is shown of a reservation."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.preorder.model import LIVE, Line, Reservation, promised
from standby.preorder.pricing import priced, total
from standby.preorder.priority_model import Prioritised
from standby.preorder.repository import PreorderRepository

if TYPE_CHECKING:
    from standby.preorder.answers import LineShown, PrioritisedShown, ReservationShown


class Cards(Protocol):
    """Where it is told what SKUs are called, and where their pages are."""

    def of(self, skus: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return the cards of SKUs; those that nobody described are left out."""
        ...


@frozen()
class Shower:
    """Shows reservations, at the price that holds now."""

    preorders: PreorderRepository
    clock: Clock

    def of(self, reservation_id: str) -> "ReservationShown | None":
        """Return what is shown of a reservation, ``None`` where there is none."""
        known = self.preorders.reservation(reservation_id)
        return None if known is None or known.unaccepted else self.shown(known)

    def shown(self, reservation: Reservation) -> "ReservationShown":
        """Return a reservation as it is now; while some of it is still to come, without what left or was cancelled."""
        state, known = reservation.state(self.clock.now()), priced(reservation, self.preorders)
        lines = known.lines if state in LIVE else tuple(_at_the_end(known))
        return _shown(replace(known, lines=lines, status=state))

    def begun(self, reservation: Reservation, skus: Sequence[str]) -> "ReservationShown":
        """Return a reservation as it was made, whatever became of it: the answer to the request that made it.

        ``skus`` stand in the order in which they were asked for, which lines lose that end before others.
        """
        units = Counter[str]()
        for line in reservation.every_line:
            units[line.sku] += line.quantity
        first = (
            replace(line, promised_until=line.first_promise or line.promised_until) for line in reservation.every_line
        )
        lines = {line.sku: replace(line, given=0, quantity=units[line.sku]) for line in first}
        asked = tuple(lines[sku] for sku in dict.fromkeys((*skus, *lines)) if sku in lines)
        held = replace(reservation, lines=asked, status="held", expires_at=reservation.held_until)
        return _shown(replace(held, paid=False, prioritised=None))


def _at_the_end(known: Reservation) -> Iterator[Line]:
    """Yield what became of each SKU of a reservation that is over: all that left, where some did, or what was last."""
    fulfilled = known.status == "fulfilled"
    for last in {line.sku: line for line in known.every_line}.values():
        of_sku = (line for line in known.every_line if line.sku == last.sku)
        left = [line for line in of_sku if fulfilled and line.fate != "cancelled"]
        for price in dict.fromkeys(line.price for line in left):
            alike = [line for line in left if line.price == price]
            units, given = (sum(each) for each in zip(*((line.quantity, line.given) for line in alike), strict=True))
            yield replace(last, price=price, quantity=units, given=given)
        if not left:
            yield last


def _exception(made: Prioritised) -> "PrioritisedShown":
    return {"at": made.at, "by": made.by, "reason": made.reason}


def _shown(reservation: Reservation) -> "ReservationShown":
    lines = reservation.lines
    price = total(lines)
    shown: ReservationShown = {
        "id": reservation.reservation_id,
        "kind": reservation.kind,
        "status": reservation.status,
        "lines": [_line(line) for line in lines],
        "expires_at": reservation.expires_at if reservation.status == "held" else None,
        "promised_until": promised(lines),
        "price": price.shown() if price else None,
        "paid": reservation.paid,
        "prioritised": None if reservation.prioritised is None else _exception(reservation.prioritised),
    }
    if len(lines) == 1:
        shown["sku"], shown["quantity"] = lines[0].sku, lines[0].quantity
    return shown


def _line(line: Line) -> "LineShown":
    return {
        "sku": line.sku,
        "quantity": line.quantity,
        "price": line.price.shown() if line.price else None,
        "promised_until": line.promised_until,
        "allocated": line.given,
    }
