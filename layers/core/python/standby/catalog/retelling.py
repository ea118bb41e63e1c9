"""All products told anew, beside the running system: what listeners lost, they hear again.

Products that are sent again would not do: a word that says what is known already is not told. A page of the index is
read, each product of it becomes a message of its own, then the next page is asked for; who dies in between
does the page again.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, PoisonError, Queue

RETELL = "retell"
"""The field by which such a message is known: ``products`` all of them, ``product`` one."""


class Pages(Protocol):
    """Where all products are found."""

    @property
    def shards(self) -> tuple[str, ...]:
        """The parts in which they lie."""
        ...

    def page(self, shard: str, after: str | None) -> tuple[list[str], str | None]:
        """Return ids of a part's products, and where the next page begins; ``None`` behind the last."""
        ...


class Teller(Protocol):
    """Who tells of a product."""

    def retell(self, product_id: str) -> None:
        """Tell all that is known of a product."""
        ...


@frozen(kw_only=True)
class Retelling:
    """Walks through the products."""

    pages: Pages
    teller: Teller
    updates: Queue

    def handle(self, job: Mapping[str, Any]) -> None:
        """Do a page, or one product. Raises `PoisonError` for a message that asks for neither."""
        match job:
            case {"retell": "product", "product_id": str(product_id)}:
                self.teller.retell(product_id)
            case {"retell": "products", "shard": str(shard), "after": str(after)} if shard in self.pages.shards:
                self._page(shard, after)
            case {"retell": "products"} if not job.keys() & {"shard", "after"}:
                self._send({RETELL: "products", "shard": shard, "after": ""} for shard in self.pages.shards)
            case _:
                raise PoisonError("retell: asks neither for a page of products nor for one product")

    def _page(self, shard: str, after: str) -> None:
        product_ids, following = self.pages.page(shard, after or None)
        self._send({RETELL: "product", "product_id": product_id} for product_id in product_ids)
        if following is not None:
            self._send([{RETELL: "products", "shard": shard, "after": following}])

    def _send(self, jobs: Iterable[Mapping[str, Any]]) -> None:
        self.updates.send([Outgoing.of(job) for job in jobs])
