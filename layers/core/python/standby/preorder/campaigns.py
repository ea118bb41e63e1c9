"""What operators do with campaigns: open, change, look at, close (design §5.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from standby.ledger.model import SkuStock
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.platform.queue import Queue
from standby.preorder.announcing import looks
from standby.preorder.counter_model import Counter, shares
from standby.preorder.credits import Credits
from standby.preorder.model import MOST_PRICES, Campaign, EarlyAccess, Money, RefusedError, Terms
from standby.preorder.pricing import Priced, carried
from standby.preorder.release_model import OVER_EVERYWHERE, last_day
from standby.preorder.repository import ChangedMeanwhileError

if TYPE_CHECKING:
    from standby.preorder.answers import CampaignShown

ATTEMPTS = 5
UNSAID = ""
"""Stands for the opening of a campaign whose operator names none: a new one opens at once, another keeps its own."""
LONGEST_AHEAD = timedelta(days=3 * 366)
"""A release or an opening further ahead is a slip of the pen."""


class Campaigns(Protocol):
    """Where campaigns are kept. Writes raise `ChangedMeanwhileError`."""

    def campaign(self, sku: str) -> tuple[Campaign | None, list[Counter]]:
        """Return a SKU's campaign and its counters."""
        ...

    def begin(self, campaign: Campaign) -> None:
        """Write a SKU's new campaign with its counters."""
        ...

    def change(self, campaign: Campaign, moved: Sequence[tuple[int, int]] = ()) -> None:
        """Write what changed of a campaign, and by how much what remains of each counter changes."""
        ...

    def close(self, campaign: Campaign) -> None:
        """Write that a campaign is closed."""
        ...


class Ledger(Protocol):
    """The numbers of SKUs."""

    def stock(self, sku: str) -> SkuStock | None:
        """Return a SKU's numbers, ``None`` when the ERP never named it."""
        ...


