"""How an order stands for its customer on a day: each shipment, what is late, and what the customer may do.

All of it follows from the order, the rules of its market and the day. What a customer is told elsewhere of dates and
delays comes from the same `standby.delivery.promises`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Literal

from standby.delivery.choice_model import ASK, CANCEL, WAIT, WITHDRAW, Choice
from standby.delivery.model import (
    ATTEMPTED,
    CANCELLED,
    DELIVERED,
    LEFT,
    PICK_UP,
    RETURNED,
    SHIPPED,
    TOLD,
    Fate,
    Order,
    tracked,
)
from standby.delivery.origin_model import chosen_of
from standby.delivery.promises import DAY, Delay, Promise, delay_of, held, promises, today
from standby.delivery.rights.model import (
    NOTHING,
    REMIND_DAYS,
    Answer,
    Consent,
    Facts,
    Market,
    Notice,
    Rights,
    Silence,
    rights,
)
from standby.delivery.rights.repository import market_of
from standby.delivery.told_model import REMINDER
from standby.delivery.told_model import Notice as Told
from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.moment import EPOCH, MICROSECOND

if TYPE_CHECKING:
    from standby.delivery.arriving import Question

State = Literal["waiting", "shipped", "out", "attempted", "pick_up", "delivered", "cancelled", "returned"]
WAITING = frozenset({WAIT})
ARRIVED_KINDS = (DELIVERED, tracked("delivered"))
LATER: Mapping[str, State] = {
    tracked("out"): "out",
    ATTEMPTED: "attempted",
    PICK_UP: "pick_up",
    tracked("in_transit"): "shipped",
}
"""What a carrier says of what left the house; the newest word counts."""


@frozen(kw_only=True)
class Parcel:
    """A shipment as its customer sees it."""

    promise: Promise
    line_ids: tuple[str, ...]
    """All that were to come in it, also those that were cancelled."""
    state: State
    delay: Delay | None
    rights: Rights
    agreed: Choice | None
    """The newest word of the customer that they wait."""
    silence: Silence = NOTHING
    """What it means that the customer says nothing, or what it was taken for that they did."""
    question: "Question | None" = None
    """Whether it arrived, where its customer is asked, or was."""
    given_up: bool = False
    """The customer asked to be rid of all that is still to come in it."""
    carrier: str | None = None
    tracking_url: str | None = None

    @property
    def late(self) -> bool:
        """Whether it is still to come, and late, or known to be going to be."""
        return self.promise.open and self.delay is not None

    @property
    def may_cancel(self) -> bool:
        """Whether the customer may cancel it: also once it was told to be late, and then comes in time (promise 7)."""
        return self.promise.open and (self.delay is not None or self.rights.may_cancel)

    @property
    def asks(self) -> bool:
        """Whether its customer is to say if they wait: it is late, or silence cancels it, in time or not."""
        return self.late or (self.promise.open and self.silence.meaning == "cancels")

    @property
    def expected(self) -> str | None:
        """The day that its customer can agree to; ``None``: nobody knows one."""
        day = self.promise.expected if self.delay is None else self.delay.expected
        return None if day is None else day.isoformat()

    @property
    def waits(self) -> bool:
        """Whether the customer has agreed to what is expected now."""
        return self.agreed is not None and self.agreed.until == self.expected

    @property
    def may_wait(self) -> bool:
        """Whether the customer can agree to wait."""
        return self.asks and self.rights.may_wait and not (self.waits or self.given_up)


@frozen(kw_only=True)
class Standing:
    """How an order stands."""

    order: Order
    market: Market
    ordered_at: str
    parcels: tuple[Parcel, ...]
    """Those with units. Where nothing is left of the whole order, all of them: then it was taken back."""
    unpromised: tuple[str, ...]
    """Lines in no shipment."""
    cancels: tuple[str, ...]
    """Lines that the customer may cancel because they are late, and did not ask to be rid of yet."""
    withdraws: tuple[str, ...]
    """Lines that the customer may withdraw from, and did not yet."""
    withdraw_until: date | None
    """The last day of that; ``None``: the time has not begun, or there is no such right."""
    asked: Choice | None
    """The customer pressed to cancel, and did not enter the code yet."""
    cancelled: Choice | None
    """What the ERP was asked to cancel last, while it has not decided."""
    withdrawn: Choice | None
    """The last withdrawal."""

    @property
    def asked_for(self) -> tuple[str, ...]:
        """The lines that a mail named beside its code, and that the customer may cancel still."""
        named = () if self.asked is None else self.asked.line_ids
        return tuple(line_id for line_id in self.cancels if line_id in named)

    def parcel(self, shipment_id: str | None) -> Parcel | None:
        """Return the shipment of an id; without one, the only one that is late, or the only one."""
        if shipment_id is not None:
            return next((each for each in self.parcels if each.promise.shipment_id == shipment_id), None)
        among = [each for each in self.parcels if each.asks] or list(self.parcels)
        return among[0] if len(among) == 1 else None


def standing(order: Order, zone: tzinfo, now: datetime) -> Standing:
    """Return how an order that was placed stands at a moment; ``zone`` is the shop's."""
    assert order.placed is not None  # noqa: S101 - whoever asks has looked
    day = today(now, zone)
    market = market_of(order.placed.fields.get("ship_to", {}).get("country"))
    ordered = EPOCH + order.first_said * MICROSECOND
    has_email = "email" in order.placed.fields.get("customer", {}) and not order.unreached
    known = Facts(ordered_on=today(ordered, zone), has_email=has_email)
    parcels = tuple(_parcel(order, promise, market, known, zone=zone, day=day) for promise in promises(order, zone))
    lines, fates, places = order.lines, order.fates, order.places
    gone = {line_id for line_id in lines if _gone(order, line_id, fates, places)}
    withdrawn_of = _withdrawn_of(order) if order.choices else frozenset()
    staying = [line_id for line_id in lines if line_id not in gone]
    given_up = order.given_up
    late = [line_id for parcel in parcels if parcel.may_cancel for line_id in parcel.promise.coming]
    delivered_on = _all_delivered_on(order, staying, places, zone)
    if delivered_on is not None:
        delivered_on = max(delivered_on, known.ordered_on)  # nothing comes before it was ordered
    entitled = rights(market, replace(known, delivered_on=delivered_on), day)
    listed = {line_id for parcel in parcels for line_id in parcel.line_ids}
    newest = {choice.kind: choice for choice in order.chosen}
    cancelled = newest.get(CANCEL)
    coming = {line_id for parcel in parcels if parcel.promise.open for line_id in parcel.promise.coming}
    undecided = cancelled is not None and any(each in given_up and each in coming for each in cancelled.line_ids)
    return Standing(
        order=order,
        market=market,
        ordered_at=to_text(ordered),
        parcels=tuple(each for each in parcels if each.line_ids or not lines),
        unpromised=tuple(line_id for line_id in lines if line_id not in listed),
        cancels=tuple(line_id for line_id in dict.fromkeys(late) if line_id not in given_up),
        withdraws=tuple(line_id for line_id in staying if line_id not in withdrawn_of) if entitled.may_withdraw else (),
        withdraw_until=entitled.withdraw_until,
        asked=_pending(order.chosen),
        cancelled=cancelled if undecided else None,
        withdrawn=newest.get(WITHDRAW),
    )


