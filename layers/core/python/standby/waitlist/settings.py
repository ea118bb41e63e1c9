"""What the waitlist functions are told by their environment."""

from standby.platform.frozen import frozen
from standby.platform.hours_settings import HoursSettings
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`waitlist_api`: joining, confirming, leaving, own entries, and what operators ask."""

    waitlist_table: str
    stock_table: str
    shelf_table: str
    mail_urgent_queue_url: str
    waitlist_plans_queue_url: str
    event_bus_name: str
    link_keys_table: str
    public_url: str
    """Where the links in mails lead: the API's own address, or the shop's domain before it. No slash at the end."""
    shop_time_zone: str
    default_locale: str
    joins_per_ip_per_minute: int
    """0 switches the limit off (stage ``local``)."""
    trusted_proxies: int
    """How many proxies in front of the API say who called them; 0 believes nobody but the gateway."""
    proxy_networks: tuple[str, ...]
    """Where those proxies stand; empty where that is not known."""
    cors_origins: tuple[str, ...] = ()
    """Whose pages may post a form that signs up."""
    id_case: str = "exact"
    """How SKUs are read (`standby.platform.identifier.Ids`)."""


@frozen(kw_only=True)
class PlannerSettings(HoursSettings):
    """`waitlist_planner`: restocks into waves, waves into pages, pages into mail jobs."""

    waitlist_table: str
    stock_table: str
    shelf_table: str
    mail_bulk_queue_url: str
    preorder_allocations_queue_url: str
    waitlist_plans_queue_url: str
    waitlist_dead_letter_queue_url: str
    event_bus_name: str
    link_keys_table: str
    public_url: str


@frozen(kw_only=True)
class RecorderSettings(Environment):
    """`waitlist_recorder`: what became of the mails; a customer who was told leaves the list."""

    waitlist_table: str
    waitlist_plans_queue_url: str
    waitlist_dead_letter_queue_url: str


@frozen(kw_only=True)
class SweeperSettings(Environment):
    """`waitlist_sweeper`: each minute, the waves and the entries whose time has come."""

    waitlist_table: str
    mail_bulk_queue_url: str
    waitlist_plans_queue_url: str
    waitlist_dead_letter_queue_url: str
    waitlist_sweeps_queue_url: str
    shelf_table: str
    event_bus_name: str
    link_keys_table: str
    public_url: str
    shop_time_zone: str
    digest_weekday: int
    """The day of the week on which the list of what is back in stock goes out; 1 is Monday, 0 never."""
    digest_hour: int
    back_in_stock_days: int
    quiet_days: int
    """Who agreed to advertising and did nothing for so many days after they were told something is quiet; 0: nobody."""
