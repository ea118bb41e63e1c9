"""A function's environment as a type: infra writes it, the handler reads it, and neither spells a name twice."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, Self, get_args, get_type_hints

from standby.platform.frozen import frozen

REFUSED = "messages refused"
"""What a function logs when it refuses some of the messages of a request. The stack counts these lines."""


class EnvironmentError(ValueError):  # noqa: A001 - the field's word; the builtin is an alias of OSError since 3.3
    """A setting is missing from the environment or cannot be read."""


@frozen(kw_only=True)
class Environment:
    """Base of every function's settings: fields of ``str``, ``int``, ``float``, ``bool`` or ``tuple[str, ...]``."""

    def to_environment(self) -> dict[str, str]:
        """Return the environment variables that `from_environment` reads back; unset optional ones are left out.

        Raises `EnvironmentError` for a value that could not be read back: an empty part, or one with a comma.
        """
        values = {field.name.upper(): getattr(self, field.name) for field in fields(self)}
        return {name: _write(value) for name, value in values.items() if value is not None}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings from ``os.environ`` or the mapping given.

        Raises `EnvironmentError`, naming the variable, when one is missing or malformed.
        """
        source = os.environ if environment is None else environment
        hints = get_type_hints(cls)
        required = [field.name.upper() for field in fields(cls) if _is_required(field)]
        missing = [name for name in required if name not in source]
        if missing:
            message = f"{cls.__name__}: {', '.join(missing)} missing from the environment"
            raise EnvironmentError(message)
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = field.name.upper()
            if name in source:
                values[field.name] = _read(name, source[name], hints[field.name])
        return cls(**values)


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        if any(not part or "," in part for part in value):
            message = f"{value}: a part is not empty and has no comma"
            raise EnvironmentError(message)
        return ",".join(value)
    return str(value)


def _read(name: str, text: str, hint: Any) -> object:  # noqa: ANN401 - a type hint has no narrower type
    kinds = [kind for kind in get_args(hint) if kind is not type(None)] or [hint]
    kind = tuple if str(hint).startswith("tuple") else kinds[0]
    try:
        if kind is bool:
            return {"true": True, "false": False}[text]
        if kind is tuple:
            return tuple(part for part in text.split(",") if part)
        return kind(text)
    except (KeyError, ValueError) as error:
        message = f"{name}: {text!r} is not {getattr(kind, '__name__', kind)}"
        raise EnvironmentError(message) from error
