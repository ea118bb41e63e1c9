"""Read the routes of a function from the committed OpenAPI document.

``make schemas`` makes that document from the functions' operations. The stacks read the document rather than the
operations, because they may not import product code that imports AWS libraries.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

OPENAPI = Path(__file__).parents[2] / "openapi.json"
TOKEN = "token"  # noqa: S105 - the parameter's name
"""The parameter that a mailed link carries."""
LEAVE = "/leave"
FEEDS = "/v1/feeds/"


class Route(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    scopes: tuple[str, ...]
    """Of these the caller's key needs one; without any, anybody may call."""
    linked: bool
    """Whether it is behind a mailed link."""
    function: str
    """Who answers."""
    varies: tuple[str, ...] | None = None
    """The request's headers on which an answer depends that a CDN may keep; ``None`` where it may keep none."""

    @property
    def public(self) -> bool:
        """Tell whether it needs no key."""
        return not self.scopes

    @property
    def key(self) -> str:
        """Return the name that the gateway has for it."""
        return f"{self.method} {self.path}"

    @property
    def callers(self) -> str:
        """Return who calls it, which is the name of its limit (`infra.stage.Limits`)."""
        if self.scopes:
            return self.scopes[0]
        if self.path.startswith(FEEDS):
            return "feeds"
        if not self.linked:
            return "public"
        return "leaving" if self.path.endswith(LEAVE) else "links"


def all_routes() -> list[Route]:
    """Return the routes of all functions. ``HEAD`` is one wherever ``GET`` is (`standby.platform.http`)."""
    paths = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    return [
        Route(
            each,
            path,
            scopes=tuple(scope for way in operation["security"] for scope in way["key"]),
            linked=any(parameter["name"] == TOKEN for parameter in operation.get("parameters", ())),
            function=operation["x-function"],
            varies=_varies(operation),
        )
        for path, operations in paths.items()
        for method, operation in operations.items()
        for each in (("GET", "HEAD") if method == "get" else (method.upper(),))
    ]


def routes_of(function: str) -> list[Route]:
    """Return the routes that a function answers. Raises ``LookupError`` when it answers none."""
    found = [route for route in all_routes() if route.function == function]
    if not found:
        raise LookupError(f"{function}: no operation of openapi.json is answered by it; run make schemas")
    return found


def _varies(operation: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return what ``Vary`` says of a public operation's success, if that has a ``Cache-Control``."""
    headers = operation["responses"][min(operation["responses"])].get("headers", {})
    if operation["security"] or "Cache-Control" not in headers:
        return None
    said: str = headers.get("Vary", {"schema": {"const": ""}})["schema"]["const"]
    return tuple(name.strip() for name in said.split(",") if name.strip())
