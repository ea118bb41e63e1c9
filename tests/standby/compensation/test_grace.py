"""A policy's hours of grace: what is back in time within them is given nothing, what lasted is made good once."""

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import TWO_LEVELS, Remedied, remedied

pytestmark = pytest.mark.promise("P6")
LOOK = {"sweep": "due"}


@pytest.fixture
def ana(shop: Shop) -> Remedied:
    made = remedied(shop)
    made.sets(TWO_LEVELS, grace_hours=24)
    made.places(until=20)
    return made


def hours_pass(ana: Remedied, hours: int) -> None:
    ana.shop.world.clock.advance(hours=hours)
    ana.shop.world.send("CompensationRecords", LOOK)
    ana.shop.world.settle()


def expects(ana: Remedied, days: int) -> None:
    """Let the order be expected so many days after the day that was promised first."""
    first = ana.of().late["A"].first if ana.of().late else None
    day = ana.day(20 + days) if first is None else str(first.fromordinal(first.toordinal() + days))
    ana.tells("eta", eta=day)


def test_a_delay_is_made_good_once_it_lasted_as_long_as_the_policy_says(ana: Remedied) -> None:
    expects(ana, 3)
    hours_pass(ana, 23)
    assert (ana.granted(), ana.mailed()) == ([], [])
    for _ in range(2):
        hours_pass(ana, 2)
    assert ana.granted() == [("voucher", 500)]
    assert len(ana.mailed()) == 1


def test_what_is_back_in_time_by_then_is_given_nothing(ana: Remedied) -> None:
    expects(ana, 3)
    expects(ana, 0)
    for _ in range(3):
        hours_pass(ana, 30)
    assert (ana.granted(), ana.why()) == ([], [])


def test_what_is_late_by_the_same_day_again_is_made_good_though_delivery_tells_a_day_once(ana: Remedied) -> None:
    expects(ana, 3)
    expects(ana, 0)
    hours_pass(ana, 30)
    expects(ana, 3)
    hours_pass(ana, 30)
    assert ana.granted() == [("voucher", 500)]


def test_only_the_delay_that_lasted_counts(ana: Remedied) -> None:
    expects(ana, 9)
    worst = ana.heard("DelayDetected")[-1]
    expects(ana, 3)
    hours_pass(ana, 30)
    ana.hears("DelayDetected", **worst)
    hours_pass(ana, 30)
    assert ana.granted() == [("voucher", 500)]
    expects(ana, 9)
    assert ana.granted() == [("voucher", 500)]
    hours_pass(ana, 30)
    assert ana.granted() == [("voucher", 500), ("voucher", 1_000)]


def test_new_days_do_not_put_off_what_waits(ana: Remedied) -> None:
    for days in (3, 4, 6):
        expects(ana, days)
        ana.shop.world.clock.advance(hours=10)
    hours_pass(ana, 0)
    assert ana.granted() == [("voucher", 1_500)]


def test_what_nobody_expects_any_more_is_late_as_was_told(ana: Remedied) -> None:
    ana.days_pass(24)
    ana.tells("eta", eta=None)
    ana.tells("eta", eta=ana.day(2))
    ana.tells("eta", eta=None)
    hours_pass(ana, 30)
    assert [kind for kind, _ in ana.granted()] == ["voucher"]


def test_what_was_delivered_in_time_after_all_is_given_nothing(ana: Remedied) -> None:
    expects(ana, 3)
    ana.tells("delivered", occurred_at=ana.now())
    hours_pass(ana, 30)
    assert ana.granted() == []


def test_an_order_that_was_cancelled_meanwhile_is_given_nothing(ana: Remedied) -> None:
    expects(ana, 3)
    ana.tells("cancelled")
    hours_pass(ana, 30)
    assert (ana.granted(), ana.why()) == ([], ["cancelled"])
