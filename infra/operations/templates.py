"""The synthesized templates of a stage, read as one.

A resource's id is its stack's title and its logical id: ``Stock.LedgerTable5B2F0C1A``. When a stack reads an SSM
parameter that another one writes, this module replaces the reference by the value written there. So a caller who asks
which queue a function sends to gets the queue, whatever stack it is in.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.naming import PARAMETERS, STACK

SSM_VALUE = "AWS::SSM::Parameter::Value<String>"
SSM_PARAMETER = "AWS::SSM::Parameter"
BETWEEN = "."
OWN_NAMES = {"Queue", "Table", "Function", "Bus", "Log"}
"""What our constructs call the one resource for which they are made."""


@dataclass(frozen=True)
class Part:
    """One stack's own template, and the titles of the stacks that are deployed before it."""

    title: str
    template: dict[str, Any]
    after: frozenset[str]

    def written(self) -> dict[str, Any]:
        """Return the parameters that this stack writes for others, with the values as the template has them."""
        return {
            resource["Properties"]["Name"]: resource["Properties"]["Value"]
            for resource in self.template["Resources"].values()
            if resource["Type"] == SSM_PARAMETER
        }

    def read(self) -> dict[str, str]:
        """Return the parameters of other stacks that this one reads, by the names that its template has for them."""
        return {
            name: parameter["Default"]
            for name, parameter in self.template.get("Parameters", {}).items()
            if parameter["Type"] == SSM_VALUE and parameter["Default"].startswith(PARAMETERS)
        }


@dataclass(frozen=True)
class Templates:
    """All stacks of one stage, in the order of their deployment."""

    parts: tuple[Part, ...]

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Every resource by title and logical id. Its references name resources of any stack."""
        return self._united["Resources"]

    @cached_property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """Every output by its key. No two stacks have the same."""
        return {key.partition(BETWEEN)[2]: output for key, output in self._united["Outputs"].items()}

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a type (``SQS::Queue``), by title and logical id."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == f"AWS::{kind}"}

    def properties(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of the resources of a type, by title and logical id."""
        return {name: resource.get("Properties", {}) for name, resource in self.of(kind).items()}

    @cached_property
    def functions(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Each function's id and properties by the name of its folder."""
        return {p["Description"]: (name, p) for name, p in self.properties("Lambda::Function").items()}

    @cached_property
    def dead_letter_queues(self) -> set[str]:
        """The ids of the queues in which other queues, or a stream, set aside what failed."""
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

    def path(self, name: str) -> str:
        """Return a resource's construct: ``Stock/Ledger`` for ``Standby-prod-Stock/Ledger/Table/Resource``."""
        title, _, _ = name.partition(BETWEEN)
        parts = [title, *self.resources[name]["Metadata"]["aws:cdk:path"].split("/")[1:-1]]
        return "/".join(parts[:-1] if parts[-1] in OWN_NAMES else parts)

    def statements(self, function: str) -> Iterator[dict[str, Any]]:
        """Yield every policy statement of a function's role."""
        role = target(self.functions[function][1]["Role"])
        for policy in self.properties("IAM::Policy").values():
            if {"Ref": role} in policy["Roles"]:
                yield from policy["PolicyDocument"]["Statement"]
        for policy in self.properties("IAM::Role")[role].get("Policies", ()):
            yield from policy["PolicyDocument"]["Statement"]

    @cached_property
    def _united(self) -> dict[str, dict[str, Any]]:
        united: dict[str, dict[str, Any]] = {"Resources": {}, "Outputs": {}}
        written: dict[str, Any] = {}
        for part in self.parts:  # in the order of deployment, so the writer of a parameter comes before its readers
            follow = _following(part, written)
            written |= {name: follow(value) for name, value in part.written().items()}
            for section, found in united.items():
                for name, item in part.template.get(section, {}).items():
                    found[f"{part.title}{BETWEEN}{name}"] = follow(item)
        return united


def read(assembly: Path) -> Templates:
    """Read the folder into which an app was synthesized (``cdk.out``)."""
    manifest = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"]
    parts: dict[str, Part] = {}
    before = {
        name: [other for other in artifact.get("dependencies", ()) if STACK.fullmatch(other)]
        for name, artifact in manifest.items()
        if STACK.fullmatch(name)
    }
    for name in _in_order(before):
        template = json.loads((assembly / manifest[name]["properties"]["templateFile"]).read_text("utf-8"))
        after = {title for other in before[name] for title in (_title(other), *parts[other].after)}
        parts[name] = Part(_title(name), template, frozenset(after))
    return Templates(tuple(parts.values()))


def target(reference: Mapping[str, Any]) -> str:
    """Return the id of the resource that a reference names."""
    if "Ref" in reference:
        return str(reference["Ref"])
    return str(reference["Fn::GetAtt"][0])


def refers(value: Any) -> bool:  # noqa: ANN401 - CloudFormation's JSON
    """Tell whether something leads to another resource or to a parameter, other than those of AWS itself."""
    match value:
        case {"Ref": str(name)}:
            return not name.startswith("AWS::")
        case {"Fn::GetAtt": _} | {"Fn::Sub": _} | {"Fn::ImportValue": _}:
            return True
        case dict():
            return any(refers(item) for item in value.values())
        case list():
            return any(refers(item) for item in value)
        case _:
            return False


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - CloudFormation's JSON
    """Return a policy's one-or-many as a list."""
    return value if isinstance(value, list) else [value]


def _title(stack: str) -> str:
    found = STACK.fullmatch(stack)
    if found is None:
        raise ValueError(f"{stack}: no stack of ours")
    return found["title"]


def _in_order(before: Mapping[str, list[str]]) -> list[str]:
    """Return the stacks, each after those on which it depends."""
    ordered: list[str] = []
    while len(ordered) < len(before):
        ordered += [name for name, others in before.items() if name not in ordered and set(others) <= set(ordered)]
    return ordered


def _following(part: Part, written: Mapping[str, Any]) -> Callable[[Any], Any]:
    """Return a function that leads the references of a part's template to resources of all parts."""
    read = part.read()

    def follow(value: Any) -> Any:  # noqa: ANN401 - CloudFormation's JSON
        match value:
            case list():
                return [follow(item) for item in value]
            case {"Ref": str(name)} if name in read:
                return written[read[name]]
            case {"Ref": str(name)} if not name.startswith("AWS::"):
                return {"Ref": f"{part.title}{BETWEEN}{name}"}
            case {"Fn::GetAtt": [name, attribute]}:
                return {"Fn::GetAtt": [f"{part.title}{BETWEEN}{name}", attribute]}
            case dict():
                return _selected({key: follow(item) for key, item in value.items()})
            case _:
                return value

    return follow


def _selected(value: dict[str, Any]) -> Any:  # noqa: ANN401 - CloudFormation's JSON
    """Return the value that a reader picks from several that the writer joined."""
    match value:
        case {"Fn::Select": [index, {"Fn::Split": [split_at, {"Fn::Join": [joined_by, parts]}]}]} if (
            split_at == joined_by
        ):
            return parts[int(index)]
        case {"Fn::Select": [0 | "0", {"Fn::Split": [",", {"Ref": _} | {"Fn::GetAtt": _} as only]}]}:
            return only  # CDK does not join a list of one, and no AWS name has a comma to split at
        case _:
            return value
