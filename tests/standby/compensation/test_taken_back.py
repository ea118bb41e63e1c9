"""A code that the shop takes back while its mail waits in Mail's queue is mailed to nobody; what stands still is."""

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent, agent
from tests.wiring import hearing

pytestmark = pytest.mark.promise("P2", "P3", "P8")
WAITS = frozenset({"MailBulk"})


@pytest.fixture
def made(shop: Shop) -> Agent:
    """Return a shop whose mails wait in their queue."""
    found = agent(shop)
    shop.world.held = WAITS
    return found


def mails_go(made: Agent) -> list[str]:
    """Let the mails go that wait; return what they say."""
    made.shop.world.held = frozenset()
    made.shop.world.settle()
    made.shop.world.wait(minutes=6)
    return [text for _, text in made.read()]


def codes(made: Agent) -> list[str]:
    """Return the codes of what was granted."""
    return [each["code"] for each in made.asks("GET /v1/deliveries/O/remedies", scopes="ops")[1]["granted"]]


def test_the_one_code_of_a_mail_that_waits_is_not_mailed(made: Agent) -> None:
    made.places()
    made.late(days=3)
    made.shop.world.wait(minutes=1)
    assert made.revokes(codes(made)[0])[0] == 200
    made.shop.world.settle()
    assert mails_go(made) == []


def test_it_is_not_mailed_either_where_it_was_taken_back_before_its_mail_was_written(made: Agent) -> None:
    made.places()
    made.late(days=3)
    made.shop.world.wait(minutes=1)
    waiting = list(made.shop.world.queues["MailBulk"])
    made.shop.world.queues["MailBulk"].clear()
    assert made.revokes(codes(made)[0])[0] == 200
    made.shop.world.settle()
    made.shop.world.queues["MailBulk"].extend(waiting)
    assert mails_go(made) == []


@pytest.fixture
def three(made: Agent) -> Agent:
    """Return a shop of which one mail about three shipments waits."""
    made.places(skus=("LAMP", "DESK", "SHADE"))
    made.late(days=3)
    made.shop.world.wait(minutes=6)
    assert {grant.told for grant in made.of().grants} == {"mail"}
    return made


@pytest.mark.parametrize("place", [0, 1, 2], ids=["the first", "the second", "the third"])
def test_one_of_three_that_is_taken_back_leaves_a_mail_about_the_other_two(three: Agent, place: int) -> None:
    assert three.revokes(codes(three)[place])[0] == 200
    three.shop.world.settle()
    (text,) = mails_go(three)
    assert "Vouchers worth €10.00 in all" in text
    told = ["mail", "mail", "mail"]
    told[place] = "nothing"
    assert [grant.told for grant in three.of().grants] == told


def test_two_of_three_leave_a_mail_that_brings_the_third_by_its_code(three: Agent) -> None:
    first, second, third = codes(three)
    for code in (first, third):
        assert three.revokes(code)[0] == 200
    three.shop.world.settle()
    (text,) = mails_go(three)
    assert (second in text, first in text, third in text) == (True, False, False)


def test_one_after_the_other_leaves_no_mail_of_a_moment_between(three: Agent) -> None:
    first, second, third = codes(three)
    assert three.revokes(first)[0] == 200
    three.shop.world.held = frozenset()
    three.shop.world.deliver("MailBulk", most=1)
    three.shop.world.held = WAITS
    three.shop.world.settle()
    assert three.revokes(second)[0] == 200
    three.shop.world.settle()
    (text,) = mails_go(three)
    assert (third in text, first in text, second in text) == (True, False, False)


def test_all_of_three_leave_no_mail(three: Agent) -> None:
    for code in codes(three):
        assert three.revokes(code)[0] == 200
    three.shop.world.settle()
    assert mails_go(three) == []
    assert {grant.told for grant in three.of().grants} == {"nothing"}


def test_what_is_taken_back_once_the_mail_went_is_told_by_no_second_mail(three: Agent) -> None:
    assert len(mails_go(three)) == 1
    assert three.revokes(codes(three)[0])[0] == 200
    assert len(mails_go(three)) == 1


def test_the_same_word_of_mail_again_and_late_writes_no_second_mail(three: Agent) -> None:
    assert three.revokes(codes(three)[0])[0] == 200
    three.shop.world.settle()
    assert len(mails_go(three)) == 1
    (refused,) = three.heard("MailRefused")
    for queue in hearing("MailRefused", refused):
        for _ in range(2):
            three.shop.world.send(queue, {"source": "standby", "detail-type": "MailRefused", "detail": refused})
    assert len(mails_go(three)) == 1


def test_a_mail_that_was_refused_for_another_reason_is_not_written_again(three: Agent) -> None:
    three.shop.world.clock.advance(days=30)
    assert mails_go(three) == []
    assert [each["reason"] for each in three.heard("MailRefused") if each["kind"] == "remedies"] == ["expired"]
    assert {grant.told for grant in three.of().grants} == {"mail"}
