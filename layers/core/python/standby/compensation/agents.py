"""What people do by hand: they grant, record what they gave in another way, and approve or deny what waits for that.

It goes through the same transaction as what the policy grants, under the same caps and budget. It says what a delay is
worth in all, so where a person and the policy grant at once, one of both adds nothing.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from standby.compensation import approval_model
from standby.compensation.choice_model import grant_of, order_over
from standby.compensation.granting import Issuer
from standby.compensation.matter_model import Matter
from standby.compensation.model import APPROVED, DENIED, ELSEWHERE, Grant, Hand, Late, Remedies
from standby.compensation.policy_model import (
    CODED,
    GONE,
    GRANTED_BEFORE,
    UNKNOWN_ORDER,
    UNPAID,
    WORTH_NOTHING,
    Case,
    Entitled,
    Policy,
    Remedy,
    fits,
    fitting,
    of_level,
    value,
)
from standby.compensation.reading import remedy_of
from standby.compensation.redeeming import hashed
from standby.compensation.refusing import nothing_more
from standby.compensation.voucher_model import voucher_of
from standby.platform.backoff import Backoff
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json
from standby.platform.moment import ordered as in_one_order

if TYPE_CHECKING:
    from standby.compensation.ordered import Ordered
    from standby.compensation.repository import RemedyBook

BY_HAND = "by_hand"
"""Stands in place of a rule."""
NO_POLICY, NO_RULE, NO_SHIPMENT, UNFIT, ALREADY = "no-policy", "no-rule", "no-shipment", "unfit", "granted-already"
NO_REMEDY, DECIDED = "unknown-remedy", "decided-already"
WORDS: Mapping[str, str] = {
    NO_POLICY: "the shop has set no policy, so there is no budget",
    NO_RULE: "the policy has no rule of that name",
    NO_SHIPMENT: "it is none of the order's shipments, or one of several is to be named",
    UNFIT: "it cannot be given for this order: another currency, it has no delivery fee, or its rule is a call only",
    ALREADY: "so much, or more, was granted before",
    UNKNOWN_ORDER: "no such order is known",
    GONE: "all of it was cancelled, or came back",
    UNPAID: "it was not paid",
    WORTH_NOTHING: "what is late cost nothing, so nothing comes of it",
    "budget": "it is more than is left of the month's budget",
    "no_room": "so much was granted for this order that there is no room for more",
    "cap": "a cap leaves nothing, or no more was paid",
    NO_REMEDY: "there is no such remedy",
    DECIDED: "it does not wait for approval any more, or never did",
}


class RefusedError(Exception):
    """A person's wish is refused; ``why`` is one of `WORDS`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ReusedError(Exception):
    """The key of the request was used for another request before."""


class Gift(NamedTuple):
    """What a person gives."""

    hand: Hand
    shipment_id: str | None
    rule: str | None
    remedy: Remedy | None

    @classmethod
    def of(cls, body: Mapping[str, Any], *, holder: str, caller: str, key: str) -> "Gift":
        """Read a checked body. ``caller`` and ``key`` name the request, ``holder`` says whose key it is."""
        remedy, elsewhere = body.get("remedy"), body.get("elsewhere")
        made = None if remedy is None else remedy_of(remedy)
        if elsewhere is not None:
            made = Remedy(ELSEWHERE, elsewhere["amount"], elsewhere["currency"])
        hand = Hand(
            f"{body['agent']}, {holder}",
            body["reason"],
            hashed(f"{caller}#{key}"),
            hashed(to_json(in_one_order(body))),
        )
        return cls(hand, body.get("shipment_id"), body.get("rule"), made)


