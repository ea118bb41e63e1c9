"""A code is valid until the day that its mail and its page name is over, by the shop's calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.compensation.validity_model import last_day
from standby.platform.clock import from_text

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import ONE_OF_THREE, eur, rule, voucher
from tests.world import ENVIRONMENT

pytestmark = pytest.mark.promise("P6", "P10")
ZONE = ZoneInfo(ENVIRONMENT["SHOP_TIME_ZONE"])
DAYS = 30
CHANGING = ("Asia/Jerusalem", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Europe/Berlin", "America/Santiago")
"""Where clocks change at midnight, too, or a day was left out."""


class Ana(Chooser, Agent):
    """A customer, and people of the shop."""


@pytest.fixture(params=["fixed", "chosen", "approved", "by hand"], ids=str)
def ana(shop: Shop, request: pytest.FixtureRequest) -> Ana:
    """Return a customer who was granted a code half an hour after the shop's midnight, when it is yesterday in UTC."""
    made = Ana(shop)
    to_midnight = datetime.combine(shop.today() + timedelta(days=1), datetime.min.time(), ZONE)
    shop.world.clock.advance(seconds=(to_midnight - shop.world.clock.now()).total_seconds() + 1_800)
    how = request.param
    more = {"approval_above": [eur(100)]} if how == "approved" else {}
    made.sets(rule(ONE_OF_THREE if how == "chosen" else voucher(2, 500)), voucher_valid_days=DAYS, **more)
    made.places(customer={"time_zone": "Pacific/Kiritimati"})
    made.late(days=1 if how == "by hand" else 3)
    if how == "by hand":
        made.gives()
    if how == "approved":
        made.decides("approve")
    if how == "chosen":
        made.chooses("voucher")
    return made


def test_its_mail_its_page_and_what_the_checkout_is_told_name_the_last_day_on_which_it_is_taken(ana: Ana) -> None:
    (code,) = ana.brought()
    last = ana.shop.today() + timedelta(days=DAYS)
    named = f"{last:%B} {last.day}, {last.year}"
    assert f"valid until {named}" in ana.read()[-1][1]
    assert f"Valid until {named}" in ana.own(page=True)
    shown = [ana.own()["remedies"][0], ana.asks("GET /v1/deliveries/O/remedies")[1]["granted"][0]]
    assert [each["ends_on"] for each in (*shown, ana.asks(f"GET /v1/vouchers/{code}")[1])] == [last.isoformat()] * 3


def test_it_is_taken_in_the_last_second_of_that_day_and_refused_in_the_next(ana: Ana) -> None:
    (code,) = ana.brought()
    last = ana.shop.today() + timedelta(days=DAYS)
    over = datetime.combine(last + timedelta(days=1), datetime.min.time(), ZONE)
    ana.shop.world.clock.advance(seconds=(over - ana.shop.world.clock.now()).total_seconds() - 1)
    assert ana.redeems(code)[0] == 200
    assert ana.asks(f"POST /v1/vouchers/{code}/release", body={"order_id": "NEXT"})[0] == 200
    assert ana.own()["remedies"][0]["status"] == "given"
    ana.shop.world.clock.advance(seconds=1)
    status, problem = ana.redeems(code, key="k-2")
    assert (status, problem["type"]) == (409, "/problems/voucher-expired")
    assert ana.own()["remedies"][0]["status"] == "expired"


@given(
    at=st.datetimes(datetime(2009, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis
    days=st.integers(0, 3_660),
    zone=st.sampled_from(CHANGING).map(ZoneInfo),
)
def test_the_last_day_is_over_when_the_shop_s_next_day_begins_also_where_clocks_change(
    at: datetime, days: int, zone: ZoneInfo
) -> None:
    named, over_at = last_day(at, days, zone)
    last, over = date.fromisoformat(named), from_text(over_at)
    assert last == at.astimezone(zone).date() + timedelta(days=days)
    assert over.astimezone(zone).date() > last
    assert (over - timedelta(milliseconds=1)).astimezone(zone).date() <= last


@pytest.fixture
def taken(shop: Shop) -> tuple[Ana, str]:
    """Return a customer whose order took a code in time, is not paid, and has it still days after its last day."""
    made = Ana(shop)
    made.sets(rule(voucher(2, 500)), voucher_valid_days=1)
    made.places()
    made.late(days=3)
    (code,) = made.brought()
    assert made.redeems(code, "NEXT")[0] == 200
    made.places("NEXT", payment_status="pending", email="bo@example.org")
    made.time_passes(3)
    return made, code


def test_a_code_that_was_taken_in_time_and_is_freed_after_its_last_day_may_be_used_for_some_days_more(
    taken: tuple[Ana, str],
) -> None:
    made, code = taken
    made.places("NEXT", payment_status="failed", email="bo@example.org")
    last = (made.shop.today() + timedelta(days=7)).isoformat()
    shown = [made.own(token=made.link("ana@example.org"))["remedies"][0], made.asks(f"GET /v1/vouchers/{code}")[1]]
    assert [each["ends_on"] for each in shown] == [last] * 2
    assert [event["expires_at"] for event in made.heard("VoucherFreed")] == [shown[0]["expires_at"]]
    made.time_passes(7)
    assert made.redeems(code, "AGAIN", key="k-2")[0] == 200


def test_these_days_are_given_once(taken: tuple[Ana, str]) -> None:
    made, code = taken
    made.places("NEXT", payment_status="failed", email="bo@example.org")
    assert made.redeems(code, "AGAIN", key="k-2")[0] == 200
    made.places("AGAIN", payment_status="pending", email="bo@example.org")
    made.time_passes(9)
    made.places("AGAIN", payment_status="failed", email="bo@example.org")
    assert made.redeems(code, "THIRD", key="k-3")[0] == 409
