"""Decide which crossings are restocks."""

from functools import cache
from typing import Any

from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable
from standby.platform import bus, dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.observability import logger, metrics
from standby.stock.repository import SettleRepository
from standby.stock.settings import SettlerSettings
from standby.stock.settler import Settler

log = logger("stock")
measures = metrics("stock")


@cache
def settler() -> Settler:
    settings = SettlerSettings.from_environment()
    table = LedgerTable(settings.stock_table, dynamodb.client())
    return Settler(
        ledger=LedgerReader(table),
        states=SettleRepository(table),
        bus=bus.connect(settings.event_bus_name),
        settles=queue.connect(settings.stock_settle_queue_url),
        clock=SystemClock(),
    )


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return queue.consume(event, settler().take)
