"""Several late shipments of one order bring one mail with all that is given for them, and its page has every code."""

from collections.abc import Sequence
from typing import Any

import pytest
from standby.compensation.gathering_model import MAIL

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import (
    FEE,
    ONE_OF_THREE,
    TWO_LEVELS,
    Remedied,
    eur,
    percent,
    remedied,
    rule,
    shipping,
    voucher,
)

pytestmark = pytest.mark.promise("P2", "P3", "P6")


def skus(count: int) -> tuple[str, ...]:
    return tuple(f"SKU-{number}" for number in range(count))


def several(shop: Shop, count: int = 3, **more: Any) -> Chooser:
    """Return a shop with an order of some shipments of which each has a line of 40.00 EUR."""
    remedied(shop)
    made = Chooser(shop)
    made.places(skus=skus(count), **more)
    return made


def texts(made: Remedied) -> Sequence[str]:
    return [text for _, text in made.read()]


def minutes_pass(made: Remedied, minutes: int = 5) -> None:
    made.shop.world.wait(minutes=minutes)


def test_three_shipments_late_by_one_word_bring_one_mail_with_all_of_it(shop: Shop) -> None:
    made = several(shop)
    made.late(days=3)
    assert made.granted() == [("voucher", 500)] * 3
    assert {grant.told for grant in made.of().grants} == {"gathered"}
    assert texts(made) == []
    minutes_pass(made)
    (text,) = texts(made)
    assert "Vouchers worth €15.00 in all, for other orders" in text
    assert {grant.told for grant in made.of().grants} == {"mail"}
    minutes_pass(made, 120)
    assert len(texts(made)) == 1
    shown = made.own(token=made.link("ana@example.org"))["remedies"]
    codes = [remedy["code"] for remedy in shown]
    assert (len(set(codes)), {found.amount for code in codes if (found := made.voucher(code))}) == (3, {500})


def test_words_about_each_shipment_within_minutes_bring_one_mail(shop: Shop) -> None:
    made = several(shop)
    for shipment_id in "ABC":
        made.late(days=3, shipment_id=shipment_id)
        shop.world.clock.advance(seconds=60)
    minutes_pass(made)
    assert len(texts(made)) == 1
    assert made.granted() == [("voucher", 500)] * 3


def test_what_is_granted_after_a_mail_comes_by_the_next(shop: Shop) -> None:
    made = several(shop)
    made.late(days=3, shipment_id="A")
    made.late(days=3, shipment_id="B")
    minutes_pass(made)
    made.late(days=3, shipment_id="C")
    minutes_pass(made)
    first, second = texts(made)
    assert "€10.00 in all" in first
    assert "€5.00 off another order" in second
    assert len(made.brought()) == 1, "the single one brings its code"


def test_an_order_in_one_shipment_is_mailed_at_once(shop: Shop) -> None:
    made = several(shop, 1)
    made.late(days=3)
    assert len(made.brought()) == 1


def test_shipments_that_were_cancelled_do_not_keep_anybody_waiting(shop: Shop) -> None:
    made = several(shop, 2)
    made.tells("cancelled", shipment_id="B")
    made.late(days=3, shipment_id="A")
    assert len(made.brought()) == 1


def test_a_longer_delay_before_the_mail_adds_the_difference_and_one_mail_has_both(shop: Shop) -> None:
    made = several(shop, 2)
    made.late(days=3)
    made.late(days=6)
    minutes_pass(made)
    (text,) = texts(made)
    assert "€30.00 in all" in text
    assert made.granted() == [("voucher", 500)] * 2 + [("voucher", 1_000)] * 2


def test_choices_are_mailed_together_and_a_choice_that_was_made_meanwhile_is_not_among_them(shop: Shop) -> None:
    made = several(shop)
    made.sets(rule(ONE_OF_THREE))
    made.late(days=3)
    first, *others = made.of().grants
    token = made.link("ana@example.org")
    assert made.chooses("voucher", remedy_id=first.grant_id, token=token)[0] == 200
    assert len(made.brought()) == 1, "who chose has the code at once"
    minutes_pass(made)
    assert "One of several remedies, which you choose" in texts(made)[-1]
    assert [grant.told for grant in made.of().grants] == ["mail"] * 3
    assert [grant.open for grant in others] == [True, True]
    made.time_passes(15)
    minutes_pass(made)
    assert len(texts(made)) == 2, "nothing came of the others, so nobody is told"


