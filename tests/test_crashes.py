"""The crash harness finds what it is there to find."""

from pathlib import Path

import pytest

from tests.crashes import FAULTS, explore
from tests.world import World

FORGETFUL = """
import boto3, json

def handler(event, context):
    table = boto3.client("dynamodb")
    for record in event["Records"]:
        number = json.loads(record["body"])["number"]
        key = {"pk": {"S": "counter"}, "sk": {"S": "counter"}}
        one = {":n": {"N": "1"}}
        table.update_item(TableName="Mail", Key=key, UpdateExpression="ADD seen :n", ExpressionAttributeValues=one)
        boto3.client("sqs").send_message(QueueUrl="MailBulkDeadLetters", MessageBody=str(number))
"""
CAREFUL = """
import boto3, json

def handler(event, context):
    table = boto3.client("dynamodb")
    for record in event["Records"]:
        number = json.loads(record["body"])["number"]
        boto3.client("sqs").send_message(QueueUrl="MailBulkDeadLetters", MessageBody=str(number))
        item = {"pk": {"S": f"seen-{number}"}, "sk": {"S": "seen"}}
        table.put_item(TableName="Mail", Item=item)
"""


def written(world: World) -> int:
    """Return how often the numbers were counted: by the forgetful one in a counter, by the careful one as items."""
    items = world.dynamodb.scan(TableName="Mail", ConsistentRead=True)["Items"]
    return sum(int(item["seen"]["N"]) if "seen" in item else 1 for item in items)


def act(world: World) -> None:
    for number in range(3):
        world.send("MailFeedback", {"number": number})
    world.settle()


def check(world: World) -> None:
    assert written(world) == 3
    assert set(world.bodies("MailBulkDeadLetters")) == {"0", "1", "2"}


@pytest.fixture
def toy(world: World, tmp_path: Path) -> Path:
    folder = tmp_path / "mail_feedback"
    folder.mkdir()
    world.functions = tmp_path
    world.batch = 1
    return folder / "handler.py"


def test_a_handler_that_counts_twice_when_killed_is_found(world: World, toy: Path) -> None:
    toy.write_text(FORGETFUL)

    explored = explore(world, act, check)

    assert {"killed after", "answer lost"} <= {point.fault for point, _ in explored.broken}


def test_a_handler_that_may_be_repeated_is_not_accused(world: World, toy: Path) -> None:
    toy.write_text(CAREFUL)

    explored = explore(world, act, check)

    assert explored.broken == []
    assert explored.points == 6 * len(set(FAULTS) - {"conflicted", "partly done"})


def test_each_point_starts_from_the_same_snapshot(world: World, toy: Path) -> None:
    toy.write_text(CAREFUL)
    explore(world, act, check)

    assert written(world) == 0
    assert world.bodies("MailBulkDeadLetters") == []
