"""What a stage costs in a month in which nobody comes, computed from its templates and `prices.json`.

Each line is a number of things in the templates, times what one of them does in a month, times a dated price. What a
schedule's message makes a function read and count is found by letting the function do it (`ticked`); the rest is
computed. No free tier is taken off, because another application of the account may have used it; `FREE` says which ones
AWS gives every account for ever.
"""

import contextlib
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from infra.operations.templates import BETWEEN, Templates, target
from tests.benchmarks.figure import Figure
from tests.benchmarks.telling import read_units
from tests.infra.template import synthesize
from tests.world import furnish

PRICES = Path(__file__).with_name("prices.json")
BUDGET_USD = 12.0
"""Of the whole stage."""
BEGINNING_BUDGET_USD = 8.0
BEGINNING = frozenset({"Base", "Access", "Mail", "Stock", "Waitlist", "Gateway"})
"""Stock, waitlist and mail, and what they need: what features that come later cost may not hide what these do."""
HOURS = 730
"""In a month, as AWS counts."""
MINUTES = HOURS * 60
POLLERS, POLLERS_OF_BOUNDED = 2, 5
"""Pollers of an idle queue's mapping; Lambda goes down to two, but not where there is a ``MaximumConcurrency``."""
POLLS_A_MINUTE = 3
"""A poller waits 20 seconds for a message."""
RUNS: dict[str, int] = {
    "rate(1 minute)": MINUTES,
    "rate(5 minutes)": 12 * HOURS,
    "rate(15 minutes)": 4 * HOURS,
    "rate(1 hour)": HOURS,
}
REQUESTS_PER_TICK = 3
"""EventBridge sends a message; a poll that had waited returns with it, and another begins; it is deleted."""
SECONDS_PER_TICK = 0.2
REPUTATION_METRICS = 2
"""Bounce and complaint rate of a configuration set; those of the account cost nothing."""
LOG_BYTES_PER_TICK = 1_200
"""``platform.start``, ``platform.report`` and, at a cold start, ``platform.initStart``, with 26 bytes an event."""
FREE = "for ever free, and not taken off: 10 alarms, 3 dashboards of 50 metrics each, 10 custom metrics, 5 GB of logs, "
FREE += "a million requests of SQS and of Lambda, 100,000 traces, 25 GB in tables"


class Cost(NamedTuple):
    """One line of the bill: how many, what one costs, and where the number comes from."""

    what: str
    count: float
    usd_each: float
    how: str

    @property
    def usd(self) -> float:
        """What it costs in a month."""
        return self.count * self.usd_each

    def __str__(self) -> str:
        """Write it so that a reader can check it."""
        return f"{self.usd:6.3f} USD  {self.what}: {self.count:,.10g} x {self.usd_each:.10g} ({self.how})"


@dataclass(frozen=True)
class Tick:
    """What a schedule's message makes a function do when there is nothing to do."""

    read_units: float
    metrics: frozenset[str]
    """The metrics that it counts, as ``service/name``."""


def idle_costs(
    templates: Templates, prices: dict[str, float], *, tick: Callable[[str, str], Tick] | None = None
) -> list[Cost]:
    """Return the bill of an idle month; ``tick`` is `ticked` but in its own tests."""
    return [*_kept(templates, prices), *_polled(templates, prices), *_ticked(templates, prices, tick or ticked)]


def beginning(templates: Templates) -> Templates:
    """Return what stands in the stacks of stock, waitlist and mail. Their dashboard shows the others for nothing."""
    alone = Templates(templates.parts)
    kept = {name: thing for name, thing in templates.resources.items() if name.partition(BETWEEN)[0] in BEGINNING}
    vars(alone)["resources"] = kept
    return alone


