"""The ledger as a person would keep it on paper: every word of the ERP is kept, and the newest of each thing counts.

No revisions, no guards, no order of arrival but as the last tie-break: what the ledger must agree with at rest.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standby.platform.clock import from_text

SHIPPING_ONLY_WHEN_TOLD = {"quarantine", "returns", "transit"}
DEFAULTS = {"safety_stock": 0, "minimum_restock": 1, "settle_seconds": 0}

Order = tuple[float, int, int, int]


@dataclass
class Paper:
    """Everything that was ever said, by the thing that it is about."""

    said: dict[tuple[str, ...], list[tuple[Order, Mapping[str, Any]]]] = field(default_factory=dict)
    settings: dict[str, dict[str, int]] = field(default_factory=dict)

    def hear(self, message: Mapping[str, Any], *, received_at: int, index: int) -> None:
        """Write a message down. ``received_at`` is in milliseconds, ``index`` its place in its batch."""
        moment = message.get("occurred_at" if message["type"] == "stock.received" else "as_of")
        at = from_text(moment).timestamp() if moment else received_at / 1000
        order = (at, message.get("sequence") or 0, received_at, index)
        about: tuple[str, ...] = (message["type"],)
        about += tuple(message[name] for name in ("sku", "location_id", "purchase_order_id") if name in message)
        self.said.setdefault(about, []).append((order, message))

    def set(self, scope: str, changes: Mapping[str, int | None]) -> None:
        """Set fields of a scope; ``None`` unsets one."""
        known = self.settings.setdefault(scope, {})
        for name, value in changes.items():
            if value is None:
                known.pop(name, None)
            else:
                known[name] = value

    def setting(self, sku: str, name: str) -> int:
        """Return what holds for a SKU: its own, else the shop's, else the default."""
        for scope in (f"sku:{sku}", "shop"):
            if name in self.settings.get(scope, {}):
                return self.settings[scope][name]
        return DEFAULTS[name]

    def numbers(self, sku: str) -> dict[str, int]:
        """Return what the ledger must say."""
        on_hand = committed = incoming = 0
        for about in self.said:
            if about[:2] == ("stock.level", sku) and self._counts(about[2]):
                level = self._newest(about) or {}
                on_hand += _units(level.get("on_hand", level.get("available", 0)))
                committed += _units(level.get("committed") or 0)
        for line in {about[2] for about in self.said if about[0] in _LINES and about[1] == sku}:
            ordered = self._newest(("stock.incoming", sku, line)) or {"quantity": 0}
            received = self._newest(("stock.received", sku, line)) or {"quantity": 0}
            incoming += max(0, _units(ordered["quantity"]) - _units(received["quantity"]))
        safety = self.setting(sku, "safety_stock")
        free = on_hand - committed - safety
        return {
            "on_hand": on_hand,
            "committed": committed,
            "safety": safety,
            "free": free,
            "sellable": max(0, free),
            "incoming": incoming,
        }

    def levels(self, sku: str) -> bool:
        """Tell whether the SKU was ever counted anywhere."""
        return any(about[:2] == ("stock.level", sku) for about in self.said)

    def _newest(self, about: tuple[str, ...]) -> Mapping[str, Any] | None:
        words = self.said.get(about)
        return max(words, key=lambda word: word[0])[1] if words else None

    def _counts(self, location_id: str) -> bool:
        told = self._newest(("location.upserted", location_id))
        if told is None:
            return True
        if told["kind"] == "store":
            return bool(told.get("sells_online") or told.get("ships_orders"))
        if told["kind"] in SHIPPING_ONLY_WHEN_TOLD:
            return told.get("sells_online") is True
        return told.get("sells_online") is not False


_LINES = {"stock.incoming", "stock.received"}


def _units(quantity: float) -> int:
    return max(0, math.floor(quantity))
