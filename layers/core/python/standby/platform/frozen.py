"""Frozen dataclasses that make a cold start cheaper.

`dataclasses.dataclass` writes and compiles six methods for each class, which was up to half of what a function imports
beyond botocore. Here one is compiled, ``__init__``. The others are the same few functions for every class and read its
fields. The result is a dataclass all the same: `dataclasses.replace`, `fields` and `asdict` work, and so does mypy.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Class = TypeVar("Class", bound=type)
COMPARED = "__compared__"
"""Where a class keeps what reads the fields by which its instances are compared."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(*, kw_only: bool = False) -> Callable[[Class], Class]:
    """Make a class what ``@dataclass(frozen=True)`` makes it, but for ``slots``, ``order`` and a field's ``hash``."""

    def make(made: Class) -> Class:
        made.__doc__ = made.__doc__ or made.__name__  # else dataclass() writes a signature, which takes long
        dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(made)
        for name, method in METHODS.items():
            setattr(made, name, method)
        known = fields(made)
        setattr(made, COMPARED, attrgetter(*(each.name for each in known if each.compare)) if known else _nothing)
        setattr(made, "__init__", _compiled(made, known))  # noqa: B010 - mypy takes an assignment for a mistake
        return made

    return make


def _compiled(made: type, known: tuple[Field[Any], ...]) -> Callable[..., None]:
    """Compile ``__init__``, the one method whose parameters differ from class to class.

    Its own names begin with an underscore and a word, as no field that is given by name does here.
    """
    names: dict[str, Any] = {"_store": object.__setattr__, "_missing": MISSING}
    positional, keywords, body = ["self"], ["*"], []
    for each in known:
        name, value, parameter = each.name, each.name, each.name
        if each.default is not MISSING:
            names[f"_default_{name}"] = each.default
            value, parameter = name if each.init else f"_default_{name}", f"{name}=_default_{name}"
        elif each.default_factory is not MISSING:
            names[f"_make_{name}"] = each.default_factory
            value = f"_make_{name}() if {name} is _missing else {name}" if each.init else f"_make_{name}()"
            parameter = f"{name}=_missing"
        if each.init:
            (keywords if each.kw_only is True else positional).append(parameter)
        if each.init or value != name:
            body.append(f" _store(self, {name!r}, {value})")
    if hasattr(made, "__post_init__"):
        body.append(" self.__post_init__()")
    parameters = positional + (keywords if len(keywords) > 1 else [])
    exec("\n".join((f"def __init__({', '.join(parameters)}):", *(body or [" pass"]))), names)  # noqa: S102
    method: Callable[..., None] = names["__init__"]
    method.__qualname__ = f"{made.__qualname__}.__init__"
    return method


def _nothing(*_instance: object) -> tuple[()]:
    return ()


def _repr(self: "DataclassInstance") -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _eq(self: object, other: object) -> bool:
    compared = getattr(type(self), COMPARED)
    return type(other) is type(self) and bool(compared(self) == compared(other))


def _hash(self: object) -> int:
    return hash(getattr(type(self), COMPARED)(self))


def _refuse(_self: object, name: str, *_value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


METHODS = {"__repr__": _repr, "__eq__": _eq, "__hash__": _hash, "__setattr__": _refuse, "__delattr__": _refuse}
