"""The checkout: units are set aside first, paid then, and the order goes to Standby as the ERP would say it.

Attempts and orders live in this process alone, as they would in a shop's own database.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from infra.local.shop.cart import Cart, total
from infra.local.shop.standby import Standby

CHANNEL = "shop"
CURRENCY = "ILS"
COUNTRY = "DE"
"""Where the demo's customers live: in Israel a voucher is advertising, which is mailed with their consent only."""
PROMISED_DAYS = 3
REMEMBERED = 200
CODE_FORM = re.compile(r"[A-Za-z0-9-]{4,40}")
PROBLEMS: Mapping[str, str] = {"/problems/limit-reached": "wrong.many"}
GONE, LATE, CODE = "wrong.gone", "wrong.late", "wrong.code"


class WrongError(Exception):
    """The customer has to hear this text."""


@dataclass
class Attempt:
    """A checkout on its way, or the order that it became. ``reservations`` are the answers of Standby."""

    number: str
    email: str
    locale: str
    cart: Cart
    reservations: list[dict[str, Any]] = field(default_factory=list)
    order_id: str = ""
    saved: int = 0
    until: date | None = None
    said: str = ""
    """What the ERP said last of the order."""

    @property
    def held_until(self) -> str:
        """The instant at which the first of its holds ends; empty where nothing is held."""
        return min((each["expires_at"] for each in self.reservations if each["expires_at"]), default="")

    @property
    def total(self) -> int:
        """What it costs, in agorot; what is ordered ahead has its campaign's price."""
        lines = [line for each in self.reservations for line in each["lines"]]
        prices: dict[str, int] = {line["sku"]: line["price"]["amount"] for line in lines if line["price"]}
        return sum(prices.get(sku, _price(sku)) * units for sku, units in self.cart.items())


@dataclass
class Checkout:
    """All attempts and orders of this shop, by their numbers."""

    standby: Standby
    attempts: dict[str, Attempt] = field(default_factory=dict)

    @property
    def orders(self) -> list[Attempt]:
        """The orders, newest first."""
        return [attempt for attempt in reversed(self.attempts.values()) if attempt.order_id]

    def hold(self, email: str, locale: str, cart: Cart) -> Attempt:
        """Set a cart aside for a customer. Raises `WrongError` and `DownError`."""
        lines = self.standby.checked(cart.items(), locale)
        if not all(line["can_be_had"] for line in lines):
            raise WrongError(GONE)
        attempt = Attempt(secrets.token_hex(6), email, locale, dict(cart))
        ahead = [line for line in lines if line["preorder"]]
        for kind, part in (("preorder", ahead), ("checkout", [line for line in lines if not line["preorder"]])):
            if part:
                self._reserve(attempt, kind, part)
        return self._kept(attempt)

    def taken(self, email: str, locale: str, reservation_id: str) -> Attempt:
        """Go on with what is set aside already, as an accepted offer is. Raises `WrongError` and `DownError`."""
        found = self.standby.reservation(reservation_id)
        if found is None or found["status"] != "held":
            raise WrongError(LATE)
        cart = {line["sku"]: line["quantity"] for line in found["lines"]}
        return self._kept(Attempt(secrets.token_hex(6), email, locale, cart, [found]))

    def pay(self, attempt: Attempt, code: str) -> None:
        """Turn an attempt into an order. Raises `WrongError` and `DownError`; repeating it is harmless."""
        if attempt.order_id:
            return
        order_id = f"A-{attempt.number.upper()}"
        if code and not CODE_FORM.fullmatch(code):
            raise WrongError(CODE)
        if code:
            worth = {"amount": attempt.total, "currency": CURRENCY}
            body = {"order_id": order_id, "order_total": worth, "customer": {"email": attempt.email}}
            taken, problem = self.standby.refused(f"/v1/vouchers/{code}/redeem", body, once=order_id)
            if problem:
                raise WrongError(CODE)
            attempt.saved = taken["value"]["amount"]
        for reservation in attempt.reservations:
            _, problem = self.standby.refused(f"/v1/reservations/{reservation['id']}/confirm", {"paid": True})
            if problem:
                if code:
                    self.standby.refused(
                        f"/v1/vouchers/{code}/release", {"order_id": order_id}, once=f"{order_id}-back"
                    )
                raise WrongError(LATE)
        self._place(attempt, order_id, code)

    def _kept(self, attempt: Attempt) -> Attempt:
        while len(self.attempts) >= REMEMBERED:
            self.attempts.pop(next(iter(self.attempts)))
        self.attempts[attempt.number] = attempt
        return attempt

    def _reserve(self, attempt: Attempt, kind: str, lines: list[dict[str, Any]]) -> None:
        body = {
            "kind": kind,
            "lines": [{"sku": line["sku"], "quantity": line["quantity"]} for line in lines],
            "customer": {"email": attempt.email, "locale": attempt.locale},
        }
        answer, problem = self.standby.refused("/v1/reservations", body, once=f"{attempt.number}-{kind}")
        if problem:
            for held in attempt.reservations:
                self.standby.refused(f"/v1/reservations/{held['id']}/cancel")
            raise WrongError(PROBLEMS.get(problem, GONE))
        attempt.reservations.append(answer)

    def _place(self, attempt: Attempt, order_id: str, code: str) -> None:
        client = self.standby.client()
        promised = [each["promised_until"] for each in attempt.reservations if each["kind"] == "preorder"]
        soon = (client.now() + timedelta(days=PROMISED_DAYS)).date()
        until = max([soon, *(date.fromisoformat(day) for day in promised if day)])
        lines = [
            {"line_id": str(row), "sku": sku, "quantity": units, "unit_price": money(_price(sku))}
            for row, (sku, units) in enumerate(attempt.cart.items(), 1)
        ]
        client.says(
            "order.placed",
            order_id,
            order_number=order_id,
            customer={"email": attempt.email, "locale": attempt.locale},
            channel=CHANNEL,
            ship_to={"country": COUNTRY},
            lines=lines,
            reservation_ids=[each["id"] for each in attempt.reservations],
            discount_codes=[code] if code else [],
            shipments=[
                {
                    "shipment_id": "1",
                    "promised_until": until.isoformat(),
                    "line_ids": [str(line["line_id"]) for line in lines],
                }
            ],
        )
        attempt.order_id, attempt.until = order_id, until


def money(amount: int) -> dict[str, Any]:
    """Return agorot as Standby takes them."""
    return {"amount": amount, "currency": CURRENCY}


def _price(sku: str) -> int:
    return total({sku: 1})
