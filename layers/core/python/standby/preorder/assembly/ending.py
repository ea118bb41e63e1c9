"""What ends reservations put together with AWS, for all functions that customers and the shop ask."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.ledger.claims import ClaimBook
from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable
from standby.platform import bus, queue
from standby.platform.backoff import Backoff
from standby.platform.clock import SystemClock
from standby.preorder.ending import EndingDesk
from standby.preorder.links import Links
from standby.preorder.repository import PreorderRepository, Writes
from standby.preorder.telling import Announcer

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from standby.platform.tokens import Tokens
    from standby.preorder.settings import ApiSettings, ViewerSettings


def ending_desk(
    settings: "ApiSettings | ViewerSettings",
    preorders: PreorderRepository,
    stock: LedgerTable,
    tokens: "Callable[[], Tokens]",
    sqs: "SQSClient",
) -> EndingDesk:
    """Build who ends reservations; its announcer mails at once, and has campaigns looked at that got units back."""
    announcer = Announcer(
        bus=bus.connect(settings.event_bus_name),
        mails=queue.SqsQueue(settings.mail_urgent_queue_url, sqs),
        links=Links(settings.public_url, tokens),
        stock=LedgerReader(stock).stock,
        reservations=preorders,
        looks=queue.SqsQueue(settings.preorder_records_queue_url, sqs),
    )
    return EndingDesk(
        preorders=preorders,
        writes=Writes(settings.preorders_table),
        claims=ClaimBook(stock),
        announcer=announcer,
        clock=SystemClock(),
        backoff=Backoff(),
    )
