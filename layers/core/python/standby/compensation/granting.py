"""Granting: what a delay is worth by the policy, once, within caps and budget (promise 6).

Each event is taken the same way: read, decide, write all in one transaction, tell, and write that it was told. The
event is repeated from the start until that was written. What was decided for a delay is decided: the same event again
grants nothing, though the policy became another meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime, tzinfo
from typing import Protocol

from standby.compensation import gathering_model as gathering
from standby.compensation.choice_model import offering, options_of, without_open
from standby.compensation.grace import begun, looked, waiting
from standby.compensation.matter_model import Matter
from standby.compensation.model import (
    AWAITS,
    BUDGET_SPENT,
    ELSEWHERE,
    ENDED,
    GATHERED,
    MAILED,
    NO_ADDRESS,
    NO_CONSENT,
    NO_ROOM,
    NOTHING,
    WAITS,
    WRITTEN,
    Account,
    Freed,
    Grant,
    Late,
    Refusal,
    Remedies,
    grant_id_of,
)
from standby.compensation.ordered import Ordered
from standby.compensation.policy_model import (
    CAPPED,
    CODED,
    HELD_OUT,
    NO_BUDGET,
    ONLY_CALL,
    UNKNOWN_ORDER,
    Entitled,
    Policy,
    call_of,
    difference,
    entitled,
    excluded_by,
    held_out,
)
from standby.compensation.refusing import AGAIN, about, nothing_more
from standby.compensation.telling import brings_code, call_wanted, events_of, rated, withheld
from standby.compensation.validity_model import last_day
from standby.compensation.voucher_model import REVOKED, Voucher, voucher_of
from standby.events.delay import ArrivalAnswered, DelayDetected
from standby.events.remedy import BudgetEnded
from standby.mail_job import MailJob
from standby.platform.backoff import Backoff
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, PoisonError, Queue


class Book(Protocol):
    """Where remedies are kept. Every method raises `BusyError`."""

    def policy(self) -> Policy | None:
        """Return the policy that holds; ``None`` where the shop has set none."""
        ...

    def remedies(self, order_id: str) -> Remedies:
        """Return what is known of an order; its edition is 0 where that is nothing."""
        ...

    def spent(self, account: Account) -> int:
        """Return what a customer was granted in a month."""
        ...

    def keep(self, remedies: Remedies, *, now: datetime) -> bool:
        """Write what is known of an order if its edition is still the one before; tell whether it was."""
        ...

    def grant(
        self,
        remedies: Remedies,
        account: Account,
        voucher: Voucher | None,
        *,
        now: datetime,
        freed: Sequence[Freed] = (),
    ) -> str:
        """Write an order's last grant with all that it costs, or nothing; return `WRITTEN` or why not.

        ``freed`` is what choices had kept that it replaces.
        """
        ...

    def vouchers(self, codes: Sequence[str]) -> Mapping[str, Voucher]:
        """Return vouchers by the hashes of their codes."""
        ...

    def ended(self, account: Account) -> bool:
        """Tell whether all heard that a month's budget ended."""
        ...

    def note_ended(self, account: Account, *, at: str, now: datetime) -> None:
        """Note that all heard that a month's budget ended."""
        ...


class Orders(Protocol):
    """What customers ordered."""

    def order(self, order_id: str) -> Ordered | None:
        """Return an order; ``None`` where no ``order.placed`` has come."""
        ...


class Mails(Protocol):
    """Writes the mails, and the codes in them."""

    def digest(self, grant_id: str) -> str:
        """Return the hash of the code of a grant that is made now."""
        ...

    def write(self, grant: Grant, ordered: Ordered, *, more: bool) -> MailJob:
        """Return the mail that brings a grant to its customer."""
        ...

    def together(self, grants: Sequence[Grant], ordered: Ordered) -> MailJob:
        """Return the one mail that brings several grants of an order to its customer."""
        ...


