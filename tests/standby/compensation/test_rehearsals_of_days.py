"""A rehearsal goes over the days that were asked for, which are days of the shop, and there are such days."""

from datetime import date

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.rehearser import Rehearser
from tests.standby.compensation.remedied import TWO_LEVELS, document

pytestmark = pytest.mark.promise("P10")
HTML = {"accept": "text/html"}


def asked(made: Rehearser, **days: str) -> tuple[int, str]:
    """Ask for a rehearsal of some days; return the status, and what is wrong."""
    body = {"policy": document(TWO_LEVELS), **days}
    status, answer = made.asks("POST /v1/policy/rehearse", scopes="ops", body=body)
    return status, answer.get("detail", "")


def test_two_tabs_that_rehearse_different_days_do_not_get_the_same(shop: Shop) -> None:
    made = Rehearser(shop)
    made.sets(TWO_LEVELS)
    _, first = made.begins(TWO_LEVELS, since="2026-01-01")
    status, answer = made.begins(TWO_LEVELS, since="2026-05-01")
    assert (status, answer["type"], answer["rehearsal"]) == (409, "/problems/rehearsal-running", first["id"])
    assert made.begins(TWO_LEVELS)[0] == 409, "a year is another period, too"
    assert made.begins(TWO_LEVELS, since="2026-01-01")[1]["id"] == first["id"], "the same again is the same"


def test_the_same_without_days_is_the_same_though_time_passes(shop: Shop) -> None:
    made = Rehearser(shop)
    _, first = made.begins(TWO_LEVELS)
    shop.world.clock.advance(seconds=2)
    assert made.begins(TWO_LEVELS)[1]["id"] == first["id"]


def test_days_to_come_are_not_rehearsed(shop: Shop) -> None:
    made = Rehearser(shop)
    tomorrow = made.day(1)
    status, wrong = asked(made, since=tomorrow)
    assert (status, wrong) == (400, f"since: {tomorrow} is to come")
    assert asked(made, since=tomorrow, until=made.day(9))[0] == 400


def test_today_is_rehearsed(shop: Shop) -> None:
    assert asked(Rehearser(shop), since=Rehearser(shop).day(0))[0] == 202


def test_days_before_all_that_are_looked_at_are_not_rehearsed(shop: Shop) -> None:
    made = Rehearser(shop)
    for days in ({"until": made.day(-366)}, {"since": made.day(-900), "until": made.day(-402)}):
        status, wrong = asked(made, **days)
        assert status == 400
        assert wrong.startswith(f"until: {days['until']} is before the first day that is looked at, "), wrong


def test_the_policy_names_the_newest_rehearsal_in_which_orders_were_late(shop: Shop) -> None:
    made = Rehearser(shop)
    made.sets(TWO_LEVELS)
    empty = made.rehearses(TWO_LEVELS)
    assert made.policy_shown()["rehearsal"]["id"] == empty["id"], "there is no better one"
    made.places()
    made.late(days=3)
    shown = made.rehearses(TWO_LEVELS)
    shop.world.clock.advance(days=3)
    nobody = made.rehearses(TWO_LEVELS, since=made.day(-1))
    assert nobody["late_orders"] == 0
    assert made.policy_shown()["rehearsal"]["id"] == shown["id"]
    newer = made.rehearses(TWO_LEVELS)
    assert made.policy_shown()["rehearsal"]["id"] == newer["id"]


def test_the_page_names_the_days_that_were_asked_for(shop: Shop) -> None:
    made = Rehearser(shop)
    last = date.fromisoformat(made.day(-1))
    body = {"policy": document(TWO_LEVELS), "since": made.day(-9), "until": last.isoformat()}
    _, begun = made.asks("POST /v1/policy/rehearse", scopes="ops", body=body)
    shop.world.settle()
    page = made.asks(f"GET /v1/policy/rehearsals/{begun['id']}", scopes="ops", headers=HTML)[1]
    assert f"was told from {made.day(-9)} to {last}." in page
