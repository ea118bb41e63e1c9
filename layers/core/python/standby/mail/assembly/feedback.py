"""The feedback put together with AWS, as its function's settings say."""

from aws_lambda_powertools import Metrics

from standby.mail.feedback import Feedback
from standby.mail.repository import MailRepository
from standby.mail.settings import FeedbackSettings
from standby.platform import bus, dynamodb
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.table import Table


def assemble(settings: FeedbackSettings, metrics: Metrics) -> Feedback:
    """Build the feedback."""
    return Feedback(
        marks=MailRepository(Table(settings.mail_table, dynamodb.client())),
        bus=bus.connect(settings.event_bus_name),
        clock=SystemClock(),
        count=counter(metrics),
    )
