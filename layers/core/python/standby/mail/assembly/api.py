"""The API's use case put together with AWS, as its function's settings say."""

from standby.mail.repository import MailRepository
from standby.mail.settings import ApiSettings
from standby.mail.suppressions import Suppressions
from standby.platform import bus, dynamodb
from standby.platform.clock import SystemClock
from standby.platform.table import Table


def assemble(settings: ApiSettings) -> Suppressions:
    """Build who answers the API's routes."""
    repository = MailRepository(Table(settings.mail_table, dynamodb.client()))
    return Suppressions(repository, bus.connect(settings.event_bus_name), SystemClock())
