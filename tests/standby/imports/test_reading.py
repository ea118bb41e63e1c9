"""Files into messages: every line is in a level or in the report; what is sent is what the file says."""

# ruff: noqa: RUF001 - Hebrew letters are no Latin ones

import io
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from standby.imports import passes
from standby.imports.model import MissingError, ReplacedError
from standby.imports.reading import FileReader
from standby.ledger.model import Level
from standby.platform.queue import Message, PoisonError
from standby.stock.counts.service import StockCounts

from tests.fakes import FakeClock, FakeQueue, sqs_record

PUT_AT = "2026-05-03T09:59:00.000Z"
PLAIN = {"columns": {"sku": "Item", "on_hand": "Qty"}, "location_id": "W", "version": 1}


@dataclass
class FakeFiles:
    """A bucket, the saved mappings, the reports and the ledger's levels."""

    objects: dict[str, bytes] = field(default_factory=dict)
    mappings: dict[str, dict[str, Any]] = field(default_factory=lambda: {"plain": PLAIN})
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    pages: dict[tuple[str, str, str], Sequence[Any]] = field(default_factory=dict)
    known: dict[tuple[str, str], Level] = field(default_factory=dict)

    def open(self, key: str, *, etag: str) -> io.BytesIO:
        if key not in self.objects:
            raise MissingError
        if etag != "etag":
            raise ReplacedError
        return io.BytesIO(self.objects[key])

    def mapping(self, name: str) -> dict[str, Any] | None:
        return self.mappings.get(name)

    def state(self, import_id: str) -> tuple[str, str, str] | None:
        report = self.reports.get(import_id)
        return (report["state"], report.get("sequencer", ""), report["key"]) if report else None

    def write(self, import_id: str, values: Mapping[str, Any], *, now: datetime) -> None:
        self.reports.setdefault(import_id, {}).update(values)

    def begin(self, import_id: str, *, now: datetime) -> None:
        self.reports.setdefault(import_id, {})

    def find(self, import_id: str, kind: str, place: str, found: Sequence[Any], *, now: datetime) -> None:
        self.pages[import_id, kind, place] = list(found)

    def levels_of(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Level]:
        return {key: self.known[key] for key in keys if key in self.known}

    def levels(self, location_id: str, cursor: Any) -> tuple[list[tuple[str, Level]], None]:
        return [(sku, level) for (place, sku), level in self.known.items() if place == location_id], None

    def found(self, kind: str) -> list[Any]:
        return [finding for (_, of, _), found in sorted(self.pages.items()) if of == kind for finding in found]


@dataclass
class Desk:
    """A reader of files and everything around it."""

    files: FakeFiles = field(default_factory=FakeFiles)
    updates: FakeQueue = field(default_factory=FakeQueue)
    imports: FakeQueue = field(default_factory=FakeQueue)
    clock: FakeClock = field(default_factory=FakeClock)
    metrics: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reader = FileReader(
            inbox=self.files,
            reports=self.files,
            kinds={"stock": StockCounts(levels=self.files, updates=self.updates)}.__getitem__,
            imports=self.imports,
            dead_letters=FakeQueue(),
            clock=self.clock,
            count=lambda name, value: self.metrics.update({name: self.metrics.get(name, 0) + value}),
        )

    def put(
        self, content: str | bytes, *, key: str = "inbox/plain/stock.csv", encoding: str = "utf-8"
    ) -> dict[str, Any]:
        """Put a file, let every pass of its import run, and return the report."""
        self.files.objects[key] = content.encode(encoding) if isinstance(content, str) else content
        self.reader.handle(event(key, size=len(self.files.objects[key])))
        while jobs := self.imports.drain():
            for job in jobs:
                self.reader.handle(Message.from_record(sqs_record(job.body)))
        (report,) = self.files.reports.values()
        return report

    def messages(self) -> list[dict[str, Any]]:
        """Return the stock messages sent, those of batches one by one."""
        return [
            message
            for body in self.updates.bodies()
            for message in (body["messages"] if body["type"] == "batch" else [body])
        ]

    def told(self) -> dict[tuple[str, str], int]:
        """Return the units told, by location and SKU, of levels and of pages."""
        told: dict[tuple[str, str], int] = {}
        for message in self.messages():
            for level in message.get("levels", [message]):
                told[message["location_id"], level["sku"]] = level.get("on_hand", level.get("available"))
        return told


