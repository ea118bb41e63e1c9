"""What the stacks of a stage know of one another, and in which order they come."""

import json
from itertools import chain
from pathlib import Path

import pytest

from infra.layers.build import EXTRAS
from infra.naming import STACK
from infra.operations.templates import Part, Templates, target
from tests.infra.template import ROOT, Stacks, synthesize
from tests.wiring import WIRING

MOST_RESOURCES = 430
"""CloudFormation refuses a template of more than 500."""
MOST_PARAMETERS = 200
LONGEST_VALUE = 4_096
LONGEST_NAME = 80


@pytest.fixture(params=["prod", "local"])
def stacks(request: pytest.FixtureRequest) -> Stacks:
    made: Stacks = request.getfixturevalue(request.param)
    return made


def test_the_features_stand_between_the_base_and_the_gateway(stacks: Stacks) -> None:
    titles = [part.title for part in stacks.parts]
    assert (titles[0], titles[-1]) == ("Base", "Gateway"), (
        "infra/composition.py: a feature's line stands before Gateway"
    )
    features = {part.title: part.after for part in stacks.parts[1:-1]}
    assert [title for title, after in features.items() if "Base" not in after] == []
    assert stacks.parts[-1].after == {"Base", *features}


def test_a_stack_that_is_deployed_somewhere_keeps_its_title(stacks: Stacks) -> None:
    """The ids of its tables begin with it (``tests/wiring.json``). Another title is a new stack with empty tables."""
    deployed = {place.partition(".")[0] for place in (*WIRING["stateful"], *WIRING["held"].values())}
    gone = deployed - {part.title for part in stacks.parts}
    assert gone == set(), "data stays behind in the stacks of these titles: keep the classes' names"


def test_no_stack_exports_or_imports_anything(stacks: Stacks) -> None:
    text = {part.title: json.dumps(part.template) for part in stacks.parts}
    assert [title for title, said in text.items() if "Fn::ImportValue" in said or '"Export"' in said] == []
    assert [title for title, said in text.items() if "AWS::CloudFormation::Stack" in said] == []


def test_every_parameter_is_read_and_written_by_a_stack_that_is_deployed_earlier(stacks: Stacks) -> None:
    writers = {name: part.title for part in stacks.parts for name in part.written()}
    read = {(part.title, name) for part in stacks.parts for name in part.read().values()}
    after = {part.title: part.after for part in stacks.parts}
    assert [(title, name) for title, name in sorted(read) if writers.get(name) not in after[title]] == []
    assert {name for _, name in read} == set(writers)


def test_a_parameter_is_named_after_the_stage_and_its_stack(prod: Stacks, local: Stacks) -> None:
    for stage, stacks in (("prod", prod), ("local", local)):
        for part in stacks.parts:
            assert [n for n in part.written() if not n.startswith(f"/standby/{stage}/{part.title}/")] == []


def test_no_stack_passes_what_cloudformation_takes(stacks: Stacks) -> None:
    resources = {part.title: len(part.template["Resources"]) for part in stacks.parts}
    assert {title: count for title, count in resources.items() if count > MOST_RESOURCES} == {}
    parameters = {part.title: len(part.template.get("Parameters", {})) for part in stacks.parts}
    assert {title: count for title, count in parameters.items() if count > MOST_PARAMETERS} == {}


def test_no_parameter_can_be_longer_than_ssm_takes(stacks: Stacks) -> None:
    joined = {
        name: len(value["Fn::Join"][1])
        for part in stacks.parts
        for name, value in part.written().items()
        if value.get("Fn::Join", [None])[0] == ","
    }
    assert joined
    assert {name: count for name, count in joined.items() if count * (LONGEST_NAME + 1) > LONGEST_VALUE} == {}


def test_the_stage_of_the_api_comes_after_all_routes(stacks: Stacks) -> None:
    """AWS refuses settings of routes that are not there yet."""
    (stage,) = stacks.of("ApiGatewayV2::Stage")
    (title,) = [part.title for part in stacks.parts if stage.startswith(f"{part.title}.")]
    (after,) = [part.after for part in stacks.parts if part.title == title]
    assert {name.partition(".")[0] for name in stacks.of("ApiGatewayV2::Route")} <= after


def test_every_stack_brings_its_functions_their_code_itself(stacks: Stacks) -> None:
    """Only what reads pictures, spreadsheets or the bundle has a layer more."""
    used: set[str] = set()
    for name, function in stacks.properties("Lambda::Function").items():
        layers = {target(layer) for layer in function["Layers"]}
        assert {layer.split(".")[0] for layer in layers} == {name.split(".")[0]}
        assert len({layer for layer in layers if not any(f".{each.title()}Layer" in layer for each in EXTRAS)}) == 2
        used |= layers
    assert used == set(stacks.of("Lambda::LayerVersion"))


def test_all_stacks_carry_the_same_layers(stacks: Stacks) -> None:
    layers = stacks.properties("Lambda::LayerVersion").values()
    assert len({json.dumps(layer["Content"]) for layer in layers if layer["Description"] == "Standby itself"}) == 1


def test_one_dashboard_shows_every_queue_and_every_function(stacks: Stacks) -> None:
    (dashboard,) = stacks.properties("CloudWatch::Dashboard").values()
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    shown = {target(part) for part in parts if isinstance(part, dict)}
    assert {*stacks.of("SQS::Queue"), *stacks.of("Lambda::Function"), *stacks.of("ApiGatewayV2::Api")} <= shown
    features = {name.partition(".")[0] for name in stacks.of("Lambda::Function")}
    assert [title for title in ("API", *features) if f"## {title}" not in str(parts)] == []


