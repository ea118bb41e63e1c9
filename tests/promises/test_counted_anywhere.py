"""The levels are right after a full count, whichever AWS call of it is broken in any way, or done twice.

Every call is broken with ``STANDBY_EVERY=1``; a plain run breaks every 29th.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from os import environ
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.crashes import FAULTS, at_once, explore
from tests.promises.killing import Scenario, dead_letters, report
from tests.promises.shop import Shop
from tests.promises.unruly import disorder
from tests.world import Killed, World

pytestmark = pytest.mark.promise("P4")

EVERY = int(environ.get("STANDBY_EVERY", "29"))
BEFORE = {"SHIRT-0": 5, "SHIRT-1": 5, "SHIRT-2": 5, "SHIRT-3": 5}
COUNTED = {"SHIRT-0": 7, "SHIRT-1": 7, "SHIRT-2": 0}
AFTER = {"SHIRT-0": 7, "SHIRT-1": 7, "SHIRT-2": 0, "SHIRT-3": 0}
PLACE = "/v1/stock/snapshots"


UNCOUNTED = "SHIRT-4"
"""A SKU that a count names and does not count."""


def levels(world: World, *skus: str) -> dict[str, int]:
    found = {}
    for sku in skus or BEFORE:
        status, stock = world.request("stock_api", "GET", f"/v1/stock/{sku}", scopes="ops")
        assert status == 200, (sku, stock)
        found[sku] = stock["on_hand"]
    return found


def shown(world: World, snapshot_id: str) -> Any:
    status, snapshot = world.request("stock_api", "GET", f"{PLACE}/{snapshot_id}", scopes="ops")
    assert status == 200, snapshot
    return snapshot


def asked(world: World, method: str, path: str) -> tuple[int, Any]:
    """Ask as an operator, to whom a killed function is an error like any other."""
    try:
        return world.request("stock_api", method, path, scopes="ops")
    except Killed:
        return 502, None


def approves(world: World, *snapshot_ids: str) -> None:
    """Approve what waits, as a person does who tries again when the answer was an error."""
    for _ in range(3):
        world.wait(minutes=16)
        for snapshot_id in snapshot_ids:
            status, told = asked(world, "GET", f"{PLACE}/{snapshot_id}")
            if status == 200 and told["state"] in {"waiting_for_approval", "applying"}:
                asked(world, "POST", f"{PLACE}/{snapshot_id}/approve")
    world.wait(minutes=16)


def level(sku: str, on_hand: int, at: datetime) -> dict[str, Any]:
    return {"type": "stock.level", "sku": sku, "location_id": "W", "on_hand": on_hand, "as_of": to_text(at)}


def told(world: World, units: dict[str, int]) -> None:
    for sku, on_hand in units.items():
        world.send("StockUpdates", level(sku, on_hand, world.clock.now()))
    world.settle()
    world.clock.advance(minutes=1)


def pages(world: World, counted: dict[str, int], *, snapshot_id: str = "S1") -> list[dict[str, Any]]:
    """Return two pages of what was counted just now."""
    listed = [{"sku": sku, "on_hand": on_hand} for sku, on_hand in counted.items()]
    head = {"type": "stock.snapshot", "snapshot_id": snapshot_id, "location_id": "W"}
    head |= {"as_of": to_text(world.clock.now())}
    return [{**head, "page": page, "pages": 2, "levels": listed[page - 1 :: 2]} for page in (1, 2)]


def breaks(
    capsys: pytest.CaptureFixture[str],
    what: str,
    world: World,
    act: Callable[[World], None],
    check: Callable[[World], None],
) -> None:
    faults = {**FAULTS, **at_once(world, World.settle, again=True)}
    report(capsys, what, explore(world, act, check, faults=faults, every=EVERY, disorder=disorder))


def a_shelf_is_stocked(shop: Shop) -> None:
    told(shop.world, BEFORE)


def the_shelf_is_counted(world: World) -> None:
    """Two of four SKUs fall to nothing. That is over the brake, so the approval's calls are broken, too."""
    first, second = pages(world, COUNTED)
    world.send("StockUpdates", second)
    world.send("StockUpdates", first)
    world.settle()
    approves(world, "S1")


