"""Files that come packed: gzip, zip with one file in it, workbooks. What comes out is checked while it is read.

A packed file may claim any size, so nothing is believed: whatever is read is counted, up to `LARGEST_BYTES`.
"""

import gzip
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from typing import IO, cast

from standby.imports.csv_file import CHUNK_BYTES, Stream, buffered
from standby.imports.model import LARGEST_BYTES, UnreadableError

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the old workbooks of Excel begin."""
IN_WORKBOOKS = ("xl/workbook.xml", "content.xml")
"""What a zip file holds that is a workbook: of Excel, of OpenDocument."""
BINARY = "xl/workbook.bin"
"""What it holds that is one of Excel in its own bytes (``.xlsb``): of such a cell nobody can tell an error."""
LARGEST_WORKBOOK = 100 * 1024**2
LARGEST_UNPACKED = 700 * 1024**2
"""So much a workbook of a million rows takes unpacked."""
LARGEST_ZIP = 400 * 1024**2
"""A zip file is read from its end, so it is laid down first; a function has room for 512 MB."""
OF_THE_SYSTEM = ("__MACOSX/", ".DS_Store")
"""What a computer packs beside the file that somebody chose."""
ENCRYPTED = 1
"""The bit of a zip file's member that says so."""
SHOWN = 3
DAMAGED = (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error, LZMAError)
"""What is raised for packed bytes that are not what they should be, or are encrypted."""


def unpacked(stream: Stream, *, most_unpacked: int | None = None) -> tuple[Stream, bool]:
    """Return a file unpacked, and whether it was packed. Raises `UnreadableError`, also while it is read.

    ``most_unpacked`` is how many bytes a workbook may have once it is unpacked; ``None``: `LARGEST_UNPACKED`.
    The first bytes tell how a file is packed, and not its name. A workbook comes as `Rows`.
    """
    raw = buffered(stream)
    beginning = raw.peek(len(WORKBOOK))
    if beginning.startswith(GZIP):
        return _Checked(cast("Stream", gzip.GzipFile(fileobj=raw, mode="rb")), "gzip"), True
    if beginning.startswith(ZIP):
        file = laid_down(raw, LARGEST_ZIP)
        with damage_told("zip"):
            archive = zipfile.ZipFile(file)
        if BINARY in archive.namelist():
            raise UnreadableError("workbooks of Excel in its own bytes (.xlsb) are not read; save it as .xlsx")
        if any(name in IN_WORKBOOKS for name in archive.namelist()):
            return _rows(file, archive, most_unpacked), True
        return _Checked(_only_file(archive), "zip"), True
    if beginning.startswith(WORKBOOK):
        return _rows(laid_down(raw, LARGEST_ZIP), None, most_unpacked), True
    return raw, False


def _rows(file: IO[bytes], archive: zipfile.ZipFile | None, most_unpacked: int | None) -> Stream:
    """Return the rows of a workbook, of which it is known before how large it is unpacked."""
    from standby.imports.workbook import Workbook  # noqa: PLC0415 - most files are text

    packed_bytes = file.seek(0, io.SEEK_END)
    if packed_bytes > LARGEST_WORKBOOK:
        raise UnreadableError(f"a workbook may have at most {LARGEST_WORKBOOK:,} bytes")
    return Workbook(
        file, packed_bytes if archive is None else _checked_size(archive, most_unpacked or LARGEST_UNPACKED)
    )


def _checked_size(archive: zipfile.ZipFile, most: int) -> int:
    total = 0
    for member in archive.infolist():
        total += member.file_size  # more is never read of it, and less is told as damage
        if total > most:
            raise UnreadableError(f"unpacked the workbook has more than {most:,} bytes")
        with damage_told("spreadsheet"):
            size(cast("Stream", archive.open(member)))
    return total


def size(stream: Stream) -> int:
    """Read to the end, and return how many bytes there were. Raises `UnreadableError`."""
    total = 0
    while chunk := stream.read(CHUNK_BYTES):
        total += len(chunk)
    return total


def laid_down(stream: Stream, most_bytes: int) -> IO[bytes]:
    """Return a file that can be read in any order. It is gone once nobody holds it. Raises `UnreadableError`."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads it holds it
    total = 0
    while chunk := stream.read(CHUNK_BYTES):
        total += len(chunk)
        if total > most_bytes:
            file.close()
            raise UnreadableError(f"packed in this way a file may have at most {most_bytes:,} bytes")
        file.write(chunk)
    file.seek(0)
    return file


@contextmanager
def damage_told(kind: str) -> Iterator[None]:
    """Say of packed bytes that cannot be unpacked what they were taken for. Raises `UnreadableError`."""
    # A zip file is laid down before, so no network fails any more: bzip2 says so of damage.
    told = DAMAGED if kind == "gzip" else (*DAMAGED, OSError)
    try:
        yield
    except told as error:
        whole = "; is its end missing? A zip file or a workbook is tried whole" if kind == "zip" else ""
        raise UnreadableError(f"the file is damaged, or no {kind} file: {error}{whole}") from error


def _only_file(archive: zipfile.ZipFile) -> Stream:
    members = [
        each
        for each in archive.infolist()
        if not each.is_dir() and not each.filename.startswith(OF_THE_SYSTEM) and ".DS_Store" not in each.filename
    ]
    if len(members) != 1:
        names = ", ".join(each.filename for each in members[:SHOWN])
        more = ", …" if len(members) > SHOWN else ""
        raise UnreadableError(f"a zip file must hold one file, and this one holds {len(members)}: {names}{more}")
    (member,) = members
    if member.flag_bits & ENCRYPTED:
        raise UnreadableError(f"{member.filename} in the zip file is encrypted")
    with damage_told("zip"):
        return cast("Stream", archive.open(member))


class _Checked:
    """Unpacks as it is read, within bounds."""

    def __init__(self, source: Stream, kind: str) -> None:
        self._source, self._kind, self._total = source, kind, 0

    def read(self, amount: int = -1, /) -> bytes:
        """Return at most ``amount`` bytes. Raises `UnreadableError`."""
        with damage_told(self._kind):
            data = self._source.read(amount)
        self._total += len(data)
        if self._total > LARGEST_BYTES:
            raise UnreadableError(f"unpacked it has more than {LARGEST_BYTES:,} bytes")
        return data
