"""Take the ERP's stock messages into the ledger."""

from functools import cache
from typing import Any

from standby.ledger.levels import LevelBook
from standby.ledger.locations import LocationBook
from standby.ledger.purchase_orders import PurchaseOrderBook
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.observability import logger, metrics
from standby.stock.ingester import Ingester
from standby.stock.settings import IngesterSettings

log = logger("stock")
measures = metrics("stock")


@cache
def ingester() -> Ingester:
    settings = IngesterSettings.from_environment()
    table = LedgerTable(settings.stock_table, dynamodb.client())
    return Ingester(
        levels=LevelBook(table),
        purchase_orders=PurchaseOrderBook(table),
        locations=LocationBook(table),
        updates=queue.connect(settings.stock_updates_queue_url),
        dead_letters=queue.connect(settings.stock_updates_dead_letter_queue_url),
        sweeps=queue.connect(settings.stock_sweeps_queue_url),
        clock=SystemClock(),
    )


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return ingester().take(event)
