"""What makes it more than the policy's amount waits for a person: its cost is kept, and nobody is told before."""

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent, agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import ONE_OF_THREE, TWO_LEVELS, eur, rule, voucher

pytestmark = pytest.mark.promise("P6", "P10")


@pytest.fixture
def dana(shop: Shop) -> Agent:
    made = agent(shop)
    made.sets(TWO_LEVELS, budget=2_000, approval_above=[eur(1_000)])
    made.places()
    return made


def test_what_is_above_the_amount_waits_and_what_it_costs_is_kept(dana: Agent) -> None:
    dana.late(days=3)
    dana.late(days=6)
    assert dana.granted() == [("voucher", 500), ("voucher", 1_000)]
    assert (len(dana.mailed()), len(dana.heard("RemedyGranted")), dana.spent()) == (1, 1, 1_500)
    assert dana.waiting() == [("O", 1_000)]
    shown = dana.asks("GET /v1/deliveries/O/remedies")[1]["granted"][1]
    assert (shown["approval"], shown["told"], shown["code"]) == ("awaiting_approval", "waiting", None)


def test_what_is_approved_is_told_once_with_a_voucher_that_is_valid_from_then_on(dana: Agent) -> None:
    dana.late(days=6)
    dana.shop.world.clock.advance(days=30)
    for _ in range(2):
        status, answer = dana.decides("approve", remedy_id=dana.of().grants[0].grant_id)
        assert (status, answer["granted"][0]["approval"]) == (200, "approved")
    (code,) = dana.brought()
    kept = dana.voucher(code)
    assert kept is not None
    assert (kept.amount, kept.expires_at[:4], dana.waiting(), dana.spent()) == (1_500, "2027", [], 0)
    assert len(dana.heard("RemedyGranted")) == 1
    assert dana.decides("deny", remedy_id=dana.of().grants[0].grant_id)[0] == 409
    assert dana.redeems(code)[0] == 200


def test_what_is_denied_frees_what_was_kept_and_is_not_granted_for_the_same_delay_again(dana: Agent) -> None:
    dana.late(days=6)
    told = dana.heard("DelayDetected")[-1]
    assert dana.decides("deny")[1]["granted"][0]["outcome"] == "denied"
    dana.hears("DelayDetected", **{**told, "id": "again", "days_late": 7, "edition": 99})
    assert (dana.granted(), dana.spent(), dana.waiting(), dana.mailed()) == ([("voucher", 0)], 0, [], [])
    assert dana.heard("RemedyGranted") == []


def test_a_person_who_gives_more_waits_too(dana: Agent) -> None:
    status, answer = dana.gives(remedy={"kind": "voucher", "amount": eur(1_100)})
    assert (status, answer["approval"], dana.waiting()) == (201, "awaiting_approval", [("O", 1_100)])
    dana.decides("approve")
    assert (len(dana.brought()), dana.spent()) == (1, 1_100)


def test_there_is_nothing_to_decide_of_what_is_unknown_or_needs_no_approval(dana: Agent) -> None:
    assert dana.decides("approve", remedy_id="none")[0] == 404
    dana.late(days=3)
    assert dana.decides("approve", remedy_id=dana.of().grants[0].grant_id)[0] == 409


def test_what_waits_is_listed_page_by_page(dana: Agent) -> None:
    dana.sets(TWO_LEVELS, approval_above=[eur(10)])
    for number in range(60):
        dana.places(f"O-{number}", email=f"ana-{number}@example.org")
        dana.gives(f"O-{number}", remedy={"kind": "voucher", "amount": eur(11 + number)})
    assert dana.waiting() == [(f"O-{number}", 11 + number) for number in range(60)]


def test_a_choice_that_waits_cannot_be_made_and_its_time_begins_once_it_is_approved(shop: Shop) -> None:
    ana = Chooser(shop)
    ana.sets(rule(ONE_OF_THREE), approval_above=[eur(1)])
    ana.places()
    ana.late(days=3)
    (waits,) = ana.of().grants
    assert ana.own()["remedies"] == []
    assert ana.chooses("voucher", remedy_id=waits.grant_id)[0] >= 400
    ana.time_passes(60)
    assert ana.of().grants == (waits,)
    status, _ = shop.world.request(
        "compensation_api",
        "POST",
        "/v1/deliveries/O/remedies/approve",
        scopes="ops",
        body={"remedy_id": waits.grant_id},
    )
    assert status == 200
    assert ana.open().choose_by == ana.day(14)
    assert ana.chooses("voucher", remedy_id=waits.grant_id)[0] == 200


def test_a_longer_delay_replaces_a_choice_that_waits_for_approval(shop: Shop) -> None:
    """What is chosen in the end is what the longest delay gives, and not that beside less than was kept before."""
    dana = agent(shop)
    dana.sets(rule(ONE_OF_THREE, voucher(5, 1_500)), approval_above=[eur(600)])
    dana.places()
    dana.late(days=3)
    (first,) = dana.of().grants
    dana.late(days=6)
    assert (dana.granted(), dana.spent()) == ([("choice", 0), ("voucher", 1_500)], 1_500)
    assert dana.waiting() == [("O", 1_500)]
    assert dana.decides("approve", remedy_id=first.grant_id)[0] == 409
    dana.decides("approve")
    assert (len(dana.brought()), dana.heard("RemedyLapsed")) == (1, [])


def test_what_a_person_says_it_is_worth_in_all_takes_the_place_of_what_waits_for_the_same(shop: Shop) -> None:
    """Otherwise it would come to less once somebody denies what waited."""
    dana = agent(shop)
    dana.sets(TWO_LEVELS, approval_above=[eur(100)])
    dana.places()
    dana.late(days=3)
    first = dana.of().grants[0].grant_id
    assert dana.gives()[0] == 201
    assert (dana.waiting(), dana.spent()) == ([("O", 700)], 700)
    assert dana.decides("deny", remedy_id=first)[0] == 409
    assert dana.decides("approve")[0] == 200
    assert (dana.granted(), len(dana.brought()), dana.spent()) == ([("voucher", 0), ("voucher", 700)], 1, 700)
    assert dana.heard("RemedyLapsed") == []


def test_it_rings_as_long_as_something_waits_for_more_than_three_days(
    dana: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    def looks(**passed: float) -> bool:
        dana.shop.world.wait(**passed)
        dana.shop.world.send("CompensationRecords", {"sweep": "due"})
        dana.shop.world.settle()
        return '"ApprovalsWaiting":' in capsys.readouterr().out

    dana.late(days=6)
    assert [looks(days=2), looks(days=2), looks(hours=1)] == [False, True, True]
    dana.decides("approve")
    assert not looks(hours=1)
