"""What customers change by their links put together with AWS: loaded once one does more than look."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.ledger.reader import LedgerReader
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform import queue
from standby.platform.frozen import frozen
from standby.preorder.assembly.ending import ending_desk
from standby.preorder.cancelling import Cancelling
from standby.preorder.consenting import Consenting
from standby.preorder.offers import OfferDesk
from standby.preorder.repository import PreorderRepository
from standby.preorder.settings import ViewerSettings
from standby.preorder.vanished import Vanished

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens


@frozen()
class Changing:
    """Cancels reservations, agrees to later days, and takes or gives back offers."""

    cancelling: Cancelling
    consenting: Consenting
    offers: OfferDesk


def assemble(settings: ViewerSettings, preorders: PreorderRepository, tokens: "Callable[[], Tokens]") -> Changing:
    """Build what changes reservations."""
    stock = LedgerTable(settings.stock_table, preorders.table.dynamodb)
    ending = ending_desk(settings, preorders, stock, tokens, queue.client())
    announcer, clock, backoff = ending.announcer, ending.clock, ending.backoff
    return Changing(
        Cancelling(
            preorders=preorders,
            writes=ending.writes,
            ending=ending,
            mails=announcer.mails,
            links=announcer.links,
            tokens=tokens,
            clock=clock,
            backoff=backoff,
        ),
        Consenting(preorders=preorders, announcer=announcer, clock=clock, backoff=backoff),
        OfferDesk(
            preorders=preorders,
            settings=SettingsBook(stock),
            ending=ending,
            vanished=Vanished(preorders=preorders, ledger=LedgerReader(stock), claims=ending.claims, clock=clock),
            announcer=announcer,
            clock=clock,
            backoff=backoff,
        ),
    )
