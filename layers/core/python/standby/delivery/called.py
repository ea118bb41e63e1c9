"""What came of the calls that people were asked to make: whoever called says it, and the order's story shows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from standby.delivery.calling import reason_of
from standby.delivery.model import Order
from standby.delivery.promises import CALL
from standby.delivery.told_model import Notice
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen


class Orders(Protocol):
    """Where orders are found."""

    def order(self, order_id: str) -> Order | None:
        """Return all that is known of an order, ``None`` where nothing was said of it."""
        ...


class Outcomes(Protocol):
    """Where it is kept what came of calls."""

    def record(self, order_id: str, call: str, said: Mapping[str, Any], now: datetime) -> None:
        """Keep what came of a call. Raises `BusyError`."""
        ...


class NoCallError(Exception):
    """Nobody was asked to make such a call."""


@frozen()
class Called:
    """Takes what came of calls."""

    orders: Orders
    outcomes: Outcomes
    clock: Clock

    def record(self, order_id: str, said: Mapping[str, Any], by: str) -> bool:
        """Keep what came of a call; tell whether anything was said of its order.

        It is the newest call about its ``reason``, unless ``opened_at`` names another, as `to_text` writes instants.
        Raises `NoCallError`.
        """
        order = self.orders.order(order_id)
        if order is None:
            return False
        opened_at = said.get("opened_at")
        calls = [each for each in order.notices if each.by == CALL and reason_of(each.news) == said["reason"]]
        names = [name_of(each) for each in calls if opened_at is None or each.at == opened_at]
        if not names:
            raise NoCallError
        now = self.clock.now()
        outcome = {"at": to_text(now), "outcome": said["outcome"], "note": said.get("note"), "by": by}
        self.outcomes.record(order_id, names[-1], outcome, now)
        return True


def name_of(notice: Notice) -> str:
    """Return the name of a call: all shipments of an order about which it was are one."""
    return f"{reason_of(notice.news)} {notice.at}"
