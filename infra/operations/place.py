"""Where Standby runs, for the operators' commands: the local AWS that ``make up`` started, or a stage on AWS.

On AWS the operator's own credentials and region are used, as for any SDK (``AWS_PROFILE``, ``AWS_REGION``).
"""

import argparse
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from infra.local import emulator, running
from infra.naming import STACK, stack_name

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

LOCAL = "local"
FUNCTION = "AWS::Lambda::Function"
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


class PlaceError(Exception):
    """Standby does not run there, or has nothing of that name. The message says what to do."""


@dataclass(frozen=True)
class Place:
    """A deployed stage, and how to reach it. ``endpoint`` is the local AWS's address, ``None`` on AWS.

    Callers need not know which stack something is in: resources and outputs are those of all the stage's stacks.
    """

    session: boto3.Session
    stage: str = LOCAL
    endpoint: str | None = None

    @cached_property
    def sqs(self) -> "SQSClient":
        """A client of the queues."""
        return self.session.client("sqs", endpoint_url=self.endpoint, config=emulator.client_config())

    @cached_property
    def streams(self) -> Any:  # noqa: ANN401 - boto3's types leave this service out
        """A client of the tables' streams."""
        made: Any = self.session.client("dynamodbstreams", endpoint_url=self.endpoint)
        return made

    @cached_property
    def functions(self) -> "LambdaClient":
        """A client of the functions."""
        return self.session.client("lambda", endpoint_url=self.endpoint)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """A client of the stacks."""
        return self.session.client("cloudformation", endpoint_url=self.endpoint)

    @cached_property
    def stacks(self) -> dict[str, dict[str, str]]:
        """The outputs of each of the stage's stacks, by its title. Raises `PlaceError` when there are none."""
        if self.session.region_name is None:
            raise PlaceError("no region is chosen: export AWS_REGION=eu-central-1, or set one in your AWS profile")
        pages = self.cloudformation.get_paginator("describe_stacks").paginate()
        found = {
            name["title"]: {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
            for page in pages
            for stack in page["Stacks"]
            if (name := STACK.fullmatch(stack["StackName"])) and name["stage"] == self.stage
        }
        if not found:
            raise PlaceError(f"no stage {self.stage} there: no stack is called {stack_name(self.stage, '…')}")
        return found

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of all stacks. Raises `PlaceError` when there is no such stage."""
        return {key: value for outputs in self.stacks.values() for key, value in outputs.items()}

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """The deployed templates, by the stacks' titles."""
        return {title: self._template(stack_name(self.stage, title)) for title in self.stacks}

    def resources(self, *kinds: str) -> dict[str, str]:
        """Return the physical ids of the resources of these types, by their place in the stage's tree."""
        found = {}
        for title, template in self.templates.items():
            tree = _tree(title, template)
            pages = self.cloudformation.get_paginator("list_stack_resources").paginate(
                StackName=stack_name(self.stage, title)
            )
            for page in pages:
                for resource in page["StackResourceSummaries"]:
                    if resource["ResourceType"] in kinds:
                        place = tree.get(resource["LogicalResourceId"], "")
                        found[place] = resource.get("PhysicalResourceId", "")
        return found

    def function(self, name: str) -> str:
        """Return the physical id of a function by the name of its folder, whichever stack it stands in.

        Raises `PlaceError`, listing the names, when it is not deployed.
        """
        places = {said.get("Description", ""): place for place, said in self.properties(FUNCTION).items()}
        if name not in places:
            raise PlaceError(
                f"{name!r}: there is no such function; there are {', '.join(sorted(filter(None, places)))}"
            )
        return self.resources(FUNCTION)[places[name]]

    def properties(self, *kinds: str) -> dict[str, dict[str, Any]]:
        """Return what the templates say of the resources of these types, by their place in the stage's tree."""
        return {
            place: template["Resources"][logical].get("Properties", {})
            for title, template in self.templates.items()
            for logical, place in _tree(title, template).items()
            if template["Resources"][logical]["Type"] in kinds
        }

    def _template(self, stack: str) -> dict[str, Any]:
        body: Any = self.cloudformation.get_template(StackName=stack)["TemplateBody"]
        template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
        return template


def _tree(title: str, template: Mapping[str, Any]) -> dict[str, str]:
    """Return the place of each resource in the stage's tree, e.g. ``Stock/StockUpdates/Queue``, by logical id."""
    return {
        logical: f"{title}/{path.partition('/')[2].removesuffix('/Resource')}"
        for logical, resource in template["Resources"].items()
        if (path := resource.get("Metadata", {}).get("aws:cdk:path", ""))
    }


def named(resources: Mapping[str, str], name: str) -> str:
    """Return the resource with this name, case and separators aside. Of several the shortest place in the tree wins.

    Raises `PlaceError`, listing the names, when there is none.
    """
    wanted = _plain(name)
    found = {known: value for known, value in resources.items() if wanted and wanted in _plain(known)}
    if not found:
        raise PlaceError(f"{name!r}: there is no such thing; there are {', '.join(sorted(resources))}")
    return found[min(found, key=len)]


def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the choice of the place to a command."""
    parser.add_argument("--stage", help="a stage on AWS; without it, the local AWS")
    return parser


def chosen(said: argparse.Namespace) -> Place:
    """Return the place that the command line names. Raises `PlaceError` when the local AWS is not up."""
    if said.stage in (None, LOCAL):
        return local()
    # The SDK for Python alone does not read AWS_REGION, and cdk does: without this, commands look where nothing is.
    return Place(boto3.Session(region_name=os.environ.get("AWS_REGION")), said.stage)


def local() -> Place:
    """Return the local AWS that ``make up`` started. Raises `PlaceError` when there is none."""
    server = running.find()
    if server is None:
        raise PlaceError("the local AWS is not up: make up (or name a stage on AWS: stage=prod)")
    return Place(server.session(), LOCAL, server.address)


def local_outputs() -> dict[str, str]:
    """Return what ``make up`` wrote. Raises `PlaceError` when it did not finish."""
    try:
        outputs: dict[str, str] = json.loads(Path(running.OUTPUTS).read_text("utf-8"))
    except FileNotFoundError as error:
        raise PlaceError("the local AWS is not deployed: make up") from error
    return outputs


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
