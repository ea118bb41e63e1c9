"""The crash harness finds what it is there to find, and accuses nobody who is innocent."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.crashes import DEADLY, FAULTS, Explored, at_once, explore, page_cut_short, sample
from tests.promises.unruly import Unruly, disorder
from tests.world import World

NUMBERS = 4
TOY = """
import boto3, json

table, queue, bus = boto3.client("dynamodb"), boto3.client("sqs"), boto3.client("events")

def key(name):
    return {"pk": {"S": str(name)}, "sk": {"S": "toy"}}

def item(name):
    return table.get_item(TableName="Mail", Key=key(name), ConsistentRead=True).get("Item")

def note(name):
    table.put_item(TableName="Mail", Item=key(name))

def tell(numbers):
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in numbers]
    return queue.send_message_batch(QueueUrl="MailDeadLetters", Entries=entries)["Failed"]

def handler(event, context):
    for record in event["Records"]:
        take(json.loads(record["body"])["number"])
"""
CAREFUL = """
def take(number):
    assert not tell([number])
    note(number)
"""
COUNTS_WITHOUT_CONDITION = """
def take(number):
    one = {":n": {"N": "1"}}
    table.update_item(TableName="Mail", Key=key("n"), UpdateExpression="ADD seen :n", ExpressionAttributeValues=one)
    assert not tell([number])
"""
NOTES_AND_THEN_TELLS = """
def take(number):
    if not item(number):
        note(number)
        assert not tell([number])
"""
IGNORES_WHAT_WAS_REFUSED = """
def take(number):
    tell([number])
    note(number)
"""
TELLS_IN_HALVES = """
def take(number):
    if not item("all"):
        assert not tell(range(4))
        note("all")
    note(number)
"""
READS_ONE_PAGE = """
def take(number):
    note(number)
    values = {":toy": {"S": "toy"}}
    found = table.scan(TableName="Mail", FilterExpression="sk = :toy", ExpressionAttributeValues=values)["Items"]
    assert not tell([int(each["pk"]["S"]) for each in found])
"""
READS_AND_WRITES_BACK = """
def take(number):
    if item(number):
        return
    assert not tell([number])
    counter = item("n")
    seen = int(counter["seen"]["N"]) if counter else 0
    note(number)
    table.put_item(TableName="Mail", Item={**key("n"), "seen": {"N": str(seen + 1)}})
"""
TRUSTS_THE_ORDER = """
def take(number):
    assert not tell([number])
    table.put_item(TableName="Mail", Item={**key("last"), "last": {"N": str(number)}})