def the_count_is_applied(world: World, _most: int = 1) -> None:
    assert shown(world, "S1")["state"] == "applied"
    assert levels(world) == AFTER
    assert dead_letters(world) == [], "set aside without need"


SCENARIOS = (Scenario("a full count", a_shelf_is_stocked, the_shelf_is_counted, the_count_is_applied, every=EVERY),)


def test_a_full_count_is_applied_whole_whatever_breaks(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    a_shelf_is_stocked(Shop(world))
    breaks(capsys, "a full count", world, the_shelf_is_counted, the_count_is_applied)


def test_a_page_that_never_comes_empties_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told(world, BEFORE)
    first, _ = pages(world, COUNTED)

    def act(world: World) -> None:
        world.send("StockUpdates", first)
        world.settle()
        asked(world, "POST", f"{PLACE}/S1/approve")
        for _ in range(3):
            world.wait(hours=3)
            world.send("StockSweeps", {"sweep": "snapshots"})
            world.settle()

    def check(world: World) -> None:
        snapshot = shown(world, "S1")
        assert (snapshot["state"], snapshot["pages_missing"]) == ("receiving", [2])
        assert levels(world) == BEFORE | {"SHIRT-0": 7}
        assert dead_letters(world) == [], "set aside without need"

    breaks(capsys, "a page that never comes", world, act, check)


def test_what_was_said_after_the_count_stays(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Newer levels come before, between and after the pages, of SKUs that the count names and of others.

    A level that is older than the count comes last. Nobody heard of its SKU before, and the SKU is not there.
    """
    told(world, BEFORE | {"SHIRT-4": 5, "SHIRT-5": 5})
    late = level("SHIRT-6", 8, world.clock.now() - timedelta(seconds=30))
    first, second = pages(world, COUNTED | {"SHIRT-4": 9})
    world.clock.advance(minutes=1)
    newer = {"SHIRT-1": 2, "SHIRT-3": 3, "SHIRT-4": 0}

    def act(world: World) -> None:
        at = world.clock.now()
        for number, message in enumerate((first, second)):
            for sku, on_hand in list(newer.items())[number:3:2]:
                world.send("StockUpdates", level(sku, on_hand, at))
            world.settle()
            world.send("StockUpdates", message)
            world.settle()
        approves(world, "S1")
        world.send("StockUpdates", late)
        world.settle()

    def check(world: World) -> None:
        assert shown(world, "S1")["state"] == "applied"
        assert asked(world, "GET", "/v1/stock/SHIRT-6")[1].get("on_hand", 0) == 0, "an older word than the count"
        assert levels(world, *BEFORE, "SHIRT-4", "SHIRT-5") == AFTER | newer | {"SHIRT-5": 0}
        assert dead_letters(world) == [], "set aside without need"

    breaks(capsys, "a count older than levels", world, act, check)


def test_what_a_count_names_and_does_not_count_stays(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A level of it that is older than the count comes last, and counts: the count said nothing of it."""
    told(world, BEFORE | {UNCOUNTED: 5})
    first, second = pages(world, COUNTED)
    second["levels"].append({"sku": UNCOUNTED, "counted": False})
    late = level(UNCOUNTED, 6, world.clock.now() - timedelta(seconds=30))

    def act(world: World) -> None:
        world.send("StockUpdates", second)
        world.send("StockUpdates", first)
        world.settle()
        approves(world, "S1")
        world.send("StockUpdates", late)
        world.settle()

    def check(world: World) -> None:
        snapshot = shown(world, "S1")
        assert (snapshot["state"], snapshot["brake"]["falling"], snapshot["brake"]["stocked"]) == ("applied", 2, 5)
        assert levels(world, *BEFORE, UNCOUNTED) == AFTER | {UNCOUNTED: 6}
        assert dead_letters(world) == [], "set aside without need"

    breaks(capsys, "a SKU that is named and not counted", world, act, check)


def test_an_approval_given_twice_counts_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told(world, BEFORE)
    for message in pages(world, COUNTED):
        world.send("StockUpdates", message)
    world.settle()
    world.wait(seconds=6)
    assert shown(world, "S1")["state"] == "waiting_for_approval"

    def act(world: World) -> None:
        for _ in range(2):
            asked(world, "POST", f"{PLACE}/S1/approve")
        world.settle()
        world.wait(seconds=6)
        world.clock.advance(minutes=1)
        world.send("StockUpdates", level("SHIRT-3", 4, world.clock.now()))
        world.settle()
        asked(world, "POST", f"{PLACE}/S1/approve")
        world.wait(minutes=16)

    def check(world: World) -> None:
        snapshot = shown(world, "S1")
        assert (snapshot["state"], snapshot["decided_by"]) == ("applied", "test (key)")
        assert asked(world, "POST", f"{PLACE}/S1/approve")[0] == 200
        assert asked(world, "POST", f"{PLACE}/S1/reject")[0] == 409
        assert levels(world) == AFTER | {"SHIRT-3": 4}
        assert dead_letters(world) == [], "set aside without need"

    breaks(capsys, "an approval given twice", world, act, check)


def test_of_two_counts_whose_pages_cross_the_newer_one_holds(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told(world, BEFORE)
    old = pages(world, {"SHIRT-0": 1, "SHIRT-2": 1, "SHIRT-3": 1}, snapshot_id="OLD")
    world.clock.advance(minutes=1)
    new = pages(world, COUNTED, snapshot_id="NEW")

    def act(world: World) -> None:
        for message in (old[1], new[0], old[0], new[1]):
            world.send("StockUpdates", message)
            world.deliver("StockUpdates")
        world.settle()
        approves(world, "NEW")

    def check(world: World) -> None:
        assert (shown(world, "NEW")["state"], shown(world, "OLD")["state"]) == ("applied", "superseded")
        assert world.request("stock_api", "GET", PLACE, scopes="ops")[1]["items"] == []
        assert levels(world) == AFTER
        assert dead_letters(world) == [], "set aside without need"

    breaks(capsys, "two counts that cross", world, act, check)


def test_a_bad_level_waits_alone_and_completes_the_count_when_mended(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    told(world, BEFORE)
    first, second = pages(world, COUNTED)
    first["levels"][1]["on_hand"] = "none"

    def act(world: World) -> None:
        world.send("StockUpdates", first)
        world.send("StockUpdates", second)
        world.settle()
        world.wait(minutes=16)
        for path, name, value in (
            (f"{PLACE}/S1", "state", "receiving"),
            ("/v1/stock/SHIRT-0", "on_hand", 7),
            ("/v1/stock/SHIRT-2", "on_hand", 5),
        ):
            status, said = asked(world, "GET", path)
            assert status != 200 or said[name] == value
        letters = world.queues["StockDeadLetters"]
        assert {letter.attributes["reason"] for letter in letters} == {
            "page 1, SKU SHIRT-2: on_hand: 'none' is not a number"
        }
        mended = json.loads(letters.pop().body)
        letters.clear()
        assert mended["levels"] == [{"sku": "SHIRT-2", "on_hand": "none"}]
        world.send("StockUpdates", {**mended, "levels": [{"sku": "SHIRT-2", "on_hand": 0}]})
        world.settle()
        approves(world, "S1")

    def check(world: World) -> None:
        assert shown(world, "S1")["state"] == "applied"
        assert levels(world) == AFTER
        assert dead_letters(world) == [], "set aside without need"

    breaks(capsys, "a bad level in a page", world, act, check)
