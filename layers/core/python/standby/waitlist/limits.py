"""A limit on the sign-ups of one caller, so that a stranger cannot use our mails to bother others."""

import hashlib
from typing import Protocol

from standby.platform.caller import household
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.kept import SIGN_UPS

SECONDS = 60


class Joins(Protocol):
    """Counts sign-ups."""

    def joins_from(self, ip: str, minute: str, expires: int) -> int:
        """Count one more from an IP's key in this minute and return how many there were."""
        ...


@frozen()
class JoinLimit:
    """Allows ``per_minute`` sign-ups a minute from one IPv4 address or one IPv6 /64; 0 means no limit."""

    joins: Joins
    per_minute: int
    clock: Clock

    def seconds_to_wait(self, ip: str) -> int:
        """Count a sign-up; return 0 when it may go on, else the seconds until the next minute."""
        if not self.per_minute:
            return 0
        now = self.clock.now()
        key = hashlib.sha256(household(ip).encode()).hexdigest()[:32]
        made = self.joins.joins_from(key, now.strftime("%Y-%m-%dT%H:%M"), int((now + SIGN_UPS).timestamp()))
        return SECONDS - now.second if made > self.per_minute else 0
