"""What the functions of pre-orders are told by their environment."""

from standby.platform.frozen import frozen
from standby.platform.hours_settings import HoursSettings
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`preorder_api`: campaigns and reservations."""

    preorders_table: str
    stock_table: str
    shelf_table: str
    preorder_records_queue_url: str
    mail_urgent_queue_url: str
    event_bus_name: str
    link_keys_table: str
    public_url: str
    """Where the links in mails lead. No slash at the end."""
    default_locale: str
    id_case: str = "exact"
    """How SKUs are read (`standby.platform.identifier.Ids`)."""


@frozen(kw_only=True)
class ViewerSettings(Environment):
    """`preorder_viewer`: what mailed links open to customers."""

    preorders_table: str
    stock_table: str
    shelf_table: str
    preorder_records_queue_url: str
    mail_urgent_queue_url: str
    event_bus_name: str
    link_keys_table: str
    public_url: str
    shop_time_zone: str
    default_locale: str
    shop_product_url: str | None = None
    """Where the shop shows a product of which the catalogue does not say it, with ``{sku}``."""


@frozen(kw_only=True)
class RecorderSettings(Environment):
    """`preorder_recorder`: holds that are over, and events that were not told yet."""

    preorders_table: str
    stock_table: str
    preorder_records_queue_url: str
    preorder_dead_letter_queue_url: str
    mail_bulk_queue_url: str
    event_bus_name: str
    link_keys_table: str
    public_url: str


@frozen(kw_only=True)
class AllocatorSettings(HoursSettings):
    """`preorder_allocator`: units that came to who pre-ordered them, and offers to who waits."""

    preorders_table: str
    stock_table: str
    preorder_allocations_queue_url: str
    preorder_dead_letter_queue_url: str
    mail_bulk_queue_url: str
    event_bus_name: str
    link_keys_table: str
    public_url: str
