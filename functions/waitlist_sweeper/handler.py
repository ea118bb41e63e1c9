"""Look each minute for waves and entries whose time has come."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume
from standby.waitlist.assembly.sweeper import assemble
from standby.waitlist.settings import SweeperSettings
from standby.waitlist.sweeping import Sweeper

log = logger("waitlist")
counts = metrics("waitlist")


@cache
def sweeper() -> Sweeper:
    return assemble(SweeperSettings.from_environment(), counts)


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(SweeperSettings.from_environment().waitlist_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, lambda message: sweeper().handle(message.json()), dead_letters=dead_letters())
