"""Mail a job from MailUrgent or MailBulk to its recipients through SES."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from standby.mail.assembly.sender import MailSender, assemble
from standby.mail.settings import SenderSettings
from standby.platform.observability import logger, metrics

log = logger("mail")
counts = metrics("mail")


@cache
def sender() -> MailSender:
    return assemble(SenderSettings.from_environment(), counts)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return sender().handle(event, holder=context.aws_request_id)
