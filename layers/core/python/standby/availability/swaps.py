"""What a cart can have in place of a line that cannot be had: other variants of the same product, as many of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from standby.platform.frozen import frozen
from standby.shelf.model import Row

if TYPE_CHECKING:
    from standby.availability.answers import CartChecked, LineChecked

MOST_PRODUCTS = 10
"""Products of a cart that are looked into: a request each. Lines of further ones are offered nothing."""
MOST_OF_A_LINE = 5
MOST_READ = 100
"""SKUs that are read once more, in one request."""


class Shelf(Protocol):
    """Where variants are read."""

    def variants(self, product_id: str, *, most_pages: int) -> Sequence[Row]:
        """Return the rows of a product in its own order, as they were a moment ago."""
        ...

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of SKUs as they are now; those that are on no shelf are left out."""
        ...


@frozen()
class Swaps:
    """Offers other variants."""

    shelf: Shelf

    def offered(self, checked: "CartChecked") -> "CartChecked":
        """Return a cart with what each line that cannot be had could be instead. Raises `BusyError`.

        Those that share most options with the wanted variant come first. What the cart's lines take themselves is not
        offered again; two lines may be offered the same units.
        """
        short = [line for line in checked["lines"] if not line["can_be_had"] and line["product_id"] is not None]
        asked = dict.fromkeys(line["product_id"] for line in short if line["product_id"] is not None)
        products = {each: self.shelf.variants(each, most_pages=1) for each in list(asked)[:MOST_PRODUCTS]}
        taken = Counter[str]()
        for line in checked["lines"]:
            taken[line["sku"]] += line["units"]
        first = {_wish(line): list(_fitting(line, products.get(line["product_id"] or "", ()), taken)) for line in short}
        skus = list(dict.fromkeys(sku for found in first.values() for sku in found))[:MOST_READ]
        now = self.shelf.rows(skus) if skus else {}
        lines = [self._with(line, first.get(_wish(line), ()), now, taken) for line in checked["lines"]]
        return {**checked, "lines": lines}

    @staticmethod
    def _with(line: "LineChecked", skus: Iterable[str], now: Mapping[str, Row], taken: Counter[str]) -> "LineChecked":
        if line["can_be_had"]:
            return line
        had = [sku for sku in skus if sku in now and _enough(now[sku], line["quantity"], taken)]
        return {**line, "alternatives": had}


def _wish(line: "LineChecked") -> tuple[str, int]:
    return line["sku"], line["quantity"]


def _fitting(line: "LineChecked", rows: Sequence[Row], taken: Counter[str]) -> Iterator[str]:
    """Yield the SKUs that a line could be instead, the one most like it first."""
    wanted = next((row.variant.options for row in rows if row.sku == line["sku"]), {})
    had = [row for row in rows if row.sku != line["sku"] and _enough(row, line["quantity"], taken)]
    had.sort(key=lambda row: -len(wanted.items() & row.variant.options.items()))
    yield from (row.sku for row in had[:MOST_OF_A_LINE])


def _enough(row: Row, quantity: int, taken: Counter[str]) -> bool:
    return row.supply.sellable - taken[row.sku] >= quantity
