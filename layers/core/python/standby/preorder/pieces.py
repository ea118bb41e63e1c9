"""Pieces: units of a line of a reservation that were cancelled while its others go on.

A piece stands among the lines that are gone, of the same SKU as the line. It is known by how many of that SKU stand
before it: lines that are gone only become more.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from standby.platform.clock import to_text
from standby.platform.identifier import joined
from standby.preorder.model import Line, Reservation, claim_id
from standby.preorder.named import said_of
from standby.preorder.telling import allocated, freed_name


class Reduced(NamedTuple):
    """A reservation of which units of a line were cancelled."""

    reservation: Reservation
    line: Line
    """What is left of it."""
    piece: Line
    piece_id: str
    """The id of the claim that the piece's units become."""


def cancelled_units(known: Reservation) -> Mapping[str, int]:
    """Return how many units of lines that go on are cancelled and were not given back, by SKU."""
    found = {}
    for line in known.lines:
        said = said_of(known, line.sku)
        units = said.cancelled - (said.quantity - line.quantity)
        if 0 < units < line.quantity:
            found[line.sku] = units
    return found


def reduced(known: Reservation, sku: str, units: int, now: datetime) -> Reduced:
    """Return a reservation without units of a line: allocated where the rest is there. Units that lack go first."""
    line = next(line for line in known.lines if line.sku == sku)
    shards, back = _split(line.shards, units)
    quantity = line.quantity - units
    rest = replace(line, quantity=quantity, given=min(line.given, quantity), shards=shards)
    piece = replace(
        line,
        quantity=units,
        given=line.given - rest.given,
        shards=back,
        fate="cancelled",
        ended_at=to_text(now),
    )
    number = sum(each.sku == sku for each in known.gone)
    made = replace(
        known,
        lines=tuple(rest if each is line else each for each in known.lines),
        gone=(*known.gone, piece),
        owed=(*known.owed, freed_name(sku, number)),
        edition=known.edition + 1,
    )
    made = allocated(made, now) if known.status == "confirmed" else made
    return Reduced(made, rest, piece, _piece_id(known, sku, number))


def claim_names(known: Reservation) -> Iterator[tuple[str, Line]]:
    """Yield all lines of a reservation, each with the id of its claim; a piece has one of its own."""
    left = Counter(line.sku for line in known.every_line)
    numbers = Counter[str]()
    for line in known.every_line:
        left[line.sku] -= 1
        whole = not left[line.sku]
        yield claim_id(known.reservation_id, line.sku) if whole else _piece_id(known, line.sku, numbers[line.sku]), line
        numbers[line.sku] += 1


def _piece_id(known: Reservation, sku: str, number: int) -> str:
    return joined(claim_id(known.reservation_id, sku), str(number + 1))


def _split(shards: Mapping[int, int], units: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return how many units a line keeps of each counter, and how many go back to it."""
    kept, back = dict[int, int](), dict[int, int]()
    for shard, of in sorted(shards.items()):
        back[shard] = min(of, units - sum(back.values()))
        kept[shard] = of - back[shard]
    return _some(kept.items()), _some(back.items())


def _some(shards: Iterable[tuple[int, int]]) -> dict[int, int]:
    return {shard: units for shard, units in shards if units}
