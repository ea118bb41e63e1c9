"""What is not true any more when its mail could go is not mailed, nor is anybody who was erased."""

import pytest
from standby.platform.address import address_key

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent, agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import Remedied, choice, remedied, rule, shipping, voucher
from tests.wiring import hearing

pytestmark = pytest.mark.promise("P3", "P8")


def erased(made: Remedied) -> None:
    """Let the customer be erased, a minute before anything else."""
    said = {"version": 1, "id": "e", "at": made.now(), "address": address_key("ana@example.org")}
    for queue in hearing("CustomerErased", said):
        made.shop.world.send(queue, {"source": "standby", "detail-type": "CustomerErased", "detail": said})
    made.shop.world.wait(minutes=1)


@pytest.mark.parametrize("skus", [("LAMP",), ("LAMP", "DESK")], ids=["one shipment", "several"])
def test_who_was_erased_is_not_mailed_a_remedy_for_an_order_of_before(shop: Shop, skus: tuple[str, ...]) -> None:
    made = remedied(shop)
    made.places(skus=skus)
    shop.world.wait(minutes=1)
    erased(made)
    made.late(days=3)
    shop.world.wait(minutes=6)
    assert [mail.subject for mail in shop.world.mails] == []


def test_an_order_of_before_that_is_told_again_after_the_erasure_is_one_of_before(shop: Shop) -> None:
    made = remedied(shop)
    made.places()
    shop.world.wait(minutes=1)
    erased(made)
    made.places(order_number="1001")
    made.late(days=3)
    assert [mail.subject for mail in shop.world.mails] == []


def test_who_orders_again_after_the_erasure_is_mailed_a_remedy_for_that_order(shop: Shop) -> None:
    made = remedied(shop)
    erased(made)
    made.places()
    made.late(days=3)
    assert len(made.brought()) == 1


@pytest.fixture
def gathering(shop: Shop) -> Agent:
    """Return a shop that gathers what it gives for three shipments of an order."""
    made = agent(shop)
    made.places(skus=("LAMP", "DESK", "SHADE"))
    made.late(days=3)
    assert {grant.told for grant in made.of().grants} == {"gathered"}
    return made


def codes(made: Agent) -> list[str]:
    """Return the codes of what was granted."""
    return [grant["code"] for grant in made.asks("GET /v1/deliveries/O/remedies", scopes="ops")[1]["granted"]]


def test_vouchers_that_were_taken_back_before_the_mail_are_not_in_it(gathering: Agent) -> None:
    first, *_ = codes(gathering)
    assert gathering.revokes(first)[0] == 200
    gathering.shop.world.wait(minutes=6)
    ((_, text),) = gathering.read()
    assert "Vouchers worth €10.00 in all" in text
    assert [grant.told for grant in gathering.of().grants] == ["nothing", "mail", "mail"]


def test_where_every_voucher_was_taken_back_nothing_is_mailed(gathering: Agent) -> None:
    for code in codes(gathering):
        assert gathering.revokes(code)[0] == 200
    gathering.shop.world.wait(minutes=6)
    assert gathering.read() == []


def test_an_order_that_was_cancelled_meanwhile_is_not_told_that_one_may_still_wait_for_it(gathering: Agent) -> None:
    gathering.tells("cancelled", occurred_at=gathering.now())
    gathering.shop.world.wait(minutes=6)
    assert (gathering.read(), {grant.told for grant in gathering.of().grants}) == ([], {"nothing"})


def test_a_choice_that_is_over_is_not_mailed_any_more(shop: Shop) -> None:
    made = Chooser(shop)
    made.sets(rule(choice(2, voucher(2, 500), shipping(2, 600), days=1)))
    made.places()
    shop.world.held = frozenset({"MailBulk"})
    made.late(days=3)
    for _ in range(3):
        made.time_passes(1)
    assert made.of().grants[0].outcome == "lapsed"
    shop.world.held = frozenset()
    shop.world.settle()
    assert made.read() == []
