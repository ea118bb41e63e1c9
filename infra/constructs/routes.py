"""Read the routes of a function from the committed OpenAPI document.

``make schemas`` makes that document from the functions' operations. The stacks read the document rather than the
operations, because they may not import product code that imports AWS libraries.
"""

import json
from pathlib import Path
from typing import NamedTuple

OPENAPI = Path(__file__).parents[2] / "openapi.json"


class Route(NamedTuple):
    """One method of one path; ``public`` ones need no key."""

    method: str
    path: str
    public: bool


def routes_of(function: str) -> list[Route]:
    """Return the routes that a function answers. Raises ``LookupError`` when it answers none."""
    paths = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    found = [
        Route(method.upper(), path, public=not operation["security"])
        for path, operations in paths.items()
        for method, operation in operations.items()
        if operation["x-function"] == function
    ]
    if not found:
        raise LookupError(f"{function}: no operation of openapi.json is answered by it; run make schemas")
    return found
