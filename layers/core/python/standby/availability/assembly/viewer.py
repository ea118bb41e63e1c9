"""The viewer put together with AWS, as its function's settings say."""

from standby.availability.pictures import fetching, hashing
from standby.availability.pictures.repository import PictureRepository
from standby.availability.pictures.service import Viewer
from standby.availability.settings import ViewerSettings
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.table import Table

LOCAL_TOO = "local_too"


def assemble(settings: ViewerSettings) -> Viewer:
    """Build the viewer."""
    return Viewer(
        pictures=PictureRepository(Table(settings.shelf_table, dynamodb.client())),
        fetch=fetching.Fetcher(loopback=settings.looks_at_pictures == LOCAL_TOO).fetch,
        looks=hashing.looks,
        jobs=queue.connect(settings.availability_pictures_queue_url),
        clock=SystemClock(),
    )
