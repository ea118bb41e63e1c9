"""Find what is due, what was never announced and what must be counted anew; go on with snapshots."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume
from standby.stock.assembly.sweeper import assemble
from standby.stock.settings import SweeperSettings
from standby.stock.sweeper import Sweeper

log = logger("stock")
counts = metrics("stock")


@cache
def sweeper() -> Sweeper:
    return assemble(SweeperSettings.from_environment(), counts)


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(SweeperSettings.from_environment().stock_updates_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, sweeper().handle, dead_letters=dead_letters())
