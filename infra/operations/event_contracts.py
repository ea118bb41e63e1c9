"""Make what the events promise those who listen (``make schemas``): a JSON Schema per event, and who hears what.

The types of `standby.events` become ``events/json_schemas/<Event>.json``: the ``detail`` as EventBridge brings it. They
and the features' ``hears`` modules become ``events/README.md``, the table of contents of the bus.
"""

import importlib
import inspect
import json
import sys
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from standby.platform.bus import VERSION
from standby.platform.counted import counted

from infra.operations.schemas import DRAFT, PRODUCT

FOLDER = PRODUCT / "standby" / "events"
CONTENTS = FOLDER / "README.md"
SHAPES: Mapping[object, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Sequence[str]: {"type": "array", "items": {"type": "string"}},
    Mapping[str, str]: {"type": "object", "additionalProperties": {"type": "string"}},
    Mapping[str, Mapping[str, str]]: {
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
ABOUT = """# Who hears what

Written by `make schemas` from the types in this folder and from the features' `hears.py`. Standby publishes these
events on its bus (output `EventBusName`, source `standby`); anybody may add rules of their own.
`json_schemas/<Event>.json` describes the `detail`. Fields will be added: ignore those that you do not know. An event
may come twice, with the same `id`, and in any order.
"""


def publishers() -> Iterator[tuple[str, str, list[Any]]]:
    """Yield each publisher's module, what it says of itself, and its events in the order in which they stand."""
    for path in sorted(FOLDER.glob("*.py")):
        module = importlib.import_module(f"standby.events.{path.stem}" if path.stem != "__init__" else "standby.events")
        kinds = [kind for kind in vars(module).values() if _is_event(kind) and kind.__module__ == module.__name__]
        if kinds:
            yield path.stem, inspect.getdoc(module) or "", kinds


def events() -> dict[str, Any]:
    """Return every event by its name."""
    return {kind.__name__: kind for _publisher, _about, kinds in publishers() for kind in kinds}


def heard() -> dict[str, tuple[Any, ...]]:
    """Return the events heard by each queue: ``PLANS`` in ``waitlist/hears.py`` belongs to the queue WaitlistPlans."""
    found = {}
    for path in sorted((PRODUCT / "standby").glob("*/hears.py")):
        feature = path.parent.name
        for name, kinds in vars(importlib.import_module(f"standby.{feature}.hears")).items():
            if isinstance(kinds, tuple) and all(map(_is_event, kinds)):
                found[f"{feature}_{name}".title().replace("_", "")] = kinds
    return found


def schema(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a named tuple
    """Return the JSON Schema of an event's detail. A field with a default may be missing; none is ever ``null``."""
    properties = {name: _field(type_) for name, type_ in kind.__annotations__.items()}
    return {
        "$schema": DRAFT,
        "title": kind.__name__,
        "description": inspect.getdoc(kind),
        "type": "object",
        "required": ["version", *(name for name in kind._fields if name not in kind._field_defaults)],
        "properties": {"version": {"const": VERSION}, **properties},
    }


def documents() -> dict[Path, str]:
    """Return the text of every file that is made here."""
    made = {
        FOLDER / "json_schemas" / f"{name}.json": json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"
        for name, kind in events().items()
    }
    return made | {CONTENTS: contents()}


def contents() -> str:
    """Return the table of contents: a table per publisher."""
    listeners = heard()
    parts = [ABOUT]
    for publisher, about, kinds in publishers():
        rows = [
            f"| [{kind.__name__}](json_schemas/{kind.__name__}.json) | {_first_sentence(kind)} | "
            f"{', '.join(queue for queue, what in listeners.items() if kind in what)} |"
            for kind in kinds
        ]
        head = ["| event | says | queues that hear it |", "| --- | --- | --- |"]
        parts.append("\n".join([f"## {publisher}\n", about, "", *head, *rows, ""]))
    return "\n".join(parts)


def _is_event(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, tuple) and kind.__module__.startswith("standby.events.")


def _field(type_: Any) -> dict[str, Any]:  # noqa: ANN401 - a type as Python writes it
    kinds = [inner for inner in typing.get_args(type_) if inner is not type(None)]
    if type(None) in typing.get_args(type_) or typing.get_origin(type_) is typing.NotRequired:
        (type_,) = kinds
    said = dict(getattr(type_, "__metadata__", ()))
    plain = type_.__origin__ if said else type_
    if typing.is_typeddict(plain):
        return {**_object(plain), **said}
    items = typing.get_args(plain)
    if items and typing.is_typeddict(items[0]):
        return {"type": "array", "items": _object(items[0]), **said}
    return {**SHAPES[plain], **said}


def _object(shape: Any) -> dict[str, Any]:  # noqa: ANN401 - a TypedDict
    return {
        "description": inspect.getdoc(shape),
        "type": "object",
        "required": [name for name in shape.__annotations__ if name in shape.__required_keys__],
        "properties": {name: _field(type_) for name, type_ in shape.__annotations__.items()},
    }


def _first_sentence(kind: Any) -> str:  # noqa: ANN401 - a named tuple
    paragraph = (inspect.getdoc(kind) or "").split("\n\n")[0]
    return " ".join(paragraph.split()).replace("``", "`")


def main() -> int:
    """Write the files."""
    made = documents()
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(made[path], "utf-8")
    print(f"{counted(len(stale), 'contract')} of events written anew")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(PRODUCT))
    sys.exit(main())
