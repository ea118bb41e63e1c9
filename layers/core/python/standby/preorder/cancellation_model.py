"""Shops that cancel what they sold ahead: asked for, looked at, decided."""

from datetime import timedelta
from typing import Literal

from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen

CancellationStatus = Literal["waiting", "cancelling", "cancelled", "rejected"]
MARGIN = timedelta(minutes=1)
"""Whoever stands so long behind the decision reserved of another campaign. Clocks differ."""


@frozen(kw_only=True)
class Cancellation:
    """The newest wish to cancel all that is in line for a SKU."""

    sku: str
    status: CancellationStatus
    asked_at: str
    asked_by: str
    """Who, by the name of the key, or ``catalogue``: the product does not come back."""
    version: int = 1
    """Rises with each change; guards against a second writer."""
    product_edition: int = 0
    """Of the newest word of the catalogue that asked for it; an older one asks for nothing more."""
    decided_at: str | None = None
    decided_by: str | None = None
    ended_at: str | None = None
    campaign: int = 0
    """The number of the SKU's newest campaign that was cancelled, by this wish or one before it; 0: none was."""

    @property
    def open(self) -> bool:
        """Whether it is not decided, or not done."""
        return self.status in {"waiting", "cancelling"}

    def concerns(self, campaign: int | None) -> bool:
        """Tell whether what was reserved of a campaign, by its number, is cancelled."""
        return campaign is not None and campaign <= self.campaign

    def reaches(self, place: str) -> bool:
        """Tell whether somebody whom it concerns may stand behind a place in line, by its key."""
        return self.decided_at is not None and place <= to_text(from_text(self.decided_at) + MARGIN)


class DecidedError(Exception):
    """It was decided otherwise."""
