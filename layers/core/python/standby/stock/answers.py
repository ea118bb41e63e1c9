"""What the stock feature's routes answer."""

from typing import Literal, TypedDict

from standby.platform.answers import Count, Day, Instant, Step
from standby.platform.answers import MessagesTaken as MessagesTaken  # noqa: PLC0414 - re-exported: a route answers it


class Settling(TypedDict):
    """How far a restock is from being announced. The revisions are the SKU's."""

    crossing_revision: int | None
    due_at: Instant | None
    """When a pending crossing is decided, or an unannounced restock announced again."""
    restock_revision: int | None
    restocked_at: Instant | None
    announced: bool


class LevelShown(TypedDict):
    """The newest level of one location, in units."""

    location_id: str
    on_hand: Count
    committed: Count
    counts: bool
    """Whether the location sells online."""
    buffer: Count
    """Free units of it that are not sold online."""
    store: bool
    """Whether customers come to it."""
    as_of: Instant
    as_of_assumed: bool
    """Whether the ERP named no time, so that ``as_of`` is the time of receipt."""
    netted_until: Instant | None
    """Orders up to this instant are subtracted already."""
    told: dict[str, str]
    """The ERP's numbers as it wrote them."""


class PurchaseOrderShown(TypedDict):
    """One SKU's line of a purchase order, in units."""

    purchase_order_id: str
    quantity: Count
    received: Count
    open: Count
    eta: Day | None
    supplier_id: str | None
    as_of: Instant | None


class ComponentShown(TypedDict):
    """What a kit has of another SKU, in units."""

    sku: str
    quantity: Count


class KitShown(TypedDict):
    """What a SKU is made of. Its numbers follow from its components', and its own levels do not count."""

    components: list[ComponentShown]
    edition: Count
    """The catalogue's, of the word that says so."""


class StockShown(TypedDict):
    """A SKU's numbers, in units."""

    sku: str
    product_id: str | None
    on_hand: Count
    committed: Count
    safety: Count
    owed: Count
    held: Count
    awaited: Count
    """Units that pre-orders lack which the ERP counts itself, among the committed ones."""
    allotted: Count
    """Units that were given to such pre-orders, among the committed ones."""
    shipped: Count
    """Units that left the house and that levels count still, among those that are held or allotted."""
    free: int
    """May be negative."""
    sellable: Count
    incoming: Count
    in_store: Count
    """Units that only somebody who comes to a store can buy, in none of the other numbers."""
    low_stock: Count
    revision: Count
    changed_at: Instant
    state: Literal["out", "pending", "in"]
    kit: KitShown | None
    """``null`` where the SKU is no kit."""
    settling: Settling
    levels: list[LevelShown]
    purchase_orders: list[PurchaseOrderShown]


class StockExplained(TypedDict):
    """The steps that made a SKU's numbers, newest last."""

    subject: str
    steps: list[Step]
    next: str | None
    """Say it as ``before`` to get older steps; ``null`` where there are none."""


class SettingsShown(TypedDict):
    """The settings that hold for a scope: its own, else those that it inherits."""

    safety_stock: Count
    low_stock: Count
    minimum_restock: Count
    settle_seconds: Count
    wave_ratio: float
    """Customers told per sellable unit."""
    wave_interval_seconds: Count
    notify_everyone: bool
    offer_hours: Count
    date_slip_days: Count
    checkout_minutes: Count
    checkout_limit: Count
    net_by_as_of: bool
    version: Count
    """How often this scope was changed."""
