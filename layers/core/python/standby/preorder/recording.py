"""What becomes of reservations: holds that are over, events that were not told yet, and the orders that name them.

And of offers: what became of their mails and customers, and reminders.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, assert_never

from standby.events.customer import CustomerErased
from standby.events.hearing import hear
from standby.events.mail import MailAccepted, MailFailed, MailRefused
from standby.events.waitlist import CustomerLeft
from standby.platform.clock import Clock
from standby.platform.cursor import Cursor
from standby.platform.frozen import frozen
from standby.platform.queue import PoisonError, Queue
from standby.platform.sweep import Sweep
from standby.preorder import hears, items
from standby.preorder.announcing import CampaignTeller
from standby.preorder.counter_model import CounterName
from standby.preorder.credits import Credits
from standby.preorder.ending import EndingDesk
from standby.preorder.ordering import OrderDesk
from standby.preorder.telling import FORM

if TYPE_CHECKING:
    from standby.preorder.campaign_cancelling import CampaignCancelling
    from standby.preorder.cancellation_pages import CancellationPages
    from standby.preorder.erasing import Erasing
    from standby.preorder.offers import OfferClock
    from standby.preorder.promising import Promiser
    from standby.preorder.untelling import Untelling


class Due(Protocol):
    """The index of what is due."""

    def due(self, shard: str, now: str, cursor: Cursor | None) -> tuple[list[str | CounterName], Cursor | None]:
        """Return a page of what is due in a shard: reservations, campaigns and counters; and where the next starts.

        Raises `CursorError`.
        """
        ...


@frozen(kw_only=True)
class Recorder:
    """Ends holds whose time is over, follows orders and offers, and has told what changed of campaigns."""

    due: Due
    shards: tuple[str, ...]
    ending: EndingDesk
    credits: Credits
    orders: OrderDesk
    campaigns: CampaignTeller
    offers: "Callable[[], OfferClock]"
    """Loads what follows offers; most of what is recorded is about none."""
    erasing: "Callable[[], Erasing]"
    """Loads what forgets customers, of whom few are erased."""
    promises: "Callable[[], Promiser]"
    """Loads what moves promises; goods move less often than reservations."""
    untelling: "Callable[[], Untelling]"
    """Loads what hears that mails about a day reached nobody; most arrive."""
    cancelling: "Callable[[], CampaignCancelling]"
    cancellations: "Callable[[], CancellationPages]"
    """Load what cancels all that is in line, which shops seldom do."""
    records: Queue
    clock: Clock
    count: Callable[[str, int], None]
    """Counts a metric."""

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle ``{"expire": id}``, ``{"sweep": "due"}`` or a shard of it, and events about orders.

        And ``{"campaign": sku}``, ``{"retell": "campaigns"}`` (`standby.preorder.announcing`), and pages of
        ``{"promises": sku}`` and events about goods (`standby.preorder.promising`), and of ``{"cancellation": sku}``
        and ``{"kit": sku}`` (`standby.preorder.campaign_cancelling`), and of ``{"erase": address}``
        (`standby.preorder.erasing`).

        Raises `PoisonError` for all else.
        """
        match content:
            case {"expire": str(reservation_id)}:
                self.ending.expire(reservation_id)
            case {"campaign": str(sku)}:
                self.campaigns.look(sku, anew=bool(content.get("anew")))
            case {"promises": _}:
                self.promises().handle(content)
            case {"cancellation": _}:
                self.cancellations().handle(content)
            case {"retell": _}:
                self.campaigns.retell(content)
            case {"sweep": _}:
                if not self._sweep.handle(content):
                    raise PoisonError("sweep: only what is due is swept")
            case _:
                self._hear(content)

    def _hear(self, content: Mapping[str, Any]) -> None:
        if isinstance(sku := content.get("kit"), str):
            self._waits(self.cancelling().became_kit(sku))
            return
        if "erase" in content:
            self.erasing().handle(content)
            return
        event = hear(content, hears.RECORDS)
        if event is None:
            raise PoisonError("neither a hold nor a sweep, nor an event about an order, an offer or goods")
        if isinstance(event, hears.OfOrder):
            self.orders.handle(event)
        elif isinstance(event, hears.OfCatalogue):
            self._waits(self.cancelling().discontinued(event))
        elif isinstance(event, hears.OfGoods):
            self.promises().hear(event)
        elif isinstance(event, hears.OfLine):
            self.cancellations().taken_back(event)
        elif isinstance(event, hears.OfMail):
            self._of_mail(event)
        else:
            self._of_offer(event)

    def _waits(self, asks: bool) -> None:  # noqa: FBT001 - what was answered
        if asks:
            self.count("CancellationsWaiting", 1)

    def _of_mail(self, event: hears.OfMail) -> None:
        match event:
            case MailFailed():
                self.untelling().hear(event)
            case MailAccepted(kind=kind) if kind in hears.SLIPS:
                return  # that it is told was noted as the mail was made
            case MailAccepted(references=references, leased_at=leased_at, ends_at=ends_at):
                for reference in references:
                    self.offers().mailed(reference, leased_at or event.at, ends_at)
            case MailRefused(references=(), address=str(address)):
                self.offers().stopped(address, "unsent")
            case MailRefused(references=references) if any(each.startswith(f"{FORM}~") for each in references):
                self.untelling().hear(event)
            case MailRefused(references=references):
                for reference in references:
                    self.offers().refused(reference, "unsent")
            case unhandled:
                assert_never(unhandled)

    def _of_offer(self, event: hears.OfOffer) -> None:
        match event:
            case CustomerLeft(address=address, references=()):
                self.offers().stopped(address, "left")
            case CustomerLeft(references=references):
                for reference in references:
                    self.offers().refused(reference, "left")
            case CustomerErased(address=address, at=at):
                self.offers().stopped(address, "left")
                self.erasing().begin(address, at)
            case unhandled:
                assert_never(unhandled)

    @property
    def _sweep(self) -> Sweep:
        return Sweep(shards=self.shards, page=self.due.due, look=self._look, queue=self.records, clock=self.clock)

    def _look(self, due: str | CounterName) -> None:
        if isinstance(due, CounterName):
            self.credits.end_idle(due)
        elif (sku := items.sku_due(due)) is not None:
            self.campaigns.look(sku)
        elif (known := self.ending.expire(due)) is not None and known.offer is not None:
            self.offers().remind(known)
