"""Who may call what (design §5.2): every operation of every function, with every scope, none and an unknown one.

Each feature's tests say in ``scopes.json`` which scope opens which addresses; the longest beginning counts. An
address with its method counts before all. Of several scopes with spaces between, each opens it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standby.access.model import SCOPES
from standby.platform.http import GET, HEAD, PUBLIC

from infra.operations.openapi import document as openapi
from tests.world import World

pytestmark = pytest.mark.promise("P11")

KEYS = ("", *sorted(SCOPES), "unknown")
BROKEN = "{"
"""Every key is looked at before the body is."""


def decided() -> dict[str, str]:
    """Return the scope of each beginning of an address, as the features' tests have it."""
    files = sorted(Path(__file__).parent.glob("standby/*/scopes.json"))
    said = [json.loads(path.read_text("utf-8")) for path in files]
    return {start: scope for feature in said for scope, starts in feature.items() for start in starts}


def wanted(method: str, path: str) -> str:
    exactly = decided().get(f"{method.upper()} {path}")
    if exactly:
        return exactly
    starts = [start for start in decided() if path == start or path.startswith(f"{start}/")]
    assert starts, f"{path}: say in its feature's scopes.json who may call it"
    return decided()[max(starts, key=len)]


def operations() -> Iterator[Any]:
    for path, methods in openapi.document()["paths"].items():
        for method, said in methods.items():
            yield pytest.param(said["x-function"], method.upper(), path, id=f"{method.upper()} {path}")


@pytest.mark.parametrize(("function", "method", "path"), list(operations()))
def test_an_operation_opens_to_its_scope_and_to_no_other(world: World, function: str, method: str, path: str) -> None:
    address = re.sub(r"\{\w+\}", "MUG", path)
    answers = {key: world.request(function, method, address, body=BROKEN, scopes=key)[0] for key in KEYS}

    scope = wanted(method, path)
    open_to = {key for key, status in answers.items() if status != 403}
    assert open_to == (set(KEYS) if scope == PUBLIC else set(scope.split()))
    assert [status for status in answers.values() if status >= 500] == []


def test_the_document_names_the_scope_of_every_operation() -> None:
    said = {
        f"{method} {path}": ([one for way in operation["security"] for one in way["key"]], wanted(method, path).split())
        for path, methods in openapi.document()["paths"].items()
        for method, operation in methods.items()
    }
    assert {route: both for route, both in said.items() if (both[0] or [PUBLIC]) != both[1]} == {}


def test_every_route_is_an_operation() -> None:
    for _, app in openapi.applications():
        routes = [(route.method, route.path) for route in (*app._static_routes, *app._dynamic_routes)]
        operations = [(said.method, said.path) for said in app.operations]
        heads = [(HEAD, path) for method, path in operations if method == GET]
        assert sorted(routes) == sorted(operations + heads)
