"""Units that customers gave up and that come by other lines of the same SKU: ERPs split lines and merge them.

Between two words about the whole order, as many units moved as a line that was given up lost and others of its SKU won.
They come as far as these others have more units now, on their way or there, than they had when it was given up.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from standby.delivery.day_model import Version
from standby.delivery.line_model import said_in_turn
from standby.delivery.model import ARRIVALS_PER_MILLISECOND
from standby.delivery.origin_model import Line, Numbering
from standby.platform.clock import from_text, to_milliseconds

Mark = str | int
"""`standby.delivery.refunding.Key`."""


class Lost(NamedTuple):
    """A line that was given up."""

    sku: str
    at: str
    """RFC 3339, UTC: when it was given up first."""
    units: int
    """That were given up."""
    dropped: int
    """How many of them the order does not list under this line."""


def moved(numbering: Numbering, lost: Mapping[Mark, Lost], come: Mapping[tuple[Mark, str], int]) -> dict[Mark, int]:
    """Return how many units of lines that were given up come by other lines.

    ``come`` are the units of each line, by its mark and SKU, that its customer is to get, or keeps.
    """
    found: dict[Mark, int] = {}
    for sku in {each.sku for each in lost.values()}:
        mine = {mark: each for mark, each in lost.items() if each.sku == sku}
        rest = _moved(numbering, sku, mine, come)
        for mark, each in mine.items():
            found[mark] = min(rest, max(0, each.dropped))
            rest -= found[mark]
    return found


def received(numbering: Numbering, mark: Mark, sku: str, lost: Mapping[Mark, str], until: str) -> int:
    """Return how many units a line got until an instant of lines that had been given up; of each of these the instant.

    Who gives that line up as well gives nothing up by these units.
    """
    since, end = min(map(_microseconds, lost.values())), _microseconds(until)
    before, units = Counter[Mark](), 0
    for version, lines in said_in_turn(numbering.listings):
        now = _units(numbering, version, lines, sku)
        if since <= version[2] < end:
            units += min(sum((before - now)[each] for each in lost), (now - before)[mark])
        before = now
    return units


def _microseconds(at: str) -> int:
    return to_milliseconds(from_text(at)) * ARRIVALS_PER_MILLISECOND


def _moved(numbering: Numbering, sku: str, lost: Mapping[Mark, Lost], come: Mapping[tuple[Mark, str], int]) -> int:
    since = min(_microseconds(each.at) for each in lost.values())
    before, units = Counter[Mark](), 0
    had = Counter({mark: each.units for mark, each in lost.items()})
    for version, lines in said_in_turn(numbering.listings):
        now = _units(numbering, version, lines, sku)
        if version[2] < since:  # it had come by then
            had = Counter({mark: each.units for mark, each in lost.items()}) | now
        else:
            units += min(sum((before - now)[mark] for mark in lost), (now - before).total())
        before = now
    more = (max(0, count - had[mark]) for (mark, of_sku), count in come.items() if of_sku == sku)
    return min(units, sum(more))


def _units(numbering: Numbering, version: Version, lines: tuple[Line, ...], sku: str) -> Counter[Mark]:
    """Return the units of each line of a SKU, as a list of a version has them."""
    found = Counter[Mark]()
    for line_id, of_sku, quantity in lines:
        mark = numbering.line_of(line_id, version)
        if of_sku == sku and mark is not None:
            found[mark] += quantity
    return found
