"""What was promised, what is late, and what is told of it, in the cases that a shopkeeper would name."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from standby.delivery.model import Order
from standby.delivery.promises import Delay, begin, delay_of, news_of, next_look, promises, today

from tests.standby.delivery.words import placed, said, word

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
PROMISED = date(2026, 5, 7)
"""As `placed` says of each shipment."""
NEXT = PROMISED + timedelta(days=1)


def known(*messages: Mapping[str, Any]) -> Order:
    order = Order(order_id="O")
    for number, message in enumerate(messages):
        order = order.after(later(message, arrival=number))
    return order


def later(message: Mapping[str, Any], *, arrival: int = 0) -> Any:
    """Return what a message says; it may speak of days behind the tests' present."""
    return word(message, arrival=arrival)


def happened(kind: str, day: str, *lines: str, minute: int = 30, **more: Any) -> dict[str, Any]:
    """Return a message about what happened on a day before the tests' present."""
    return said(kind, "O", *lines, minute=minute, occurred_at=day, **more)


def order(until: str = "2026-05-07", *, minute: int = 0, **more: Any) -> dict[str, Any]:
    made = placed("O", "S", "M", minute=minute, shipments={"A": ["S", "M"]}, **more)
    made["shipments"][0]["promised_until"] = until
    return made


def late(*messages: Mapping[str, Any], on: date = NEXT, zone: Any = UTC) -> Delay | None:
    (promise,) = promises(known(*messages), zone)
    return delay_of(promise, on)


def test_a_promise_is_late_once_its_day_is_over() -> None:
    assert late(order(), on=PROMISED) is None
    delay = late(order(), on=NEXT)
    assert delay is not None
    assert (delay.expected, delay.days_late, delay.arrived) == (None, 1, False)


def test_a_day_behind_the_promised_one_is_a_delay_at_once() -> None:
    delay = late(order(), said("eta", "O", eta="2026-05-12", cause="carrier"), on=date(2026, 5, 3))
    assert delay is not None
    assert (delay.expected, delay.days_late, delay.promise.cause) == (date(2026, 5, 12), 5, "carrier")
    assert late(order(), said("eta", "O", eta="2026-05-07"), on=PROMISED) is None


def test_nobody_knows_when_it_comes() -> None:
    delay = late(order(), said("eta", "O", eta=None), on=date(2026, 5, 3))
    assert delay is not None
    assert (delay.expected, delay.days_late) == (None, 0)


def test_what_arrived_on_its_last_day_where_the_shop_is_was_in_time() -> None:
    """It was the next day already in UTC."""
    order_ = order("2026-05-01")
    arrived = happened("delivered", "2026-05-02T02:30:00Z")
    assert late(order_, arrived, zone=SAO_PAULO) is None
    delay = late(order_, arrived, zone=UTC)
    assert delay is not None
    assert (delay.expected, delay.days_late, delay.arrived) == (date(2026, 5, 2), 1, True)


@pytest.mark.parametrize("state", ["delivered", "pick_up"])
def test_what_the_carrier_says_counts_as_what_the_erp_says(state: str) -> None:
    (promise,) = promises(known(order("2026-05-01"), happened("tracked", "2026-05-01T09:00:00Z", state=state)), UTC)
    assert promise.arrived_on == date(2026, 5, 1)


def test_who_was_not_at_home_in_time_was_promised_no_more_than_that() -> None:
    tried = happened("tracked", "2026-05-01T09:00:00Z", state="attempted", minute=1)
    moved = happened("tracked", "2026-05-02T09:00:00Z", state="in_transit", minute=2)
    assert late(order("2026-05-01"), tried, moved) is None
    delay = late(order("2026-04-30"), tried, moved)
    assert delay is not None
    assert not delay.arrived


def test_a_shipment_arrived_once_all_of_its_lines_did() -> None:
    one = happened("delivered", "2026-05-01T09:00:00Z", "S")
    assert late(order("2026-05-01"), one) is not None
    assert late(order("2026-05-01"), one, happened("delivered", "2026-05-01T10:00:00Z", "M")) is None
    cancelled = said("cancelled", "O", "M", minute=40)
    assert late(order("2026-05-01"), one, cancelled) is None


