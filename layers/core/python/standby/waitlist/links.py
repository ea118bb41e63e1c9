"""The signed links in the waitlist's mails."""

from collections.abc import Callable
from datetime import datetime, timedelta

from standby.platform.frozen import frozen
from standby.platform.tokens import A_YEAR, Tokens
from standby.waitlist.model import UNCONFIRMED_DAYS

CONFIRM_LIFETIME = timedelta(days=UNCONFIRMED_DAYS)
LEAVE_LIFETIME = A_YEAR
MINE_LIFETIME = timedelta(days=30)


@frozen()
class Links:
    """The links in mails: where they lead, and the signed ends that differ per recipient."""

    public_url: str
    tokens: Callable[[], Tokens]

    def url(self, page: str) -> str:
        """Return a link up to its token."""
        return f"{self.public_url}/v1/waitlist/{page}?token="

    def confirm(self, address: str, entry_id: str, now: datetime) -> str:
        """Return the token that confirms one entry."""
        return self.tokens().issue("confirm", {"a": address, "e": entry_id}, now=now, lifetime=CONFIRM_LIFETIME)

    def leave(self, address: str, now: datetime) -> str:
        """Return the token that ends all entries of an address."""
        return self.tokens().issue("leave", {"a": address}, now=now, lifetime=LEAVE_LIFETIME)

    def digest(self, address: str, now: datetime) -> str:
        """Return the token that ends the weekly list of an address."""
        return self.tokens().issue("digest", {"a": address}, now=now, lifetime=LEAVE_LIFETIME)

    def store_offers(self, address: str, now: datetime) -> str:
        """Return the token that ends the store offers of an address."""
        return self.tokens().issue("store_offers", {"a": address}, now=now, lifetime=LEAVE_LIFETIME)

    def mine(self, address: str, now: datetime) -> str:
        """Return the token that opens the entries of an address."""
        return self.tokens().issue("mine", {"a": address}, now=now, lifetime=MINE_LIFETIME)
