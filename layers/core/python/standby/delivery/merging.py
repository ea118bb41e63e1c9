"""What waits for one customer over several orders leaves as one mail, which names each.

It is written down before it is sent, with what it tells of each order: so a function that dies sends the same mail
again, whatever began to wait meanwhile, and mail sends each job once. Each order notes that it was told, as by a mail
of its own. Only addresses that are the same letter by letter are one customer: who has ``ana`` at a provider need not
be who has ``ana+shop`` there, and a page of an order shows what was ordered.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from standby.delivery.mailing import ASKING as ONE
from standby.delivery.mailing import customer_of
from standby.delivery.model import MAIL, Order
from standby.delivery.noticing import (
    ANSWERED,
    ARRIVED,
    DELAYED,
    OVERDUE,
    UNSHIPPED,
    VALID,
    Notices,
    answers_of,
    asks,
    data_of,
    days_to_answer,
    in_words,
    kind_of,
    name_of_news,
    said_of,
)
from standby.delivery.on_the_way import MOST_PARCELS, on_the_way
from standby.delivery.promises import Delay
from standby.delivery.told_model import Notice
from standby.delivery.turns_repository import Letter, Turn
from standby.events.mail import MailAccepted, MailFailed, MailRefused
from standby.mail_job import MailJob, Recipient
from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.frozen import frozen
from standby.platform.moment import EPOCH, MICROSECOND, mark
from standby.platform.queue import Outgoing

KIND = "late_orders"
FORM = "d2"
"""Begins the reference of a mail about several orders, and the key and the name of a `Letter` follow."""
MOST_ORDERS = 50
"""In a mail. Others of the same customer wait for another."""
WHAT = {ARRIVED: "arrived", OVERDUE: "unknown", UNSHIPPED: "unshipped"}
"""What the mail says of an order, by the kind of a mail of its own; of others that they come later."""
SOME = "unknown_some"
"""Of an order some parts of which have a new day, and others none."""
CAUSE = "by_"
Said = MailAccepted | MailRefused | MailFailed


class Letters(Protocol):
    """Where turns, and mails about several orders, are written down."""

    def of(self, customer: str) -> tuple[Letter | None, Sequence[Turn]]:
        """Return a mail to a customer that is being sent, and which orders wait."""
        ...

    def begin_letter(self, customer: str, letter: Letter, now: datetime) -> Letter:
        """Write a mail down before it is sent; return that which is being sent already, if any."""
        ...

    def keep_letter(self, customer: str, letter: Letter, now: datetime) -> None:
        """Write down of which orders a mail tells."""
        ...

    def end_letter(self, customer: str, letter: Letter) -> None:
        """Note that a mail was sent, and all its orders know."""
        ...

    def orders_of(self, customer: str, name: str) -> Sequence[str]:
        """Return the orders of which a mail tells."""
        ...

    def take_away(self, turn: Turn) -> None:
        """Forget that an order waits, unless it was put there again since."""
        ...


class Late(NamedTuple):
    """An order that waits, and what is news of it."""

    turn: Turn
    order: Order
    delays: Sequence[Delay]


@frozen(kw_only=True)
class Together:
    """Tells a customer whatever waits for them."""

    letters: Letters
    notices: Notices
    look: Callable[[Order], None]
    """Carries out what silence means, once a customer was told."""

    def tell(self, customer: str) -> None:
        """Tell a customer by one mail, made from the orders as they are now. Raises `BusyError`."""
        letter, turns = self.letters.of(customer)
        if letter is not None:
            self._send(customer, letter)
            return
        now = self.notices.clock.now()
        late: list[Late] = []
        for turn in turns:
            order = self.notices.orders.change(turn.order_id, lambda known: known)
            delays = self.notices.news(order, now)
            if delays and self.notices.is_closed(order, delays, now):
                self.look(self.notices.tell(turn.order_id, its_turn=True))
                self.letters.take_away(turn)
                continue
            if delays and address_key(customer_of(order).get("email", "")) == customer:
                late.append(Late(turn, order, delays))
                if len(late) == MOST_ORDERS:
                    break
                continue
            if delays:  # its customer has another address by now, and waits there
                self.look(self.notices.tell(turn.order_id))
            self.letters.take_away(turn)
        if len(late) == 1:
            self.look(self.notices.tell(late[0].turn.order_id, its_turn=True))
            self.letters.take_away(late[0].turn)
        elif late:
            self._send(customer, self.letters.begin_letter(customer, self._letter(customer, late, now), now))

    def for_each(self, event: Said) -> Said:
        """Return what is said of mails about several orders as it is said of each of these."""
        references: list[str] = []
        for reference in event.references:
            form, _, rest = reference.partition("~")
            customer, _, name = rest.partition("~")
            orders = self.letters.orders_of(customer, name) if form == FORM else ()
            references += [f"{ONE}~{order_id}" for order_id in orders] or [reference]
        return event._replace(references=references)

    def _send(self, customer: str, letter: Letter) -> None:
        self.letters.keep_letter(customer, letter, self.notices.clock.now())
        self.notices.mails.send([Outgoing.of(letter.job)])
        for order_id, said in letter.notices.items():
            notices = [_notice(each) for each in said]
            order = self.notices.orders.change(order_id, lambda known, told=notices: _told(known, told))  # type: ignore[misc] # mypy knows no defaults of a lambda
            self.look(order)
            self.letters.take_away(Turn("", customer, order_id, letter.versions[order_id]))
        self.letters.end_letter(customer, letter)

    def _letter(self, customer: str, late: Sequence[Late], now: datetime) -> Letter:
        name = f"{mark({'orders': sorted(name_of_news(each.order, each.delays) for each in late)}):08x}"
        job_id = f"{KIND}#{customer}#{name}"
        about = customer_of(_newest(late))
        asked = min(EPOCH + each.order.first_said * MICROSECOND for each in late)
        send_by = [day for each in late if (day := self.notices.send_by(each.order, each.delays, now)) is not None]
        data = self._data(late, now)
        if self.notices.apologies().may(customer, job_id, now):
            data["sorry"] = True
        job = MailJob(
            job_id=job_id,
            kind=KIND,
            locale=self._locale(late),
            data=data,
            recipients=[
                Recipient(
                    reference=f"{FORM}~{customer}~{name}",
                    email=about["email"],
                    consented_at=to_text(min(asked, now)),
                )
            ],
            valid_until=to_text(now + VALID),
            time_zone=about.get("time_zone"),
            send_by=min(send_by, default=None),
        )
        return Letter(
            name=name,
            job=job.content(),
            notices={
                each.order.order_id: said_of(
                    each.delays,
                    to_text(now),
                    MAIL,
                    mail=job_id,
                    to=customer,
                    answers=self._answers(each.order, each.delays, now),
                )
                for each in late
            },
            versions={each.order.order_id: each.turn.version for each in late},
        )

    def _data(self, late: Sequence[Late], now: datetime) -> dict[str, Any]:
        causes: list[frozenset[str]] = []
        parcels: list[dict[str, Any]] = []
        locale = self._locale(late)
        data: dict[str, Any] = {"orders": []}
        for _, order, delays in late:
            kind = kind_of([(each.news, each.expected is None) for each in delays])
            said = data_of(order, kind, delays)
            words = in_words(delays, locale)
            data["orders"].append(self._about(order, kind, delays, said, now) | words)
            if not words:  # the others may have one cause all the same
                causes.append(frozenset(name for name in said if name.startswith(CAUSE)))
            if kind == DELAYED:
                named = {each.promise.shipment_id for each in delays}
                found = on_the_way(order, named, now, self.notices.zone).get("parcels", ())
                parcels += [{**each, "order": order.number} for each in found]
            if kind == OVERDUE and asks(order, delays, now, self.notices.zone):
                data["ask"] = True
            if kind != ARRIVED:
                data["open"] = True
        if parcels:
            data["parcels"] = parcels[:MOST_PARCELS]
        return data | dict.fromkeys(causes[0] if len(set(causes)) == 1 else (), True)

    def _answers(self, order: Order, delays: Sequence[Delay], now: datetime) -> Mapping[str, str]:
        kind = kind_of([(each.news, each.expected is None) for each in delays])
        return days_to_answer(order, delays, now, self.notices.zone) if kind in ANSWERED else {}

    def _locale(self, late: Sequence[Late]) -> str:
        return customer_of(_newest(late)).get("locale") or self.notices.written.default_locale

    def _about(
        self, order: Order, kind: str, delays: Sequence[Delay], said: Mapping[str, Any], now: datetime
    ) -> dict[str, str]:
        what = "not_yet" if "not_yet" in said else WHAT.get(kind, "later")
        what = f"{what}_parts" if "parts" in said and kind != UNSHIPPED else what
        last = max(each.expected or each.promise.promised_until for each in delays).isoformat()
        links = self.notices.written.links
        about = {
            "order": order.number,
            "what": SOME if kind == OVERDUE and "day" in said else what,
            "before": said["before"],
            "page_url": links.page(order.order_id, last, now),
        }
        if "day" in said:
            about["day"] = said["day"]
        answers = answers_of(order, delays, now, self.notices.zone) if kind in ANSWERED else {}
        if answers:
            about["answer"] = "parts" if "several_answers" in answers else "one"
            about["answer_by"] = answers["answer_by"]
        return about


def _newest(late: Sequence[Late]) -> Order:
    """Return the order that was placed last: the mail speaks its language."""
    return max((each.order for each in late), key=lambda order: order.first_said)


def _notice(kept: Sequence[Any]) -> Notice:
    notice = Notice(*kept)
    return notice._replace(line_ids=tuple(notice.line_ids))


def _told(order: Order, notices: Sequence[Notice]) -> Order:
    """Return an order once its customer was told by a mail; the same where that is known."""
    known = any(each.mail == notices[0].mail for each in order.notices)
    return order if known else order.noticed_by(notices)