@frozen()
class CampaignDesk:
    """Opens, changes, shows and closes campaigns."""

    campaigns: Campaigns
    ledger: Ledger
    credits: Credits
    records: Queue
    """Where it is asked that a campaign is looked at which was changed."""
    clock: Clock

    def put(self, sku: str, terms: Terms) -> tuple["CampaignShown", bool]:
        """Open a SKU's campaign or change the one that is there, and tell whether it is a new one.

        What is so already is neither written nor told again. Raises `RefusedError`, and `ChangedMeanwhileError` where
        others kept changing it.
        """
        for attempt in range(ATTEMPTS):
            try:
                return self._put(sku, terms)
            except ChangedMeanwhileError:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError

    def show(self, sku: str) -> "CampaignShown | None":
        """Return a SKU's campaign and how much of it is sold, ``None`` where there never was one."""
        campaign, counters = self.campaigns.campaign(sku)
        return None if campaign is None else self._shown(campaign, counters)

    def close(self, sku: str) -> "CampaignShown | None":
        """Close a SKU's campaign: nothing more is reserved, and who reserved keeps it. Repeating changes nothing."""
        for attempt in range(ATTEMPTS):
            campaign, counters = self.campaigns.campaign(sku)
            if campaign is None or campaign.closed_at is not None:
                break
            try:
                closed = replace(campaign, closed_at=to_text(self.clock.now()), edition=campaign.edition + 1)
                self.campaigns.close(closed)
            except ChangedMeanwhileError:
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                campaign = closed
                break
        if campaign is None:
            return None
        self.credits.recall(sku, campaign.number, counters)
        self.records.send(looks([sku]))
        return self._shown(campaign, counters)

    def _put(self, sku: str, terms: Terms) -> tuple["CampaignShown", bool]:
        now = self.clock.now()
        stock = self.ledger.stock(sku)
        if stock is not None and stock.kit is not None:
            raise RefusedError("kit", f"{sku} is a kit, and a campaign sells no kits: open one for what it is made of")
        campaign, counters = self.campaigns.campaign(sku)
        if campaign is None or campaign.status(now) == "closed":
            terms = replace(terms, opens_at=terms.opens_at or to_text(now))
            _check_times(terms, now)
            number, edition = (1, 1) if campaign is None else (campaign.number + 1, campaign.edition + 1)
            before = () if campaign is None else carried(campaign.prices)
            prices = [*before, _price(terms, number, now)]
            since = 0 if campaign is None else _counts_from(campaign, now)
            made = Campaign(sku=sku, number=number, terms=terms, edition=edition, prices=prices, counts_from=since)
            self.campaigns.begin(made)
            self.records.send(looks([sku]))
            new = [Counter(n, left, 0, 0) for n, left in enumerate(shares(terms.capacity or 0, terms.shards))]
            return self._shown(made, new), True
        terms = replace(terms, opens_at=terms.opens_at or campaign.terms.opens_at)
        if terms == campaign.terms:
            return self._shown(campaign, counters), False
        _check_change(campaign, terms, now)
        more = (terms.capacity or 0) - (campaign.terms.capacity or 0)
        if more < 0 and any(each.credit for each in counters):
            self.credits.recall(sku, campaign.number, counters)
            _, counters = self.campaigns.campaign(sku)
        moved = _moved(more, counters)
        priced = [*campaign.prices]
        if terms.price != campaign.terms.price:
            priced.append(_price(terms, campaign.number, now))
        if sum(each.campaign == campaign.number for each in priced) > MOST_PRICES:
            raise RefusedError("too-many-prices", f"a campaign has at most {MOST_PRICES} prices; close it")
        made = replace(campaign, terms=terms, edition=campaign.edition + 1, prices=priced)
        self.campaigns.change(made, moved)
        self.records.send(looks([sku]))
        by = dict(moved)
        after = [each._replace(remaining=each.remaining + by.get(each.shard, 0)) for each in counters]
        return self._shown(made, after), False

    def _shown(self, campaign: Campaign, counters: Sequence[Counter]) -> "CampaignShown":
        terms, now = campaign.terms, self.clock.now()
        left = covered = sum(counter.left for counter in counters)
        if terms.capacity is None:
            stock = self.ledger.stock(campaign.sku)
            left = promised(stock, to_text(now))
            covered = left + stock.received(to_text(now)) if stock else 0
        early = terms.early_access
        return {
            "sku": campaign.sku,
            "kind": terms.kind,
            "capacity": "incoming" if terms.capacity is None else terms.capacity,
            "limit_per_customer": terms.limit_per_customer,
            "opens_at": terms.opens_at,
            "closes_at": terms.closes_at,
            "release_on": terms.release_on,
            "promised_until": campaign.promised_until,
            "price": terms.price.shown(),
            "price_guarantee": terms.price_guarantee,
            "incentive": dict(terms.incentive),
            "deposit": None if terms.deposit is None else terms.deposit.shown(),
            "early_access": None
            if early is None
            else {
                "opens_at": early.opens_at,
                "tiers": list(early.tiers),
                "waitlist": early.waitlist,
                "links": early.links,
            },
            "allocation": terms.allocation,
            "pay": terms.pay,
            "checkout_hours": terms.checkout_hours,
            "hold_minutes": terms.hold_minutes,
            "shards": terms.shards,
            "expected_per_second": terms.expected_per_second,
            "status": campaign.status(now),
            "reserved": sum(counter.reserved for counter in counters),
            "confirmed": sum(counter.confirmed for counter in counters),
            "remaining": max(0, left),
            "overcommitted": max(0, -covered),
            "closed_at": campaign.closed_at,
            "version": campaign.edition,
        }


def promised(stock: SkuStock | None, at: str) -> int:
    """Return the units that can be promised: what is free and what purchase orders bring. Below 0: too many were.

    What may be counted as both at that moment (RFC 3339) is promised once. What was received and is in no level yet is
    promised to nobody else, and covers who reserved already.

    Safety stock and what is owed are taken off already.
    """
    return 0 if stock is None else stock.free + stock.sure(at)


def terms_of(body: Mapping[str, Any]) -> Terms:
    """Read a campaign that its schema accepted. Raises ``ValueError`` with what is wrong."""
    early = body.get("early_access")
    deposit = body.get("deposit")
    capacity = body["capacity"]
    try:
        last_day(body["release_on"])
    except ValueError as error:
        message = f"release_on: {error}"
        raise ValueError(message) from error
    said = {name: body[name] for name in ("limit_per_customer", "price_guarantee", "allocation", "pay") if name in body}
    more = ("checkout_hours", "hold_minutes", "shards", "expected_per_second")
    said |= {name: body[name] for name in more if name in body}
    return Terms(
        kind=body["kind"],
        capacity=None if capacity == "incoming" else capacity,
        release_on=body["release_on"],
        price=Money(**body["price"]),
        opens_at=_instant("opens_at", body.get("opens_at")) or UNSAID,
        closes_at=_instant("closes_at", body.get("closes_at")),
        incentive=body.get("incentive") or {},
        deposit=None if deposit is None else Money(**deposit),
        early_access=None
        if early is None
        else EarlyAccess(
            opens_at=_instant("early_access.opens_at", early["opens_at"]) or "",
            tiers=tuple(early.get("tiers", ())),
            waitlist=early.get("waitlist", False),
            links=early.get("links", False),
        ),
        **said,
    )


