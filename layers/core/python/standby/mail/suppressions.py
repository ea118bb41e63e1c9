"""What operators do about suppressed addresses: look, and lift (design §7: the suppression table is ours)."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from standby.events.mail import SuppressionLifted
from standby.mail.model import AddressMarks
from standby.platform.address import address_key
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.observability import logger

if TYPE_CHECKING:
    from standby.mail.answers import AddressShown

log = logger("mail")


class Marks(Protocol):
    """Where marks are kept."""

    def address_marks(self, address: str) -> AddressMarks:
        """Read the marks of an address key."""
        ...

    def mark(self, address: str, change: Callable[[AddressMarks], AddressMarks], *, now: datetime) -> AddressMarks:
        """Apply a change to the marks of an address key and return them."""
        ...


@frozen()
class Suppressions:
    """Addresses that get no mail because one bounced or somebody complained."""

    marks: Marks
    bus: Bus
    clock: Clock

    def look_up(self, email: str) -> "AddressShown":
        """Return what stops mail to an address."""
        return shown(self.marks.address_marks(address_key(email)))

    def lift(self, email: str, by: str) -> "AddressShown":
        """Let an address be mailed again, and remember who did so. Lifting twice is lifting once.

        It is told each time, because whoever lifted it first may have died before telling it.
        """
        now, address = self.clock.now(), address_key(email)
        marks = self.marks.mark(address, lambda known: known.lifted(by, now), now=now)
        if marks.lifts:
            at = to_text(now)
            self.bus.publish([SuppressionLifted(id=f"lifted#{address}#{at}", at=at, address=address)])
        log.info("suppression lifted", extra={"address": address, "by": by})
        return shown(marks)


def shown(marks: AddressMarks) -> "AddressShown":
    """Write marks as the API shows them."""
    suppressed = None
    if marks.suppressed is not None and marks.suppressed_at is not None:
        suppressed = {"reason": marks.suppressed, "at": to_text(marks.suppressed_at), "said": marks.suppressed_for}
    return {
        "suppressed": suppressed,  # type: ignore[typeddict-item] # mypy takes the literal for a plain dictionary
        "soft_failures": len(marks.soft),
        "left_at": to_text(marks.left_at) if marks.left_at else None,
        "lifted": [
            {
                "reason": lift.reason,
                "suppressed_at": to_text(lift.suppressed_at),
                "at": to_text(lift.at),
                "by": lift.by,
            }
            for lift in marks.lifts
        ],
    }
