"""A customer who looks what was granted for a late order, and chooses, as verbs on `Remedied`."""

from typing import Any

from standby.compensation.choice_model import open_choices
from standby.compensation.model import Grant

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import ONE_OF_THREE, Remedied, rule
from tests.standby.delivery.track import BROWSER, FORM, Customer

VIEWER = "compensation_viewer"


class Chooser(Remedied, Customer):
    """A customer of a shop that lets choose."""

    def open(self, order_id: str = "O") -> Grant:
        """Return the choice that is open."""
        (grant,) = open_choices(self.of(order_id))
        return grant

    def own(self, *, page: bool = False, token: str | None = None) -> Any:
        """Look what was granted."""
        path = f"/v1/remedies/{token or self.link()}"
        status, answer = self.shop.world.request(VIEWER, "GET", path, headers=BROWSER if page else {})
        assert status == 200, answer
        return answer

    def chooses(self, kind: str, *, remedy_id: str | None = None, token: str | None = None) -> tuple[int, Any]:
        """Choose, and let all that follows happen."""
        body = {"remedy_id": remedy_id or self.open().grant_id, "kind": kind}
        made = self.shop.world.request(VIEWER, "POST", f"/v1/remedies/{token or self.link()}/choose", body=body)
        self.shop.world.settle()
        return made

    def rates(self, *, right: bool, token: str | None = None, **more: Any) -> tuple[int, Any]:
        """Say whether the shop made it right, and let all that follows happen."""
        path, body = f"/v1/remedies/{token or self.link()}/feedback", {"right": right, **more}
        made = self.shop.world.request(VIEWER, "POST", path, body=body)
        self.shop.world.settle()
        return made

    def presses(self, what: str, form: str) -> tuple[int, Any]:
        """Send a form of the page as a browser does."""
        path = f"/v1/remedies/{self.link()}/{what}"
        made = self.shop.world.request(VIEWER, "POST", path, body=form, headers={**BROWSER, **FORM})
        self.shop.world.settle()
        return made

    def time_passes(self, days: int) -> None:
        """Let days pass, and let it be looked what is due."""
        self.shop.world.clock.advance(days=days)
        self.shop.world.send("CompensationRecords", {"sweep": "due"})
        self.shop.world.settle()


def chooser(shop: Shop, *levels: Any, **more: Any) -> Chooser:
    """Return a customer of a late order for which the shop lets choose between three remedies."""
    made = Chooser(shop)
    made.sets(rule(*(levels or (ONE_OF_THREE,))), **more)
    made.places()
    made.late(days=3)
    return made