def event(key: str, *, size: int = 1, etag: str = "etag", sequencer: str = "01") -> Message:
    record = {
        "eventTime": PUT_AT,
        "s3": {"bucket": {"name": "inbox"}, "object": {"key": key, "size": size, "eTag": etag, "sequencer": sequencer}},
    }
    return Message.from_record(sqs_record(json.dumps({"Records": [record]})))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_file_becomes_levels_as_of_the_time_it_was_put_there(desk: Desk) -> None:
    report = desk.put("Item;Qty\nA;5\nB;0\n")
    assert [(m["sku"], m["location_id"], m["on_hand"], m["as_of"]) for m in desk.messages()] == [
        ("A", "W", 5, PUT_AT),
        ("B", "W", 0, PUT_AT),
    ]
    assert (report["state"], report["totals"]) == ("done", {"rows": 2, "bad_lines": 0, "levels": 2})


def test_the_erp_of_a_hebrew_windows_is_understood(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {
        "columns": {"sku": "מק״ט", "location": "מחסן", "on_hand": "כמות"},
        "location_id": None,
        "encoding": "windows-1255",
        "decimal": ",",
    }
    desk.put('מק״ט;תיאור;מחסן;כמות\nA-1;"חולצה\nאדומה";חיפה;1.234,5\n', encoding="windows-1255")
    assert desk.told() == {("חיפה", "A-1"): 1234}


def test_lines_of_lots_are_added_up_before_they_are_rounded(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"sum_lines": True, "unit_factor": 0.5}
    desk.put("Item;Qty\nA;3\nB;1\nA;3\n")
    assert desk.told() == {("W", "A"): 3, ("W", "B"): 0}


def test_a_sku_named_twice_without_adding_up_is_a_bad_line(desk: Desk) -> None:
    report = desk.put("Item;Qty\nA;3\nA;4\n")
    assert desk.told() == {("W", "A"): 3}
    assert desk.files.found("bad") == [
        {
            "line": 3,
            "lines": 1,
            "reason": "line 2 says this SKU and location already (sum_lines adds them up)",
            "text": "A | 4",
        }
    ]
    assert report["totals"]["bad_lines"] == 1


def test_where_lines_have_times_the_newest_counts(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": "Item", "on_hand": "Qty", "as_of": "At"}}
    desk.put("Item;Qty;At\nA;3;2026-05-03T08:00:00Z\nA;4;2026-05-03T09:00:00Z\nA;5;2026-05-03T07:00:00Z\n")
    assert [(m["on_hand"], m["as_of"]) for m in desk.messages()] == [(4, "2026-05-03T09:00:00.000Z")]


def test_bad_lines_are_reported_and_the_good_ones_around_them_go_through(desk: Desk) -> None:
    report = desk.put("Item;Qty\nA;5\nB;many\n;3\nC;7\n")
    assert desk.told() == {("W", "A"): 5, ("W", "C"): 7}
    assert [(bad["line"], bad["reason"]) for bad in desk.files.found("bad")] == [
        (3, "on_hand: 'many' is no number"),
        (4, "sku: is empty"),
    ]
    assert report["totals"] == {"rows": 2, "bad_lines": 2, "levels": 2}
    assert desk.metrics == {"LinesNotImported": 2}


def test_a_full_count_becomes_a_snapshot_of_each_location_that_it_names(desk: Desk) -> None:
    desk.files.mappings["plain"] = {
        "columns": {"sku": 1, "location": 2, "on_hand": 3},
        "full_count": True,
        "header": False,
    }
    lines = [f"S{number};{'W' if number % 3 else 'V'};{number}" for number in range(1, 1300)]
    desk.put("\n".join(lines))
    assert {message["type"] for message in desk.messages()} == {"stock.snapshot"}
    for place in ("V", "W"):
        pages = [message for message in desk.messages() if message["location_id"] == place]
        assert [page["page"] for page in pages] == list(range(1, len(pages) + 1))
        assert [page.get("pages") for page in pages] == [None] * (len(pages) - 1) + [len(pages)]
        assert {len(page["levels"]) <= 500 for page in pages} == {True}
    assert desk.told() == {("W" if n % 3 else "V", f"S{n}"): n for n in range(1, 1300)}


def test_a_full_count_with_a_bad_line_doubts_itself(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True}
    desk.put("Item;Qty\nA;5\nB;many\n")
    assert desk.messages()[-1]["doubt"] == "1 line of inbox/plain/stock.csv could not be read"


def test_a_full_count_names_what_it_does_not_count_so_that_it_does_not_become_nothing(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True, "keep_words": ["n/a"]}
    report = desk.put("Item;Qty\nA;5\nB;N/A\nC;0\n")
    assert desk.messages()[0]["levels"] == [
        {"sku": "A", "on_hand": 5},
        {"sku": "C", "on_hand": 0},
        {"sku": "B", "counted": False},
    ]
    assert report["totals"] == {"rows": 3, "bad_lines": 0, "levels": 2, "kept": 1}
    assert "doubt" not in desk.messages()[-1]


def test_a_full_count_that_counts_a_sku_and_does_not_count_it_has_a_bad_line(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True, "keep_words": ["n/a"]}
    desk.put("Item;Qty\nA;n/a\nA;5\nB;5\nB;n/a\nC;n/a\nC;n/a\n")
    assert [(bad["line"], bad["reason"]) for bad in desk.files.found("bad")] == [
        (3, "line 2 names this SKU and location already: either it was counted, or not"),
        (5, "line 4 names this SKU and location already: either it was counted, or not"),
        (7, "line 6 names this SKU and location already: either it was counted, or not"),
    ]


def test_a_dry_run_of_a_full_count_leaves_what_it_does_not_count(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True, "keep_words": ["n/a"]}
    desk.files.known = {("W", f"S{number}"): level(5) for number in range(5)}
    report = desk.put("Item;Qty\nS0;n/a\nS1;n/a\nS2;5\nS3;5\n", key="inbox-dry-run/plain/stock.csv")
    assert [(each["sku"], each["what"]) for each in desk.files.found("difference")] == [("S4", "absent")]
    assert {name: report["totals"][name] for name in ("absent", "stocked", "would_wait")} == {
        "absent": 1,
        "stocked": 5,
        "would_wait": 0,
    }


def test_a_full_count_without_lines_counts_its_one_location_as_empty(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True}
    desk.put("Item;Qty\n")
    assert [(m["location_id"], m["page"], m["pages"], m["levels"]) for m in desk.messages()] == [("W", 1, 1, [])]


@pytest.mark.parametrize("full_count", [False, True])
def test_a_large_file_is_read_in_passes_that_say_the_same_as_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, full_count: bool
) -> None:
    """Lines of one SKU far apart, bad lines in between: nothing twice, nothing missing, each bad line once."""
    dice = random.Random(7)
    lines = [f"SKU-{dice.randrange(200)};{dice.randrange(50)}" for _ in range(1_500)] + ["BAD;x", ";1"]
    dice.shuffle(lines)
    desk.files.mappings["plain"] = PLAIN | {"sum_lines": True, "full_count": full_count}
    content = "Item;Qty\n" + "\n".join(lines)
    monkeypatch.setattr(passes, "PASS_BYTES", len(content) // 4)
    report = desk.put(content)
    expected: dict[tuple[str, str], int] = {}
    for line in lines:
        sku, units = line.split(";")
        if sku not in {"", "BAD"}:
            expected["W", sku] = expected.get(("W", sku), 0) + int(units)
    assert report["passes"] > 3
    assert desk.told() == expected
    assert report["totals"] == {"rows": 1_500, "bad_lines": 2, "levels": len(expected)}
    assert len(desk.files.found("bad")) == 2
    if full_count:
        pages = [message["page"] for message in desk.messages()]
        assert sorted(pages) == list(range(1, len(pages) + 1))
        assert [m["pages"] for m in desk.messages() if "pages" in m] == [len(pages)]


def test_a_pass_that_died_says_the_same_again(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True}
    desk.files.objects["inbox/plain/stock.csv"] = b"Item;Qty\nA;5\nB;6\n"
    desk.reader.handle(event("inbox/plain/stock.csv", size=18))
    first = desk.updates.drain()
    (report,) = desk.files.reports.values()
    report["state"] = "importing"  # as if it had died before it could say that it was done
    desk.reader.handle(event("inbox/plain/stock.csv", size=18))
    assert desk.updates.drain() == first


def test_an_import_that_is_done_is_not_done_again(desk: Desk) -> None:
    desk.put("Item;Qty\nA;5\n")
    desk.updates.drain()
    desk.reader.handle(event("inbox/plain/stock.csv", size=13))
    assert desk.updates.messages == []


def level(on_hand: int, *, as_of: str = "2026-05-03T08:00:00.000Z") -> Level:
    return Level(location_id="W", on_hand=on_hand, as_of=as_of, edition=1)


def test_a_dry_run_reports_the_differences_and_sends_nothing(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": True}
    desk.files.known = {
        ("W", "SAME"): level(5),
        ("W", "MORE"): level(1),
        ("W", "GONE"): level(2),
        ("W", "ZERO"): level(3),
        ("W", "NEWER"): level(9, as_of="2026-05-03T09:59:30.000Z"),
    }
    report = desk.put("Item;Qty\nSAME;5\nMORE;2\nFIRST;1\nZERO;0\nNEWER;1\n", key="inbox-dry-run/plain/stock.csv")
    assert desk.updates.messages == []
    differences = {difference["sku"]: difference["what"] for difference in desk.files.found("difference")}
    assert differences == {"MORE": "changed", "FIRST": "new", "ZERO": "emptied", "NEWER": "older", "GONE": "absent"}
    assert report["totals"] == {
        "rows": 5,
        "bad_lines": 0,
        "levels": 5,
        "same": 1,
        "changed": 1,
        "emptied": 1,
        "new": 1,
        "older": 1,
        "absent": 1,
        "stocked": 5,
        "would_wait": 1,
    }


@pytest.mark.parametrize(
    ("key", "content", "reason"),
    [
        ("inbox/plain/a.csv", b"Menge;Was\n1;2\n", "the file has no column 'Item', only: Menge, Was"),
        ("inbox/plain/a.csv", b"", "the file is empty"),
        ("inbox/plain/a.csv", b"Item;Qty\nA;x\nB;y\n", "none of 2 lines could be read"),
        ("inbox/plain/a.csv", b"\x7fELF" + b"\x00" * 200_000, "characters"),
        ("inbox/plain/a.csv", b"PK\x03\x04" + b"\x00" * 200_000, "the file is damaged, or no zip file"),
        ("inbox/plain/a.csv", b"\x1f\x8b\x08" + b"\x00" * 200, "the file is damaged, or no gzip file"),
        ("inbox/plain/a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 900, "the workbook cannot be read"),
        ("inbox/other/a.csv", b"Item;Qty\nA;1\n", "there is no mapping 'other'"),
    ],
)
def test_an_unreadable_file_is_poison_with_its_reason(desk: Desk, key: str, content: bytes, reason: str) -> None:
    with pytest.raises(PoisonError, match=reason):
        desk.put(content, key=key)
    (report,) = desk.files.reports.values()
    assert (report["state"], reason in report["reason"]) == ("failed", True)
    assert desk.updates.messages == []


def test_a_file_in_which_two_columns_are_one_is_not_read(desk: Desk) -> None:
    """A title and a number: only the file shows that they are the same."""
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": 1, "on_hand": "Item"}}
    with pytest.raises(PoisonError, match=r"columns\.on_hand: it is the column of sku, too"):
        desk.put("Item;Qty\n5;3\n")


def test_a_file_that_was_replaced_meanwhile_is_left_to_its_own_event(desk: Desk) -> None:
    desk.files.objects["inbox/plain/a.csv"] = b"Item;Qty\nA;1\n"
    desk.reader.handle(event("inbox/plain/a.csv", etag="older"))
    (report,) = desk.files.reports.values()
    assert (report["state"], report["reason"]) == ("replaced", "another file was put in its place before it was read")
    assert desk.updates.messages == []


def test_a_file_that_was_deleted_meanwhile_is_poison_with_its_reason(desk: Desk) -> None:
    with pytest.raises(PoisonError, match=r"inbox/plain/a.csv: the file is not there any more, or may not be read"):
        desk.reader.handle(event("inbox/plain/a.csv"))


def test_what_s3_tells_late_of_an_upload_leaves_the_later_uploads_report(desk: Desk) -> None:
    import_id = "0123456789abcdef01234567"
    key = f"inbox/plain/{import_id}.csv"
    desk.files.reports[import_id] = {"state": "waiting", "key": key}
    desk.files.objects[key] = b"Item;Qty\nA;5\n"
    desk.reader.handle(event(key, sequencer="0A"))
    desk.reader.handle(event(key, sequencer="09FF", etag="older"))
    (report,) = desk.files.reports.values()
    assert (report["state"], report["sequencer"]) == ("done", "0A")


@pytest.mark.parametrize("full_count", [False, True])
def test_every_pass_reads_by_the_mapping_that_the_first_one_found(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, full_count: bool
) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": full_count}
    content = "Item;Qty\n" + "".join(f"S{number};{number}\n" for number in range(40))
    monkeypatch.setattr(passes, "PASS_BYTES", len(content) // 2)
    desk.files.objects["inbox/plain/a.csv"] = content.encode()
    desk.reader.handle(event("inbox/plain/a.csv", size=len(content)))
    desk.files.mappings["plain"] = PLAIN | {"location_id": "V", "version": 2}
    while jobs := desk.imports.drain():
        for job in jobs:
            desk.reader.handle(Message.from_record(sqs_record(job.body)))
    assert desk.told() == {("W", f"S{number}"): number for number in range(40)}
    (report,) = desk.files.reports.values()
    assert (report["state"], report["mapping_version"]) == ("done", 1)


def test_of_two_chains_of_passes_the_report_shows_the_findings_of_the_one_that_came_to_the_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first pass sends the second one on and dies. Repeated, it begins another chain beside that one."""
    content = "Item;Qty\n" + "".join(f"S{number};{number}\n" for number in range(40))
    monkeypatch.setattr(passes, "PASS_BYTES", len(content) // 2)
    desk.files.objects["inbox/plain/a.csv"] = content.encode()
    told = event("inbox/plain/a.csv", size=len(content))
    desk.reader.handle(told)
    (report,) = desk.files.reports.values()
    first = report["run"]
    (second_pass,) = desk.imports.drain()
    desk.clock.advance(seconds=1)
    desk.reader.handle(told)
    desk.imports.drain()
    desk.imports.send([second_pass])
    while jobs := desk.imports.drain():
        for job in jobs:
            desk.reader.handle(Message.from_record(sqs_record(job.body)))
    assert (report["state"], report["run"]) == ("done", first)


def test_a_full_count_begun_anew_by_another_mapping_is_another_snapshot(desk: Desk) -> None:
    key = "inbox/plain/a.csv"
    desk.files.objects[key] = b"Item;Qty\nA;5\n"
    for version in (1, 2):
        desk.files.mappings["plain"] = PLAIN | {"full_count": True, "version": version}
        desk.reader.handle(event(key))
        (report,) = desk.files.reports.values()
        report["state"] = "importing"  # as if it had died before it could say that it was done
    assert len({message["snapshot_id"] for message in desk.messages()}) == 2


def test_what_s3_says_when_it_tries_the_queue_out_is_no_file(desk: Desk) -> None:
    body = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "inbox"}
    desk.reader.handle(Message.from_record(sqs_record(json.dumps(body))))
    assert desk.files.reports == {}


def test_a_name_with_spaces_and_hebrew_is_read_as_s3_writes_it(desk: Desk) -> None:
    desk.files.objects["inbox/plain/מלאי 1.csv"] = b"Item;Qty\nA;1\n"
    desk.reader.handle(event("inbox/plain/%D7%9E%D7%9C%D7%90%D7%99+1.csv", size=13))
    assert desk.told() == {("W", "A"): 1}


@pytest.mark.promise("P9")
def test_a_bad_file_of_several_in_one_event_fails_alone(desk: Desk) -> None:
    desk.files.objects["inbox/plain/a.csv"] = b"Item;Qty\nA;1\n"
    records = [json.loads(event(key).body)["Records"][0] for key in ("inbox/loose.csv", "inbox/plain/a.csv")]
    desk.reader.handle(Message.from_record(sqs_record(json.dumps({"Records": records}))))
    loose, good = desk.imports.drain()
    with pytest.raises(PoisonError, match="files belong into"):
        desk.reader.handle(Message.from_record(sqs_record(loose.body)))
    desk.reader.handle(Message.from_record(sqs_record(good.body)))
    assert desk.told() == {("W", "A"): 1}


@pytest.mark.parametrize("year", ["0001", "2027"])
def test_a_line_of_another_year_is_a_bad_line(desk: Desk, year: str) -> None:
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": "Item", "on_hand": "Qty", "as_of": "At"}}
    desk.put(f"Item;Qty;At\nA;3;{year}-05-03T08:00:00Z\nB;4;2026-05-03T09:00:00Z\n")
    assert desk.told() == {("W", "B"): 4}
    assert [bad["line"] for bad in desk.files.found("bad")] == [2]


@pytest.mark.promise("P2")
@pytest.mark.parametrize("full_count", [False, True])
def test_the_levels_of_a_file_are_a_group_that_live_levels_overtake(
    desk: Desk,
    full_count: bool,  # noqa: FBT001 - a case
) -> None:
    desk.files.mappings["plain"] = PLAIN | {"full_count": full_count}
    desk.put("Item;Qty\n" + "".join(f"S{number};1\n" for number in range(600)))
    groups = {message.group for message in desk.updates.messages}
    assert len(desk.updates.messages) > 1
    assert len(groups) == 1
    assert None not in groups


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"import": 5}, "import: must be object"),
        ({"import": {"a": 1}}, "import: .*'a'"),
        ({"import": dict.fromkeys(("import_id", "key", "etag", "size", "sequencer", "at"), 5)}, "import_id: must be"),
        ({"Records": 5}, "Records: must be array"),
        ({}, "Records: missing"),
        ({"Records": [5]}, "s3: missing"),
        ({"Records": [{"s3": {}}]}, "object: missing"),
        ({"Records": [{"s3": {"object": {"key": "inbox/plain/a.csv"}}}]}, "size: missing"),
        ({"Records": [{"s3": {"object": {"key": "inbox/plain/a.csv", "size": 1}}}]}, "eventTime: missing"),
        ({"Records": [{"s3": {"object": {"key": "inbox/plain/a", "size": 1}}, "eventTime": "?"}]}, "eventTime: "),
        ([{"s3": {}}], "message: must be object"),
    ],
)  # fmt: skip
def test_what_is_no_event_of_s3_is_poison_with_its_reason(desk: Desk, body: Any, reason: str) -> None:
    with pytest.raises(PoisonError, match=reason):
        desk.reader.handle(Message.from_record(sqs_record(json.dumps(body))))
