"""Pieces: units of a line of a reservation that were cancelled, or left, while its others go on.

A piece stands among the lines that are gone, of the same SKU as the line. It is known by how many of that SKU stand
before it: lines that are gone only become more.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from standby.events.delivery import OrderShipped
from standby.ledger.claims import BesideError, ClaimBook
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.identifier import joined
from standby.preorder.model import Line, Reservation, claim_id
from standby.preorder.named import Fate, left_at
from standby.preorder.piece_repository import PieceWrites
from standby.preorder.sharing import Others, rows_of, shares_of
from standby.preorder.telling import Announcer, allocated, freed_name, watch


@frozen(kw_only=True)
class Pieces:
    """Gives pieces back or notes that they left, and follows those that left all the same."""

    writes: PieceWrites
    claims: ClaimBook
    announcer: Announcer
    clock: Clock

    def reduce(self, known: Reservation, sku: str, units: int, fate: Fate) -> None:
        """Give back units that were cancelled of a line, or keep from everybody those that left.

        Nothing is done if somebody changed the reservation meanwhile.
        """
        now = self.clock.now()
        made = reduced(known, sku, units, now, fate)
        (line,), piece = (line for line in made.lines if line.sku == sku), made.gone[-1]
        named = _piece_id(known, sku, _number(known, sku))
        there = watch(made, now, sku) if made.status != known.status else None
        beside, left = self.writes.reduced(made, line, piece), left_at(known, now) if fate == "shipped" else None
        with suppress(BesideError):
            name = claim_id(known.reservation_id, sku)
            self.claims.reduce(sku, name, units, piece=named, now=now, beside=beside, watch=there, shipped_at=left)
            self.announcer.tell(made)

    def left(self, event: OrderShipped, known: Reservation, others: Others) -> None:
        """Keep from everybody what left of a reservation although it had been given back."""
        now = self.clock.now()
        at = min(to_text(now), event.occurred_at)
        for sku, name, units in left_of(event, known, others):
            self.claims.left_all_the_same(sku, name, units, shipped_at=at, now=now)


def reduced(known: Reservation, sku: str, units: int, now: datetime, fate: Fate) -> Reservation:
    """Return a reservation without units of a line: allocated where the rest is there.

    Of those that are cancelled the ones that lack go first; what left were those that were set aside.
    """
    line = next(line for line in known.lines if line.sku == sku)
    shards, back = _split(line.shards, units)
    quantity = line.quantity - units
    given = max(0, line.given - units) if fate == "shipped" else min(line.given, quantity)
    rest = replace(line, quantity=quantity, given=given, shards=shards)
    piece = replace(
        line,
        quantity=units,
        given=line.given - rest.given,
        shards=back,
        fate=fate,
        ended_at=to_text(now),
    )
    made = replace(
        known,
        lines=tuple(rest if each is line else each for each in known.lines),
        gone=(*known.gone, piece),
        owed=(*known.owed, *((freed_name(sku, _number(known, sku)),) if fate == "cancelled" else ())),
        edition=known.edition + 1,
    )
    return allocated(made, now) if known.status == "confirmed" else made


def left_of(event: OrderShipped, known: Reservation, others: Others) -> Iterator[tuple[str, str, int]]:
    """Yield what left of a reservation although it had been given back: the SKU, the claim's id, and how many units.

    Of an order that lists no SKUs, all or nothing. Units that an order does not list have not left: they were cancelled
    before.
    """
    over = known.status in {"cancelled", "expired"}
    shares = shares_of(event, known, others)
    left = {(sku, bool(back)): share.shipped for sku, rows in shares.items() for back, share in enumerate(rows)}
    for (name, line), (row, _) in zip(claim_names(known), rows_of(known), strict=True):
        if line.fate == "cancelled" or (over and line.fate is None):
            every = line.quantity if event.complete and line.fate is None else 0
            units = min(left.get(row, 0), line.quantity) if event.skus else every
            if units:
                yield line.sku, name, units
            left[row] = left.get(row, 0) - units
        elif line.fate == "shipped":
            left[row] = max(0, left.get(row, 0) - line.quantity)


def claim_names(known: Reservation) -> Iterator[tuple[str, Line]]:
    """Yield all lines of a reservation, each with the id of its claim; a piece has one of its own."""
    left = Counter(line.sku for line in known.every_line)
    numbers = Counter[str]()
    for line in known.every_line:
        left[line.sku] -= 1
        whole = not left[line.sku]
        yield claim_id(known.reservation_id, line.sku) if whole else _piece_id(known, line.sku, numbers[line.sku]), line
        numbers[line.sku] += 1


def _number(known: Reservation, sku: str) -> int:
    return sum(line.sku == sku for line in known.gone)


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
