"""Send the weekly list of what is back in stock, in pages (features.md A9).

Each issue goes once through the subscribers, a shard at a time. A page is written, with who is named what, before its
jobs are sent; so a page that comes again makes the same jobs, and Mail sends each once. Then the next page is asked
for. Whoever dies in between does one page again. A shard that stopped is begun again by the minute's sweep.

What a list names can be bought when its page is written. Mail looks again right before it sends, and sends nothing to
who would read of nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import quote

from standby.mail_job import MailJob, Recipient
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.shelf.model import Returned as OnShelf
from standby.shelf.model import Row
from standby.waitlist.digest_model import (
    SHARDS,
    Group,
    Page,
    Progress,
    Returned,
    Subscriber,
    followed,
    grouped,
    named,
)
from standby.waitlist.links import Links
from standby.waitlist.meeting import Count
from standby.waitlist.model import MAIL_VALID
from standby.waitlist.reference import digested

PAGE = 50
"""Subscribers of a page: so many as one job has room for."""
MOST_OF_CATEGORY = 60
"""SKUs of a category that are looked at: the newest that came back."""
ROWS = 100
"""Of one request."""
STOOD_STILL = timedelta(minutes=10)
"""A shard that wrote no page for so long is begun again."""


class Subscribers(Protocol):
    """Who gets the list, and the pages of its issues."""

    def subscribers(self, shard: int, after: str, most: int) -> Sequence[Subscriber]:
        """Return the next subscribers of a shard, in the order of their address keys."""
        ...

    def present(self, addresses: Iterable[str]) -> Mapping[str, Subscriber]:
        """Return those of at most 100 addresses that are subscribed now."""
        ...

    def progress(self, issue: str, shard: int) -> Progress:
        """Return how far a shard of an issue is."""
        ...

    def page(self, issue: str, shard: int, after: str) -> Page | None:
        """Return a page that was written; ``None``: it was not."""
        ...

    def keep(self, page: Page) -> Page:
        """Write a page, once, and how far its shard is; return the page that is written, which may be another's."""
        ...

    def finish(self, issue: str, shard: int, at: str) -> None:
        """Write that a shard of an issue is done."""
        ...


class Shelf(Protocol):
    """What came back, and what can be bought."""

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of at most 100 SKUs; those that are on no shelf are left out."""
        ...

    def returns(self, since: str, most: int, category: str | None = None) -> Sequence[tuple[OnShelf, str]]:
        """Return what came back since an instant and can be bought, the newest first, each with its SKU."""
        ...


@frozen(kw_only=True)
class Digesting:
    """Sends lists."""

    subscribers: Subscribers
    shelf: Shelf
    links: Links
    mails: Queue
    sweeps: Queue
    clock: Clock
    count: Count
    days: int
    """For how many days something counts as back."""

    def begin(self, issue: str) -> None:
        """Begin each shard of an issue, or have it go on where it stopped."""
        late = to_text(self.clock.now() - STOOD_STILL)
        for shard in range(SHARDS):
            progress = self.subscribers.progress(issue, shard)
            if not progress.done and progress.at <= late:
                self._ask(issue, shard, progress.prior)

    def page(self, issue: str, shard: int, after: str) -> None:
        """Hand the jobs of a page to Mail, and ask for the next."""
        page = self.subscribers.page(issue, shard, after) or self._written(issue, shard, after)
        if page is None:
            self.subscribers.finish(issue, shard, to_text(self.clock.now()))
            return
        jobs = list(self._jobs(page))
        self.mails.send([Outgoing.of(job.content()) for job in jobs])
        self.count("DigestsPlanned", sum(len(job.recipients) for job in jobs))
        self._ask(issue, shard, page.end)

    def _ask(self, issue: str, shard: int, after: str) -> None:
        self.sweeps.send([Outgoing.of({"sweep": "digest", "issue": issue, "shard": shard, "after": after})])

    def _written(self, issue: str, shard: int, after: str) -> Page | None:
        """Write the next page; ``None`` where nobody is left."""
        found = self.subscribers.subscribers(shard, after, PAGE)
        if not found:
            return None
        now = self.clock.now()
        chosen = self._chosen([each for each in found if each.wish.lasts(now)], now)
        groups = grouped(chosen, PAGE)
        at = to_text(now)
        return self.subscribers.keep(
            Page(issue=issue, shard=shard, after=after, end=found[-1].address, at=at, groups=groups)
        )

    def _chosen(self, subscribers: Sequence[Subscriber], now: datetime) -> Iterator[tuple[Subscriber, tuple[str, ...]]]:
        """Yield the subscribers of a page with what their lists name."""
        at, earliest = to_text(now), to_text(now - timedelta(days=self.days))
        waited = self._rows(sku for each in subscribers for sku in each.wish.skus)
        categories = {sku: row.variant.category for sku, row in waited.items() if row.variant.category}
        follows = {each.address: followed(each.wish.skus, categories) for each in subscribers}
        returned = {
            category: [
                Returned(sku, known.product_id, known.back_at)
                for known, sku in self.shelf.returns(earliest, MOST_OF_CATEGORY, category)
            ]
            for category in dict.fromkeys(one for found in follows.values() for one in found)
        }
        rows = self._rows(each.sku for found in returned.values() for each in found)
        there = {sku: row.variant.options for sku, row in rows.items() if row.returned is not None}
        for each in subscribers:
            wished = [waited[sku].variant.options for sku in each.wish.skus if sku in waited]
            came = [one for category in follows[each.address] for one in returned[category]]
            news = [one for one in came if each.is_news(one.back_at, at)]
            yield each, named(news, there, wished, each.wish.skus)

    def _rows(self, skus: Iterable[str]) -> dict[str, Row]:
        wanted = list(dict.fromkeys(skus))
        found: dict[str, Row] = {}
        for begin in range(0, len(wanted), ROWS):
            found |= self.shelf.rows(wanted[begin : begin + ROWS])
        return found

    def _jobs(self, page: Page) -> Iterator[MailJob]:
        """Yield a page's jobs, without those who left meanwhile."""
        present = self.subscribers.present(address for group in page.groups for address in group.addresses)
        planned = from_text(page.at)
        for group in page.groups:
            recipients = [self._recipient(present[each], planned) for each in group.addresses if each in present]
            if recipients:
                yield self._job(page, group, recipients, planned)

    def _job(self, page: Page, group: Group, recipients: Sequence[Recipient], planned: datetime) -> MailJob:
        return MailJob(
            job_id=page.job_id(group),
            kind="digest",
            locale=group.locale,
            data={
                "skus": list(group.skus),
                "list_url": f"{self.links.public_url}/v1/back-in-stock?locale={quote(group.locale)}",
                "leave_url": self.links.url("digest/leave"),
            },
            recipients=recipients,
            valid_until=to_text(planned + MAIL_VALID),
            patient=True,
        )

    def _recipient(self, subscriber: Subscriber, planned: datetime) -> Recipient:
        wish = subscriber.wish
        return Recipient(
            reference=digested(subscriber.address),
            email=wish.email,
            slots={"leave": self.links.digest(subscriber.address, planned)},
            consented_at=wish.consented_at,
            marketing=True,
            time_zone=wish.time_zone,
        )
