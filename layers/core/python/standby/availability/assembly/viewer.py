"""The viewer put together with AWS, as its function's settings say."""

import time

from standby.availability.pictures import fetching, hashing
from standby.availability.pictures.repository import PictureRepository
from standby.availability.pictures.service import Viewer
from standby.availability.settings import ViewerSettings
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.table import Table

PAUSE_SECONDS = 0.25
"""Between two pictures. At most two functions fetch at a time (`infra.features.availability`), so the shop's own site
is asked eight times a second at most, and less often the longer it takes to answer."""
LOCAL_TOO = "local_too"


def assemble(settings: ViewerSettings) -> Viewer:
    """Build the viewer."""
    fetcher = fetching.Fetcher(loopback=settings.looks_at_pictures == LOCAL_TOO)

    def fetch(address: str) -> bytes:
        time.sleep(PAUSE_SECONDS)
        return fetcher.fetch(address)

    return Viewer(
        pictures=PictureRepository(Table(settings.shelf_table, dynamodb.client())),
        fetch=fetch,
        looks=hashing.looks,
        jobs=queue.connect(settings.availability_pictures_queue_url),
        clock=SystemClock(),
    )
