"""What the rules of a market mean for one shipment. These are leads for a shop's lawyer, not legal advice.

All days are calendar dates in the shop's time zone, and a deadline is met on its own day. Facts of days to come count
from those days on, so the same facts may be asked about on any day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.platform.holidays import Country

Certainty = Literal["high", "medium", "low", "open"]
SETTABLE = frozenset({"open", "low"})
"""The certainties of rules that a shop may decide otherwise; their values are the careful ones."""
REMIND_DAYS = 3
"""So long before silence decides, a customer is reminded."""

Source = Literal["ship_by", "promised_until", "days_without_a_date"]
Meaning = Literal["consents", "cancels", "nothing"]


class Rule(NamedTuple):
    """One rule of a market."""

    value: Any
    """What the product goes by."""
    rule: str
    """What it says, in words."""
    source: str
    certainty: Certainty


class CertainRuleError(ValueError):
    """A shop wants to decide what the law decides, or what this market does not know."""


@frozen(kw_only=True)
class Market:
    """The rules of a market, those that it inherits among them."""

    name: str
    note: str
    rules: Mapping[str, Rule]

    def value(self, name: str) -> Any:  # noqa: ANN401 - of several types
        """Return what a rule says; ``None``: this market has no such rule."""
        return self.rules[name].value if name in self.rules else None

    def chosen(self, choices: Mapping[str, Any]) -> "Market":
        """Return it as a shop decides what is open. Raises `CertainRuleError`."""
        certain = [name for name in choices if name not in self.rules or self.rules[name].certainty not in SETTABLE]
        if certain:
            raise CertainRuleError(f"{self.name}: {', '.join(sorted(certain))} cannot be chosen")
        chosen = {name: self.rules[name]._replace(value=value) for name, value in choices.items()}
        return replace(self, rules={**self.rules, **chosen})

    def refund_by(self, since: date, country: "Country") -> date:
        """Return the last day on which a refund is in time. ``country`` knows which days are working days."""
        term = self.value("refund")
        if term["of"] == "business_days":
            return country.after(since, term["count"])
        return moved(since, term["count"])


class Notice(NamedTuple):
    """What a customer was told of a delay."""

    told_on: date
    new_date: date | None
    """``None``: nobody knows when."""


class Answer(NamedTuple):
    """A mail that is on its way, and says that silence cancels."""

    by: date
    """The last day to answer that it names."""
    last: date
    """The last day that it leaves: as many days after it went as a customer is reminded before."""


class Consent(NamedTuple):
    """A customer agreed, in words, to wait."""

    given_on: date
    until: date | None
    """``None``: without an end."""


@frozen(kw_only=True)
class Facts:
    """What is known of one shipment. What is not yet so on the day that is asked about does not count."""

    ordered_on: date
    ship_by: date | None = None
    promised_until: date | None = None
    shipped_on: date | None = None
    delivered_on: date | None = None
    """Where an order comes in several shipments, withdrawing counts from the last of them: pass its day then."""
    notices: Sequence[Notice] = ()
    consents: Sequence[Consent] = ()
    answers: Sequence[Answer] | None = None
    """What customers were mailed of silence since they agreed last; ``None``: as if the law alone said it."""
    cancelled_on: date | None = None
    has_email: bool = True
    charged: bool = True
    """Money was taken when it was ordered."""

    def known_on(self, today: date) -> "Facts":
        """Return them without what is still to come, everything in the order of its days."""

        def past(day: date | None) -> date | None:
            return day if day is not None and day <= today else None

        return replace(
            self,
            shipped_on=past(self.shipped_on),
            delivered_on=past(self.delivered_on),
            cancelled_on=past(self.cancelled_on),
            notices=sorted((each for each in self.notices if each.told_on <= today), key=lambda each: each.told_on),
            consents=sorted((each for each in self.consents if each.given_on <= today), key=lambda each: each.given_on),
        )

    @property
    def left(self) -> bool:
        """Whether it is on its way, or arrived."""
        return self.shipped_on is not None or self.delivered_on is not None


class Silence(NamedTuple):
    """What it means that a customer says nothing, and the last day on which anything said, or shipped, changes that."""

    meaning: Meaning = "nothing"
    at: date | None = None
    until: date | None = None
    """The date to which silence consents."""
    ends: date | None = None
    """Where silence cancels: the last day by the law alone, if that is known apart."""
    said: bool = True
    """Where silence cancels: a mail is on its way that says so, and by when. Without one silence decides nothing."""

    def decided(self, today: date) -> bool:
        """Tell whether it is too late to say anything."""
        return self.at is not None and today > self.at


NOTHING = Silence()


@frozen(kw_only=True)
class Rights:
    """What the customer of a shipment may do today, and what the shop owes."""

    counts: date
    """The date that counts as the promise."""
    counts_by: Source
    notice_by: date | None
    """The last day on which a first notice of a delay is in time, while it is owed; ``None``: no law says so."""
    call_by: date | None
    """The same, for a customer whom no e-mail reaches: until then a person tells. It matters once a delay is known."""
    silence: Silence
    remind_on: date | None
    """The day on which a customer is reminded before silence decides; ``None``: nothing is decided, or the last notice
    is as fresh as that."""
    may_wait: bool
    """Whether the customer can still agree to a new date."""
    may_cancel: bool
    """Whether there is a delay, and so the right to cancel for a full refund (promise 7)."""
    may_withdraw: bool
    """Whether the customer can step back for no reason."""
    withdraw_until: date | None
    """The last day of that; ``None`` while the time has not begun, or where there is no such right."""


def rights(market: Market, facts: Facts, today: date, *, remind_days: int = REMIND_DAYS) -> Rights:
    """Return what the rules of a market give to the customer of a shipment on a day."""
    known = facts.known_on(today)
    counts, counts_by = promise(market, known)
    over = known.cancelled_on is not None
    notice_by = counts if _owes_notice(market, known) else None
    silence = _silence(market, known, today)
    withdraw_until = _withdraw_until(market, known)
    may_withdraw = bool(market.value("withdrawal_days")) and not over
    return Rights(
        counts=counts,
        counts_by=counts_by,
        notice_by=notice_by,
        call_by=notice_by if not known.has_email and market.value("no_email") == "call" else None,
        silence=silence,
        remind_on=_remind_on(silence, known, remind_days),
        may_wait=not (over or known.left) and not (silence.meaning == "cancels" and silence.decided(today)),
        may_cancel=is_late(market, known, today),
        may_withdraw=may_withdraw and (withdraw_until is None or today <= withdraw_until),
        withdraw_until=withdraw_until,
    )


def moved(day: date, days: int) -> date:
    """Return the day so many days later, or the last of the calendar; earlier ones where they are below 0."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def promise(market: Market, facts: Facts) -> tuple[date, Source]:
    """Return which date counts, and whence it is."""
    if market.value("promise") == "ship_by":
        if facts.ship_by is not None:
            return facts.ship_by, "ship_by"
    elif facts.promised_until is not None:
        return facts.promised_until, "promised_until"
    return moved(facts.ordered_on, market.value("days_without_a_date")), "days_without_a_date"


