"""A synthesized stack, read the way the tests ask about it."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cdk_nag
from aws_cdk import App, Validations

from infra.layers.build import Layer, Layers
from infra.stack import StandbyStack
from infra.stage import read

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Template:
    """The CloudFormation template of one stage, and what cdk-nag found in it."""

    body: dict[str, Any]
    findings: list[str]
    accepted: set[tuple[str, str]]
    """Rules that were acknowledged, with the reasons given."""

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a type (``SQS::Queue``), by logical id."""
        return {
            name: resource for name, resource in self.body["Resources"].items() if resource["Type"] == f"AWS::{kind}"
        }

    def properties(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of the resources of a type, by logical id."""
        return {name: resource.get("Properties", {}) for name, resource in self.of(kind).items()}

    @cached_property
    def functions(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return each function's logical id and properties by the name of its folder."""
        return {p["Description"]: (name, p) for name, p in self.properties("Lambda::Function").items()}

    @cached_property
    def dead_letter_queues(self) -> set[str]:
        """Return the logical ids of the queues in which other queues, or a stream, set aside what failed."""
        redriven = (
            p["RedrivePolicy"]["deadLetterTargetArn"]
            for p in self.properties("SQS::Queue").values()
            if "RedrivePolicy" in p
        )
        streams = (
            p["DestinationConfig"]["OnFailure"]["Destination"]
            for p in self.properties("Lambda::EventSourceMapping").values()
            if "DestinationConfig" in p
        )
        return {target(arn) for arn in (*redriven, *streams)}

    def path(self, logical_id: str) -> str:
        """Return where a resource's construct stands: ``Stock/Ledger`` for ``Standby/Stock/Ledger/Table/Resource``."""
        parts = self.body["Resources"][logical_id]["Metadata"]["aws:cdk:path"].split("/")[1:-1]
        own = {"Queue", "Table", "Function", "Secret", "Bus", "Log"}
        return "/".join(parts[:-1] if parts[-1] in own and len(parts) > 1 else parts)

    def statements(self, function: str) -> Iterator[dict[str, Any]]:
        """Yield every policy statement of a function's role."""
        role = target(self.functions[function][1]["Role"])
        for policy in self.properties("IAM::Policy").values():
            if {"Ref": role} in policy["Roles"]:
                yield from policy["PolicyDocument"]["Statement"]
        for policy in self.properties("IAM::Role")[role].get("Policies", ()):
            yield from policy["PolicyDocument"]["Statement"]


def target(reference: Any) -> str:
    """Return the logical id that a reference names."""
    if "Ref" in reference:
        return reference["Ref"]
    logical_id: str = reference["Fn::GetAtt"][0]
    return logical_id


def listed(value: Any) -> list[Any]:
    """Return a policy's one-or-many as a list."""
    return value if isinstance(value, list) else [value]


def synthesize(folder: Path, **context: str) -> Template:
    """Synthesize the stack into ``folder`` with tiny layers; ``context`` is what ``-c`` would say."""
    said = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    app = App(outdir=str(folder / "cdk.out"), context={**said, "aws:cdk:enable-path-metadata": True, **context})
    tiny = folder / "layer"
    (tiny / "python").mkdir(parents=True)
    (tiny / "python" / "tiny.py").write_text("", "utf-8")
    layer = Layer(tiny, "tiny")
    StandbyStack(
        app,
        "Standby",
        stage=read(app.node.try_get_context),
        layers=Layers(core=layer, dependencies=layer),
    )
    Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks())
    with contextlib.suppress(RuntimeError):  # findings raise; the tests want to read them
        app.synth()
    assembly = folder / "cdk.out"
    body = json.loads((assembly / "Standby.template.json").read_text("utf-8"))
    (report,) = json.loads((assembly / "validation-report.json").read_text("utf-8"))["pluginReports"]
    return Template(
        body,
        findings=[_finding(violation) for violation in report["violations"]],
        accepted={(found["ruleName"], found["reason"]) for found in report["suppressedViolations"]},
    )


def _finding(violation: dict[str, Any]) -> str:
    paths = [construct["constructPath"] for construct in violation["violatingConstructs"]]
    return f"{violation['ruleName']}: {violation['description']} {paths}"
