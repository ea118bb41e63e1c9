"""The feedback put together with AWS, as its function's settings say."""

from functools import cache, partial
from typing import TYPE_CHECKING

from aws_lambda_powertools import Metrics

from standby.mail.feedback import Feedback
from standby.mail.repository import MailRepository
from standby.mail.settings import FeedbackSettings
from standby.platform import bus, dynamodb
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.queue import SeldomQueue
from standby.platform.table import Table

if TYPE_CHECKING:
    from standby.mail.sweeping import WaitingSweeper


def _sweeper(settings: FeedbackSettings, table: Table) -> "WaitingSweeper":
    from standby.mail.sweeping import WaitingSweeper  # noqa: PLC0415 - loaded where jobs are looked for that are due
    from standby.mail.waiting_repository import WaitingRepository  # noqa: PLC0415 - as above

    return WaitingSweeper(
        waiting=WaitingRepository(table),
        jobs=SeldomQueue(settings.mail_bulk_queue_url),
        sweeps=SeldomQueue(settings.mail_feedback_queue_url),
        clock=SystemClock(),
    )


def assemble(settings: FeedbackSettings, metrics: Metrics) -> Feedback:
    """Build the feedback."""
    table = Table(settings.mail_table, dynamodb.client())
    return Feedback(
        marks=MailRepository(table),
        bus=bus.connect(settings.event_bus_name),
        clock=SystemClock(),
        count=counter(metrics),
        sweeper=cache(partial(_sweeper, settings, table)),
    )
