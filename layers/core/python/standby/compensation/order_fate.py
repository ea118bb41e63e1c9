"""What became of an order that may have taken vouchers: whether it stands, or came to nothing.

Of most orders nothing is kept: only of those that were cancelled whole, or whose payment failed. Events come in any
order; the edition of the order in each says which of two is the newer one.
"""

from dataclasses import replace

from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.platform.frozen import frozen

OfOrder = OrderPlaced | OrderShipped | OrderCancelled
NEVER = -1


@frozen(kw_only=True)
class Fate:
    """Of one order. Each number is the newest edition of the order that said so."""

    order_id: str
    edition: int = 0
    """Rises with each write. 0: not in the table."""
    cancelled: int = NEVER
    shipped: int = NEVER
    failed: int = NEVER
    """Its payment failed."""
    paying: int = NEVER
    """Its payment did not fail, or not yet."""

    @property
    def over(self) -> bool:
        """Tell whether it came to nothing."""
        return max(self.cancelled, self.failed if self.failed > self.paying else NEVER) > self.shipped

    def after(self, event: OfOrder) -> "Fate":
        """Return it after an event; the same where that says nothing new."""
        said = event.edition or 0
        match event:
            case OrderShipped():
                fate = replace(self, shipped=max(said, self.shipped))
            case OrderCancelled(came_to_nothing=True):
                fate = replace(self, cancelled=max(said, self.cancelled))
            case OrderPlaced(payment_failed=True):
                fate = replace(self, failed=max(said, self.failed))
            case OrderPlaced():
                fate = replace(self, paying=max(said, self.paying))
            case _:
                return self
        return self if fate == self else fate
