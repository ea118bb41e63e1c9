"""Make the committed ``openapi.json`` from the routes themselves (``make schemas``).

Each feature with an API has a ``routes`` module whose ``application`` builds the resolver from its use cases; here it
gets none, since only its routes are read. What a route says of itself by `standby.platform.http.operation` becomes
parameters, bodies, answers and security. Pydantic runs here, at development time, and in no function.
"""

import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

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


def document() -> dict[str, Any]:
    """Return the OpenAPI document of all features."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for module in sorted((PRODUCT / "standby").glob("*/routes.py")):
        feature = module.parent.name
        application = importlib.import_module(f"standby.{feature}.routes").application
        ports = dict.fromkeys(inspect.signature(application).parameters)
        made = json.loads(application(**ports).get_openapi_json_schema(title="Standby", version="1"))
        for path, operations in made["paths"].items():
            for method, said in operations.items():
                paths.setdefault(path, {})[method] = _operation(feature, method, path, said, schemas)
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


def _operation(feature: str, method: str, path: str, said: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    body, scope = said.get("x-body"), said.get("x-scope")
    parameters = [_path_parameter(parameter) for parameter in said.get("parameters", ())]
    for name, meaning in said.get("x-query", {}).items():
        parameters.append({"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}})
    words = path.removeprefix("/v1/").replace("{", "").replace("}", "").replace("/", "_")
    made: dict[str, Any] = {"tags": [feature], "operationId": f"{method}_{words}", "summary": said.get("summary", "")}
    if said.get("description"):
        made["description"] = inspect.cleandoc(said["description"])
    if parameters:
        made["parameters"] = parameters
    if body:
        schemas[body] = _schema(feature, body, schemas)
        reference = {"schema": {"$ref": f"#/components/schemas/{body}"}}
        made["requestBody"] = {"required": True, "content": {"application/json": reference}}
    if scope:
        made["security"] = [{"key": [scope]}]
    made["responses"] = {
        status: _answer(int(status), answer["description"], pages=bool(said.get("x-pages")))
        for status, answer in sorted(said["responses"].items())
    }
    return made


def _path_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {"name": parameter["name"], "in": parameter["in"], "required": True, "schema": {"type": "string"}}


def _answer(status: int, description: str, *, pages: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
    if status >= BAD:
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if pages:
        content["text/html"] = {"schema": {"type": "string"}}
    return {"description": description, "content": content}


def _schema(feature: str, name: str, schemas: dict[str, Any]) -> dict[str, Any]:
    """Read a committed JSON Schema, its definitions moved beside it."""
    path = PRODUCT / "standby" / feature / "json_schemas" / f"{name}.json"
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
    sys.path.insert(0, str(PRODUCT))
    sys.exit(main())
