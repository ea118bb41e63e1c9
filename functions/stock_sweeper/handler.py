"""Find what is due, what was never announced, what must be counted anew, and go on with snapshots."""

from functools import cache
from typing import Any

from standby.platform import queue
from standby.platform.observability import logger, metrics
from standby.stock.assembly import sweeper as assembly
from standby.stock.settings import SweeperSettings
from standby.stock.sweeper import Sweeper

log = logger("stock")
measures = metrics("stock")


@cache
def sweeper() -> Sweeper:
    return assembly.sweeper(SweeperSettings.from_environment(), measures)


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return queue.consume(event, sweeper().take)
