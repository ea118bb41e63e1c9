"""A delimited text file, record by record, in constant memory."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from standby.imports.model import Layout, UnreadableError, places

LONGEST_LINE = 100_000
LONGEST_CELL = 10_000
"""The most characters that an unclosed quotation mark swallows."""
CHUNK_BYTES = 256 * 1024
DELIMITERS = (";", "\t", ",", "|")


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


def records(stream: Stream, *, encoding: str, delimiter: str, skip_lines: int = 0) -> Iterator[Record]:
    """Yield the records that are not empty.

    ``delimiter`` ``auto`` takes the commonest of ``; tab , |`` in the first line. A byte order mark is dropped. Bytes
    that are no text become lone surrogates. Quotation is read strictly: a stray quotation mark must never swallow
    records in silence. Raises `UnreadableError`.
    """
    lines = _lines(stream, encoding)
    for _ in range(skip_lines):
        next(lines, None)
    first = next(lines, "")
    if delimiter == "auto":
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
    lines = records(stream, encoding=layout.encoding, delimiter=layout.delimiter, skip_lines=layout.skip_lines)
    header = None
    if layout.header:
        first = next(lines, None)
        if first is None or first.problem:
            raise UnreadableError(first.problem if first and first.problem else "the file is empty")
        header = first.cells
    return places(layout, header), lines


def _lines(stream: Stream, encoding: str) -> Iterator[str]:
    raw = io.BufferedReader(_Raw(stream), CHUNK_BYTES)
    if raw.peek(len(codecs.BOM_UTF8)).startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
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
    outside = "".join(line.split('"')[::2])
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
