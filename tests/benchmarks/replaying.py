"""What the functions that tell customers ask of AWS, asked once more with bare boto3.

A round tells customers and keeps every call: its parameters and its answer. Then the tables are put back as they were,
and boto3 alone makes the same calls, in the same order, with the same parameters; it must get the same answers. Both
are measured in this process, one after the other. What SQS and EventBridge are asked is answered in this process
without the SDK, so it is left out on both sides; with it, both would take more, and the ratio would be lower.
"""

import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config

from tests.benchmarks import telling
from tests.benchmarks.figure import Figure
from tests.benchmarks.telling import BATCH, Call
from tests.wiring import TABLES
from tests.world import World

SENDING = ("waitlist_planner", "mail_sender")
ROUNDS = 7
CUSTOMERS = 500
BUDGET = 1.5
MADE_BY_SES = frozenset({"MessageId", "ResponseMetadata"})
"""What differs between two answers to the same call."""
KEYS = ("pk", "sk")
ask = BaseClient._make_api_call  # type: ignore[attr-defined]  # before a world takes its place
"""What every method of a boto3 client does."""

Item = Mapping[str, Any]
Tables = dict[str, dict[tuple[str, str], Item]]


def replaying(world: World, *, rounds: int = ROUNDS, customers: int = CUSTOMERS) -> Figure:
    """Compare the CPU of planner and sender with that of their own calls, round by round."""
    taken = [_round(world, f"ROUND-{number}", customers) for number in range(rounds)]
    ours, bare, plain = (1_000 * statistics.median(each) / customers for each in zip(*taken, strict=True))
    ratio = statistics.median(ours / bare for ours, bare, _ in taken)
    same = statistics.median(ours / plain for ours, _, plain in taken)
    return Figure(
        "CPU per customer told, planner and sender, beside their calls by bare boto3",
        ratio,
        BUDGET,
        "x",
        f"{ours:.3f} ms, bare boto3 {bare:.3f}; {same:.3f} x the SDK with our clients' options ({plain:.3f} ms); "
        f"medians of {rounds} rounds of {customers}",
    )


def _round(world: World, sku: str, customers: int) -> tuple[float, float, float]:
    """Tell customers, then make the same calls with boto3, then with our clients; return the CPU seconds of each."""
    telling.bring_back(world, sku, customers)
    before = _contents(world.dynamodb)
    tape: list[Call] = []
    told = telling.tell_all(world, sku, customers, tape=tape)
    ours = sum(told.cpu_seconds[function] for function in SENDING)
    spent = []
    for validated in (True, False):
        _put_back(world.dynamodb, before)
        spent.append(_replayed(tape, validated=validated))
    return ours, *spent


def _replayed(tape: Sequence[Call], *, validated: bool) -> float:
    """Make the calls of a tape again; return the CPU seconds of those that planner and sender had made."""
    seconds: Counter[str] = Counter()
    answers = []
    for call in tape:
        client, parameters = _client(call.service, validated=validated), dict(call.parameters)
        begun = time.process_time()
        answers.append(ask(client, call.operation, parameters))
        seconds[call.function] += time.process_time() - begun
    for call, answer in zip(tape, answers, strict=True):
        assert _said(answer) == _said(call.answer), f"{call.operation} was answered differently"
    return sum(seconds[function] for function in SENDING)


@cache
def _client(service: str, *, validated: bool) -> Any:
    """Return a client as boto3 makes it, or with the options of `standby.platform.aws`."""
    options = {} if validated else {"user_agent": "standby", "parameter_validation": False}
    return boto3.client(service, config=Config(**options))


def _said(answer: Any) -> Any:
    if isinstance(answer, Mapping):
        return {name: _said(each) for name, each in answer.items() if name not in MADE_BY_SES}
    return [_said(each) for each in answer] if isinstance(answer, list) else answer


def _contents(dynamodb: Any) -> Tables:
    """Return every item of every table, by its keys."""
    return {
        table: {
            (item["pk"]["S"], item["sk"]["S"]): item
            for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
            for item in page["Items"]
        }
        for table in TABLES
    }


def _put_back(dynamodb: Any, before: Tables) -> None:
    """Let the tables hold what they held."""
    for table, now in _contents(dynamodb).items():
        held = before[table]
        changed = [{"PutRequest": {"Item": item}} for keys, item in held.items() if now.get(keys) != item]
        added = [
            {"DeleteRequest": {"Key": {name: now[keys][name] for name in KEYS}}} for keys in now.keys() - held.keys()
        ]
        left = iter([*changed, *added])
        while group := list(islice(left, BATCH)):
            dynamodb.batch_write_item(RequestItems={table: group})
