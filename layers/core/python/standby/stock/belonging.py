"""SKUs join products, leave them and move between them; their numbers follow where the products' settings differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from standby.events.catalog import ProductChanged
from standby.ledger.model import Membership
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.stock.recounts import LATER, NOW, RECOUNTED, follows_settings

Move = tuple[Membership, Membership]


class Memberships(Protocol):
    """Where it is kept which product a SKU belongs to."""

    def take(self, words: Iterable[Membership], *, first: Callable[[Sequence[Move]], None]) -> list[Move]:
        """Take words in and return what moved, of which ``first`` was told before it was written."""
        ...


class ProductSettings(Protocol):
    """What the shop set for products."""

    def said(self, product_ids: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return what is set for each product itself."""
        ...


@frozen(kw_only=True)
class Belonging:
    """Keeps which product each SKU belongs to."""

    memberships: Memberships
    settings: ProductSettings
    sweeps: Queue

    def take(self, event: ProductChanged) -> None:
        """Take in which SKUs a product has, and which it no longer has. Raises `BusyError`.

        Where the settings of the products differ, the SKU is counted anew. That is ordered before the move is written,
        because nobody who dies in between would order it afterwards: a move that was written moves nothing again. It
        is done later, when the move is written for certain, and in the usual case at once too.
        """
        jobs: dict[str, Mapping[str, Any]] = {}

        def order(moves: Sequence[Move]) -> None:
            found = self._recounts(moves)
            self._send(found, LATER)
            jobs.update(found)

        self.memberships.take(words(event), first=order)
        self._send(jobs, NOW)

    def _send(self, jobs: Mapping[str, Mapping[str, Any]], delay_seconds: int) -> None:
        self.sweeps.send([Outgoing.of(job, delay_seconds=delay_seconds) for job in jobs.values()])

    def _recounts(self, moves: Sequence[Move]) -> dict[str, Mapping[str, Any]]:
        """Return a job for each SKU whose numbers follow other settings after its move, by SKU."""
        moved = [(before, after) for before, after in moves if before.product_id != after.product_id]
        names = {name for pair in moved for name in (pair[0].product_id, pair[1].product_id) if name is not None}
        if not names:
            return {}
        said = self.settings.said(names)
        jobs: dict[str, Mapping[str, Any]] = {}
        for before, after in moved:
            old, new = said.get(before.product_id or "", {}), said.get(after.product_id or "", {})
            if changed := frozenset(name for name in RECOUNTED if old.get(name) != new.get(name)):
                cause = "no product" if after.product_id is None else f"product:{after.product_id}"
                jobs[after.sku] = follows_settings(changed, sku=after.sku, cause=cause)
        return jobs


def words(event: ProductChanged) -> Iterable[Membership]:
    """Yield what a product says about which SKUs it has."""
    for said in event.variants:
        product_id = None if said["gone"] else event.product_id
        yield Membership(sku=said["sku"], product_id=product_id, edition=said["edition"])
