"""What stock tells: the numbers of a SKU, and what follows from them."""

from typing import NamedTuple

from standby.events.fields import Day, EventId, Instant, Revision, Sku, Units


class StockChanged(NamedTuple):
    """The SKU's numbers changed. ``free`` may be negative; ``sellable`` is then 0, else the same.

    ``in_store`` units lie where only somebody who comes to a store can buy them, and are in no other number.
    ``lacking`` units were promised and not given yet, whether they are owed or the ERP counts their orders itself.
    ``givable`` units are on hand, neither others' nor held, and no safety stock: who lacks units may be given them.
    Of a kit they are the most that its components may allow. ``misplaced`` units have to be given to who lacks them, or
    were set aside for somebody and are not there.
    """

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision
    on_hand: Units
    committed: Units
    safety: Units
    owed: Units
    held: Units
    free: int
    sellable: Units
    incoming: Units
    in_store: Units = 0
    givable: Units = 0
    lacking: Units = 0
    misplaced: Units = 0


class SoldOut(NamedTuple):
    """The sellable units fell to 0."""

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision


class LowStock(NamedTuple):
    """The sellable units fell to the shop's ``low_stock`` or below, but not to 0."""

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision
    sellable: Units


class IncomingChanged(NamedTuple):
    """Units on purchase orders changed, or some of them came: they are counted, or received.

    Or those who lack units can count on fewer or more of those that are there, and so need more or fewer of what comes.
    """

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision
    incoming: Units


class EtaMoved(NamedTuple):
    """A purchase order line is expected on another day. A day that the ERP did not tell is left out."""

    id: EventId
    at: Instant
    sku: Sku
    purchase_order_id: str
    quantity: Units
    eta: Day | None = None
    previous_eta: Day | None = None
    supplier_id: str | None = None


class StoreChanged(NamedTuple):
    """The ERP described a location, for the first time or anew."""

    id: EventId
    at: Instant
    location_id: str


class Restocked(NamedTuple):
    """The free units rose from nothing to enough and stayed. ``sku@revision`` of the crossing names the restock."""

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision
    free: int
    minimum: Units
