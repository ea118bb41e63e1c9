"""What happens in a shop, as verbs on a `World`: the ERP counts, customers join, confirm and leave."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.tokens import TokenKeys, Tokens
from standby.waitlist.model import MAIL_VALID

from tests.world import ENVIRONMENT, World

OPS = "ops"
TOKENS = Tokens(TokenKeys(current="a-key-of-the-test"))
CONSENT = {"wording": "2026-05", "marketing": False}


@dataclass
class Shop:
    """A shop that runs Standby."""

    world: World
    location: str = "warehouse-1"
    _joined: list[str] = field(default_factory=list)

    def today(self) -> date:
        """Return the shop's day."""
        return self.world.clock.now().astimezone(ZoneInfo(ENVIRONMENT["SHOP_TIME_ZONE"])).date()

    def level(self, sku: str, on_hand: int, **more: Any) -> dict[str, Any]:
        """Return the ERP's message that a SKU's level at the location is ``on_hand``, observed now."""
        return {
            "type": "stock.level",
            "sku": sku,
            "location_id": self.location,
            "on_hand": on_hand,
            "as_of": to_text(self.world.clock.now()),
            **more,
        }

    def counts(self, sku: str, on_hand: int, **more: Any) -> None:
        """Let the ERP tell a level, and run everything that follows from it; the clock moves on by a second."""
        self.world.send("StockUpdates", self.level(sku, on_hand, **more))
        self.world.settle()
        self.world.clock.advance(seconds=1)

    def settings(self, scope: str = "shop", **values: Any) -> Any:
        """Set what an operator sets."""
        status, body = self.world.request("stock_api", "PUT", f"/v1/settings/{scope}", body=values, scopes=OPS)
        assert status == 200, body
        return body

    def joins(self, email: str, *skus: str, **more: Any) -> tuple[int, Any]:
        """Sign somebody up through the public route, and let the confirmation mail go out."""
        body = {"email": email, "skus": list(skus), "quantity": 1, "locale": "en", "consent": CONSENT, **more}
        answer = self.world.request("waitlist_api", "POST", "/v1/waitlist", body=body)
        self.world.settle()
        return answer

    def waits(self, email: str, *skus: str, **more: Any) -> None:
        """Put somebody on the list whose consent the shop already has."""
        consent = {**CONSENT, "at": to_text(self.world.clock.now()), "source": "checkout"}
        body = {"email": email, "skus": list(skus), "quantity": 1, "locale": "en", "consent": consent, **more}
        status, answer = self.world.request(
            "waitlist_api", "POST", "/v1/waitlist/entries", body=body, scopes="storefront"
        )
        assert status == 202, answer

    def confirms(self, email: str) -> int:
        """Follow the newest confirmation mail's link and press its button."""
        token = next(mail.link("confirm") for mail in reversed(self.world.mails) if mail.email == email)
        status, _ = self.world.request("waitlist_api", "POST", "/v1/waitlist/confirm", query={"token": token})
        self.world.settle()
        return status

    def leaves(self, email: str) -> int:
        """Use the newest mail's one-click header (RFC 8058)."""
        token = next(mail.link("leave") for mail in reversed(self.world.mails) if mail.email == email)
        status, _ = self.world.request(
            "waitlist_api",
            "POST",
            "/v1/waitlist/leave",
            query={"token": token},
            body="List-Unsubscribe=One-Click",
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        self.world.settle()
        return status

    def gives_up(self, email: str) -> None:
        """End the oldest of somebody's own entries, by the link to them."""
        now = self.world.clock.now()
        query = {"token": TOKENS.issue("mine", {"a": address_key(email)}, now=now, lifetime=MAIL_VALID)}
        _, mine = self.world.request("waitlist_api", "GET", "/v1/waitlist/mine", query=query)
        path = f"/v1/waitlist/mine/{mine['items'][0]['id']}"
        status, answer = self.world.request("waitlist_api", "DELETE", path, query=query)
        assert status == 204, answer
        self.world.settle()

    def told(self) -> dict[str, int]:
        """Count the back-in-stock mails by address."""
        return self.world.mailed("mine")

    def figures(self, sku: str) -> Any:
        """Return what ``GET /v1/waitlist/{sku}`` counts."""
        status, body = self.world.request("waitlist_api", "GET", f"/v1/waitlist/{sku}", scopes=OPS)
        assert status == 200, body
        return body

    def stock(self, sku: str) -> Any:
        """Return what ``GET /v1/stock/{sku}`` says."""
        status, body = self.world.request("stock_api", "GET", f"/v1/stock/{sku}", scopes=OPS)
        assert status == 200, body
        return body


def customers(count: int) -> list[str]:
    """Return addresses in the order in which their owners join."""
    return [f"customer-{number:05}@example.org" for number in range(count)]
