"""Offers whose units are not there any more, because less was counted since they were set aside.

Who took an offer, ordered, or was given what was pre-ordered keeps it as long as there is something: the latest offers
that nobody took are the first to end.
"""

from typing import Protocol

from standby.ledger.claims import ClaimBook
from standby.ledger.model import SkuStock
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.preorder.links import OFFER
from standby.preorder.model import Reservation, reservation_id_of


class Ledger(Protocol):
    """The numbers of SKUs."""

    def stock(self, sku: str) -> SkuStock | None:
        """Return a SKU's numbers, ``None`` when the ERP never named it."""
        ...


class Reservations(Protocol):
    """Where offers are kept."""

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...


@frozen(kw_only=True)
class Vanished:
    """Finds the offers for whose units too few are there."""

    preorders: Reservations
    ledger: Ledger
    claims: ClaimBook
    clock: Clock

    def offers(self, stock: SkuStock | None) -> list[str]:
        """Return the ids of the offers of a SKU whose units are missing, the latest first.

        What is held for orders that the ERP knows may have left the house, and be all that is missing.
        """
        if stock is None or not stock.missing:
            return []
        claims = self.claims.live(stock.sku)
        over = sum(claim.units - claim.lacks for claim in claims if claim.status == "taken" or claim.given)
        over -= stock.on_hand
        found: list[str] = []
        for claim in reversed(claims):
            if over <= 0:
                break
            about = reservation_id_of(claim.claim_id).partition("~")[0]  # a part's id escapes that of the whole
            if claim.kind == OFFER and self._open(about):
                found.append(about)
                over -= claim.units
        return found

    def has(self, offer: Reservation) -> bool:
        """Tell whether an offer is one of them; of a kit, by each of its components."""
        (line,) = offer.lines
        stock = self.ledger.stock(line.sku)
        of_kit = [self.ledger.stock(sku) for sku, _ in stock.kit.components] if stock and stock.kit else []
        return any(offer.reservation_id in self.offers(each) for each in (stock, *of_kit))

    def _open(self, offer_id: str) -> bool:
        known = self.preorders.reservation(offer_id)
        return known is not None and known.unaccepted and known.state(self.clock.now()) == "held"
