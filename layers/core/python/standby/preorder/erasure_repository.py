"""Whose reservations are whose, read from the whole table Preorders: no index leads from an address to them."""

from collections.abc import Iterator
from typing import NamedTuple

from standby.platform.address import address_key
from standby.platform.cursor import Cursor
from standby.platform.dynamodb import Item
from standby.platform.frozen import frozen
from standby.platform.table import Delete, Query, Table, key_of
from standby.platform.whole_table import page_of_all
from standby.preorder import items

SCAN_PAGE = 1_000
"""Items of the table that a message looks at, up to 1 MB."""
INVITED_PAGE = 100
WANTED = ("pk", "customer", "offer", "created_at")


class Theirs(NamedTuple):
    """Whose a reservation is."""

    reservation_id: str
    address: str
    """The key of the customer's address."""
    created_at: str


@frozen()
class ErasureRepository:
    """Finds what the table Preorders has of an address."""

    table: Table

    def page(self, cursor: Cursor | None) -> tuple[list[Theirs], Cursor | None]:
        """Return whose the reservations of a page are, and where the next begins. Raises `CursorError`."""
        page = page_of_all(self.table, items.RESERVATION, WANTED, limit=SCAN_PAGE, cursor=cursor)
        return [whose for item in page.items for whose in _whose(item)], page.cursor

    def uninvite(self, address: str) -> None:
        """Delete that an address, by its key, may pre-order before campaigns open to all."""
        page = self.table.page(Query(items.invited_partition(address), consistent=True, limit=INVITED_PAGE))
        for item in page.items:
            self.table.write(Delete(key_of(item)))


def _whose(item: Item) -> Iterator[Theirs]:
    customer, offer = item.get("customer", {}), item.get("offer", {})
    address = address_key(customer["email"]) if "email" in customer else offer.get("address")
    if address:
        yield Theirs(items.reservation_id_of(item), address, item["created_at"])