def ticked(queue: str, message: str) -> Tick:
    """Hand a message to the function behind a queue, in a shop in which nothing has ever happened."""
    units = 0.0

    def metered(service: str, operation: str, parameters: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        nonlocal units
        answer = make()
        if service == "dynamodb":
            units += read_units(operation, parameters, answer)
        return answer

    written = io.StringIO()
    with pytest.MonkeyPatch.context() as monkeypatch, contextlib.redirect_stdout(written):
        world = furnish(monkeypatch)
        world.tap = metered
        world.send(queue, message)
        world.settle()
        assert world.failures == []
    return Tick(units, frozenset(_metrics(written.getvalue())))


def _metrics(log: str) -> Iterator[str]:
    """Yield the metrics that a log counts, in CloudWatch's embedded format."""
    for line in log.splitlines():
        if '"_aws"' in line:
            said = json.loads(line)
            for each in said["_aws"]["CloudWatchMetrics"]:
                yield from (f"{said['service']}/{metric['Name']}" for metric in each["Metrics"])


def idle() -> list[Figure]:
    """Compute the bill of the stage that goes to AWS, and what of it stock, waitlist and mail cost."""
    with tempfile.TemporaryDirectory() as folder:
        stacks = synthesize(Path(folder), stage="prod", alarm_email="ops@shop.example")
    return [
        _figure("idle cost of the whole stack", stacks, BUDGET_USD),
        _figure("idle cost of stock, waitlist and mail", beginning(stacks), BEGINNING_BUDGET_USD),
    ]


def _figure(name: str, templates: Templates, budget: float) -> Figure:
    costs = idle_costs(templates, prices())
    beside = f"\n{'':22}".join([*map(str, costs), FREE])
    return Figure(name, sum(cost.usd for cost in costs), budget, "USD a month", beside)


def prices() -> dict[str, float]:
    """Return the dated prices, in USD."""
    known: dict[str, float] = json.loads(PRICES.read_text("utf-8"))["usd"]
    return known


def _kept(templates: Templates, prices: dict[str, float]) -> Iterator[Cost]:
    """Yield what costs because it is there. Standard SSM parameters, keys of AWS and empty tables cost nothing."""
    alarms, metrics = templates.properties("CloudWatch::Alarm").values(), 0
    for alarm in alarms:
        metrics += len([each for each in alarm.get("Metrics", ()) if "MetricStat" in each]) or 1
    yield Cost("alarms", metrics, prices["cloudwatch_per_alarm"], "one metric each")
    dashboards = len(templates.of("CloudWatch::Dashboard"))
    yield Cost("dashboards", dashboards, prices["cloudwatch_per_dashboard"], "of any size")
    yield Cost(
        "secrets",
        len(templates.of("SecretsManager::Secret")),
        prices["secretsmanager_per_secret"],
        "link keys are in a table",
    )
    yield Cost("keys", len(templates.of("KMS::Key")), prices["kms_per_key"], "AWS's own keys are free")
    always = [p for p in templates.properties("Logs::MetricFilter").values() if _counts_nothing(p)]
    yield Cost("metrics", len(always), prices["cloudwatch_per_metric"], "filters that count also when nothing comes")
    sets = templates.properties("SES::ConfigurationSet").values()
    rated = [p for p in sets if p.get("ReputationOptions", {}).get("ReputationMetricsEnabled")]
    yield Cost(
        "rates of configuration sets",
        len(rated) * REPUTATION_METRICS,
        prices["cloudwatch_per_metric"],
        "bounces and complaints by configuration set",
    )


def _counts_nothing(p: dict[str, list[dict[str, float]]]) -> bool:
    return any("DefaultValue" in each for each in p["MetricTransformations"])


def _polled(templates: Templates, prices: dict[str, float]) -> Iterator[Cost]:
    """Yield what waiting for messages costs. Lambda polls streams of tables for nothing."""
    queues = templates.of("SQS::Queue")
    mappings = [
        p for p in templates.properties("Lambda::EventSourceMapping").values() if target(p["EventSourceArn"]) in queues
    ]
    bounded = len([p for p in mappings if "ScalingConfig" in p])
    free = len(mappings) - bounded
    pollers = free * POLLERS + bounded * POLLERS_OF_BOUNDED
    yield Cost(
        "polls of queues",
        pollers * POLLS_A_MINUTE * MINUTES,
        prices["sqs_per_million_requests"] / 1_000_000,
        f"{free} mappings x {POLLERS} pollers + {bounded} bounded ones x {POLLERS_OF_BOUNDED}, "
        f"{POLLS_A_MINUTE} a minute, {MINUTES:,} minutes",
    )


def _ticked(templates: Templates, prices: dict[str, float], tick: Callable[[str, str], Tick]) -> Iterator[Cost]:
    """Yield what schedules cost, with all that they set in motion."""
    fed = {
        target(p["EventSourceArn"]): templates.resources[target(p["FunctionName"])]["Properties"]
        for p in templates.properties("Lambda::EventSourceMapping").values()
    }
    ticks = 0
    gigabyte_seconds = reads = 0.0
    traces = 0
    metrics: set[str] = set()
    for rule in templates.properties("Events::Rule").values():
        if "ScheduleExpression" not in rule:
            continue
        for delivery in rule["Targets"]:
            queue = target(delivery["Arn"])
            runs, function = RUNS[rule["ScheduleExpression"]], fed[queue]
            done = tick(templates.path(queue).rpartition("/")[2], delivery["Input"])
            ticks += runs
            reads += runs * done.read_units
            metrics |= done.metrics
            gigabyte_seconds += runs * SECONDS_PER_TICK * function["MemorySize"] / 1_024
            traces += runs if function.get("TracingConfig", {}).get("Mode") == "Active" else 0
    million = 1_000_000
    each = f"{ticks:,} messages of schedules"
    yield Cost("schedules", ticks, prices["eventbridge_per_million_events"] / million, each)
    yield Cost(
        "their messages", ticks * REQUESTS_PER_TICK, prices["sqs_per_million_requests"] / million, f"{each}, 3 requests"
    )
    yield Cost("their calls", ticks, prices["lambda_per_million_requests"] / million, each)
    yield Cost(
        "their time",
        gigabyte_seconds,
        prices["lambda_arm_per_gigabyte_second"],
        f"gigabyte-seconds of {each}, {SECONDS_PER_TICK} s",
    )
    yield Cost(
        "their reads",
        reads,
        prices["dynamodb_per_million_read_units"] / million,
        f"read units of {each}, as their functions read in an empty shop",
    )
    yield Cost(
        "their logs",
        ticks * LOG_BYTES_PER_TICK / 1_000_000_000,
        prices["cloudwatch_logs_per_gigabyte"],
        f"GB of {each}, {LOG_BYTES_PER_TICK} bytes",
    )
    yield Cost("their metrics", len(metrics), prices["cloudwatch_per_metric"], ", ".join(sorted(metrics)) or "none")
    yield Cost("their traces", traces, prices["xray_per_million_traces"] / million, "one a second is always kept")
