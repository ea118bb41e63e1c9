"""The settings of delivery's functions, a class for each function."""

from standby.platform.frozen import frozen
from standby.platform.hours_settings import HoursSettings
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`delivery_api`: takes messages in, and shows orders."""

    order_updates_queue_url: str
    deliveries_table: str
    link_keys_table: str
    public_url: str
    shop_time_zone: str
    id_case: str = "exact"
    """How ids are read (`standby.platform.identifier.Ids`)."""
    order_late_when: str = "one"
    """When an order of several shipments is late: once ``one`` of them is, or once ``all`` are."""


@frozen(kw_only=True)
class IngesterSettings(Environment):
    """`delivery_ingester`: the ERP's messages into the table, and events about them."""

    deliveries_table: str
    order_updates_queue_url: str
    delivery_dead_letter_queue_url: str
    event_bus_name: str
    shop_time_zone: str
    """IANA name. A promise is late once its day is over there."""
    id_case: str = "exact"
    order_late_when: str = "one"


@frozen(kw_only=True)
class WorkerSettings(HoursSettings):
    """`delivery_worker`: what is late, and who is told of it."""

    deliveries_table: str
    delivery_records_queue_url: str
    delivery_dead_letter_queue_url: str
    mail_bulk_queue_url: str
    event_bus_name: str
    link_keys_table: str
    public_url: str
    """Where the links in mails lead. No slash at the end."""
    default_locale: str
    most_apologies: int = 3
    """To one customer in 90 days; then only the facts."""
    call_tasks_per_day: int = 200
    """Calls that people are asked to make in a day; more wait (`standby.delivery.call_pacing`)."""
    notices_per_hour: int = 3_600
    order_late_when: str = "one"
    """Notices of delays; more wait (`standby.delivery.pacing`)."""


@frozen(kw_only=True)
class ViewerSettings(Environment):
    """`delivery_viewer`: what mailed links open to customers."""

    deliveries_table: str
    shelf_table: str
    mail_urgent_queue_url: str
    event_bus_name: str
    link_keys_table: str
    public_url: str
    shop_time_zone: str
    default_locale: str
    order_late_when: str = "one"
