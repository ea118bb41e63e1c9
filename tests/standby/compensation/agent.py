"""A person who grants by hand, and one who approves, as verbs on `Till`."""

from typing import Any

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import TWO_LEVELS, eur
from tests.standby.compensation.till import Till


class Agent(Till):
    """People who work on late orders."""

    def gives(self, order_id: str = "O", *, key: str = "k-1", **what: Any) -> tuple[int, Any]:
        """Grant by hand: a voucher of 7.00 EUR unless it is said otherwise; return status and answer."""
        said = {"reason": "they wrote to us", "agent": "Dana"}
        if not what.keys() & {"rule", "remedy", "elsewhere"}:
            said |= {"remedy": {"kind": "voucher", "amount": eur(700)}}
        path = f"POST /v1/deliveries/{order_id}/remedies"
        made = self.asks(path, scopes="ops", body={**said, **what}, headers={"idempotency-key": key})
        self.shop.world.settle()
        return made

    def decides(self, decision: str, order_id: str = "O", *, remedy_id: str | None = None) -> tuple[int, Any]:
        """Approve or deny what waits."""
        named = remedy_id or next(grant.grant_id for grant in self.of(order_id).grants if grant.awaits)
        path = f"POST /v1/deliveries/{order_id}/remedies/{decision}"
        made = self.asks(path, scopes="ops", body={"remedy_id": named})
        self.shop.world.settle()
        return made

    def waiting(self) -> list[tuple[str, int]]:
        """Return what waits for approval, page by page: orders and amounts."""
        found: list[tuple[str, int]] = []
        query: dict[str, str] = {}
        while True:
            status, page = self.asks("GET /v1/approvals", scopes="ops", query=query)
            assert status == 200, page
            found += [(each["order_id"], each["remedy"]["amount"]["amount"]) for each in page["items"]]
            if page["next"] is None:
                return found
            query = {"after": page["next"]}


def agent(shop: Shop) -> Agent:
    """Return people of a shop with a policy of two levels."""
    made = Agent(shop)
    made.sets(TWO_LEVELS)
    return made
