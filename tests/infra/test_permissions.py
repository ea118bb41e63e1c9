"""What no function may do. What each function may do stands in ``tests/wiring.json``, where reviewers see it."""

import pytest

from infra.operations.templates import listed
from tests.infra.template import Stacks
from tests.infra.wired import granted

SENDING = {"ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"}


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
