"""Record what became of the mails; a customer who was told leaves the list."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume
from standby.waitlist.assembly.recorder import assemble
from standby.waitlist.recording import Recorder
from standby.waitlist.settings import RecorderSettings

log = logger("waitlist")
counts = metrics("waitlist")


@cache
def recorder() -> Recorder:
    return assemble(RecorderSettings.from_environment(), counts)


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(RecorderSettings.from_environment().waitlist_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, lambda message: recorder().handle(message.json()), dead_letters=dead_letters())