def test_no_stage_counts_among_anothers_numbers(prod: Stacks, local: Stacks) -> None:
    for stage, stacks in (("prod", prod), ("local", local)):
        counted = {
            function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
            for _, function in stacks.functions.values()
        }
        watched = {a["Namespace"] for a in stacks.properties("CloudWatch::Alarm").values()}
        assert counted == {f"Standby-{stage}"}
        assert {name for name in watched if name.startswith("Standby")} == counted


WITHIN = {"DisplayName", "MetricName", "PolicyName"}
"""Names that need to be no others' only within the resource, its role or its namespace, and a label."""

WITHIN_AN_API = {("AWS::ApiGatewayV2::Stage", "$default"), ("AWS::ApiGatewayV2::Authorizer", "Authorizer")}


def named(stacks: Stacks) -> set[tuple[str, str]]:
    """Return whatever has a name that is fixed before the deployment, and that name."""
    return {
        (resource["Type"], value)
        for resource in stacks.resources.values()
        for key, value in resource.get("Properties", {}).items()
        if (key.endswith("Name") or key == "EmailIdentity") and isinstance(value, str) and key not in WITHIN
    }


def test_two_stages_in_one_account_share_no_name_but_the_sender(tmp_path: Path, prod: Stacks) -> None:
    """The second stage says ``verifies_sender: false`` where it sends as the first; the preflight tells it to."""
    said = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]["standby"]
    beside = synthesize(tmp_path, stage="prod-2", standby={"prod-2": said["prod"]})
    assert named(prod) & named(beside) == {
        ("AWS::SES::EmailIdentity", "shop.example"),
        *WITHIN_AN_API,
    }


def test_what_is_left_behind_is_in_the_way_of_nothing_but_ses(stacks: Stacks) -> None:
    """A fixed name blocks the next deployment while it is there. Of these only the SES identity outlives its stack."""
    kinds = {kind.removeprefix("AWS::") for kind, _ in named(stacks) - WITHIN_AN_API}
    assert kinds == {"SSM::Parameter", "SES::EmailIdentity", "Events::EventBus", "ApiGatewayV2::Api"}
    gone = {kind for kind in kinds for resource in stacks.of(kind).values() if "DeletionPolicy" not in resource}
    assert kinds - gone <= {"SES::EmailIdentity"}


def test_any_other_stage_is_deployed_like_production(tmp_path: Path, prod: Stacks) -> None:
    said = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]["standby"]
    other = synthesize(tmp_path, stage="de-2", standby={"de-2": said["prod"]}, alarm_email="ops@shop.example")
    assert other.outputs == prod.outputs
    assert [r["Type"] for r in other.resources.values()] == [r["Type"] for r in prod.resources.values()]
    assert {name for part in other.parts for name in part.written()} == {
        name.replace("/prod/", "/de-2/") for part in prod.parts for name in part.written()
    }
    assert other.findings == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Standby-prod-Stock", ("prod", "Stock")),
        ("Standby-prod-eu-Stock", ("prod-eu", "Stock")),
        ("Standby-prod", None),
        ("Standby-Stock", None),
        ("CDKToolkit", None),
        ("Standby-prod-stock", None),
        ("My-Standby-prod-Stock", None),
    ],
)
def test_a_stack_is_known_by_its_stage_and_its_title(name: str, found: tuple[str, str] | None) -> None:
    known = STACK.fullmatch(name)
    assert (known and known.groups()) == found


def test_a_reference_leads_to_the_resource_that_another_stack_named() -> None:
    """A name from a joined list and an address lead to the queue. AWS's own names stay as they are."""

    def parameter(name: str, value: object) -> dict[str, object]:
        return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": f"/standby/prod/{name}", "Value": value}}

    writer = {
        "Resources": {
            "Q": {"Type": "AWS::SQS::Queue"},
            "P": parameter("Mail/names", {"Fn::Join": [",", [{"Ref": "F"}, {"Fn::GetAtt": ["Q", "QueueName"]}]]}),
            "U": parameter("Mail/url", {"Ref": "Q"}),
        }
    }
    seen = {
        "Name": {"Fn::Select": [1, {"Fn::Split": [",", {"Ref": "Names"}]}]},
        "Url": {"Fn::Join": ["", [{"Ref": "Url"}, "/", {"Ref": "Own"}, {"Ref": "AWS::Region"}]]},
        "Elsewhere": {"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "Url"}]}]},
    }
    kind = "AWS::SSM::Parameter::Value<String>"
    reader = {
        "Parameters": {
            "Names": {"Type": kind, "Default": "/standby/prod/Mail/names"},
            "Url": {"Type": kind, "Default": "/standby/prod/Mail/url"},
            "BootstrapVersion": {"Type": kind, "Default": "/cdk-bootstrap/hnb659fds/version"},
        },
        "Resources": {"R": {"Type": "AWS::Events::Rule", "Properties": seen}},
    }
    parts = (Part("Mail", writer, frozenset()), Part("Waitlist", reader, frozenset({"Mail"})))
    assert Templates(parts).properties("Events::Rule") == {
        "Waitlist.R": {
            "Name": {"Fn::GetAtt": ["Mail.Q", "QueueName"]},
            "Url": {"Fn::Join": ["", [{"Ref": "Mail.Q"}, "/", {"Ref": "Waitlist.Own"}, {"Ref": "AWS::Region"}]]},
            "Elsewhere": {"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "Mail.Q"}]}]},
        }
    }
    assert set(chain.from_iterable(part.read().values() for part in parts)) == {
        "/standby/prod/Mail/names",
        "/standby/prod/Mail/url",
    }
