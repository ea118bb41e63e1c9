"""A delimited text file, record by record, in constant memory."""

import codecs
import csv
import io
import re
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, islice, takewhile
from typing import Protocol

from standby.imports.model import LONGEST_CELL, Layout, UnreadableError, places
from standby.platform.counted import counted

LONGEST_LINE = 100_000
TOO_LONG = f"a line has more than {LONGEST_LINE:,} characters"
PARTING = re.compile('[";,\t|\r\n]')
LONGEST_QUOTATION = 200_000
"""So many characters are one cell where a quotation is closed. One that is not swallows `LONGEST_CELL` of them."""
LINES_TRIED = 20
"""The first lines, by which the delimiter is found."""
CHUNK_BYTES = 256 * 1024
DELIMITERS = (";", "\t", ",", "|")
SEPARATOR = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
QUOTED = re.compile(r'(?:^|(?<=[;,\t|]))"(?:[^"]|"")*"')
"""A quoted cell. A quotation mark inside a cell is a letter, as in Hebrew headings."""
WHOLE = re.compile(r'"(?:[^"]|"")*"')
BLANK = "".join(map(chr, (*range(0x21), 0x7F, 0x85, 0xA0, 0xFEFF)))
"""What nobody sees, Ctrl-Z of DOS (U+001A) included."""


class Stream(Protocol):
    """Bytes, in order."""

    def read(self, amount: int = ..., /) -> bytes:
        """Return at most ``amount`` bytes, ``b""`` at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """One record; with quoted line breaks it has several lines. ``problem`` says why its cells are only its text."""

    line: int
    """Number of its first line, from 1."""
    lines: int
    cells: list[str]
    problem: str | None = None


class Rows(ABC):
    """A file that consists of rows and not of lines: whoever reads its bytes is told so."""

    def read(self, amount: int = -1, /) -> bytes:  # noqa: ARG002 - as streams are read
        """Raise `UnreadableError`."""
        raise UnreadableError("it is a spreadsheet, and not a file of text")

    @abstractmethod
    def records(self, layout: Layout) -> Iterator[Record]:
        """Yield the rows that are not empty, below those that the layout skips. Raises `UnusableMappingError`."""

    @property
    @abstractmethod
    def weight(self) -> int:
        """Return about as many bytes as a file of text with these rows has."""

    @abstractmethod
    def remarks(self) -> Sequence[str]:
        """Return what somebody should know of the rows that were read."""


def records(stream: Stream, layout: Layout) -> Iterator[Record]:
    """Yield the records that are not empty, below the lines that a layout skips; the first one may be the header.

    The delimiter ``auto`` is the one of ``; tab , |`` that fits the first lines. A line ``sep=;``, by which Excel is
    told the delimiter, tells it here, too. A byte order mark is dropped, and tells UTF-8 and UTF-16 whatever the
    mapping says. Bytes that are no text become lone surrogates. Raises `UnreadableError`.

    Quotation is read strictly: a stray quotation mark must never swallow records in silence. Where a tab delimits,
    cells need no quotation, and a mark is one only around a whole cell (`_tabbed`).
    """
    lines = _Lines(_lines(stream, layout.encoding))
    delimiter, number = _begun(lines, layout)
    csv.field_size_limit(LONGEST_QUOTATION)
    reader = _tabbed(lines) if delimiter == "\t" else csv.reader(lines, delimiter=delimiter, strict=True)
    shape = _Shape(delimiter, layout.header)
    while True:
        lines.taken.clear()
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            stray: str | None = f"quotation: {error}"
        else:
            stray = shape.stray(lines.taken)
        if stray is not None:
            lines.give_back(_beyond(lines.taken))
        long = _TooLong in map(type, lines.taken)
        problem = TOO_LONG if long else stray or shape.shifted(cells)
        if problem is not None:
            yield Record(number, len(lines.taken), [lines.taken[0].rstrip()], problem)
        elif "".join(cells).strip(BLANK):  # programs end files with blanks, DOS with a mark
            yield Record(number, len(lines.taken), cells)
            shape.learn(cells, lines.taken)
        number += len(lines.taken)


def _begun(lines: "_Lines", layout: Layout) -> tuple[str, int]:
    """Leave out what stands above the first record; return the delimiter, and the number of that record's line."""
    told = None
    for _ in range(layout.skip_lines):
        told = told or SEPARATOR.fullmatch(next(lines, ""))
    number = layout.skip_lines + 1
    beginning = list(islice(lines, LINES_TRIED))
    while beginning and (SEPARATOR.fullmatch(beginning[0]) or not beginning[0].strip(BLANK)):
        told = told or SEPARATOR.fullmatch(beginning[0])
        number, beginning = number + 1, [*beginning[1:], *islice(lines, 1)]
    lines.give_back(beginning)
    if told:
        return told[1], number
    return _fitting(beginning) if layout.delimiter == "auto" else layout.delimiter, number


@dataclass
class _Shape:
    """What the records of a file look like, by which one is known that is not what somebody wrote."""

    delimiter: str
    header: bool
    width: int = 0
    """How many cells the first record has."""
    widths: set[int] = field(default_factory=set)
    """How many those have that take one line."""

    def learn(self, cells: Sequence[str], taken: Sequence[str]) -> None:
        """Look at a record."""
        self.width = self.width or len(cells)
        if len(taken) == 1:
            self.widths.add(len(cells))

    def stray(self, taken: Sequence[str]) -> str | None:
        """Tell of a quoted cell that takes several lines whether two stray marks made it of lines that were whole.

        Then its first and its last line have by themselves as many cells as other records.
        """
        if len(taken) == 1:
            return None
        parted = (QUOTED.sub("", line).count(self.delimiter) + 1 for line in (taken[0], taken[-1]))
        if any(each == 1 or each not in self.widths for each in parted):
            return None
        return "quotation: a mark opens in its first line and closes in its last, and both look like whole lines"

    def shifted(self, cells: Sequence[str]) -> str | None:
        """Tell of a record that has more cells than the heading: behind one that was parted all stand elsewhere."""
        if not (self.header and self.width < len(cells) and self.width and any(map(str.strip, cells[self.width :]))):
            return None
        return f"it has {counted(len(cells), 'column')}, and the heading {self.width}: a cell is not quoted"


