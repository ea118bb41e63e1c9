"""End what waits for a SKU that does not come back: down its line, a page per message.

The word of the catalogue is the newest of the event and the shelf. Nobody's turn comes while units can be sold, for
these go to those in line first. The SKU's last sale (`SoldOut`) and whoever gets in line afterwards make the planner
look again. A page can be handled any number of times: what has ended is passed over.

An entry that waits for further SKUs loses this one and hears nothing. Any other is marked as ended, from which moment
no wave tells its customer any more; the sweeper sends the mail about it (`standby.waitlist.sweeping`).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from standby.ledger.model import SkuStock
from standby.platform.clock import Clock, to_text
from standby.platform.faults import of_aws
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.shelf.model import Row
from standby.waitlist.catalogue import Shelf, not_coming_back
from standby.waitlist.directory import Directory
from standby.waitlist.meeting import retried
from standby.waitlist.model import ChangedMeanwhileError, Changes, Entry, Listing, moved
from standby.waitlist.wave import LONGEST_DELAY, Stretch

PAGE = 100
"""Places of one message: some 300 requests, which take a few seconds."""
MOST_LOOKS = 96
"""So often, each time after `LONGEST_DELAY`, it is looked whether the shelf has heard what the event says: a day."""
TOLD_AFTER = timedelta(minutes=2)
"""How long after an entry ended its customer is told. A planner that read the line before runs for a minute at most, so
by then it is known whether a wave tells the customer."""


class Line(Protocol):
    """A SKU's line."""

    def stretch(self, sku: str, after: str) -> Stretch:
        """Read the next stretch of the line."""
        ...


class Ledger(Protocol):
    """Whether units can be sold."""

    def stock(self, sku: str) -> SkuStock | None:
        """Return the numbers."""
        ...


@frozen()
class Discontinuing:
    """Ends entries that wait for what does not come back."""

    line: Line
    ledger: Ledger
    shelf: Shelf
    directory: Directory
    plans: Queue
    clock: Clock

    def look(self, sku: str) -> None:
        """Go down the line of a SKU if the shelf says that it does not come back."""
        variant = self._row(sku).variant
        if variant.discontinued:
            self._send(sku, variant.edition, "")

    def go_on(self, sku: str, edition: int, cursor: str = "", looked: int = 0) -> None:
        """Handle the next page of a line, on the catalogue's word of this edition.

        Raises `PoisonError` where units can be sold, and the shelf has not heard for a whole day what the event says:
        the last sale would find nothing there.
        """
        variant = self._row(sku).variant
        heard = variant.edition >= edition
        if heard and not variant.discontinued:
            return  # taken back
        stock = self.ledger.stock(sku)
        if stock is not None and stock.sellable > 0:
            if not heard:
                self._later(sku, edition, looked + 1)
            return
        stretch = self.line.stretch(sku, cursor)
        page = stretch.listings[:PAGE]
        self._end(page)
        if page and not (stretch.exhausted and len(page) == len(stretch.listings)):
            self._send(sku, edition, page[-1].key)

    def _later(self, sku: str, edition: int, looked: int) -> None:
        if looked > MOST_LOOKS:
            raise PoisonError("it does not come back, but the shelf has not heard so for a day")
        self._send(sku, edition, "", looked=looked, delay_seconds=round(LONGEST_DELAY.total_seconds()))

    def _send(self, sku: str, edition: int, cursor: str, *, looked: int = 0, delay_seconds: int = 0) -> None:
        plan = {"plan": "discontinued", "sku": sku, "edition": edition, "cursor": cursor, "looked": looked}
        self.plans.send([Outgoing.of(plan, delay_seconds=delay_seconds)])

    def _row(self, sku: str) -> Row:
        return self.shelf.rows([sku]).get(sku) or Row(sku=sku)

    def _end(self, page: Iterable[Listing]) -> None:
        """End a page's entries. What is stored wrongly of one costs no other its turn; anything else comes again."""
        now = self.clock.now()
        running = [listing for listing in page if listing.expires_at > to_text(now)]
        failed = one_by_one(running, lambda listing: retried(lambda: self._end_one(listing, now)))
        for error in failed.values():
            if of_aws(error) or isinstance(error, ChangedMeanwhileError):
                raise error

    def _end_one(self, listing: Listing, now: datetime) -> None:
        customer, _ = self.directory.read(listing.address)
        entry = customer.entries.get(listing.entry_id)
        if entry is None or listing.sku not in entry.places or entry.over_at <= to_text(now):
            return
        changed = self._without(entry, listing.sku, now)
        changes = Changes()
        moved(customer, entry, changed, changes)
        customer = customer.with_entry(changed).parted(changes.unlisted)
        self.directory.customers.save(customer, changes, now)

    def _without(self, entry: Entry, sku: str, now: datetime) -> Entry:
        """Return an entry that goes on without a SKU, or ends with the last one."""
        rest = {other: place for other, place in entry.places.items() if other != sku}
        if rest:
            return replace(entry, skus=tuple(rest), places=rest, lost=(*entry.lost, sku))
        lost = not_coming_back(self.shelf, entry.lost)
        return replace(
            entry,
            lost=tuple(each for each in entry.lost if each in lost),
            ended_at=to_text(now),
            noticed_at=None,
            notice_at=to_text(now + TOLD_AFTER),
        )
