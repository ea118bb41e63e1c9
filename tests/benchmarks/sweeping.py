"""The hourly sweep for changes that nobody heard of: what it reads beside a longer history, and what it costs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standby.ledger.numbers import step
from standby.platform.dynamodb import to_item

from tests.benchmarks.figure import Figure
from tests.benchmarks.telling import read_units
from tests.promises.shop import Shop
from tests.world import World, furnish

SKUS = 40
MANY = 20
"""How many of them change in the busy hour."""
HISTORY = 15
"""Steps kept of each SKU; in the other world there are ten times as many."""
SHOP_SKUS, SHOP_CHANGES = 50_000, 5_000
"""A large shop's SKUs, and how many of them change in an hour."""
HOURS = 730
WRITES_AROUND = 2
"""Of each clearing, beside itself: the index's entry written with the change, and its end."""
BUDGET_USD = 10.0
MILLION = 1_000_000
PRICES = Path(__file__).with_name("prices.json")


@dataclass
class Sweep:
    """A world's tap that measures what one sweep asks of DynamoDB."""

    read_units: float = 0.0
    writes: int = 0

    def __call__(self, service: str, operation: str, parameters: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        answer = make()
        if service == "dynamodb" and operation == "UpdateItem":
            self.writes += 1
        elif service == "dynamodb":
            self.read_units += read_units(operation, parameters, answer)
        return answer


def hourly_sweep(*, history: int, changes: int) -> Sweep:
    """Return what the sweep of one hour takes in which so many of the SKUs changed."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        world = furnish(monkeypatch)
        _change(world, SKUS, 5)
        _remember(world, history)
        _sweep(world)
        _change(world, changes, 4)
        return _sweep(world)


def sweeping() -> list[Figure]:
    """Compare the sweep with that of ten times the history, and compute a large shop's month."""
    short, long = (hourly_sweep(history=steps, changes=MANY) for steps in (HISTORY, 10 * HISTORY))
    quiet = hourly_sweep(history=HISTORY, changes=0)
    each = (short.read_units - quiet.read_units) / MANY
    prices: dict[str, float] = json.loads(PRICES.read_text("utf-8"))["usd"]
    reads = HOURS * (quiet.read_units + SHOP_CHANGES * each)
    writes = HOURS * SHOP_CHANGES * short.writes / MANY * (1 + WRITES_AROUND)
    usd = (
        reads * prices["dynamodb_per_million_read_units"] + writes * prices["dynamodb_per_million_write_units"]
    ) / MILLION
    return [
        Figure(
            "read units of an hourly sweep, beside a tenth of the history", long.read_units / short.read_units, 1.0, "x"
        ),
        Figure(
            f"hourly sweeps of {SHOP_SKUS:,} SKUs of which {SHOP_CHANGES:,} change in every hour",
            usd,
            BUDGET_USD,
            "USD a month",
            f"{reads / MILLION:.1f} M read units, {writes / MILLION:.1f} M write units; "
            f"where nothing changes, {HOURS * quiet.read_units:,.0f} read units",
        ),
    ]


def _change(world: World, skus: int, on_hand: int) -> None:
    shop = Shop(world)
    for number in range(skus):
        shop.counts(f"SKU-{number}", on_hand)


def _remember(world: World, steps: int) -> None:
    """Keep so many more steps of each SKU, as its changes of the last 90 days would."""
    for number in range(SKUS):
        for days in range(steps):
            at = world.clock.now() - timedelta(hours=days)
            item = to_item(step(f"SKU-{number}", "level", "stock.level", "a rule", {"on_hand": 3}, now=at).values)
            world.dynamodb.put_item(TableName="Stock", Item=item)


def _sweep(world: World) -> Sweep:
    world.clock.advance(hours=1)
    before, measured = world.tap, Sweep()
    world.tap = measured
    world.send("StockSweeps", {"sweep": "unannounced"})
    world.settle()
    world.tap = before
    return measured
