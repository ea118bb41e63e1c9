"""What AWS is asked of an account, in the shapes of its models."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import boto3
from botocore.stub import Stubber

from infra.operations import preflight
from infra.operations.account import ANSWERING, MAPPING, STACK_TAG, Account, Kept
from infra.operations.place import Place


class Stubbed:
    """A session whose clients answer as they are told, in the shapes of AWS's models."""

    region_name = "eu-central-1"

    def __init__(self, **answers: Sequence[tuple[str, Any]]) -> None:
        self.answers = answers

    def client(self, service: str, **_more: Any) -> Any:
        client = boto3.client(cast("Any", service), region_name=self.region_name)
        stub = Stubber(client)
        for operation, answer in self.answers[service.replace("-", "_")]:
            if isinstance(answer, str):
                stub.add_client_error(operation, answer, "injected")
            else:
                stub.add_response(operation, answer)
        stub.activate()
        return client


def account(**answers: Sequence[tuple[str, Any]]) -> Account:
    return Account(Place(cast("boto3.Session", Stubbed(**answers)), "prod"))


def described(**states: str) -> dict[str, Any]:
    made = "2026-05-03T10:00:00Z"
    return {
        "Stacks": [
            {"StackName": name.replace("_", "-"), "StackStatus": state, "CreationTime": made}
            for name, state in states.items()
        ]
    }


def test_what_is_not_there_is_no_error() -> None:
    assert account(ssm=[("get_parameter", "ParameterNotFound")]).bootstrapped("/cdk-bootstrap/x/version") is None
    assert account(sesv2=[("get_email_identity", "NotFoundException")]).identity("meier.example") is None


def test_answers_are_taken_from_where_aws_gives_them() -> None:
    assert account(ssm=[("get_parameter", {"Parameter": {"Value": "21"}})]).bootstrapped("/x") == 21
    limits = {"AccountLimit": {"ConcurrentExecutions": 1_000, "UnreservedConcurrentExecutions": 900}}
    assert account(**{"lambda": [("get_account_settings", limits)]}).concurrency() == 900


def test_the_stages_stacks_are_told_from_those_beside_them() -> None:
    stacks = described(
        Standby_prod_Stock="CREATE_COMPLETE", Standby_prod_eu_Stock="DELETE_FAILED", CDKToolkit="CREATE_COMPLETE"
    )
    assert account(cloudformation=[("describe_stacks", stacks)]).stacks() == {"Stock": "CREATE_COMPLETE"}


def test_what_the_other_stages_keep_busy_is_read_from_what_is_deployed() -> None:
    stacks = described(Standby_prod_Stock="CREATE_COMPLETE", Standby_dev_Stock="CREATE_COMPLETE")

    def held(*found: tuple[str, str]) -> dict[str, Any]:
        at = "2026-05-03T10:00:00Z"
        return {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": name,
                    "PhysicalResourceId": name,
                    "ResourceType": kind,
                    "ResourceStatus": "CREATE_COMPLETE",
                    "LastUpdatedTimestamp": at,
                }
                for name, kind in found
            ]
        }

    queue, table = "arn:aws:sqs:eu-west-1:1", "arn:aws:dynamodb:eu-west-1:1:table/t/stream/s"
    first, second, stream, other = (str(UUID(int=number)) for number in range(4))
    mappings = [
        {"UUID": first, "EventSourceArn": f"{queue}:a", "ScalingConfig": {"MaximumConcurrency": 2}},
        {"UUID": second, "EventSourceArn": f"{queue}:b", "StartingPosition": "LATEST"},  # as the local AWS says it
        {"UUID": stream, "EventSourceArn": table, "StartingPosition": "TRIM_HORIZON"},
        {"UUID": other},
    ]
    dev = held(*((name, MAPPING) for name in (first, second, stream)), *((kind, kind) for kind in ANSWERING))
    beside = account(
        cloudformation=[("describe_stacks", stacks), ("list_stack_resources", dev)],
        **{"lambda": [("list_event_source_mappings", {"EventSourceMappings": mappings})]},
    ).beside()
    ((stage_name, (found, called)),) = beside.items()
    assert (stage_name, sorted(map(preflight.busy, found)), called) == ("dev", [1, 2, 5], 2)


def test_what_keeps_data_is_found_by_the_tag_of_its_stack_whether_that_is_there_or_not() -> None:
    tag = [{"Key": "aws:cloudformation:stack-name", "Value": "Standby-prod-Stock"}]
    arns = {
        "arn:aws:dynamodb:eu-central-1:1:table/Standby-prod-Stock-Ledger-1AB": Kept(
            "table", "Standby-prod-Stock-Ledger-1AB", "Standby-prod-Stock"
        ),
        "arn:aws:s3:::standby-prod-stock-inbox-1ab": Kept(
            "bucket", "standby-prod-stock-inbox-1ab", "Standby-prod-Stock"
        ),
        "arn:aws:sqs:eu-central-1:1:Standby-prod-Stock-Queue": None,
    }
    answer = {"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": tag} for arn in arns]}
    found = account(
        resourcegroupstaggingapi=[("get_resources", answer)],
        dynamodb=[("list_tables", {"TableNames": []})],
        s3=[("list_buckets", {"Buckets": []})],
    ).kept(["Stock"])
    assert found == {kept for kept in arns.values() if kept}


def test_tables_and_buckets_are_known_by_their_generated_names_too() -> None:
    tables = [
        "Standby-prod-Stock-Ledger-1AB",
        "Standby-prod-eu-Stock-Ledger-2CD",
        "Standby-prod-Stocks-Other-3EF",
        "mine",
    ]
    buckets = {
        "standby-prod-stock-inbox-1ab": "Standby-prod-Stock",
        "standby-prod-stock-stock-inbox-2cd": "Standby-prod-stock-Stock",
        "standby-prod-photos": None,
    }
    found = account(
        resourcegroupstaggingapi=[("get_resources", {"ResourceTagMappingList": []})],
        dynamodb=[("list_tables", {"TableNames": tables})],
        s3=[
            ("list_buckets", {"Buckets": [{"Name": name} for name in buckets]}),
            *(
                ("get_bucket_tagging", {"TagSet": [{"Key": STACK_TAG, "Value": stack}]})
                for stack in buckets.values()
                if stack
            ),
        ],
    ).kept(["Stock", "Mail"])
    assert found == {
        Kept("table", "Standby-prod-Stock-Ledger-1AB", "Standby-prod-Stock"),
        Kept("bucket", "standby-prod-stock-inbox-1ab", "Standby-prod-Stock"),
    }
