"""What every function may do, for equality: a new permission is a line here, seen in review."""

from collections import defaultdict
from typing import Any

import pytest

from infra.operations.templates import listed, target
from tests.infra.template import Stacks

LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACING = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
SENDING = {"ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"}

EXPECTED: dict[str, dict[str, set[str]]] = {
    "access_authorizer": {
        "Access/Keys": {"dynamodb:GetItem"},
    },
    "mail_feedback": {
        "Base/Events": {"events:PutEvents"},
        "Mail/Jobs": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        "Mail/MailFeedback": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
    },
    "mail_sender": {
        "*": {"ses:GetAccount"},
        "Base/Events": {"events:PutEvents"},
        "Mail/Jobs": {"dynamodb:BatchGetItem", "dynamodb:UpdateItem"},
        "Mail/MailBulk": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"},
        "Mail/MailBulk/DeadLetters": {"sqs:SendMessage"},
        "Mail/MailUrgent": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"},
        "arn:<Partition>:ses:<Region>:<AccountId>:configuration-set/Mail/ConfigurationSet": {
            "ses:SendBulkEmail",
            "ses:SendBulkTemplatedEmail",
        },
        "arn:<Partition>:ses:<Region>:<AccountId>:identity/shop.example": {
            "ses:SendBulkEmail",
            "ses:SendBulkTemplatedEmail",
        },
    },
    "stock_api": {
        "Stock/Inbox/Bucket/inbox-dry-run/*": {"s3:PutObject"},
        "Stock/Inbox/Bucket/inbox/*": {"s3:PutObject"},
        "Stock/Ledger": {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"},
        "Stock/Ledger/index/due": {"dynamodb:Query"},
        "Stock/StockSweeps": {"sqs:SendMessage"},
        "Stock/StockUpdates": {"sqs:SendMessage"},
    },
    "stock_detector": {
        "Base/Events": {"events:PutEvents"},
        "Stock/Ledger/stream": {
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        },
        "Stock/StockSettle": {"sqs:SendMessage"},
        "Stock/StockStreamDeadLetters": {"sqs:SendMessage"},
    },
    "imports_reader": {
        "Stock/Inbox/Bucket/inbox-dry-run/*": {"s3:GetObject"},
        "Stock/Inbox/Bucket/inbox/*": {"s3:GetObject"},
        "Stock/Ledger": {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        "Stock/Ledger/index/by_location": {"dynamodb:Query"},
        "Stock/StockImports": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"},
        "Stock/StockImports/DeadLetters": {"sqs:SendMessage"},
        "Stock/StockUpdates": {"sqs:SendMessage"},
    },
    "stock_ingester": {
        "Stock/Ledger": {
            "dynamodb:BatchGetItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        },
        "Stock/StockSweeps": {"sqs:SendMessage"},
        "Stock/StockUpdates": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"},
        "Stock/StockUpdates/DeadLetters": {"sqs:SendMessage"},
    },
    "stock_settler": {
        "Base/Events": {"events:PutEvents"},
        "Stock/Ledger": {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        "Stock/StockSettle": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"},
    },
    "stock_sweeper": {
        "Base/Events": {"events:PutEvents"},
        "Stock/Ledger": {
            "dynamodb:BatchGetItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        },
        "Stock/Ledger/index/by_location": {"dynamodb:Query"},
        "Stock/Ledger/index/due": {"dynamodb:Query"},
        "Stock/StockSettle": {"sqs:SendMessage"},
        "Stock/StockSweeps": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"},
    },
    "waitlist_api": {
        "Base/Events": {"events:PutEvents"},
        "Base/LinkKeys": {"secretsmanager:GetSecretValue"},
        "Mail/MailUrgent": {"sqs:SendMessage"},
        "Waitlist/Entries": {
            "dynamodb:BatchGetItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        },
        "Waitlist/WaitlistPlans": {"sqs:SendMessage"},
    },
    "waitlist_planner": {
        "Base/Events": {"events:PutEvents"},
        "Base/LinkKeys": {"secretsmanager:GetSecretValue"},
        "Mail/MailBulk": {"sqs:SendMessage"},
        "Stock/Ledger": {"dynamodb:BatchGetItem", "dynamodb:GetItem"},
        "Waitlist/Entries": {
            "dynamodb:BatchGetItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        },
        "Waitlist/WaitlistPlans": {
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        },
    },
    "waitlist_recorder": {
        "Waitlist/Entries": {
            "dynamodb:BatchGetItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        },
        "Waitlist/WaitlistRecords": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
    },
    "waitlist_sweeper": {
        "Base/LinkKeys": {"secretsmanager:GetSecretValue"},
        "Mail/MailBulk": {"sqs:SendMessage"},
        "Waitlist/Entries": {
            "dynamodb:BatchGetItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        },
        "Waitlist/Entries/index/due": {"dynamodb:Query"},
        "Waitlist/WaitlistPlans": {"sqs:SendMessage"},
        "Waitlist/WaitlistSweeps": {
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        },
    },
}


def granted(template: Stacks, function: str) -> dict[str, set[str]]:
    """Return a function's actions by what they are allowed on, without its own log and X-Ray."""
    own_log = template.path(target(template.functions[function][1]["LoggingConfig"]["LogGroup"]))
    actions: dict[str, set[str]] = defaultdict(set)
    for statement in template.statements(function):
        for resource in listed(statement["Resource"]):
            actions[_name(template, resource)] |= set(listed(statement["Action"])) - TRACING
    assert actions.pop(own_log) == LOGGING
    return {name: named for name, named in actions.items() if named}


def _name(template: Stacks, resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    if "Fn::Join" in resource:
        return "".join(_name(template, part) for part in resource["Fn::Join"][1])
    if str(resource.get("Ref")).startswith("AWS::"):
        return f"<{resource['Ref'][5:]}>"
    stream = resource.get("Fn::GetAtt", ["", ""])[1] == "StreamArn"
    return template.path(target(resource)) + ("/stream" if stream else "")


def test_every_function_may_do_exactly_this(prod: Stacks) -> None:
    assert {name: granted(prod, name) for name in prod.functions} == EXPECTED


def test_the_local_stage_differs_in_what_the_local_aws_cannot_tell_apart_only(prod: Stacks, local: Stacks) -> None:
    different = {name for name in prod.functions if granted(prod, name) != granted(local, name)}
    assert different == {"mail_sender"}
    assert granted(local, "mail_sender")["*"] == SENDING | {"ses:GetAccount"}


@pytest.mark.parametrize("stage", ["prod", "local"])
def test_no_function_may_do_everything_of_anything(stage: str, request: pytest.FixtureRequest) -> None:
    template: Stacks = request.getfixturevalue(stage)
    wide = [
        (name, action)
        for name in template.functions
        for statement in template.statements(name)
        for action in listed(statement["Action"])
        if "*" in action
    ]
    assert wide == []


@pytest.mark.parametrize("stage", ["prod", "local"])
def test_no_role_carries_a_policy_of_somebody_else(stage: str, request: pytest.FixtureRequest) -> None:
    template: Stacks = request.getfixturevalue(stage)
    assert [name for name, role in template.properties("IAM::Role").items() if "ManagedPolicyArns" in role] == []
