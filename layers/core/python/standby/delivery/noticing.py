"""Telling customers of delays before they ask: one mail for all that is news in an order, and none twice.

A notice is made from what is known when it is made, not from the event that asked for it: a delay that is over by then
is not told, and several of one order are one mail. Its job is named after what it says, so that mail sends it once,
however often it is made. It is written into the order after mail took the job.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any, Protocol

from standby.delivery.mailing import OrderMails, customer_of, skus_of
from standby.delivery.model import MAIL, MAILED, PREORDER, Order
from standby.delivery.promises import ARRIVED_LATE, DAY, Delay, all_news_of, begin, promises
from standby.delivery.promises import UNSHIPPED as UNSHIPPED_BY
from standby.delivery.told_model import Notice
from standby.mail_job import MailJob
from standby.platform.address import address_key
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.moment import mark
from standby.platform.queue import Outgoing, Queue

DELAYED, OVERDUE, ARRIVED, UNSHIPPED = "delayed", "overdue", "arrived_late", "unshipped"
"""Kinds of mail: the new day is known, nobody knows one, it came late without a word before, it did not leave."""
ANSWERED = (DELAYED, OVERDUE, UNSHIPPED)
"""The kinds that say what it means to say nothing."""
VALID = timedelta(days=7)
"""What was not sent until then says too little of the order as it is."""


class Changes(Protocol):
    """Where orders are read, changed and told of."""

    def change(self, order_id: str, change: Callable[[Order], Order]) -> Order:
        """Change an order, and return it as it is then."""
        ...

    def tell(self, order: Order) -> bool:
        """Tell what nobody heard of."""
        ...


class Apologies(Protocol):
    """Who was told how often that the shop is sorry."""

    def may(self, address: str, job_id: str, now: datetime) -> bool:
        """Tell whether a customer is to hear it in a mail, and remember that: the same for the same mail."""
        ...


@frozen(kw_only=True)
class Notices:
    """Tells customers of what is late."""

    orders: Changes
    apologies: "Callable[[], Apologies]"
    """Loads them; most orders are in time."""
    mails: Queue
    written: OrderMails
    clock: Clock
    zone: tzinfo
    count: Callable[[str, int], None]
    """Counts a metric."""
    opens: Callable[[datetime, str | None, str | None], datetime]
    """Returns from when on the shop writes to a customer in a zone, of what the law wants told by an instant."""
    may_go: Callable[[str, str, str | None, datetime], bool]
    """Tells whether an order's notice to an address may go now, by the instant that the law names, or lets it wait."""
    wait: Callable[[str, str, str | None, datetime], None]
    """Lets an order's notice wait for its turn, told in the same words."""
    explain: Callable[[Order, list[Delay]], list[Delay]] = lambda _order, delays: delays
    """Says which incident explains what is late (`standby.delivery.incidents`)."""
    late_when: str = "one"
    """When an order of several shipments is late (`standby.delivery.order_rule`)."""

    def tell(self, order_id: str, *, its_turn: bool = False) -> Order:
        """Tell the customer of an order whatever is news to them, and return the order. Raises `BusyError`.

        In a closed hour nothing is told, and when that is over what is so then. Unless it is the order's turn, it may
        have to wait for that, too (`standby.delivery.pacing`).
        """
        now = self.clock.now()
        order = self.orders.change(order_id, lambda known: known)
        delays = self.news(order, now)
        if not delays:
            return order if order.tell_at is None else self._waits(order, None)
        email = customer_of(order).get("email")
        send_by = None if email is None else self.send_by(order, delays, now)
        opens = self._opens(order, send_by, now)
        if opens > now:
            return self._waits(order, to_text(opens))
        if email is not None and not its_turn and not self.may_go(order_id, email, send_by, now):
            return order if order.tell_at is None else self._waits(order, None)
        job = None if email is None else self._job(order, delays, email, now, send_by)
        if job is None or email is None:
            self.count("DelaysWithoutAddress", 1)
            said = said_of(delays, to_text(now), "none")
        else:
            self.mails.send([Outgoing.of(job.content())])
            answers = days_to_answer(order, delays, now, self.zone) if "answer_by" in job.data else {}
            said = said_of(delays, to_text(now), MAIL, to=address_key(email), answers=answers)
        after = self.orders.change(order_id, lambda known: known.noticed_by(said))
        return self.tell(order_id, its_turn=its_turn) if job is None and after.has_address else after

    def news(self, order: Order, now: datetime) -> list[Delay]:
        """Return what is news of an order to its customer, who did not give it up."""
        found = promises(order, self.zone)
        gone = order.given_up
        delays = [
            _of_what_is_wanted(delay, gone) if gone else delay
            for delay in all_news_of(found, order.noticed, now, self.zone)
            if not gone.issuperset(delay.line_ids)
        ]
        if len(found) > 1:
            from standby.delivery.order_rule import told_now  # noqa: PLC0415 - loaded where something is late

            delays = told_now(order, delays, self.late_when, now, self.zone)
        return self.explain(order, delays) if delays else delays

    def is_closed(self, order: Order, delays: Sequence[Delay], now: datetime) -> bool:
        """Tell whether a customer is told later, because the shop writes to nobody now."""
        return self._opens(order, self.send_by(order, delays, now), now) > now

    def _opens(self, order: Order, send_by: str | None, now: datetime) -> datetime:
        return self.opens(now, customer_of(order).get("time_zone"), send_by) if order.has_address else now

    def _waits(self, order: Order, tell_at: str | None) -> Order:
        return self.orders.change(order.order_id, lambda known: known.waits(tell_at))

    def tell_due(self, order: Order) -> Order:
        """Let what waited for an open hour have its turn, if that has come, and return the order.

        So whatever became late of a customer in a closed hour is one mail (`standby.delivery.merging`).
        """
        now = self.clock.now()
        if order.tell_at is None or order.tell_at > to_text(now):
            return order
        delays, email = self.news(order, now), customer_of(order).get("email")
        send_by = self.send_by(order, delays, now) if delays else None
        if not delays or email is None or self._opens(order, send_by, now) > now:
            return self.tell(order.order_id)
        self.wait(order.order_id, email, send_by, now)
        return self._waits(order, None)

    def _job(
        self, order: Order, delays: Sequence[Delay], email: str, now: datetime, send_by: str | None
    ) -> MailJob | None:
        kind = kind_of([(each.news, each.expected is None) for each in delays])
        name = name_of_news(order, delays)
        data = data_of(order, kind, delays) | (answers_of(order, delays, now, self.zone) if kind in ANSWERED else {})
        data |= in_words(delays, customer_of(order).get("locale") or self.written.default_locale)
        if kind == DELAYED:
            from standby.delivery.on_the_way import on_the_way  # noqa: PLC0415 - loaded where something is late

            data |= on_the_way(order, {each.promise.shipment_id for each in delays}, now, self.zone)
        if kind == OVERDUE and asks(order, delays, now, self.zone):
            data["ask"] = True
        if self.apologies().may(address_key(email), f"{kind}#{name}", now):
            data["sorry"] = True
        last = max(each.expected or each.promise.promised_until for each in delays).isoformat()
        job = self.written.write(
            order, kind, data, name=name, at=to_text(now), valid_until=VALID, last_day=last, of_order=True
        )
        return None if job is None else job._replace(send_by=send_by)

    def send_by(self, order: Order, delays: Sequence[Delay], now: datetime) -> str | None:
        """Return when the day ends on which the law wants a customer told; ``None`` where it names none."""
        from standby.delivery.standing import standing  # noqa: PLC0415 - loaded where something is late

        about = {each.promise.shipment_id for each in delays}
        parcels = standing(order, self.zone, now).parcels
        days = [each.rights.notice_by for each in parcels if each.promise.shipment_id in about]
        first = min((day for day in days if day is not None), default=None)
        return None if first in (None, date.max) else to_text(begin(first + DAY, self.zone))


