"""What is said before a deployment."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

from infra.constructs.routes import all_routes
from infra.local.emulator import PARALLEL_FUNCTIONS
from infra.operations import preflight
from infra.operations.account import IDENTITY, STORES, Account, Assembly, Kept
from infra.operations.place import Place
from infra.operations.preflight import Finding, Preflight, Verdict
from infra.operations.templates import Part, Templates
from infra.stage import Shop, read
from tests.infra.template import ROOT, Stacks
from tests.infra.test_account import Stubbed

SAID = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
OWN = {
    "sender": "Uhren Meier <post@mail.meier.example>",
    "sender_identity": "Uhren Meier, Turmgasse 1, Bern",
    "cors_origins": "https://meier.example",
    "alarm_email": "ops@meier.example",
}
VERIFIED = {"VerifiedForSendingStatus": True}
SENDING = {
    "SendingEnabled": True,
    "EnforcementStatus": "HEALTHY",
    "ProductionAccessEnabled": True,
    "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0},
}


def stage(name: str = "prod", **said: Any) -> Any:
    return read({**SAID, "stage": name, **OWN, **said}.get)


def shop(**said: Any) -> Shop:
    made: Shop = stage(**said).shop
    return made


def verdicts(findings: Iterable[Finding]) -> list[str]:
    return [finding.verdict.value for finding in findings]


def only(findings: Iterable[Finding], verdict: Verdict) -> Finding:
    (finding,) = [finding for finding in findings if finding.verdict is verdict]
    return finding


# ---- what the shop says ----


def test_a_shops_own_values_go_through() -> None:
    assert verdicts(preflight.values(stage())) == ["ok"]


def test_an_examples_value_stops_a_deployment_and_is_named_with_its_place() -> None:
    found = list(preflight.values(stage(sender="Example Shop <news@shop.example>")))
    assert verdicts(found) == ["stop"]
    assert "sender is still an example's" in found[0].what
    assert "context.standby.prod" in found[0].do


def test_an_examples_value_is_right_on_the_local_aws() -> None:
    assert "stop" not in verdicts(preflight.values(read({**SAID, "stage": "local"}.get)))


def test_alarms_that_nobody_hears_are_said() -> None:
    assert "alarm_email" in only(preflight.values(stage(alarm_email="")), Verdict.LOOK).do


# ---- CDK ----


@pytest.mark.parametrize(("version", "verdict"), [(None, "stop"), (5, "stop"), (6, "ok"), (33, "ok")])
def test_cdk_needs_its_bootstrap_in_the_region(version: int | None, verdict: str) -> None:
    found = preflight.bootstrap(version, 6, region="il-central-1", stage="trial")
    assert (found.verdict.value, "il-central-1" in found.what) == (verdict, True)
    assert found.do.endswith("make bootstrap stage=trial") is (verdict == "stop")


# ---- SES ----


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, ["ok"]),
        ({"SendingEnabled": False}, ["stop", "ok"]),
        ({"EnforcementStatus": "SHUTDOWN"}, ["stop", "ok"]),
        ({"EnforcementStatus": "PROBATION"}, ["look", "ok"]),
        ({"ProductionAccessEnabled": False}, ["look"]),
    ],
)
def test_an_account_that_may_not_send_is_said(said: Mapping[str, Any], found: Sequence[str]) -> None:
    assert verdicts(preflight.mail_account(SENDING | said)) == found


def test_the_sandbox_is_said_with_what_can_be_tried_there() -> None:
    do = only(preflight.mail_account(SENDING | {"ProductionAccessEnabled": False}), Verdict.LOOK).do
    assert "production access" in do
    assert "success@simulator.amazonses.com" in do
    assert "sandbox_recipients" in do


@pytest.mark.parametrize(
    ("makes", "there", "owned", "found"),
    [
        (True, {}, False, ["ok"]),
        (True, {"mail.meier.example": VERIFIED}, True, ["ok"]),
        (True, {"mail.meier.example": VERIFIED}, False, ["stop"]),
        (True, {"mail.meier.example": {"VerifiedForSendingStatus": False}}, True, ["look"]),
        (True, {"meier.example": VERIFIED}, False, ["look"]),
        (False, {}, False, ["stop"]),
        (False, {"mail.meier.example": VERIFIED}, False, ["ok"]),
        (False, {"mail.meier.example": {"VerifiedForSendingStatus": False}}, False, ["look"]),
        (False, {"meier.example": VERIFIED}, False, ["stop"]),
    ],
)
def test_the_stage_makes_the_identity_exactly_where_the_account_has_none(
    makes: bool,  # noqa: FBT001
    there: Mapping[str, Any],
    owned: bool,  # noqa: FBT001
    found: Sequence[str],
) -> None:
    assert verdicts(preflight.identity(shop(verifies_sender=makes), there, owned=owned)) == found


def test_an_identity_that_is_there_already_is_used_instead_of_made() -> None:
    (found,) = preflight.identity(shop(), {"mail.meier.example": VERIFIED}, owned=False)
    assert "verifies_sender: false" in found.do


def test_a_verified_parent_is_pointed_out() -> None:
    (found,) = preflight.identity(shop(verifies_sender=False), {"meier.example": VERIFIED}, owned=False)
    assert "write it into ses_identity" in found.do
    assert verdicts(
        preflight.identity(
            shop(verifies_sender=False, ses_identity="meier.example"), {"meier.example": VERIFIED}, owned=False
        )
    ) == ["ok"]


def test_an_unverified_domains_records_are_written_out() -> None:
    unverified = {"VerifiedForSendingStatus": False, "DkimAttributes": {"Tokens": ["t1", "t2"]}}
    (found,) = preflight.identity(shop(), {"mail.meier.example": unverified}, owned=True)
    assert "t1._domainkey.mail.meier.example CNAME t1.dkim.amazonses.com; t2._domainkey" in found.do


# ---- Lambda ----


def test_a_new_accounts_ten_never_hold_the_queues() -> None:
    found = preflight.concurrency(10, {f"Queue{number}": 2 for number in range(10)}, answering=3)
    assert found.verdict is Verdict.STOP
    assert "10 functions may run at once here, and 23 are needed" in found.what
    assert "no setting of ours makes them fit" in found.what
    assert "L-B99A9384" in found.do


def test_a_quota_that_smaller_mosts_would_fit_is_told_apart() -> None:
    assert "no setting" not in preflight.concurrency(30, {"A": 20, "B": 20}, answering=2).what
    assert preflight.concurrency(42, {"A": 20, "B": 20}, answering=2).verdict is Verdict.GOOD


def test_the_other_stages_of_the_account_need_room_too() -> None:
    assert preflight.concurrency(50, {"A": 20}, answering=2, beside={"staging": 28}).verdict is Verdict.GOOD
    found = preflight.concurrency(50, {"A": 20}, answering=2, beside={"staging": 28, "trial": 1})
    assert found.verdict is Verdict.STOP
    assert "51 are needed (A 20; 2 for the API; 28 for the stage staging; 1 for the stage trial)" in found.what


def test_a_mapping_needs_its_most_and_without_one_what_lambda_begins_with() -> None:
    mapping = {"Type": "AWS::Lambda::EventSourceMapping"}

    def source(name: str) -> dict[str, Any]:
        return {"Type": "AWS::SQS::Queue", "Metadata": {"aws:cdk:path": f"Standby-prod-Stock/{name}/Queue/Resource"}}

    def of(name: str, **more: Any) -> dict[str, Any]:
        return {**mapping, "Properties": {"EventSourceArn": {"Fn::GetAtt": [name, "Arn"]}, **more}}

    template = {
        "Resources": {
            **{name: source(name) for name in ("Capped", "Open", "Stream")},
            "M1": of("Capped", ScalingConfig={"MaximumConcurrency": 2}),
            "M2": of("Open"),
            "M3": of("Stream", StartingPosition="TRIM_HORIZON"),
        }
    }
    templates = Templates((Part("Stock", template, frozenset()),))
    assert preflight.needs(templates) == {"Stock/Capped": 2, "Stock/Open": 5, "Stock/Stream": 1}


def test_the_local_aws_lets_as_many_functions_run_as_the_stage_needs(local: Stacks) -> None:
    needs, answering = preflight.needs(local), preflight.answering(local)
    assert answering == len({route.function for route in all_routes()}) + len(local.of("ApiGatewayV2::Authorizer"))
    assert len(needs) == len(local.of("Lambda::EventSourceMapping")) > 0
    assert preflight.concurrency(PARALLEL_FUNCTIONS, needs, answering=answering).verdict is Verdict.GOOD


# ---- alarms, stacks, leftovers ----


@pytest.mark.parametrize(
    ("subscriptions", "verdict"),
    [
        (None, "ok"),
        ([], "ok"),
        ([{"Endpoint": "ops@meier.example", "SubscriptionArn": "PendingConfirmation"}], "look"),
        ([{"Endpoint": "ops@meier.example", "SubscriptionArn": "arn:aws:sns:eu-west-1:1:t:u"}], "ok"),
    ],
)
def test_whoever_is_to_be_told_has_to_agree(subscriptions: Any, verdict: str) -> None:
    assert verdicts(preflight.alarms(shop(), subscriptions)) == [verdict]


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("CREATE_COMPLETE", "ok"),
        ("UPDATE_ROLLBACK_COMPLETE", "ok"),
        ("ROLLBACK_COMPLETE", "look"),
        ("ROLLBACK_FAILED", "stop"),
        ("DELETE_FAILED", "stop"),
        ("UPDATE_ROLLBACK_FAILED", "stop"),
        ("UPDATE_IN_PROGRESS", "stop"),
        ("REVIEW_IN_PROGRESS", "stop"),
    ],
)
def test_a_stack_that_cloudformation_would_not_touch_is_said_with_what_to_do(state: str, verdict: str) -> None:
    first, *_ = preflight.states("prod", {"Stock": state})
    assert first.verdict.value == verdict
    if state in preflight.BLOCKED:
        assert "Standby-prod-Stock" in first.do


def test_the_first_deployment_is_told_apart() -> None:
    assert "first" in only(preflight.states("prod", {}), Verdict.GOOD).what


@pytest.mark.parametrize("kind", ["table", "bucket"])
@pytest.mark.parametrize("importable", [True, False])
def test_what_outlived_its_stack_is_named_with_how_to_adopt_and_how_to_remove_it(
    kind: str,
    importable: bool,  # noqa: FBT001
) -> None:
    lost, ours = Kept(kind, "lost", "Standby-prod-Stock"), Kept(kind, "ours", "Standby-prod-Stock")
    can = {(lost.stack, kind)} if importable else {("Standby-prod-Other", kind)}
    (found,) = preflight.leftovers([lost, ours], {"AWS::DynamoDB::GlobalTable": {"ours"}}, can)
    assert found.verdict is Verdict.LOOK
    assert f"{kind} lost was left behind by Standby-prod-Stock" in found.what
    assert ("cdk import --app cdk.out Standby-prod-Stock" in found.do) is importable
    assert f"remove it: {preflight.REMOVALS[kind].format(name='lost')}" in found.do


def test_only_what_stands_alone_can_be_adopted(prod: Stacks) -> None:
    """``cdk import`` puts one resource into a template, and the bucket names the queue that hears of its files."""
    stores = {
        (f"Standby-prod-{part.title}", kind)
        for part in prod.parts
        for resource in part.template["Resources"].values()
        for kind, made in STORES.items()
        if resource["Type"] == made
    }
    assert stores - preflight.adoptable("prod", prod) == {("Standby-prod-Stock", "bucket")}


@pytest.mark.parametrize(
    "resource",
    [
        {"Properties": {"Queue": {"Fn::GetAtt": ["Other", "Arn"]}}},
        {"Properties": {"Names": [{"Ref": "Parameter"}]}},
        {"Properties": {"Name": {"Fn::Sub": "${Other}"}}},
        {"Properties": {}, "DependsOn": ["Other"]},
    ],
)
def test_what_leads_to_others_cannot_be_adopted(resource: dict[str, Any]) -> None:
    alone = {"Properties": {"Region": {"Ref": "AWS::Region"}}}

    def adoptable(**resources: dict[str, Any]) -> set[tuple[str, str]]:
        template = {"Resources": {name: {"Type": "AWS::S3::Bucket", **one} for name, one in resources.items()}}
        return preflight.adoptable("prod", Templates((Part("Stock", template, frozenset()),)))

    assert adoptable(A=alone) == {("Standby-prod-Stock", "bucket")}
    assert adoptable(A=alone, B=resource) == set(), "nobody can tell which of the two was left behind"


# ---- the whole run ----


@pytest.mark.parametrize(
    ("makes", "there", "stacks", "told"),
    [
        (True, True, [], True),
        (True, True, ["Mail"], False),
        (True, False, [], False),
        (False, True, [], False),
    ],
)
def test_an_identity_that_stays_is_named_when_its_stage_goes(
    makes: bool,  # noqa: FBT001
    there: bool,  # noqa: FBT001
    stacks: list[str],
    told: bool,  # noqa: FBT001
    assembly: Assembly,
) -> None:
    class Left(Account):
        def identity(self, name: str) -> Mapping[str, Any] | None:
            return VERIFIED if there and name == "mail.meier.example" else None

        def held(self) -> dict[str, set[str]]:
            return {IDENTITY: {"mail.meier.example"}} if stacks else {}

        def kept(self, titles: list[str]) -> set[Kept]:
            assert titles == ["Stock"]
            return set()

    place = Place(cast("boto3.Session", Stubbed()), "prod")
    found = list(Preflight(stage(verifies_sender=makes), Left(place), assembly).left_behind())
    assert [finding.verdict.value for finding in found] == ["look"] * told
    assert all("delete-email-identity --email-identity mail.meier.example" in finding.do for finding in found)


class Silent(Account):
    """An account that knows who asks and tells nothing else."""

    def caller(self) -> Mapping[str, Any]:
        return {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/dana"}


class Refusing(Account):
    """An account without credentials."""

    def caller(self) -> Mapping[str, Any]:
        raise NoCredentialsError


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    template = {"Resources": {}}
    (tmp_path / "Standby-prod-Stock.json").write_text(json.dumps(template), "utf-8")
    properties = {
        "templateFile": "Standby-prod-Stock.json",
        "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
        "requiresBootstrapStackVersion": 6,
    }
    artifacts = {"Standby-prod-Stock": {"properties": properties}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), "utf-8")
    return Assembly(tmp_path)


def test_without_a_region_nothing_is_asked(assembly: Assembly) -> None:
    nowhere = Stubbed()
    nowhere.region_name = None  # type: ignore[assignment]
    found = list(Preflight(stage(), Refusing(Place(cast("boto3.Session", nowhere), "prod")), assembly).run())
    assert verdicts(found) == ["ok", "stop"]
    assert "AWS_REGION" in found[-1].do


def test_without_credentials_nothing_else_is_asked(assembly: Assembly) -> None:
    place = Place(cast("boto3.Session", Stubbed()), "prod")
    found = list(Preflight(stage(), Refusing(place), assembly).run())
    assert verdicts(found) == ["ok", "stop"]
    assert "AWS_PROFILE" in found[-1].do


def test_a_question_that_aws_does_not_answer_is_said_and_the_others_are_asked(
    assembly: Assembly, capsys: pytest.CaptureFixture[str]
) -> None:
    denied = "AccessDeniedException"
    answers = {
        "ssm": [("get_parameter", denied)],
        "sesv2": [("get_account", denied)],
        "lambda": [("get_account_settings", {"AccountLimit": {"UnreservedConcurrentExecutions": 10}})],
        "cloudformation": [("describe_stacks", denied)],
        "resourcegroupstaggingapi": [("get_resources", denied)],
    }

    place = Place(cast("boto3.Session", Stubbed(**answers)), "prod")
    assert preflight.told(Preflight(stage(), Silent(place), assembly).run()) == 0
    told = capsys.readouterr().out
    assert "?     bootstrap: AWS does not tell: GetParameter: AccessDeniedException injected" in told
    assert "ok    10 functions may run at once; 0 are needed" in told


# ---- the CDN's certificate ----

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/8d2b6c1a-0000-4000-8000-000000000000"
BEHIND = {"cdn_certificate": CERTIFICATE, "public_url": "https://care.meier.example", "trusted_proxies": 1}
NOW = datetime(2026, 5, 3, tzinfo=UTC)
ISSUED = {"Status": "ISSUED", "DomainName": "care.meier.example", "NotAfter": datetime(2027, 5, 3, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("found", "verdict", "said"),
    [
        (ISSUED, "ok", "is issued"),
        ({**ISSUED, "DomainName": "meier.example", "SubjectAlternativeNames": ["*.Meier.example"]}, "ok", "is issued"),
        (None, "stop", "there is no certificate"),
        ({**ISSUED, "DomainName": "shop.meier.example"}, "stop", "and not for care.meier.example"),
        ({**ISSUED, "DomainName": "*.care.meier.example"}, "stop", "and not for care.meier.example"),
        ({**ISSUED, "DomainName": "*.example"}, "stop", "and not for care.meier.example"),
        ({**ISSUED, "Status": "EXPIRED"}, "stop", "is EXPIRED"),
        ({**ISSUED, "Status": "PENDING_VALIDATION"}, "stop", "is not issued yet"),
        ({**ISSUED, "NotAfter": NOW + timedelta(days=29)}, "look", "ends on 2026-06-01"),
    ],
)
def test_a_certificate_that_cloudfront_would_refuse_stops_a_deployment(
    found: Mapping[str, Any] | None, verdict: str, said: str
) -> None:
    finding = preflight.certificate(CERTIFICATE, "care.meier.example", found, now=NOW)
    assert (finding.verdict.value, said in finding.what) == (verdict, True), finding


def test_who_waits_for_a_certificate_is_told_the_dns_records_that_it_waits_for() -> None:
    record = {"Name": "_x.care.meier.example.", "Type": "CNAME", "Value": "_y.acm-validations.aws."}
    waits = {"Status": "PENDING_VALIDATION", "DomainName": "care.meier.example",
             "DomainValidationOptions": [{"ResourceRecord": record}]}  # fmt: skip
    finding = preflight.certificate(CERTIFICATE, "care.meier.example", waits, now=NOW)
    assert "_x.care.meier.example. CNAME _y.acm-validations.aws." in finding.do


def test_acm_is_asked_in_the_certificates_region_and_only_where_there_is_one(assembly: Assembly) -> None:
    asked: list[str] = []

    class Noting(Silent):
        def certificate(self, arn: str) -> Mapping[str, Any] | None:
            asked.append(arn)
            return None

    for said, verdict in ((BEHIND, ["stop"]), ({}, [])):
        place = Place(cast("boto3.Session", Stubbed()), "prod")
        found = Preflight(stage(**said), Noting(place), assembly)._certificate()
        assert verdicts(found) == verdict
    assert asked == [CERTIFICATE]

    class Regions(Stubbed):
        def client(self, service: str, **more: Any) -> Any:
            asked.append(more["region_name"])
            return super().client(service)

    answers = {"acm": [("describe_certificate", {"Certificate": {"Status": "ISSUED"}})]}
    place = Place(cast("boto3.Session", Regions(**answers)), "prod")
    assert Account(place).certificate(CERTIFICATE) == {"Status": "ISSUED"}
    assert asked[1:] == ["us-east-1"]
    missing = Place(cast("boto3.Session", Stubbed(acm=[("describe_certificate", "ResourceNotFoundException")])), "prod")
    assert Account(missing).certificate(CERTIFICATE) is None