def _withdrawn_of(order: Order) -> frozenset[str]:
    """Return the lines from which the customer withdrew, with all units that they have now."""
    from standby.delivery.fate_model import given_up  # noqa: PLC0415 - few customers choose

    return given_up(order, (WITHDRAW,))


def _pending(choices: Sequence[Choice]) -> Choice | None:
    newest = next((choice for choice in reversed(choices) if choice.kind in (ASK, CANCEL)), None)
    return newest if newest is not None and newest.kind == ASK else None


def _parcel(order: Order, promise: Promise, market: Market, known: Facts, *, zone: tzinfo, day: date) -> Parcel:
    name = promise.shipment_id
    left = _all_on(order, promise.line_ids, name, LEFT, zone)
    facts = replace(
        known,
        ship_by=promise.ship_by,
        promised_until=promise.promised_until,
        shipped_on=left,
        delivered_on=promise.arrived_on,
        notices=_told(order, name, zone),
        consents=[
            Consent(_day(choice.at, zone), None if choice.until is None else date.fromisoformat(choice.until))
            for choice in chosen_of(order, name, WAITING)
        ],
        answers=[answer for notice in saying(order, name) if (answer := _answer(notice, zone))],
        cancelled_on=day if promise.over else None,
    )
    said = _newest(order, promise.line_ids, name, (SHIPPED,))
    wanted = promise.coming or promise.line_ids
    due = rights(market, facts, day)
    return Parcel(
        promise=promise,
        line_ids=tuple(each for each in held(order, name) if each in order.lines),
        state=_state(order, promise, left=left is not None),
        delay=delay_of(promise, day),
        rights=due,
        silence=_silence(market, facts, due, day),
        agreed=next(reversed(chosen_of(order, name, WAITING)), None),
        question=_question(order, promise, day, zone),
        given_up=bool(wanted) and order.given_up.issuperset(wanted),
        carrier=said.get("carrier") or order.shipments[name].fields.get("carrier"),
        tracking_url=said.get("tracking_url"),
    )


