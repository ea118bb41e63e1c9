"""What the rules give to the customer of one shipment, case by case as the table of rules has them.

The order is of 1 March 2026 and ships by 10 March, ``T``.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from standby.delivery.rights.model import NOTHING, Consent, Facts, Meaning, Notice, Rights, Silence, rights
from standby.delivery.rights.repository import market, market_of, markets

ORDERED, T = date(2026, 3, 1), date(2026, 3, 10)
DAY = timedelta(days=1)


def after(days: int) -> date:
    """Return a day so long after the promise."""
    return T + days * DAY


def told(on: int, new: int | None) -> Notice:
    return Notice(after(on), None if new is None else after(new))


def agreed(on: int, until: int | None) -> Consent:
    return Consent(after(on), None if until is None else after(until))


def asked(country: str | None, on: int, **facts: Any) -> Rights:
    known: dict[str, Any] = {"ordered_on": ORDERED, "ship_by": T, "promised_until": after(4), **facts}
    return rights(market_of(country), Facts(**known), after(on))


def silent(meaning: Meaning, at: int, until: int | None = None) -> Silence:
    return Silence(meaning, after(at), None if until is None else after(until))


@pytest.mark.parametrize(
    ("country", "facts", "counts", "by"),
    [
        ("US", {}, T, "ship_by"),
        ("US", {"ship_by": None}, ORDERED + 30 * DAY, "days_without_a_date"),
        ("FR", {}, after(4), "promised_until"),
        ("FR", {"promised_until": None}, ORDERED + 30 * DAY, "days_without_a_date"),
        ("GB", {"promised_until": None}, ORDERED + 30 * DAY, "days_without_a_date"),
        ("IL", {}, after(4), "promised_until"),
        (None, {}, after(4), "promised_until"),
    ],
)
def test_the_date_counts_that_the_market_says(
    country: str | None, facts: dict[str, Any], counts: date, by: str
) -> None:
    found = asked(country, 0, **facts)
    assert (found.counts, found.counts_by) == (counts, by)


@pytest.mark.parametrize(
    ("country", "facts", "by"),
    [
        ("US", {}, T),
        ("US", {"ship_by": None}, ORDERED + 30 * DAY),
        ("US", {"notices": [told(-2, 9)]}, None),
        ("US", {"shipped_on": after(-1)}, None),
        ("US", {"cancelled_on": after(-1)}, None),
        ("US", {"charged": False}, T),
        ("FR", {}, None),
        ("GB", {}, None),
        ("IL", {}, None),
        ("CH", {}, None),
    ],
)
def test_a_first_notice_has_a_deadline_where_the_law_sets_one(
    country: str, facts: dict[str, Any], by: date | None
) -> None:
    assert asked(country, 0, **facts).notice_by == by


@pytest.mark.parametrize(
    ("case", "on", "facts", "silence"),
    [
        ("on time, nothing told", 0, {}, NOTHING),
        ("no notice by the day of the promise", 1, {}, silent("cancels", 0)),
        ("no notice, but shipped", 1, {"shipped_on": T}, NOTHING),
        ("no notice, shipped too late", 3, {"shipped_on": after(2)}, NOTHING),
        ("told a day late", 2, {"notices": [told(1, 9)]}, silent("cancels", 0)),
        ("a definite date, near enough", -1, {"notices": [told(-2, 9)]}, silent("consents", 0, 9)),
        ("told on the day itself", 0, {"notices": [told(0, 9)]}, silent("consents", 0, 9)),
        ("30 days are near enough", 0, {"notices": [told(-2, 30)]}, silent("consents", 0, 30)),
        ("31 days are not", 0, {"notices": [told(-2, 31)]}, silent("cancels", 30)),
        ("no new date", 0, {"notices": [told(-2, None)]}, silent("cancels", 30)),
        ("no new date, on the last day", 30, {"notices": [told(-2, None)]}, silent("cancels", 30)),
        ("no new date, shipped in time", 31, {"notices": [told(-2, None)], "shipped_on": after(30)}, NOTHING),
        ("expressly accepted", 31, {"notices": [told(-2, 40)], "consents": [agreed(5, 40)]}, NOTHING),
        ("accepted on the last day", 31, {"notices": [told(-2, 40)], "consents": [agreed(30, 40)]}, NOTHING),
        ("accepted too late", 31, {"notices": [told(-2, 40)], "consents": [agreed(31, 40)]}, silent("cancels", 30)),
        ("accepted without an end", 90, {"notices": [told(-2, None)], "consents": [agreed(5, None)]}, NOTHING),
        ("silence consented", 1, {"notices": [told(-2, 9)]}, NOTHING),
        ("the date of that consent is over", 10, {"notices": [told(-2, 9)]}, silent("cancels", 9)),
        ("a further delay", 5, {"notices": [told(-2, 9), told(4, 20)]}, silent("cancels", 9)),
        ("a further delay without a date", 5, {"notices": [told(-2, 9), told(4, None)]}, silent("cancels", 9)),
        (
            "a further delay, agreed to",
            15,
            {"notices": [told(-2, 9), told(4, 20)], "consents": [agreed(6, 20)]},
            NOTHING,
        ),
        (
            "and over again",
            21,
            {"notices": [told(-2, 9), told(4, 20)], "consents": [agreed(6, 20)]},
            silent("cancels", 20),
        ),
        ("a second notice before the promise", 0, {"notices": [told(-5, 9), told(-2, 20)]}, silent("cancels", 9)),
        ("a better date afterwards", 5, {"notices": [told(-2, 9), told(4, 7)]}, NOTHING),
        ("agreed to a day before the promise", 0, {"consents": [agreed(-3, -1)]}, NOTHING),
        ("cancelled already", 1, {"cancelled_on": T}, NOTHING),
        ("no date of shipping", 40, {"ship_by": None, "notices": [told(-2, 9)]}, NOTHING),
        ("charged when shipped", 1, {"charged": False}, silent("cancels", 0)),
    ],
)
def test_silence_in_the_united_states(case: str, on: int, facts: dict[str, Any], silence: Silence) -> None:
    assert asked("US", on, **facts).silence == silence, case


def test_a_shop_may_decide_that_what_is_charged_at_shipping_is_outside_the_rule() -> None:
    known = Facts(ordered_on=ORDERED, ship_by=T, charged=False)
    outside = market("us").chosen({"charged_at_shipping": False})
    found = rights(outside, known, after(1))
    assert (found.silence, found.notice_by, found.may_cancel) == (NOTHING, None, True)


@pytest.mark.parametrize("country", ["FR", "DE", "GB", "IL", "CH", None])
@pytest.mark.parametrize("new", [9, 40, None])
def test_silence_means_nothing_elsewhere(country: str | None, new: int | None) -> None:
    for day in (-1, 0, 1, 30, 31, 90):
        assert asked(country, day, notices=[told(-2, new)]).silence == NOTHING


@pytest.mark.parametrize(
    ("facts", "remind_on"),
    [
        ({"notices": [told(-2, None)]}, after(27)),
        ({"notices": [told(-8, 9)]}, after(-3)),
        ({"notices": [told(-2, 9)]}, None),
        ({"notices": [told(-2, 9), told(-1, 20)]}, after(6)),
        ({}, None),
    ],
)
def test_a_reminder_is_due_before_silence_decides(facts: dict[str, Any], remind_on: date | None) -> None:
    assert asked("US", -1, **facts).remind_on == remind_on


@pytest.mark.parametrize(
    ("country", "on", "facts", "open_"),
    [
        ("US", 0, {}, False),
        ("US", 1, {}, True),
        ("US", -1, {"notices": [told(-2, 9)]}, True),
        ("US", 5, {"shipped_on": after(2)}, True),
        ("FR", 4, {}, False),
        ("FR", 5, {}, True),
        ("FR", 5, {"shipped_on": T}, True),
        ("FR", 5, {"delivered_on": after(5)}, False),
        ("FR", 5, {"cancelled_on": after(5)}, False),
        ("IL", 2, {"notices": [told(1, 9)], "consents": [agreed(1, 9)]}, True),
        ("CH", 5, {}, True),
    ],
)
def test_cancelling_is_open_on_every_delay(country: str, on: int, facts: dict[str, Any], open_: bool) -> None:  # noqa: FBT001 - a case
    assert asked(country, on, **facts).may_cancel is open_


@pytest.mark.parametrize(
    ("country", "on", "facts", "found"),
    [
        ("FR", -5, {}, (True, None)),
        ("FR", 18, {"delivered_on": after(4)}, (True, after(18))),
        ("FR", 19, {"delivered_on": after(4)}, (False, after(18))),
        ("FR", 2, {"cancelled_on": T}, (False, None)),
        ("GB", 18, {"delivered_on": after(4)}, (True, after(18))),
        ("IL", 19, {"delivered_on": after(4)}, (False, after(18))),
        ("CH", 18, {"delivered_on": after(4)}, (True, after(18))),
        ("US", 2, {}, (False, None)),
        ("US", 5, {"delivered_on": after(4)}, (False, None)),
    ],
)
def test_withdrawing_is_open_for_its_time(country: str, on: int, facts: dict[str, Any], found: tuple[Any, Any]) -> None:
    got = asked(country, on, **facts)
    assert (got.may_withdraw, got.withdraw_until) == found


@pytest.mark.parametrize(
    ("country", "facts", "by"),
    [
        ("US", {"has_email": False}, T),
        ("US", {}, None),
        ("US", {"has_email": False, "shipped_on": after(-1)}, None),
        ("FR", {"has_email": False}, None),
        ("IL", {"has_email": False}, None),
    ],
)
def test_a_person_calls_whom_no_mail_reaches(country: str, facts: dict[str, Any], by: date | None) -> None:
    assert asked(country, 0, **facts).call_by == by


DAYS = st.integers(-9, 80).map(after)
MAYBE = st.none() | DAYS
FACTS = st.builds(
    Facts,
    ordered_on=st.just(ORDERED),
    ship_by=MAYBE,
    promised_until=MAYBE,
    shipped_on=MAYBE,
    delivered_on=MAYBE,
    cancelled_on=MAYBE,
    notices=st.lists(st.builds(Notice, DAYS, MAYBE), max_size=4),
    consents=st.lists(st.builds(Consent, DAYS, MAYBE), max_size=3),
    has_email=st.booleans(),
    charged=st.booleans(),
)
MARKETS = st.sampled_from(markets())


@given(name=MARKETS, facts=FACTS, today=DAYS)
def test_cancelling_is_never_closed_on_a_delay(name: str, facts: Facts, today: date) -> None:
    over = [day for day in (facts.delivered_on, facts.cancelled_on) if day is not None and day <= today]
    said = [notice for notice in facts.notices if notice.told_on <= today]
    overdue = facts.promised_until is not None and today > facts.promised_until
    if not over and (said or overdue):
        assert rights(market(name), facts, today).may_cancel


@given(name=MARKETS, facts=FACTS, today=DAYS)
def test_silence_decides_nothing_outside_the_united_states(name: str, facts: Facts, today: date) -> None:
    if name != "us":
        found = rights(market(name), facts, today)
        assert (found.silence, found.remind_on) == (NOTHING, None)


@given(facts=FACTS, today=DAYS)
def test_silence_consents_only_to_a_date_near_enough_that_was_told_in_time(facts: Facts, today: date) -> None:
    silence = rights(market("us"), facts, today).silence
    if silence.meaning == "consents":
        assert facts.ship_by is not None
        assert silence.until is not None
        assert silence.until <= facts.ship_by + 30 * DAY
        assert any(notice.told_on <= facts.ship_by and notice.told_on <= today for notice in facts.notices)


@given(name=MARKETS, facts=FACTS, today=DAYS, later=st.integers(0, 60))
@example(
    name="us",
    facts=Facts(ordered_on=ORDERED, ship_by=T, consents=[agreed(2, 40)]),
    today=after(1),
    later=2,
)
def test_a_day_later_takes_nothing_back(name: str, facts: Facts, today: date, later: int) -> None:
    """What silence decided stays decided, a delay stays one until it is over, and closed periods stay closed."""
    then = today + later * DAY
    before, found = rights(market(name), facts, today), rights(market(name), facts, then)
    known = facts.known_on(then)
    arrived = known.delivered_on is not None or known.cancelled_on is not None
    if before.silence.meaning == "cancels" and before.silence.decided(today) and not (known.left or arrived):
        assert found.silence == before.silence
    if before.may_cancel and not arrived and not (known.left and not facts.known_on(today).left):
        assert found.may_cancel
    if not before.may_wait:
        assert not found.may_wait
    if not before.may_withdraw:
        assert not found.may_withdraw
    if before.notice_by is None:
        assert found.notice_by is None


@given(name=MARKETS, facts=FACTS, today=DAYS, data=st.data())
def test_the_order_in_which_it_is_told_does_not_count(
    name: str, facts: Facts, today: date, data: st.DataObject
) -> None:
    """Of several words of one day the order counts, so days that differ are what is shuffled here."""
    notices = list({notice.told_on: notice for notice in facts.notices}.values())
    consents = list({consent.given_on: consent for consent in facts.consents}.values())
    told_so = Facts(**{**vars(facts), "notices": notices, "consents": consents})
    shuffled = {"notices": data.draw(st.permutations(notices)), "consents": data.draw(st.permutations(consents))}
    assert rights(market(name), told_so, today) == rights(market(name), Facts(**{**vars(facts), **shuffled}), today)
