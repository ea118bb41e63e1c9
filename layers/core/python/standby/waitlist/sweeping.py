"""Find each minute what is due.

Waves, entries unconfirmed for too long, entries waiting past their last day, the weekly list, who went quiet.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from standby.mail_job import MailJob, Recipient
from standby.platform.clock import Clock, to_text
from standby.platform.cursor import Cursor, CursorError
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.waitlist.closing import Closing
from standby.waitlist.digest_model import Week, is_issue
from standby.waitlist.directory import Directory
from standby.waitlist.links import Links
from standby.waitlist.meeting import Count
from standby.waitlist.model import MAIL_VALID, Counts, Customer, Entry, Place, lapses_at, places
from standby.waitlist.noticing import Noticing, notice_job, notice_reference

if TYPE_CHECKING:
    from standby.waitlist.attending import Attending
    from standby.waitlist.digesting import Digesting
    from standby.waitlist.store_inviting import StoreInviting

LOOKS_APART_MINUTES = 15
"""How often it is looked whether lists and store offers are to go out, or have stopped."""


class Due(Protocol):
    """An index of what is due."""

    def due(self, shard: str, now: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of what is due in a shard, and where the next page starts. Raises `CursorError`."""
        ...


class ChainsDue(Due, Protocol):
    """The index of the chains that are due, and the mails of their waves."""

    def swept(self, sku: str, now: datetime) -> None:
        """Count that a chain was found due, and put it off where that has not helped."""
        ...

    def being_told(self, place: Place) -> bool:
        """Tell whether a mail that any wave sent about a place in line is without an outcome."""
        ...


