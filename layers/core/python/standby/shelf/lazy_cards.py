"""What SKUs are called, for APIs that seldom need it: the shelf is loaded where a page is written."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.table import Table

if TYPE_CHECKING:
    from standby.shelf.cards import Card, Cards


@frozen()
class LazyCards:
    """The cards of SKUs, read from the shelf's table."""

    table: Table
    clock: Clock

    @cached_property
    def _cards(self) -> "Cards":
        from standby.shelf.cards import Cards  # noqa: PLC0415 - see above
        from standby.shelf.reader import ShelfReader  # noqa: PLC0415 - see above

        return Cards(ShelfReader(self.table), self.clock)

    def of(self, skus: Iterable[str]) -> "Mapping[str, Card]":
        """Return what SKUs are called; those that nobody described are left out."""
        return self._cards.of(skus)
