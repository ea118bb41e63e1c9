"""Old workbooks of Excel (``.xls``): what the library does not tell of their cells.

To the library an error is an empty cell, a formula that nobody calculated too, and a number has no leading zeros. The
records of a sheet say it ([MS-XLS]; the container that they lie in is [MS-CFB]).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from standby.imports.model import UNCALCULATED, UnreadableError

SHEET, FORMAT, STYLE, BEGIN, END = 0x0085, 0x041E, 0x00E0, 0x0809, 0x000A
ERROR, FORMULAS, NUMBER, PACKED, PACKED_ROW = 0x0205, (0x0006, 0x0206, 0x0406), 0x0203, 0x027E, 0x00BD
NO_NUMBER = b"\xff\xff"
"""How the result of a formula ends that is no number."""
RESULT_ERROR, RESULT_EMPTY = 2, 3
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How such a file begins."""
STREAMS = ("Workbook", "Book")
STORED, LAST_SECTOR = 128, 0xFFFFFFFA
"""Bytes of an entry of the directory; sectors of a higher number are marks."""


@dataclass
class Untold:
    """What is known of cells, by row and column, both from 0."""

    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    """Errors, and formulas without a value."""
    digits: dict[tuple[int, int], int] = field(default_factory=dict)
    """With how many digits a number is shown at least."""


def untold(file: IO[bytes], place: int) -> Untold:
    """Return what an old workbook says of the cells of one sheet, by its place among all. Raises `UnreadableError`."""
    file.seek(0)
    try:
        return _untold(_stream(file.read()), place)
    except (struct.error, LookupError, ValueError) as error:
        raise UnreadableError(f"the workbook is damaged: {error!s:.200}") from error


def _untold(book: bytes, place: int) -> Untold:
    formats: dict[int, int] = {}
    styles: list[int] = []
    sheets: list[int] = []
    for kind, said in _records(book, 0):
        if kind == SHEET:
            sheets.append(int.from_bytes(said[:4], "little"))
        elif kind == FORMAT and len(said) > 5:  # noqa: PLR2004 - its number, a length, a flag
            text = said[5:].decode("utf-16-le" if said[4] & 1 else "latin-1", errors="replace")
            if len(text) > 1 and not text.strip("0"):
                formats[int.from_bytes(said[:2], "little")] = len(text)
        elif kind == STYLE:
            styles.append(int.from_bytes(said[2:4], "little"))
    found = Untold()
    zeros = {number: formats[each] for number, each in enumerate(styles) if each in formats}
    for kind, said in _records(book, sheets[place]):
        if kind == ERROR and said[7]:
            found.texts[_place(said)] = ERRORS.get(said[6], "#N/A")
        elif kind in FORMULAS and said[12:14] == NO_NUMBER and said[6] in {RESULT_ERROR, RESULT_EMPTY}:
            text = ERRORS.get(said[8], "#N/A") if said[6] == RESULT_ERROR else UNCALCULATED
            found.texts[_place(said)] = text
        elif zeros and kind in {NUMBER, PACKED, PACKED_ROW, *FORMULAS}:
            found.digits.update(
                {cell: zeros[style] for cell, style in _styled(said, row=kind == PACKED_ROW) if style in zeros}
            )
    return found


def _place(said: bytes) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", said)
    return row, column


def _styled(said: bytes, *, row: bool) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield the places of numbers and their styles; a whole row of numbers may be one record."""
    y, x, style = struct.unpack_from("<HHH", said)
    if not row:
        yield (y, x), style
        return
    for number, at in enumerate(range(4, len(said) - 2, 6)):
        yield (y, x + number), int.from_bytes(said[at : at + 2], "little")


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a sheet, or of what stands before the sheets; charts within are left out."""
    depth = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        depth += (kind & 0xFF == BEGIN & 0xFF) - (kind == END)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def _stream(file: bytes) -> bytes:
    """Return the stream of a compound file in which the workbook lies."""
    shift, small_shift = struct.unpack_from("<HH", file, 30)
    tables, directory, small_most, small_table = (
        *struct.unpack_from("<II", file, 44),
        *struct.unpack_from("<II", file, 56),
    )
    more = struct.unpack_from("<I", file, 68)[0]
    places = list(struct.unpack_from("<109I", file, 76))

    def sector(number: int) -> bytes:
        return file[(number + 1) << shift : (number + 2) << shift]

    while more < LAST_SECTOR and len(places) < tables:
        *found, more = struct.unpack(f"<{(1 << shift) // 4}I", sector(more))
        places += found
    following = [number for place in places[:tables] for number in _numbers(sector(place))]
    entries = b"".join(map(sector, _chain(directory, following)))
    for at in range(0, len(entries) - STORED + 1, STORED):
        name = entries[at : at + entries[at + 64]].decode("utf-16-le", errors="replace").rstrip("\0")
        start, size = struct.unpack_from("<II", entries, at + 116)
        if name in STREAMS and size >= small_most:
            return b"".join(map(sector, _chain(start, following)))[:size]
        if name in STREAMS:
            small = b"".join(map(sector, _chain(struct.unpack_from("<I", entries, 116)[0], following)))
            table = [number for each in _chain(small_table, following) for number in _numbers(sector(each))]
            return b"".join(small[n << small_shift : (n + 1) << small_shift] for n in _chain(start, table))[:size]
    raise ValueError("there is no workbook in it")


def _numbers(sector: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(sector) // 4}I", sector)


def _chain(sector: int, following: Sequence[int]) -> Iterator[int]:
    """Yield the sectors of a stream. Raises ``ValueError`` where they go round."""
    for _ in range(len(following)):
        if sector >= LAST_SECTOR:
            return
        yield sector
        sector = following[sector]
    if sector < LAST_SECTOR:
        raise ValueError("its sectors go round")
