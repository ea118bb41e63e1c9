"""A code of which its customer was never told, because all for which it was given came to nothing, is given no more."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import ONE_OF_THREE, TWO_LEVELS, eur, rule

pytestmark = pytest.mark.promise("P2", "P6", "P7", "P10")


class Ana(Chooser, Agent):
    """A customer, and people of the shop."""


@pytest.fixture
def ana(shop: Shop) -> Ana:
    """Return a customer for whom three codes are gathered, which nobody may take back once they were given."""
    made = Ana(shop)
    for_good = [{**level, "remedy": {**level["remedy"], "revocable": False}} for level in TWO_LEVELS["levels"]]
    made.sets(rule(*for_good), per_customer_month=[eur(1_500)])
    made.places(skus=("LAMP", "DESK", "SHADE"))
    made.late(days=3)
    assert ({grant.told for grant in made.of().grants}, made.spent()) == ({"gathered"}, 1_500)
    return made


def codes(made: Ana) -> list[str]:
    return [each["code"] for each in made.asks("GET /v1/deliveries/O/remedies", scopes="ops")[1]["granted"]]


def is_cancelled(made: Ana, **more: Any) -> None:
    made.tells("cancelled", occurred_at=made.now(), **more)


def comes_back(made: Ana, **more: Any) -> None:
    made.tells("delivered", occurred_at=made.now())
    made.tells("returned", occurred_at=made.now(), **more)


ENDS = pytest.mark.parametrize("ends", [is_cancelled, comes_back], ids=["cancelled", "back"])


@ENDS
def test_it_is_taken_back_and_budget_and_cap_are_free_again(ana: Ana, ends: Any) -> None:
    typed = codes(ana)
    ends(ana)
    ana.shop.world.wait(minutes=6)
    assert (ana.read(), ana.spent(), ana.granted()) == ([], 0, [("voucher", 0)] * 3)
    assert [ana.asks(f"GET /v1/vouchers/{code}")[1]["status"] for code in typed] == ["revoked"] * 3
    assert [ana.redeems(code, key=code)[0] for code in typed] == [409] * 3
    assert [each["reason"] for each in ana.heard("RemedyLapsed")] == ["cancelled"] * 3
    assert len(ana.heard("VoucherRevoked")) == 3
    assert {remedy["status"] for remedy in ana.own(token=ana.link("ana@example.org"))["remedies"]} == {"cancelled"}
    ana.places("O-2")
    ana.late("O-2", days=6)
    assert ana.granted("O-2") == [("voucher", 1_500)]


@ENDS
def test_of_one_shipment_it_is_the_code_of_that_one(ana: Ana, ends: Any) -> None:
    ends(ana, shipment_id="B")
    ana.shop.world.wait(minutes=6)
    ((_, text),) = ana.read()
    assert "Vouchers worth €10.00 in all" in text
    assert (ana.spent(), ana.granted()) == (1_000, [("voucher", 500), ("voucher", 0), ("voucher", 500)])
    assert [grant.outcome for grant in ana.of().grants] == [None, "cancelled", None]


def test_a_code_that_an_order_took_from_the_page_meanwhile_stays(ana: Ana) -> None:
    first, *_ = codes(ana)
    assert ana.redeems(first)[0] == 200
    is_cancelled(ana)
    ana.shop.world.wait(minutes=6)
    assert (ana.spent(), ana.granted()) == (500, [("voucher", 500), ("voucher", 0), ("voucher", 0)])
    assert ana.asks(f"GET /v1/vouchers/{first}")[1]["status"] == "redeemed"


def test_a_code_that_was_told_stays(ana: Ana) -> None:
    ana.shop.world.wait(minutes=6)
    is_cancelled(ana)
    ana.shop.world.wait(minutes=6)
    assert (ana.spent(), [ana.asks(f"GET /v1/vouchers/{code}")[1]["status"] for code in codes(ana)]) == (
        1_500,
        ["granted"] * 3,
    )


def test_many_that_are_open_or_were_never_told_end_at_once(shop: Shop) -> None:
    made = Ana(shop)
    made.sets(rule(ONE_OF_THREE))
    made.places(skus=tuple(f"SKU-{number}" for number in range(30)))
    made.late(days=3)
    is_cancelled(made)
    assert (made.spent(), {grant.outcome for grant in made.of().grants}) == (0, {"cancelled"})
    assert shop.world.failures == []
