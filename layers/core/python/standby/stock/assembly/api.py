"""The API put together with AWS, as its function's settings say."""

import secrets
from functools import partial
from typing import TYPE_CHECKING

from standby.imports.inbox import S3Inbox
from standby.imports.repository import ImportRepository
from standby.imports.service import Imports
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids
from standby.platform.intake import Intake
from standby.stock.messages import taken_over_http
from standby.stock.repository import StockRepository
from standby.stock.routes import application
from standby.stock.service import Explainer, ShopSettings
from standby.stock.snapshots.repository import SnapshotRepository
from standby.stock.snapshots.service import Approvals

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

    from standby.stock.settings import ApiSettings


def assemble(settings: "ApiSettings") -> "APIGatewayHttpResolver":
    """Build the resolver."""
    table = LedgerTable(settings.stock_table, dynamodb.client())
    sqs = queue.client()
    sweeps = queue.connect(settings.stock_sweeps_queue_url, sqs)
    clock, ids = SystemClock(), Ids(settings.id_case)
    return application(
        intake=Intake(
            updates=queue.connect(settings.stock_updates_queue_url, sqs),
            clock=clock,
            check=partial(taken_over_http, ids=ids),
        ),
        explainer=Explainer(stock=StockRepository(table)),
        settings=ShopSettings(stored=SettingsBook(table), sweeps=sweeps),
        approvals=Approvals(snapshots=SnapshotRepository(table), sweeps=sweeps, clock=clock),
        imports=Imports(
            files=ImportRepository(table),
            inbox=S3Inbox(settings.inbox_bucket),
            clock=clock,
            make_id=partial(secrets.token_hex, 12),
        ),
        ids=ids,
    )
