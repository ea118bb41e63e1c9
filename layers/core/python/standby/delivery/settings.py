"""The settings of delivery's functions, a class for each function."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`delivery_api`: takes messages in."""

    order_updates_queue_url: str
    id_case: str = "exact"
    """How ids are read (`standby.platform.identifier.Ids`)."""


@frozen(kw_only=True)
class IngesterSettings(Environment):
    """`delivery_ingester`: the ERP's messages into the table, and events about them."""

    deliveries_table: str
    order_updates_queue_url: str
    delivery_dead_letter_queue_url: str
    event_bus_name: str
    id_case: str = "exact"
