"""Make the committed ``openapi.json`` from the routes themselves (``make schemas``).

Each function with an API has a module whose ``application`` builds the resolver from its use cases: ``routes`` of its
feature for ``<feature>_api``, ``<role>_routes`` for ``<feature>_<role>``. Here it gets none, because only its
operations are read (`standby.platform.http.Operation`). What they enforce becomes parameters, bodies, answers and
security. The stack takes the gateway's routes from the committed file
(`infra.constructs.routes`): ``x-function`` says which function answers, ``security`` whether a key is needed.
"""

import importlib
import inspect
import json
import re
import types
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from standby.platform import answers
from standby.platform.http import FORM, HTML_MEDIA, JSON, PUBLIC, Download, Operation, Page, Resolver, kept_headers
from standby.platform.schema import SAID

from infra.operations.openapi.shapes import REFERENCE, Shapes

ROOT = Path(__file__).parents[3]
PRODUCT = ROOT / "layers" / "core" / "python"
COMMITTED = ROOT / "openapi.json"
PARAMETER = re.compile(r"<(\w+)>")
SEVERAL: tuple[object, ...] = (Union, types.UnionType)
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}}}
ALWAYS = {
    HTTPStatus.UNAUTHORIZED: ("NoKey", "There is no key.", answers.GatewayMessage),
    HTTPStatus.TOO_MANY_REQUESTS: ("Throttled", "The API is asked too much at once.", answers.GatewayMessage),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Unexpected", "Something went wrong on our side.", answers.ProblemDocument),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Busy", "Too much is going on at once.", answers.ProblemDocument),
}
"""What any operation may answer beside what it says itself. Only one that needs a key answers that there is none."""


def applications() -> Iterator[tuple[str, Resolver]]:
    """Yield each function that has an API, and its resolver."""
    for path in sorted((PRODUCT / "standby").glob("*/*routes.py")):
        application = getattr(importlib.import_module(f"standby.{path.parent.name}.{path.stem}"), "application", None)
        if application is not None:
            ports = dict.fromkeys(inspect.signature(application).parameters)
            role = path.stem.removesuffix("routes").removesuffix("_") or "api"
            yield f"{path.parent.name}_{role}", application(**ports)


def document() -> dict[str, Any]:
    """Return the OpenAPI document of all functions."""
    paths: dict[str, Any] = {}
    shapes = Shapes()
    described: dict[str, str] = {}
    for function, resolver in applications():
        for said in resolver.operations:
            path = PARAMETER.sub(r"{\1}", said.path)
            paths.setdefault(path, {})[said.method.lower()] = _Writer(function, said, shapes).write()
            described[_feature(said)] = _story(_feature(said))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Standby",
            "version": "1",
            "description": "Takes care of a shop's customers when the product is not there. "
            "`HEAD` is answered like `GET`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The stack's output `ApiUrl`."}],
        "tags": [{"name": name, "description": story} for name, story in sorted(described.items())],
        "paths": dict(sorted(paths.items())),
        "components": {
            "responses": {name: _always(shapes, meaning, kind) for name, meaning, kind in ALWAYS.values()},
            "schemas": dict(sorted(shapes.schemas.items())),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key (`make key`). An operation names the scope that the key must have.",
                }
            },
        },
    }


def _always(shapes: Shapes, meaning: str, kind: type) -> dict[str, Any]:
    media = "application/json" if kind is answers.GatewayMessage else "application/problem+json"
    described = {"description": meaning, "content": {media: {"schema": shapes.schema(kind)}}}
    return described | ({"headers": RETRY_AFTER} if meaning == ALWAYS[HTTPStatus.SERVICE_UNAVAILABLE][1] else {})


def text() -> str:
    """Return the file's text."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def succeeds_with(said: Operation) -> list[Any]:
    """Return the types that an operation's success is made of: a typed dictionary, `Page`, ``None``."""
    wanted = inspect.get_annotations(said.handler)["return"]
    if isinstance(wanted, str):
        known = vars(importlib.import_module(f"{_package(said)}.answers"))
        wanted = eval(wanted, {**known, "Page": Page, "Download": Download})  # noqa: S307 - our own annotation
    return list(get_args(wanted)) if get_origin(wanted) in SEVERAL else [wanted]


def _package(said: Operation) -> str:
    return said.handler.__module__.rpartition(".")[0]


def _feature(said: Operation) -> str:
    return _package(said).split(".")[1]


def _story(feature: str) -> str:
    """Return the first paragraph of a feature's story."""
    story = inspect.getdoc(importlib.import_module(f"standby.{feature}")) or ""
    return story.partition("\n\n")[0].replace("\n", " ")