@pytest.mark.parametrize("kind", ["cancelled", "returned"])
def test_what_is_not_to_come_any_more_is_not_late(kind: str) -> None:
    assert late(order(), said(kind, "O", minute=1)) is None


def test_what_the_erp_says_later_is_news_and_the_first_day_stays_the_promise() -> None:
    delay = late(order(), order("2026-05-20", minute=1), on=date(2026, 5, 3))
    assert delay is not None
    assert (delay.promise.promised_until, delay.expected) == (PROMISED, date(2026, 5, 20))
    assert late(order(), order("2026-05-05", minute=1), on=date(2026, 5, 6)) is not None


def test_an_eta_outranks_the_day_of_an_order_that_comes_again_for_another_reason() -> None:
    delay = late(order(), said("eta", "O", minute=1, eta="2026-05-12"), order(minute=2, payment_status="paid"))
    assert delay is not None
    assert delay.expected == date(2026, 5, 12)


def test_lines_take_their_promise_along_where_a_shipment_is_split_or_merged() -> None:
    split = placed("O", "S", "M", minute=1, shipments={"A": ["S"], "B": ["M"]})
    split["shipments"][1]["promised_until"] = "2026-05-20"
    found = promises(known(order(), split), UTC)
    assert [(each.shipment_id, each.promised_until, each.expected) for each in found] == [
        ("A", PROMISED, PROMISED),
        ("B", PROMISED, date(2026, 5, 20)),
    ]
    merged = placed("O", "S", "M", minute=2, shipments={"C": ["S", "M"]})
    merged["shipments"][0]["promised_until"] = "2026-05-25"
    (promise,) = promises(known(order(), split, merged), UTC)
    assert (promise.promised_until, promise.expected) == (PROMISED, date(2026, 5, 25))


def test_a_line_that_comes_in_two_shipments_has_a_day_in_each() -> None:
    twice = placed("O", "S", shipments={"A": ["S"], "B": ["S"]})
    twice["shipments"][1]["promised_until"] = "2026-05-20"
    assert [each.promised_until for each in promises(known(twice), UTC)] == [PROMISED, date(2026, 5, 20)]


def test_each_new_day_is_news_once_however_it_jumps() -> None:
    told: dict[str, tuple[str, ...]] = {}
    heard = []
    etas = ["2026-05-12", "2026-05-07", "2026-05-12", "2026-05-15", "2026-05-13"]
    messages = [order()]
    for minute, eta in enumerate(etas):
        messages.append(said("eta", "O", minute=minute + 1, eta=eta))
        for delay in news_of(promises(known(*messages), UTC), told, date(2026, 5, 3)):
            told[delay.promise.shipment_id] = (*told.get(delay.promise.shipment_id, ()), delay.news)
            heard.append(delay.expected)
    assert heard == [date(2026, 5, 12), date(2026, 5, 15), date(2026, 5, 13)]


def test_who_was_told_that_it_is_late_is_not_told_that_it_came() -> None:
    found = promises(known(order("2026-05-01"), happened("delivered", "2026-05-02T09:00:00Z")), UTC)
    assert [delay.arrived for delay in news_of(found, {}, NEXT)] == [True]
    assert list(news_of(found, {"A": ("after 2026-05-01",)}, NEXT)) == []


def test_it_is_looked_once_the_last_day_is_over_and_again_behind_the_new_one() -> None:
    found = promises(known(order()), SAO_PAULO)
    assert next_look(found, {}, SAO_PAULO) == datetime(2026, 5, 8, 3, tzinfo=UTC)
    moved = promises(known(order(), said("eta", "O", eta="2026-05-12")), SAO_PAULO)
    assert next_look(moved, {"A": ("2026-05-12",)}, SAO_PAULO) == datetime(2026, 5, 13, 3, tzinfo=UTC)
    assert next_look(moved, {"A": ("2026-05-12", "after 2026-05-12")}, SAO_PAULO) is None
    gone = promises(known(order(), said("cancelled", "O", minute=1)), UTC)
    assert next_look(gone, {}, UTC) is None


