"""How the synthesized stacks hang together: who is fed by what, who hears what, who knows and may do what.

``make wiring`` writes it to ``tests/wiring.json``, from which `tests.world` is built. A new queue, rule, table or
permission is seen there in review. Addresses that others hold, and tables, are added there and never changed.
"""

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.constructs.queue import ABOVE_ZERO_OR_NONE
from infra.operations import failures, retention
from infra.operations.templates import listed, target
from tests.infra.template import Stacks, synthesize
from tests.wiring import FILE, OUR_EVENTS, WIRING

LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
STATEFUL = ("DynamoDB::GlobalTable", "DynamoDB::Table", "S3::Bucket")
TEXT = {"DkimRecords", "PublicUrl"}
"""Outputs that say something and lead nowhere."""
PINNED: Mapping[str, str] = {
    "held": "whoever holds the old address (an ERP, a storefront, a mailed link) would talk to nobody",
    "stateful": "a new logical id is a new, empty table: a renamed construct loses a shop's data",
}
"""Sections in which logical ids stay what they are, and why."""
TRACING = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}


def wiring(stacks: Stacks) -> dict[str, Any]:
    """Return the wiring of a stage, each thing by its place among the constructs."""
    rules = stacks.properties("Events::Rule").values()
    return {
        "queues": dict(_queues(stacks)),
        "streams": dict(_streams(stacks)),
        "rules": [_rule(stacks, p) for p in rules if "EventPattern" in p],
        "schedules": [each for p in rules if "EventPattern" not in p for each in _schedules(stacks, p)],
        "alarms": _alarms(stacks),
        "files": {stacks.path(name): _told_of_files(stacks, p) for name, p in stacks.properties("S3::Bucket").items()},
        "tables": {stacks.path(name): _table(p) for name, p in stacks.properties("DynamoDB::GlobalTable").items()},
        "functions": {name: _function(stacks, name) for name in sorted(stacks.functions)},
        "held": {
            name: target(output["Value"])
            for name, output in sorted(stacks.outputs.items())
            if name not in TEXT and isinstance(output["Value"], dict)
        },
        "stateful": sorted(name for kind in STATEFUL for name in stacks.of(kind)),
    }


def granted(stacks: Stacks, function: str) -> dict[str, set[str]]:
    """Return a function's actions by what they are allowed on, without its own log and X-Ray."""
    own_log = stacks.path(target(stacks.functions[function][1]["LoggingConfig"]["LogGroup"]))
    actions: dict[str, set[str]] = defaultdict(set)
    for statement in stacks.statements(function):
        for resource in listed(statement["Resource"]):
            actions[_name(stacks, resource)] |= set(listed(statement["Action"])) - TRACING
    assert actions.pop(own_log) == LOGGING
    return {name: named for name, named in actions.items() if named}


