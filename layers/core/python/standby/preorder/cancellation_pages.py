"""Cancelling everybody in line for a SKU once that was approved (`standby.preorder.campaign_cancelling`).

Who reserved of a campaign that was opened since stands in the same line, and stays. Who has all units set aside stays
too, but not whoever loses them again: nobody brings the goods of a cancelled campaign.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.preorder.campaign_cancelling import Cancellations
from standby.preorder.ending import EndingDesk
from standby.preorder.model import Place, RefusedError
from standby.preorder.repository import ChangedMeanwhileError

if TYPE_CHECKING:
    from standby.events.preorder import AllocationTakenBack


class Lines(Protocol):
    """The lines for SKUs."""

    def line(self, sku: str, after: str | None) -> tuple[list[Place], bool]:
        """Return a page of the line for a SKU, and whether more stand behind it."""
        ...


@frozen(kw_only=True)
class CancellationPages:
    """Cancels who is in line, a page per message."""

    cancellations: Cancellations
    lines: Lines
    ending: EndingDesk
    records: Queue
    clock: Clock

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle ``{"cancellation": sku}``, behind ``after`` or of one ``reservation``. Raises `PoisonError`."""
        match content:
            case {"cancellation": str(), "reservation": str(reservation_id)}:
                self._cancel(reservation_id)
            case {"cancellation": str(sku), "after": str(after)}:
                self._page(sku, after)
            case {"cancellation": str(sku)}:
                self._page(sku, None)
            case _:
                raise PoisonError("cancellation: must be a SKU")

    def taken_back(self, event: "AllocationTakenBack") -> None:
        """Cancel who lost units that were set aside and waits for a campaign that was cancelled before."""
        known = self.ending.preorders.reservation(event.reservation_id)
        lacking = [line for line in known.lines if line.given < line.quantity] if known is not None else []
        made = ((line, self.cancellations.cancellation(line.sku)) for line in lacking)
        if any(each is not None and each.concerns(line.campaign) for line, each in made):
            self._cancel(event.reservation_id)

    def _page(self, sku: str, after: str | None) -> None:
        known = self.cancellations.cancellation(sku)
        if known is None or known.status != "cancelling":
            return
        places, more = self.lines.line(sku, after)
        theirs = [place for place in places if known.concerns(place.campaign)]
        failed = one_by_one([place.reservation_id for place in theirs], self._cancel)
        self.records.send([Outgoing.of({"cancellation": sku, "reservation": each}) for each in failed])
        if more and known.reaches(places[-1].key):
            self.records.send([Outgoing.of({"cancellation": sku, "after": places[-1].key})])
            return
        made = replace(known, status="cancelled", ended_at=to_text(self.clock.now()), version=known.version + 1)
        try:
            self.cancellations.write(made)
        except ChangedMeanwhileError:
            return  # the same page was handled twice, at once

    def _cancel(self, reservation_id: str) -> None:
        try:
            self.ending.cancel(reservation_id, by="shop")
        except RefusedError:
            return  # its goods left the house meanwhile
