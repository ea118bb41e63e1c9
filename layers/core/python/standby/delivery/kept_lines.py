"""Lines of large orders as they are kept: by their places in the lists of lines that the order has anyway.

What customers chose, what they were told, and the days of each line name all lines of an order again and again, and by
all numbers that they ever had. So written, they take next to no room.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from standby.delivery.day_model import Article
from standby.delivery.origin_model import Line, Listing

Places = Mapping[Any, tuple[int, int]]
"""Which list names a line, and at which place."""


def articles_of(listings: Sequence[Listing]) -> Places:
    """Return the places of all lines by number and SKU; of several lists the first one that names it."""
    found: dict[Article, tuple[int, int]] = {}
    for number, listing in enumerate(listings):
        for place, (line_id, sku, _) in enumerate(listing.lines):
            found.setdefault((line_id, sku), (number, place))
    return found


def lines_of(listings: Sequence[Listing]) -> Places:
    """Return the places of all lines by number and by the whole line, likewise."""
    found: dict[str | Line, tuple[int, int]] = {}
    for number, listing in enumerate(listings):
        for place, line in enumerate(listing.lines):
            found.setdefault(line, (number, place))
            found.setdefault(line[0], (number, place))
    return found


def packed(names: Iterable[Any], places: Places) -> list[Any]:
    """Return names as a list, a place, and the one behind the last that follows; what is in no list stays as it is."""
    found: list[Any] = []
    last: tuple[int, int] | None = None
    for name in names:
        at = places.get(name)
        if at is None:
            found.append(name)
        elif last is not None and at == (last[0], last[1] + 1):
            found[-1][2] = at[1] + 1
        else:
            found.append([*at, at[1] + 1])
        last = at
    return found


def unpacked(kept: Iterable[Any], listings: Sequence[Listing]) -> Iterator[Any]:
    """Yield the lines at places, and what was in no list as it is."""
    for each in kept:
        if isinstance(each, list) and isinstance(each[0], int):
            number, start, end = each
            yield from listings[number].lines[start:end]
        else:
            yield each


def numbers(kept: Iterable[Any], listings: Sequence[Listing]) -> tuple[str, ...]:
    """Return the numbers of lines that were kept."""
    return tuple(each if isinstance(each, str) else each[0] for each in unpacked(kept, listings))
