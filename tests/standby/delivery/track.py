"""What customers see and do behind the link in a mail about their order, as verbs beside those of `Parcels`."""

import re
from collections.abc import Mapping
from typing import Any

from tests.standby.delivery.parcels import Parcels

ANA = "ana@example.org"
BROWSER = {"accept": "text/html"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
EUROPE, AMERICA, ISRAEL = {"country": "FR"}, {"country": "US"}, {"country": "IL"}


class Customer(Parcels):
    """A shop, and one of its customers with a link."""

    def link(self, email: str = ANA) -> str:
        """Return the token of the link in the newest mail to somebody about an order."""
        texts = [mail.text for mail in self.shop.world.mails if mail.email == email]
        return str([token for text in texts for token in re.findall(r"/v1/track/([A-Za-z0-9._~-]+)", text)][-1])

    def codes(self, email: str = ANA) -> list[str]:
        """Return the codes that were mailed to somebody who wants to cancel, the oldest first."""
        mails = [mail for mail in self.shop.world.mails if (mail.email, mail.subject[:9]) == (email, "Your code")]
        return [re.findall(r"(?m)^\s*(\d{6})\s*$", mail.text)[0] for mail in mails]

    def sees(self, token: str | None = None, *, page: bool = False) -> Any:
        """Follow a link and return what it shows."""
        headers = BROWSER if page else {}
        path = f"/v1/track/{token or self.link()}"
        status, answer = self.shop.world.request("delivery_viewer", "GET", path, headers=headers)
        assert status == 200, answer
        return answer

    def does(self, what: str, body: Mapping[str, Any] | None = None, *, token: str | None = None) -> Any:
        """Send a choice, let all that follows happen, and return status and answer."""
        path = f"/v1/track/{token or self.link()}/{what}"
        made = self.shop.world.request("delivery_viewer", "POST", path, body=body)
        self.shop.world.settle()
        return made

    def posts(self, what: str, body: str = "") -> Any:
        """Send a form as a browser does, and return status and page."""
        path = f"/v1/track/{self.link()}/{what}"
        made = self.shop.world.request("delivery_viewer", "POST", path, body=body, headers={**BROWSER, **FORM})
        self.shop.world.settle()
        return made

    def waits(self, until: str | None, *, token: str | None = None, **more: Any) -> Any:
        """Agree to a day."""
        return self.does("wait", {"wording": "w-1", **({} if until is None else {"until": until}), **more}, token=token)

    def heard(self, name: str) -> list[dict[str, Any]]:
        """Return what all heard of one kind, each once."""
        return list({event["id"]: event for told, event in self.shop.world.events if told == name}.values())

    def mailed(self, subject: str) -> list[Any]:
        """Return the mails whose subject begins so."""
        return [mail for mail in self.shop.world.mails if mail.subject.startswith(subject)]
