"""What `make campaign-plan` says follows from DynamoDB's limits and from what a reservation was measured to take."""

import json
from pathlib import Path

import pytest

from infra.operations.campaign_plan import (
    INDEX_WRITES,
    NEW_TABLE_WRITES,
    READ_USD,
    RESERVATION_WRITES,
    WRITE_USD,
    Plan,
    main,
)
from tests.benchmarks.badges import CREDENTIALS
from tests.benchmarks.claiming import write_units
from tests.benchmarks.reserving import ONE_OF_INDEX, reserving

ROOT = Path(__file__).parents[2]


def test_a_launch_of_100_000_in_a_minute() -> None:
    plan = Plan(per_second=1_667, units=5_000)

    assert (plan.reserved_per_second, plan.shards, plan.sold_out_after) == (500, 25, 10.0)
    assert (plan.writes_per_second, plan.warm[0]) == (NEW_TABLE_WRITES, 0)
    assert sum(plan.usd.values()) < 1.0


def test_several_skus_need_warm_throughput() -> None:
    plan = Plan(per_second=2_000, units=20_000, skus=4)

    assert (plan.reserved_per_second, plan.writes_per_second) == (2_000, 16_000)
    assert plan.warm == (12_000, 0)
    assert plan.usd["warm throughput"] == pytest.approx(7.8)


def test_an_ordinary_campaign_needs_nothing() -> None:
    plan = Plan(per_second=5, units=100)

    assert (plan.shards, plan.warm) == (1, (0, 0))
    assert any("no warm throughput" in line for line in plan.lines())


def test_it_counts_what_a_reservation_was_measured_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    reserve, made = reserving()
    reserve()

    assert write_units(made[1]["TransactItems"]) == RESERVATION_WRITES
    assert INDEX_WRITES == ONE_OF_INDEX


def test_its_prices_are_those_of_the_benchmarks() -> None:
    usd = json.loads((ROOT / "tests" / "benchmarks" / "prices.json").read_text("utf-8"))["usd"]

    assert {READ_USD, WRITE_USD} == {usd[f"dynamodb_per_million_{what}_units"] / 1e6 for what in ("read", "write")}


def test_it_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--per-second", "1667", "--units", "5000"]) == 0

    said = capsys.readouterr().out
    assert "100,020 customers in 60 s want 5,000 units" in said
    assert "expected_per_second 500, shards 25" in said
