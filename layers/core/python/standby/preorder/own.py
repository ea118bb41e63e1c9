"""What a customer sees of an own reservation, behind the signed link in its mails."""

from typing import TYPE_CHECKING, Protocol

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.preorder.model import LIVE, Reservation, Status, promised
from standby.preorder.showing import Shower

if TYPE_CHECKING:
    from standby.preorder.answers import LateShown, LineShown, Next, OwnLineShown, OwnShown


class Lines(Protocol):
    """Where reservations, and the lines in which they stand, are read."""

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...

    def ahead(self, sku: str, place: str) -> int:
        """Return how many stand in front of a place in the line for a SKU, at most 1,000."""
        ...


@frozen()
class Own:
    """Shows customers their own reservations."""

    preorders: Lines
    shower: Shower
    clock: Clock

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation; ``None``: it ended so long ago that it is kept no more."""
        return self.preorders.reservation(reservation_id)

    def shown(self, reservation: Reservation) -> "OwnShown":
        """Return what its customer sees of a reservation now."""
        said = self.shower.shown(reservation)
        return {
            "kind": said["kind"],
            "status": said["status"],
            "next": _next(reservation, said["status"]),
            "lines": [self._line(line, reservation, said["status"]) for line in said["lines"]],
            "cancel_asked_at": reservation.cancel_asked_at,
            "cancel_sent_at": reservation.cancel_sent_at,
            "reserved_at": reservation.created_at,
            "expires_at": said["expires_at"],
            "pay_by": reservation.pay_by if said["status"] == "allocated" else None,
            "ended_at": _ended_at(reservation, said["status"]),
            "promised_until": said["promised_until"],
            **_late(reservation),
            "price": said["price"],
            "paid": said["paid"],
        }

    def _line(self, line: "LineShown", reservation: Reservation, status: Status) -> "OwnLineShown":
        waits = status == "confirmed" and line["allocated"] < line["quantity"]
        place = self.preorders.ahead(line["sku"], reservation.place) + 1 if waits else None
        return {**line, "place": place}


def _late(reservation: Reservation) -> "LateShown":
    """Return what its customer is told of a reservation's delay."""
    if not any(line.first_promise for line in reservation.lines):
        return {"late": False, "first_promised_until": promised(reservation.lines), "may_wait": False, "agreed": None}
    from standby.preorder.consent_model import first_promised, has_agreed, is_late  # noqa: PLC0415 - few are late

    agreed = reservation.agreed[-1] if has_agreed(reservation) else None
    return {
        "late": is_late(reservation),
        "first_promised_until": first_promised(reservation.lines),
        "may_wait": is_late(reservation) and agreed is None,
        "agreed": None if agreed is None else {"at": agreed.at, "until": agreed.until},
    }


def _next(reservation: Reservation, status: Status) -> "Next | None":
    if status in LIVE and reservation.cancel_sent_at is not None:
        return "decision"
    match status:
        case "held":
            return "checkout"
        case "confirmed":
            return "arrival"
        case "allocated":
            return "delivery" if reservation.pay_by is None else "payment"
    return None


def _ended_at(reservation: Reservation, status: Status) -> str | None:
    """Return when a reservation ended, by the clock where nobody came to end it yet."""
    return reservation.ends_at if status == "expired" and reservation.ended_at is None else reservation.ended_at
