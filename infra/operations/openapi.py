"""Make the committed ``openapi.json`` from the routes themselves (``make schemas``).

Each feature with an API has a ``routes`` module whose ``application`` builds the resolver from its use cases; here it
gets none, since only its operations are read (`standby.platform.http.Operation`): what they enforce becomes
parameters, bodies, answers and security. The stack takes the gateway's routes from the committed file
(`infra.constructs.routes`): ``x-function`` says which function answers, ``security`` whether a key is asked for.
"""

import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

from standby.platform.http import PUBLIC, Operation

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "layers" / "core" / "python"
COMMITTED = ROOT / "openapi.json"
PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}
BAD = 400
PARAMETER = re.compile(r"<(\w+)>")


def document() -> dict[str, Any]:
    """Return the OpenAPI document of all features."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for module in sorted((PRODUCT / "standby").glob("*/routes.py")):
        feature = module.parent.name
        application = getattr(importlib.import_module(f"standby.{feature}.routes"), "application", None)
        if application is None:  # routes of a kernel, which a feature's application adds to its own
            continue
        ports = dict.fromkeys(inspect.signature(application).parameters)
        for said in application(**ports).operations:
            path = PARAMETER.sub(r"{\1}", said.path)
            paths.setdefault(path, {})[said.method.lower()] = _operation(feature, said, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Standby",
            "version": "1",
            "description": "Takes care of a shop's customers when the product is not there.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def text() -> str:
    """Return the file's text."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _operation(feature: str, said: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    words = PARAMETER.sub(r"\1", said.path).removeprefix("/v1/").replace("/", "_")
    made: dict[str, Any] = {
        "tags": [feature],
        "operationId": f"{said.method.lower()}_{words}",
        "summary": said.summary,
        "x-function": f"{feature}_api",
        "security": [] if said.scope == PUBLIC else [{"key": [one]} for one in said.scope.split()],
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PARAMETER.findall(said.path)
    ]
    for name, meaning in said.query.items():
        parameters.append({"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}})
    if parameters:
        made["parameters"] = parameters
    if said.body:
        schemas[said.body] = _schema(feature, said.body, schemas)
        reference = {"schema": {"$ref": f"#/components/schemas/{said.body}"}}
        made["requestBody"] = {"required": True, "content": {"application/json": reference}}
    made["responses"] = {
        str(status): _answer(status, meaning, pages=said.pages) for status, meaning in sorted(said.answers.items())
    }
    return made


def _answer(status: int, description: str, *, pages: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
    if status >= BAD:
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if pages:
        content["text/html"] = {"schema": {"type": "string"}}
    return {"description": description, "content": content}


def _schema(feature: str, name: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """Read a committed JSON Schema, its definitions moved beside it."""
    own = PRODUCT / "standby" / feature / "json_schemas" / f"{name}.json"
    (path,) = [own] if own.exists() else (PRODUCT / "standby").glob(f"*/json_schemas/{name}.json")
    prefix = "#/components/schemas/"
    said = json.loads(path.read_text("utf-8").replace("#/definitions/", prefix))
    schemas.update(said.pop("definitions", {}))
    said.pop("$schema", None)
    made: dict[str, Any] = said
    return made


def main() -> int:
    """Write the file."""
    COMMITTED.write_text(text(), "utf-8")
    print(f"{COMMITTED.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