@frozen(kw_only=True)
class Agents:
    """Does what people ask for. Every method raises `BusyError` where others keep writing an order."""

    issuer: Issuer
    book: "RemedyBook"
    backoff: Backoff = field(default_factory=Backoff)

    def give(self, order_id: str, gift: Gift) -> tuple[Remedies, Grant]:
        """Grant by hand; return the order and the grant. The same request again returns the same.

        Raises `RefusedError`, and `ReusedError` where the request's key was used for something else.
        """
        for _ in self.backoff.tries(order_id):
            known = self._told(order_id)
            if known is None:
                continue
            before = next((each for each in known.grants if each.request == gift.hand.request), None)
            if before is not None and before.asked != gift.hand.asked:
                raise ReusedError
            if before is not None:
                return known, before
            self._give(known, gift)
        raise AssertionError("tries raise at their end")

    def _give(self, known: Remedies, gift: Gift) -> None:
        """Write a grant, or nothing where others wrote meanwhile. Raises `RefusedError`."""
        policy, ordered = self.book.policy(), self.issuer.orders.order(known.order_id)
        if policy is None or ordered is None:
            raise RefusedError(NO_POLICY if policy is None else UNKNOWN_ORDER)
        shipment_id = _shipment(ordered, gift.shipment_id)
        late = {**known.late, shipment_id: known.late.get(shipment_id, Late())}
        after = replace(known, late=late, edition=known.edition + 1)
        matter = Matter(policy, after, shipment_id, self.issuer.clock.now(), gift.hand)
        case = ordered.case(shipment_id, matter.late, known)
        if case.gone or (case.unpaid and not policy.unpaid_too):
            raise RefusedError(GONE if case.gone else UNPAID)
        found = _found(policy, gift, case)
        why = nothing_more(matter, found, ordered.marks_of(shipment_id))
        if why is not None:
            raise RefusedError(ALREADY if why == GRANTED_BEFORE else why)
        if not self.issuer.grant(matter, found, ordered):
            return
        written = self.book.remedies(known.order_id)
        if not any(each.request == gift.hand.request for each in written.grants):
            self.issuer.tell(policy, known.order_id)
            raise RefusedError(next(each.why for each in reversed(written.refusals) if each.shipment_id == shipment_id))

    def decide(self, order_id: str, grant_id: str, decision: str, by: str) -> Remedies:
        """Approve (`APPROVED`) or deny (`DENIED`) what waits for that, and return the order. Again is the same.

        Raises `RefusedError`.
        """
        for _ in self.backoff.tries(order_id):
            known = self._told(order_id)
            if known is None:
                continue
            grant = grant_of(known, grant_id)
            if grant is None:
                raise RefusedError(NO_REMEDY)
            if grant.approval == decision:
                return known
            if grant.outcome == GONE:
                raise RefusedError(GONE)
            if not grant.awaits:
                raise RefusedError(DECIDED)
            if decision == APPROVED and self.issuer.is_gone(order_id, grant):
                self._close(known, grant)
                continue
            self._decide(known, grant, decision, by)
        raise AssertionError("tries raise at their end")

    def _decide(self, known: Remedies, grant: Grant, decision: str, by: str) -> None:
        now = self.issuer.clock.now()
        if decision == DENIED:
            after, freed = approval_model.denied(known, grant, by=by, at=now)
        else:
            assert decision == APPROVED  # noqa: S101 - there is no third
            code = self.issuer.mails().digest(grant.grant_id) if grant.kind in CODED else None
            ordered = self.issuer.orders.order(known.order_id)
            told_at = self.issuer.opens(now, None if ordered is None else ordered.customer.get("time_zone"))
            about: Mapping[str, Any] = {"code": code, "zone": self.issuer.zone, "told_at": told_at}
            after, freed = approval_model.approved(known, grant, by=by, at=now, **about)
        made = grant_of(after, grant.grant_id)
        voucher = None if made is None or made.code is None else voucher_of(made, known.order_id)
        self.book.settle(replace(after, edition=known.edition + 1), freed, voucher, now=now, decided=grant)

    def _close(self, known: Remedies, grant: Grant) -> None:
        now = self.issuer.clock.now()
        after, freed = order_over(known, grant, now)
        self.book.settle(replace(after, edition=known.edition + 1), freed, None, now=now, decided=grant)

    def _told(self, order_id: str) -> Remedies | None:
        """Return an order of which all was told; ``None``: others wrote it meanwhile."""
        known = self.book.remedies(order_id)
        if not known.untold:
            return known
        policy = self.book.policy()
        assert policy is not None, "granted without a policy"  # noqa: S101 - policies are replaced, never taken away
        return self.book.remedies(order_id) if self.issuer.tell(policy, order_id) else None


def _shipment(ordered: "Ordered", shipment_id: str | None) -> str:
    names = [*ordered.shipments]
    if shipment_id is None and len(names) == 1:
        return names[0]
    if shipment_id not in names:
        raise RefusedError(NO_SHIPMENT)
    return str(shipment_id)


def _found(policy: Policy, gift: Gift, case: Case) -> Entitled:
    if gift.rule is not None:
        rule = next((each for each in policy.rules if each.name == gift.rule), None)
        if rule is None:
            raise RefusedError(NO_RULE)
        giving = [each for each in rule.levels if fitting(each, case)]
        if not giving:
            raise RefusedError(UNFIT)
        level = [each for each in giving if each.days_late <= case.days_late or each is giving[0]][-1]
        return of_level(rule, level, case)
    remedy = gift.remedy
    if remedy is None:
        raise RefusedError(NO_RULE)
    currency = remedy.currency or case.fee_currency
    if not fits(remedy, case) or currency is None:
        raise RefusedError(UNFIT)
    worth = remedy.amount if remedy.kind == ELSEWHERE else value(remedy, case)
    return Entitled(BY_HAND, case.days_late, remedy, worth, currency)
