"""Plans whom to tell after a restock: waves, pages, mail jobs."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.platform.queue import Message, consume
from standby.waitlist.assembly.planner import planner
from standby.waitlist.planning import Planner
from standby.waitlist.settings import PlannerSettings

log = logger("waitlist")
measures = metrics("waitlist")


@cache
def waitlist_planner() -> Planner:
    return planner(PlannerSettings.from_environment(), measures)


def plan(message: Message) -> None:
    waitlist_planner().handle(message.json(), redelivered=message.receive_count > 1)


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, plan)
