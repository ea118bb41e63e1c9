"""The counters among which a campaign's units are split, and the rules by which units are taken from them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from standby.platform.identifier import joined

CREDIT_KEPT = timedelta(minutes=15)
"""So long units stay owed that were granted ahead, or came back, and that nobody reserves."""


class CounterName(NamedTuple):
    """Which counter is meant: the SKU, the number of its campaign, and the shard."""

    sku: str
    number: int
    shard: int


class Counter(NamedTuple):
    """A shard of what a campaign can sell. ``remaining`` stays 0 where the campaign follows incoming goods."""

    shard: int
    remaining: int
    reserved: int
    confirmed: int
    credit: int = 0
    """Units that nobody reserved and that the ledger owes already (`standby.ledger.credits`); not in ``remaining``."""
    due_at: str | None = None
    """When what is left of the credit goes back."""
    returned: int = 0
    """Units that came back to it so far. Where two looks find the same, it had no more between them."""

    @property
    def left(self) -> int:
        """How many units can be reserved."""
        return self.remaining + self.credit


def credit_name(counter: CounterName) -> str:
    """Return the name of the ledger's credit for a counter."""
    return joined(counter.sku, f"{counter.number:06}", f"{counter.shard:02}")


def split(quantity: int, counters: Sequence[Counter]) -> dict[int, int]:
    """Return from which counters units are taken: from the first that has them all, else from several.

    Raises ``ValueError`` where all of them together have too few.
    """
    for counter in counters:
        if counter.remaining >= quantity:
            return {counter.shard: quantity}
    taken: dict[int, int] = {}
    for counter in sorted(counters, key=lambda each: -each.remaining):
        units = min(quantity - sum(taken.values()), max(0, counter.remaining))
        if units:
            taken[counter.shard] = units
    if sum(taken.values()) < quantity:
        raise ValueError(quantity)
    return taken


def shares(units: int, shards: int) -> list[int]:
    """Return units shared among counters, as evenly as can be."""
    each, rest = divmod(units, shards)
    return [each + (number < rest) for number in range(shards)]
