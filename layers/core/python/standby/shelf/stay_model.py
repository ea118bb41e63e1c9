"""When a SKU came back: it could be bought once, then could not, and can be bought again (features.md A9).

All instants are the ledger's (`Supply.as_of`), so that the same changes give the same answer however often and in
whichever order they are heard. What is there for the first time is new, and did not come back.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from standby.platform.frozen import frozen

AT_ONCE = timedelta()


@frozen(kw_only=True)
class Stay:
    """Since when a SKU is there again, or is gone."""

    had: bool = False
    """It could be bought once. What was written before this was kept counts from its next sale on."""
    gone_at: str = ""
    """Since when it cannot be bought, where it could be before; empty while it can."""
    back_at: str = ""
    """When it came back last; empty: it never did."""

    def after(self, *, before: bool, now: bool, at: str, least_away: timedelta) -> "Stay":
        """Return it after the numbers changed at an instant; ``before`` and ``now`` tell whether it could be bought.

        What was away for less than ``least_away`` did not come back: the last unit was in a cart that was left. Then it
        is as if it had not been away.
        """
        if now:
            stayed = before or not self.had or not self.gone_at or _between(self.gone_at, at) < least_away
            return replace(self, had=True, gone_at="", back_at=self.back_at if stayed else at)
        return replace(self, had=True, gone_at=at) if before else self


def _between(begin: str, end: str) -> timedelta:
    """Return how much later an instant is; nothing where one of them is not known."""
    if not begin or not end:
        return AT_ONCE
    return datetime.fromisoformat(end) - datetime.fromisoformat(begin)
