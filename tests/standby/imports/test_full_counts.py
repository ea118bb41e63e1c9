"""Full counts by file: what a file that could not be read whole does, and that a dry run says so before."""

from collections.abc import Mapping

import pytest
from standby.imports import passes
from standby.ledger.model import Level
from standby.platform.brake import brakes, excess

from tests.standby.imports.test_reading import PLAIN, Desk
from tests.world import World

DRY_RUN = "inbox-dry-run/plain/stock.csv"
BY_LOCATION = {"columns": {"sku": "Item", "location": "Loc", "on_hand": "Qty"}, "full_count": True, "version": 1}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.files.mappings["plain"] = PLAIN | {"full_count": True}
    return desk


def level(location_id: str, on_hand: int, *, as_of: str = "2026-05-03T08:00:00.000Z") -> Level:
    return Level(location_id=location_id, on_hand=on_hand, as_of=as_of, edition=1)


def known(desk: Desk, stocked: Mapping[str, int]) -> None:
    """Let so many SKUs have units at each location: ``W0``, ``W1``, ..."""
    desk.files.known = {
        (place, f"{place}{number}"): level(place, 5) for place, many in stocked.items() for number in range(many)
    }


def lines(desk: Desk, *, but: Mapping[str, int]) -> str:
    """Return the lines of a file that names all that has units, but so many SKUs of each location."""
    left = dict(but)
    kept = []
    for place, sku in desk.files.known:
        if left.get(place, 0):
            left[place] -= 1
        else:
            kept.append(f"{sku};{place};5\n")
    return "".join(kept)


@pytest.mark.parametrize("letter", ["d", "\u05d0"], ids=["latin", "hebrew"])
def test_the_doubt_is_as_short_as_its_message_wants_it(desk: Desk, letter: str) -> None:
    desk.put("Item;Qty\nA;5\nB;x\n", key=f"inbox/plain/{letter * 600}.csv")
    doubt = desk.messages()[-1]["doubt"]
    assert doubt.startswith("1 line of inbox/plain/")
    assert doubt.endswith(" could not be read")
    assert len(doubt) <= 500


@pytest.mark.parametrize(
    ("bad", "absent", "would_wait"),
    [("", 0, 0), ("", 1, 0), ("S;W;x\n", 0, 0), ("S;W;x\n", 1, 1), ("", 5, 1)],
    ids=["nothing", "little", "bad, and nothing", "bad, and little", "much"],
)
def test_a_dry_run_says_whether_somebody_would_have_to_look(desk: Desk, bad: str, absent: int, would_wait: int) -> None:
    desk.files.mappings["plain"] = BY_LOCATION
    known(desk, {"W": 20})
    report = desk.put(f"Item;Loc;Qty\n{lines(desk, but={'W': absent})}{bad}", key=DRY_RUN)
    totals = report["totals"]
    assert (totals["absent"], totals["stocked"], totals["would_wait"]) == (absent, 20, would_wait)


@pytest.mark.parametrize("parts", [1, 4])
@pytest.mark.parametrize(("small", "large", "would_wait"), [(5, 0, 1), (1, 20, 0), (2, 0, 1)])
def test_a_dry_run_weighs_each_location_by_itself_as_the_count_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, parts: int, small: int, large: int, would_wait: int
) -> None:
    desk.files.mappings["plain"] = BY_LOCATION
    known(desk, {"V": 5, "W": 100})
    content = f"Item;Loc;Qty\nNEW;V;1\n{lines(desk, but={'V': small, 'W': large})}"
    monkeypatch.setattr(passes, "PASS_BYTES", len(content) // parts + 1)
    report = desk.put(content, key=DRY_RUN)
    totals = report["totals"]
    assert (report["passes"], totals["absent"], totals["would_wait"]) == (parts, small + large, would_wait)
    assert report["locations"] == 2


def test_a_dry_run_weighs_what_has_a_newer_level_as_something_that_stays(desk: Desk) -> None:
    known(desk, {"W": 1})
    for number in range(5):
        desk.files.known["W", f"NEWER{number}"] = level("W", 5, as_of="2026-05-03T09:59:30.000Z")
    report = desk.put("Item;Qty\n", key=DRY_RUN)
    totals = report["totals"]
    assert (totals["absent"], totals["stocked"], totals["would_wait"]) == (1, 6, 0)


@pytest.mark.parametrize("parts", [[(1, 5)], [(1, 3), (0, 2)], [(2, 3), (0, 10)], [(1, 1), (1, 9)], [(0, 0)]])
def test_what_parts_exceed_by_adds_up_to_what_the_whole_does(parts: list[tuple[int, int]]) -> None:
    vanishing, there = (sum(each) for each in zip(*parts, strict=True))
    assert sum(excess(*part) for part in parts) == excess(vanishing, there)
    assert brakes(vanishing, there) == (excess(vanishing, there) > 0)


@pytest.mark.promise("P4")
def test_a_file_with_a_line_that_nobody_can_read_and_that_empties_nothing_waits_for_nobody(world: World) -> None:
    """A footer (``Total: 2 lines``) each night: somebody was asked to approve that nothing is emptied."""
    mapping = {"columns": {"sku": "Item", "on_hand": "Qty"}, "location_id": "W", "full_count": True}
    assert world.request("stock_api", "PUT", "/v1/imports/mappings/f", body=mapping, scopes="ops")[0] == 200
    nights = (b"Item;Qty\nA;5\nB;5\n", b"Item;Qty\nA;6\nB;4\nTotal: 2 lines\n", b"Item;Qty\nA;6\nTotal: 1 line\n")
    waiting = []
    for night, content in enumerate(nights):
        world.put(f"inbox/f/{night}.csv", content)
        world.settle()
        for _ in range(2):  # the look through the location waits, and so does what empties
            world.wait(hours=12)
        _, unfinished = world.request("stock_api", "GET", "/v1/stock/snapshots", scopes="ops")
        waiting.append([each["brake"]["falling"] for each in unfinished["items"]])
    assert waiting == [[], [], [1]]
