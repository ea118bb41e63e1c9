"""All products told anew, beside the running system: what listeners lost, they hear again.

Products that are sent again would not do: a word that says what is known already is not told. A page of the table is
looked through, each product of it becomes a message of its own, then the next page is asked for; who dies in between
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

    def page(self, after: str | None) -> tuple[list[str], str | None]:
        """Return ids of products, perhaps none, and where the next page begins; ``None`` behind the last."""
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
            case {"retell": "products", "after": str(after)}:
                self._page(after)
            case {"retell": "products"} if "after" not in job:
                self._page(None)
            case _:
                raise PoisonError("retell: asks neither for a page of products nor for one product")

    def _page(self, after: str | None) -> None:
        product_ids, following = self.pages.page(after)
        self._send({RETELL: "product", "product_id": product_id} for product_id in product_ids)
        if following is not None:
            self._send([{RETELL: "products", "after": following}])

    def _send(self, jobs: Iterable[Mapping[str, Any]]) -> None:
        self.updates.send([Outgoing.of(job) for job in jobs])
