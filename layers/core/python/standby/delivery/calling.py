"""Whom a person calls, and why: no mail reaches a customer, or a carrier gave a parcel up or brings it back.

What a carrier says of that is no delay, and nothing has come back yet: the shop's ``order.returned`` says so. A person
is to ask once about each, unless what came since settles it, or the customer gave the parcel up.
"""

from collections.abc import Iterator, Mapping
from datetime import date, tzinfo
from typing import NamedTuple

from standby.delivery.model import CANCELLED, DELIVERED, PICK_UP, RETURNED, Notice, Order, tracked
from standby.delivery.promises import CALL, Promise, promises
from standby.events.delay import CallTaskOpened

NOTICE, RETURNING, FAILED = "notice", "returning", "failed"
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
}
"""What the caller says and asks."""


class Call(NamedTuple):
    """A call that a person is to make."""

    promise: Promise
    reason: str
    due_by: date | None = None
    """The last day on which it is in time, where the law says so."""

    @property
    def name(self) -> str:
        """How the order notes it (`Notice.news`)."""
        return CALL if self.reason == NOTICE else f"{CALL} {self.reason}"

    def noted(self, at: str) -> Notice:
        """Return what the order notes of it."""
        return Notice(at, self.promise.shipment_id, self.name, self.promise.promised_until.isoformat(), None, CALL)

    def opened(self, order: Order, at: str) -> CallTaskOpened:
        """Return what others hear of it."""
        name = self.name.replace(" ", ":")
        return CallTaskOpened(
            id=f"{order.order_id}@{self.promise.shipment_id}:{name}",
            at=at,
            order_id=order.order_id,
            shipment_id=self.promise.shipment_id,
            reason=self.reason,
            due_by=None if self.due_by is None else self.due_by.isoformat(),
        )


def reason_of(news: str) -> str:
    """Return why a person was to call, by what the order noted."""
    return news.removeprefix(CALL).strip() or NOTICE


def troubles(order: Order, zone: tzinfo) -> list[Call]:
    """Return the calls about what a carrier gave up or brings back that nobody was asked to make yet."""
    found = promises(order, zone)
    calls = [Call(promise, reason) for promise in found for reason in _of(order, promise)]
    return [call for call in calls if not order.has_note(call.promise.shipment_id, call.name)]


def _of(order: Order, promise: Promise) -> Iterator[str]:
    if promise.over or order.given_up.issuperset(promise.line_ids):
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
