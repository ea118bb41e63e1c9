"""A delimited text file, record by record, in constant memory."""

import codecs
import csv
import io
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from standby.imports.model import Layout, UnreadableError, places

LONGEST_LINE = 100_000
LONGEST_CELL = 10_000
"""The most characters that an unclosed quotation mark swallows."""
CHUNK_BYTES = 256 * 1024
DELIMITERS = (";", "\t", ",", "|")
SEPARATOR = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
QUOTED = re.compile(r'(?:^|(?<=[;,\t|]))"(?:[^"]|"")*"')
"""A quoted cell. A quotation mark inside a cell is a letter, as in Hebrew headings."""


class Stream(Protocol):
    """Bytes, in order."""

    def read(self, amount: int = ..., /) -> bytes:
        """Return at most ``amount`` bytes, ``b""`` at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """One record; with quoted line breaks it has several lines. ``problem`` says why it has no cells."""

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


def records(stream: Stream, *, encoding: str, delimiter: str, skip_lines: int = 0) -> Iterator[Record]:
    """Yield the records that are not empty.

    ``delimiter`` ``auto`` takes the commonest of ``; tab , |`` in the first line. A line ``sep=;``, by which Excel is
    told the delimiter, tells it here, too. A byte order mark is dropped, and tells UTF-8 and UTF-16 whatever the
    mapping says. Bytes that are no text become lone surrogates. Quotation is read strictly: a stray quotation mark must
    never swallow records in silence. Raises `UnreadableError`.
    """
    lines = _lines(stream, encoding)
    told = None
    for _ in range(skip_lines):
        told = told or SEPARATOR.fullmatch(next(lines, ""))
    first = next(lines, "")
    if here := SEPARATOR.fullmatch(first):
        told, skip_lines, first = here, skip_lines + 1, next(lines, "")
    if told:
        delimiter = told[1]
    elif delimiter == "auto":
        delimiter = _commonest(first)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(chain((first,), lines), delimiter=delimiter, strict=True)
    while True:
        before = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(skip_lines + before + 1, reader.line_num - before, [], f"quotation: {error}")
            continue
        if any(cells):
            yield Record(skip_lines + before + 1, reader.line_num - before, cells)


def below_the_header(stream: Stream, layout: Layout) -> tuple[dict[str, int], Iterator[Record]]:
    """Return where the columns of a file are, and its records below the header.

    Raises `UnreadableError`, also while the records are read, and `UnusableMappingError`.
    """
    if isinstance(stream, Rows):
        lines = stream.records(layout)
    else:
        lines = records(stream, encoding=layout.encoding, delimiter=layout.delimiter, skip_lines=layout.skip_lines)
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
    while True:
        try:
            line = text.readline(LONGEST_LINE)
        except UnicodeError as error:
            raise UnreadableError(f"not {encoding}: {error}") from error
        if len(line) >= LONGEST_LINE:
            raise UnreadableError(f"a line has more than {LONGEST_LINE:,} characters")
        if not line:
            return
        yield line


def _commonest(line: str) -> str:
    outside = QUOTED.sub("", line)
    return max(DELIMITERS, key=outside.count)


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
