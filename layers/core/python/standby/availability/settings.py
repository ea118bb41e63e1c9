"""What the availability functions are told by their environment."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`availability_api`: badges, cart checks, listings, and what operators ask."""

    shelf_table: str
    shop_time_zone: str
    default_locale: str
    public_url: str
    """Where the API is reached: its own address, or the shop's domain before it. No slash at the end."""
    shop_name: str
    """As customers know it."""
    back_in_stock_days: int
    """For how many days something counts as back in stock."""
    id_case: str = "exact"
    """How ids are read (`standby.platform.identifier.Ids`)."""
    looks_at_pictures: str = "public"
    """``never``: likeness of pictures is no reason. Any other word is one for `ViewerSettings`."""


@frozen(kw_only=True)
class ProjectorSettings(Environment):
    """`availability_projector`: events, and the ledger that they point at, into the shelf."""

    shelf_table: str
    stock_table: str
    availability_changes_queue_url: str
    """Where the next page goes while the shelf is rebuilt."""
    availability_dead_letter_queue_url: str
    back_after_minutes: int
    """What could not be bought for less than this did not come back: its last unit was in a cart that was left."""


@frozen(kw_only=True)
class ViewerSettings(Environment):
    """`availability_viewer`: how the pictures of products look, onto the shelf."""

    shelf_table: str
    availability_pictures_queue_url: str
    """Where a picture waits for its turn."""
    availability_dead_letter_queue_url: str
    looks_at_pictures: str
    """Where pictures may be: ``public``, or ``local_too``, on this machine, too."""
