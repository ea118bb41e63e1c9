"""The bill of an idle month is what a reader would compute, and within its budget."""

import json
from typing import Any

import pytest
from standby.ledger.items import SHARDS
from standby.waitlist.items import CHAINS_DUE, CUSTOMERS_DUE

from infra.operations.templates import BETWEEN, Part, Templates
from tests.benchmarks.idle import (
    BEGINNING,
    BEGINNING_BUDGET_USD,
    BUDGET_USD,
    Tick,
    _metrics,
    beginning,
    idle_costs,
    prices,
    ticked,
)
from tests.infra.once import once
from tests.infra.template import Stacks, synthesize

STORE_OFFERS_OF_THE_DAY = 1.0
"""They are read consistently, every quarter of an hour."""
NEEDLESS = ("secrets", "metrics", "rates of configuration sets", "their metrics", "their traces", "keys")


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    return once(tmp_path_factory, "prod", lambda to: synthesize(to, stage="prod", alarm_email="ops@shop.example"))


def templates(**resources: dict[str, Any]) -> Templates:
    return Templates((Part("Stock", {"Resources": resources}, frozenset()),))


def bill(**resources: dict[str, Any]) -> dict[str, float]:
    """Return what each line costs where a tick reads two units and counts one metric."""
    costs = idle_costs(templates(**resources), prices(), tick=lambda _queue, _message: Tick(2.0, frozenset({"a/B"})))
    return {cost.what: round(cost.usd, 4) for cost in costs if cost.usd}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


QUEUE = resource("SQS::Queue") | {"Metadata": {"aws:cdk:path": "Standby-prod-Stock/Sweeps/Queue/Resource"}}
FUNCTION = resource("Lambda::Function", MemorySize=512, Description="sweeper", TracingConfig={"Mode": "Active"})
SOURCE = {"EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}, "FunctionName": {"Ref": "F"}}


def test_an_alarm_costs_by_its_metrics() -> None:
    one = resource("CloudWatch::Alarm", MetricName="Errors")
    three = resource("CloudWatch::Alarm", Metrics=[{"MetricStat": {}}] * 3 + [{"Expression": "m1 + m2 + m3"}])
    assert bill(A=one, B=three) == {"alarms": 0.4}


def test_a_mapping_with_a_bound_polls_more() -> None:
    """5 or 2 pollers x 3 a minute x 43,800 minutes x 0.40 USD a million."""
    assert bill(Q=QUEUE, F=FUNCTION, M=resource("Lambda::EventSourceMapping", **SOURCE)) == {"polls of queues": 0.1051}
    bounded = resource("Lambda::EventSourceMapping", **SOURCE, ScalingConfig={"MaximumConcurrency": 5})
    assert bill(Q=QUEUE, F=FUNCTION, M=bounded) == {"polls of queues": 0.2628}


def test_a_schedule_costs_what_it_sets_in_motion() -> None:
    rule = resource(
        "Events::Rule",
        ScheduleExpression="rate(1 minute)",
        Targets=[{"Arn": {"Fn::GetAtt": ["Q", "Arn"]}, "Input": "{}"}],
    )
    mapping = resource("Lambda::EventSourceMapping", **SOURCE)
    assert bill(Q=QUEUE, F=FUNCTION, M=mapping, R=rule) == {
        "polls of queues": 0.1051,
        "schedules": 0.0438,  # 43,800 x 1 USD a million
        "their messages": 0.0526,  # 3 requests of 0.40 USD a million
        "their calls": 0.0088,  # 0.20 USD a million
        "their time": 0.0584,  # 43,800 x 0.2 s x 0.5 GB x 0.0000133334
        "their reads": 0.0109,  # 2 units, 0.125 USD a million
        "their metrics": 0.3,
        "their logs": 0.0263,  # 1,200 bytes, 0.50 USD a GB
        "their traces": 0.219,  # 5 USD a million
    }


def test_a_filter_that_also_counts_nothing_costs_a_metric() -> None:
    costly = resource("Logs::MetricFilter", MetricTransformations=[{"MetricName": "M", "DefaultValue": 0}])
    cheap = resource("Logs::MetricFilter", MetricTransformations=[{"MetricName": "M"}])
    assert bill(A=costly, B=cheap) == {"metrics": 0.3}


def test_rates_by_configuration_set_cost_two_metrics() -> None:
    rated = resource("SES::ConfigurationSet", ReputationOptions={"ReputationMetricsEnabled": True})
    assert bill(A=rated, B=resource("SES::ConfigurationSet")) == {"rates of configuration sets": 0.6}


def test_a_tick_reads_one_page_of_each_shard() -> None:
    """A query that finds nothing costs half a unit; the bill has what a quarter of an hour adds in every minute."""
    due = len((*CHAINS_DUE, *CUSTOMERS_DUE)) / 2
    assert ticked("WaitlistSweeps", '{"sweep": "due"}').read_units == due + STORE_OFFERS_OF_THE_DAY
    assert ticked("StockSweeps", '{"sweep": "due"}').read_units == len(SHARDS) / 2


def test_what_a_tick_counts_is_seen() -> None:
    line = {"_aws": {"CloudWatchMetrics": [{"Metrics": [{"Name": "Seen"}]}]}, "service": "stock", "Seen": [0]}
    assert list(_metrics("a line\n" + json.dumps(line))) == ["stock/Seen"]


def test_nothing_is_paid_that_nobody_looks_at(prod: Stacks) -> None:
    """A schedule that counts a zero pays for a metric, and so does a rate that no alarm reads."""
    costs = {cost.what: cost.count for cost in idle_costs(prod, prices())}
    assert {what: costs[what] for what in NEEDLESS} == dict.fromkeys(NEEDLESS, 0)


def test_an_idle_stage_stays_within_its_budget(prod: Stacks) -> None:
    costs = idle_costs(prod, prices())
    assert sum(cost.usd for cost in costs) <= BUDGET_USD, "\n".join(map(str, costs))
    assert {cost.what for cost in costs if cost.usd} >= {"alarms", "dashboards", "polls of queues"}


def test_stock_waitlist_and_mail_alone_stay_within_theirs(prod: Stacks) -> None:
    alone = beginning(prod)
    costs = idle_costs(alone, prices())
    assert {name.partition(BETWEEN)[0] for name in alone.resources} == BEGINNING
    assert sum(cost.usd for cost in costs) <= BEGINNING_BUDGET_USD, "\n".join(map(str, costs))
