"""What becomes of a late order whose customer says nothing, by the law of the market (`standby.delivery.rights`).

Silence decides only of those who were told and could answer. It cancels nothing before a mail that says so was on its
way for some days: the notice of a delay, or the reminder. Some days before, the customer is reminded once, also later
where no notice said it. Where silence cancels, the ERP is asked to cancel, as when the customer had said it, and the
customer hears of it. Whom no e-mail reaches, and whom the law wants told, a person calls (``CallTaskOpened``;
`standby.delivery.calling` has the other reasons).

Written into the order first, told then: who dies between leaves it to the sweep.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta, tzinfo
from typing import Any, Protocol

from standby.delivery.calling import NOTICE, Call, call_of, tasks_of, troubles
from standby.delivery.choice_model import SILENCE, Choice
from standby.delivery.mailing import OrderMails, skus_of
from standby.delivery.model import TOLD, Order
from standby.delivery.promises import REMINDED, begin, news_of, today
from standby.delivery.refunding import overdue
from standby.delivery.rights.model import REMIND_DAYS, moved
from standby.delivery.standing import Parcel, saying, standing
from standby.delivery.told_model import Notice
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import Outgoing, Queue

REMINDER = "silence_reminder"
"""The kind of the mail that says that silence is going to decide."""
VALID = timedelta(days=7)
log = logger("delivery")


class Orders(Protocol):
    """Where orders are read, changed and told of."""

    def change(self, order_id: str, change: Callable[[Order], Order]) -> Order:
        """Change an order, and return it as it is then. Raises `BusyError`."""
        ...

    def tell(self, order: Order) -> bool:
        """Tell what nobody heard of."""
        ...


@frozen(kw_only=True)
class Deciding:
    """Looks at late orders on the days on which silence means something."""

    orders: Orders
    mails: Queue
    bus: Bus
    written: OrderMails
    clock: Clock
    zone: tzinfo
    count: Callable[[str, int], None]
    may_call: Callable[[str, Sequence[date | None]], bool]
    """Tells whether an order's calls, each with its legal day, may be opened now, or lets them wait."""

    def look(self, order: Order) -> None:
        """Remind, cancel, open call tasks, ring for refunds, and note when to look again. Raises `BusyError`."""
        if order.placed is None:
            return
        now = self.clock.now()
        day = today(now, self.zone)
        if late := overdue(order, day):
            self.count("RefundsOverdue", len(late))
            log.warning("money is owed for too long", extra={"order": order.order_id, "refunds": [e.id for e in late]})
            order = self._changed(order, lambda known: known.rung(frozenset(each.id for each in late)))
        seen, undecided = order, self._undecided(order)
        wanted = tasks_of([*_to_be_called(order, undecided), *troubles(order, self.zone), *_wished(order, undecided)])
        tasks = [each for each in wanted if each.opens_on(order, day, self.zone) <= day]
        put_off = len(tasks) < len(wanted)
        if tasks and not self.may_call(order.order_id, [each.due_by for each in tasks]):
            tasks = []
        if tasks:
            self.bus.publish([each.opened(order, to_text(now)) for each in tasks])
        reminded = [each for each in undecided if self._is_to_be_reminded(order, each, day)]
        job_id = self._remind(order, reminded) if reminded else None
        if tasks or reminded:
            calls = [each for task in tasks for each in task.calls]
            told = [*(each.noted(to_text(now)) for each in calls), *(self._notice(each, job_id) for each in reminded)]
            order = self._changed(order, lambda known: known.noted(told))
        if any(self._cancels(order, each, day) for each in undecided):
            order = self._changed(order, lambda known: self._cancelled(known, day, to_text(now)))
            self.orders.tell(order)
        undecided = undecided if order is seen else self._undecided(order)
        look_on = self._next(order, undecided, day, moved(day, 1) if put_off else None)
        if look_on != order.look_on:
            self._changed(order, lambda known: known.looked(look_on))

    def _changed(self, order: Order, change: Callable[[Order], Order]) -> Order:
        return self.orders.change(order.order_id, change)

    def _cancelled(self, order: Order, day: date, at: str) -> Order:
        """Return the order with what silence cancelled; the same where it cancels nothing any more."""
        silent = [each for each in self._undecided(order) if self._cancels(order, each, day)]
        line_ids = tuple(_wanted(order, silent))
        return order.chose(Choice(at, SILENCE, line_ids=line_ids), code=order.code) if line_ids else order

    def _undecided(self, order: Order) -> list[Parcel]:
        """Return the shipments that are still to come, and of which the customer said nothing that ends them."""
        found = standing(order, self.zone, self.clock.now()).parcels
        return [each for each in found if each.promise.open and not each.given_up]

    def _is_to_be_reminded(self, order: Order, parcel: Parcel, day: date) -> bool:
        name, silence, on = parcel.promise.shipment_id, parcel.rights.silence, _remind_on(order, parcel)
        if on is None or on > day or silence.at is None or day > silence.at or not order.notices_of(name, TOLD):
            return False
        if not silence.said and any(news_of([parcel.promise], order.noticed, day)):
            return False  # the mail that is going to tell that says so
        return not order.has_note(name, _reminder(parcel))

    def _next(self, order: Order, undecided: Iterable[Parcel], day: date, calls: date | None) -> str | None:
        """Return the next day on which silence is to be looked at, or a call that was put off."""
        days = [] if calls is None else [calls]
        for parcel in undecided:
            name, silence, on = parcel.promise.shipment_id, parcel.rights.silence, _remind_on(order, parcel)
            if silence.at is None or not order.notices_of(name, TOLD):
                continue
            if silence.said:
                days.append(moved(silence.at, 1))
            if on is not None and not order.has_note(name, _reminder(parcel)):
                days.append(on)
        later = [each for each in days if each > day]
        return min(later).isoformat() if later else None

    def _cancels(self, order: Order, parcel: Parcel, day: date) -> bool:
        """Tell whether silence has cancelled a shipment."""
        silence = parcel.rights.silence
        if silence.meaning != "cancels" or not (silence.said and silence.decided(day)):
            return False
        return bool(order.notices_of(parcel.promise.shipment_id, TOLD))

    def _notice(self, parcel: Parcel, job_id: str | None) -> Notice:
        promise, silence = parcel.promise, parcel.rights.silence
        named = silence.at if silence.meaning == "cancels" else None
        return Notice(
            to_text(self.clock.now()),
            promise.shipment_id,
            _reminder(parcel),
            promise.promised_until.isoformat(),
            None if silence.until is None else silence.until.isoformat(),
            REMINDED,
            mail=job_id,
            answer_by=None if named is None else named.isoformat(),
        )

    def _remind(self, order: Order, parcels: list[Parcel]) -> str | None:
        """Mail a reminder, and return the name of its job; ``None`` where nobody can be mailed."""
        silences = [each.rights.silence for each in parcels]
        ends = [silence.at for silence in silences if silence.at is not None]
        first = min(ends)
        data: dict[str, Any] = {
            "skus": skus_of(order, _wanted(order, parcels)),
            "answer_by": first.isoformat(),
        }
        if all(silence.meaning == "cancels" for silence in silences):
            data["cancels"] = True
        elif (until := max((each.until for each in silences if each.until is not None), default=None)) is not None:
            data["until"] = until.isoformat()
        now = to_text(self.clock.now())
        name = f"{order.order_id}@{first.isoformat()}"
        job = self.written.write(order, REMINDER, data, name=name, at=now, valid_until=VALID, of_order=True)
        if job is not None:
            # Closed hours shorten nobody's time to answer.
            self.mails.send([Outgoing.of(job._replace(send_by=to_text(begin(first, self.zone))).content())])
        return None if job is None else job.job_id


