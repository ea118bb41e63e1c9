"""When an order of several shipments is late: once one of them is, or once all are (the setting ``order_late_when``).

Where it says ``all``, the customer is told when the last of those that are to come is late, of all of them at once.
What the law wants told on a day is told on it. Others hear of each shipment's delay at once, whatever the rule.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from standby.delivery.model import Order
from standby.delivery.promises import Delay, Promise, all_news_of, delay_of, promises, today
from standby.delivery.standing import standing

ONE, ALL = "one", "all"


def is_late(found: Sequence[Promise], rule: str, now: datetime, zone: tzinfo) -> bool:
    """Tell whether an order is late, by what is known of its promises. What came in time holds up nothing."""
    day = today(now, zone)
    those = [each for each in found if not each.over]
    if rule == ALL and any(each.open for each in those):
        return all(delay_of(each, day) is not None for each in those if each.open)
    late = [delay_of(each, day) is not None for each in those]
    return bool(late) and (all(late) if rule == ALL else any(late))


def told_now(order: Order, delays: Sequence[Delay], rule: str, now: datetime, zone: tzinfo) -> list[Delay]:
    """Return the delays of which a customer is told now."""
    if not delays or rule == ONE or is_late(_wanted(order, promises(order, zone)), rule, now, zone):
        return list(delays)
    by_law = _by_law(order, now, zone)
    return [each for each in delays if each.promise.shipment_id in by_law]


def waits_for_the_last(order: Order, found: Sequence[Promise], now: datetime, zone: tzinfo) -> bool:
    """Tell whether a customer is to be told by ``all`` of what was held back, because what was to come is all late."""
    if not order.told_delays or not is_late(_wanted(order, found), ALL, now, zone):
        return False
    news = all_news_of(found, order.noticed, now, zone)
    return any(not order.given_up.issuperset(each.line_ids) for each in _heard(order, news))


def _wanted(order: Order, found: Iterable[Promise]) -> list[Promise]:
    """Return the shipments that the customer did not give up: the others hold up no word of these."""
    return [each for each in found if not order.given_up.issuperset(each.coming or each.line_ids)]


def _heard(order: Order, news: Iterable[Delay]) -> list[Delay]:
    return [each for each in news if each.news in order.told_delays.get(each.promise.shipment_id, ())]


def _by_law(order: Order, now: datetime, zone: tzinfo) -> set[str]:
    parcels = standing(order, zone, now).parcels
    return {each.promise.shipment_id for each in parcels if each.rights.notice_by is not None}
