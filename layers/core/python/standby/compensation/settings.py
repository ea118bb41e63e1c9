"""What each of compensation's functions is told by the stack; `infra` writes it, handlers read it."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """Of ``compensation_api``."""

    vouchers_table: str
    event_bus_name: str
    link_keys_table: str
    id_case: str


@frozen(kw_only=True)
class IssuerSettings(Environment):
    """Of ``compensation_issuer``."""

    vouchers_table: str
    deliveries_table: str
    """Delivery's, in which it reads what customers ordered."""
    compensation_dead_letter_queue_url: str
    mail_bulk_queue_url: str
    event_bus_name: str
    link_keys_table: str
    shop_time_zone: str
    default_locale: str
    market: str
    """The shop's own market: where an order goes that does not say so."""
