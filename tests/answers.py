"""Compare every answer that a test gets from the product with what the OpenAPI document says of it."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import fastjsonschema
from standby.platform.http import GET, HEAD, Resolver
from standby.platform.json_text import from_json

from infra.operations.openapi.document import document
from infra.operations.openapi.shapes import REFERENCE

OPEN = "ProblemDocument"
"""Problems may say more than is documented; nothing else does."""
SEEN: set[tuple[str, str, int]] = set()
"""Method, path and status of every answer so far."""


def watch() -> None:
    """Compare every answer from now on."""
    original = Resolver.resolve

    def resolve(app: Resolver, event: Any, context: Any) -> dict[str, Any]:
        answer: dict[str, Any] = original(app, event, context)
        if any(said.handler.__module__.startswith("standby.") for said in app.operations):
            compare(event["requestContext"]["http"]["method"], event["rawPath"], answer)
        return answer

    Resolver.resolve = resolve  # type: ignore[method-assign]


def compare(method: str, address: str, answer: Mapping[str, Any]) -> None:
    """Fail where an answer is not what is documented. ``HEAD`` is documented as ``GET``, and has no body."""
    head, method = method == HEAD, GET if method == HEAD else method
    path = _path(method, address)
    if path is None:
        assert answer["statusCode"] == 404
        return
    status, described = answer["statusCode"], _document()["paths"][path][method.lower()]["responses"]
    where = f"{method} {path} {status}"
    assert str(status) in described, f"{where}: not documented"
    SEEN.add((method, path, status))
    content = _resolved(described[str(status)]).get("content", {})
    kind = answer.get("headers", {}).get("Content-Type", "").partition(";")[0]
    if not content or head:
        assert not answer.get("body"), f"{where}: documented without a body"
        return
    assert kind in content, f"{where}: {kind!r} is not documented, only {', '.join(content)}"
    if "$ref" in content[kind]["schema"]:
        _checker(content[kind]["schema"]["$ref"])(from_json(answer["body"]))


def _path(method: str, address: str) -> str | None:
    """Return the documented path of an address; those without parameters come first."""
    return next((path for path, shape in _shapes(method.lower()) if shape.fullmatch(address)), None)


@cache
def _shapes(method: str) -> list[tuple[str, re.Pattern[str]]]:
    paths = [path for path, methods in _document()["paths"].items() if method in methods]
    paths.sort(key=lambda path: path.count("{"))
    return [(path, re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))) for path in paths]


@cache
def _document() -> Mapping[str, Any]:
    return document()


def _resolved(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    name = answer.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = _document()["components"]["responses"][name] if name else answer
    return found


@cache
def _checker(reference: str) -> Callable[[Any], Any]:
    """Return a check that raises where a body lacks something of its schema, or has something more."""
    components = copy.deepcopy(_document()["components"])
    for name in _reachable(reference.removeprefix(REFERENCE), components["schemas"], set()):
        if "properties" in components["schemas"][name] and name != OPEN:
            components["schemas"][name]["additionalProperties"] = False
    check: Callable[[Any], Any] = fastjsonschema.compile({"$ref": reference, "components": components})
    return check


def _reachable(name: str, schemas: Mapping[str, Any], known: set[str]) -> set[str]:
    if name not in known:
        known.add(name)
        for inner in _references(schemas[name]):
            _reachable(inner, schemas, known)
    return known


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key == "$ref":
                yield value.removeprefix(REFERENCE)
            else:
                yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)
