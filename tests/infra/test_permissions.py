"""What no function may do. What each function may do stands in ``tests/wiring.json``, where reviewers see it."""

from pathlib import Path

import pytest

from infra.operations.templates import listed
from tests.infra.template import Stacks, synthesize
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


SCANNING = {"preorder_recorder", "compensation_issuer"}
"""Who is erased is looked for in all reservations, and a rehearsal of a policy reads all orders that are kept: both are
so seldom that an index would cost more (DECISIONS.md)."""


@pytest.mark.parametrize("stage", ["prod", "local"])
def test_no_function_may_scan_a_table_but_for_what_is_seldom(stage: str, request: pytest.FixtureRequest) -> None:
    """A scan costs more with everything that a table remembers; what a walk must find stands in an index."""
    template: Stacks = request.getfixturevalue(stage)
    may = {name: set().union(*granted(template, name).values()) for name in template.functions}
    assert {name for name, actions in may.items() if "dynamodb:Scan" in actions} == SCANNING


@pytest.mark.parametrize("stage", ["prod", "local"])
def test_no_role_carries_a_policy_of_somebody_else(stage: str, request: pytest.FixtureRequest) -> None:
    template: Stacks = request.getfixturevalue(stage)
    assert [name for name, role in template.properties("IAM::Role").items() if "ManagedPolicyArns" in role] == []


def test_the_sender_may_mail_as_what_ses_may_look_at_and_as_nothing_else(tmp_path: Path) -> None:
    """The authorization reference wants an identity and a template, and the configuration set where one is named.

    SES looks at the sender's address, its domain or a parent of that, as the account has verified one of them; in its
    sandbox at recipients that are identities too.
    """
    sender = "Bücher <news@mail.bücher.example>"
    stacks = synthesize(tmp_path, stage="prod", sender=sender, sandbox_recipients="ana@home.example")
    account = "arn:<Partition>:ses:<Region>:<AccountId>:"
    domain = "xn--bcher-kva.example"
    assert {name: actions for name, actions in granted(stacks, "mail_sender").items() if ":ses:" in name} == {
        f"{account}{resource}": SENDING
        for resource in (
            f"identity/news@mail.{domain}",
            f"identity/mail.{domain}",
            f"identity/{domain}",
            "identity/ana@home.example",
            "template/*",
            "configuration-set/Mail/ConfigurationSet",
        )
    }
    assert stacks.findings == []


@pytest.mark.parametrize(
    ("said", "made"),
    [(None, "mail.myshop.example"), ("myshop.example", "myshop.example"), ("n@mail.myshop.example", None)],
)
def test_the_stage_makes_the_identity_that_the_shop_names_and_leaves_it_behind(
    tmp_path: Path, said: str | None, made: str | None
) -> None:
    stacks = synthesize(tmp_path, stage="prod", sender="n@mail.myshop.example", ses_identity=said)
    (identity,) = stacks.of("SES::EmailIdentity").values()
    assert identity["Properties"]["EmailIdentity"] == (made or said)
    assert (identity["DeletionPolicy"], identity["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
