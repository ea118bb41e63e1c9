"""Operators' commands see a stage whole, and nothing of the stages beside it."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local import running
from infra.operations.place import FUNCTION, Place, PlaceError, chosen
from tests.infra.template import ROOT, Stacks

QUEUE = "AWS::SQS::Queue"


def resource(kind: str, path: str, **properties: object) -> dict[str, Any]:
    return {"Type": kind, "Metadata": {"aws:cdk:path": path}, "Properties": properties}


DEPLOYED: dict[str, dict[str, dict[str, Any]]] = {
    "Standby-prod-Mail": {
        "outputs": {"MailBulkQueueUrl": "bulk"},
        "resources": {"Sender1": resource(FUNCTION, "Standby-prod-Mail/Sender/Function/Resource", Timeout=60)},
    },
    "Standby-prod-Stock": {
        "outputs": {"StockUpdatesQueueUrl": "updates"},
        "resources": {
            "Sweeper1": resource(FUNCTION, "Standby-prod-Stock/Sweeper/Function/Resource", Timeout=20),
            "Queue1": resource(QUEUE, "Standby-prod-Stock/StockUpdates/Queue/Resource"),
        },
    },
    "Standby-prod-eu-Stock": {
        "outputs": {"StockUpdatesQueueUrl": "of another stage"},
        "resources": {"Sweeper1": resource(FUNCTION, "Standby-prod-eu-Stock/Sweeper/Function/Resource")},
    },
    "CDKToolkit": {"outputs": {"BucketName": "assets"}, "resources": {}},
}


class CloudFormation:
    """CloudFormation, as far as a place asks it; one stack a page."""

    def __init__(self, deployed: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        self.deployed = deployed

    def get_paginator(self, operation: str) -> Any:
        self.operation = operation
        return self

    def paginate(self, **said: str) -> list[dict[str, Any]]:
        if self.operation == "describe_stacks":
            return [{"Stacks": [self._described(name)]} for name in self.deployed]
        return [
            {
                "StackResourceSummaries": [
                    {"LogicalResourceId": name, "ResourceType": found["Type"], "PhysicalResourceId": f"p-{name}"}
                ]
            }
            for name, found in self.deployed[said["StackName"]]["resources"].items()
        ]

    def get_template(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - the client's
        return {"TemplateBody": {"Resources": self.deployed[StackName]["resources"]}}

    def _described(self, name: str) -> dict[str, Any]:
        outputs = self.deployed[name]["outputs"].items()
        return {"StackName": name, "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs]}


def place(stage: str, deployed: Mapping[str, Any] = DEPLOYED) -> Place:
    made = Place(boto3.Session(region_name="eu-central-1"), stage)
    vars(made)["cloudformation"] = CloudFormation(deployed)
    return made


def test_the_outputs_are_those_of_all_stacks_of_the_stage() -> None:
    assert place("prod").outputs == {"MailBulkQueueUrl": "bulk", "StockUpdatesQueueUrl": "updates"}
    assert place("prod-eu").outputs == {"StockUpdatesQueueUrl": "of another stage"}


def test_resources_are_found_by_their_place_in_the_stage() -> None:
    assert place("prod").resources(FUNCTION) == {
        "Mail/Sender/Function": "p-Sender1",
        "Stock/Sweeper/Function": "p-Sweeper1",
    }
    assert place("prod").resources(QUEUE) == {"Stock/StockUpdates/Queue": "p-Queue1"}
    assert place("prod-eu").resources(FUNCTION) == {"Stock/Sweeper/Function": "p-Sweeper1"}


def test_every_function_is_found_by_its_folder_whichever_stack_it_stands_in(local: Stacks) -> None:
    deployed: dict[str, Any] = {f"Standby-local-{part.title}": {"outputs": {}, "resources": {}} for part in local.parts}
    for name, found in local.resources.items():
        deployed[f"Standby-local-{name.partition('.')[0]}"]["resources"][name] = found
    here = place("local", deployed)
    folders = [path.parent.name for path in (ROOT / "functions").glob("*/handler.py")]
    assert {name: here.function(name) for name in folders} == {
        name: f"p-{local.functions[name][0]}" for name in folders
    }
    assert here.function("imports_reader").startswith("p-Stock.Reader")
    with pytest.raises(PlaceError, match=r"'mail_reader': there is no such function; there are .*imports_reader"):
        here.function("mail_reader")


def test_what_the_templates_say_is_found_likewise() -> None:
    assert place("prod").properties(FUNCTION) == {
        "Mail/Sender/Function": {"Timeout": 60},
        "Stock/Sweeper/Function": {"Timeout": 20},
    }


def test_a_stage_that_is_not_there_is_named() -> None:
    with pytest.raises(PlaceError, match=r"no stage trial there: no stack is called Standby-trial-…"):
        _ = place("trial").outputs


def test_on_aws_the_region_is_that_of_the_cdk_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 alone does not read AWS_REGION, and cdk prefers it."""
    monkeypatch.setenv("AWS_REGION", "il-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert chosen(argparse.Namespace(stage="prod")).session.region_name == "il-central-1"
    monkeypatch.delenv("AWS_REGION")
    assert chosen(argparse.Namespace(stage="prod")).session.region_name == "us-east-1"


def test_no_region_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(PlaceError, match="no region is chosen: export AWS_REGION"):
        _ = chosen(argparse.Namespace(stage="prod")).outputs


@pytest.mark.parametrize("said", [None, "local"])
def test_the_stage_local_is_on_the_local_aws_and_never_on_aws(
    said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "find", lambda: None)
    with pytest.raises(PlaceError, match="the local AWS is not up"):
        chosen(argparse.Namespace(stage=said))
