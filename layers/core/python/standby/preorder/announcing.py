"""What others are told of campaigns: that one was opened, changed or closed, and how many units remain.

Counters are many, and what they hold changes with each reservation, so it is not told each time. Whoever changes it
asks for a look; a look reads campaign and counters, and tells only where what was told last is no longer true, or far
too little (`worth_telling`). Each telling has a number, which is written on the condition that nobody told since this
look began. So a higher number was read later, whoever is late, and listeners ignore lower ones. A telling is owed until
it was published: who dies before that leaves it to the sweep.

A campaign that follows incoming goods has no number of its own that remains; the ledger tells of that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from standby.events.preorder import CampaignChanged
from standby.platform.backoff import Backoff
from standby.platform.bus import Bus
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.preorder.counter_model import Counter
from standby.preorder.model import Campaign, Told, coarse, worth_telling
from standby.preorder.repository import ChangedMeanwhileError

LOOK = "campaign"
"""The field by which a message is known that asks for a look at a SKU's campaign; ``anew``: tell it in any case."""
PROMISES = "promises"
"""The field by which a message is known that asks for a page of a SKU's line (`standby.preorder.promising`)."""
RETELL = "retell"
"""The field by which a message is known that has all ``campaigns`` told anew."""


class Campaigns(Protocol):
    """Where campaigns are kept, and what was told of them. Writes raise `ChangedMeanwhileError`."""

    def looked(self, sku: str) -> tuple[Campaign | None, list[Counter], Told]:
        """Return a SKU's campaign, its counters, and what was told of it."""
        ...

    def tells(self, sku: str, told: Told, *, was: Told) -> None:
        """Write what is going to be told, on the condition that nobody told or asked meanwhile."""
        ...

    def has_told(self, sku: str, told: Told) -> None:
        """Write that it was told, on the condition that nobody told or asked meanwhile."""
        ...

    def campaign_skus(self, after: str | None) -> tuple[list[str], str | None]:
        """Return SKUs that have campaigns, and where the next page begins; ``None`` behind the last."""
        ...


class Credits(Protocol):
    """What campaigns are owed ahead."""

    def recall(self, sku: str, number: int, counters: Sequence[Counter]) -> None:
        """Give back to the ledger what nobody reserved of these counters."""
        ...


@frozen(kw_only=True)
class CampaignTeller:
    """Looks at campaigns and publishes what changed. What is owed ahead to one that ended goes back."""

    campaigns: Campaigns
    credits: Credits
    bus: Bus
    records: Queue
    clock: Clock
    backoff: Backoff

    def look(self, sku: str, *, anew: bool = False) -> None:
        """Look at a SKU's campaign and tell what is worth it, or in any case. Raises `BusyError`."""
        for _ in self.backoff.tries(f"campaign {sku}"):
            campaign, counters, was = self.campaigns.looked(sku)
            if campaign is None:
                return
            if campaign.short or was.owed:  # some may have a day again, or another one: the shop moves its release
                self.records.send([Outgoing.of({PROMISES: sku, "after": None, "before": 0})])
            if to_text(self.clock.now()) >= campaign.ends_at:
                self.credits.recall(sku, campaign.number, counters)
            left = None if campaign.terms.capacity is None else max(0, sum(each.left for each in counters))
            if not (anew or was.owed or worth_telling(was.units, left)):
                return
            told = was._replace(looks=was.looks + 1, units=None if left is None else coarse(left))
            try:
                self.campaigns.tells(sku, told, was=was)
                self.bus.publish([_event(campaign, told, self.clock.now())])
                self.campaigns.has_told(sku, told)
            except ChangedMeanwhileError:
                continue
            return

    def retell(self, job: Mapping[str, Any]) -> None:
        """Have a page of all campaigns told anew, and ask for the next. Raises `PoisonError` for any other job."""
        match job:
            case {"retell": "campaigns", "after": str() | None as after}:
                skus, following = self.campaigns.campaign_skus(after)
            case {"retell": "campaigns"} if "after" not in job:
                skus, following = self.campaigns.campaign_skus(None)
            case _:
                raise PoisonError("retell: asks for no page of campaigns")
        jobs: list[Mapping[str, Any]] = [{LOOK: sku, "anew": True} for sku in skus]
        if following is not None:
            jobs.append({RETELL: "campaigns", "after": following})
        self.records.send([Outgoing.of(each) for each in jobs])


def looks(skus: Sequence[str], *, delay_seconds: int = 0) -> list[Outgoing]:
    """Return the messages that ask for looks at the campaigns of SKUs."""
    return [Outgoing.of({LOOK: sku}, delay_seconds=delay_seconds) for sku in skus]


def _event(campaign: Campaign, told: Told, now: datetime) -> CampaignChanged:
    terms = campaign.terms
    return CampaignChanged(
        id=f"{campaign.sku}@{told.looks}:CampaignChanged",
        at=to_text(now),
        sku=campaign.sku,
        edition=told.looks,
        kind=terms.kind,
        opens_at=terms.opens_at,
        release_on=terms.release_on,
        promised_until=campaign.promised_until,
        price={"amount": terms.price.amount, "currency": terms.price.currency},
        closes_at=campaign.ends_at,
        early_opens_at=None if terms.early_access is None else terms.early_access.opens_at,
        number=campaign.number,
        early_for_waitlist=terms.early_access is not None and terms.early_access.waitlist,
        remaining=told.units,
        limit_per_customer=terms.limit_per_customer,
    )
