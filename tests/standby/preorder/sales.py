"""What happens around a campaign, as verbs on a shop: opened, reserved, confirmed, given back."""

import re
from collections.abc import Mapping
from typing import Any

from tests.promises.shop import OPS, Shop

LAMP = "LAMP-BRASS"
PRICE = {"amount": 5_900, "currency": "EUR"}
CAMPAIGN = {"kind": "preorder", "capacity": 10, "release_on": "2026-07-15", "price": PRICE}
STOREFRONT = "storefront"
LINKED = ("/v1/offers/", "/v1/preorders/")
"""Beginnings of the addresses that a mailed link opens."""
BROWSER = {"accept": "text/html"}


class Sales:
    """A shop that sells what is not there yet, and what is."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.world = shop.world

    def asks(self, method: str, path: str, body: Any = None, *, scopes: str = STOREFRONT, key: str = "") -> Any:
        """Send a request and return status and answer."""
        headers = {"Idempotency-Key": key} if key else {}
        function = "preorder_viewer" if path.startswith(LINKED) else "preorder_api"
        return self.world.request(function, method, path, body=body, scopes=scopes, headers=headers)

    def opens(self, sku: str = LAMP, **terms: Any) -> Any:
        """Open a campaign, or change it."""
        status, answer = self.asks("PUT", f"/v1/campaigns/{sku}", {**CAMPAIGN, **terms}, scopes=OPS)
        assert status in (200, 201), answer
        return answer

    def campaign(self, sku: str = LAMP) -> Any:
        """Return what ``GET /v1/campaigns/{sku}`` says."""
        status, answer = self.asks("GET", f"/v1/campaigns/{sku}", scopes=OPS)
        assert status == 200, answer
        return answer

    def reserves(self, key: str, sku: str = LAMP, quantity: int = 1, *, email: str = "", **more: Any) -> Any:
        """Ask for a reservation and return status and answer."""
        customer = {"email": email or f"{key}@example.org", "locale": "en", **more.pop("customer", {})}
        body = {"sku": sku, "quantity": quantity, "customer": customer, **more}
        return self.asks("POST", "/v1/reservations", body, key=key)

    def holds(self, key: str, sku: str = LAMP, quantity: int = 1, **more: Any) -> str:
        """Reserve and return the reservation's id."""
        status, answer = self.reserves(key, sku, quantity, **more)
        assert status == 201, answer
        return str(answer["id"])

    def does(self, reservation_id: str, what: str, body: Mapping[str, Any] | None = None) -> Any:
        """Confirm, extend or cancel a reservation; return status and answer."""
        return self.asks("POST", f"/v1/reservations/{reservation_id}/{what}", body)

    def reservation(self, reservation_id: str) -> Any:
        """Return what ``GET /v1/reservations/{id}`` says."""
        status, answer = self.asks("GET", f"/v1/reservations/{reservation_id}")
        assert status == 200, answer
        return answer

    def link(self, email: str) -> str:
        """Return the token of the link in the newest mail to somebody about a reservation."""
        texts = [mail.text for mail in self.world.mails if mail.email == email]
        found = [token for text in texts for token in re.findall(r"/v1/preorders/([A-Za-z0-9._~-]+)", text)]
        return str(found[-1])

    def codes(self, email: str) -> list[str]:
        """Return the codes that were mailed to somebody who wants to cancel, the oldest first."""
        mails = [mail for mail in self.world.mails if (mail.email, mail.subject[:9]) == (email, "Your code")]
        return [re.findall(r"(?m)^\s*(\d{6})\s*$", mail.text)[0] for mail in mails]

    def own(self, token: str, *, page: bool = False) -> Any:
        """Follow a link and return status and answer."""
        return self.world.request("preorder_viewer", "GET", f"/v1/preorders/{token}", headers=BROWSER if page else {})

    def numbers(self, sku: str = LAMP) -> tuple[int, int, int]:
        """Return what is owed, held and free of a SKU."""
        stock = self.shop.stock(sku)
        return stock["owed"], stock["held"], stock["free"]

    def told(self, name: str) -> list[Any]:
        """Return the details of the events of one name."""
        return [detail for told, detail in self.world.events if told == name]
