"""Find out what is late, and tell whoever waits for it."""

from functools import cache
from typing import Any

from standby.delivery.assembly.worker import assemble
from standby.delivery.settings import WorkerSettings
from standby.delivery.working import Worker
from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume

log = logger("delivery")
counts = metrics("delivery")


@cache
def worker() -> Worker:
    return assemble(WorkerSettings.from_environment(), counts)


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(WorkerSettings.from_environment().delivery_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    with worker().batch(event["Records"]):
        return consume(event, lambda message: worker().handle(message.json()), dead_letters=dead_letters())
