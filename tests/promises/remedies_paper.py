"""Remedies as plain arithmetic: what each late order is worth, what that costs, and whose mail may bring a code.

It knows a policy as tables of amounts, each order as its shop last said it, and all that was given as one list. Every
sum is added up from that list anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from standby.compensation.policy_model import held_out
from standby.platform.address import mailbox_key
from standby.platform.clock import from_text

from tests.promises.remedies_noted import (
    CHOICE,
    CODED,
    ELSEWHERE,
    FEE,
    NOTHING_CAME,
    UNITS,
    ZONE,
    Given,
    Ladder,
    Lateness,
    Order,
    Reason,
    Step,
    Terms,
    Why,
)
from tests.promises.vouchers_paper import Coupon


@dataclass
class Paper:
    """All of it."""

    terms: Terms | None = None
    version: int = 0
    orders: dict[str, Order] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    refused: dict[str, list[Why]] = field(default_factory=dict)
    mailed: set[tuple[int, str | None]] = field(default_factory=set)
    """Which of ``given`` were mailed, and at which outcome."""
    requests: dict[str, Given] = field(default_factory=dict)
    worth: dict[tuple[str, str], int] = field(default_factory=dict)
    """The most that a shipment's delay was worth, ..."""
    limited: set[tuple[str, str]] = field(default_factory=set)
    """... but for those that a limit, a person or a choice gave something else."""

    def of(self, order: str) -> list[Given]:
        """Return what was given for an order."""
        return [each for each in self.given if each.order.name == order]

    def spent(self, currency: str, month: str, owner: str | None = None) -> int:
        """Return what all, or one customer, were given in a month."""
        every = [each for each in self.given if (each.order.currency, each.month) == (currency, month)]
        return sum(each.amount for each in every if owner in (None, each.order.owner))

    def elsewhere(self, currency: str, month: str) -> int:
        """Return how much of that people gave in another way, which no budget binds."""
        every = [each for each in self.given if (each.order.currency, each.month) == (currency, month)]
        return sum(each.amount for each in every if each.kind == ELSEWHERE)

    def sets(self, terms: Terms) -> None:
        """Set a policy; the same again is the same version."""
        if terms != self.terms:
            self.terms, self.version = terms, self.version + 1

    # ---- what is told of delays ----

    def hears_of_delay(self, told: Mapping[str, Any], now: datetime) -> None:
        """Take in a `DelayDetected`."""
        order, late = self._late(told)
        if self.terms is None or told["edition"] <= late.looked:
            return
        day = date.fromisoformat(told["promised_until"]) + timedelta(days=told["days_late"])
        after = replace(late)
        if told.get("confirmed", True):
            after.known = max(day, late.known or day)
        else:
            after.asked = max(day, late.asked or day)
        if told["edition"] > late.edition:
            after.edition, after.cause = told["edition"], told.get("cause")
        self._takes_in(order, told, late, after, now)

    def hears_an_answer(self, told: Mapping[str, Any], now: datetime) -> None:
        """Take in an `ArrivalAnswered`."""
        order, late = self._late(told)
        if self.terms is None or (late.answered_at is not None and told["at"] <= late.answered_at):
            return
        self._takes_in(order, told, late, replace(late, answered_at=told["at"], arrived=told["arrived"]), now)

    def _late(self, told: Mapping[str, Any]) -> tuple[Order, Lateness]:
        order = self.orders[told["order_id"]]
        return order, order.late.get(told["shipment_id"], Lateness())

    def _takes_in(
        self, order: Order, told: Mapping[str, Any], before: Lateness, after: Lateness, now: datetime
    ) -> None:
        assert self.terms is not None
        if after == before and told["shipment_id"] in order.late:
            return
        order.late[told["shipment_id"]] = after
        days = after.days(order.first)
        if self.terms.grace_hours and days > 0 and after.due is None:
            after.due = from_text(told["at"]) + timedelta(hours=self.terms.grace_hours)
        if days > 0 and after.due is None:
            self.decides(order, told["shipment_id"], now)

    # ---- what it is worth ----

    def decides(self, order: Order, shipment: str, now: datetime) -> None:
        """Give what a delay is worth, or write why not."""
        assert self.terms is not None
        found = self._entitled(order, shipment)
        if found is None:
            self.limited.add((order.name, shipment))
            return
        rule, step = found
        values = self._values(order, shipment, step)
        worth = max(values.values())
        key = order.name if order.owner is None else mailbox_key(order.owner)
        if self.terms.holdout and held_out(self.terms.holdout, key):
            about = {"currency": order.currency, "level": step.days, "worth": worth}
            self._refuses(order, shipment, "held_out", rule=rule, amount=worth, **about)
            self.limited.add((order.name, shipment))
            return
        self.worth[order.name, shipment] = max(worth, self.worth.get((order.name, shipment), 0))
        self.gives(order, shipment, values, Reason(rule, step.days, step.otherwise), now)

    def _entitled(self, order: Order, shipment: str) -> tuple[str, Step] | None:
        """Return a rule and what it gives; where it gives nothing, write why."""
        cause = order.late[shipment].cause
        wrong = {
            "cancelled": (shipment in order.gone, None),
            "cause": (cause == "customer", cause),
            "customer_type": (order.staff, "staff"),
            "unpaid": (order.unpaid, "pending"),
        }
        excluded = next(((why, said) for why, (so, said) in wrong.items() if so), None)
        if excluded is not None:
            self._refuses(order, shipment, excluded[0], said=excluded[1])
            return None
        assert self.terms is not None
        fee = self._fee(order, shipment)
        for number, ladder in enumerate(self.terms.ladders):
            if ladder.currency != order.currency and set(_kinds(ladder)) != {FEE}:
                continue
            every = [
                replace(step, worth={k: v for k, v in step.worth.items() if k != FEE or fee}) for step in ladder.steps
            ]
            giving = [step for step in every if step.worth]
            if not giving:
                continue
            steps = [step for step in giving if step.days <= order.days(shipment)]
            if steps:
                return f"r{number}", steps[-1]
            self._refuses(order, shipment, "level_not_reached", rule=f"r{number}", level=giving[0].days)
            return None
        self._refuses(order, shipment, "no_rule")
        return None

    def _values(self, order: Order, shipment: str, step: Step) -> dict[str, int]:
        return {
            kind: self._fee(order, shipment) if kind == FEE else min(amount, UNITS * order.price)
            for kind, amount in step.worth.items()
        }

    def _fee(self, order: Order, shipment: str) -> int:
        """Return how much of the delivery fee is left for a shipment."""
        others = [each for each in self.of(order.name) if each.shipment != shipment]
        given = sum(each.amount for each in others if each.kind == FEE)
        return max(0, order.fee - given - sum(each.options.get(FEE, 0) for each in others if each.outcome is None))

    def gives(
        self, order: Order, shipment: str, values: Mapping[str, int], reason: "Reason", now: datetime
    ) -> Given | None:
        """Give the difference to what was given before, as far as caps and budget leave it."""
        terms, month = self.terms, f"{now.astimezone(ZONE):%Y-%m}"
        assert terms is not None
        worth = max(values.values())
        about = {"rule": reason.rule, "currency": order.currency, "level": reason.level, "worth": worth}
        mine = [each for each in self.of(order.name) if each.shipment == shipment]
        if worth <= covered(mine, reason.level):
            self._refuses(order, shipment, "granted_before", **about)
            return None
        opened = [each for each in mine if each.options and each.outcome is None]
        if reason.by_hand:
            opened += [each for each in mine if each.waits and each not in opened]
        kept = sum(each.amount for each in opened)
        left_already = ELSEWHERE in values
        already = sum(each.amount for each in mine) - kept
        again = sum(each.amount for each in opened if each.month == month)
        caps = [] if left_already else [*self._caps(order, month, kept, again)]
        lefts = [worth, *(left for left, _ in caps)]
        options = {kind: least for kind, value in values.items() if (least := min(value - already, *lefts)) > 0}
        amount = max(options.values(), default=0)
        if amount < worth - already or reason.by_hand:
            self.limited.add((order.name, shipment))
        if amount <= kept:
            least, most = min(caps, key=lambda cap: cap[0], default=(None, None))
            left_over = None if least is None else max(0, least)
            self._refuses(order, shipment, "cap", amount=worth - already, most=most, left=left_over, **about)
            return None
        if not left_already and max(amount, self.spent(order.currency, month) - again + amount) > terms.budget:
            self._refuses(order, shipment, "budget", amount=amount, most=terms.budget, **about)
            self.limited.add((order.name, shipment))
            return None
        for each in opened:
            each.kind, each.amount, each.outcome, each.waits, each.approval = CHOICE, 0, "replaced", False, None
        dearest = max(values, key=lambda kind: values[kind])
        waits = not left_already and terms.approval is not None and already + amount > terms.approval
        made = Given(
            order,
            shipment,
            dearest,
            amount,
            month,
            reason.level,
            now,
            waits,
            reason.by_hand,
            terms.lasts(order.country),
            terms.choice_days,
            revocable=order.country in terms.revocable,
            bound=order.country in terms.bound,
        )
        if len(options) > 1:
            made.kind, made.options, made.offered = CHOICE, options, amount
            made.otherwise = reason.otherwise if reason.otherwise in options else None
        self.given.append(made)
        if waits:
            made.approval = "awaiting_approval"
        else:
            self._is_valid(made, now)
        return made

    def _caps(self, order: Order, month: str, kept: int, again: int) -> Iterable[tuple[int, int | None]]:
        """Yield what each cap leaves, and the cap."""
        assert self.terms is not None
        if self.terms.per_order is not None:
            yield self.terms.per_order - sum(each.amount for each in self.of(order.name)) + kept, self.terms.per_order
        if self.terms.per_customer is not None and order.owner is not None:
            spent = self.spent(order.currency, month, order.owner)
            yield self.terms.per_customer - spent + again, self.terms.per_customer

    def _is_valid(self, given: Given, now: datetime) -> None:
        """Let a gift count from now on: it has a code, or its customer may choose."""
        if given.open:
            last = now.astimezone(ZONE).date() + timedelta(days=given.choice_days + 1)
            given.until = datetime.combine(last, time.min, ZONE).astimezone(UTC)
        elif given.kind in CODED:
            given.coupon = self._coupon(given, now)
        self.tells(given)

    def _coupon(self, given: Given, now: datetime) -> Coupon:
        return Coupon(
            now + timedelta(days=given.lasts[given.kind]),
            given.order.currency,
            given.kind,
            given.amount,
            revocable=given.revocable,
            owner=given.order.owner if given.bound else None,
        )

    def tells(self, given: Given) -> None:
        """Mail a customer, where they may be mailed."""
        assert self.terms is not None
        kinds = {given.kind, *(given.options if given.open else ())}
        silent = given.outcome in NOTHING_CAME or given.kind == ELSEWHERE or given.order.owner is None
        if not silent and (CODED.isdisjoint(kinds) or given.order.country not in self.terms.advertising):
            self.mailed.add((next(n for n, each in enumerate(self.given) if each is given), given.outcome))

    def _refuses(self, order: Order, shipment: str, why: str, **numbers: Any) -> None:
        every = self.refused.setdefault(order.name, [])
        said = Why(shipment, order.days(shipment), why, self.version, **numbers)
        if next((each for each in reversed(every) if each.shipment == shipment), None) != said:
            every.append(said)

    # ---- what people do ----

    def gives_by_hand(
        self, order: Order, shipment: str, gift: tuple[str, int], request: str, now: datetime
    ) -> tuple[int, str]:
        """Return status and problem of a person's gift, a kind and an amount."""
        if request in self.requests:
            return 201, ""
        kind, amount = gift
        worth = self._fee(order, shipment) if kind == FEE else min(amount, UNITS * order.price)
        worth = amount if kind == ELSEWHERE else worth
        mine = [each for each in self.of(order.name) if each.shipment == shipment]
        wrong = {
            "no-policy": self.terms is None,
            "cancelled": shipment in order.gone,
            "unpaid": order.unpaid,
            "unfit": worth <= 0,
            "granted-already": worth <= covered(mine, order.days(shipment)),
        }
        if any(wrong.values()):
            return 409, next(why for why, so in wrong.items() if so)
        order.late.setdefault(shipment, Lateness())
        made = self.gives(order, shipment, {kind: worth}, Reason("by_hand", order.days(shipment), by_hand=True), now)
        if made is None:
            return 409, self.refused[order.name][-1].why
        self.requests[request] = made
        return 201, ""

    def decides_by_hand(self, given: Given, decision: str, now: datetime) -> int:
        """Approve or deny."""
        if given.approval == decision:
            return 200
        if not given.waits:
            return 409
        given.waits, given.approval = False, decision
        if decision == "approved":
            self._is_valid(given, now)
            return 200
        self.limited.add((given.order.name, given.shipment))
        given.offered = max(given.offered, given.amount)
        given.amount, given.outcome = 0, "denied"
        late = given.order.late.get(given.shipment, Lateness())
        if given.by_hand and late.days(given.order.first) > 0 and late.due is None:
            late.due = now
        return 200

    # ---- what customers choose, and what time ends ----

    def chooses(self, given: Given, kind: str, now: datetime) -> int:
        """Let a customer choose; return the status."""
        if kind not in given.options:
            return 409
        if given.outcome == "chosen" and given.kind == kind:
            return 200
        if not given.open or given.until is None or given.until <= now:
            return 409
        self.settles(given, "chosen", kind, now)
        return 200

    def settles(self, given: Given, outcome: str, kind: str | None, now: datetime) -> None:
        """End a choice."""
        self.limited.add((given.order.name, given.shipment))
        given.outcome, given.kind = outcome, kind or CHOICE
        given.amount = 0 if kind is None else given.options[kind]
        if kind in CODED:
            given.coupon = self._coupon(given, now)
        self.tells(given)

    def due(self, now: datetime) -> list[str]:
        """Return the orders at which a look changes something."""
        waits = {each.name for each in self.orders.values() for late in each.late.values() if late.due}
        over = {each.order.name for each in self.given if each.open and each.until and each.until <= now}
        graced = {
            name for name in waits if any(late.due and late.due <= now for late in self.orders[name].late.values())
        }
        return sorted(over | graced)

    def looks(self, names: Iterable[str], now: datetime, editions: Mapping[str, int]) -> None:
        """Look at orders one after the other. ``editions`` are those of delivery's orders now."""
        for name in names:
            for shipment, late in list(self.orders[name].late.items()):
                if late.due is not None and late.due <= now:
                    self._looks_after_grace(self.orders[name], shipment, now, editions[name])
            for given in self.of(name):
                if given.open and given.until is not None and given.until <= now:
                    outcome = "lapsed" if given.otherwise is None else "otherwise"
                    self.settles(given, outcome, given.otherwise, now)

    def _looks_after_grace(self, order: Order, shipment: str, now: datetime, edition: int) -> None:
        assert self.terms is not None
        late = order.late[shipment]
        late.due = None
        day = order.came.get(shipment) or order.expected.get(shipment, ("", None))[1]
        if shipment in order.gone:
            day = None
        if day is not None:
            late.looked = edition
            if day > order.first:
                late.known, late.asked = (day, None) if late.known else (late.known, late.asked)
            else:
                late.known, late.asked = day, None
                if now.astimezone(ZONE).date() <= order.first + timedelta(days=7):
                    late.due = now + timedelta(hours=max(1, self.terms.grace_hours))
        if late.days(order.first) > 0 and late.due is None:
            self.decides(order, shipment, now)


def covered(mine: Iterable[Given], level: int) -> int:
    """Return what counts as given at a level: of a choice that is over, what was offered."""
    every = list(mine)
    offered = [
        each.offered - each.amount
        for each in every
        if each.outcome not in (None, "replaced") and each.level >= level
        if not (each.outcome == "denied" and each.by_hand)
    ]
    return sum(each.amount for each in every) + sum(offered)


def _kinds(ladder: Ladder) -> Iterable[str]:
    return (kind for step in ladder.steps for kind in step.worth)
