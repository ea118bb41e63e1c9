"""What a cold start imports, beside ``import boto3`` and one client.

``python -m tests.benchmarks.cold_imports [function…]`` measures this part of the benchmark alone.
"""

import sys
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from infra.constructs.routes import all_routes
from tests.benchmarks.figure import Figure
from tests.benchmarks.work import Program, scale

ROOT = Path(__file__).parents[2]
LAYER = (str(ROOT / "layers/core/python"), str(ROOT))
BOTO3 = "import boto3; boto3.client('dynamodb', region_name='us-east-1')"
OURS = "from standby.platform import dynamodb; dynamodb.client()"
"""A client as functions make it. A function makes several; one is measured."""
WITHOUT_CLIENT = frozenset({"access_authorizer", "storefront_api"})
"""PynamoDB makes a session of botocore's own for the one; the other asks AWS for nothing."""
UNCOLLECTED = "import gc, standby; assert gc.get_threshold()[0] == standby.STARTING, 'garbage was collected'"
"""A function of which a start makes so much that garbage is looked for takes 0.03 more (`standby`)."""
WORKER, API, WRITER = 1.1, 1.25, 1.2
WRITING = frozenset({"mail_sender"})
"""Half of what it imports beyond botocore is Jinja, which writes the mails."""


def cold_imports(only: Collection[str] = ()) -> list[Figure]:
    """Import each handler in a fresh process, and compare."""
    compared, answering = scale(Program(LAYER, BOTO3)), {route.function for route in all_routes()}
    figures = []
    for handler in sorted((ROOT / "functions").glob("*/handler.py")):
        name, paths = handler.parent.name, (*LAYER, str(handler.parent))
        if only and name not in only:
            continue
        asks = "import handler" if name in WITHOUT_CLIENT else f"import handler\n{OURS}"
        budget = API if name in answering else WRITER if name in WRITING else WORKER
        beside = f"{compared.unit}; {_made_of(paths)}"
        ratio = compared.ratio(Program(paths, f"{asks}\n{UNCOLLECTED}"))
        figures.append(Figure(f"cold import of {name}", ratio, budget, "x boto3 and a client", beside))
    return figures


def _made_of(paths: tuple[str, ...]) -> str:
    """Say which packages take the time that importing a handler needs beyond botocore and a client."""
    client = "import botocore.session; botocore.session.Session().create_client('dynamodb')"
    told = Program(paths, f"{client}\nsys.stderr.write('|0|botocore is there\\n')\nimport handler").run(
        "-X", "importtime"
    )
    spent: Counter[str] = Counter()
    for line in told.stderr.partition("botocore is there\n")[2].splitlines():
        own, _, module = line.removeprefix("import time:").split("|")
        spent[module.strip().partition(".")[0]] += int(own)
    most = ", ".join(f"{name} {microseconds / spent.total():.0%}" for name, microseconds in spent.most_common(4))
    return f"beyond botocore: {most}"


def main(only: list[str]) -> int:
    """Print each function's ratio; return 1 when a budget is missed."""
    figures = cold_imports(only)
    for figure in figures:
        sys.stdout.write(f"{figure.measured:.3f} of {figure.budget}  {figure.name} ({figure.beside})\n")
    return 0 if all(figure.ratio <= 1 for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
