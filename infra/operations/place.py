"""Where Standby runs, for the operators' commands: the local AWS that ``make up`` started, or a stack on AWS.

On AWS the operator's own credentials and region are used, as for any SDK (``AWS_PROFILE``, ``AWS_REGION``).
"""

import argparse
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from infra.local import emulator, running

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

STACK = "Standby"
FUNCTION = "AWS::Lambda::Function"
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


class PlaceError(Exception):
    """Standby does not run there, or has nothing of that name; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """A deployed stack, and how to reach it. ``endpoint`` is the local AWS's address, ``None`` on AWS."""

    session: boto3.Session
    stack: str = STACK
    endpoint: str | None = None

    @cached_property
    def sqs(self) -> "SQSClient":
        """A client of the queues."""
        return self.session.client("sqs", endpoint_url=self.endpoint, config=emulator.client_config())

    @cached_property
    def functions(self) -> "LambdaClient":
        """A client of the functions."""
        return self.session.client("lambda", endpoint_url=self.endpoint)

    @cached_property
    def stacks(self) -> "CloudFormationClient":
        """A client of the stacks."""
        return self.session.client("cloudformation", endpoint_url=self.endpoint)

    def resources(self, *kinds: str) -> dict[str, str]:
        """Return the physical ids of the stack's resources of these types, by their place in the stack's tree."""
        pages = self.stacks.get_paginator("list_stack_resources").paginate(StackName=self.stack)
        return {
            self._tree.get(resource["LogicalResourceId"], ""): resource.get("PhysicalResourceId", "")
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] in kinds
        }

    def properties(self, *kinds: str) -> dict[str, dict[str, Any]]:
        """Return the template's properties of the stack's resources of these types, by their place in the tree."""
        return {
            self._tree.get(logical, logical): resource.get("Properties", {})
            for logical, resource in self.template["Resources"].items()
            if resource["Type"] in kinds
        }

    @cached_property
    def template(self) -> dict[str, Any]:
        """The deployed template."""
        body: Any = self.stacks.get_template(StackName=self.stack)["TemplateBody"]
        template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
        return template

    @cached_property
    def _tree(self) -> dict[str, str]:
        """The place of each resource in the construct tree, e.g. ``Stock/StockUpdates/Queue``, by logical id."""
        return {
            logical: path.partition("/")[2].removesuffix("/Resource")
            for logical, resource in self.template["Resources"].items()
            if (path := resource.get("Metadata", {}).get("aws:cdk:path", ""))
        }

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs. Raises `PlaceError` when there is no such stack."""
        try:
            found = self.stacks.describe_stacks(StackName=self.stack)["Stacks"][0].get("Outputs", [])
        except self.stacks.exceptions.ClientError as error:
            raise PlaceError(f"no stack {self.stack} there: {error}") from error
        return {output["OutputKey"]: output["OutputValue"] for output in found}


def named(resources: Mapping[str, str], name: str) -> str:
    """Return the resource with this name: the shortest place in the tree that has it; case and separators aside.

    Raises `PlaceError`, listing the names, when there is none.
    """
    wanted = _plain(name)
    found = {known: value for known, value in resources.items() if wanted and wanted in _plain(known)}
    if not found:
        raise PlaceError(f"{name!r}: there is no such thing; there are {', '.join(sorted(resources))}")
    return found[min(found, key=len)]


def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the choice of the place to a command."""
    parser.add_argument("--stack", help="a stack on AWS; without it, the local AWS")
    return parser


def chosen(said: argparse.Namespace) -> Place:
    """Return the place that the command line names. Raises `PlaceError` when the local AWS is not up."""
    if said.stack:
        return Place(boto3.Session(), said.stack)
    return local()


def local() -> Place:
    """Return the local AWS that ``make up`` started. Raises `PlaceError` when there is none."""
    server = running.find()
    if server is None:
        raise PlaceError("the local AWS is not up: make up (or name a stack on AWS: STACK=Standby)")
    return Place(server.session(), STACK, server.address)


def local_outputs() -> dict[str, str]:
    """Return what ``make up`` wrote. Raises `PlaceError` when it did not finish."""
    try:
        outputs: dict[str, str] = json.loads(Path(running.OUTPUTS).read_text("utf-8"))
    except FileNotFoundError as error:
        raise PlaceError("the local AWS is not deployed: make up") from error
    return outputs


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
