"""Signed links that let whoever brings them pre-order before the campaign opens to all.

A link is kept nowhere: its token says which campaign of which SKU it opens, and of how many units. What was reserved by
one that says so is counted as what a customer reserves is, under the link's name.
"""

from collections.abc import Callable
from datetime import datetime
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from standby.platform.clock import Clock, from_text, to_text
from standby.platform.frozen import frozen
from standby.preorder.model import Campaign, RefusedError

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens
    from standby.preorder.counter_model import Counter

PURPOSE = "early"
ID_BYTES = 9
SKU, NUMBER, ID, UNITS = "s", "n", "i", "u"
"""The fields of a token's subject: the campaign's SKU and number, the link's id, how many units it is for."""


class Link(NamedTuple):
    """A link that was made."""

    token: str
    expires_at: str


class Bound(NamedTuple):
    """How much may be reserved by a link."""

    name: str
    """Of the counter of what was."""
    units: int


class Campaigns(Protocol):
    """Where campaigns are kept."""

    def campaign(self, sku: str) -> "tuple[Campaign | None, list[Counter]]":
        """Return a SKU's campaign and its counters."""
        ...


@frozen()
class EarlyLinks:
    """Makes and reads the links."""

    campaigns: Campaigns
    tokens: "Callable[[], Tokens]"
    clock: Clock

    def make(self, sku: str, expires_at: str | None, units: int | None) -> Link | None:
        """Return a new link to a SKU's campaign; ``None``: it never had one.

        It lives until ``expires_at`` (RFC 3339), at the longest until the campaign opens to all. Raises `RefusedError`.
        """
        from standby.platform.tokens import LONGEST_LIFE  # noqa: PLC0415 - signs seldom, and costs a cold start

        campaign, _ = self.campaigns.campaign(sku)
        if campaign is None:
            return None
        now = self.clock.now()
        _check(campaign, now)
        ends = [campaign.terms.opens_at, to_text(now + LONGEST_LIFE), *([expires_at] if expires_at else ())]
        until = from_text(min(ends)).replace(microsecond=0)
        if until <= now:
            raise RefusedError("malformed", "expires_at: must lie ahead")
        subject: dict[str, Any] = {SKU: sku, NUMBER: campaign.number, ID: token_urlsafe(ID_BYTES)}
        if units is not None:
            subject[UNITS] = units
        return Link(self.tokens().issue(PURPOSE, subject, now=now, lifetime=until - now), to_text(until))

    def bound(self, token: str, campaign: Campaign, now: datetime) -> Bound | None:
        """Return how much may be reserved by a link that opens a campaign; ``None``: as much as by anybody.

        Raises `RefusedError` for a link that does not open it.
        """
        from standby.platform.tokens import TokenError, TokenExpiredError  # noqa: PLC0415 - few have a link

        try:
            subject = self.tokens().read(PURPOSE, token, now=now)
        except TokenExpiredError as error:
            raise RefusedError("access-expired", "access_token: the link's time is over") from error
        except TokenError as error:
            raise RefusedError("access-unknown", "access_token: the link is not one of ours") from error
        if (subject[SKU], subject[NUMBER]) != (campaign.sku, campaign.number):
            raise RefusedError("access-elsewhere", f"access_token: the link opens no campaign of {campaign.sku} now")
        units = subject.get(UNITS)
        return None if units is None else Bound(f"link#{subject[ID]}", units)


def _check(campaign: Campaign, now: datetime) -> None:
    """Check that links to a campaign are of use. Raises `RefusedError`."""
    early, status = campaign.terms.early_access, campaign.status(now)
    if early is None or not early.links:
        raise RefusedError("no-links", "the campaign's early_access does not say that links open it")
    if status != "scheduled":
        raise RefusedError(f"campaign-{status}", f"{campaign.sku}: the campaign is {status}, and no link is of use")
