"""Whoever called says what came of it, whatever the call was about; the story of the order shows it."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.test_wished_calls import Ana, wishes
from tests.world import World

pytestmark = pytest.mark.promise("P10", "P11")
REACHED = {"reason": "remedy", "outcome": "reached", "note": "waits, and wants no voucher"}


@pytest.fixture
def ana(world: World) -> Ana:
    made = Ana(Shop(world))
    made.places(skus=("LAMP", "CUP"))
    made.late(days=3)
    wishes(made)
    return made


def records(ana: Ana, body: dict[str, Any], order_id: str = "O") -> tuple[int, Any]:
    path = f"/v1/deliveries/{order_id}/calls"
    status, answer = ana.shop.world.request("delivery_api", "POST", path, body=body, scopes="ops")
    ana.shop.world.clock.advance(seconds=1)
    return status, answer


def calls(ana: Ana, scopes: str = "ops") -> Any:
    return ana.shop.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes=scopes)[1]["calls"]


def test_what_came_of_a_call_that_the_policy_wants_is_shown(ana: Ana) -> None:
    assert [call["outcome"] for call in calls(ana)] == [None]
    status, answer = records(ana, REACHED)
    assert (status, answer["calls"]) == (200, calls(ana))
    (call,) = calls(ana)
    said = {name: call["outcome"][name] for name in ("outcome", "note")}
    assert said == {"outcome": "reached", "note": REACHED["note"]}
    assert call["outcome"]["by"]


def test_the_same_again_changes_nothing_and_the_newest_word_counts(ana: Ana) -> None:
    first = records(ana, REACHED)[1]["calls"]
    assert records(ana, REACHED)[1]["calls"] == first
    (call,) = records(ana, {"reason": "remedy", "outcome": "not_reached"})[1]["calls"]
    assert (call["outcome"]["outcome"], call["outcome"]["note"]) == ("not_reached", None)


def test_the_storefront_sees_neither_the_note_nor_who_called(ana: Ana) -> None:
    records(ana, REACHED)
    (call,) = calls(ana, "storefront")
    assert (call["outcome"]["outcome"], call["outcome"]["note"], call["outcome"]["by"]) == ("reached", None, None)


def test_of_several_calls_the_newest_is_meant_or_the_one_that_is_named(ana: Ana) -> None:
    ana.days_pass(1)
    wishes(ana, level=9)
    first, second = calls(ana)
    records(ana, {"reason": "remedy", "outcome": "not_reached", "opened_at": first["at"]})
    records(ana, REACHED)
    assert [call["outcome"]["outcome"] for call in calls(ana)] == ["not_reached", "reached"]
    assert first["at"] != second["at"]


def test_a_call_about_a_parcel_that_comes_back_has_an_outcome_too(ana: Ana) -> None:
    for name in "AB":
        ana.tells("tracked", shipment_id=name, state="failed", occurred_at=ana.now())
    ana.looks()
    records(ana, {"reason": "failed", "outcome": "wrong_number"})
    outcomes = [(call["reason"], call["outcome"] and call["outcome"]["outcome"]) for call in calls(ana)]
    assert outcomes[0] == ("remedy", None)
    assert ("failed", "wrong_number") in outcomes


@pytest.mark.parametrize(
    ("body", "order_id", "status"),
    [
        ({"reason": "returning", "outcome": "reached"}, "O", 404),
        ({"reason": "remedy", "outcome": "reached", "opened_at": "2026-01-01T00:00:00Z"}, "O", 404),
        ({"reason": "remedy", "outcome": "reached", "opened_at": "2026-02-30T00:00:00Z"}, "O", 400),
        ({"reason": "remedy", "outcome": "reached", "opened_at": "0001-01-01T00:00:00+14:00"}, "O", 400),
        (REACHED, "unknown", 404),
        ({"reason": "remedy", "outcome": "happy"}, "O", 400),
        ({"reason": "remedy"}, "O", 400),
        ({**REACHED, "misspelt": "x"}, "O", 400),
    ],
    ids=[
        "no such call",
        "no such instant",
        "no day",
        "before all days",
        "unknown order",
        "unknown word",
        "no outcome",
        "misspelt",
    ],
)
def test_what_names_no_call_is_refused(ana: Ana, body: dict[str, Any], order_id: str, status: int) -> None:
    assert records(ana, body, order_id)[0] == status
    assert [call["outcome"] for call in calls(ana)] == [None]
