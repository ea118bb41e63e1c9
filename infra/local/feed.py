"""Make a feed of real sales as an ERP would send it, with repeated, late and malformed messages.

Everything is drawn from one seeded source, so that a replay can be repeated. Plain code that shares nothing with the
product calculates here what should come of it: per SKU the newest ``as_of`` wins, then the higher sequence.

*Awaited* SKUs are those that people will sign up for. They run out in the first part of the feed; some are delivered
once in the second part and stay in stock from then on, so it is certain who is told.
"""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.local.emulator import ROOT

REAL = ROOT.parent / "shared" / "data" / "online_retail_sales.csv"
SMALL = ROOT / "events" / "erp_feed.csv"
SEED = 20101201
LOCATION = "main"
SECOND_PART = 0.6
DUPLICATED = 0.05
LATE = 0.05
AWAITED = 60
DELIVERED = 45
LONGEST_DELAY = 400
MOST_IN_BATCH = 1_000
SINGLE = 0.2
SEQUENCED = 0.2
TICKS = 2
"""Milliseconds between two sales; a delivery comes between them."""
ROUNDED_MS = 100
SOLD_OFTEN = 3
LONGEST_SKU = 100


@dataclass(frozen=True)
class Sale:
    """Units of one SKU that were sold together. A negative quantity is a return."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class Sent:
    """One message and its place in the feed. ``restocks`` is the awaited SKU that it brings back, if any."""

    position: float
    body: Any
    restocks: str | None = None
    malformed: bool = False


@dataclass(frozen=True)
class Feed:
    """All messages in the order of sending, in two parts, and what must come of them."""

    first: Sequence[Sent]
    second: Sequence[Sent]
    levels: Mapping[str, int]
    incoming: Mapping[str, int]
    delivered: Sequence[str]
    never: Sequence[str]
    malformed: Sequence[Any]
    repaired: tuple[Any, Any]
    """A malformed message and what a person makes of it."""


def read_sales(path: Path | None = None) -> list[Sale]:
    """Read the sales, by default from the real file, or from the repository's small one without it."""
    chosen = path or (REAL if REAL.exists() else SMALL)
    with chosen.open(encoding="utf-8", newline="") as file:
        return [Sale(row["sku"], int(row["quantity"])) for row in csv.DictReader(file)]


def build(sales: Sequence[Sale], *, run: str, now: datetime) -> Feed:
    """Make the feed. ``run`` marks what must differ between runs; everything was observed before ``now``."""
    return _Builder(sales, run, now).build()


def bodies(messages: Sequence[Sent], draw: random.Random) -> Iterator[list[Sent]]:
    """Cut a part into groups, each for one SQS message: some messages alone, the others in batches of up to 1,000.

    A message that is text goes alone.
    """
    start = 0
    singles = 0
    while start < len(messages):
        if singles == 0 and draw.random() < SINGLE:
            singles = draw.randrange(20, 80)
        size = 1 if singles else draw.choice((10, 50, 200, MOST_IN_BATCH))
        singles = max(0, singles - 1)
        group = list(messages[start : start + size])
        # Text is no JSON, so no batch can carry it.
        broken = next((index for index, sent in enumerate(group) if isinstance(sent.body, str)), len(group))
        group = group[: max(1, broken)]
        yield group
        start += len(group)


def written(group: Sequence[Sent]) -> str:
    """Return the body of the SQS message that carries a group."""
    if len(group) == 1:
        body = group[0].body
        return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return json.dumps({"type": "batch", "messages": [sent.body for sent in group]}, ensure_ascii=False)