def _of_what_is_wanted(delay: Delay, gone: frozenset[str]) -> Delay:
    """Return a delay of those lines alone that its customer did not give up."""
    wanted = tuple(each for each in delay.promise.line_ids if each not in gone)
    return delay._replace(promise=delay.promise._replace(line_ids=wanted))


def answers_of(order: Order, delays: Sequence[Delay], now: datetime, zone: tzinfo) -> dict[str, Any]:
    """Return by when a customer must answer so that silence does not cancel, once this mail has told them."""
    days = days_to_answer(order, delays, now, zone)
    if not days:
        return {}
    about = {each.promise.shipment_id for each in delays}
    several = {"several_answers": True} if len({*days.values()}) > 1 or len(days) < len(about) else {}
    return {"answer_by": min(days.values()), **several}


def days_to_answer(order: Order, delays: Sequence[Delay], now: datetime, zone: tzinfo) -> dict[str, str]:
    """Return the last day to answer of each shipment that silence cancels, once a mail of now has told of delays."""
    from standby.delivery.standing import standing  # noqa: PLC0415 - loaded where something is late

    told = order.noticed_by(said_of(delays, to_text(now), MAIL))
    about = {each.promise.shipment_id for each in delays}
    found = {each.promise.shipment_id: each.rights.silence for each in standing(told, zone, now).parcels}
    cancels = {name: each.at for name, each in found.items() if name in about and each.meaning == "cancels"}
    return {name: at.isoformat() for name, at in cancels.items() if at is not None}


