"""Ask cfn-lint about the templates of the stages, in three regions: what AWS would refuse, or knows to be wrong.

``make check`` runs it. It knows CloudFormation's own schemas of each region, so it also finds a resource that one of
them does not have.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from cfnlint.api import ManualArgs, lint

from infra.operations.templates import Templates
from tests.infra.template import assemble

STAGES = ("prod", "local")
REGIONS = ["us-east-1", "eu-central-1", "il-central-1"]
"""The oldest, one in Europe, and one that was opened late and has less."""
ACCEPTED: Mapping[str, str] = {
    "W3005": "CDK makes a function wait for its role by name although it refers to it anyway; that does no harm",
}
"""Rules that are not asked, with their reasons."""


def problems(templates: Templates, *, accepted: Mapping[str, str] = ACCEPTED) -> Iterator[str]:
    """Yield what cfn-lint finds in the templates of a stage."""
    asked = ManualArgs(regions=REGIONS, ignore_checks=list(accepted))
    for part in templates.parts:
        for found in lint(json.dumps(part.template), config=asked):
            place = "/".join(map(str, found.path or ()))
            yield f"{part.title} {place}: {found.rule.id} {found.message}"


def main() -> int:
    """Print what is found in the templates of the stages; 1 if there is anything."""
    found = []
    for stage in STAGES:
        with tempfile.TemporaryDirectory() as folder:
            templates = assemble(Path(folder), stage=stage)
        found += [f"{stage}: {problem}" for problem in problems(templates)]
    sys.stdout.write("".join(f"{problem}\n" for problem in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
