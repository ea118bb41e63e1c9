"""A demo shop whose Standby is made up: it says what a test says, or cannot be asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.local.shop.site import Site
from infra.local.shop.standby import Standby

SHOP, API, BESIDE = "http://127.0.0.1:4580", "http://127.0.0.1:4566", "http://127.0.0.1:4590"
OUTPUTS = {"ShopUrl": SHOP, "ClientUrl": BESIDE, "ApiUrl": f"{API}/api", "MailboxUrl": f"{API}/mailbox"}


@dataclass
class FakeStandby(Standby):
    """Says what a test says of SKUs and products; sells all that is not sold out."""

    client: Callable[[], Any] = field(default=lambda: None)
    gone: set[str] = field(default_factory=set)
    problem: str = ""
    status: str = "held"
    """What became of the only reservation that is not made here, ``r1``."""
    asked: list[tuple[str, object]] = field(default_factory=list)

    def badges(self, kind: str, names: Sequence[str], locale: str) -> dict[str, dict[str, Any]]:
        return {name: self.badge(name) for name in names}

    def badge(self, name: str) -> dict[str, Any]:
        status, action = ("SoldOut", "wait") if name in self.gone else ("InStock", "buy")
        return {"status": status, "label": status, "actions": [action], "units_left": None, "back_on": None}

    def ranked(self, product_ids: Sequence[str]) -> list[str]:
        return sorted(product_ids, key=lambda name: name in self.gone)

    def product(self, product_id: str, locale: str) -> dict[str, Any] | None:
        return {**self.badge(product_id), "variants": []}

    def alternatives(self, product_id: str, locale: str) -> list[str]:
        return ["MUG", "of-another-shop"]

    def returned(self, locale: str) -> list[str]:
        return ["LAMP", "MUG", "of-another-shop"]

    def tracking_page(self, order_id: str) -> str:
        return f"{API}/v1/track/{order_id}"

    def reservation(self, reservation_id: str) -> dict[str, Any] | None:
        if reservation_id != "r1":
            return None
        line = {"sku": "MUG-GREEN", "quantity": 2, "price": None}
        return {"id": "r1", "kind": "checkout", "status": self.status, "lines": [line], "expires_at": None}

    def checked(self, lines: Any, locale: str) -> list[dict[str, Any]]:
        return [
            {
                "sku": sku,
                "quantity": n,
                "can_be_had": sku not in self.gone,
                "units": 0,
                "preorder": False,
                "back_on": None,
            }
            for sku, n in lines
        ]

    def refused(self, path: str, body: object | None = None, *, once: str = "") -> tuple[dict[str, Any], str]:
        self.asked.append((path, body))
        if "vouchers" in path:
            return {"value": {"amount": 500, "currency": "ILS"}}, self.problem
        line = {"sku": "MUG-GREEN", "price": None}
        held = {"id": "r1", "kind": "checkout", "lines": [line], "expires_at": None, "promised_until": None}
        return held, self.problem if path.endswith("reservations") else ""


def down() -> Standby:
    """Return a Standby that cannot be asked."""

    def nobody() -> Any:
        raise OSError("nobody is there")

    return Standby(nobody)


def site(standby: Standby) -> Site:
    return Site(standby, lambda: OUTPUTS)
