"""Whom a smaller quantity may pass: ``allocation: fill`` (design §5.2).

A campaign that fills gives what is there to those whom it serves wholly, and lets others wait for what is on its way.
Nobody loses a day by that: who is passed must have a day still, and what purchase orders bring by then must make up for
all who were passed so far. Where that does not hold, the line is strict. Whom an operator put in front nobody passes.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from standby.ledger.supply import SkuSupply
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.preorder.counter_model import Counter
from standby.preorder.model import Campaign, Place, Reservation
from standby.preorder.priority_model import is_prioritised

MayPass = Callable[[Place, int], bool]
"""Tells whether somebody in line may be passed, so that so many units are lacking in all for those who were."""


class Preorders(Protocol):
    """Where campaigns and reservations are kept."""

    def campaign(self, sku: str) -> tuple[Campaign | None, Sequence[Counter]]:
        """Return a SKU's campaign and its counters."""
        ...

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...


class Supply(Protocol):
    """What there is of SKUs."""

    def supply(self, sku: str) -> SkuSupply:
        """Return a SKU's numbers and its purchase orders' lines."""
        ...


@frozen(kw_only=True)
class Filling:
    """Knows the campaigns that fill."""

    preorders: Preorders
    supply: Supply
    clock: Clock
    time_zone: str

    def rule(self, sku: str) -> MayPass:
        """Return who may be passed in the line for a SKU. It is looked up when it is asked first."""
        rule: list[MayPass] = []

        def may_pass(place: Place, units: int) -> bool:
            if not rule:
                rule.append(self._rule(sku))
            return rule[0](place, units)

        return may_pass

    def _rule(self, sku: str) -> MayPass:
        campaign, _ = self.preorders.campaign(sku)
        if campaign is None or campaign.terms.allocation != "fill":
            return nobody
        from zoneinfo import ZoneInfo  # noqa: PLC0415 - few campaigns fill, and loading it costs a cold start

        today = self.clock.now().astimezone(ZoneInfo(self.time_zone)).date().isoformat()
        found = self.supply.supply(sku)
        coming = [(order.eta, order.open) for order in found.lines if order.eta and order.eta >= today]
        stock, at = found.stock, to_text(self.clock.now())
        here = 0 if stock is None else stock.incoming - stock.sure(at)  # perhaps: a level came before its receipt

        def may_pass(place: Place, units: int) -> bool:
            if is_prioritised(place.key):
                return False
            known = self.preorders.reservation(place.reservation_id)
            day = next((line.promised_until for line in known.lines if line.sku == sku), None) if known else None
            return day is not None and day >= today and sum(many for eta, many in coming if eta <= day) - here >= units

        return may_pass


def nobody(_place: Place, _units: int) -> bool:
    """Let nobody be passed."""
    return False
