"""Choosing one of several remedies: by the customer, or by the clock; each choice ends once.

What it comes to is written in one transaction with what that frees and the voucher, on the condition that the order is
as it was read. So of two answers at once one counts, and the same answer again finds that it was given.
"""

from collections.abc import Callable
from dataclasses import field, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from standby.compensation.choice_model import (
    CHOSEN_ALREADY,
    ENDED,
    NO_OPTION,
    NOTHING_TO_RATE,
    ORDER_OVER,
    UNKNOWN,
    RefusedError,
    came_to_nothing,
    grant_of,
    open_choices,
    order_over,
    over,
    settled,
)
from standby.compensation.model import CHOSEN, LAPSED, OTHERWISE, Grant, Rating, Remedies
from standby.compensation.policy_model import GONE
from standby.compensation.voucher_model import voucher_of
from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from standby.compensation.granting import Issuer
    from standby.compensation.model import Freed
    from standby.compensation.policy_model import Policy
    from standby.compensation.voucher_model import Voucher


class Book(Protocol):
    """Where remedies are kept. Every method raises `BusyError`."""

    def policy(self) -> "Policy | None":
        """Return the policy that holds."""
        ...

    def remedies(self, order_id: str) -> Remedies:
        """Return what is known of an order."""
        ...

    def keep(self, remedies: Remedies, *, now: "datetime") -> bool:
        """Write what is known of an order; tell whether it was still as it was read."""
        ...

    def settle(
        self, remedies: Remedies, freed: "Sequence[Freed]", voucher: "Voucher | None", *, now: "datetime"
    ) -> bool:
        """Write an order after a choice ended; tell whether it was still as it was read."""
        ...


class Ending(NamedTuple):
    """How a choice ends."""

    outcome: str
    kind: str | None
    """What it comes to; ``None``: nothing."""


@frozen(kw_only=True)
class Choosing:
    """Ends choices. Every method raises `BusyError` where others keep writing an order."""

    issuer: "Issuer"
    book: Book
    clock: Clock
    backoff: Backoff = field(default_factory=Backoff)

    def choose(self, order_id: str, grant_id: str, kind: str) -> Remedies:
        """Let a customer choose a kind of remedy, and return the order. The same again changes nothing.

        Raises `RefusedError`.
        """

        def choice(grant: Grant | None) -> Ending | None:
            if grant is None or not grant.options:
                raise RefusedError(UNKNOWN, "there is no such choice")
            if kind not in {option.kind for option in grant.options}:
                raise RefusedError(NO_OPTION, "this is none of the remedies to choose from")
            if (grant.outcome, grant.kind) == (CHOSEN, kind):
                return None
            if grant.outcome == GONE:
                raise RefusedError(ORDER_OVER, "what was late was cancelled, or came back")
            if grant.outcome in (CHOSEN, OTHERWISE):
                raise RefusedError(CHOSEN_ALREADY, "another remedy was chosen before")
            if not grant.open or over(grant, self.clock.now()):
                raise RefusedError(ENDED, "this choice is offered no more")
            return Ending(CHOSEN, kind)

        return self._ended(order_id, grant_id, choice)

    def rate(self, order_id: str, *, right: bool, words: str) -> Remedies:
        """Note whether the shop made it right, as its customer says, and return the order.

        The same again changes nothing; another answer replaces the one before. Raises `RefusedError`.
        """
        for _ in self.backoff.tries(order_id):
            known = self._told(order_id)
            if known is None:
                continue
            if not known.may_rate:
                raise RefusedError(NOTHING_TO_RATE, "nothing was given for this order")
            if known.rating is not None and (known.rating.right, known.rating.words) == (right, words):
                return known
            now = self.clock.now()
            rating = Rating(to_text(now), right, words)
            if self.book.keep(replace(known, rating=rating, edition=known.edition + 1), now=now):
                return self._heard(order_id)
        raise AssertionError("tries raise at their end")

    def look(self, order_id: str) -> None:
        """End the choices of an order whose time is over, and tell what is still to be told of those that ended."""

        def choice(grant: Grant | None) -> Ending | None:
            if grant is None or not grant.open:
                return None
            return Ending(LAPSED if grant.otherwise is None else OTHERWISE, grant.otherwise)

        now = self.clock.now()
        for grant in open_choices(self._heard(order_id)):
            if over(grant, now):
                self._ended(order_id, grant.grant_id, choice)

    def _ended(self, order_id: str, grant_id: str, choice: Callable[[Grant | None], Ending | None]) -> Remedies:
        """End a choice as ``choice`` says, ``None``: it stays as it is; tell of it, and return the order."""
        for _ in self.backoff.tries(order_id):
            known = self._told(order_id)
            if known is None:
                continue
            grant = grant_of(known, grant_id)
            if grant is not None and grant.open and self.issuer.is_gone(order_id, grant):
                self._close(known, grant)
                continue
            ending = choice(grant)
            if grant is None or ending is None:
                return known
            if self._settled(known, grant, ending):
                return self._heard(order_id)
        raise AssertionError("tries raise at their end")

    def _close(self, known: Remedies, grant: Grant) -> None:
        now = self.clock.now()
        after, freed = order_over(known, grant, now)
        self.book.settle(replace(after, edition=known.edition + 1), freed, None, now=now)

    def _settled(self, known: Remedies, grant: Grant, ending: Ending) -> bool:
        now = self.clock.now()
        if ending.kind is None:
            after, freed = came_to_nothing(known, grant, ending.outcome, now)
        else:
            code, zone = self.issuer.mails().digest(grant.grant_id), self.issuer.zone
            after, freed = settled(known, grant, ending.outcome, now, kind=ending.kind, code=code, zone=zone)
        made = grant_of(after, grant.grant_id)
        voucher = None if made is None or made.code is None else voucher_of(made, known.order_id)
        return self.book.settle(replace(after, edition=known.edition + 1), freed, voucher, now=now)

    def _heard(self, order_id: str) -> Remedies:
        """Tell all that is still to be told of an order, and return it."""
        for _ in self.backoff.tries(order_id):
            known = self._told(order_id)
            if known is not None:
                return known
        raise AssertionError("tries raise at their end")

    def _told(self, order_id: str) -> Remedies | None:
        """Return an order of which all was told; ``None``: others wrote it meanwhile."""
        known = self.book.remedies(order_id)
        if not known.untold:
            return known
        policy = self.book.policy()
        assert policy is not None, "granted without a policy"  # noqa: S101 - policies are replaced, never taken away
        return self.book.remedies(order_id) if self.issuer.tell(policy, order_id) else None
