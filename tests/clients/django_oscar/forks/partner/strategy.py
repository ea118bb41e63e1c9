"""What can be bought. The shop's own numbers come first; what is sold out may still be ordered ahead, at Standby."""

from datetime import date
from typing import Any

from care import api
from care.holding import AHEAD
from django.http import HttpRequest
from django.utils import formats
from oscar.apps.partner import availability, strategy


class Preorder(availability.Base):
    """Sold out, but ordered ahead until as many as the campaign has are taken."""

    code = AHEAD

    def __init__(self, badge: dict[str, Any]) -> None:
        self.left: int | None = badge["units_left"]
        self.label, self.back_on = str(badge["label"]), badge["back_on"]

    @property
    def short_message(self) -> str:
        """What a listing says."""
        return self.label

    @property
    def message(self) -> str:
        """What a product's page says."""
        if not self.back_on:
            return self.label
        return f"{self.label}: with you by {formats.date_format(date.fromisoformat(self.back_on), 'j F Y')}"

    def is_purchase_permitted(self, quantity: int) -> tuple[bool, str]:
        """Tell whether so many may be ordered; the checkout asks again, for good."""
        if self.left is not None and quantity > self.left:
            return False, f"a maximum of {self.left} can be ordered ahead"
        return True, ""


class Selector(strategy.Selector):  # type: ignore[misc]
    """Chooses this shop's strategy for everybody."""

    def strategy(self, request: HttpRequest | None = None, user: object = None, **_more: object) -> "Strategy":
        """Return the strategy."""
        return Strategy(request)


class Strategy(strategy.Default):  # type: ignore[misc]
    """As django-oscar has it, and what Standby takes pre-orders of."""

    def availability_policy(self, product: Any, stockrecord: Any) -> Any:
        """Return the policy of a product."""
        own = super().availability_policy(product, stockrecord)
        if stockrecord and not own.is_available_to_buy:
            badge = api.badge(stockrecord.partner_sku)
            if AHEAD in badge.get("actions", ()):
                return Preorder(badge)
        return own
