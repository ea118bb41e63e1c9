"""What each of compensation's functions is told by the stack; `infra` writes it, handlers read it."""

from standby.platform.frozen import frozen
from standby.platform.hours_settings import HoursSettings


@frozen(kw_only=True)
class GrantingSettings(HoursSettings):
    """Of what grants, and tells of it; the days to choose are counted from when a mail may go."""

    vouchers_table: str
    deliveries_table: str
    """Delivery's, in which it reads what customers ordered."""
    mail_bulk_queue_url: str
    event_bus_name: str
    link_keys_table: str
    public_url: str
    default_locale: str
    market: str
    """The shop's own market: where an order goes that does not say so."""


@frozen(kw_only=True)
class ApiSettings(GrantingSettings):
    """Of ``compensation_api``."""

    id_case: str
    compensation_records_queue_url: str
    """The issuer's, which works off rehearsals too."""


@frozen(kw_only=True)
class IssuerSettings(GrantingSettings):
    """Of ``compensation_issuer``."""

    compensation_dead_letter_queue_url: str
    compensation_records_queue_url: str
    """Its own, for the pages of what is due."""


@frozen(kw_only=True)
class ViewerSettings(GrantingSettings):
    """Of ``compensation_viewer``."""
