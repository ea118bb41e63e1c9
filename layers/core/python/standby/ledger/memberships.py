"""Which product a SKU belongs to: the catalogue's newest word, in whatever order its words come."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from standby.ledger import items
from standby.ledger.model import Membership
from standby.ledger.table import LedgerTable
from standby.platform.frozen import frozen
from standby.platform.table import Update

SKUS_PER_WRITE = 100
"""Memberships in one transaction; DynamoDB takes so many writes, and reads as many items at once."""
Move = tuple[Membership, Membership]
"""A SKU's membership before and after a word."""


@frozen()
class MembershipBook:
    """Keeps what the catalogue says of SKUs, also of those that the ERP has not named yet."""

    table: LedgerTable

    def take(self, words: Iterable[Membership], *, first: Callable[[Sequence[Move]], None]) -> list[Move]:
        """Take words about SKUs in and return what moved. Words that are older than known, or equal, move nothing.

        ``first`` is told of moves before they are written: of each at least once, whatever happens in between, and
        again where somebody else wrote one of them meanwhile. Raises `BusyError`.
        """
        newest: dict[str, Membership] = {}
        for word in words:
            newest[word.sku] = max(newest.get(word.sku, word), word, key=lambda known: known.edition)
        said = list(newest.values())
        moved: list[Move] = []
        for start in range(0, len(said), SKUS_PER_WRITE):
            moved += self.table.retried(partial(self._attempt, said[start : start + SKUS_PER_WRITE], first))
        return moved

    def _attempt(self, said: Sequence[Membership], first: Callable[[Sequence[Move]], None]) -> list[Move]:
        found = {items.sku_of(item): item for item in self.table.batch(items.membership_key(word.sku) for word in said)}
        known = {sku: items.membership(item) for sku, item in found.items()}
        pairs = [(known.get(word.sku, Membership(sku=word.sku)), word) for word in said]
        moves = [(before, after) for before, after in pairs if after.edition > before.edition]
        if moves:
            first(moves)
            self.table.apply([_update(before, after) for before, after in moves])
        return moves


def _update(before: Membership, after: Membership) -> Update:
    """Return the write of a membership on the condition that nobody wrote it since it was read."""
    key = items.membership_key(after.sku)
    values = {"product_id": after.product_id, "edition": after.edition}
    if before.edition == 0:
        return Update(key, assign=values, absent=("pk",))
    return Update(key, assign=values, equal={"edition": before.edition})
