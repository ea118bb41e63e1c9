"""What can be bought instead of a SKU that does not come back: what mails about it lead to (features.md A19)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Protocol

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.shelf.cards import KEPT, MOST_KEPT, Card, card
from standby.shelf.model import BUYABLE, Head, Product, Row

MOST_SHOWN = 3
MOST_ASKED = 50
"""Products that are looked at, of all that are called similar."""
log = logger("shelf")


class Shelf(Protocol):
    """Where rows, counts of products and what products say of themselves are read, at most 100 at a time."""

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of SKUs; those that are on no shelf are left out."""
        ...

    def products(self, product_ids: Iterable[str]) -> Mapping[str, Product]:
        """Return the counts of products; those without rows are left out."""
        ...

    def heads(self, product_ids: Iterable[str]) -> Mapping[str, Head]:
        """Return what products say of themselves; those that nobody named are left out."""
        ...


@frozen()
class Instead:
    """Tells what can be bought instead. Nobody waits for it: what cannot be read now is left out."""

    shelf: Shelf
    clock: Clock
    _kept: dict[tuple[str, ...], tuple[datetime, list[Card]]] = field(default_factory=dict, init=False, repr=False)

    def of(self, skus: Sequence[str]) -> list[Card]:
        """Return cards of at most three products that can be bought now, each with its id as the ``sku``.

        First come the SKUs' own products, of which other variants may be there; then what the shop calls similar, in
        its order. A product without an address leads nowhere, so it is none of them.
        """
        now, key = self.clock.now(), tuple(skus)
        kept = self._kept.get(key)
        if kept is None or kept[0] < now:
            try:
                kept = now + KEPT, self._read(skus)
            except Exception:
                log.exception("what can be bought instead could not be read")
                return kept[1] if kept else []
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = kept
        return kept[1]

    def _read(self, skus: Sequence[str]) -> list[Card]:
        rows = self.shelf.rows(skus)
        owners = [rows[sku].variant.product_id for sku in skus if sku in rows]
        own = list(dict.fromkeys(owner for owner in owners if owner is not None))
        heads = dict(self.shelf.heads(own)) if own else {}
        similar = [other for owner in own if owner in heads for other in heads[owner].similar]
        asked = list(dict.fromkeys([*own, *similar]))[:MOST_ASKED]
        products = self.shelf.products(asked) if asked else {}
        had = [each for each in asked if each in products and products[each].status in BUYABLE]
        if missing := [each for each in had if each not in heads]:
            heads |= self.shelf.heads(missing)
        cards: list[Card] = [_card(each, heads[each]) for each in had if each in heads]
        return [each for each in cards if "url" in each and each.get("title")][:MOST_SHOWN]


def _card(product_id: str, head: Head) -> dict[str, Any]:
    """Return what is shown of a product as a whole."""
    return {**card(Row(sku=product_id), head), "sku": product_id, "product_id": product_id}
