"""Ending what is open of an order, waits for approval, or was never told, once that for which it was granted is gone.

A code that was told stays with whoever has it. One that nobody was told of yet is taken back first, whatever its
remedy says of that, and from then on no budget or cap counts it; where an order took it all the same, because the page
showed it, it stays. Whoever died between the two does it again.
"""

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from standby.compensation.choice_model import order_over
from standby.compensation.gathering_model import to_mail
from standby.compensation.model import Freed, Grant, Remedies
from standby.compensation.voucher_model import REVOKED, withdrawn
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.compensation.granting import Issuer
    from standby.compensation.ordered import Ordered
    from standby.compensation.policy_model import Policy
    from standby.compensation.redeeming import Till
    from standby.compensation.voucher_model import Voucher


class Book(Protocol):
    """Where remedies are kept. Every method raises `BusyError`."""

    def policy(self) -> "Policy | None":
        """Return the policy that holds."""
        ...

    def remedies(self, order_id: str) -> Remedies:
        """Return what is known of an order."""
        ...

    def settle(self, remedies: Remedies, freed: Sequence[Freed], voucher: "Voucher | None", *, now: datetime) -> bool:
        """Write an order after something of it ended; tell whether it was still as it was read."""
        ...


@frozen(kw_only=True)
class Closing:
    """Ends what came to nothing with its order."""

    issuer: "Issuer"
    book: Book
    till: "Callable[[], Till]"
    """Loads what takes codes back."""
    clock: Clock
    backoff: Backoff = field(default_factory=Backoff)

    def close(self, order_id: str, *, instead_of: str | None = None) -> None:
        """End what came to nothing of an order, and tell of it. ``instead_of`` is a mail that did not go.

        Raises `BusyError`.
        """
        for _ in self.backoff.tries(order_id):
            known = self.book.remedies(order_id)
            if known.untold:
                policy = self.book.policy()
                assert policy is not None, "granted without a policy"  # noqa: S101 - policies are never taken away
                self.issuer.tell(policy, order_id)
                continue
            ordered = self.issuer.orders.order(order_id)
            over = [] if ordered is None else self._over(known, ordered, instead_of)
            if ordered is None or not over:
                return
            self._end(known, over, ordered.mailbox)

    def _over(self, known: Remedies, ordered: "Ordered", instead_of: str | None) -> list[Grant]:
        """Return what is to end; no code of it can be used any more."""
        untold = [grant for grant in to_mail(known, instead_of, None) if grant.code is not None]
        every = [grant for grant in known.grants if grant.open or grant.awaits or grant in untold]
        gone = [grant for grant in every if ordered.is_gone(grant.shipment_id, grant.line_ids)]
        return [grant for grant in gone if grant.code is None or self._is_taken_back(grant.code)]

    def _is_taken_back(self, code: str) -> bool:
        """Take a code back that nobody was told of, by its hash; tell whether it is: an order may have taken it."""
        after = self.till().change(code, lambda known: withdrawn(known, to_text(self.clock.now())))
        return after is not None and after.state == REVOKED

    def _end(self, known: Remedies, over: Sequence[Grant], customer: str | None) -> None:
        now, ids = self.clock.now(), {grant.grant_id for grant in over if grant.code is not None}
        grants = (replace(each, customer=customer) if each.grant_id in ids else each for each in known.grants)
        after, freed = replace(known, grants=tuple(grants)), list[Freed]()
        for grant in over:
            after, more = order_over(after, grant, now)
            freed += more
        self.book.settle(replace(after, edition=known.edition + 1), freed, None, now=now)
