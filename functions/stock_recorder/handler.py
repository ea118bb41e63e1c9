"""Keep in the ledger what the catalogue says of SKUs."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume
from standby.stock.assembly.recorder import assemble
from standby.stock.recorder import Recorder
from standby.stock.settings import RecorderSettings

log = logger("stock")
counts = metrics("stock")


@cache
def recorder() -> Recorder:
    return assemble(RecorderSettings.from_environment())


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(RecorderSettings.from_environment().stock_updates_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, recorder().handle, dead_letters=dead_letters())
