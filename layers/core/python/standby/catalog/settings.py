"""The settings of the catalogue's functions, a class for each function."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`catalog_api`: takes messages in, shows products."""

    catalog_table: str
    catalog_updates_queue_url: str
    id_case: str = "exact"
    """How ids are read (`standby.platform.identifier.Ids`)."""


@frozen(kw_only=True)
class IngesterSettings(Environment):
    """`catalog_ingester`: the shop's messages into the table, and events about them."""

    catalog_table: str
    catalog_updates_queue_url: str
    catalog_dead_letter_queue_url: str
    event_bus_name: str
    id_case: str = "exact"


@frozen(kw_only=True)
class FeedsSettings(Environment):
    """`imports_reader`, where a file says what products there are."""

    catalog_table: str
    catalog_updates_queue_url: str
    id_case: str = "exact"