@frozen(kw_only=True)
class Issuer:
    """Takes what is told of delays."""

    book: Book
    orders: Orders
    bus: Bus
    mails: Callable[[], Mails]
    """Loads what writes mails; of most delays nothing is granted."""
    queue: Queue
    clock: Clock
    zone: tzinfo
    home: str
    """The shop's own country, or market: whose rules hold for an order that does not say where it goes."""
    count: Callable[[str, int], None]
    opens: Callable[[datetime, str | None], datetime] = lambda moment, _zone: moment
    """Returns when, from a moment on, a mail may go to a customer of a time zone, where that is known."""
    own: Queue | None = None
    """The issuer's, which brings it the time to mail; ``None``: the hourly look does."""
    backoff: Backoff = field(default_factory=Backoff)

    def hear(
        self, event: DelayDetected | ArrivalAnswered, policy_now: "Callable[[], Policy | None] | None" = None
    ) -> None:
        """Grant what follows from an event. Raises `PoisonError` for a day that is none, `BusyError`.

        ``policy_now`` returns the policy that holds, where somebody has read it already.
        """
        if event.order_id is None or event.shipment_id is None:
            return  # a pre-order that no order names: its customer, and what it cost, are not known here
        policy = (policy_now or self.book.policy)()
        if policy is None:
            return
        for _ in self.backoff.tries(event.order_id):
            known = self.book.remedies(event.order_id)
            if known.untold:
                self.tell(policy, event.order_id)
                continue
            after = _after(known, event)
            if policy.grace_hours and after is not known and after.late[event.shipment_id].days > 0:
                after = begun(after, event.shipment_id, at=event.at, hours=policy.grace_hours)
            if not self.decide(policy, known, event.shipment_id, after):
                continue
            if self.tell(policy, event.order_id):
                return

    def look_again(self, order_id: str) -> None:
        """Look again at delays that were refused for what the order said (`AGAIN`) and does not say any more.

        Raises `BusyError`.
        """
        for _ in self.backoff.tries(order_id):
            known = self.book.remedies(order_id)
            refused = known.refused_for(*AGAIN)
            ordered = self.orders.order(order_id) if refused else None
            if ordered is None:
                return
            late = dict(known.late)
            for why in refused:
                was = late.get(why.shipment_id)
                if was is None or was.due_at is not None:
                    continue
                case = ordered.case(why.shipment_id, was, known)
                if excluded_by(why.why, case) != why.said:
                    late[why.shipment_id] = replace(was, due_at=to_text(self.clock.now()))
            after = replace(known, late=late, edition=known.edition + 1)
            if late == known.late or self.book.keep(after, now=self.clock.now()):
                break
        self.look(order_id)

    def look(self, order_id: str) -> None:
        """Grant what follows from the delays of an order whose grace is over. Raises `BusyError`."""
        policy = self.book.policy()
        for shipment_id in [] if policy is None else waiting(self.book.remedies(order_id), self.clock.now()):
            assert policy is not None  # noqa: S101 - nothing waits without one
            for _ in self.backoff.tries(order_id):
                known, now = self.book.remedies(order_id), self.clock.now()
                if shipment_id not in waiting(known, now):
                    break
                ordered = self.orders.order(order_id)
                after = looked(known, shipment_id, ordered, now=now, zone=self.zone, hours=policy.grace_hours)
                if self.decide(policy, known, shipment_id, after) and self.tell(policy, order_id):
                    break

    def mail_gathered(self, order_id: str, *, due: bool = False, instead_of: str | None = None) -> None:
        """Mail all that is gathered of an order (`standby.compensation.gathering_model`); ``due``: if it is time to.

        ``instead_of`` is a mail that did not go: what is left of it is mailed. Raises `BusyError`.
        """
        policy = self.book.policy()
        for _ in self.backoff.tries(order_id):
            known = self.book.remedies(order_id)
            waits = gathering.to_mail(known, instead_of, self.clock.now() if due else None)
            if not (waits or gathering.going(known)):
                return
            assert policy is not None, "granted without a policy"  # noqa: S101 - policies are never taken away
            if known.untold:
                self.tell(policy, order_id)
                continue
            after = gathering.with_all_going(known, waits, self._over(order_id, waits))
            if self.book.keep(after, now=self.clock.now()) and self.tell(policy, order_id):
                return

    def _over(self, order_id: str, waits: Sequence[Grant]) -> set[str]:
        """Return what waits for a mail and came to nothing since, by the ids of its grants."""
        vouchers = self.book.vouchers([grant.code for grant in waits if grant.code is not None])
        revoked = {voucher.grant_id for voucher in vouchers.values() if voucher.state == REVOKED}
        gone = {grant.grant_id for grant in waits if self.is_gone(order_id, grant)}
        return revoked | gone

    def decide(self, policy: Policy, known: Remedies, shipment_id: str, after: Remedies) -> bool:
        """Write what an event means for a shipment; tell whether it is written. Nothing new means nothing.

        ``known`` is what is kept of its order, ``after`` the same with the event.
        """
        if after is known:
            return True
        matter = Matter(policy, replace(after, edition=known.edition + 1), shipment_id, self.clock.now())
        if matter.days_late <= 0 or matter.late.due_at is not None:
            waits = matter if matter.days_late <= 0 else matter.seen(None, grace_hours=max(1, policy.grace_hours))
            return self.book.keep(waits.known, now=matter.at)
        ordered = self.orders.order(known.order_id)
        looked = known.late.get(shipment_id, Late()).due_at is not None
        matter = matter.seen(None if ordered is None else ordered.facts(shipment_id), looked=looked)
        if ordered is None:
            return self.book.keep(matter.refused(UNKNOWN_ORDER), now=matter.at)
        case = ordered.case(shipment_id, matter.late, matter.known)
        found = entitled(policy, case)
        held = policy.holdout_percent > 0 and held_out(policy.holdout_percent, ordered.counted_as)
        if held and (found == ONLY_CALL or not isinstance(found, str)):
            worth = () if isinstance(found, str) else (found, found.value)
            return self.book.keep(matter.refused(HELD_OUT, *worth), now=matter.at)
        wanted = None if held else call_of(policy, case)
        if wanted is not None:
            matter = matter.calling(*wanted, ordered.marks_of(shipment_id), zone=self.zone)
        if isinstance(found, str):
            return self.book.keep(matter.refused(found, numbers=about(policy, case, found)), now=matter.at)
        return self.grant(matter, found, ordered)

    def grant(self, matter: Matter, found: Entitled, ordered: Ordered) -> bool:
        """Write what a delay is worth in all, as far as it was not granted before; tell whether it is written.

        What does not fit caps and budget is written as a refusal. What was given elsewhere left the shop already, so
        it is written whatever they leave, and nobody approves it.
        """
        account = self._account(matter.policy, found.currency, ordered, matter.at)
        left_already = found.remedy.kind == ELSEWHERE
        if left_already:
            account = account._replace(cap=None, spent_anyway=True)
        market = matter.policy.market(ordered.country or self.home)
        nobody = ordered.mailbox is None and "id" not in ordered.customer
        found = found.in_market(replace(market, bound=False) if nobody else market)
        line_ids = ordered.marks_of(matter.shipment_id)
        why = nothing_more(matter, found, line_ids)
        if why is not None:
            return self.book.keep(matter.refused(why, found), now=matter.at)
        before = matter
        at, by_hand = to_text(matter.at), matter.hand is not None
        known, freed = without_open(matter.known, matter.shipment_id, line_ids, at, by_hand=by_hand)
        matter = matter._replace(known=known)
        already = known.granted(found.currency, of=lambda each: each.is_for(matter.shipment_id, line_ids))
        caps = [] if left_already else [*self._caps(matter, account, freed)]
        lefts = [left for _, left in caps]
        amount = difference(found.value, already, *lefts)
        if amount <= sum(each.amount for each in freed if each.currency == found.currency):
            most, left = min(caps, key=lambda cap: cap[1], default=(None, None))
            numbers = {"most": most, "left": None if left is None else max(0, left)}
            return self.book.keep(before.refused(CAPPED, found, found.value - already, numbers), now=matter.at)
        if amount < found.value - already:
            most, left = min(caps, key=lambda cap: cap[1])
            known = matter.refused(CAPPED, found, found.value - already - amount, {"most": most, "left": left})
        grant = replace(
            self._grant(matter, found, amount, market.valid_for(found.remedy.kind)), line_ids=tuple(sorted(line_ids))
        )
        if found.choice is not None:
            options, told_at = options_of(found, already, lefts, market), self.told_at(grant, ordered)
            grant = offering(grant, options, found.choice, self.zone, told_at)
        most = None if left_already else matter.policy.approval_above.get(found.currency)
        if most is not None and already + grant.amount > most:
            grant = replace(grant, approval=AWAITS, told=WAITS)
        customer = account.customer if grant.open or grant.awaits else None
        grant = replace(_held(grant, ordered), month=account.month, customer=customer)
        if grant.kind in CODED and not grant.awaits:
            grant = replace(grant, code=self.mails().digest(grant.grant_id))
        voucher = voucher_of(grant, known.order_id) if grant.code is not None else None
        outcome = self.book.grant(known.with_grant(grant), account, voucher, now=matter.at, freed=freed)
        if outcome == BUDGET_SPENT:
            return self.book.keep(before.refused(NO_BUDGET, found, amount, {"most": account.budget}), now=matter.at)
        if outcome == NO_ROOM:
            return self.book.keep(before.refused(NO_ROOM, found, amount), now=matter.at)
        return outcome == WRITTEN

    def told_at(self, grant: Grant, ordered: Ordered) -> datetime:
        """Return when the mail that brings what is granted now may first go."""
        until = gathering.gathered_until(grant, ordered, self.clock.now())
        return self.opens(until, ordered.customer.get("time_zone"))

    def is_gone(self, order_id: str, grant: Grant) -> bool:
        """Tell whether all for which something was granted was cancelled or came back, as the order is now."""
        ordered = self.orders.order(order_id)
        return ordered is not None and ordered.is_gone(grant.shipment_id, grant.line_ids)

    def _caps(self, matter: Matter, account: Account, freed: Iterable[Freed]) -> Iterator[tuple[int, int]]:
        """Yield each cap and what it leaves, once it is free what choices had kept."""
        per_order = matter.policy.per_order.get(account.currency)
        if per_order is not None:
            yield per_order, per_order - matter.known.granted(account.currency)
        if account.cap is not None and account.customer is not None:
            again = sum(
                each.amount for each in freed if each[:3] == (account.month, account.currency, account.customer)
            )
            yield account.cap, account.cap - self.book.spent(account) + again

    def _grant(self, matter: Matter, found: Entitled, amount: int, valid_days: int) -> Grant:
        number = sum(grant.shipment_id == matter.shipment_id for grant in matter.known.grants)
        grant_id = grant_id_of(matter.known.order_id, matter.shipment_id, number)
        coded = found.remedy.kind in CODED
        last = last_day(matter.at, valid_days, self.zone) if coded else None
        return Grant(
            grant_id=grant_id,
            shipment_id=matter.shipment_id,
            at=to_text(matter.at),
            days_late=matter.days_late,
            level=found.level,
            rule=found.rule,
            policy_version=matter.policy.version,
            kind=found.remedy.kind,
            amount=amount,
            currency=found.currency,
            percent=found.remedy.percent,
            minimum=found.remedy.minimum,
            combinable=found.remedy.combinable,
            revocable=found.remedy.revocable,
            bound=found.remedy.bound,
            expires_at=None if last is None else last.over_at,
            ends_on=None if last is None else last.day,
            valid_days=valid_days,
            **({} if matter.hand is None else matter.hand._asdict()),
        )

    def _account(self, policy: Policy, currency: str, ordered: Ordered | None, at: datetime) -> Account:
        return Account(
            month=f"{at.astimezone(self.zone):%Y-%m}",
            currency=currency,
            budget=policy.monthly_budget.get(currency, 0),
            customer=None if ordered is None else ordered.mailbox,
            cap=policy.per_customer_month.get(currency),
        )

    # ---- telling ----

    def tell(self, policy: Policy, order_id: str) -> bool:
        """Tell of what nobody heard of yet, and note that; tell whether it is noted."""
        known = self.book.remedies(order_id)
        if not known.untold:
            return True
        ordered = self.orders.order(order_id)
        how = {}
        for grant in known.grants:
            if grant.told is None:
                how[grant.grant_id] = self._tell(policy, known, grant, ordered)
        if together := gathering.going(known):
            how |= self._mail_together(policy, known, together, ordered)
        if GATHERED in how.values() and self.own is not None and not gathering.gathered(known):
            self.own.send([Outgoing.of({gathering.MAIL: order_id}, delay_seconds=gathering.SECONDS)])
        for refusal in known.refusals:
            if not refusal.told and refusal.currency is not None:
                self._tell_refused(policy, order_id, refusal, refusal.currency)
        calls = [call_wanted(order_id, wanted) for wanted in known.calls if not wanted.told]
        if calls:
            self.bus.publish(calls)
        if known.rating is not None and not known.rating.told:
            self.bus.publish([rated(known, known.rating)])
        return self.book.keep(replace(known.told(how), edition=known.edition + 1), now=self.clock.now())

    def _tell(self, policy: Policy, known: Remedies, grant: Grant, ordered: Ordered | None) -> str:
        """Tell all of a grant, and its customer; return how the customer was told."""
        self.bus.publish(events_of(known.order_id, grant))
        silent = self._silent(policy, grant, ordered)
        if ordered is None or silent is not None:
            return silent or NO_ADDRESS
        if gathering.is_gathered(grant, ordered):
            return GATHERED
        earlier = known.given_before(grant)
        self.queue.send([Outgoing.of(self.mails().write(grant, ordered, more=earlier).content())])
        return MAILED

    def _silent(self, policy: Policy, grant: Grant, ordered: Ordered | None) -> str | None:
        """Return why a customer is told nothing of a grant; ``None``: they are mailed."""
        if grant.outcome in ENDED or grant.kind == ELSEWHERE:
            return NOTHING
        if ordered is None or "email" not in ordered.customer:
            return NO_ADDRESS
        if brings_code(grant) and policy.market(ordered.country or self.home).advertising:
            return NO_CONSENT  # no message about an order says who agreed to advertising
        return None

    def _mail_together(
        self, policy: Policy, known: Remedies, grants: Sequence[Grant], ordered: Ordered | None
    ) -> dict[str, str]:
        """Mail some grants of an order to its customer; return how the customer was told, by their ids."""
        how = {grant.grant_id: self._silent(policy, grant, ordered) or MAILED for grant in grants}
        mailed = [grant for grant in grants if how[grant.grant_id] == MAILED]
        if ordered is not None and mailed:
            mails, (first, *others) = self.mails(), mailed
            one = mails.together(mailed, ordered) if others else None
            job = one or mails.write(first, ordered, more=known.given_before(first))
            self.queue.send([Outgoing.of(job.content())])
        return how

    def _tell_refused(self, policy: Policy, order_id: str, refusal: Refusal, currency: str) -> None:
        if refusal.why == HELD_OUT:
            self.bus.publish([withheld(order_id, refusal)])
        elif refusal.why == NO_ROOM:
            self.count("RemediesWithoutRoom", 1)
        else:
            self._tell_ended(policy, refusal, currency)

    def _tell_ended(self, policy: Policy, refusal: Refusal, currency: str) -> None:
        account = self._account(policy, currency, None, from_text(refusal.at))
        if account.budget == 0 or self.book.ended(account):
            return  # where the policy has no budget none can end
        ended = BudgetEnded(
            id=f"budget#{account.month}#{currency}#{account.budget}",
            at=refusal.at,
            month=account.month,
            currency=currency,
            budget=account.budget,
        )
        self.bus.publish([ended])
        self.count("BudgetsEnded", 1)
        self.book.note_ended(account, at=refusal.at, now=self.clock.now())


def _after(known: Remedies, event: DelayDetected | ArrivalAnswered) -> Remedies:
    assert event.shipment_id is not None  # noqa: S101 - `hear` sees to it
    if isinstance(event, ArrivalAnswered):
        return known.answered(event.shipment_id, at=event.at, arrived=event.arrived)
    try:
        promised = date.fromisoformat(event.promised_until)
    except ValueError as error:
        raise PoisonError(f"promised_until: {event.promised_until} is no day") from error
    try:
        return known.delayed(
            event.shipment_id,
            promised=promised,
            days_late=event.days_late,
            confirmed=event.confirmed,
            edition=event.edition,
            cause=event.cause,
            policy=event.policy,
        )
    except OverflowError as error:
        raise PoisonError(f"days_late: {event.days_late} days behind {promised} the calendar is over") from error


def _held(grant: Grant, ordered: Ordered) -> Grant:
    """Return a grant that says whose its code is, where it is one customer's alone, or may become it."""
    if not grant.bound and not any(option.bound for option in grant.options):
        return grant
    customer_id = ordered.customer.get("id")
    return replace(grant, holder_id=customer_id, holder_key=ordered.mailbox if customer_id is None else None)
