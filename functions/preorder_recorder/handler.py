"""End holds whose time is over, and tell what was not told yet."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume
from standby.preorder.assembly.recorder import assemble
from standby.preorder.recording import Recorder
from standby.preorder.settings import RecorderSettings

log = logger("preorder")
counts = metrics("preorder")


@cache
def recorder() -> Recorder:
    return assemble(RecorderSettings.from_environment(), counts)


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(RecorderSettings.from_environment().preorder_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, lambda message: recorder().handle(message.json()), dead_letters=dead_letters())
