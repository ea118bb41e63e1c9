"""JSON Schemas at run time: committed files, compiled by fastjsonschema on first use, errors as short sentences.

The files are made from a feature's dataclasses at development time (``make schemas``); no pydantic runs in a function.

A `reader` is a door: it reads a document into the one form that the product knows, and checks that. The schema itself
says how: a number may come as text (`standby.platform.numeral`), an id is trimmed and composed
(`standby.platform.identifier`), and ``null`` in a field that need not be there is as if it were not there.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

import fastjsonschema

from standby.platform import numeral
from standby.platform.identifier import EXACT, KINDS, IdentifierError, Ids, label, line

LINES: Mapping[str, Callable[[object], str]] = {"line": line, "label": label}
"""The formats of a line of text for people; a label may come as a number too."""
ELSEWHERE = {"iri": "web_address.web_address", "uri-template": "web_address.of_handle", "currency": "money.currency"}
"""Formats that few schemas have, and what reads them."""
SAID = "errorMessage"
"""What a schema says of a text that does not match its pattern: nobody is shown a regular expression."""
SINGULAR = {"items": "1 item", "properties": "1 property", "characters": "1 character"}
ONE = re.compile(rf"\b1 ({'|'.join(SINGULAR)})\b")
UNFIT = "is not written as it must be"
Form = Callable[[Any, str], Any]
"""Returns a value in the form that the product knows, given the value and its place. Raises `UnfitError`."""
Reader = Callable[[Any], Any]


class UnfitError(ValueError):
    """A document does not fit its schema; ``wrong`` lists what is wrong, such as ``on_hand: missing``."""

    def __init__(self, *wrong: str) -> None:
        super().__init__("; ".join(wrong))
        self.wrong = list(wrong)


@cache
def reader(package: str, name: str, ids: Ids = EXACT) -> Reader:
    """Return a function that reads a document from outside. It returns a new one and raises `UnfitError`.

    ``package`` and ``name`` are those of `checker`.
    """
    schema = _schema(package, name)
    form = _form(schema, schema.get("definitions", {}), ids)
    # Whoever uses an instant or a date reads it, and says what is wrong with it in better words.
    check = _checker(package, name, formats=False)

    def read(document: Any) -> Any:  # noqa: ANN401 - JSON
        formed = form(document, "")
        wrong = check(formed)
        if wrong:
            raise UnfitError(*wrong)
        return formed

    return read


@cache
def checker(package: str, name: str) -> Callable[[Any], list[str]]:
    """Return a function that lists what is wrong with a document of our own making, ``[]`` when nothing is.

    ``package`` is the feature's module path (``standby.stock``), ``name`` a file of its ``json_schemas`` folder without
    ``.json``. The sentences read ``on_hand: missing``.
    """
    return _checker(package, name, formats=True)


def _checker(package: str, name: str, *, formats: bool) -> Callable[[Any], list[str]]:
    validate = fastjsonschema.compile(_schema(package, name), use_default=False, use_formats=formats)

    def check(document: Any) -> list[str]:  # noqa: ANN401 - JSON
        try:
            validate(document)
        except fastjsonschema.JsonSchemaValueException as error:
            return [_sentence(error)]
        return []

    return check


@cache
def _schema(package: str, name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(files(package).joinpath("json_schemas", f"{name}.json").read_text("utf-8"))


def _form(schema: Mapping[str, Any], definitions: Mapping[str, Any], ids: Ids) -> Form:
    """Return how a value is read, by what its schema says of it."""
    if "$ref" in schema:
        return _form(definitions[schema["$ref"].rpartition("/")[2]], definitions, ids)
    simple = _simple(schema, ids)
    if simple is not None:
        return simple
    if "properties" in schema:
        return _object(schema, definitions, ids)
    if isinstance(schema.get("additionalProperties"), dict):
        key = LINES.get(schema.get("propertyNames", {}).get("format", ""), str)
        return _by_name(_form(schema["additionalProperties"], definitions, ids), key)
    return _array(_form(schema["items"], definitions, ids)) if "items" in schema else _as_it_is


def _simple(schema: Mapping[str, Any], ids: Ids) -> Form | None:
    kinds, named = schema.get("type", ()), schema.get("format")
    if named in KINDS:
        return _refusing(IdentifierError, getattr(ids, named))
    if isinstance(named, str) and named in LINES:
        return _refusing(IdentifierError, LINES[named])
    if isinstance(named, str) and named in ELSEWHERE:
        module, _, function = ELSEWHERE[named].partition(".")
        return _refusing(ValueError, getattr(import_module(f"standby.platform.{module}"), function))
    if any(branch.get("type") == "integer" for branch in schema.get("anyOf", ())):
        return _whole_or_as_it_is
    if "integer" in kinds or "number" in kinds:
        return _refusing(numeral.NumeralError, numeral.whole if "integer" in kinds else numeral.number)
    return None


def _refusing(refuses: type[ValueError], read: Callable[[object], Any]) -> Form:
    def form(value: Any, place: str) -> Any:  # noqa: ANN401 - JSON
        try:
            return None if value is None else read(value)
        except refuses as error:
            raise UnfitError(f"{place or 'message'}: {error}") from error

    return form


def _object(schema: Mapping[str, Any], definitions: Mapping[str, Any], ids: Ids) -> Form:
    forms = {name: _form(said, definitions, ids) for name, said in schema["properties"].items()}
    required = schema.get("required", ())
    droppable = {name for name, said in schema["properties"].items() if name not in required and not _nullable(said)}

    def form(value: Any, place: str) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(value, dict):
            return value
        before = f"{place}." if place else ""
        return {
            name: forms[name](inner, before + name) if name in forms else inner
            for name, inner in value.items()
            if inner is not None or name not in droppable
        }

    return form


def _by_name(inner: Form, key: Callable[[object], str]) -> Form:
    def form(value: Any, place: str) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(value, dict):
            return value
        before = f"{place}." if place else ""
        formed: dict[str, Any] = {}
        for said, each in value.items():
            if each is None:
                continue
            try:
                name = key(said)
            except IdentifierError as error:
                raise UnfitError(f"{place or 'message'}: the name {said!r:.80} {error}") from error
            if name in formed:
                raise UnfitError(f"{before}{name}: stands there twice")
            formed[name] = inner(each, before + name)
        return formed

    return form


def _array(inner: Form) -> Form:
    def form(value: Any, place: str) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(value, list):
            return value
        return [inner(each, f"{place}.{number}" if place else str(number)) for number, each in enumerate(value)]

    return form


def _as_it_is(value: Any, _place: str) -> Any:  # noqa: ANN401 - JSON
    return value


def _whole_or_as_it_is(value: Any, _place: str) -> Any:  # noqa: ANN401 - JSON
    """Return a number that is whole as an ``int``. Beside numbers this field takes text, which says something else."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _nullable(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema lets ``null`` say something."""
    branches = schema.get("anyOf", ())
    untyped = schema.keys().isdisjoint(("type", "$ref")) and not branches
    return untyped or "null" in schema.get("type", ()) or any(map(_nullable, branches))


def _sentence(error: fastjsonschema.JsonSchemaValueException) -> str:
    where = ".".join(str(part) for part in error.path[1:])
    rule: Any = error.rule
    if rule == "required":
        missing = [name for name in error.rule_definition if name not in (error.value or {})]
        return f"{'.'.join([*filter(None, [where]), missing[0]])}: missing"
    if rule == "anyOf" and all(set(branch) == {"required"} for branch in error.rule_definition):
        choices = " or ".join(" and ".join(branch["required"]) for branch in error.rule_definition)
        return f"{'.'.join(filter(None, [where, choices]))}: missing"
    if rule == "pattern":
        return f"{where or 'message'}: {error.definition.get(SAID, UNFIT)}"
    if rule == "propertyNames":
        return f"{where or 'message'}: a name in it {error.rule_definition.get(SAID, UNFIT)}"
    said = ONE.sub(lambda found: SINGULAR[found[1]], error.message.removeprefix(f"{error.name} ").removeprefix("data "))
    return f"{where or 'message'}: {said}"