class _Writer:
    """Writes one operation."""

    def __init__(self, function: str, said: Operation, shapes: Shapes) -> None:
        self.function, self.said, self.shapes = function, said, shapes
        self.public = said.scope == PUBLIC

    def write(self) -> dict[str, Any]:
        said = self.said
        words = PARAMETER.sub(r"\1", said.path).removeprefix("/v1/").replace("/", "_")
        made: dict[str, Any] = {
            "tags": [_feature(said)],
            "operationId": f"{said.method.lower()}_{words}",
            "summary": said.summary,
            "description": self._description(),
            "x-function": self.function,
            "security": [] if self.public else [{"key": [one]} for one in said.scope.split()],
            "parameters": [*self._parameters()],
            "requestBody": self._body(),
            "responses": self._answers(),
        }
        return {name: value for name, value in made.items() if value or name == "security"}

    def _description(self) -> str:
        key = "Called without a key."
        if not self.public:
            key = f"Needs a key with the scope {' or '.join(f'`{one}`' for one in self.said.scope.split())}."
        more = inspect.cleandoc(self.said.handler.__doc__ or "").replace("\n", " ").replace("  ", "\n\n")
        return f"{more} {key}".strip()

    def _parameters(self) -> Iterator[dict[str, Any]]:
        in_path = PARAMETER.findall(self.said.path)
        for name in [*in_path, *(name for name in self.said.parameters if name not in in_path)]:
            place: dict[str, Any] = {"in": "path" if name in in_path else "query"}
            if name in in_path or name in self.said.asked:
                place["required"] = True
            schema: dict[str, Any] = {"type": "string"}
            if name in self.said.lists:
                schema = {"type": "array", "items": schema}
            yield {"name": name, **place, "description": self.said.parameters[name], "schema": schema}
        for name, about in self.said.headers.items():
            yield {"name": name, "in": "header", "description": about, "schema": {"type": "string"}}

    def _body(self) -> dict[str, Any] | None:
        if not self.said.body:
            return None
        names = self.said.body.split()
        for name in names:
            self.shapes.schemas[name] = self._committed(name)
        one: dict[str, Any] = {"$ref": f"{REFERENCE}{names[0]}"}
        if len(names) > 1:
            any_of_them = {"oneOf": [{"$ref": f"{REFERENCE}{name}"} for name in names]}
            batch = {
                "type": "object",
                "required": ["type", "messages"],
                "properties": {"type": {"const": "batch"}, "messages": {"type": "array", "items": any_of_them}},
            }
            one = {"oneOf": [*any_of_them["oneOf"], batch]}
        content = {"application/json": {"schema": one}}
        if self.said.form:
            self.shapes.schemas[self.said.form] = self._committed(self.said.form)
            content[FORM] = {"schema": {"$ref": f"{REFERENCE}{self.said.form}"}}
        return {"required": True, "content": content}

    def _committed(self, name: str) -> dict[str, Any]:
        """Read a committed JSON Schema, or all that features have under one name, their definitions moved beside it."""
        paths = sorted((PRODUCT / "standby").glob(f"*/json_schemas/{name}.json"))
        said: list[dict[str, Any]] = [
            _without_sentences(json.loads(path.read_text("utf-8").replace("#/definitions/", REFERENCE)))
            for path in paths
        ]
        for each in said:
            self.shapes.schemas.update(each.pop("definitions", {}))
            each.pop("$schema", None)
        return said[0] if len(said) == 1 else {"anyOf": said}

    def _answers(self) -> dict[str, Any]:
        made = {int(status): {"$ref": f"#/components/responses/{name}"} for status, (name, _, _) in ALWAYS.items()}
        if self.public:
            del made[HTTPStatus.UNAUTHORIZED]
        made |= {status: self._answer(status, meaning) for status, meaning in self.said.answers.items()}
        return {str(status): made[status] for status in sorted(made)}

    def _answer(self, status: int, meaning: str) -> dict[str, Any]:
        """Describe an answer: a success by its types, any other as a problem or as the gateway's own answer."""
        if status == HTTPStatus.NOT_MODIFIED:
            return {"description": meaning, "headers": self._kept()}
        if status in range(HTTPStatus.MULTIPLE_CHOICES, HTTPStatus.BAD_REQUEST):
            target = {"description": "Where to go on.", "schema": {"type": "string", "format": "uri-reference"}}
            return {"description": meaning, "headers": {"Location": target}}
        content = self._content(status)
        described: dict[str, Any] = {"description": meaning}
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            described["headers"] = RETRY_AFTER
        if status == min(self.said.answers) and self.said.fresh_seconds:
            described["headers"] = self._kept()
        return described | ({"content": content} if content else {})

    def _content(self, status: int) -> dict[str, Any]:
        """Describe what an answer holds, by its media types."""
        content: dict[str, Any] = {}
        if status < HTTPStatus.BAD_REQUEST:
            kinds = succeeds_with(self.said)
        else:
            kinds = [Page] if self.said.pages else []
            content["application/problem+json"] = {"schema": self.shapes.schema(answers.ProblemDocument)}
            if status in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
                kinds.append(answers.GatewayMessage)
        for kind in kinds:
            if kind == Download:
                content |= _files(self.said.media)
            elif kind == Page:
                content |= _files(self.said.media or (HTML_MEDIA,))
            elif kind not in (None, types.NoneType):
                content["application/json"] = {"schema": self.shapes.schema(kind)}
        return content

    def _kept(self) -> dict[str, Any]:
        """Describe the headers of an answer that others may keep; the stacks read them (`infra.constructs.routes`)."""
        said: dict[str, dict[str, Any]] = {"ETag": {"schema": {"type": "string"}}}
        for name, value in kept_headers(self.said).items():
            said[name] = {"schema": {"type": "string", "const": value}}
        return {name: {"required": True, **header} for name, header in said.items()}


def _files(media: Sequence[str]) -> dict[str, Any]:
    """Describe files by their types: an object where that is JSON, else text."""
    kinds = {each: "object" if each == JSON or each.endswith("+json") else "string" for each in media}
    return {each: {"schema": {"type": kind}} for each, kind in kinds.items()}


def _without_sentences(made: Any) -> Any:  # noqa: ANN401 - JSON
    """Leave out what our own check says of a text that does not fit: OpenAPI's schemas have no such word."""
    if isinstance(made, list):
        return [_without_sentences(inner) for inner in made]
    if not isinstance(made, dict):
        return made
    return {name: _without_sentences(inner) for name, inner in made.items() if name != SAID}
