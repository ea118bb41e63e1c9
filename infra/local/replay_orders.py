"""``make replay-orders``: real orders told by an ERP, day by day, and who was told beside who should have been.

The orders (`RECORDS`) go through the queue of a local AWS of its own, in shuffled batches, some of them twice. The
product's clock is put under it from outside and goes from day to day; after each the schedule's sweep is sent by hand,
since the emulator's own schedules keep real time. Dates are shifted by whole weeks, and the first day is still to come.
Plain code that shares nothing with the product calculates who was late: the day of the delivery is behind the promised
one, in UTC, which is the zone of the stage ``local``. What was granted for each late order is compared with what `make
rehearse` says of the same orders and policy. A promise that is not kept makes the command fail.
"""

import argparse
import csv
import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from standby.compensation.policy_model import NO_BUDGET
from standby.compensation.reading import policy_of
from standby.compensation.rehearsing import Given, Rehearsal

from infra.local import emulator
from infra.local.client import Client, awaited, awaited_calm
from infra.local.deployment import DeployError, Deployment
from infra.local.emulator import ROOT, EmulatorError
from infra.local.replay import idle, in_parallel
from infra.local.shop_clock import MovingClock
from infra.operations.rehearsal.orders import PastOrders

RECORDS = ROOT.parent / "shared" / "data" / "olist_orders.csv"
SEED = 20161003
DUPLICATED = 0.05
DAY = timedelta(days=1)
LAST_MINUTES = timedelta(minutes=5)
"""The clock stands so long before midnight while a day's messages come: the ERP's clock may be as much ahead."""
DAY_SECONDS, MAIL_SECONDS = 600, 300
MOST_IN_BATCH = 500
BUSY = ("OrderUpdates", "DeliveryRecords", "CompensationRecords", "MailBulk")
DRAWN = 400
"""Orders that are drawn where the real ones are not at hand."""
SHOWN = 5
POLICY = ROOT / "infra" / "operations" / "rehearsal" / "example_policy.json"
CURRENCY = "BRL"
REMEDY = "For your wait"
"""How the subject of a mail begins that brings what was granted; all others are notices."""
VALUED = 0.1
"""The share of drawn orders of which it is known what they cost."""


@dataclass(frozen=True)
class Ordered:
    """One order: when it was placed, by when it was promised and when it arrived."""

    order_id: str
    purchased_at: datetime
    promised: datetime
    delivered_at: datetime
    goods: str = ""
    """What they cost, as ``27.99``; empty: nobody knows."""
    freight: str = ""

    @property
    def address(self) -> str:
        """The address of its customer."""
        return f"order.{self.order_id}@example.com"

    @property
    def late(self) -> bool:
        """Tell whether it came behind the promised day."""
        return self.late_in(UTC)

    def late_in(self, zone: Any) -> bool:  # noqa: ANN401 - a time zone
        """Tell whether it came behind the promised day, as days are counted in a zone."""
        return self.delivered_at.astimezone(zone).date() > self.promised.astimezone(zone).date()

    def shifted(self, by: timedelta) -> "Ordered":
        """Return it so much later."""
        return replace(
            self,
            purchased_at=self.purchased_at + by,
            promised=self.promised + by,
            delivered_at=self.delivered_at + by,
        )


def read_orders(path: Path = RECORDS) -> list[Ordered]:
    """Read the orders that were delivered, or draw some where the file is not at hand."""
    if not path.exists():
        return list(_drawn(random.Random(SEED)))
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Ordered(
                row["order_id"],
                datetime.fromisoformat(row["purchased_at"]),
                datetime.fromisoformat(row["promised_at"]),
                datetime.fromisoformat(row["delivered_at"]),
                row["goods_value_brl"],
                row["freight_value_brl"],
            )
            for row in csv.DictReader(file)
            if row["status"] == "delivered"
        ]


def _drawn(draw: random.Random) -> Iterator[Ordered]:
    for number in range(DRAWN):
        purchased = datetime(2017, 1, 1, tzinfo=UTC) + timedelta(minutes=draw.randrange(60 * 24 * 60))
        promised = datetime.combine(purchased + draw.randrange(5, 30) * DAY, datetime.min.time(), UTC)
        took = timedelta(minutes=draw.randrange(60 * 24 * 30))
        cost = f"{draw.randrange(500, 20_000) / 100:.2f}" if draw.random() < VALUED else ""
        yield Ordered(f"drawn-{number}", purchased, promised, purchased + took, goods=cost, freight=cost and "9.90")