def _counts_from(former: Campaign, now: datetime) -> int:
    """Return since which campaign a customer's units count for the limit of the next one; 0: since that one.

    One that is opened before the release of the former is over sells the same goods, so what was reserved of it counts.
    """
    return 0 if to_text(now) >= former.over_at else former.counts_from or former.number


def _price(terms: Terms, number: int, now: datetime) -> Priced:
    """Return what a campaign costs from now on."""
    return Priced(to_text(now), terms.price.amount, terms.price.currency, last_day(terms.release_on), number)


def _instant(name: str, text: str | None) -> str | None:
    try:
        return None if text is None else to_text(from_text(text))
    except ValueError as error:
        message = f"{name}: {error}"
        raise ValueError(message) from error


def _check_times(terms: Terms, now: datetime) -> None:
    """Check a new campaign. Raises `RefusedError`."""
    if terms.closes_at is not None and terms.closes_at <= max(terms.opens_at, to_text(now)):
        raise RefusedError("malformed", "closes_at: must lie behind opens_at, and ahead")
    early = terms.early_access
    if early is not None and not (early.tiers or early.waitlist or early.links):
        raise RefusedError("malformed", "early_access: names neither tiers nor the waitlist nor links")
    if early is not None and early.opens_at >= terms.opens_at:
        raise RefusedError("malformed", "early_access.opens_at: must lie before opens_at")
    if terms.opens_at[:10] > last_day(terms.release_on):
        raise RefusedError("malformed", "opens_at: must not lie behind release_on")
    if last_day(terms.release_on) <= to_text(now - OVER_EVERYWHERE)[:10]:
        raise RefusedError("malformed", "release_on: is over")
    if max(last_day(terms.release_on), terms.opens_at[:10]) > to_text(now + LONGEST_AHEAD)[:10]:
        raise RefusedError("malformed", f"release_on, opens_at: must lie within {LONGEST_AHEAD.days} days")
    if terms.deposit is not None and (
        terms.deposit.currency != terms.price.currency or terms.deposit.amount > terms.price.amount
    ):
        raise RefusedError("malformed", "deposit: must be in the price's currency, and not above it")


def _check_change(campaign: Campaign, terms: Terms, now: datetime) -> None:
    """Check what a campaign becomes. Raises `RefusedError`."""
    before = campaign.terms
    if terms.shards != before.shards:
        raise RefusedError("fixed", f"shards: {before.shards} as long as the campaign lasts")
    if (terms.capacity is None) != (before.capacity is None):
        raise RefusedError("fixed", "capacity: close the campaign first to follow incoming goods, or no longer")
    if terms.price.currency != before.price.currency:
        raise RefusedError("fixed", f"price: in {before.price.currency} as long as the campaign lasts")
    _check_times(terms, now)


def _moved(change: int, counters: Sequence[Counter]) -> list[tuple[int, int]]:
    """Return by how much what remains of each counter changes. Raises `RefusedError` below what is reserved."""
    if change >= 0:
        return list(enumerate(shares(change, len(counters))))
    lacking = -change
    if sum(max(0, each.left) for each in counters) >= lacking > sum(max(0, each.remaining) for each in counters):
        raise ChangedMeanwhileError  # units were granted since they were called back
    if sum(max(0, each.remaining) for each in counters) < lacking:
        reserved = sum(each.reserved for each in counters)
        raise RefusedError("below-reserved", f"capacity: {reserved} units are reserved already")
    moved = []
    for each in sorted(counters, key=lambda counter: -counter.remaining):
        units = min(lacking, max(0, each.remaining))
        if units:
            moved.append((each.shard, -units))
            lacking -= units
    return moved
