"""The ERP's files are read right, whichever AWS call on their way is broken in any way, or done twice.

The bytes of a file break, too.

Every call is broken with ``STANDBY_EVERY=1``; a plain run breaks every 41st.
"""

import io
from collections.abc import Callable, Mapping
from os import environ
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ResponseStreamingError
from botocore.response import StreamingBody

from tests.crashes import FAULTS, Explored, Fault, Make, at_once, explore, operations
from tests.promises.killing import dead_letters, insists, report
from tests.promises.test_counted_anywhere import asked
from tests.promises.unruly import disorder
from tests.world import Killed, World

pytestmark = pytest.mark.promise("P4", "P9")

EVERY = int(environ.get("STANDBY_EVERY", "41"))
MAPPING = {"columns": {"sku": "Item", "on_hand": "Qty"}, "location_id": "W"}
PLACE = "/v1/imports/mappings/daily"
REPLACED = "another file was put in its place before it was read"
PASS = 40
"""Bytes of a file for each pass, so few that a few lines take several passes."""


# ---- faults of a file's bytes ----


@operations("GetObject")
def body_cut_short(_operation: str, _parameters: Mapping[str, Any], make: Make) -> Any:
    """Let the connection end in the middle of a file, as if that were all."""
    answer = make()
    whole = answer["Body"].read()
    return {**answer, "Body": StreamingBody(io.BytesIO(whole[: len(whole) // 2]), len(whole))}


@operations("GetObject")
def body_reset(operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
    """Let the connection break in the middle of a file."""
    answer = body_cut_short(operation, parameters, make)
    return {**answer, "Body": _Reset(answer["Body"])}


class _Reset:
    def __init__(self, body: StreamingBody) -> None:
        self._half = io.BytesIO(b"".join(iter(lambda: body._raw_stream.read(16), b"")))

    def read(self, amount: int = -1) -> bytes:
        some = self._half.read(min(amount, 16))
        if not some:
            raise ResponseStreamingError(error="connection reset")
        return some


BODY_FAULTS: Mapping[str, Fault] = {"body cut short": body_cut_short, "body reset": body_reset}
FILE_FAULTS: Mapping[str, Fault] = {**FAULTS, **BODY_FAULTS}


def breaks(world: World, act: Callable[[World], None], check: Callable[[World], None]) -> Explored:
    """Break calls in every way, and have them made twice at once."""
    faults = {**FILE_FAULTS, **at_once(world, World.settle, again=True)}
    return explore(world, act, check, faults=faults, every=EVERY, disorder=disorder)


# ---- verbs ----


@pytest.fixture(autouse=True)
def _short_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.imports.passes.PASS_BYTES", PASS)
    monkeypatch.setattr("standby.stock.counts.service.PAGE_LEVELS", 2)
    monkeypatch.setattr("standby.imports.reading.FINDINGS", 1)


def listed(units: Mapping[str, int], *lines: str) -> bytes:
    """Return a file of these units, with other lines in its middle."""
    rows = [f"{sku};{on_hand}" for sku, on_hand in units.items()]
    middle = len(rows) // 2
    return "\n".join(["Item;Qty", *rows[:middle], *lines, *rows[middle:], ""]).encode()


def saves(world: World, **more: object) -> None:
    status, said = world.request("stock_api", "PUT", PLACE, body={**MAPPING, **more}, scopes="ops")
    assert status == 200, said


def runs(world: World) -> None:
    world.settle()
    world.wait(seconds=6)
    world.wait(minutes=16)


def levels(world: World, *skus: str) -> dict[str, int | None]:
    """Return the units of SKUs at the location, ``None`` for those that it does not know."""
    found = {}
    for sku in skus:
        status, stock = world.request("stock_api", "GET", f"/v1/stock/{sku}", scopes="ops")
        found[sku] = stock["on_hand"] if status == 200 else None
    return found


def imports(world: World) -> list[Any]:
    """Return the reports, those of the newest files first."""
    listed = world.request("stock_api", "GET", "/v1/imports", scopes="ops")[1]["items"]
    return [shown(world, about["import_id"]) for about in listed]


def shown(world: World, import_id: str) -> Any:
    """Return a report with all its findings."""
    path = f"/v1/imports/{import_id}"
    status, told = world.request("stock_api", "GET", path, scopes="ops")
    assert status == 200, told
    for name, kind in (("bad_lines", "bad-lines"), ("differences", "differences")):
        told[name] = findings(world, f"{path}/{kind}")
    return told


def findings(world: World, path: str) -> list[Any]:
    found: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = world.request("stock_api", "GET", path, query={"after": after} if after else None, scopes="ops")[1]
        found, after = found + page["items"], page["next"]
    return found


def uploads(world: World, leave: Mapping[str, Any], content: bytes) -> None:
    """Put a file by a signed form until S3 says that it took it."""
    for _ in range(6):
        try:
            world.upload(leave, content)
        except (Killed, BotoCoreError, ClientError):
            continue
        return
    raise AssertionError(leave)


# ---- scenarios ----

UNITS = {"SHIRT-0": 7, "SHIRT-1": 0, "SHIRT-2": 3, "SHIRT-3": 12, "SHIRT-4": 1, "SHIRT-5": 4, "SHIRT-6": 2}
BAD = ["SHIRT-7;many", ";5"]


def test_levels_are_the_files_and_bad_lines_are_reported_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    saves(world)

    def act(world: World) -> None:
        world.put("inbox/daily/stock.csv", listed(UNITS, *BAD))
        runs(world)

    def check(world: World) -> None:
        assert levels(world, *UNITS, "SHIRT-7") == UNITS | {"SHIRT-7": None}
        (told,) = imports(world)
        assert (told["state"], told["totals"]) == ("done", {"rows": 7, "bad_lines": 2, "levels": 7})
        assert [bad["line"] for bad in told["bad_lines"]] == [5, 6]
        assert dead_letters(world) == [], "set aside without need"

    report(capsys, "a file of levels", breaks(world, act, check))


def test_a_file_whose_bytes_break_off_is_read_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """They break off in each of its two passes, although the half that came has only whole lines."""
    saves(world)
    units = {f"SHIRT-{number}": number for number in range(5)}
    content = listed(units)
    assert content[: len(content) // 2].endswith(b"\n")

    def act(world: World) -> None:
        world.put("inbox/daily/stock.csv", content)
        runs(world)

    def check(world: World) -> None:
        assert levels(world, *units) == units
        (told,) = imports(world)
        assert (told["state"], told["totals"]) == ("done", {"rows": 5, "bad_lines": 0, "levels": 5})
        assert dead_letters(world) == [], "set aside without need"

    explored = explore(world, act, check, faults=BODY_FAULTS)
    assert explored.points == 2 * len(BODY_FAULTS)
    report(capsys, "a file's bytes", explored)


def test_an_upload_by_a_mapping_that_was_just_saved_is_imported_under_its_id(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def act(world: World) -> None:
        wish = {"mapping": "daily"}
        more = {**MAPPING, "sum_lines": True, "unit_factor": 0.5}
        insists(world, "stock_api", "PUT", PLACE, body=more, scopes="ops")
        _, leave = insists(world, "stock_api", "POST", "/v1/imports/uploads", body=wish, scopes="erp")
        world.events.append(("the upload's id", leave))
        uploads(world, leave, listed({"SHIRT-0": 7, "SHIRT-1": 4}, "SHIRT-0;7"))
        runs(world)

    def check(world: World) -> None:
        assert levels(world, "SHIRT-0", "SHIRT-1") == {"SHIRT-0": 7, "SHIRT-1": 2}
        (leave,) = [said for name, said in world.events if name == "the upload's id"]
        told = shown(world, leave["import_id"])
        assert (told["state"], told["totals"]["rows"]) == ("done", 3)
        assert dead_letters(world) == [], "set aside without need"

    report(capsys, "an upload", breaks(world, act, check))


def test_a_dry_run_changes_nothing_and_its_result_is_whole(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    saves(world, full_count=True)
    before = {"SHIRT-0": 7, "SHIRT-1": 4, "GONE-1": 3, "GONE-2": 9}
    world.put("inbox/daily/first.csv", listed(before))
    runs(world)
    known = world.memory.tables["Stock"].stream[:]
    world.clock.advance(minutes=1)

    def act(world: World) -> None:
        world.put("inbox-dry-run/daily/second.csv", listed({"SHIRT-0": 7, "SHIRT-1": 0, "SHIRT-2": 3}, "SHIRT-9;many"))
        runs(world)

    def check(world: World) -> None:
        told, first = imports(world)
        assert first["state"] == "done"
        assert told["state"] == "done"
        assert {each["sku"]: each["what"] for each in told["differences"]} == {
            "SHIRT-1": "emptied",
            "SHIRT-2": "new",
            "GONE-1": "absent",
            "GONE-2": "absent",
        }
        assert len(told["differences"]) == 4
        assert [bad["text"] for bad in told["bad_lines"]] == ["SHIRT-9 | many"]
        counted = {name: told["totals"][name] for name in ("same", "emptied", "new", "absent", "stocked", "would_wait")}
        assert counted == {"same": 1, "emptied": 1, "new": 1, "absent": 2, "stocked": 4, "would_wait": 1}
        written = {
            record["dynamodb"]["Keys"]["pk"]["S"] for record in world.memory.tables["Stock"].stream[len(known) :]
        }
        assert {key.partition("#")[0] for key in written} <= {"IMPORT", "IMPORTS"}, "a dry run changed something"
        assert dead_letters(world) == [], "set aside without need"

    report(capsys, "a dry run", breaks(world, act, check))


def test_a_full_count_by_file_waits_for_approval_and_is_applied_whole(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    saves(world, full_count=True)
    world.put("inbox/daily/first.csv", listed({"SHIRT-0": 7, "SHIRT-1": 4, "SHIRT-2": 3, "SHIRT-3": 9}))
    runs(world)
    world.clock.advance(minutes=1)

    def act(world: World) -> None:
        world.put("inbox/daily/second.csv", listed({"SHIRT-0": 8, "SHIRT-1": 0, "SHIRT-4": 1, "SHIRT-5": 2}))
        for _ in range(3):  # a person tries again when the answer was an error
            runs(world)
            status, unfinished = asked(world, "GET", "/v1/stock/snapshots")
            for snapshot in unfinished["items"] if status == 200 else ():
                asked(world, "POST", f"/v1/stock/snapshots/{snapshot['snapshot_id']}/approve")
        runs(world)

    def check(world: World) -> None:
        told, _ = imports(world)
        snapshot = world.request("stock_api", "GET", f"/v1/stock/snapshots/{told['snapshot_id']}", scopes="ops")[1]
        assert (told["state"], snapshot["state"], snapshot["decided_by"]) == ("done", "applied", "test (key)")
        assert levels(world, *(f"SHIRT-{number}" for number in range(6))) == {
            "SHIRT-0": 8,
            "SHIRT-1": 0,
            "SHIRT-2": 0,
            "SHIRT-3": 0,
            "SHIRT-4": 1,
            "SHIRT-5": 2,
        }
        assert dead_letters(world) == [], "set aside without need"

    report(capsys, "a full count by file", breaks(world, act, check))


def test_the_newer_file_wins_in_whatever_order_and_however_often_s3_tells(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    saves(world)

    def act(world: World) -> None:
        world.put("inbox/daily/monday.csv", listed({"SHIRT-0": 1, "SHIRT-1": 1, "SHIRT-2": 1}))
        world.clock.advance(minutes=1)
        world.put("inbox/daily/tuesday.csv", listed({"SHIRT-0": 2, "SHIRT-1": 2, "SHIRT-3": 2}))
        told = list(world.queues["StockImports"])
        world.queues["StockImports"].reverse()
        world.batch = 1
        for _ in range(6):  # their passes cross
            world.deliver("StockImports")
        for notice in told:
            world.send("StockImports", notice.body)
        runs(world)

    def check(world: World) -> None:
        assert levels(world, "SHIRT-0", "SHIRT-1", "SHIRT-2", "SHIRT-3") == {
            "SHIRT-0": 2,
            "SHIRT-1": 2,
            "SHIRT-2": 1,
            "SHIRT-3": 2,
        }
        assert [told["state"] for told in imports(world)] == ["done", "done"]
        assert dead_letters(world) == [], "set aside without need"

    report(capsys, "crossing files", breaks(world, act, check))


def test_a_file_replaced_while_it_is_read_gives_way_to_its_successor(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever replaces a file means it: nothing waits for a person, and the report says what happened."""
    saves(world)

    def act(world: World) -> None:
        world.put("inbox/daily/stock.csv", listed(dict.fromkeys(UNITS, 1)))
        world.deliver("StockImports")
        world.clock.advance(minutes=1)
        world.put("inbox/daily/stock.csv", listed(UNITS))
        runs(world)

    def check(world: World) -> None:
        assert levels(world, *UNITS) == UNITS
        new, old = sorted(imports(world), key=lambda told: told["put_at"], reverse=True)
        assert new["state"] == "done"
        # Where another container overtook the first pass, the file was read to its end before it was replaced.
        assert (old["state"], old.get("reason")) in {("done", None), ("replaced", REPLACED)}
        assert dead_letters(world) == [], "set aside without need"

    report(capsys, "a file replaced", breaks(world, act, check))


def test_a_file_set_aside_is_imported_once_its_mapping_is_there(world: World) -> None:
    world.put("inbox/daily/stock.csv", listed(UNITS))
    world.settle()
    (letter,) = world.queues["StockDeadLetters"]
    world.clock.advance(hours=1)
    saves(world)
    world.send("StockImports", letter.body, attributes=letter.attributes)
    runs(world)

    assert levels(world, *UNITS) == UNITS
    (told,) = imports(world)
    assert (told["state"], told.get("reason"), told["put_at"]) == ("done", None, "2026-05-03T10:00:00.000Z")


def test_files_that_cannot_be_read_are_set_aside_with_a_reason_and_no_others(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    saves(world)

    def act(world: World) -> None:
        world.put("inbox/daily/pictures.csv", b"Name;Menge\nSHIRT-0;5\n")
        world.put("inbox/weekly/stock.csv", listed({"SHIRT-0": 5}))
        world.put("inbox/loose.csv", listed({"SHIRT-0": 5}))
        world.put("inbox/daily/deleted.csv", listed({"SHIRT-0": 5}))
        del world.bucket.objects["inbox/daily/deleted.csv"]
        world.put("inbox/daily/good.csv", listed({"SHIRT-1": 5}))
        runs(world)

    def check(world: World) -> None:
        assert levels(world, "SHIRT-0", "SHIRT-1") == {"SHIRT-0": None, "SHIRT-1": 5}
        reasons = {letter.attributes["reason"].partition(": ")[::2] for letter in world.queues["StockDeadLetters"]}
        assert reasons == {
            ("inbox/daily/pictures.csv", "the file has no column 'Item', only: Name, Menge"),
            ("inbox/weekly/stock.csv", "there is no mapping 'weekly': PUT /v1/imports/mappings/weekly"),
            (
                "inbox/loose.csv",
                "files belong into inbox/<mapping>/ or inbox-dry-run/<mapping>/; a mapping's name has only a-z 0-9 _ -",
            ),
            ("inbox/daily/deleted.csv", "the file is not there any more, or may not be read (S3 does not say which)"),
        }
        assert sorted(told["state"] for told in imports(world)) == ["done", *["failed"] * 4]
        assert dead_letters(world) == ["StockDeadLetters"]

    report(capsys, "files that are none", breaks(world, act, check))