def _silence(market: Market, facts: Facts, due: Rights, day: date) -> Silence:
    """Return what silence means, or what it was taken for on the day of shipping, and is since then."""
    told = facts.ship_by
    if due.silence != NOTHING or told is None or day <= told or not due.may_wait or facts.consents:
        return due.silence
    was = rights(market, facts, told).silence
    return was if was.meaning == "consents" else due.silence


def _question(order: Order, promise: Promise, day: date, zone: tzinfo) -> "Question | None":
    """Return whether its customer is asked if it is there, as of what nobody said arrived by its day, or may say so."""
    if promise.over or (day <= (promise.last_day or promise.promised_until) and not order.choices):
        return None
    from standby.delivery.arriving import question  # noqa: PLC0415 - loaded where a day is over

    return question(order, promise, day, zone)


def saying(order: Order, shipment_id: str) -> list[Told]:
    """Return the notices of a shipment that name a last day to answer, made since its customer agreed last to wait."""
    agreed = max((choice.at for choice in chosen_of(order, shipment_id, WAITING)), default="")
    among = order.notices_of(shipment_id, {*TOLD, REMINDER})
    return [notice for notice in among if notice.answer_by is not None and notice.at > agreed]


def _told(order: Order, shipment_id: str, zone: tzinfo) -> list[Notice]:
    """Return what a customer was told: by mails, and since then by the page, where they agreed to what it said."""
    told = [(notice.at, notice.expected) for notice in order.notices_of(shipment_id, TOLD)]
    agreed = chosen_of(order, shipment_id, WAITING)
    if told and agreed and agreed[-1].until is not None and agreed[-1].at > told[-1][0]:
        told.append((agreed[-1].at, agreed[-1].until))
    return [Notice(_day(at, zone), None if until is None else date.fromisoformat(until)) for at, until in told]


def _answer(notice: Told, zone: tzinfo) -> Answer | None:
    """Return until when a mail lets its customer answer; ``None`` while it is not on its way."""
    if notice.answer_by is None or notice.accepted_at is None:
        return None
    named = date.fromisoformat(notice.answer_by)
    return Answer(named, max(named, _day(notice.accepted_at, zone) + REMIND_DAYS * DAY))


def _state(order: Order, promise: Promise, *, left: bool) -> State:
    """Return where a shipment is, as far as somebody said."""
    name = promise.shipment_id
    if promise.over:
        line_ids = [each for each in held(order, name) if each in order.lines]
        came_back = any(order.newest_about(RETURNED, line_id, name) for line_id in line_ids)
        return "returned" if came_back else "cancelled"
    if promise.said_here or _all_on(order, promise.line_ids, name, ARRIVED_KINDS, UTC) is not None:
        return "delivered"
    words = [
        (found[1].version, state)
        for kind, state in LATER.items()
        for line_id in promise.line_ids
        if (found := order.newest_about(kind, line_id, name))
    ]
    if words:
        return max(words)[1]
    return "shipped" if left else "waiting"


def _all_on(
    order: Order, line_ids: Iterable[str], shipment_id: str | None, kinds: Iterable[str], zone: tzinfo
) -> date | None:
    """Return the day on which the last of some lines left, or came; ``None`` while one of them did not."""
    days = []
    for line_id in line_ids:
        found = (order.newest_about(kind, line_id, shipment_id) for kind in kinds)
        those = [_day(word[1].fields["occurred_at"], zone) for word in found if word]
        if not those:
            return None
        days.append(min(those))
    return max(days, default=None)


def _all_delivered_on(
    order: Order, line_ids: Iterable[str], places: Mapping[str, Sequence[str]], zone: tzinfo
) -> date | None:
    """Return the day on which the customer got the last of some lines; ``None`` while something is to come."""
    days = [
        _all_on(order, (line_id,), shipment_id, ARRIVED_KINDS, zone)
        for line_id in line_ids
        for shipment_id in places.get(line_id, (None,))
    ]
    known = [each for each in days if each is not None]
    return max(known) if known and len(known) == len(days) else None


def _gone(order: Order, line_id: str, fates: Mapping[str, Fate], places: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a line does not come any more, or came back."""
    if line_id in fates and fates[line_id].outcome == CANCELLED:
        return True
    return any(order.newest_about(RETURNED, line_id, name) for name in places.get(line_id, (None,)))


def _newest(order: Order, line_ids: Iterable[str], shipment_id: str, kinds: Iterable[str]) -> Mapping[str, Any]:
    """Return what the newest word of some kinds says of a shipment."""
    found = [
        word[1] for kind in kinds for line_id in line_ids if (word := order.newest_about(kind, line_id, shipment_id))
    ]
    return max(found, key=lambda said: said.version).fields if found else {}


def _day(at: str, zone: tzinfo) -> date:
    return today(from_text(at), zone)
