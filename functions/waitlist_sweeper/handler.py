"""Each minute: waves and entries whose time has come."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import consume
from standby.waitlist.assembly.sweeper import sweeper
from standby.waitlist.settings import SweeperSettings
from standby.waitlist.sweeping import Sweeper

log = logger("waitlist")
measures = metrics("waitlist")


@cache
def waitlist_sweeper() -> Sweeper:
    return sweeper(SweeperSettings.from_environment(), measures)


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, lambda message: waitlist_sweeper().handle(message.json()))