def asks(order: Order, delays: Sequence[Delay], now: datetime, zone: tzinfo) -> bool:
    """Tell whether a mail asks if something is there of which no carrier says where it is."""
    from standby.delivery.arriving import asked_about  # noqa: PLC0415 - loaded where something is late

    return not {each.promise.shipment_id for each in delays}.isdisjoint(asked_about(order, now, zone))


def said_of(
    delays: Iterable[Delay],
    at: str,
    by: str,
    *,
    mail: str | None = None,
    to: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> list[Notice]:
    """Return the notices of delays; ``mail`` names one that told of several orders, ``to`` is the address's key.

    ``answers`` are the last days to answer that the mail names, by shipment.
    """
    return [
        Notice(
            at,
            delay.promise.shipment_id,
            delay.news,
            delay.promise.promised_until.isoformat(),
            None if delay.expected is None else delay.expected.isoformat(),
            by,
            mail=mail,
            to=to,
            answer_by=None if answers is None else answers.get(delay.promise.shipment_id),
        )
        for delay in delays
    ]


def in_words(delays: Sequence[Delay], locale: str) -> dict[str, str]:
    """Return what an incident says of itself in the customer's language, as the data of a mail has it."""
    if all(each.incident is None for each in delays):
        return {}
    from standby.delivery.incidents import words_of  # noqa: PLC0415 - loaded where an incident goes on

    words = words_of(delays, locale)
    return {} if words is None else {"because": words}


def kind_of(delays: Sequence[tuple[str, bool]]) -> str:
    """Return the kind of the mail: the worst that is news. Of each delay: its news, and whether there is no day."""
    if all(news.startswith(UNSHIPPED_BY) for news, _ in delays):
        return UNSHIPPED
    if any(unknown and news != ARRIVED_LATE for news, unknown in delays):
        return OVERDUE
    return ARRIVED if all(news == ARRIVED_LATE for news, _ in delays) else DELAYED


def name_of_mail(order_id: str, news: Sequence[tuple[str, str, str, int]]) -> str:
    """Return the name of a mail by what it says: of each delay the shipment, the promised day, the news.

    The last is how often that was told before, which stands there where it was.
    """
    said = [[*about, again] if again else about for *about, again in news]
    return f"{order_id}#{mark({'delays': said}):08x}"


def name_of_news(order: Order, delays: Sequence[Delay]) -> str:
    """Return the name of a mail that tells of delays."""
    said = Counter((each.shipment_id, each.news) for each in order.notices if each.by in {*MAILED, PREORDER})
    about = ((each.promise.shipment_id, each.promise.promised_until.isoformat(), each.news) for each in delays)
    return name_of_mail(order.order_id, [(*each, said[each[0], each[2]]) for each in about])


def mails_of(order: Order) -> Iterator[tuple[str, list[Notice]]]:
    """Yield the mails that told an order's customer of delays, by the names of their jobs, with their notices."""
    before: Counter[tuple[str, str]] = Counter()
    for (_, by), group in groupby(order.notices, key=lambda notice: (notice.at, notice.by)):
        if by not in MAILED and by != PREORDER:
            continue
        notices = list(group)
        if by == PREORDER:
            before.update((each.shipment_id, each.news) for each in notices)
            continue
        kind = kind_of([(notice.news, notice.expected is None) for notice in notices])
        named = [
            (each.shipment_id, each.promised_until, each.news, before[each.shipment_id, each.news]) for each in notices
        ]
        before.update((each.shipment_id, each.news) for each in notices)
        yield notices[0].mail or f"{kind}#{name_of_mail(order.order_id, named)}", notices


def data_of(order: Order, kind: str, delays: Sequence[Delay]) -> dict[str, Any]:
    """Return what a mail says. Where parts come on several days it says the last, and the page says each.

    Where one says that nobody knows a day, ``day`` is that of the parts which have one.
    """
    befores = sorted({each.promise.promised_until.isoformat() for each in delays})
    days = sorted({each.expected.isoformat() for each in delays if each.expected is not None})
    known = sorted(each.expected.isoformat() for each in delays if each.expected is not None and not each.arrived)
    causes = {each.promise.cause for each in delays}
    data: dict[str, Any] = {
        "skus": skus_of(order, (line_id for each in delays for line_id in each.line_ids)),
        "before": befores[0],
    }
    if kind == UNSHIPPED:
        befores = sorted({each.promise.ships_by.isoformat() for each in delays if each.promise.ships_by is not None})
        data["before"] = befores[0]
    elif kind != OVERDUE:
        data["day"] = days[-1]
    if kind == OVERDUE and known:
        data |= {"day": known[-1], "parts": True}
    elif kind == OVERDUE and all(each.ahead for each in delays):
        data["not_yet"] = True
    elif len(befores) > 1 or len(days) > 1:
        data["parts"] = True
    if len(causes) == 1 and (cause := causes.pop()) is not None:
        data[f"by_{cause}"] = True
    return data