def _remind_on(order: Order, parcel: Parcel) -> date | None:
    """Return the day on which a customer is reminded: never too late while no mail says that silence cancels."""
    silence = parcel.rights.silence
    if silence.said or silence.ends is None:
        return parcel.rights.remind_on
    ends = silence.ends.isoformat()
    on_its_way = any(
        each.answer_by is not None and each.answer_by >= ends for each in saying(order, parcel.promise.shipment_id)
    )
    return None if on_its_way else moved(silence.ends, -REMIND_DAYS)


def _to_be_called(order: Order, parcels: Iterable[Parcel]) -> Iterator[Call]:
    """Yield the calls to whom no mail reaches, of what the law wants told."""
    for parcel in parcels:
        if parcel.rights.call_by is not None and parcel.promise.shipment_id in order.noticed:
            call = call_of(order, parcel.promise, NOTICE, parcel.rights.call_by)
            if call is not None:
                yield call


def _wished(order: Order, parcels: Iterable[Parcel]) -> Iterable[Call]:
    """Return the calls that the policy of remedies wants."""
    if not order.wishes:
        return ()
    from standby.delivery.wishing import wanted  # noqa: PLC0415 - policies want few calls

    return wanted(order, parcels)


def _wanted(order: Order, parcels: Iterable[Parcel]) -> list[str]:
    """Return the lines of shipments that their customer did not give up."""
    line_ids = dict.fromkeys(line_id for each in parcels for line_id in each.promise.coming)
    return [line_id for line_id in line_ids if line_id not in order.given_up]


def _reminder(parcel: Parcel) -> str:
    """Name the reminder before silence decides; where that day moves, there is another."""
    silence = parcel.rights.silence
    return f"{REMINDED} {silence.ends or silence.at}"
