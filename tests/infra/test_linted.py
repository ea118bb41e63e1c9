"""cfn-lint finds what CloudFormation would refuse; ``make check`` asks it about every stage."""

from typing import Any

from infra.operations.templates import Part, Templates
from tests.infra.linted import ACCEPTED, problems


def templates(**properties: Any) -> Templates:
    queue = {"Type": "AWS::SQS::Queue", "Properties": properties}
    return Templates((Part("Stock", {"Resources": {"Queue": queue}}, frozenset()),))


def test_what_aws_would_refuse_is_found_with_its_place() -> None:
    (found,) = problems(templates(VisibilityTimeout=50_000))
    assert found.startswith("Stock Resources/Queue/Properties/VisibilityTimeout: E")


def test_what_aws_takes_is_no_problem() -> None:
    assert list(problems(templates(VisibilityTimeout=360))) == []


def test_every_rule_that_is_not_asked_has_a_reason() -> None:
    assert [rule for rule, reason in ACCEPTED.items() if len(reason.split()) < 6] == []
