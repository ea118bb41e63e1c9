"""Tell those who wait from which day there is more, once, and again where it slips (features.md A16).

A shop turns it on with ``date_slip_days``: who waits is told a day once it is known, and another one once it is so many
days later. A purchase order whose day moved is looked at some minutes later, because several move together. Then the
day is the one from which something can be sold, as the ledger says, whatever event asked.

The day is written first and is open until the last page of the line was handed to Mail. A page's members are written
before its jobs are sent, so a page that comes again makes the same jobs, which Mail sends once. Nobody's place changes.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Protocol

from standby.ledger.model import SkuSettings
from standby.ledger.supply import SkuSupply
from standby.mail_job import MailJob, Recipient
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.shelf.model import Row
from standby.waitlist.catalogue import Shelf
from standby.waitlist.date_model import DateTold
from standby.waitlist.line_pages import LinePages, by_readers
from standby.waitlist.links import Links
from standby.waitlist.meeting import retried
from standby.waitlist.model import MAIL_VALID, Listing
from standby.waitlist.reference import dated

SETTLED_AFTER = timedelta(minutes=5)


class Ledger(Protocol):
    """What the shop set."""

    def settings(self, sku: str) -> SkuSettings:
        """Return the settings, merged."""
        ...


class Supplies(Protocol):
    """What there is and what comes."""

    def supply(self, sku: str) -> SkuSupply:
        """Return the SKU's numbers and its purchase orders' lines."""
        ...


@frozen(kw_only=True)
class Dating:
    """Tells days."""

    pages: LinePages
    ledger: Ledger
    supplies: Supplies
    shelf: Shelf
    links: Links
    mails: Queue
    plans: Queue
    clock: Clock

    def soon(self, sku: str) -> None:
        """Have a SKU looked at some minutes from now, where the shop wants days to be told."""
        if self.ledger.settings(sku).date_slip_days:
            delay = round(SETTLED_AFTER.total_seconds())
            self.plans.send([Outgoing.of({"plan": "date", "sku": sku}, delay_seconds=delay)])

    def look(self, sku: str) -> None:
        """Tell the day on which a SKU is back, if it is known and those who wait were not told about the same."""
        retried(lambda: self._look(sku))

    def _look(self, sku: str) -> None:
        slip = self.ledger.settings(sku).date_slip_days
        now = self.clock.now()
        today = now.date().isoformat()
        day = first_day(self.supplies.supply(sku), to_text(now))
        if not slip or day is None:
            return
        told = self.pages.told.date_told(sku)
        before = told.day if told is not None and told.day >= today else None
        if before is not None and day <= _later(before, slip - 1):
            if told is not None and told.open:
                self.pages.begin(sku, told.number)  # who wrote it may have died before it went out
            return
        if not self.pages.line.stretch(sku, "").listings:
            return
        number = 1 if told is None else told.number + 1
        window = (self.shelf.rows([sku]).get(sku) or Row(sku=sku)).window
        ahead = window is not None and window.is_open(to_text(now))
        new = DateTold(day, number, to_text(now), before, ahead=ahead, open=True)
        self.pages.told.tell_date(sku, new, was=told)
        self.pages.begin(sku, number)

    def page(self, sku: str, number: int, after: str) -> None:
        """Hand a page of the line to Mail and ask for the next, unless another day is told by now."""
        self.pages.page(sku, number, after, lambda *page: self.mails.send(map(_outgoing, self._jobs(sku, *page))))

    def _jobs(self, sku: str, told: DateTold, after: str, listings: Iterable[Listing]) -> Iterator[MailJob]:
        at = from_text(told.at)
        for (locale, marketing), group in by_readers(listings).items():
            yield MailJob(
                job_id=f"restock_date#{told.number}#{after}#{locale}#{marketing:d}#{sku}",
                kind="restock_date",
                locale=locale,
                data={
                    "sku": sku,
                    "day": told.day,
                    **({} if told.before is None else {"before": told.before}),
                    **({"ahead": True} if told.ahead else {}),
                    "advertising_agreed": marketing,
                    "mine_url": self.links.url("mine"),
                    "leave_url": self.links.url("leave"),
                },
                recipients=[recipient(each, self.links, at) for each in group],
                valid_until=to_text(at + MAIL_VALID),
                patient=True,
            )


def recipient(listing: Listing, links: Links, at: datetime) -> Recipient:
    """Return who gets a mail about a place in line that changes nothing of it."""
    return Recipient(
        reference=dated(listing.entry_id),
        email=listing.email,
        slots={"mine": links.mine(listing.address, at), "leave": links.leave(listing.address, at)},
        consented_at=listing.consented_at,
        marketing=listing.marketing,
        time_zone=listing.time_zone,
    )


def _outgoing(job: MailJob) -> Outgoing:
    return Outgoing.of(job.content())


def first_day(found: SkuSupply, at: str) -> str | None:
    """Return the first day, not before a moment's (RFC 3339), from which there is something to sell.

    ``None``: there is something now, or will be once the level counts what was received; or nobody knows. What is
    missing must come first: it is owed, or committed.
    """
    stock = found.stock
    if stock is None or stock.free + found.received(at) > 0:
        return None
    free = stock.free + found.received(at)
    for line in found.coming(at):
        free += line.open if line.eta is not None and line.eta >= at[:10] else 0
        if free > 0:
            return line.eta
    return None


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
