"""A checkout that takes vouchers, and an operator who sets the policy, as verbs on `Remedied`."""

from typing import Any

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import TWO_LEVELS, Remedied, document, eur

API = "compensation_api"


class Till(Remedied):
    """A shop whose policy is set over HTTP."""

    def asks(self, request: str, *, scopes: str = "storefront", **more: Any) -> tuple[int, Any]:
        """Call a route."""
        method, path = request.split()
        return self.shop.world.request(API, method, path, scopes=scopes, **more)

    def sets(self, *rules: dict[str, Any], **more: Any) -> None:
        """Let an operator set a policy."""
        status, answer = self.asks("PUT /v1/policy", scopes="ops", body=document(*rules, **more))
        assert status == 200, answer

    def redeems(self, code: str, order_id: str = "NEXT", *, key: str = "k-1", **more: Any) -> tuple[int, Any]:
        """Let an order of 40.00 EUR take a voucher."""
        body = {"order_id": order_id, "order_total": eur(4_000), **more}
        return self.asks(f"POST /v1/vouchers/{code}/redeem", body=body, headers={"idempotency-key": key})

    def revokes(self, code: str) -> tuple[int, Any]:
        """Take a voucher back."""
        return self.asks(f"POST /v1/vouchers/{code}/revoke", scopes="ops")

    def a_code(self, order_id: str = "O", days: int = 3) -> str:
        """Let an order be late, and return the code that its customer was mailed."""
        self.places(order_id)
        self.late(order_id, days=days)
        return self.brought()[-1]


def till(shop: Shop) -> Till:
    """Return a shop with a policy of two levels."""
    made = Till(shop)
    made.sets(TWO_LEVELS)
    return made