def messages(orders: Sequence[Ordered], draw: random.Random) -> Mapping[date, list[Any]]:
    """Return what the ERP says on each day, shuffled; some of it again on a later day, or twice on the same."""
    said: dict[date, list[Any]] = defaultdict(list)
    last = max(order.delivered_at for order in orders).date()
    for order in orders:
        for message in (_placed(order), _delivered(order)):
            day = datetime.fromisoformat(message["as_of"]).date()
            said[day].append(message)
            if draw.random() < DUPLICATED:
                said[min(last, day + draw.choice((0, 0, 1, 3, 20)) * DAY)].append(message)
    for each in said.values():
        draw.shuffle(each)
    return said


def _placed(order: Ordered) -> dict[str, Any]:
    price = {"unit_price": _worth(order.goods)} if order.goods else {}
    return {
        "type": "order.placed",
        "order_id": order.order_id,
        "customer": {"email": order.address, "locale": "en"},
        "lines": [{"line_id": "1", "sku": "OLIST", "quantity": 1, **price}],
        **({"delivery_fee": _worth(order.freight)} if order.freight else {}),
        "shipments": [{"shipment_id": "1", "promised_until": order.promised.date().isoformat(), "line_ids": ["1"]}],
        "as_of": order.purchased_at.isoformat(),
    }


def _worth(text: str) -> dict[str, Any]:
    units, _, cents = text.partition(".")
    return {"amount": int(units) * 100 + int(f"{cents:0<2}"), "currency": CURRENCY}


def _delivered(order: Ordered) -> dict[str, Any]:
    at = order.delivered_at.isoformat()
    return {"type": "order.delivered", "order_id": order.order_id, "occurred_at": at, "as_of": at}


def replay(client: Client, clock: MovingClock, orders: Sequence[Ordered], draw: random.Random) -> bool:
    """Let the days go by, compare, and tell whether every promise was kept. Raises `LateError`."""
    policy = json.loads(POLICY.read_text("utf-8"))
    client.set_policy(policy)
    began, began_at = client.sent(), time.monotonic()
    said = messages(orders, draw)
    days, total = sorted(said), sum(map(len, said.values()))
    print(f"{len(orders):,} orders, {total:,} messages, from {days[0]} to {days[-1]}", flush=True)
    for number in range((days[-1] - days[0]).days + 2):
        day = days[0] + number * DAY
        _a_day(client, clock, day, said.get(day, []))
        if day.day == 1:
            print(f"  {day}: {client.sent() - began} mails, {time.monotonic() - began_at:.0f} s", flush=True)
    idle(client, "what follows from the days", BUSY)
    awaited_calm(client.sent, calm=timedelta(seconds=4), what="mails", seconds=MAIL_SECONDS)
    told, granted = _compare(client, orders, began), _compare_grants(client, orders, policy)
    print("every promise was kept" if told and granted else "a promise was broken")
    return told and granted


