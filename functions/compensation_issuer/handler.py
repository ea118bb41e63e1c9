"""Make good what is late, by the shop's policy, and end choices whose time is over."""

from functools import cache
from typing import Any

from standby.compensation.assembly.issuer import assemble
from standby.compensation.issuing import Issuing
from standby.compensation.settings import IssuerSettings
from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume

log = logger("compensation")
counts = metrics("compensation")


@cache
def issuing() -> Issuing:
    return assemble(IssuerSettings.from_environment(), counts)


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(IssuerSettings.from_environment().compensation_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    policy_now = cache(issuing().policy)  # one for all delays of a batch
    return consume(event, lambda message: issuing().handle(message.json(), policy_now), dead_letters=dead_letters())