@dataclass
class _Builder:
    sales: Sequence[Sale]
    run: str
    now: datetime
    draw: random.Random = field(default_factory=lambda: random.Random(SEED))
    sent: list[Sent] = field(default_factory=list)
    running: dict[str, int] = field(default_factory=dict)
    newest: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    incoming: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    malformed: list[Any] = field(default_factory=list)

    def build(self) -> Feed:
        good = [sale for sale in self.sales if _is_sku(sale.sku)]
        self.boundary = int(len(good) * SECOND_PART)
        # The span is short, so that the next replay on the same local AWS is newer as a whole.
        self.start = self.now - timedelta(milliseconds=TICKS * len(good) + 5_000)
        self.sequenced = {sku for sku in sorted({sale.sku for sale in good}) if self.draw.random() < SEQUENCED}
        delivered, never = self._awaited(good)
        self._open(good, {*delivered, *never})
        self._sell(good, delivered, never)
        for sale in self.sales:
            if not _is_sku(sale.sku):
                self._spoil({"type": "stock.level", "sku": sale.sku, "location_id": LOCATION, "on_hand": 1})
        repaired = self._spoil_some()
        ordered = sorted(self.sent, key=lambda sent: sent.position)
        return Feed(
            first=[sent for sent in ordered if sent.position < self.boundary],
            second=[sent for sent in ordered if sent.position >= self.boundary],
            levels={sku: level for sku, (_, _, level) in self.newest.items()},
            incoming=dict(self.incoming),
            delivered=delivered,
            never=never,
            malformed=self.malformed,
            repaired=repaired,
        )

    def _awaited(self, good: Sequence[Sale]) -> tuple[list[str], list[str]]:
        """Choose the SKUs to sign up for: those sold several times in the first part and never returned."""
        sold: dict[str, list[int]] = defaultdict(list)
        returned = {sale.sku for sale in good if sale.quantity <= 0}
        for sale in good[: self.boundary]:
            sold[sale.sku].append(sale.quantity)
        able = [
            sku for sku, quantities in sorted(sold.items()) if len(quantities) >= SOLD_OFTEN and sku not in returned
        ]
        chosen = self.draw.sample(able, min(AWAITED, len(able)))
        part = max(1, len(chosen) * DELIVERED // AWAITED)
        return chosen[:part], chosen[part:]

    def _open(self, good: Sequence[Sale], awaited: set[str]) -> None:
        """Send the opening levels: too little for the awaited SKUs, about enough for the others."""
        first: dict[str, int] = defaultdict(int)
        whole: dict[str, int] = defaultdict(int)
        for index, sale in enumerate(good):
            whole[sale.sku] += max(0, sale.quantity)
            first[sale.sku] += max(0, sale.quantity) if index < self.boundary else 0
        for place, sku in enumerate(sorted(whole)):
            sold = first[sku] * 0.6 if sku in awaited else whole[sku] * self.draw.uniform(0.5, 1.6)
            self.running[sku] = max(1, int(sold))
            self._level(sku, -1 + place / len(whole) / 2)

    def _sell(self, good: Sequence[Sale], delivered: Sequence[str], never: Sequence[str]) -> None:
        awaited = {*delivered, *never}
        room = len(good) - self.boundary
        arrivals: dict[int, list[str]] = defaultdict(list)
        for sku in delivered:
            arrivals[self.boundary + self.draw.randrange(room * 3 // 4)].append(sku)
        for sku in never:
            self._order(sku, self.draw.randrange(5, 50), self.boundary / 2)
        rest: dict[str, int] = defaultdict(int)
        for sale in good[self.boundary :]:
            rest[sale.sku] += max(0, sale.quantity)
        for index, sale in enumerate(good):
            for sku in arrivals.pop(index, ()):
                self._deliver(sku, rest[sku] + self.draw.randrange(5, 50), index - 0.5, awaited=sku in awaited)
            before = self.running[sale.sku]
            level = max(0, before - sale.quantity)
            self.running[sale.sku] = level
            self._level(sale.sku, index, calm=level > 0 and before > 0)
            if level == 0 and before > 0 and sale.sku not in awaited:
                arrivals[index + self.draw.randrange(20, 200)].append(sale.sku)

    def _deliver(self, sku: str, units: int, position: float, *, awaited: bool) -> None:
        """Deliver a purchase order: announce it, receive it, and send the new level."""
        order = self._order(sku, units, position - 0.1)
        received = {"type": "stock.received", "purchase_order_id": order, "sku": sku, "quantity": units}
        self._send(received | {"occurred_at": self._instant(position)}, position)
        self.incoming[sku] -= units
        self.running[sku] += units
        self._level(sku, position, restocks=sku if awaited else None)

    def _order(self, sku: str, units: int, position: float) -> str:
        order = f"PO-{sku}-{int(position)}"
        eta = (self.now + timedelta(days=7)).date().isoformat()
        announced = {"type": "stock.incoming", "purchase_order_id": order, "sku": sku, "quantity": units, "eta": eta}
        self._send(announced | {"supplier_id": f"S-{len(sku)}", "as_of": self._instant(position)}, position)
        self.incoming[sku] += units
        return order

    def _level(self, sku: str, position: float, *, calm: bool = False, restocks: str | None = None) -> None:
        """Send the running level. Of all levels 5 % go twice; of the calm ones 5 % go late, behind newer ones."""
        on_hand = self.running[sku]
        sequence = TICKS + int(position * TICKS) + 1 if sku in self.sequenced else 0
        as_of = self._instant(position, rounded=sku in self.sequenced)
        body = {"type": "stock.level", "sku": sku, "location_id": LOCATION, "on_hand": on_hand, "as_of": as_of}
        if sequence:
            body["sequence"] = sequence
        if (as_of, sequence) >= self.newest.get(sku, ("", 0, 0))[:2]:
            self.newest[sku] = (as_of, sequence, on_hand)
        late = calm and self.draw.random() < LATE
        self._send(body, position + (self.draw.randrange(20, LONGEST_DELAY) if late else 0), restocks=restocks)
        if self.draw.random() < DUPLICATED:
            self._send(body, position + self.draw.randrange(1, LONGEST_DELAY))

    def _send(self, body: Any, position: float, *, restocks: str | None = None) -> None:  # noqa: ANN401 - JSON or text
        self.sent.append(Sent(position, body, restocks))

    def _spoil(self, body: Any) -> Any:  # noqa: ANN401 - JSON or text
        marked = body if isinstance(body, str) else {**body, "message_id": f"{self.run}-{len(self.malformed)}"}
        self.malformed.append(marked)
        self.sent.append(Sent(self.draw.uniform(0, self.boundary), marked, malformed=True))
        return marked

    def _spoil_some(self) -> tuple[Any, Any]:
        """Send malformed messages as broken integrations do. Return one and what a person makes of it."""
        level = {
            "type": "stock.level",
            "sku": f"REPAIRED-{self.run}",
            "location_id": LOCATION,
            "as_of": self._instant(0),
        }
        ahead = (self.now + timedelta(days=1)).isoformat()
        self._spoil(f'{{"type": "stock.level", "sku": "CUT-OFF-{self.run}", "on_ha')
        self._spoil({**level, "sku": ""})
        self._spoil({name: value for name, value in level.items() if name != "location_id"} | {"on_hand": 3})
        self._spoil(level)
        self._spoil({**level, "on_hand": 3, "as_of": "yesterday"})
        self._spoil({**level, "on_hand": 3, "as_of": ahead})
        self._spoil({**level, "type": "stock.levle", "on_hand": 3})
        broken = self._spoil({**level, "on_hand": "12 pcs"})
        return broken, {**broken, "on_hand": 12}

    def _instant(self, position: float, *, rounded: bool = False) -> str:
        milliseconds = int(position * TICKS)
        if rounded:
            milliseconds = milliseconds // ROUNDED_MS * ROUNDED_MS
        at = (self.start + timedelta(milliseconds=milliseconds)).astimezone(UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_sku(text: str) -> bool:
    return 0 < len(text) <= LONGEST_SKU and text == text.strip() and text.isprintable()
