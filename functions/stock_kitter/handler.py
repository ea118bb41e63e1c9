"""Count kits anew when what they are made of changed."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume
from standby.stock.assembly.kitter import assemble
from standby.stock.kitter import Kitter
from standby.stock.settings import KitterSettings

log = logger("stock")
counts = metrics("stock")


@cache
def kitter() -> Kitter:
    return assemble(KitterSettings.from_environment())


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(KitterSettings.from_environment().stock_updates_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, kitter().handle, dead_letters=dead_letters())
