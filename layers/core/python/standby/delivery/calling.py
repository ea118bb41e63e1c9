"""Whom a person calls, and why: no mail reaches a customer, or a carrier gave a parcel up or brings it back.

The third reason, that the policy of remedies wants it, is told by `standby.delivery.wishing`.

What a carrier says of that is no delay, and nothing has come back yet: the shop's ``order.returned`` says so. A person
is to ask once about each, unless what came since settles it, or the customer gave the parcel up; what is sent again
after it came back is asked about anew. Who is called is asked about all parcels at once of which the same is so
(`Task`), and about one thing on one day at most.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, tzinfo
from typing import NamedTuple

from standby.delivery.model import CANCELLED, DELIVERED, PICK_UP, RETURNED, Order, tracked
from standby.delivery.promises import CALL, DAY, Promise, promises, today
from standby.delivery.told_model import Notice
from standby.events.delay import CallTaskOpened
from standby.platform.clock import from_text
from standby.platform.moment import mark

NOTICE, RETURNING, FAILED, REMEDY = "notice", "returning", "failed", "remedy"
"""Why a person calls."""
BY_WORD: Mapping[str, str] = {tracked(RETURNING): RETURNING, tracked(FAILED): FAILED}
"""What a carrier says that a person asks about."""
SETTLED = (DELIVERED, RETURNED, CANCELLED)
MOVES_ON = (tracked("delivered"), tracked("out"), tracked("in_transit"), PICK_UP)
"""What says that a parcel goes on which a carrier had given up. One that is brought back moves and arrives, too."""
ASK: Mapping[str, str] = {
    NOTICE: "Say that it comes later, and by when; ask whether they wait or cancel, and for an e-mail address.",
    RETURNING: "Say that it is on its way back; ask about the address, and whether to send it again or cancel.",
    FAILED: "Say that the carrier could not deliver it; ask whether the address is right, and when somebody is there.",
    REMEDY: "Say sorry that it is so late, and what was given for that; ask whether they wait or cancel.",
}
"""What the caller says and asks."""


class Call(NamedTuple):
    """What a person is to tell or to ask of a shipment."""

    promise: Promise
    reason: str
    due_by: date | None = None
    """The last day on which it is in time, where the law says so."""
    again: int | None = None
    """When it came back, before it was sent again; in microseconds, as `standby.delivery.model.Version` has it."""
    level: int | None = None
    """The days late from which on the policy of remedies wants it."""

    @property
    def name(self) -> str:
        """How the order notes it (`Notice.news`)."""
        if self.level is not None:
            return f"{CALL} {self.reason} {self.level}"
        if self.again is not None:
            return f"{CALL} {self.reason} {self.again}"
        return CALL if self.reason == NOTICE else f"{CALL} {self.reason}"

    def noted(self, at: str) -> Notice:
        """Return what the order notes of it."""
        return Notice(at, self.promise.shipment_id, self.name, self.promise.promised_until.isoformat(), None, CALL)


class Task(NamedTuple):
    """A call that a person is to make: one thing to ask about some shipments of an order."""

    reason: str
    calls: Sequence[Call]

    @property
    def due_by(self) -> date | None:
        """Return the last day on which it is in time for all of them, where the law says so."""
        return min((each.due_by for each in self.calls if each.due_by is not None), default=None)

    def opens_on(self, order: Order, day: date, zone: tzinfo) -> date:
        """Return the day on which it may be opened: the next, where its customer is called about the same on this.

        What the law wants told on this day is not put off.
        """
        if self.due_by is not None and self.due_by <= day:
            return day
        called = any(
            each.by == CALL and reason_of(each.news) == self.reason and today(from_text(each.at), zone) == day
            for each in reversed(order.notices)
        )
        return day + DAY if called else day

    def opened(self, order: Order, at: str) -> CallTaskOpened:
        """Return what others hear of it."""
        ids = [each.promise.shipment_id for each in self.calls]
        names = [[each.promise.shipment_id, each.name] for each in self.calls]
        about = ids[0] if len(ids) == 1 else f"{len(ids)}-{mark({'calls': names}):08x}"
        return CallTaskOpened(
            id=f"{order.order_id}@{about}:{self.calls[0].name.replace(' ', ':')}",
            at=at,
            order_id=order.order_id,
            shipment_id=ids[0],
            shipment_ids=ids,
            reason=self.reason,
            due_by=None if self.due_by is None else self.due_by.isoformat(),
        )


def tasks_of(calls: Iterable[Call]) -> list[Task]:
    """Return the calls that a person is to make, one for each thing to ask."""
    found: dict[str, list[Call]] = {}
    for call in calls:
        found.setdefault(call.reason, []).append(call)
    return [Task(reason, about) for reason, about in found.items()]


def reason_of(news: str) -> str:
    """Return why a person was to call, by what the order noted."""
    return (news.removeprefix(CALL).split() or [NOTICE])[0]


def call_of(order: Order, promise: Promise, reason: str, due_by: date | None = None) -> Call | None:
    """Return a call about a shipment; ``None`` where a person was asked to make it since it was sent last."""
    back = (order.back_before(line_id, promise.shipment_id) for line_id in promise.line_ids)
    again = max((version[0] for version in back if version is not None), default=None)
    call = Call(promise, reason, due_by, again)
    return None if order.has_note(promise.shipment_id, call.name) else call


def troubles(order: Order, zone: tzinfo) -> list[Call]:
    """Return the calls about what a carrier gave up or brings back that nobody was asked to make yet."""
    found = promises(order, zone)
    calls = [call_of(order, promise, reason) for promise in found for reason in _of(order, promise)]
    return [call for call in calls if call is not None]


def _of(order: Order, promise: Promise) -> Iterator[str]:
    if promise.over or order.given_up.issuperset(promise.coming or promise.line_ids):
        return
    name = promise.shipment_id
    for kind, reason in BY_WORD.items():
        after = SETTLED if reason == RETURNING else (*SETTLED, *MOVES_ON)
        for line_id in promise.line_ids:
            said = order.newest_about(kind, line_id, name)
            since = [word[1].version for each in after if (word := order.newest_about(each, line_id, name))]
            if said is not None and all(version < said[1].version for version in since):
                yield reason
                break
