"""Reading what arrives from the bus into the events that a consumer listens for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from standby.events.fields import Address, Addresses, Day, EventId, Instant, References, Revision, Sku, Units
from standby.platform.queue import PoisonError

Heard = TypeVar("Heard")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


TEXTS: tuple[Any, ...] = (str, EventId, Instant, Day, Sku, Address)
NUMBERS: tuple[Any, ...] = (int, Revision, Units)
CHECKS: Mapping[object, Callable[[object], bool]] = {
    **dict.fromkeys([*TEXTS, *(kind | None for kind in TEXTS)], _is_text),
    **dict.fromkeys([*NUMBERS, *(kind | None for kind in NUMBERS)], _is_number),
    References: _is_texts,
    Addresses: _is_texts,
}
"""The check of a value, for each type that a field may have. Formats are the publisher's affair."""


def hear(envelope: object, heard: Sequence[type[Heard]]) -> Heard | None:
    """Read EventBridge's envelope into one of the ``heard`` events; return ``None`` when it holds no such event.

    Fields that the event does not know are ignored. Raises `PoisonError` with the field's name where one is missing or
    is of another type.
    """
    match envelope:
        case {"detail-type": str(name), "detail": detail}:
            for kind in heard:
                if kind.__name__ == name:
                    event: Heard = _event(kind, detail)
                    return event
    return None


def _event(kind: Any, detail: object) -> Any:  # noqa: ANN401 - a named tuple, of a type known by its name only
    if not isinstance(detail, Mapping):
        raise PoisonError(f"{kind.__name__}: detail: no object")
    values = {}
    for name, type_ in kind.__annotations__.items():
        value = detail.get(name)
        if value is None:  # a field that is not known is left out, and null says the same
            if name not in kind._field_defaults:
                raise PoisonError(f"{kind.__name__}: {name}: missing")
        elif CHECKS[type_](value):
            values[name] = value
        else:
            raise PoisonError(f"{kind.__name__}: {name}: of another type")
    return kind(**values)
