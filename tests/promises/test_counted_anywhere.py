"""A full count of a location, when any one AWS call of it is broken in any way: the levels are the ERP's in the end."""

from datetime import timedelta
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.crashes import explore
from tests.promises.test_killed_anywhere import dead_letters, report
from tests.world import Killed, World

BEFORE = {f"SHIRT-{number}": 5 for number in range(4)}
COUNTED = {"SHIRT-0": 7, "SHIRT-1": 7, "SHIRT-2": 0}
PATH = "/v1/stock/snapshots/S1"


def levels(world: World) -> dict[str, int]:
    found = {}
    for sku in BEFORE:
        status, stock = world.request("stock_api", "GET", f"/v1/stock/{sku}", scopes="ops")
        assert status == 200
        found[sku] = stock["on_hand"]
    return found


def asked(world: World, method: str, path: str) -> tuple[int, Any]:
    """Ask as an operator, to whom a killed function is an error like any other."""
    try:
        return world.request("stock_api", method, path, scopes="ops")
    except Killed:
        return 502, None


def told(world: World, units: dict[str, int]) -> None:
    for sku, on_hand in units.items():
        as_of = to_text(world.clock.now())
        level = {"type": "stock.level", "sku": sku, "location_id": "W", "on_hand": on_hand, "as_of": as_of}
        world.send("StockUpdates", level)
    world.settle()


def pages(world: World, counted: dict[str, int]) -> list[dict[str, Any]]:
    listed = [{"sku": sku, "on_hand": on_hand} for sku, on_hand in counted.items()]
    head = {"type": "stock.snapshot", "snapshot_id": "S1", "location_id": "W", "as_of": to_text(world.clock.now())}
    return [{**head, "page": page, "pages": 2, "levels": listed[page - 1 :: 2]} for page in (1, 2)]


def test_a_full_count_is_applied_whole_whatever_breaks(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Two of four SKUs fall to nothing, which is over the brake: the approval is a part of what is broken."""
    told(world, BEFORE)
    world.clock.at += timedelta(minutes=1)
    first, second = pages(world, COUNTED)

    def act(world: World) -> None:
        world.send("StockUpdates", second)
        world.send("StockUpdates", first)
        world.settle()
        for _ in range(3):  # a person tries again when the answer was an error
            world.wait(minutes=16)
            status, shown = asked(world, "GET", PATH)
            if status == 200 and shown["state"] in {"waiting_for_approval", "applying"}:
                asked(world, "POST", f"{PATH}/approve")
        world.wait(minutes=16)

    def check(world: World) -> None:
        assert world.request("stock_api", "GET", PATH, scopes="ops")[1]["state"] == "applied"
        assert levels(world) == {sku: COUNTED.get(sku, 0) for sku in BEFORE}
        assert dead_letters(world) == [], "set aside without need"

    report(capsys, "a full count", explore(world, act, check, every=2))
