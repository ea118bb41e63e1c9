"""Once all that was late was cancelled, or came back, nothing is chosen or approved any more, nor kept."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import ONE_OF_THREE, Remedied, choice, eur, rule, voucher

pytestmark = pytest.mark.promise("P6", "P7", "P10")


class Ana(Chooser, Agent):
    """A customer, and people of the shop."""


def ana(shop: Shop, level: dict[str, Any] = ONE_OF_THREE, **more: Any) -> Ana:
    made = Ana(shop)
    made.sets(rule(level), **more)
    made.places(skus=("LAMP", "VASE"))
    made.late(days=3, shipment_id="A")
    return made


def comes_back(made: Remedied, **more: Any) -> None:
    made.tells("delivered", occurred_at=made.now())
    made.tells("returned", occurred_at=made.now(), **more)


def is_cancelled(made: Remedied, **more: Any) -> None:
    made.tells("cancelled", occurred_at=made.now(), **more)


ENDS = pytest.mark.parametrize(
    ("ends", "what"),
    [(is_cancelled, {}), (comes_back, {}), (is_cancelled, {"line_ids": ["1"]}), (comes_back, {"shipment_id": "A"})],
    ids=["the order is cancelled", "the order comes back", "its line is cancelled", "its parcel comes back"],
)


@ENDS
@pytest.mark.parametrize("how", ["as JSON", "on the page"], ids=str)
def test_what_is_chosen_then_is_refused_in_plain_words_and_what_was_kept_is_free(
    shop: Shop, ends: Any, what: dict[str, Any], how: str
) -> None:
    made = ana(shop)
    remedy_id = made.open().grant_id
    ends(made, **what)
    for _ in range(2):
        if how == "on the page":
            status, html = made.presses("choose", f"remedy_id={remedy_id}&kind=voucher")
            assert (status, "What was late was cancelled, or you sent it back" in html) == (409, True)
        else:
            status, problem = made.chooses("voucher", remedy_id=remedy_id)
            assert (status, problem["type"]) == (409, "/problems/order-over")
    assert (made.granted(), made.spent(), made.brought()) == ([("choice", 0)], 0, [])
    assert [event["reason"] for event in made.heard("RemedyLapsed")] == ["cancelled"]
    shown = made.asks("GET /v1/deliveries/O/remedies")[1]
    assert [each["outcome"] for each in shown["granted"]] == ["cancelled"]
    assert [(each["why"], each["amount"]) for each in shown["refused"]] == [("cancelled", eur(800))]


@ENDS
def test_the_page_offers_nothing_any_more_though_nobody_pressed(shop: Shop, ends: Any, what: dict[str, Any]) -> None:
    made = ana(shop)
    ends(made, **what)
    assert [remedy["status"] for remedy in made.own()["remedies"]] == ["cancelled"]
    html = made.own(page=True)
    assert "you may still wait for your order" not in html
    assert ('action="choose"' in html, "What was late was cancelled, or you sent it back" in html) == (False, True)


def test_what_was_kept_for_a_choice_is_free_once_the_order_is_cancelled(shop: Shop) -> None:
    made = ana(shop)
    assert made.spent() == 800
    is_cancelled(made)
    assert (made.spent(), made.why()) == (0, ["cancelled"])


def test_nobody_is_given_by_the_clock_what_came_back(shop: Shop) -> None:
    made = ana(shop, choice(2, voucher(2, 500), {"remedy": ONE_OF_THREE["choice"]["remedies"][0]}, otherwise="voucher"))
    comes_back(made)
    made.time_passes(16)
    assert (made.granted(), made.brought(), made.why()) == ([("choice", 0)], [], ["cancelled"])


def test_another_line_that_is_cancelled_takes_nothing_from_who_still_waits(shop: Shop) -> None:
    made = ana(shop)
    is_cancelled(made, line_ids=["2"])
    assert made.chooses("voucher")[0] == 200
    assert made.granted() == [("voucher", 500)]


@pytest.mark.parametrize("level", [voucher(2, 500), ONE_OF_THREE], ids=["a voucher", "a choice"])
@pytest.mark.parametrize("ends", [is_cancelled, comes_back], ids=["is cancelled", "comes back"])
def test_what_waits_for_approval_is_not_approved_any_more(shop: Shop, level: dict[str, Any], ends: Any) -> None:
    made = ana(shop, level, approval_above=[eur(100)])
    (grant,) = made.of().grants
    ends(made)
    for _ in range(2):
        status, problem = made.decides("approve", remedy_id=grant.grant_id)
        assert (status, problem["type"]) == (409, "/problems/cancelled")
    assert (made.spent(), made.waiting(), made.mailed(), made.heard("RemedyGranted")) == (0, [], [], [])
    assert [(each.outcome, each.told) for each in made.of().grants] == [("cancelled", "nothing")]
    assert made.why() == ["cancelled"]
    assert made.own()["remedies"] == []
