"""The recorder put together with AWS, as its function's settings say."""

from standby.ledger.kits import KitBook
from standby.ledger.memberships import MembershipBook
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.stock.belonging import Belonging
from standby.stock.kitted import Kitted
from standby.stock.recorder import Recorder
from standby.stock.settings import RecorderSettings


def assemble(settings: RecorderSettings) -> Recorder:
    """Build the recorder."""
    table = LedgerTable(settings.stock_table, dynamodb.client())
    sweeps = queue.SeldomQueue(settings.stock_sweeps_queue_url)
    return Recorder(
        takers=[
            Belonging(memberships=MembershipBook(table), settings=SettingsBook(table), sweeps=sweeps),
            Kitted(kits=KitBook(table), jobs=queue.SeldomQueue(settings.stock_kits_queue_url)),
        ],
    )