@pytest.mark.parametrize("until", ["1970-01-02", "9999-12-30"])
def test_the_first_and_the_last_day_that_may_be_said_are_days(until: str) -> None:
    for zone in (UTC, SAO_PAULO, ZoneInfo("Asia/Jerusalem"), ZoneInfo("Pacific/Kiritimati")):
        found = promises(known(order(until)), zone)
        look = next_look(found, {}, zone)
        assert [each.promise.shipment_id for each in news_of(found, {}, NEXT)] == (["A"] if until < "2" else [])
        assert look is not None


def test_a_day_begins_when_it_is_that_day() -> None:
    """In Beirut clocks jump from midnight to one."""
    for zone, day in ((ZoneInfo("Asia/Beirut"), date(2026, 3, 29)), (SAO_PAULO, NEXT), (UTC, NEXT)):
        assert today(begin(day, zone), zone) == day
        assert today(begin(day, zone) - timedelta(seconds=1), zone) == day - timedelta(days=1)


# ---------------------------------------------------------------------- days that a newer order overwrote


def by_shipment(minute: int, **days: tuple[str, str]) -> Mapping[str, Any]:
    """Return an order whose shipments have these lines and days."""
    order_ = placed("O", "S", "M", minute=minute, shipments={name: lines for name, (lines, _) in days.items()})
    for shipment in order_["shipments"]:
        shipment["promised_until"] = days[shipment["shipment_id"]][1]
    return order_


def promised(*messages: Mapping[str, Any]) -> list[str]:
    """Return the promises, which do not depend on the order in which the messages come."""
    (days,) = {
        tuple(each.promised_until.isoformat() for each in promises(known_by_minute(order_), UTC))
        for order_ in permutations(messages)
    }
    return list(days)


def known_by_minute(messages: Iterable[Mapping[str, Any]]) -> Order:
    order_ = Order(order_id="O")
    for message in messages:
        order_ = order_.after(word(message))
    return order_


def test_an_earlier_day_that_was_told_since_stays_the_promise() -> None:
    days = ("2026-05-07", "2026-05-05", "2026-05-09")
    assert promised(*(by_shipment(minute, A=("SM", day)) for minute, day in enumerate(days))) == ["2026-05-05"]


def test_a_line_that_joined_a_shipment_keeps_the_day_that_it_was_told_first() -> None:
    """Also where the line that was there before goes, and the ERP has moved the day meanwhile."""
    alone, joined = by_shipment(0, A=("S", "2026-05-07")), by_shipment(1, A=("SM", "2026-05-09"))
    moved = by_shipment(2, A=("SM", "2026-05-20"))
    assert promised(alone, joined, moved) == ["2026-05-07"]
    assert promised(alone, joined, moved, said("cancelled", "O", "S", minute=3)) == ["2026-05-09"]


def test_a_line_that_joined_a_shipment_and_moved_on_takes_its_own_day_along() -> None:
    alone, joined = by_shipment(0, A=("S", "2026-05-07")), by_shipment(1, A=("SM", "2026-05-09"))
    parted = by_shipment(2, A=("S", "2026-05-07"), B=("M", "2026-05-30"))
    assert promised(alone, joined, parted) == ["2026-05-07", "2026-05-09"]


def test_a_line_in_two_shipments_is_promised_the_day_of_each() -> None:
    both = by_shipment(0, A=("S", "2026-05-07"), B=("SM", "2026-05-12"))
    assert promised(both) == ["2026-05-07", "2026-05-12"]
    assert promised(both, by_shipment(1, C=("S", "2026-05-30"), B=("M", "2026-05-12"))) == ["2026-05-12", "2026-05-12"]


@pytest.mark.parametrize("state", ["attempted", "pick_up"])
def test_what_was_there_in_time_stays_so_however_often_and_in_whichever_order_the_carrier_says_it(state: str) -> None:
    said_ = [
        happened("tracked", f"2026-05-0{day}T09:00:00Z", state=state, minute=minute)
        for minute, day in ((30, 1), (31, 2), (32, 2))
    ]
    for words in (said_, said_[::-1]):
        assert late(order("2026-05-01"), *words) is None
        assert late(order("2026-04-30"), *words) is not None
