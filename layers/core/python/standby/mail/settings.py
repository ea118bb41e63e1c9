"""What the mail functions are told by their environment."""

from standby.platform.frozen import frozen
from standby.platform.hours_settings import HoursSettings
from standby.platform.settings import Environment


@frozen(kw_only=True)
class SenderSettings(HoursSettings):
    """`mail_sender`: jobs into SES calls."""

    mail_table: str
    shelf_table: str
    event_bus_name: str
    mail_urgent_queue_url: str
    mail_bulk_queue_url: str
    mail_dead_letter_queue_url: str
    sender: str
    """The From header, e.g. ``Shop <news@shop.example>``; its domain or address is a verified SES identity."""
    sender_identity: str
    """Postal identity of the sender, printed under every mail (market profiles may require it)."""
    market: str
    """Key of the market profile (``mail/markets/<market>.json``): subject prefix, refusal text."""
    configuration_set: str
    advertising_days: int = 7
    """Nobody gets more than one advertising mail in so many days; 0: there is no such bound."""
    max_send_rate: int
    """E-mails a second; 0 asks SES (stage ``local`` overrides the emulator's 14)."""
    nearest_store_km: int = 50
    """How far a store may be from a customer's place to be named in a notice; 0: none is."""
    shop_product_url: str | None = None
    """The address of a product's page, with ``{sku}``. Unset, mails link only to products whose page the job names."""


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`mail_api`: what operators ask about suppressed addresses."""

    mail_table: str
    event_bus_name: str


@frozen(kw_only=True)
class FeedbackSettings(Environment):
    """`mail_feedback`: marks what stops mail, i.e. bounces, complaints, leaving, erasure, SKUs that sold out.

    Every five minutes it sends the jobs back to their queue whose hour has come.
    """

    mail_table: str
    event_bus_name: str
    mail_bulk_queue_url: str
    mail_feedback_queue_url: str
    mail_dead_letter_queue_url: str