def lost(before: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    """Return what one wiring pins and the other has lost, each with the reason why it must stay."""
    return [
        f"{entry}: {why}"
        for section, why in PINNED.items()
        for entry in _entries(before.get(section, {}))
        if entry not in _entries(made[section])
    ]


def _entries(section: Mapping[str, str] | Sequence[str]) -> list[str]:
    return [f"{name} {there}" for name, there in section.items()] if isinstance(section, Mapping) else list(section)


def _queues(stacks: Stacks) -> Any:
    fed = {
        target(p["EventSourceArn"]): p
        for p in stacks.properties("Lambda::EventSourceMapping").values()
        if target(p["EventSourceArn"]) in stacks.of("SQS::Queue")
    }
    for name, p in stacks.properties("SQS::Queue").items():
        if name in stacks.dead_letter_queues:
            continue
        redrive = p["RedrivePolicy"]
        yield (
            stacks.path(name),
            {
                "feeds": _fed(stacks, fed[name]),
                "batch_size": fed[name]["BatchSize"],
                "most_receives": redrive["maxReceiveCount"],
                "dead_letters": stacks.path(target(redrive["deadLetterTargetArn"])),
            },
        )


def _streams(stacks: Stacks) -> Any:
    for p in stacks.properties("Lambda::EventSourceMapping").values():
        if "StartingPosition" not in p:
            continue
        filters = [json.loads(each["Pattern"]) for each in p["FilterCriteria"]["Filters"]]
        yield (
            stacks.path(target(p["EventSourceArn"])),
            {
                "feeds": _fed(stacks, p),
                "filters": filters,
                "dead_letters": stacks.path(target(p["DestinationConfig"]["OnFailure"]["Destination"])),
            },
        )


def _fed(stacks: Stacks, mapping: dict[str, Any]) -> str:
    return str(stacks.resources[target(mapping["FunctionName"])]["Properties"]["Description"])


def _rule(stacks: Stacks, p: dict[str, Any]) -> dict[str, Any]:
    pattern = p["EventPattern"]
    made = {"source": pattern["source"], "events": pattern["detail-type"], "queues": _targets(stacks, p)}
    detail = pattern.get("detail") if pattern["source"] == OUR_EVENTS else None
    return {**made, **_asked_of(detail)} if detail else made


def _asked_of(detail: dict[str, Any]) -> dict[str, list[str]]:
    """Return the numbers that must be above 0 and the kinds that it must be, where an event has them."""
    none, *kinds = detail.get("kind", ABOVE_ZERO_OR_NONE[:1])
    numbers = {name: pattern for name, pattern in detail.items() if name != "kind"}
    assert all(pattern == ABOVE_ZERO_OR_NONE for pattern in numbers.values()), detail
    assert none == ABOVE_ZERO_OR_NONE[0], detail
    return {name: found for name, found in (("above_zero", list(numbers)), ("kinds", kinds)) if found}


def _schedules(stacks: Stacks, p: dict[str, Any]) -> Any:
    for each in p["Targets"]:
        queue = stacks.path(target(each["Arn"]))
        yield {"every": p["ScheduleExpression"], "message": json.loads(each["Input"]), "queues": [queue]}


def _alarms(stacks: Stacks) -> dict[str, float]:
    """Return our own metrics that ring, with the number from which each does."""
    alarms = stacks.properties("CloudWatch::Alarm").values()
    return {p["MetricName"]: p["Threshold"] for p in alarms if str(p.get("Namespace", "")).startswith("Standby")}


def _targets(stacks: Stacks, p: dict[str, Any]) -> list[str]:
    return [stacks.path(target(each["Arn"])) for each in p["Targets"]]


def _told_of_files(stacks: Stacks, p: dict[str, Any]) -> dict[str, str]:
    """Return the queue that is told of a new file, by the beginning of the file's name."""
    told = p.get("NotificationConfiguration", {}).get("QueueConfigurations", ())
    return {
        rule["Value"]: stacks.path(target(each["Queue"])) for each in told for rule in each["Filter"]["S3Key"]["Rules"]
    }


def _table(p: dict[str, Any]) -> dict[str, Any]:
    indexes = p.get("GlobalSecondaryIndexes", ())
    return {
        "indexes": {each["IndexName"]: [key["AttributeName"] for key in each["KeySchema"]] for each in indexes},
        "stream": "StreamSpecification" in p,
        "whole": [each["IndexName"] for each in indexes if each["Projection"]["ProjectionType"] == "ALL"],
    }


def _function(stacks: Stacks, name: str) -> dict[str, Any]:
    variables = stacks.functions[name][1]["Environment"]["Variables"]
    led = {key: value for key, value in variables.items() if _leads(stacks, value)}
    return {
        "knows": {key: stacks.path(target(value)) for key, value in sorted(led.items())},
        "is_told": {
            key: value if isinstance(value, str) else None for key, value in sorted(variables.items()) if key not in led
        },
        "may": {place: sorted(actions) for place, actions in sorted(granted(stacks, name).items())},
    }


def _leads(stacks: Stacks, value: Any) -> bool:
    """Tell whether a variable's value is one thing of the stacks, not text."""
    return isinstance(value, dict) and value.keys() <= {"Ref", "Fn::GetAtt"} and target(value) in stacks.resources


def _name(stacks: Stacks, resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    if "Fn::Join" in resource:
        return "".join(_name(stacks, part) for part in resource["Fn::Join"][1])
    if str(resource.get("Ref")).startswith("AWS::"):
        return f"<{resource['Ref'][5:]}>"
    stream = resource.get("Fn::GetAtt", ["", ""])[1] == "StreamArn"
    return stacks.path(target(resource)) + ("/stream" if stream else "")


def main() -> int:
    """Write the wiring of the stage that goes to AWS, and what rings when something fails there."""
    with tempfile.TemporaryDirectory() as folder:
        stacks = synthesize(Path(folder), stage="prod", alarm_email="ops@shop.example")
        made = wiring(stacks)
    gone = lost(WIRING, made)
    if gone:
        print("nothing is written; if it is meant, take these lines out of tests/wiring.json first:", *gone, sep="\n")  # noqa: T201
        return 1
    FILE.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", "utf-8")
    failures.PAGE.write_text(failures.page(stacks), "utf-8")
    retention.PAGE.write_text(retention.page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