def is_late(market: Market, facts: Facts, today: date) -> bool:
    """Tell whether a shipment is late, or its customer was told that it will be. What arrived is not late any more."""
    if facts.cancelled_on is not None or facts.delivered_on is not None:
        return False
    counts, _ = promise(market, facts)
    arrives_by = facts.promised_until or (None if market.value("promise") == "ship_by" else counts)
    return bool(facts.notices or (arrives_by is not None and today > arrives_by) or (not facts.left and today > counts))


def _owes_notice(market: Market, facts: Facts) -> bool:
    """Tell whether the law sets a deadline for a first notice of a delay that nobody gave yet."""
    by_law = market.value("first_notice") == "on_the_day" and _applies(market, facts)
    return by_law and not (facts.left or facts.cancelled_on or facts.notices)


def _applies(market: Market, facts: Facts) -> bool:
    return facts.charged or market.value("charged_at_shipping") is not False


def _silence(market: Market, facts: Facts, today: date) -> Silence:
    """Return what silence means (16 CFR 435.2). It consents once at most, to the first new date that was told in time.

    Whatever is decided stays: who agrees after the day on which silence cancelled agrees to nothing.
    """
    told = facts.ship_by
    if market.value("silence") != "decides" or told is None or not _applies(market, facts):
        return NOTHING
    if facts.left or facts.cancelled_on is not None:
        return NOTHING
    first = next((notice for notice in facts.notices if notice.told_on <= told), None)
    near_enough = moved(told, market.value("silence_days"))
    consents = first is not None and first.new_date is not None and first.new_date <= near_enough
    ends: date | None = told
    if first is not None:
        ends = near_enough if first.new_date is None or not consents else max(told, first.new_date)
    agreed = False
    for consent in facts.consents:
        if ends is None or facts.answers is not None or consent.given_on <= ends:
            ends, agreed = (None if consent.until is None else max(told, consent.until)), True
    if ends is None:
        return NOTHING
    waits = agreed or consents or first is None
    if today > ends or not waits or _goes_beyond(facts, ends):
        return _cancels(facts, ends, today)
    if consents and not agreed and today <= told:
        return Silence("consents", told, ends)
    return NOTHING


def _cancels(facts: Facts, ends: date, today: date) -> Silence:
    """Return that silence cancels, and until when a customer may answer. While no mail says so, one could go today."""
    if facts.answers is None:
        return Silence("cancels", ends)
    days = [each.last for each in facts.answers if each.by >= ends]
    at = min(days, default=max(ends, moved(today, REMIND_DAYS)))
    return Silence("cancels", at, ends=ends, said=bool(days))


def _goes_beyond(facts: Facts, agreed: date) -> bool:
    """Tell whether the newest notice is of a date behind what was agreed."""
    if not facts.notices:
        return False
    newest = facts.notices[-1].new_date
    return newest is None or newest > agreed


def _remind_on(silence: Silence, facts: Facts, remind_days: int) -> date | None:
    if silence.at is None:
        return None
    day = moved(silence.at, -remind_days)
    return day if facts.notices and facts.notices[-1].told_on < day else None


def _withdraw_until(market: Market, facts: Facts) -> date | None:
    if facts.delivered_on is None or not market.value("withdrawal_days"):
        return None
    return moved(facts.delivered_on, market.value("withdrawal_days"))
