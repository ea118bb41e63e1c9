"""Taking back a choice that its customer did not make yet. Who hears of it hears from the issuer, within the hour."""

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from standby.compensation.choice_model import ENDED, FOR_GOOD, UNKNOWN, RefusedError, came_to_nothing, grant_of
from standby.compensation.model import REVOKED, Freed, Remedies
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.compensation.voucher_model import Voucher


class Book(Protocol):
    """Where remedies are kept. Every method raises `BusyError`."""

    def remedies(self, order_id: str) -> Remedies:
        """Return what is known of an order."""
        ...

    def settle(self, remedies: Remedies, freed: Sequence[Freed], voucher: "Voucher | None", *, now: datetime) -> bool:
        """Write an order after a choice ended; tell whether it was still as it was read."""
        ...


@frozen(kw_only=True)
class Revoking:
    """Takes choices back."""

    book: Book
    clock: Clock
    backoff: Backoff = field(default_factory=Backoff)

    def revoke(self, order_id: str, grant_id: str) -> Remedies:
        """Take a choice back, and return the order. The same again changes nothing.

        Raises `RefusedError`, and `BusyError` where nobody heard yet that it was granted: it is not to be told the
        other way round.
        """
        for _ in self.backoff.tries(order_id):
            known = self.book.remedies(order_id)
            grant = grant_of(known, grant_id)
            if grant is None or not grant.options:
                raise RefusedError(UNKNOWN, "there is no such choice")
            if grant.outcome == REVOKED:
                return known
            if not grant.open:
                raise RefusedError(ENDED, "this choice is over; a voucher is revoked by its code")
            if not grant.revocable:
                raise RefusedError(FOR_GOOD, "this choice was not offered as one that the shop may take back")
            if grant.untold:
                continue
            now = self.clock.now()
            after, freed = came_to_nothing(known, grant, REVOKED, now)
            after = replace(after, edition=known.edition + 1)
            if self.book.settle(after, freed, None, now=now):
                return after
        raise AssertionError("tries raise at their end")
