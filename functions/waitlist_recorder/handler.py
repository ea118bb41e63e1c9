"""Records what became of the mails: who was told leaves the list."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import consume
from standby.waitlist.assembly.recorder import recorder
from standby.waitlist.recording import Recorder
from standby.waitlist.settings import RecorderSettings

log = logger("waitlist")
measures = metrics("waitlist")


@cache
def waitlist_recorder() -> Recorder:
    return recorder(RecorderSettings.from_environment(), measures)


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, lambda message: waitlist_recorder().handle(message.json()))
