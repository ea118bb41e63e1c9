"""What cancels all that is in line put together with AWS; loaded where a shop does that, which is seldom."""

from standby.platform.backoff import Backoff
from standby.platform.clock import Clock
from standby.platform.queue import Queue
from standby.preorder.campaign_cancelling import CampaignCancelling
from standby.preorder.cancellation_pages import CancellationPages
from standby.preorder.cancellation_repository import CancellationRepository
from standby.preorder.ending import EndingDesk
from standby.preorder.repository import PreorderRepository


def campaign_cancelling(
    preorders: PreorderRepository, records: Queue, clock: Clock, backoff: Backoff
) -> CampaignCancelling:
    """Build what asks for cancellations and takes decisions."""
    return CampaignCancelling(
        cancellations=CancellationRepository(preorders.table),
        campaigns=preorders,
        records=records,
        clock=clock,
        backoff=backoff,
    )


def cancellation_pages(preorders: PreorderRepository, ending: EndingDesk, records: Queue) -> CancellationPages:
    """Build what carries approved cancellations out."""
    return CancellationPages(
        cancellations=CancellationRepository(preorders.table),
        lines=preorders,
        ending=ending,
        records=records,
        clock=ending.clock,
    )
