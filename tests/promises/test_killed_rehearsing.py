"""A rehearsal whatever breaks: it comes to what was granted, counts nothing twice, and grants nothing."""

import pytest

from tests.promises.killing import Scenario, distinct, everything_runs, insists, report
from tests.promises.shop import Shop
from tests.standby.compensation.rehearser import Rehearser, cost
from tests.standby.compensation.remedied import TWO_LEVELS, document, eur
from tests.standby.compensation.till import API
from tests.world import World

pytestmark = pytest.mark.promise("P6", "P10")

LIMITS = {"budget": 2_600, "per_customer_month": [eur(1_200)]}
GRANTED = 2_400


def orders_were_late(shop: Shop) -> None:
    """One customer's cap, and the budget, leave less than the levels give; one order is late twice."""
    made = Rehearser(shop)
    made.sets(TWO_LEVELS, **LIMITS)
    for number in range(5):
        made.places(f"R-{number}", email=f"ana-{number % 2}@example.org")
    for number, days in ((0, 3), (1, 3), (2, 3), (3, 7), (0, 7), (4, 3)):
        made.late(f"R-{number}", days=days)
    assert made.spent() == GRANTED


def the_policy_in_force_is_rehearsed(world: World) -> None:
    asked = {"policy": document(TWO_LEVELS, **LIMITS)}
    status, answer = insists(world, API, "POST", "/v1/policy/rehearse", scopes="ops", body=asked)
    assert status == 202, answer
    everything_runs(world)


def it_comes_to_what_was_granted(world: World, _most: int) -> None:
    made = Rehearser(Shop(world))
    shown = made.rehearsed(made.book.table.item({"pk": "REHEARSALS", "sk": "RUNNING"})["last"])  # type: ignore[index]
    assert shown["status"] == "finished", "promise 2"
    assert cost(shown) == cost(shown, "current") == {"EUR": GRANTED}, "promise 6"
    assert (shown["orders"], shown["late_orders"], shown["late_shipments"]) == (5, 5, 5), "promise 10"
    assert made.spent() == GRANTED, "promise 6"
    assert len(distinct(world, "RemedyGranted")) == len([each for n in range(5) for each in made.granted(f"R-{n}")])


SCENARIOS = (
    Scenario(
        "a policy is rehearsed",
        orders_were_late,
        the_policy_in_force_is_rehearsed,
        it_comes_to_what_was_granted,
        every=5,
        constants={"standby.compensation.rehearsals.GATHERED": 3, "standby.compensation.rehearsals.DECIDED": 2},
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_rehearsal_counts_everything_once_however_it_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    explored = scenario.broken(shop.world)

    ours = {kind[1:] for kind in explored.kinds if kind[0] == "compensation_issuer"}
    assert ours >= {("dynamodb", "Scan"), ("dynamodb", "BatchGetItem"), ("dynamodb", "UpdateItem")}
    report(capsys, scenario.name, explored)
