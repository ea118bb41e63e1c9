"""Marks the addresses and waves that mail must stop for."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from standby.mail.assembly.feedback import feedback
from standby.mail.feedback import Feedback
from standby.mail.settings import FeedbackSettings
from standby.platform.observability import logger, metrics
from standby.platform.queue import consume

log = logger("mail")
counts = metrics("mail")


@cache
def mail_feedback() -> Feedback:
    return feedback(FeedbackSettings.from_environment(), counts)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, mail_feedback().handle)
