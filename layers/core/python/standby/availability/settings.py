"""What the availability functions are told by their environment."""

from standby.platform.frozen import frozen
from standby.platform.settings import Environment


@frozen(kw_only=True)
class ApiSettings(Environment):
    """`availability_api`: badges, cart checks, listings, and what operators ask."""

    shelf_table: str
    shop_time_zone: str
    default_locale: str
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


@frozen(kw_only=True)
class ViewerSettings(Environment):
    """`availability_viewer`: how the pictures of products look, onto the shelf."""

    shelf_table: str
    availability_pictures_queue_url: str
    """Where a picture waits for its turn."""
    availability_dead_letter_queue_url: str
    looks_at_pictures: str
    """Where pictures may be: ``public``, or ``local_too``, on this machine, too."""
