"""Mark the addresses and waves that mail must stop for."""

from functools import cache
from typing import Any

from standby.mail.assembly.feedback import assemble
from standby.mail.feedback import Feedback
from standby.mail.settings import FeedbackSettings
from standby.platform.observability import logger, metrics
from standby.platform.queue import SeldomQueue, consume

log = logger("mail")
counts = metrics("mail")


@cache
def feedback() -> Feedback:
    return assemble(FeedbackSettings.from_environment(), counts)


@cache
def dead_letters() -> SeldomQueue:
    return SeldomQueue(FeedbackSettings.from_environment().mail_dead_letter_queue_url)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, feedback().handle, dead_letters=dead_letters())