def _compare_grants(client: Client, orders: Sequence[Ordered], policy: Mapping[str, Any]) -> bool:
    """Compare what was granted with what a rehearsal of the same orders and policy says, order by order."""
    rehearsal, should = Rehearsal(policy_of(policy, version=0)), {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        with file.open("w", encoding="utf-8", newline="") as written:
            rows = csv.writer(written)
            rows.writerow(("order_id", "promised_until", "delivered_on", "order_value", "delivery_fee"))
            rows.writerows((e.order_id, e.promised, e.delivered_at, e.goods, e.freight) for e in orders)
        for past in PastOrders(path=file, zone=UTC, currency=CURRENCY).late():
            given = rehearsal.take(past)
            should[past.order_id] = given.amount if isinstance(given, Given) else 0
    found = in_parallel(client.remedies, [order.order_id for order in orders if order.late])
    granted = {each["order_id"]: sum(grant["amount"]["amount"] for grant in each["granted"]) for each in found}
    differing = {order_id for order_id in should if granted[order_id] != should[order_id]}
    twice = [each["order_id"] for each in found if _is_twice(each["granted"])]
    ended = rehearsal.refused[NO_BUDGET]
    print(f"granted {sum(granted.values()):,} of {CURRENCY}'s minor units, rehearsed {sum(should.values()):,}")
    print(f"orders with a remedy {sum(map(bool, granted.values()))}, of a known value {_percents(found)}")
    print(f"otherwise than rehearsed {len(differing)}, granted twice {len(twice)}, beyond the budget {ended}")
    for order_id in sorted(differing)[:SHOWN]:
        print(f"    {order_id}: granted {granted[order_id]}, rehearsed {should[order_id]}")
    return not (differing or twice)


def _is_twice(grants: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a level was granted more than once."""
    return len({(grant["shipment_id"], grant["level"]) for grant in grants}) < len(grants)


def _percents(found: Sequence[Mapping[str, Any]]) -> int:
    return sum(any(grant["kind"] == "percent_off" for grant in each["granted"]) for each in found)


def _a_day(client: Client, clock: MovingClock, day: date, said: Sequence[Any]) -> None:
    """Let a day's messages come, then its midnight, and look what became late."""
    midnight = datetime.combine(day + DAY, datetime.min.time(), UTC)
    if said:
        clock.reach(max(clock.now(), midnight - LAST_MINUTES))
        batches = [said[start : start + MOST_IN_BATCH] for start in range(0, len(said), MOST_IN_BATCH)]
        client.send("OrderUpdates", [{"type": "batch", "messages": batch} for batch in batches])
        _worked_off(client, "OrderUpdates")
    clock.reach(max(clock.now(), midnight))
    client.send("DeliveryRecords", [{"sweep": "due"}])
    _worked_off(client, "DeliveryRecords")


def _worked_off(client: Client, queue: str) -> None:
    awaited(lambda: client.waiting_in(queue) == 0, what=f"{queue} worked off", seconds=DAY_SECONDS, pause=0.05)


def _compare(client: Client, orders: Sequence[Ordered], began: int) -> bool:
    """Compare who was told with who should have been, order by order, and print the figures."""
    late = {order.address for order in orders if order.late}
    times = Counter(mail.to for mail in client.mails(began) if not mail.subject.startswith(REMEDY))
    missed, wrongly = late - times.keys(), times.keys() - late
    twice = {address for address, count in times.items() if count > 1}
    by_instant = sum(order.delivered_at > order.promised for order in orders)
    elsewhere = sum(order.late_in(ZoneInfo("America/Sao_Paulo")) for order in orders)
    print(f"late by the shop's days {len(late)}; by the instant {by_instant}, by São Paulo's days {elsewhere}")
    print(f"told {len(times)}, missed {len(missed)}, wrongly told {len(wrongly)}, told twice {len(twice)}")
    for name, found in (("missed", missed), ("wrongly told", wrongly), ("told twice", twice)):
        for address in sorted(found)[:SHOWN]:
            print(f"    {name}: {address}")
    return not (missed or wrongly or twice)


def main(arguments: list[str]) -> int:
    """Replay and report; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description="replay real orders")
    parser.add_argument("--orders", type=int, help="so many, the first ones; without it, all")
    chosen = sorted(read_orders(), key=lambda order: order.purchased_at)[: parser.parse_args(arguments).orders]
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder) / "outputs.json"
        try:
            running = emulator.start(Path(folder) / "run", port=emulator.free_port(0), outputs=outputs)
        except EmulatorError as error:
            print(error, file=sys.stderr)
            return 1
        try:
            return 0 if deployed_and_replayed(running, outputs, chosen) else 1
        except DeployError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            running.stop()


def deployed_and_replayed(running: emulator.Emulator, outputs: Path, orders: Sequence[Ordered]) -> bool:
    """Deploy the product, and replay orders whose dates are shifted into the future."""
    clock = MovingClock(running.clock_offset)
    deployment = Deployment(running, outputs)
    client = Client(deployment.place, deployment.deploy(), clock.now)
    weeks = -((min(order.purchased_at for order in orders) - datetime.now(UTC)) // timedelta(weeks=1))
    return replay(client, clock, [order.shifted(weeks * timedelta(weeks=1)) for order in orders], random.Random(SEED))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
