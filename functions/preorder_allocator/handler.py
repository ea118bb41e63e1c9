"""Set units that came aside for who pre-ordered them."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume
from standby.preorder.allocating import Allocator
from standby.preorder.assembly.allocator import assemble
from standby.preorder.settings import AllocatorSettings

log = logger("preorder")
counts = metrics("preorder")


@cache
def allocator() -> Allocator:
    return assemble(AllocatorSettings.from_environment())


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(AllocatorSettings.from_environment().preorder_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, lambda message: allocator().handle(message.json()), dead_letters=dead_letters())
