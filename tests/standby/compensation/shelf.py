"""Vouchers and orders that took them in memory, as `VoucherBook` keeps them: fast enough for each order of events."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from standby.compensation.model import CHANGED, WRITTEN
from standby.compensation.order_fate import Fate
from standby.compensation.voucher_model import ORDER_OVER, Asks, Basket, Voucher


@dataclass
class Shelf:
    """All of it; a write whose conditions do not hold changes nothing."""

    kept: dict[str, Voucher] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    taken: dict[str, dict[str, None]] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)

    def voucher(self, code: str) -> Voucher | None:
        return self.kept.get(code)

    def asked(self, request: str) -> str | None:
        return self.requests.get(request)

    def basket(self, order_id: str) -> Basket:
        return Basket(self.last.get(order_id), list(self.taken.get(order_id, {})))

    def keep_voucher(
        self,
        voucher: Voucher,
        code: str,
        *,
        before: Voucher | None = None,
        forget: str | None = None,
        asks: Asks | None = None,
        now: datetime,
    ) -> bool:
        assert before in (None, self.kept[code])
        assert now.tzinfo is not None
        if self.kept[code].edition != voucher.edition - 1 or not self._asks(asks):
            return False
        self.kept[code] = voucher
        if forget is not None:
            self.taken.get(forget, {}).pop(code, None)
        return True

    def take(
        self,
        voucher: Voucher,
        code: str,
        basket: Basket,
        *,
        before: Voucher,
        asks: Asks | None = None,
        now: datetime,
    ) -> str:
        assert before == self.kept[code]
        assert now.tzinfo is not None
        order_id = voucher.redeemed_for or ""
        if self.kept[code].edition != voucher.edition - 1 or self.last.get(order_id) != basket.last:
            return CHANGED
        if self.fates.get(order_id, Fate(order_id=order_id)).over:
            return ORDER_OVER
        if not self._asks(asks):
            return CHANGED
        self.kept[code] = voucher
        self.last[order_id] = f"{code}#{voucher.edition}"
        self.taken.setdefault(order_id, {})[code] = None
        return WRITTEN

    def used(self, order_id: str) -> tuple[Fate, list[str]]:
        return self.fates.get(order_id, Fate(order_id=order_id)), list(self.taken.get(order_id, {}))

    def keep_fate(self, fate: Fate, *, now: datetime) -> bool:
        assert now.tzinfo is not None
        if self.fates.get(fate.order_id, Fate(order_id=fate.order_id)).edition != fate.edition - 1:
            return False
        self.fates[fate.order_id] = replace(fate)
        return True

    def _asks(self, asks: Asks | None) -> bool:
        return asks is None or self.requests.setdefault(asks.request, asks.asked) == asks.asked
