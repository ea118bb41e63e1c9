"""The API put together with AWS, as its function's settings say."""

from zoneinfo import ZoneInfo

from standby.availability.alternatives import Alternatives
from standby.availability.feed import Feed
from standby.availability.matrix import Matrix
from standby.availability.returns import Returns
from standby.availability.routes import Desk
from standby.availability.service import Badges
from standby.availability.settings import ApiSettings
from standby.availability.stores import Stores
from standby.availability.swaps import Swaps
from standby.availability.wording import Wording
from standby.platform import dynamodb
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids
from standby.platform.table import Table
from standby.shelf.reader import ShelfReader
from standby.shelf.stores import StoreReader


def assemble(settings: ApiSettings) -> Desk:
    """Build who answers the API's routes."""
    table = Table(settings.shelf_table, dynamodb.client())
    shelf = ShelfReader(table)
    clock, zone = SystemClock(), ZoneInfo(settings.shop_time_zone)
    badges = Badges(shelf=shelf, wording=Wording.of(settings.default_locale), clock=clock, zone=zone)
    stores = Stores(shelf=shelf, directory=StoreReader(table, clock), clock=clock, zone=zone)
    return Desk(
        badges=badges,
        matrix=Matrix(shelf=shelf, badges=badges, stores=stores),
        alternatives=Alternatives(shelf=shelf, badges=badges, by_looks=settings.looks_at_pictures != "never"),
        swaps=Swaps(shelf),
        feed=Feed(shelf=shelf, clock=clock, zone=zone),
        stores=stores,
        returns=Returns(shelf=shelf, badges=badges, days=settings.back_in_stock_days),
        public_url=settings.public_url,
        shop_name=settings.shop_name,
        ids=Ids(settings.id_case),
    )
