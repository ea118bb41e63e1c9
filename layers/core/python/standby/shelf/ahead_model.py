"""What the shop sells before it is there: a SKU's campaign as the shelf knows it, open and closed by the clock."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from standby.platform.frozen import frozen

Ahead = Literal["PreOrder", "BackOrder"]
PRE_ORDER: Ahead = "PreOrder"
BACK_ORDER: Ahead = "BackOrder"
AHEAD = frozenset({PRE_ORDER, BACK_ORDER})
"""What can be ordered and is not there yet."""
STATUS_OF: Mapping[str, Ahead] = {"preorder": PRE_ORDER, "backorder": BACK_ORDER}
"""What schema.org calls a kind of campaign."""
BETWEEN_PARTS = ","


class Window(NamedTuple):
    """From when until when a SKU can be ordered ahead, and as what. Instants are RFC 3339 in UTC, to milliseconds."""

    status: Ahead
    opens_at: str
    closes_at: str = ""
    """Empty: it closes by no clock."""

    def is_open(self, at: str) -> bool:
        """Tell whether it is open at an instant."""
        return self.opens_at <= at and not self.is_over(at)

    def is_over(self, at: str) -> bool:
        """Tell whether it will never be open again."""
        return self.closes_at != "" and self.closes_at <= at

    @property
    def text(self) -> str:
        """Return it as one text, which has no tab."""
        return BETWEEN_PARTS.join(self)

    @classmethod
    def of(cls, text: str) -> "Window":
        """Read what `text` wrote. Raises ``ValueError`` for anything else."""
        status, opens_at, closes_at = text.split(BETWEEN_PARTS)
        return cls(PRE_ORDER if status == PRE_ORDER else BACK_ORDER, opens_at, closes_at)


@frozen(kw_only=True)
class Campaign:
    """What pre-orders say of a SKU. ``edition`` 0: they never named it."""

    edition: int = 0
    status: Ahead = PRE_ORDER
    """What it is while it is open and has units."""
    opens_at: str = ""
    """From when on everybody may order."""
    closes_at: str = ""
    """Empty: it closes by no clock."""
    early_opens_at: str = ""
    """From when on those with early access may; empty: nobody has it."""
    release_on: str = ""
    """A day, a month or a period, as the shop said it."""
    promised_until: str = ""
    """Its last day."""
    remaining: int | None = 0
    """Units, or some fewer. ``None``: as many as purchase orders promise and nobody has a right to."""
    limit: int | None = None
    """Units for one customer."""
    price: Mapping[str, Any] | None = None

    @property
    def window(self) -> Window:
        """Return when it is open."""
        return Window(self.status, self.opens_at, self.closes_at)
