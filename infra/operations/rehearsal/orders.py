"""Past orders from a CSV file: a row for each shipment, or for each order.

| column | |
| --- | --- |
| ``order_id`` | |
| ``promised_until`` | a date, or an instant (its date in the shop's zone) |
| ``delivered_on`` | the same; empty: it did not arrive, and nothing is decided |
| ``order_value``, ``delivery_fee`` | in the currency's unit, as ``27.99``; empty: nobody knows |
| ``currency`` | ISO 4217; the same for all rows may be said once |
| ``late_value`` | what the late lines cost; without it the order's value |
| ``tier``, ``country``, ``channel``, ``category``, ``cause`` | as order messages say them; none need be there |
| ``customer``, ``customer_type``, ``payment_status`` | likewise |

A file may call its columns otherwise (`Columns`). A row that cannot be read is named and left out.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from pathlib import Path

from standby.compensation.policy_model import Case
from standby.compensation.rehearsing import Past
from standby.platform.address import mailbox_key
from standby.platform.money import currency, minor_digits
from standby.platform.payment import is_unpaid

NAMES = frozenset(
    {
        *("order_id", "promised_until", "delivered_on", "order_value", "late_value", "delivery_fee", "currency"),
        *("tier", "country", "channel", "category", "cause", "customer", "customer_type", "payment_status"),
    }
)
NEEDED = ("order_id", "promised_until", "delivered_on")
MOST_WRONG = 20
"""Rows that are named; the others are counted."""
Row = Mapping[str, str]


class FileError(ValueError):
    """The file has no orders that could be read; the error says why."""


@dataclass(kw_only=True)
class PastOrders:
    """A file of past orders, and what was seen of it so far."""

    path: Path
    zone: tzinfo
    columns: Mapping[str, str] = field(default_factory=dict)
    """What the file calls them, by our names; others are called as here."""
    currency: str | None = None
    """Of all rows, where the file does not say it."""
    rows: int = 0
    in_time: int = 0
    not_there: int = 0
    """Rows of what did not arrive."""
    without_value: int = 0
    """Late ones of which nobody knows what they cost."""
    wrong: list[str] = field(default_factory=list)
    """Of the first rows that could not be read: where, and why."""
    unread: int = 0

    def late(self) -> Iterator[Past]:
        """Yield the shipments that came late. Raises `FileError`."""
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            named = set(rows.fieldnames or ())
            missing = [name for name in NEEDED if self._heading(name) not in named]
            if missing:
                raise FileError(f"{self.path.name}: no column {', '.join(map(self._heading, missing))}")
            for row in rows:
                self.rows += 1
                try:
                    past = self._past(row)
                except ValueError as error:
                    self.unread += 1
                    if len(self.wrong) < MOST_WRONG:
                        self.wrong.append(f"line {rows.line_num}: {error}")
                    continue
                if past is not None:
                    self.without_value += past.case.order_value is None
                    yield past

    def _heading(self, name: str) -> str:
        return self.columns.get(name, name)

    def _past(self, row: Row) -> Past | None:
        """Return a late shipment, ``None`` where it came in time or not at all. Raises `ValueError`."""
        order_id = self._cell(row, "order_id")
        if order_id is None:
            raise ValueError("order_id is empty")
        promised, delivered = self._day(row, "promised_until"), self._day(row, "delivered_on")
        if promised is None:
            raise ValueError("promised_until is empty")
        if delivered is None or delivered <= promised:
            self.not_there += delivered is None
            self.in_time += delivered is not None
            return None
        return Past(order_id, f"{delivered:%Y-%m}", self._case(row, (delivered - promised).days), self._customer(row))

    def _customer(self, row: Row) -> str | None:
        said = self._cell(row, "customer")
        return said and (mailbox_key(said) if "@" in said else said.casefold())

    def _case(self, row: Row, days_late: int) -> Case:
        said = self._cell(row, "currency") or self.currency
        value, late_value, fee = (
            self._amount(row, name, said) for name in ("order_value", "late_value", "delivery_fee")
        )
        status, category = self._cell(row, "payment_status"), self._cell(row, "category")
        kind, country = self._cell(row, "customer_type"), self._cell(row, "country")
        return Case(
            days_late=days_late,
            cause=self._cell(row, "cause"),
            order_value=value,
            currency=None if value is None else said,
            late_value=value if late_value is None else late_value,
            fee=fee or 0,
            fee_currency=None if fee is None else said,
            tier=self._cell(row, "tier"),
            country=None if country is None else country.upper(),
            channel=self._cell(row, "channel"),
            categories=frozenset() if category is None else frozenset({category}),
            customer_type=None if kind is None else kind.casefold(),
            unpaid=is_unpaid(status),
        )

    def _cell(self, row: Row, name: str) -> str | None:
        said = (row.get(self._heading(name)) or "").strip()
        return said or None

    def _day(self, row: Row, name: str) -> date | None:
        said = self._cell(row, name)
        if said is None:
            return None
        try:
            at = datetime.fromisoformat(said)
        except ValueError:
            raise ValueError(f"{name}: {said!r:.40} is neither a date nor an instant (ISO 8601)") from None
        return at.date() if at.tzinfo is None else at.astimezone(self.zone).date()

    def _amount(self, row: Row, name: str, said: str | None) -> int | None:
        text = self._cell(row, name)
        if text is None:
            return None
        if said is None:
            raise ValueError(f"{name}: of which currency nobody says")
        try:
            exact = Decimal(text) * Decimal(10) ** minor_digits(currency(said))
        except InvalidOperation:
            raise ValueError(f"{name}: {text!r:.40} is no amount such as 27.99") from None
        if not exact.is_finite() or exact < 0 or exact != exact.to_integral_value():
            raise ValueError(f"{name}: {text!r:.40} is no amount of {said}")
        return int(exact)


def seen(orders: PastOrders) -> Counter[str]:
    """Return what became of the rows of a file, by what operators read."""
    late = orders.rows - orders.in_time - orders.not_there - orders.unread
    return Counter(
        {"in time": orders.in_time, "not delivered": orders.not_there, "late": late, "unread": orders.unread}
    )