"""


def noted(world: World) -> int:
    """Return how many numbers were noted: in a counter, or as items."""
    items = world.dynamodb.scan(TableName="Mail", ConsistentRead=True)["Items"]
    counters = [int(item["seen"]["N"]) for item in items if "seen" in item]
    return counters[0] if counters else sum(item["pk"]["S"].isdecimal() for item in items)


def act(world: World) -> None:
    for number in range(NUMBERS):
        world.send("MailFeedback", {"number": number})
    world.settle()


def all_are_noted(world: World) -> None:
    assert noted(world) == NUMBERS
    all_are_told(world)


def all_are_told(world: World) -> None:
    assert set(world.bodies("MailDeadLetters")) == {str(number) for number in range(NUMBERS)}


def the_last_is_last(world: World) -> None:
    item = world.dynamodb.get_item(TableName="Mail", Key={"pk": {"S": "last"}, "sk": {"S": "toy"}})["Item"]
    assert item["last"]["N"] == str(NUMBERS - 1)


Toy = Callable[[str], World]


@pytest.fixture
def toy(world: World, tmp_path: Path) -> Toy:
    """Return what puts a function in the place of ``mail_feedback``."""

    def put(code: str) -> World:
        folder = tmp_path / "mail_feedback"
        folder.mkdir()
        (folder / "handler.py").write_text(TOY + code)
        world.functions = tmp_path
        world.batch = 1
        return world

    return put


def accused(explored: Explored) -> set[str]:
    return {point.fault for point, _ in explored.broken}


@pytest.mark.parametrize(
    ("code", "check", "faults"),
    [
        (COUNTS_WITHOUT_CONDITION, all_are_noted, {"killed after", "answer lost"}),
        (NOTES_AND_THEN_TELLS, all_are_told, {"killed before", "killed after", "answer lost", "throttled"}),
        (IGNORES_WHAT_WAS_REFUSED, all_are_told, {"partly done"}),
        (READS_ONE_PAGE, all_are_told, {"page cut short"}),
    ],
)
def test_a_planted_bug_is_found_by_the_faults_that_it_falls_to(
    toy: Toy, code: str, check: Callable[[World], None], faults: set[str]
) -> None:
    every_fault = {**FAULTS, "page cut short": page_cut_short}

    assert accused(explore(toy(code), act, check, faults=every_fault)) >= faults


def test_a_handler_that_may_be_repeated_is_not_accused(toy: Toy) -> None:
    explored = explore(toy(CAREFUL), act, all_are_noted, disorder=disorder)

    assert explored.broken == []
    calls, faults, faults_of_batches = 2 * NUMBERS, len(DEADLY) + 1, 1
    assert explored.points == 2 * (calls * faults + NUMBERS * faults_of_batches)
    assert explored.kinds == {
        ("mail_feedback", "dynamodb", "PutItem"),
        ("mail_feedback", "sqs", "SendMessageBatch"),
    }


def test_a_half_done_batch_is_half_done(toy: Toy) -> None:
    told: list[Counter[str]] = []

    def check(world: World) -> None:
        told.append(Counter(world.bodies("MailDeadLetters")))

    world = toy(TELLS_IN_HALVES)
    for fault in ("killed halfway", "partly done"):
        explored = explore(world, act, check, faults={fault: FAULTS[fault]})
        assert explored.points > 0

    twice = {"0": 1, "1": 1, "2": 2, "3": 2}
    assert [dict(counts) for counts in told if counts != {"0": 1, "1": 1, "2": 1, "3": 1}] == [twice, twice]


def test_a_handler_that_trusts_the_order_is_found_by_disorder_alone(toy: Toy) -> None:
    world = toy(TRUSTS_THE_ORDER)

    in_order = explore(world, act, the_last_is_last)
    unruly = explore(world, act, the_last_is_last, disorder=disorder)

    assert in_order.broken == []
    assert unruly.broken
    assert all(point.disorder for point, _ in unruly.broken)


def test_a_handler_that_writes_back_what_it_read_is_found_by_another_one_at_once(toy: Toy) -> None:
    world = toy(READS_AND_WRITES_BACK)

    explored = explore(world, act, all_are_noted, faults=at_once(world, World.settle))

    assert accused(explored) == {"overtaken", "followed"}


def test_the_same_message_at_once_finds_a_handler_that_looks_before_it_writes(toy: Toy) -> None:
    world = toy(READS_AND_WRITES_BACK)

    def once(world: World) -> None:
        assert max(Counter(world.bodies("MailDeadLetters")).values()) == 1

    assert explore(world, act, once, faults=at_once(world, World.settle)).broken == []
    assert explore(world, act, once, faults=at_once(world, World.settle, again=True)).broken


def test_a_fault_can_strike_twice(toy: Toy) -> None:
    world = toy(CAREFUL)

    def once_again_at_most(world: World) -> None:
        assert max(Counter(world.bodies("MailDeadLetters")).values()) <= 2

    assert explore(world, act, once_again_at_most).broken == []
    assert accused(explore(world, act, once_again_at_most, times=2)) == {*DEADLY, "throttled"}


def test_a_sample_has_the_first_of_each_kind_that_changes_something(toy: Toy) -> None:
    explored = explore(toy(NOTES_AND_THEN_TELLS), act, lambda _world: None, chosen=sample(1_000))

    assert {operation for _, _, operation in explored.kinds} == {"GetItem", "PutItem", "SendMessageBatch"}
    assert explored.points == len(DEADLY) + 1 + len(DEADLY) + 1 + len(DEADLY) + 2


def test_orders_can_alternate(toy: Toy) -> None:
    world = toy(CAREFUL)

    both = explore(world, act, all_are_noted, disorder=disorder)
    alternating = explore(world, act, all_are_noted, disorder=disorder, alternate=True)

    assert both.points == 2 * alternating.points


def test_with_ways_by_turns_each_kind_of_call_still_breaks(toy: Toy) -> None:
    world = toy(NOTES_AND_THEN_TELLS)

    every = explore(world, act, lambda _world: None)
    some = explore(world, act, lambda _world: None, rotate=True)

    assert some.kinds == every.kinds
    assert len(some.kinds) <= some.points < every.points


def test_each_point_starts_from_the_same_snapshot(toy: Toy) -> None:
    world = toy(CAREFUL)
    explore(world, act, all_are_noted, disorder=disorder)

    assert noted(world) == 0
    assert world.bodies("MailDeadLetters") == []


def test_disorder_repeats_itself_by_its_seed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def delivered(seed: int) -> list[list[str]]:
        seen: list[list[str]] = []

        def run(_function: str, event: Any) -> None:
            seen.append([json.loads(record["body"])["number"] for record in event["Records"]])

        monkeypatch.setattr(world, "run", run)
        world.turn = disorder(seed)
        for number in range(20):
            world.send("MailFeedback", {"number": number})
        world.settle()
        world.clock.advance(minutes=16)
        world.settle()
        return seen

    first, again, other = delivered(1), delivered(1), delivered(2)
    assert first == again != other
    assert {number for batch in other for number in batch} == set(range(20))
    assert any(sum(batch.count(number) for batch in delivered(seed)) > 1 for seed in range(5) for number in range(20))


def test_the_stream_in_disorder_keeps_each_items_order_and_comes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []

    def run(_function: str, event: Any) -> None:
        for record in event["Records"]:
            image = record["dynamodb"]["NewImage"]
            seen.append((image["pk"]["S"], int(image["n"]["N"])))

    monkeypatch.setattr(world, "run", run)
    for n in range(10):
        for name in "AB":
            item = {"pk": {"S": name}, "sk": {"S": "SKU"}, "n": {"N": str(n)}}
            world.dynamodb.put_item(TableName="Stock", Item=item)

    repeated = 0
    for seed in range(5):
        world.turn = Unruly(seed)
        world.read.clear()
        seen.clear()
        world.settle()
        for name in "AB":
            numbers = [n for each, n in seen if each == name]
            assert list(dict.fromkeys(numbers)) == list(range(10))
            repeated += len(numbers) - 10
    assert repeated > 0, "nothing came again"
    assert [n for _, n in seen] != sorted(n for _, n in seen), "never mixed"
