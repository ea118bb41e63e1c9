"""What customers say of their own orders: that they wait, cancel, withdraw, or whether it is there.

A choice is added and never changed, so that what somebody agreed to can be shown as it was.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

WAIT = "wait"
"""The customer agreed to a new day."""
ASK = "ask"
"""The customer pressed to cancel; a mailed code carries it out."""
CANCEL = "cancel"
"""The code came, and the ERP is asked to cancel."""
WITHDRAW = "withdraw"
"""The customer withdrew, in two steps, and the ERP is asked to take it back."""
SILENCE = "silence"
"""The customer said nothing, and the law of the market takes that for a cancellation: the ERP is asked to cancel."""
ARRIVED, MISSING = "arrived", "missing"
"""Asked whether a shipment that nobody tracks is there, the customer said that it is, or that it is not."""
ANSWERS = frozenset({ARRIVED, MISSING})
ENDING = (CANCEL, WITHDRAW, SILENCE)
"""What ends lines."""
MOST_WAITS = 200
"""Of an order. The day would have to move as often."""

MOST_ANSWERS = 100
"""Of an order: to the question whether it arrived."""

Price = tuple[int, str]
"""Minor units, and their currency."""


class Choice(NamedTuple):
    """One thing that a customer said."""

    at: str
    """RFC 3339, UTC."""
    kind: str
    shipment_id: str = ""
    """Which shipment the customer waits for, or answers about; none: what is said is about lines."""
    until: str | None = None
    """The day that the customer agreed to; ``None``: whenever it comes."""
    wording: str = ""
    """The version of the words that were agreed to."""
    line_ids: tuple[str, ...] = ()
    """What is cancelled, or withdrawn from; what the mail of a code named; what arrived, or did not."""
    units: tuple[tuple[str, int], ...] = ()
    """SKU and quantity of each line that it ends, as the order had them then; none: it is of an older form."""
    prices: tuple[Price | None, ...] = ()
    """What one unit of each of these lines cost then; none: nobody looked yet. ``None``: the ERP did not say it."""
    fee: Price | None = None
    """The delivery fee, where it ends all that was left of the order."""
    paid: bool = False
    """The order was paid then, or later."""
    left: tuple[str, ...] = ()
    """Which of the lines that it ends had left by then, as far as anybody had said so."""

    def with_units(self, lines: Mapping[str, Mapping[str, Any]], left: Collection[str] = ()) -> "Choice":
        """Return it with what the lines are that it ends, so that it is known whatever becomes of the order.

        ``left`` are lines that left.
        """
        if self.kind not in ENDING or self.units:
            return self
        units = tuple((lines[each]["sku"], lines[each]["quantity"]) for each in self.line_ids)
        return self._replace(units=units, left=tuple(each for each in self.line_ids if each in left))

    def ended(self, lines: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, int]]:
        """Yield id, SKU and quantity of each line that it ended; ``lines`` are those of the order as it is now."""
        if self.units:
            yield from ((line_id, *units) for line_id, units in zip(self.line_ids, self.units, strict=True))
            return
        known = ((line_id, lines[line_id]) for line_id in self.line_ids if line_id in lines)
        yield from ((line_id, line["sku"], line["quantity"]) for line_id, line in known)


def choice_of(kept: Sequence[Any]) -> Choice:
    """Return a choice that was kept as JSON."""
    choice = Choice(*kept)
    return choice._replace(
        line_ids=tuple(choice.line_ids),
        units=tuple((sku, quantity) for sku, quantity in choice.units),
        prices=tuple(map(price_of, choice.prices)),
        fee=price_of(choice.fee),
        left=tuple(choice.left),
    )


def price_of(kept: Sequence[Any] | None) -> Price | None:
    """Return a price that was kept as JSON."""
    return None if kept is None else (kept[0], kept[1])


class RefusedError(Exception):
    """A customer wants what is not open to them; ``slug`` says why."""

    def __init__(self, slug: str, text: str) -> None:
        super().__init__(text)
        self.slug = slug
