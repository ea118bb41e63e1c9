"""Decide which crossings are restocks."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume
from standby.stock.assembly.settler import assemble
from standby.stock.settings import SettlerSettings
from standby.stock.settler import Settler

log = logger("stock")
counts = metrics("stock")


@cache
def settler() -> Settler:
    return assemble(SettlerSettings.from_environment())


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(SettlerSettings.from_environment().stock_updates_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, settler().handle, dead_letters=dead_letters())