def test_choices_that_end_together_bring_one_mail(shop: Shop) -> None:
    made = several(shop)
    made.sets(rule({**ONE_OF_THREE, "choice": {**ONE_OF_THREE["choice"], "otherwise": "voucher"}}))
    made.late(days=3)
    minutes_pass(made)
    made.time_passes(15)
    minutes_pass(made)
    first, second = texts(made)
    assert "One of several remedies" in first
    assert "Vouchers worth €15.00 in all" in second


def test_every_kind_of_remedy_stands_in_the_mail_as_what_all_of_it_comes_to(shop: Shop) -> None:
    made = several(shop, 4)
    given = {"A": voucher(2, 500), "B": percent(2, 10, 800), "C": shipping(2, 600), "D": {**FEE, "days_late": 2}}
    for shipment_id, level in given.items():
        made.sets(rule(level))
        made.late(days=3, shipment_id=shipment_id)
    minutes_pass(made)
    (text,) = texts(made)
    for said in ("€5.00 in all", "at most €8.00 in all", "of up to €6.00 in all", "€4.90 of what you paid"):
        assert said in text, text


def test_a_hebrew_reader_reads_hebrew(shop: Shop) -> None:
    made = several(shop, customer={"locale": "he"})
    made.late(days=3)
    minutes_pass(made)
    (text,) = texts(made)
    assert "שוברים בשווי" in text


def test_what_a_person_gives_does_not_wait(shop: Shop) -> None:
    made = Agent(shop)
    made.sets(TWO_LEVELS)
    made.places(skus=skus(2))
    assert made.gives(shipment_id="A")[0] == 201
    assert len(made.brought()) == 1


def test_a_mail_whose_message_was_lost_goes_with_the_hourly_look(shop: Shop) -> None:
    made = several(shop)
    made.late(days=3)
    shop.world.queues["CompensationRecords"].clear()
    shop.world.clock.advance(minutes=5)
    shop.world.send("CompensationRecords", {"sweep": "due"})
    shop.world.settle()
    assert len(texts(made)) == 1


def test_the_hourly_look_mails_nothing_before_its_time(shop: Shop) -> None:
    made = several(shop)
    made.late(days=3)
    shop.world.send("CompensationRecords", {"sweep": "due"})
    shop.world.settle()
    assert texts(made) == []


def test_the_same_message_again_mails_nothing_again(shop: Shop) -> None:
    made = several(shop)
    made.late(days=3)
    for _ in range(3):
        shop.world.send("CompensationRecords", {MAIL: "O"})
        shop.world.settle()
    minutes_pass(made)
    assert len(texts(made)) == 1


@pytest.mark.promise("P8")
def test_where_vouchers_are_advertising_nothing_is_gathered(shop: Shop) -> None:
    made = several(shop, ship_to={"country": "IL"})
    made.late(days=3)
    assert {grant.told for grant in made.of().grants} == {"advertising"}
    minutes_pass(made)
    assert texts(made) == []


@pytest.mark.promise("P10")
def test_sixty_late_shipments_are_one_mail_within_caps_that_are_exact(shop: Shop) -> None:
    made = several(shop, 60)
    made.sets(TWO_LEVELS, per_order=[eur(7_300)])
    made.late(days=3)
    minutes_pass(made)
    assert made.granted() == [("voucher", 500)] * 14 + [("voucher", 300)]
    assert (made.spent(), made.why()) == (7_300, ["cap"] * 46)
    assert len(texts(made)) == 1
    own = made.own(token=made.link("ana@example.org"))["remedies"]
    assert len({remedy["code"] for remedy in own}) == 15
    assert len([subject for _, subject in made.told() if subject.startswith("Later")]) == 1
