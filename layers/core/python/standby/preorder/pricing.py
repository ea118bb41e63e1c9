"""What a reservation costs: the one answer that API, page, mails and events give.

It never rises. Whoever reserved under ``lowest_until_release`` keeps that, whatever the shop says later: of each price
that the SKU had since, and had before its release was over, the lowest counts. When the release is over was said as it
was reserved, and may be said to be later with each price of the same campaign. What was said once of a price stays with
it, so nothing that counted ceases to.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from standby.preorder.model import Line, Money, Reservation

KEPT_PRICES = 50
"""Of earlier campaigns, for those who reserved in them."""


class Priced(NamedTuple):
    """What a SKU cost from an instant on."""

    since: str
    amount: int
    """In minor units."""
    currency: str
    until: str
    """The last day of the release, as it was said then."""
    campaign: int


class Prices(Protocol):
    """Where prices are kept."""

    def prices(self, sku: str) -> Sequence[Priced]:
        """Return the prices of a SKU's campaigns, the newest last."""
        ...


def priced(reservation: Reservation, prices: Prices) -> Reservation:
    """Return a reservation at the price that holds now; once it ended, at the one that held then."""
    lines, gone = (
        tuple(_priced(line, reservation, prices) for line in each) for each in (reservation.lines, reservation.gone)
    )
    return replace(reservation, lines=lines, gone=gone)


def carried(prices: Sequence[Priced]) -> list[Priced]:
    """Return what a new campaign keeps of the prices before it. The oldest of very many become one, their lowest."""
    old, new = prices[:-KEPT_PRICES], prices[-KEPT_PRICES:]
    joined = [old[-1]._replace(amount=min(each.amount for each in _alike(old)))] if old else []
    return [*joined, *new]


def total(lines: Sequence[Line]) -> Money | None:
    """Return what all lines cost, ``None`` where one has no price or they are in several currencies."""
    found = totals(lines)
    return found[0] if len(found) == 1 else None


def totals(lines: Sequence[Line]) -> list[Money]:
    """Return what all lines cost in each currency; nothing where one has no price."""
    sums: dict[str, int] = {}
    for line in lines:
        if line.price is None:
            return []
        sums[line.price.currency] = sums.get(line.price.currency, 0) + line.price.amount * line.quantity
    return [Money(amount, currency) for currency, amount in sums.items()]


def _alike(prices: Sequence[Priced]) -> list[Priced]:
    return [each for each in prices if each.currency == prices[-1].currency]


def _priced(line: Line, reservation: Reservation, prices: Prices) -> Line:
    if line.price is None or line.guaranteed_until is None:
        return line
    ended_at = line.ended_at or reservation.ended_at or "~"
    later = [
        each.amount
        for each in prices.prices(line.sku)
        if reservation.created_at <= each.since <= ended_at and _counts(each, line)
    ]
    return replace(line, price=line.price._replace(amount=min([line.price.amount, *later])))


def _counts(each: Priced, line: Line) -> bool:
    """Tell whether a price was one before the release, in a currency that compares."""
    said = each.until if each.campaign == line.campaign else ""
    until = max(line.guaranteed_until or "", said)
    return line.price is not None and each.currency == line.price.currency and each.since[: len(until)] <= until
