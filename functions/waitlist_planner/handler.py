"""Plan whom to tell after a restock: waves, pages, mail jobs."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import Message, SeldomQueue, consume
from standby.waitlist.assembly.planner import assemble
from standby.waitlist.planning import Planner
from standby.waitlist.settings import PlannerSettings

log = logger("waitlist")
counts = metrics("waitlist")


@cache
def planner() -> Planner:
    return assemble(PlannerSettings.from_environment(), counts)


def plan(message: Message) -> None:
    planner().handle(message.json(), redelivered=message.receive_count > 1)


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(PlannerSettings.from_environment().waitlist_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, plan, dead_letters=dead_letters())
