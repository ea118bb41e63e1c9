"""Make the JSON Schemas of answers from the typed dictionaries that routes return and the words below their keys."""

import ast
import inspect
import textwrap
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

REFERENCE = "#/components/schemas/"
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


class Shapes:
    """Collects the schemas of types by their names."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}
        self._kinds: dict[str, type] = {}

    def schema(self, kind: Any) -> dict[str, Any]:  # noqa: ANN401, PLR0911 - a type or several, one answer each
        """Return the schema of a type; a typed dictionary's is a reference. Raises ``TypeError`` for unknown types."""
        origin, inner = get_origin(kind), get_args(kind)
        if is_typeddict(kind):
            return self._named(kind)
        if origin is Annotated:
            return self.schema(inner[0]) | dict(inner[1:])
        if origin is Literal:
            return {"type": PLAIN[type(inner[0])], "enum": list(inner)}
        if origin is list:
            return {"type": "array", "items": self.schema(inner[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.schema(inner[1])}
        if origin in (Union, types.UnionType):
            return _either([self.schema(one) for one in inner])
        if kind is Any:
            return {}
        if kind in PLAIN:
            return {"type": PLAIN[kind]}
        raise TypeError(f"{kind}: no answer is made of this")

    def _named(self, kind: type) -> dict[str, Any]:
        name = kind.__name__
        if name not in self._kinds:
            self._kinds[name] = kind
            self.schemas[name] = self._object(kind)
        if self._kinds[name] is not kind:
            raise TypeError(f"{name}: two features call an answer so")
        return {"$ref": f"{REFERENCE}{name}"}

    def _object(self, kind: type) -> dict[str, Any]:
        said = _said(kind)
        hints = get_type_hints(kind, include_extras=True)
        required: frozenset[str] = kind.__required_keys__  # type: ignore[attr-defined]
        return {
            "type": "object",
            "description": inspect.cleandoc(kind.__doc__ or ""),
            "required": [name for name in hints if name in required],
            "properties": {
                name: self.schema(_wanted(hint)) | ({"description": said[name]} if name in said else {})
                for name, hint in hints.items()
            },
        }


def _wanted(hint: Any) -> Any:  # noqa: ANN401 - a type
    """Return what a key holds, whether it must be there or not."""
    return get_args(hint)[0] if getattr(get_origin(hint), "_name", "") in {"NotRequired", "Required"} else hint


def _either(choices: list[dict[str, Any]]) -> dict[str, Any]:
    """Write "this type or null" as one schema with two types, as far as it has a type of its own."""
    kinds = [choice for choice in choices if choice != {"type": "null"}]
    if len(kinds) == 1 and len(choices) > 1 and "type" in kinds[0] and "enum" not in kinds[0]:
        return kinds[0] | {"type": [kinds[0]["type"], "null"]}
    return {"anyOf": choices}


def _said(kind: type) -> dict[str, str]:
    """Return the words below each key of a typed dictionary."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 - what a class's source is
    said = {}
    for key, words in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name) and isinstance(words, ast.Expr):
            said[key.target.id] = inspect.cleandoc(str(ast.literal_eval(words.value)))
    return said
