"""How an order stands, whatever was said of it in whatever order: rights stay open, and no day is made up."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.delivery.choice_model import CANCEL, WAIT, Choice
from standby.delivery.model import Order
from standby.delivery.promises import delay_of
from standby.delivery.standing import Standing, standing
from standby.platform.clock import to_text

from tests.standby.delivery.words import placed, said, word

DAYS = st.integers(1, 20).map(lambda day: date(2026, 5, day).isoformat())
WHICH: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"shipment_id": "S-1"}, {"shipment_id": "S-2"}, {"line_ids": ["CUP"]}]
)
COUNTRIES = st.sampled_from(["US", "FR", "DE", "GB", "IL", "CH", None])


@st.composite
def words(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return what an ERP says of an order of two shipments."""
    country = draw(COUNTRIES)
    order = placed("O", "CUP", "MUG", shipments={"S-1": ["CUP"], "S-2": ["MUG"]}, customer={"email": "a@example.org"})
    messages = [order | ({"ship_to": {"country": country}} if country else {})]
    for minute in range(1, draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["eta", "shipped", "delivered", "cancelled", "returned", "tracked"]))
        which = draw(WHICH)
        if kind in ("eta", "tracked"):
            which = {name: which[name] for name in which if name == "shipment_id"}
        more: dict[str, Any] = {"eta": draw(st.none() | DAYS)} if kind == "eta" else {}
        if kind == "tracked":
            more = {"state": draw(st.sampled_from(["in_transit", "out", "attempted", "pick_up", "delivered"]))}
        messages.append(said(kind, "O", minute=minute, **more, **which))
    return messages


def heard(messages: list[dict[str, Any]]) -> Order:
    order = Order(order_id="O")
    for message in messages:
        order = order.after(word(message))
    return order


def at(day: int) -> datetime:
    return datetime(2026, 5, 3, 12, tzinfo=UTC) + timedelta(days=day)


def stands(order: Order, day: int) -> Standing:
    return standing(order, UTC, at(day))


@pytest.mark.promise("P7")
@given(messages=words(), day=st.integers(0, 30))
def test_what_is_late_and_still_to_come_can_be_cancelled(messages: list[dict[str, Any]], day: int) -> None:
    found = stands(heard(messages), day)
    for parcel in found.parcels:
        late = parcel.promise.open and delay_of(parcel.promise, at(day).date()) is not None
        if late:
            assert set(parcel.promise.line_ids) <= set(found.cancels)


@given(messages=words(), day=st.integers(0, 30), data=st.data())
def test_it_stands_as_it_does_in_whatever_order_it_was_told(
    messages: list[dict[str, Any]], day: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*messages, *messages[:2]]))
    one, other = stands(heard(messages), day), stands(heard(shuffled), day)
    assert (one.parcels, one.cancels, one.withdraws, one.withdraw_until) == (
        *(other.parcels, other.cancels, other.withdraws, other.withdraw_until),
    )


@pytest.mark.promise("P7")
@given(messages=words(), day=st.integers(0, 30))
def test_who_agreed_to_wait_may_cancel_all_the_same(messages: list[dict[str, Any]], day: int) -> None:
    order = heard(messages)
    agreed = order.chose(
        *(Choice(to_text(at(day)), WAIT, name, "2026-05-20", "w") for name in ("S-1", "S-2")), code=None
    )
    assert stands(agreed, day).cancels == stands(order, day).cancels


@given(messages=words(), day=st.integers(0, 30))
def test_what_was_given_up_is_offered_for_nothing_but_withdrawing(messages: list[dict[str, Any]], day: int) -> None:
    order = heard(messages)
    found = stands(order, day)
    ended = order.chose(Choice(to_text(at(day)), CANCEL, line_ids=found.cancels), code=None)
    then = stands(ended, day)
    assert (then.cancels, then.withdraws) == ((), found.withdraws)
    assert [parcel for parcel in then.parcels if parcel.late and parcel.may_wait] == []
    assert bool(then.cancelled) is bool(found.cancels)


@given(messages=words(), day=st.integers(0, 30))
def test_a_customer_agrees_only_to_a_day_that_was_said(messages: list[dict[str, Any]], day: int) -> None:
    days = {message["eta"] for message in messages if message.get("eta")}
    for parcel in stands(heard(messages), day).parcels:
        if parcel.may_wait:
            assert parcel.expected is None or parcel.expected in days
