"""A stage, synthesized for the tests, and what cdk-nag found in it."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cdk_nag
from aws_cdk import App, Validations

from infra.composition import compose
from infra.layers.build import EXTRAS, Layer, Layers
from infra.operations import templates
from infra.operations.templates import Templates
from infra.stage import read

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Stacks(Templates):
    """The stacks of one stage, and what cdk-nag found in them."""

    findings: list[str]
    accepted: set[tuple[str, str]]
    """Rules that were acknowledged, with the reasons given."""
    warnings: list[str]
    """What CDK tells whoever deploys."""


def synthesize(folder: Path, **context: Any) -> Stacks:
    """Synthesize a stage into ``folder``, asking cdk-nag; ``context`` is what ``-c`` would say."""
    app, assembly = _composed(folder, context)
    Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks())
    with contextlib.suppress(RuntimeError):  # findings raise; the tests want to read them
        app.synth()
    (report,) = json.loads((assembly / "validation-report.json").read_text("utf-8"))["pluginReports"]
    return Stacks(
        templates.read(assembly).parts,
        findings=[_finding(violation) for violation in report["violations"]],
        accepted={(found["ruleName"], found["reason"]) for found in report["suppressedViolations"]},
        warnings=_warnings(assembly),
    )


def assemble(folder: Path, **context: Any) -> Templates:
    """Synthesize a stage into ``folder`` without asking anybody, in half the time."""
    app, assembly = _composed(folder, context)
    app.synth()
    return templates.read(assembly)


def _composed(folder: Path, context: dict[str, Any]) -> tuple[App, Path]:
    """Compose a stage with tiny layers, to be synthesized into the folder that is returned."""
    said = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    assembly = folder / "cdk.out"
    app = App(outdir=str(assembly), context={**said, "aws:cdk:enable-path-metadata": True, **context})
    tiny = folder / "layer"
    (tiny / "python").mkdir(parents=True)
    (tiny / "python" / "tiny.py").write_text("", "utf-8")
    layer = Layer(tiny, "tiny")
    layers = Layers(core=layer, dependencies=layer, extras=dict.fromkeys(EXTRAS, layer))
    compose(app, stage=read(app.node.try_get_context), layers=layers)
    return app, assembly


def _warnings(assembly: Path) -> list[str]:
    artifacts = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"].values()
    said = [entry for artifact in artifacts for entries in _metadata(assembly, artifact).values() for entry in entries]
    return [entry["data"] for entry in said if entry["type"] == "aws:cdk:warning"]


def _metadata(assembly: Path, artifact: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what a stack's constructs say; newer assemblies keep it in a file of its own."""
    kept = artifact.get("additionalMetadataFile")
    found: dict[str, list[dict[str, Any]]] = artifact.get("metadata", {})
    return found | (json.loads((assembly / kept).read_text("utf-8")) if kept else {})


def _finding(violation: dict[str, Any]) -> str:
    paths = [construct["constructPath"] for construct in violation["violatingConstructs"]]
    return f"{violation['ruleName']}: {violation['description']} {paths}"
