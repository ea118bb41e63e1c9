"""Silence cancels only after a mail that says so was on its way, and its customer had days to answer."""

from collections.abc import Callable

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.test_refunds import order
from tests.standby.delivery.test_silence import each_day, orders, subjects
from tests.standby.delivery.track import AMERICA, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P10")
STANDS_STILL = frozenset({"MailBulk", "MailUrgent"})


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def mails_before_silence(ana: Customer, days: int) -> list[str]:
    """Return the texts of what was mailed at least a day before silence cancelled."""
    for _ in range(days):
        known = [mail.text for mail in ana.shop.world.mails]
        each_day(ana, 1)
        if ana.heard("CancellationRequested"):
            return known
    return []


@pytest.mark.parametrize("presses", ["nothing", "that they wait"])
def test_once_a_day_that_was_agreed_is_over_silence_is_spoken_of_before_it_cancels(ana: Customer, presses: str) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(9))
    if presses != "nothing":
        assert ana.waits(ana.day(9))[0] == 200
    known = mails_before_silence(ana, 16)
    assert len(ana.heard("CancellationRequested")) == 1
    assert any("if we hear nothing" in text for text in known)


def test_who_is_told_on_the_last_day_has_days_to_answer_and_may_wait_on_them(ana: Customer) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(9))
    each_day(ana, 9)
    ana.shop.world.clock.advance(hours=10)  # late in the evening where the shop is
    ana.tells("eta", eta=ana.day(30))
    each_day(ana, 2)
    assert ana.heard("CancellationRequested") == []
    assert ana.waits(ana.day(28))[0] == 200
    each_day(ana, 10)
    assert ana.heard("CancellationRequested") == []


def test_who_is_told_on_the_last_day_and_says_nothing_is_cancelled_after_these_days(ana: Customer) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(9))
    each_day(ana, 9)
    ana.tells("eta", eta=ana.day(30))
    each_day(ana, 5)
    assert len(ana.heard("CancellationRequested")) == 1


def test_silence_does_not_cancel_while_no_mail_left(ana: Customer) -> None:
    ana.shop.world.held = STANDS_STILL
    orders(ana)
    ana.tells("eta", eta=ana.day(40))
    each_day(ana, 34)
    assert (ana.shop.world.mails, ana.heard("CancellationRequested")) == ([], [])


def test_days_to_answer_count_from_the_mail_that_left(ana: Customer) -> None:
    orders(ana)
    ana.shop.world.clock.advance(days=40)
    ana.shop.world.held = STANDS_STILL
    ana.looks()
    each_day(ana, 5)
    assert (ana.shop.world.mails, ana.heard("CancellationRequested")) == ([], [])
    ana.shop.world.held = frozenset()
    each_day(ana, 3)
    assert (subjects(ana)[-1], ana.heard("CancellationRequested")) == ("Please tell us", []), "the day that holds"
    each_day(ana, 2)
    assert len(ana.heard("CancellationRequested")) == 1


def test_zeros_are_no_day_by_which_it_was_to_leave(ana: Customer) -> None:
    said = order(ana, {"1": 1}, ship_to=AMERICA)
    said["shipments"][0]["ship_by"] = "1970-01-01"
    ana.tells("placed", **said)
    ana.looks()
    each_day(ana, 4)
    assert (subjects(ana), ana.heard("CancellationRequested")) == ([], [])


def back_in_time(ana: Customer) -> None:
    """Let a customer be told of a day far away, and then it comes by the promised one all the same."""
    orders(ana)
    ana.tells("eta", eta=ana.day(40))
    ana.tells("eta", eta=ana.day(4))


def not_left(ana: Customer) -> None:
    """Let a customer be told that it did not leave in time, though it may come by its day still."""
    orders(ana)
    ana.shop.world.clock.advance(days=1, hours=8)
    ana.looks()
    ana.shop.world.clock.advance(minutes=1)


ASKED = pytest.mark.parametrize("asked", [back_in_time, not_left], ids=["back in time", "not left"])


@ASKED
def test_who_was_told_that_silence_cancels_sees_it_and_can_answer(
    ana: Customer, asked: Callable[[Customer], None]
) -> None:
    asked(ana)
    assert "if we hear nothing from you" in ana.shop.world.mails[-1].text
    (shown,) = ana.sees()["shipments"]
    assert (shown["late"], shown["may_wait"], shown["silence"]["meaning"]) == (False, True, "cancels")
    page = ana.sees(page=True)
    assert "If we hear nothing from you by" in page
    assert "I will wait until" in page


@ASKED
def test_silence_does_not_cancel_what_its_customer_waits_for(ana: Customer, asked: Callable[[Customer], None]) -> None:
    asked(ana)
    (shown,) = ana.sees()["shipments"]
    for _ in range(2):
        assert ana.waits(shown["expected"])[0] == 200
    (shown,) = ana.sees()["shipments"]
    assert (shown["may_wait"], shown["silence"]["meaning"], shown["agreed"]["until"]) == (
        False,
        "nothing",
        shown["expected"],
    )
    assert "You told us on" in ana.sees(page=True)
    before = subjects(ana)
    each_day(ana, 2)
    assert subjects(ana) == before
    ana.tells("shipped", occurred_at=ana.now())
    each_day(ana, 40)
    assert ana.heard("CancellationRequested") == []


def test_who_waits_for_a_day_in_time_is_asked_anew_once_that_moves(ana: Customer) -> None:
    back_in_time(ana)
    assert ana.waits(ana.day(4))[0] == 200
    ana.shop.world.clock.advance(minutes=1)
    ana.tells("eta", eta=ana.day(50))
    assert "if we hear nothing from you" in ana.shop.world.mails[-1].text
    each_day(ana, 9)
    assert len(ana.heard("CancellationRequested")) == 1
