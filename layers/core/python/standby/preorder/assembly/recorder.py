"""The recorder put together with AWS, as its function's settings say."""

from functools import cache, partial
from typing import TYPE_CHECKING

from standby.ledger.claims import ClaimBook
from standby.ledger.credits import CreditBook
from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable
from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.backoff import Backoff
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.platform.queue import SeldomQueue
from standby.platform.table import Table
from standby.preorder import items
from standby.preorder.announcing import CampaignTeller
from standby.preorder.credits import Credits
from standby.preorder.ending import EndingDesk
from standby.preorder.links import Links
from standby.preorder.ordering import OrderDesk
from standby.preorder.recording import Recorder
from standby.preorder.repository import PreorderRepository, Writes
from standby.preorder.settings import RecorderSettings
from standby.preorder.telling import Announcer

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools import Metrics

    from standby.platform.queue import Queue
    from standby.preorder.campaign_cancelling import CampaignCancelling
    from standby.preorder.cancellation_pages import CancellationPages
    from standby.preorder.erasing import Erasing
    from standby.preorder.offers import OfferClock
    from standby.preorder.pieces import Pieces
    from standby.preorder.promising import Promiser
    from standby.preorder.untelling import Untelling


def _offers(preorders: PreorderRepository, ending: EndingDesk) -> "OfferClock":
    from standby.preorder.offers import OfferClock  # noqa: PLC0415 - loaded where something is recorded of an offer

    return OfferClock(
        preorders=preorders,
        ending=ending,
        announcer=ending.announcer,
        clock=ending.clock,
        backoff=ending.backoff,
    )


def _erasing(preorders: PreorderRepository, announcer: Announcer, records: "Queue", backoff: Backoff) -> "Erasing":
    from standby.preorder.erasing import Erasing  # noqa: PLC0415 - loaded where somebody is erased
    from standby.preorder.erasure_repository import ErasureRepository  # noqa: PLC0415 - as above

    return Erasing(
        everybody=ErasureRepository(preorders.table),
        preorders=preorders,
        announcer=announcer,
        records=records,
        backoff=backoff,
    )


def _untelling(preorders: PreorderRepository, ending: EndingDesk, count: "Callable[[str, int], None]") -> "Untelling":
    from standby.preorder.untelling import Untelling  # noqa: PLC0415 - loaded where a mail reached nobody

    return Untelling(
        preorders=preorders, announcer=ending.announcer, clock=ending.clock, backoff=ending.backoff, count=count
    )


def _pieces(ending: EndingDesk) -> "Pieces":
    from standby.preorder.piece_repository import PieceWrites  # noqa: PLC0415 - loaded where units of a line are cancelled
    from standby.preorder.pieces import Pieces  # noqa: PLC0415 - as above

    writes = PieceWrites(ending.writes)
    return Pieces(writes=writes, claims=ending.claims, announcer=ending.announcer, clock=ending.clock)


def _cancelling(preorders: PreorderRepository, ending: EndingDesk, records: "Queue") -> "CampaignCancelling":
    from standby.preorder.assembly.cancelling import campaign_cancelling  # noqa: PLC0415 - loaded where a shop cancels

    return campaign_cancelling(preorders, records, ending.clock, ending.backoff)


def _pages(preorders: PreorderRepository, ending: EndingDesk, records: "Queue") -> "CancellationPages":
    from standby.preorder.assembly.cancelling import cancellation_pages  # noqa: PLC0415 - as above

    return cancellation_pages(preorders, ending, records)


def _promises(stock: LedgerTable, preorders: PreorderRepository, ending: EndingDesk, records: "Queue") -> "Promiser":
    from standby.ledger.supply import SupplyReader  # noqa: PLC0415 - loaded where goods move that were promised
    from standby.preorder.promising import Promiser  # noqa: PLC0415 - as above

    return Promiser(
        lines=preorders,
        ledger=SupplyReader(stock),
        announcer=ending.announcer,
        records=records,
        clock=ending.clock,
        backoff=ending.backoff,
    )


def assemble(settings: RecorderSettings, metrics: "Metrics") -> Recorder:
    """Build the recorder, which counts in ``metrics``."""
    tables, clock = dynamodb.client(), SystemClock()
    stock = LedgerTable(settings.stock_table, tables)
    preorders = PreorderRepository(Table(settings.preorders_table, tables))
    records, events = queue.connect(settings.preorder_records_queue_url), bus.connect(settings.event_bus_name)
    announcer = Announcer(
        bus=events,
        mails=SeldomQueue(settings.mail_bulk_queue_url),
        links=Links(settings.public_url, secrets.connect(settings.link_keys_table, tables).tokens),
        stock=LedgerReader(stock).stock,
        reservations=preorders,
        looks=records,
    )
    writes, claims, backoff = Writes(settings.preorders_table), ClaimBook(stock), Backoff()
    ending = EndingDesk(
        preorders=preorders, writes=writes, claims=claims, announcer=announcer, clock=clock, backoff=backoff
    )
    ahead = Credits(counters=preorders, writes=writes, book=CreditBook(stock), clock=clock, backoff=backoff)
    return Recorder(
        cancelling=lambda: _cancelling(preorders, ending, records),
        cancellations=lambda: _pages(preorders, ending, records),
        due=preorders,
        shards=items.DUE_SHARDS,
        ending=ending,
        credits=ahead,
        orders=OrderDesk(
            preorders=preorders,
            writes=writes,
            pieces=cache(partial(_pieces, ending)),
            claims=claims,
            ending=ending,
            credits=ahead,
            clock=clock,
            backoff=backoff,
        ),
        campaigns=CampaignTeller(
            campaigns=preorders, credits=ahead, bus=events, records=records, clock=clock, backoff=backoff
        ),
        offers=cache(partial(_offers, preorders, ending)),
        erasing=cache(partial(_erasing, preorders, announcer, records, backoff)),
        untelling=cache(partial(_untelling, preorders, ending, counter(metrics))),
        promises=cache(partial(_promises, stock, preorders, ending, records)),
        records=records,
        clock=clock,
        count=counter(metrics),
    )
