"""Make the committed JSON Schemas from the features' dataclasses (``make schemas``).

A feature's ``schemas`` module names its documents in ``MESSAGES: dict[str, type]``; each becomes the file
``<feature>/json_schemas/<name>.json``. Pydantic reads the dataclasses here, at development time; no function has it.

A field says in its metadata what Python's types cannot, ``field(metadata={"json_schema": {"pattern": "…"}})``. A class
says so for the whole document in its attribute ``json_schema_extra``.
"""

import argparse
import dataclasses
import importlib
import json
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from standby.platform.counted import counted
from standby.platform.identifier import KINDS
from standby.platform.numeral import NUMBER_PATTERN, WHOLE_PATTERN

PRODUCT = Path(__file__).parents[2] / "layers" / "core" / "python"
DRAFT = "http://json-schema.org/draft-07/schema#"


def documents() -> Iterator[tuple[Path, type]]:
    """Yield each schema file's path and the dataclass that it is made from."""
    for module_path in sorted((PRODUCT / "standby").glob("*/schemas.py")):
        feature = module_path.parent.name
        module = importlib.import_module(f"standby.{feature}.schemas")
        for name, kind in module.MESSAGES.items():
            yield module_path.parent / "json_schemas" / f"{name}.json", kind


def schema(kind: type) -> dict[str, Any]:
    """Return the JSON Schema (draft 7, as fastjsonschema reads it) of a dataclass."""
    made: dict[str, Any] = TypeAdapter(kind).json_schema()
    definitions = made.get("$defs", {})
    _refine(made, kind)
    for nested in _nested(kind):
        if nested.__name__ in definitions:
            _refine(definitions[nested.__name__], nested)
    text = json.dumps(made).replace("#/$defs/", "#/definitions/")
    made = _widened(json.loads(text))
    if "$defs" in made:
        made["definitions"] = made.pop("$defs")
    plain: dict[str, Any] = _without_titles(made)
    return {"$schema": DRAFT} | plain


def text(kind: type) -> str:
    """Return the file's text."""
    return json.dumps(schema(kind), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _refine(made: dict[str, Any], kind: type) -> None:
    for field in dataclasses.fields(kind):
        said = field.metadata.get("json_schema", {})
        made["properties"][field.name] = _flat(made["properties"][field.name]) | said
    made.update(getattr(kind, "json_schema_extra", {}))


def _flat(made: dict[str, Any]) -> dict[str, Any]:
    """Write "this type or null" as one schema with two types, so that errors say what is wrong with the value.

    Of an object the schema says the fields only; a door drops ``null`` before it looks.
    """
    branches = made.get("anyOf", ())
    kinds = [branch for branch in branches if branch.get("type") != "null"]
    if len(branches) != len(kinds) + 1 or len(kinds) != 1 or kinds[0].keys().isdisjoint(("type", "$ref")):
        return made
    rest = {name: value for name, value in made.items() if name != "anyOf"}
    kind: dict[str, Any] = kinds[0]
    if "$ref" in kind:
        return rest | kind
    chosen = {"enum": [*kind["enum"], None]} if "enum" in kind else {}
    return rest | kind | chosen | {"type": [kind["type"], "null"]}


def _widened(made: Any) -> Any:  # noqa: ANN401 - JSON
    """Say what a door (`standby.platform.schema`) takes beside a field's type: numbers as text, ids as numbers."""
    if isinstance(made, list):
        return [_widened(inner) for inner in made]
    if not isinstance(made, dict):
        return made
    wide = {name: inner if name == "anyOf" else _widened(inner) for name, inner in made.items()}
    kinds = wide.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if wide.get("format") in KINDS:
        wide["type"] = ["string", "integer", *kinds[1:]]
    elif wide.get("format") == "label":
        wide["type"] = ["string", "number", *kinds[1:]]
    elif "integer" in kinds or "number" in kinds:
        wide["type"] = [kinds[0], "string", *kinds[1:]]
        wide["pattern"] = WHOLE_PATTERN if "integer" in kinds else NUMBER_PATTERN
    return wide


def _nested(kind: type) -> Iterator[type]:
    for hint in typing.get_type_hints(kind).values():
        for inner in (hint, *_arguments(hint)):
            if isinstance(inner, type) and dataclasses.is_dataclass(inner):
                yield inner
                yield from _nested(inner)


def _arguments(hint: object) -> Iterator[object]:
    for inner in typing.get_args(hint):
        yield inner
        yield from _arguments(inner)


def _without_titles(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Drop the titles that repeat a field's name, and defaults of ``null``."""
    if isinstance(value, dict):
        return {
            name: _without_titles(inner)
            for name, inner in value.items()
            if not (name == "title" and isinstance(inner, str)) and not (name == "default" and inner is None)
        }
    if isinstance(value, list):
        return [_without_titles(inner) for inner in value]
    return value


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` only say which are stale."""
    parser = argparse.ArgumentParser(description="make the committed JSON Schemas")
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args(arguments).check
    stale = [path for path, kind in documents() if not path.exists() or path.read_text("utf-8") != text(kind)]
    if check:
        for path in stale:
            print(f"{path.name}: stale, run make schemas", file=sys.stderr)
        return 1 if stale else 0
    for path, kind in documents():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(kind), "utf-8")
    print(f"{counted(len(stale), 'schema')} written anew")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(PRODUCT))
    sys.exit(main(sys.argv[1:]))
