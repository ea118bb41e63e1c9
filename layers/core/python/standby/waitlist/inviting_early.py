"""Tell those who wait that they may pre-order before a campaign opens to all, once a campaign, in place in line.

A campaign says so (``early_access.waitlist``). A page of the line is handed to pre-orders, which let these addresses
reserve early, and then to Mail. Who pre-orders leaves the line; everybody else goes on waiting.
"""

from collections.abc import Iterable, Iterator, Sequence

from standby.events.preorder import CampaignChanged
from standby.mail_job import MailJob
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.waitlist.date_model import DateTold
from standby.waitlist.dating import recipient
from standby.waitlist.line_pages import LinePages, by_readers
from standby.waitlist.links import Links
from standby.waitlist.meeting import retried
from standby.waitlist.model import MAIL_VALID, Listing


@frozen(kw_only=True)
class EarlyInviting:
    """Invites those who wait."""

    pages: LinePages
    links: Links
    mails: Queue
    preorders: Queue
    clock: Clock

    def heard(self, event: CampaignChanged) -> None:
        """Invite those who wait, unless the campaign is open to all or they were invited to it before."""
        now = to_text(self.clock.now())
        if event.early_for_waitlist and event.early_opens_at is not None and now < event.opens_at:
            retried(lambda: self._invite(event, event.early_opens_at or "", now))

    def _invite(self, event: CampaignChanged, opens_at: str, now: str) -> None:
        told = self.pages.told.date_told(event.sku)
        if told is not None and told.number >= event.number:
            if told.number == event.number and told.open:
                self.pages.begin(event.sku, told.number)  # who wrote it may have died before it went out
            return
        if self.pages.line.stretch(event.sku, "").listings:
            at = max(now, event.at)  # our clock may be behind: whoever joined before the campaign changed is invited
            new = DateTold(day=opens_at, number=event.number, at=at, before=event.opens_at, open=True)
            self.pages.told.tell_date(event.sku, new, was=told)
            self.pages.begin(event.sku, event.number)

    def page(self, sku: str, number: int, after: str) -> None:
        """Hand a page of the line over, and ask for the next."""

        def hand_over(told: DateTold, after: str, listings: Sequence[Listing]) -> None:
            addresses = [each.address for each in listings]
            early = {"early": sku, "number": number, "until": told.before, "addresses": addresses}
            self.preorders.send([Outgoing.of(early)])
            self.mails.send(Outgoing.of(job.content()) for job in self._jobs(sku, told, after, listings))

        self.pages.page(sku, number, after, hand_over)

    def _jobs(self, sku: str, told: DateTold, after: str, listings: Iterable[Listing]) -> Iterator[MailJob]:
        at = from_text(told.at)
        for (locale, marketing), group in by_readers(listings).items():
            yield MailJob(
                job_id=f"early_access#{told.number}#{after}#{locale}#{marketing:d}#{sku}",
                kind="early_access",
                locale=locale,
                data={
                    "sku": sku,
                    "opens_at": told.day,
                    "until": told.before,
                    "mine_url": self.links.url("mine"),
                    "leave_url": self.links.url("leave"),
                },
                recipients=[recipient(each, self.links, at) for each in group],
                valid_until=told.before or to_text(at + MAIL_VALID),
            )