def _tabbed(lines: "_Lines") -> Iterator[list[str]]:
    """Yield the cells of lines whose delimiter is the tab. Most of these files quote nothing, and Excel's do.

    A line that has as many cells as the first one is a record, and marks in it are text, but for those around a whole
    cell. Another line is read as quoted text: its cells may hold tabs, or end in a later line.
    """
    width = 0
    for line in lines:
        cells = line.rstrip("\r\n").split("\t")
        if '"' in line:
            opens = any(cell.startswith('"') and not WHOLE.fullmatch(cell) for cell in cells)
            quoted = _quoted(line, lines, width) if opens and len(cells) != width else None
            cells = quoted or [cell[1:-1].replace('""', '"') if WHOLE.fullmatch(cell) else cell for cell in cells]
        width = width or len(cells)
        yield cells


def _quoted(line: str, lines: "_Lines", width: int) -> list[str] | None:
    """Return the cells of a record that begins with this line; ``None``, and no line more is taken, if it is none.

    The first record of a file is one line; nobody knows yet which ``width`` it has.
    """
    taken = len(lines.taken)
    bounded = takewhile(lambda _: width > 0 and sum(map(len, lines.taken)) <= LONGEST_CELL, lines)
    try:
        cells = next(csv.reader(chain((line,), bounded), delimiter="\t", strict=True))
    except (csv.Error, StopIteration):
        cells = []
    if cells and len(cells) == (width or len(cells)):
        return cells
    lines.give_back(lines.taken[taken:])
    return None


def _beyond(taken: Sequence[str]) -> list[str]:
    """Return the lines of a record that a mark which nobody closed must not swallow."""
    swallowed = sum(end <= LONGEST_CELL for end in accumulate(map(len, taken)))
    return list(taken[max(1, swallowed) :])


def below_the_header(stream: Stream, layout: Layout) -> tuple[dict[str, int], Iterator[Record]]:
    """Return where the columns of a file are, and its records below the header.

    Raises `UnreadableError`, also while the records are read, and `UnusableMappingError`.
    """
    lines = stream.records(layout) if isinstance(stream, Rows) else records(stream, layout)
    header = None
    if layout.header:
        first = next(lines, None)
        if first is None or first.problem:
            raise UnreadableError(first.problem if first and first.problem else "the file is empty")
        header = first.cells
    return places(layout, header), lines


def buffered(stream: Stream) -> io.BufferedReader:
    """Return a stream whose beginning can be looked at."""
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(_Raw(stream), CHUNK_BYTES)


def _lines(stream: Stream, encoding: str) -> Iterator[str]:
    raw = buffered(stream)
    beginning = raw.peek(len(codecs.BOM_UTF8))
    encoding = next((name for mark, name in MARKS if beginning.startswith(mark)), encoding)
    text = io.TextIOWrapper(raw, encoding=encoding, errors="surrogateescape", newline="")
    first = True
    while True:
        try:
            line = text.readline(LONGEST_LINE)
            if len(line) >= LONGEST_LINE:
                if first:
                    raise UnreadableError(TOO_LONG)
                line = _too_long(line, text)
            first = False
        except UnicodeError as error:
            raise UnreadableError(f"not {encoding}: {error}") from error
        if not line:
            return
        yield line


def _fitting(lines: Sequence[str]) -> str:
    """Return the delimiter of a file by its first lines.

    Where the first line has several, it is the one that parts most lines into the same number of cells.
    """
    outside = [QUOTED.sub("", line) for line in lines if line.strip()]
    if not outside:
        return DELIMITERS[0]
    there = [each for each in DELIMITERS if each in outside[0]]
    if len(there) < 2:  # noqa: PLR2004 - nothing to choose between
        return there[0] if there else DELIMITERS[0]

    def fit(delimiter: str) -> tuple[int, int]:
        numbers = Counter(line.count(delimiter) for line in outside)
        del numbers[0]
        return max(numbers.values(), default=0), outside[0].count(delimiter)

    return max(there, key=fit)


class _Lines:
    """Lines, of which those are known that were taken since `taken` was cleared, and may be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._back, self.taken = lines, deque[str](), list[str]()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._lines)
        self.taken.append(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        """Take back the last lines that were taken."""
        self._back.extendleft(reversed(lines))
        if lines:
            del self.taken[-len(lines) :]


class _TooLong(str):
    """The beginning of a line that is too long, without what could part or quote cells."""

    __slots__ = ()


def _too_long(line: str, text: io.TextIOWrapper) -> _TooLong:
    """Read a line to its end: only it is bad, such as one with a picture in its description."""
    rest = line
    while rest and not rest.endswith(("\n", "\r")):
        rest = text.readline(LONGEST_LINE)
    return _TooLong(PARTING.sub(" ", line[: LONGEST_CELL + 1]) + "\n")


class _Raw(io.RawIOBase):
    """A stream as Python's buffered readers want it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview", /) -> int:  # type: ignore[override] # the stubs' Buffer is 3.12's
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
