"""The panel of the demo's ERP: it puts stock, orders and delays on Standby's queues, and shows the mails after them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from infra.local.client import Client, stock_level
from infra.local.shop.cart import Cart
from infra.local.shop.checkout import CHANNEL, CURRENCY, Attempt, Checkout, WrongError, money
from infra.local.shop.goods import by_name
from infra.local.shop.standby import Standby

SHOWN_SKUS = ("KETTLE-RED", "LAMP-PAPER", "SHIRT-RED-M", "UMBRELLA-RED", "SNEAKERS-CHALK-42", "CHAIR-NAVY")
DELIVERED = 12
LATER_DAYS = 5
SHOWN_MAILS = 6
MOST_UNITS = 1_000_000
LINK = re.compile(r"https?://\S+?/v1/(?:waitlist/confirm|track|remedies|offers|preorders)[^\s<>\"]+")
RULE: Mapping[str, Any] = {
    "name": CHANNEL,
    "when": {"channels": [CHANNEL]},
    "levels": [
        {
            "days_late": 2,
            "choice": {
                "remedies": [
                    {"kind": "percent_off", "percent": 10, "amount": money(1_000)},
                    {"kind": "voucher", "amount": money(2_000)},
                    {"kind": "free_shipping", "amount": money(2_500)},
                ]
            },
        }
    ],
}
BUDGET = {"amount": 1_000_000, "currency": CURRENCY}


@dataclass(frozen=True)
class Panel:
    """What a person can let the ERP do."""

    standby: Standby
    checkout: Checkout

    @property
    def client(self) -> Client:
        """The shop's side of the local AWS."""
        return self.standby.client()

    def stock(self, sku: str, units: int, location_id: str) -> bool:
        """Say what lies at a location. Tells whether the shop has such a SKU."""
        if by_name().get(sku, (None, None))[1] is None:
            return False
        level = stock_level(sku, max(0, min(units, MOST_UNITS)), self.client.now(), location_id)
        self.client.send("StockUpdates", [level])
        return True

    def order(self, email: str, locale: str, cart: Cart) -> Attempt:
        """Sell a cart, as the shop's own pages would. Raises `WrongError` and `DownError`."""
        if not cart:
            raise WrongError("cart.empty")
        attempt = self.checkout.hold(email, locale, cart)
        self.checkout.pay(attempt, "")
        return attempt

    def says(self, attempt: Attempt, kind: str) -> None:
        """Say that an order comes later, was shipped, or was delivered."""
        if kind == "order.eta" and attempt.until:
            self.client.give_for_delays(RULE, BUDGET)
            eta = (attempt.until + timedelta(days=LATER_DAYS)).isoformat()
            self.client.says(kind, attempt.order_id, eta=eta, cause="carrier")
        elif kind == "order.shipped":
            self.client.says(kind, attempt.order_id, shipment_id="1", carrier="Alon")
        else:
            self.client.says("order.delivered", attempt.order_id, shipment_id="1")
        attempt.said = kind

    def sellable(self, locale: str) -> dict[str, dict[str, Any]]:
        """Return the badges of the SKUs that the panel shows."""
        return self.standby.badges("sku", SHOWN_SKUS, locale)

    def mails(self) -> list[dict[str, Any]]:
        """Return the newest mails, newest first, each with the link that its reader is to follow, if any."""
        newest = self.client.mails(max(0, self.client.sent() - SHOWN_MAILS))
        shown = []
        for mail in reversed(newest):
            link = LINK.search(self.client.text(mail))
            shown.append({"number": mail.number, "to": mail.to, "subject": mail.subject, "link": link and link.group()})
        return shown
