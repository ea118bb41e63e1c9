"""Look at the pictures of products, so that those that look alike find one another."""

from functools import cache
from typing import Any

from standby.availability.assembly.viewer import assemble
from standby.availability.pictures.service import Viewer
from standby.availability.settings import ViewerSettings
from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume

log = logger("availability")
counts = metrics("availability")


@cache
def viewer() -> Viewer:
    return assemble(ViewerSettings.from_environment())


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(ViewerSettings.from_environment().availability_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, viewer().handle, dead_letters=dead_letters())
