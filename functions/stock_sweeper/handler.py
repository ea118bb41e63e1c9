"""Find what is due, what was never announced, and what must be counted anew."""

from functools import cache
from typing import Any

from standby.ledger.reconciliation import Reconciler
from standby.ledger.table import LedgerTable
from standby.platform import bus, dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.observability import logger, metrics
from standby.stock.repository import SweepRepository
from standby.stock.settings import SweeperSettings
from standby.stock.sweeper import Sweeper

log = logger("stock")
measures = metrics("stock")


@cache
def sweeper() -> Sweeper:
    settings = SweeperSettings.from_environment()
    table = LedgerTable(settings.stock_table, dynamodb.client())
    return Sweeper(
        pages=SweepRepository(table),
        reconciler=Reconciler(table),
        bus=bus.connect(settings.event_bus_name),
        settles=queue.connect(settings.stock_settle_queue_url),
        sweeps=queue.connect(settings.stock_sweeps_queue_url),
        clock=SystemClock(),
    )


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return queue.consume(event, sweeper().take)
