"""What the waitlist asks the shelf: whether a SKU comes back."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from standby.shelf.model import Row


class Shelf(Protocol):
    """What the catalogue said last of each SKU."""

    def rows(self, skus: Iterable[str]) -> "Mapping[str, Row]":
        """Return the rows of at most 100 SKUs; those that are on no shelf are left out."""
        ...


class DiscontinuedError(Exception):
    """Nothing of what is wanted comes back, or some of what is added does not."""

    def __init__(self, skus: tuple[str, ...]) -> None:
        super().__init__(", ".join(skus))
        self.skus = skus


def not_coming_back(shelf: Shelf, skus: Iterable[str]) -> frozenset[str]:
    """Return those of at most 100 SKUs that do not come back. The sign-up for them is closed, whatever is left."""
    wanted = tuple(skus)
    rows = shelf.rows(wanted) if wanted else {}
    return frozenset(sku for sku, row in rows.items() if row.variant.discontinued)
