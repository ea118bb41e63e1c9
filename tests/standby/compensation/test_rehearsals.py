"""A policy is rehearsed over the shop's own records before it costs anything (feature B11)."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.rehearser import Rehearser, cost, undecided, why
from tests.standby.compensation.remedied import TWO_LEVELS, document, eur, percent, rule, voucher

pytestmark = pytest.mark.promise("P6", "P10")


def late_orders(made: Rehearser, *days: int, **more: Any) -> None:
    for number, each in enumerate(days):
        made.places(f"R-{number}", email=f"ana-{number}@example.org", **more)
        made.late(f"R-{number}", days=each)


def test_the_first_policy_is_rehearsed_on_delays_that_came_before_it(shop: Shop) -> None:
    made = Rehearser(shop)
    late_orders(made, 1, 3, 7)
    made.places("IN-TIME", email="bo@example.org")
    assert made.of("R-1").edition == 0, "without a policy nothing is written"

    shown = made.rehearses(TWO_LEVELS)

    assert cost(shown) == {"EUR": 2_000}
    assert (shown["orders"], shown["late_orders"], shown["late_shipments"]) == (4, 3, 3)
    assert (shown["policy"]["orders"], why(shown)) == (2, {"level_not_reached": 1})
    assert (shown["current"], shown["current_version"]) == (None, None)
    assert undecided(shown) == {"as_it_is_now": 3}


def test_the_policy_in_force_comes_to_what_it_granted_and_another_stands_beside_it(shop: Shop) -> None:
    made = Rehearser(shop)
    made.sets(TWO_LEVELS, budget=2_400)
    late_orders(made, 3, 7, 3, 3)
    made.late("R-0", days=6)
    granted = [amount for number in range(4) for _, amount in made.granted(f"R-{number}")]
    assert sum(granted) == made.spent() == 2_000, "two more would be beyond the budget"

    shown = made.rehearses(rule(percent(2, 10, 800)), budget=1_000_000)

    assert cost(shown, "current") == {"EUR": made.spent()}
    assert shown["current"]["cost"][0]["remedies"] == len(granted)
    assert cost(shown) == {"EUR": 4 * 800}, "a percentage counts by its cap"
    assert shown["undecided"] == []


def test_what_an_order_was_like_when_it_was_late_counts_whatever_became_of_it(shop: Shop) -> None:
    made = Rehearser(shop)
    made.sets(TWO_LEVELS)
    late_orders(made, 3, 3)
    made.tells("returned", "R-0", occurred_at=made.now())
    shown = made.rehearses(rule(voucher(1, 300)))
    assert (cost(shown), cost(shown, "current")) == ({"EUR": 600}, {"EUR": 1_000})


def test_a_rehearsal_grants_nothing_and_tells_nobody(shop: Shop) -> None:
    made = Rehearser(shop)
    late_orders(made, 3)
    before = len(shop.world.events), len(shop.world.mails)
    made.rehearses(TWO_LEVELS)
    assert (len(shop.world.events), len(shop.world.mails)) == before
    assert (made.spent(), made.of("R-0").edition) == (0, 0)


def test_pages_carry_on_where_the_one_before_ended(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Rehearser(shop)
    made.sets(TWO_LEVELS, budget=2_600, per_customer_month=[eur(1_200)])
    for number in range(6):
        made.places(f"R-{number}", email=f"ana-{number % 2}@example.org")
    for number, days in ((0, 3), (1, 3), (2, 3), (3, 7), (0, 7), (4, 3), (5, 7)):
        made.late(f"R-{number}", days=days)
    whole = made.rehearses(TWO_LEVELS, budget=2_600, per_customer_month=[eur(1_200)])
    monkeypatch.setattr("standby.compensation.rehearsals.GATHERED", 2)
    monkeypatch.setattr("standby.compensation.rehearsals.DECIDED", 1)
    small = made.rehearses(TWO_LEVELS, budget=2_600, per_customer_month=[eur(1_200)])
    assert cost(small, "current") == {"EUR": made.spent()}
    assert small["policy"] == small["current"] == whole["policy"] == whole["current"]


def test_a_page_that_comes_twice_counts_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.compensation.rehearsals.DECIDED", 1)
    made = Rehearser(shop)
    late_orders(made, 3, 3, 7)
    _, begun = made.begins(TWO_LEVELS)
    for page in (0, 0, 1, 1, 0, 2):
        shop.world.send("CompensationRecords", {"rehearsal": begun["id"], "page": page})
    shop.world.settle()
    shown = made.rehearsed(begun["id"])
    assert (shown["status"], shown["orders"], cost(shown)) == ("finished", 3, {"EUR": 2_500})


def test_only_orders_of_the_period_count(shop: Shop) -> None:
    made = Rehearser(shop)
    made.sets(TWO_LEVELS)
    late_orders(made, 3)
    shop.world.clock.advance(days=40)
    made.places("NEW", email="bo@example.org")
    made.late("NEW", days=7)
    shown = made.rehearses(TWO_LEVELS, since=made.day(-5))
    assert (shown["late_orders"], cost(shown)) == (1, {"EUR": 1_500})


def test_the_policy_names_the_rehearsal_of_the_same_document(shop: Shop) -> None:
    made = Rehearser(shop)
    late_orders(made, 3)
    made.sets(rule(voucher(1, 100)))
    assert made.policy_shown()["rehearsal"] is None
    shown = made.rehearses(TWO_LEVELS)
    said = document(TWO_LEVELS)
    status, answer = made.asks("PUT /v1/policy", scopes="ops", body={**said, "grace_hours": 0})
    assert status == 200
    named = {"id": shown["id"], "late_orders": 1, "orders": 1, "cost": [eur(500)]}
    assert {name: answer["rehearsal"][name] for name in named} == named
    assert [(each["version"], each["changed"], each["rehearsal"]) for each in answer["versions"]] == [
        (2, ["grace_hours", "rules"], answer["rehearsal"]),
        (1, ["monthly_budget", "rules"], None),
    ]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"policy": {"rules": []}}, "policy.monthly_budget"),
        ({"policy": document(rule(voucher(1, 1), voucher(1, 2)))}, "policy.rules.0.levels"),
        ({"policy": document(), "since": "2026-02-30"}, "since, until"),
        ({"policy": document(), "since": "2026-03-02", "until": "2026-03-01"}, "until: is before since"),
    ],
    ids=["no budget", "two levels of one day", "no day", "backwards"],
)
def test_what_put_would_refuse_is_not_rehearsed_either(shop: Shop, body: Any, wrong: str) -> None:
    status, answer = Rehearser(shop).asks("POST /v1/policy/rehearse", scopes="ops", body=body)
    assert (status, answer["type"]) == (400, "/problems/malformed")
    assert wrong in answer["detail"]


def test_one_rehearsal_runs_at_once_and_fifty_begin_on_a_day(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.compensation.rehearsals.MOST_A_DAY", 2)
    made = Rehearser(shop)
    late_orders(made, 3)
    _, first = made.begins(TWO_LEVELS)
    assert made.begins(TWO_LEVELS)[1]["id"] == first["id"], "the same again is the same"
    status, answer = made.begins(rule(voucher(1, 1)))
    assert (status, answer["type"], answer["rehearsal"]) == (409, "/problems/rehearsal-running", first["id"])
    shop.world.settle()
    made.rehearses(rule(voucher(1, 1)))
    assert made.begins(TWO_LEVELS)[0] == 429
    shop.world.clock.advance(days=1)
    assert made.begins(TWO_LEVELS)[0] == 202


def test_one_that_does_not_go_on_has_failed_and_another_may_begin(shop: Shop) -> None:
    made = Rehearser(shop)
    shop.world.held = frozenset({"CompensationRecords"})
    _, first = made.begins(TWO_LEVELS)
    shop.world.clock.advance(hours=2)
    assert made.rehearsed(first["id"])["status"] == "failed"
    assert made.begins(rule(voucher(1, 1)))[0] == 202


def test_there_is_no_rehearsal_that_never_began(shop: Shop) -> None:
    status, answer = Rehearser(shop).asks("GET /v1/policy/rehearsals/none", scopes="ops")
    assert (status, answer["type"]) == (404, "/problems/unknown-rehearsal")


def test_a_page_of_no_rehearsal_is_set_aside(shop: Shop) -> None:
    shop.world.send("CompensationRecords", {"rehearsal": "none", "page": 0})
    shop.world.settle()
    assert len(shop.world.bodies("CompensationDeadLetters")) == 1


@pytest.mark.parametrize("days", [{"since": "0001-01-01"}, {"until": "9999-12-31"}], ids=["first", "last"])
def test_the_first_and_the_last_day_of_the_calendar_are_days_as_others(shop: Shop, days: dict[str, str]) -> None:
    made = Rehearser(shop)
    late_orders(made, 3)
    status, begun = made.asks("POST /v1/policy/rehearse", scopes="ops", body={"policy": document(TWO_LEVELS), **days})
    assert status == 202
    shop.world.settle()
    assert made.rehearsed(begun["id"])["late_orders"] == 1


LARGE = [rule(voucher(1, 5), name=f"r{n}", categories=[f"{n}-{m}-" + "é" * 150 for m in range(100)]) for n in range(50)]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (document(*LARGE), "300,000 bytes"),
        (
            document(TWO_LEVELS, markets=[{"country": "DE", "voucher_valid_days": days} for days in (10, 900)]),
            "markets: a country stands there twice",
        ),
        (
            document(TWO_LEVELS, rule(voucher(2, 500), name="none", value_at_least=eur(100), value_below=eur(100))),
            "rules.1.when: no order is worth value_at_least and yet less than value_below",
        ),
        (
            document(rule(voucher(2, 500), value_below=eur(0))),
            "rules.0.when: no order is worth value_at_least and yet less than value_below",
        ),
    ],
    ids=["too large", "a country twice", "no such value", "below nothing"],
)
def test_a_policy_that_no_schema_refuses_is_refused_by_both_doors(shop: Shop, said: Any, wrong: str) -> None:
    made = Rehearser(shop)
    answers = [
        made.asks("PUT /v1/policy", scopes="ops", body=said),
        made.asks("POST /v1/policy/rehearse", scopes="ops", body={"policy": said}),
    ]
    assert [status for status, _ in answers] == [400, 400]
    assert all(wrong in answer["detail"] for _, answer in answers)
