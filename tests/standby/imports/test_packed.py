"""Packed files: what comes out is read as if it had come so, and what cannot be unpacked is told."""

import gzip
import io
import zipfile
from collections.abc import Mapping

import pytest
from standby.imports import packed
from standby.imports.model import UnreadableError
from standby.imports.packed import unpacked
from standby.platform.queue import PoisonError

from tests.standby.imports.test_reading import Desk, event

LINES = b"Item;Qty\nA;5\nB;0\n"
STORED = zipfile.ZIP_STORED
TOLD = {("W", "A"): 5, ("W", "B"): 0}


def zipped(files: Mapping[str, bytes], way: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", way) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(LINES),
        gzip.compress(LINES[:9]) + gzip.compress(LINES[9:]),
        zipped({"stock.csv": LINES}),
        zipped({"stock.csv": LINES}, STORED),
        zipped({"stock.csv": LINES}, zipfile.ZIP_BZIP2),
        zipped({"out/": b"", "out/stock.csv": LINES, "__MACOSX/out/._stock.csv": b"x", "out/.DS_Store": b"x"}),
    ],
    ids=["gzip", "gzip in parts", "zip", "zip without packing", "zip by bzip2", "zip of a Macintosh"],
)
def test_a_packed_file_is_read_as_what_it_holds(desk: Desk, content: bytes) -> None:
    report = desk.put(content)
    assert desk.told() == TOLD
    assert (report["state"], report["passes"]) == ("done", 1)


def test_a_file_that_unpacks_to_much_is_read_in_passes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.imports.passes.PASS_BYTES", 1000)
    lines = "".join(f"S-{number};{number}\n" for number in range(300))
    report = desk.put(gzip.compress(f"Item;Qty\n{lines}".encode()))
    assert desk.told() == {("W", f"S-{number}"): number for number in range(300)}
    assert (report["passes"], report["totals"]["rows"]) == (3, 300)


def encrypted(name: str = "stock.csv") -> bytes:
    content = bytearray(zipped({name: LINES}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + place] |= 1
    return bytes(content)


def scratched(way: int) -> bytes:
    """Return a zip file of which one byte is another."""
    lines = b"".join(b"A%d;%d\n" % (number, number * 7919 % 1000) for number in range(2000))
    content = bytearray(zipped({"stock.csv": b"Item;Qty\n" + lines}, way))
    content[800] ^= 0x55
    return bytes(content)


DAMAGED = {
    "bzip2": scratched(zipfile.ZIP_BZIP2),
    "lzma": scratched(zipfile.ZIP_LZMA),
    "deflated": scratched(zipfile.ZIP_DEFLATED),
    "encrypted workbook": encrypted("xl/workbook.xml"),
    "encrypted open workbook": encrypted("content.xml"),
}


@pytest.mark.promise("P9")
@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damage_of_any_kind_fails_at_once(desk: Desk, content: bytes) -> None:
    """It stayed at ``importing`` for five tries."""
    with pytest.raises(PoisonError, match="damaged"):
        desk.put(content)
    (report,) = desk.files.reports.values()
    assert report["state"] == "failed"


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(LINES)[:-6], "the file is damaged, or no gzip file"),
        (gzip.compress(LINES)[:-8] + bytes(8), "the file is damaged, or no gzip file"),
        (gzip.compress(LINES) + b"rubbish", "the file is damaged, or no gzip file"),
        (zipped({"stock.csv": LINES})[:-30], "the file is damaged, or no zip file"),
        (zipped({"stock.csv": LINES}, STORED).replace(b"A;5", b"A;9"), "the file is damaged, or no zip file"),
        (zipped({"a.csv": LINES, "b.csv": LINES}), "must hold one file, and this one holds 2: a.csv, b.csv"),
        (zipped({"out/": b""}), "must hold one file, and this one holds 0"),
        (encrypted(), "stock.csv in the zip file is encrypted"),
        (gzip.compress(gzip.compress(LINES)), "no column 'Item'"),
    ],
    ids=["cut", "checksum", "more behind", "cut zip", "other content", "two", "none", "encrypted", "twice"],
)
def test_what_cannot_be_unpacked_ends_in_a_report_that_says_why(desk: Desk, content: bytes, reason: str) -> None:
    desk.files.objects["inbox/plain/a.csv"] = content
    with pytest.raises(PoisonError, match="inbox/plain"):
        desk.reader.handle(event("inbox/plain/a.csv", size=len(content)))
    (report,) = desk.files.reports.values()
    assert (report["state"], reason in report["reason"]) == ("failed", True)
    assert desk.messages() == []


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    "content", [gzip.compress(bytes(5_000)), zipped({"bomb.csv": bytes(5_000)})], ids=["gzip", "zip"]
)
def test_a_file_that_unpacks_to_too_much_is_refused(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "LARGEST_BYTES", 4_000)
    file, _ = unpacked(io.BytesIO(content))
    with pytest.raises(UnreadableError, match="unpacked it has more than 4,000 bytes"):
        packed.size(file)


def test_a_zip_that_is_too_large_to_be_laid_down_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "LARGEST_ZIP", 100)
    with pytest.raises(UnreadableError, match="may have at most 100 bytes"):
        unpacked(io.BytesIO(zipped({"stock.csv": LINES}) + bytes(200)))
