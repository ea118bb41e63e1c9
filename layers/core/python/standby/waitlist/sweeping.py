"""Find each minute what is due: waves, entries unconfirmed for too long, entries waiting past their last day."""

from collections.abc import Mapping
from typing import Any, Protocol

from standby.mail_job import MailJob, Recipient
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.waitlist.closing import Closing
from standby.waitlist.directory import Count, Directory
from standby.waitlist.links import Links
from standby.waitlist.model import MAIL_VALID, Counts, Customer, Entry, lapses_at
from standby.waitlist.noticing import Noticing, notice_job, notice_reference

log = logger("waitlist")

Cursor = Mapping[str, str]


class Due(Protocol):
    """An index of what is due."""

    def due(self, shard: str, now: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of what is due in a shard, and where the next page starts."""
        ...


@frozen()
class Sweeper:
    """Finds what is due, a page per message."""

    chains: Due
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

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle ``{"sweep": "due"}``, or a shard of it from a cursor. Raises `PoisonError` for anything else."""
        match content:
            case {"sweep": "due", "shard": str(shard), "cursor": dict(cursor)}:
                self._shard(shard, cursor)
            case {"sweep": "due"}:
                for shard in (*self.chain_shards, *self.address_shards):
                    self._shard(shard, None)
            case _:
                raise PoisonError("not a sweep")

    def _shard(self, shard: str, cursor: Cursor | None) -> None:
        now = to_text(self.clock.now())
        if shard in self.chain_shards:
            skus, after = self.chains.due(shard, now, cursor)
            self.plans.send([Outgoing.of({"plan": "due", "sku": sku}) for sku in skus])
        else:
            found, after = self.addresses.due(shard, now, cursor)
            failed = sum(not self._tried(address) for address in found)
            if failed:
                self.count("AddressesNotSwept", failed)
        if after is not None:
            self.sweeps.send([Outgoing.of({"sweep": "due", "shard": shard, "cursor": after})])

    def _tried(self, address: str) -> bool:
        """Do what is due for one address, and tell whether it could be done. One that fails holds up nobody else."""
        try:
            self._address(address)
        except Exception:
            log.exception("what is due for an address could not be done", extra={"address": address})
            return False
        return True

    def _address(self, address: str) -> None:
        """Send last notices and close the other lapsed entries. A customer who was told has no entry left here."""
        now = self.clock.now()
        customer, _ = self.directory.read(address)
        lapsed = [entry for entry in customer.entries.values() if lapses_at(entry) <= now]
        noticed = [entry for entry in lapsed if entry.waiting and entry.noticed_at is None]
        self.mails.send(Outgoing.of(self._notice(customer, entry).content()) for entry in noticed)
        self.count("LastNotices", len(noticed))
        over = [entry.entry_id for entry in lapsed if entry not in noticed]
        if over:
            self.closing.close(address, over, Counts())
        self.noticing.given(address, [entry.entry_id for entry in noticed])

    def _notice(self, customer: Customer, entry: Entry) -> MailJob:
        """Make the mail that says that an entry ends. It is the same each time it is made before it is sent."""
        lapsed = lapses_at(entry)
        about = notice_reference(customer, entry)
        return MailJob(
            job_id=notice_job(entry),
            kind="last_notice",
            locale=entry.locale,
            data={
                "sku": about.sku,
                "skus": list(entry.skus),
                "mine_url": self.links.url("mine"),
                "leave_url": self.links.url("leave"),
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
        )
