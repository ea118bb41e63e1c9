"""A shop that offers what comes back to who waits, as verbs: a customer looks, accepts, declines, or says nothing."""

import re
from collections.abc import Mapping
from typing import Any

from tests.services import Mail
from tests.standby.preorder.sales import LAMP, Sales

HOURS = 24
LINK = re.compile(r"/v1/offers/([A-Za-z0-9._~-]+)")


class WaitingLine(Sales):
    """Customers in line for a SKU, and what they do with what they are offered."""

    def begins(
        self, waiting: int = 5, *, sku: str = LAMP, hours: int = HOURS, quantity: int = 1, **settings: Any
    ) -> None:
        """Let offers be made for some hours, the SKU be sold out, and customers ``w0``, ``w1``, … wait for it."""
        self.shop.settings(offer_hours=hours, **settings)
        self.shop.counts(sku, 0)
        for number in range(waiting):
            self.waits(f"w{number}", sku, quantity=quantity)

    def waits(self, name: str, sku: str = LAMP, **more: Any) -> None:
        """Put somebody in line, a second behind whoever came before."""
        self.shop.waits(f"{name}@example.org", sku, **more)
        self.world.clock.advance(seconds=1)

    def mails(self, kind: str = "Set aside") -> list[Mail]:
        """Return the mails about offers, or the reminders (``Still``), the oldest first."""
        return [mail for mail in self.world.mails if LINK.search(mail.text) and mail.subject.startswith(kind)]

    def offered(self) -> list[str]:
        """Return who was offered something, in that order."""
        return [mail.email.partition("@")[0] for mail in self.mails()]

    def token(self, name: str) -> str:
        """Return the token of somebody's newest link."""
        mail = next(mail for mail in reversed(self.world.mails) if mail.email == f"{name}@example.org")
        found = LINK.search(mail.text)
        assert found, mail.text
        return found[1]

    def answers(self, name: str, what: str = "", *, method: str = "POST", html: bool = False) -> tuple[int, Any]:
        """Follow somebody's link (``""``), or accept or decline; return status and answer."""
        path = f"/v1/offers/{self.token(name)}" + (f"/{what}" if what else "")
        headers: Mapping[str, str] = {"accept": "text/html"} if html else {}
        return self.world.request("preorder_viewer", method if what else "GET", path, headers=headers)

    def looks(self, name: str) -> tuple[str, str | None]:
        """Return status and end of somebody's offer."""
        status, answer = self.answers(name)
        assert status == 200, answer
        return answer["status"], answer["expires_at"]

    def accepts(self, name: str) -> Any:
        """Take an offer and return the reservation."""
        status, answer = self.answers(name, "accept")
        assert status == 201, answer
        self.world.settle()
        return answer

    def declines(self, name: str) -> None:
        """Give an offer back, and run everything that follows from it."""
        status, answer = self.answers(name, "decline")
        assert (status, answer["status"]) == (200, "declined"), answer
        self.world.settle()

    def hears(self, event: str, **detail: Any) -> None:
        """Let an event of another feature's come to pre-orders, and run everything that follows from it."""
        self.world.send("PreorderRecords", {"source": "standby", "detail-type": event, "detail": detail})
        self.world.settle()
