"""Reading what arrives from the bus into the events that a consumer listens for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NotRequired, TypeVar, get_origin

from standby.events.fields import (
    Address,
    Amounts,
    ByName,
    CancelledLine,
    CancelledLines,
    Component,
    Components,
    Currency,
    Day,
    Edition,
    EventId,
    Instant,
    Localized,
    Money,
    Number,
    OrderedSku,
    OrderedSkus,
    OrderIds,
    OrderLine,
    OrderLines,
    OtherId,
    ProductId,
    Rating,
    References,
    Release,
    ReservationId,
    ReservedLine,
    ReservedLines,
    Revision,
    ShipmentIds,
    Sku,
    Translations,
    Units,
    Variant,
    Variants,
    Words,
)
from standby.platform.queue import PoisonError

Heard = TypeVar("Heard")
LONGEST_ID = 100
"""As fields say of SKUs and products."""


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_id(value: object) -> bool:
    """Tell whether it can be a part of a table's key; what cannot would spoil a whole batch of reads."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_texts_by_name(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _is_texts_by_locale(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_texts_by_name, value.values()))


def _shaped(shape: Any) -> Callable[[object], bool]:  # noqa: ANN401 - a TypedDict
    """Return the check of a mapping whose fields are known."""

    def check(value: object) -> bool:
        return isinstance(value, dict) and all(
            CHECKS[_plain(type_)](value[name]) if value.get(name) is not None else name not in shape.__required_keys__
            for name, type_ in shape.__annotations__.items()
        )

    return check


def _all_shaped(shape: Any) -> Callable[[object], bool]:  # noqa: ANN401 - a TypedDict
    each = _shaped(shape)
    return lambda value: isinstance(value, list) and all(map(each, value))


def _plain(type_: Any) -> Any:  # noqa: ANN401 - a type
    return type_.__args__[0] if get_origin(type_) is NotRequired else type_


TEXTS: tuple[Any, ...] = (str, EventId, Instant, Day, Release, Address, Currency)
NUMBERS: tuple[Any, ...] = (int, Revision, Units, Edition, Number)
LISTS: tuple[Any, ...] = (References, Words, OrderIds, ShipmentIds)
CHECKS: Mapping[object, Callable[[object], bool]] = {
    **dict.fromkeys([*TEXTS, *(kind | None for kind in TEXTS)], _is_text),
    **dict.fromkeys([*NUMBERS, *(kind | None for kind in NUMBERS)], _is_number),
    **dict.fromkeys([Sku, Sku | None, ProductId, ProductId | None, OtherId, OtherId | None], _is_id),
    **dict.fromkeys([ReservationId, ReservationId | None], _is_id),
    **dict.fromkeys(LISTS, _is_texts),
    **dict.fromkeys([Localized, ByName], _is_texts_by_name),
    **dict.fromkeys([Translations, Translations | None], _is_texts_by_locale),
    **dict.fromkeys([Money, Money | None], _shaped(Money)),
    **dict.fromkeys([Rating, Rating | None], _shaped(Rating)),
    **dict.fromkeys([Amounts, Amounts | None], _all_shaped(Money)),
    bool: _is_flag,
    CancelledLines: _all_shaped(CancelledLine),
    Components: _all_shaped(Component),
    OrderLines: _all_shaped(OrderLine),
    OrderedSkus: _all_shaped(OrderedSku),
    ReservedLines: _all_shaped(ReservedLine),
    Variants: _all_shaped(Variant),
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