@frozen()
class Sweeper:
    """Finds what is due, a page per message."""

    chains: ChainsDue
    chain_shards: tuple[str, ...]
    addresses: Due
    address_shards: tuple[str, ...]
    directory: Directory
    closing: Closing
    noticing: Noticing
    mails: Queue
    plans: Queue
    sweeps: Queue
    links: Links
    clock: Clock
    count: Count
    week: Week
    digesting: "Callable[[], Digesting]"
    """Loads what sends the weekly list, which is seldom due."""
    attending: "Callable[[], Attending]"
    """Loads what looks whether somebody still reacts."""
    inviting: "Callable[[], StoreInviting]"
    """Loads what invites to stores, which is seldom due."""

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle ``{"sweep": "due"}``, or a shard of it, from a cursor or not, or a part of list or store offers.

        ``{"sweep": "digest", "issue": "2026-05-07"}`` begins the list of a day, or has it go on, and
        ``{"sweep": "store_offers"}`` the offers of today. Raises `PoisonError` for all else.
        """
        shards = (*self.chain_shards, *self.address_shards)
        match content:
            case {"sweep": "due", "shard": shard} if shard in shards:
                try:
                    self._shard(shard, content.get("cursor"))
                except CursorError as error:
                    raise PoisonError(f"cursor: {error}") from error
            case {"sweep": "due", "shard": _}:
                raise PoisonError(f"shard: must be one of {', '.join(shards)}")
            case {"sweep": "due"}:
                failed = one_by_one(shards, lambda shard: self._shard(shard, None))
                self.sweeps.send([Outgoing.of({"sweep": "due", "shard": shard}) for shard in failed])
                self._advertising_due()
            case {"sweep": "digest", "issue": str(issue), "shard": int(shard), "after": str(after)} if is_issue(issue):
                self.digesting().page(issue, shard, after)
            case {"sweep": "digest", "issue": str(issue)} if is_issue(issue) and "shard" not in content:
                self.digesting().begin(issue)
            case {"sweep": "store_offers"}:
                self.inviting().begin()
            case {"sweep": "store_offer"}:
                self.inviting().handle(content)
            case _:
                raise PoisonError("not a sweep")

    def _advertising_due(self) -> None:
        """Begin the weekly list in its hour and the store offers of the day, and look later whether they stopped."""
        now = self.clock.now()
        if now.minute % LOOKS_APART_MINUTES == 0:
            self.sweeps.send([Outgoing.of({"sweep": "store_offers"})])
            issue = self.week.due(now)
            if issue is not None:
                self.sweeps.send([Outgoing.of({"sweep": "digest", "issue": issue})])

    def _shard(self, shard: str, cursor: Cursor | None) -> None:
        now = self.clock.now()
        if shard in self.chain_shards:
            found, after = self.chains.due(shard, to_text(now), cursor)
            self.plans.send([Outgoing.of({"plan": "due", "sku": sku}) for sku in found])
            one_by_one(found, lambda sku: self.chains.swept(sku, now))
        else:
            found, after = self.addresses.due(shard, to_text(now), cursor)
            failed = one_by_one(found, self._address)
            if failed:
                self.count("AddressesNotSwept", len(failed))
        if after is not None:
            self.sweeps.send([Outgoing.of({"sweep": "due", "shard": shard, "cursor": after})])

    def _address(self, address: str) -> None:
        """Send last notices and close the other lapsed entries. A customer who was told has no entry left here."""
        now = self.clock.now()
        customer, lapsed = self._lapsed(address, now)
        if any(entry.ended_at is not None for entry in lapsed):
            waved = self._being_told(lapsed)
            # Read after the waves' mails: whoever was told meanwhile has no entry left.
            customer, lapsed = self._lapsed(address, now)
            lapsed = [entry for entry in lapsed if entry.entry_id not in waved]
        noticed = [entry for entry in lapsed if entry.waiting and entry.noticed_at is None]
        self.mails.send(Outgoing.of(self._notice(customer, entry).content()) for entry in noticed)
        self.count("LastNotices", len(noticed))
        over = [entry.entry_id for entry in lapsed if entry not in noticed]
        if over:
            self.closing.close(address, over, Counts())
        looked = customer.attention is not None and customer.attention.is_due(now)
        if lapsed or not looked:
            self.noticing.given(address, [entry.entry_id for entry in noticed])
        if looked:
            self.attending().look(address)

    def _lapsed(self, address: str, now: datetime) -> tuple[Customer, list[Entry]]:
        customer, _ = self.directory.read(address)
        return customer, [entry for entry in customer.entries.values() if lapses_at(entry) <= now]

    def _being_told(self, lapsed: Iterable[Entry]) -> frozenset[str]:
        """Return the ids of entries that ended while a wave was telling their customers. They come again."""
        ended = [entry for entry in lapsed if entry.ended_at is not None]
        return frozenset(each.entry_id for each in ended if any(map(self.chains.being_told, places(each))))

    def _notice(self, customer: Customer, entry: Entry) -> MailJob:
        """Make the mail that says that an entry ends. It is the same each time it is made before it is sent."""
        lapsed = lapses_at(entry)
        about = notice_reference(customer, entry)
        return MailJob(
            job_id=notice_job(entry),
            kind="last_notice" if entry.ended_at is None else "not_coming_back",
            locale=entry.locale,
            data={
                "sku": about.sku,
                "skus": [*entry.lost, *entry.skus] if entry.ended_at is not None else list(entry.skus),
                "mine_url": self.links.url("mine"),
                "leave_url": self.links.url("leave"),
                **({} if entry.ended_at is None else {"advertising_agreed": entry.consent.marketing}),
            },
            recipients=[
                Recipient(
                    reference=about.text(),
                    email=customer.email,
                    slots={
                        "mine": self.links.mine(customer.address, lapsed),
                        "leave": self.links.leave(customer.address, lapsed),
                    },
                    consented_at=entry.consented_at,
                    marketing=entry.consent.marketing,
                )
            ],
            valid_until=to_text(lapsed + MAIL_VALID),
            time_zone=entry.time_zone,
            patient=True,
        )
