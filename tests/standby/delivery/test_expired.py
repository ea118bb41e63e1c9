"""What a mail says that expired was told to nobody: it is told again while it is true, and then a person calls."""

from dataclasses import replace

import pytest
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.test_days_to_answer import STANDS_STILL
from tests.standby.delivery.test_refunds import why
from tests.standby.delivery.test_silence import by, each_day, orders, subjects
from tests.standby.delivery.test_turns import minutes_pass
from tests.standby.delivery.track import AMERICA, EUROPE, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P10")
LATER, PLEASE = "Later than we told you", "Please tell us"
WEEK = 8
"""Days after which no mail of before is sent."""


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def stands_still(ana: Customer, days: int = WEEK) -> None:
    """Let Mail stand still for some days, and then work off what waits."""
    ana.shop.world.held = STANDS_STILL
    each_day(ana, days)
    ana.shop.world.held = frozenset()


def test_it_is_told_again_once(ana: Customer) -> None:
    ana.shop.world.held = STANDS_STILL
    orders(ana, to=EUROPE, until=2)
    ana.tells("eta", eta=ana.day(40))
    stands_still(ana)
    each_day(ana, 3)
    assert (subjects(ana), by(ana)) == ([LATER], ["refused", "mail"])
    assert [step["rule"] for step in why(ana, "CustomerNotTold")] == ["the_mail_expired"]


def test_what_is_true_no_more_is_not_told(ana: Customer) -> None:
    ana.shop.world.held = STANDS_STILL
    orders(ana, to=EUROPE, until=2)
    ana.tells("eta", eta=ana.day(40))
    ana.tells("eta", eta=ana.day(2))
    ana.tells("delivered", occurred_at=ana.now())
    stands_still(ana)
    each_day(ana, 1)
    assert subjects(ana) == []


def test_several_orders_in_one_mail_are_told_again(ana: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICES_PER_HOUR", "1")
    for order_id, email in (("E", "eve@example.org"), ("O", None), ("Q", None)):
        ana.places(order_id, until=2, **({} if email is None else {"email": email}))
        ana.tells("eta", order_id, eta=ana.day(40))
    ana.shop.world.held = STANDS_STILL
    minutes_pass(ana, 75)
    assert subjects(ana) == [LATER]
    stands_still(ana)
    minutes_pass(ana, 75)
    assert subjects(ana)[1:] == [LATER] * 2
    assert by(ana) == by(ana, "Q") == ["refused", "mail"]


@pytest.mark.parametrize(("to", "calls"), [(AMERICA, 1), (EUROPE, 0)], ids=["US", "EU"])
def test_where_no_mail_can_be_sent_a_person_calls_of_what_the_law_wants_told(
    ana: Customer, to: dict[str, str], calls: int
) -> None:
    ana.shop.world.held = STANDS_STILL
    orders(ana, to=to)
    ana.tells("eta", eta=ana.day(60))
    each_day(ana, WEEK)
    ana.shop.world.held = frozenset({"DeliveryRecords"})
    ana.shop.world.settle()
    stands_still(ana)
    assert (by(ana), subjects(ana)) == (["refused", "mail"], [])
    each_day(ana, 3)
    assert (subjects(ana), len(ana.heard("CallTaskOpened"))) == ([], calls)
    assert ana.heard("CancellationRequested") == []
    ana.tells("eta", eta=ana.day(70))
    assert subjects(ana) == [LATER], "a new day is mailed all the same"


def test_a_reminder_that_expired_is_sent_again_before_silence_cancels(ana: Customer) -> None:
    orders(ana)
    ana.tells("eta", eta=ana.day(50))
    older_form(ana)
    each_day(ana, 27)
    assert by(ana) == ["mail"]
    stands_still(ana, 12)
    assert (by(ana), ana.heard("CancellationRequested")) == (["mail", "reminder"], [])
    each_day(ana, 2)
    assert (subjects(ana), ana.heard("CancellationRequested")) == ([LATER, PLEASE], [])
    assert by(ana) == ["mail", "reminder", "reminder"]
    assert [step["rule"] for step in why(ana, "CustomerNotTold")] == ["the_mail_expired"]
    each_day(ana, 3)
    assert len(ana.heard("CancellationRequested")) == 1


def older_form(ana: Customer) -> None:
    """Let nothing be known of what the notices say of silence, as of those of an older form."""
    store = OrderRepository("Delivery")
    order = store.order("O")
    notices = tuple(each._replace(answer_by=None, accepted_at=None) for each in order.notices)
    older = replace(order, edition=order.edition + 1, notices=notices)
    assert store.keep(older, now=ana.shop.world.clock.now(), due_at=ana.now())
