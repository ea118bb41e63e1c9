"""How a file is laid out, and what its cells say."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Self
from unicodedata import category, normalize
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from standby.platform.counted import counted
from standby.platform.frozen import frozen

UNSEEN = "Cf"
"""The category of Unicode of marks of direction, of joining and of byte order."""
ESCAPED = re.compile("[\udc80-\udcff]")
"""Bytes that are no text in the file's encoding, as they come out of Python's ``surrogateescape``."""
AHEAD = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SAMPLE = datetime(2026, 11, 28, 21, 43, 56, tzinfo=UTC)
"""A time by which formats are tried out: no two of its numbers are the same."""
WHOLE = (time(21, 43, 56), time(21, 43), time(21), time())
"""What a format may read of its time of day: nothing without what stands before it."""
LARGEST_BYTES = 2 * 1024**3
"""A larger file is not read, packed or unpacked. An upload's form refuses it at once."""
MINUS = ("-", "\u2212")
FORMULA = re.compile(r'="([^"]*)"')
"""Text as spreadsheets are made to keep it."""
MARKED = re.compile(r"'(?=[0-9=+\-@])")
"""The mark by which spreadsheets keep what follows as text, in a file that took it over."""
DAMAGED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}|[0-9][.,][0-9]+[eE]-?[0-9]{1,3}")
"""What a spreadsheet makes of a long number, such as a GTIN: its last digits are lost. Java writes no plus."""
SPOILT = re.compile(r"#(?:N/[ADV]|NV|GETTING_DATA|[\u00a1\u00bf]?[^\W\d_][\w/]*[!?])|(?:Err|Fehler):[0-9]{3}")
"""What spreadsheets show where they could not calculate, in their languages."""
UNCALCULATED = "#NOT CALCULATED"
"""Stands in a workbook for a formula that no program has calculated yet."""
LONGEST_CELL = 10_000
"""Characters. A description may be longer, so a longer cell is bad only where it is read."""


OURS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, re.error)
"""What is raised by code that meets what nobody thought of."""


def as_text(reason: str) -> str:
    """Return a reason, which may quote the file, without bytes that are no text: no store keeps them."""
    return ESCAPED.sub("\N{REPLACEMENT CHARACTER}", reason)


class BadLineError(Exception):
    """A line cannot be read; the text says why."""


class UnreadableError(Exception):
    """The file is not what it should be; the text says why."""


class UnusableMappingError(ValueError):
    """The mapping contradicts itself, or does not fit the file; the text says how."""


class MissingError(Exception):
    """The file is not there any more, or its reader may not read it: S3 does not say which."""

    def __init__(self) -> None:
        super().__init__("the file is not there any more, or may not be read (S3 does not say which)")


class ReplacedError(Exception):
    """Another file was put in its place; S3 sends an event about that one too."""

    def __init__(self) -> None:
        super().__init__("another file was put in its place before it was read")


TRUTH = ("TRUE", "FALSE")


class Turned(str):
    """A cell's text, of a cell that a spreadsheet turned into something else than text."""

    __slots__ = ("into",)
    into: str

    def __new__(cls, text: str, into: str) -> Self:
        """Return the text; ``into`` says what was made of it, such as ``a date``."""
        made = super().__new__(cls, text)
        made.into = into
        return made


@frozen(kw_only=True)
class Layout:
    """How a file is laid out: the part of a mapping that all kinds of files have.

    Columns are named as in the header, or numbered from 1. A kind of files says itself which are ``optional``.
    """

    columns: Mapping[str, str | int]
    encoding: str = "utf-8"
    delimiter: str = "auto"
    decimal: str = "."
    header: bool = True
    skip_lines: int = 0
    time_zone: str = "UTC"
    time_format: str | None = None
    sheet: str | None = None
    """Of a workbook, the sheet that is read; ``None``: the first."""
    optional: frozenset[str] = frozenset()
    """Columns that a file need not have."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Layout":
        """Read the layout of a saved mapping, which the schema allowed. Raises `UnusableMappingError`."""
        known = chosen(document, cls)
        known.pop("optional", None)  # what a kind of files says, not the shop
        known["columns"] = {name: column for name, column in known["columns"].items() if column is not None}
        layout = cls(**known)
        if not layout.header and any(isinstance(column, str) for column in layout.columns.values()):
            raise UnusableMappingError("columns: without a header they are numbered")
        try:
            ZoneInfo(layout.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UnusableMappingError(f"time_zone: {layout.time_zone!r} is none") from error
        if layout.time_format:
            _try_out(layout.time_format)
        return layout


@frozen()
class CellReader:
    """Reads the cells of a line; ``places`` are the columns' positions in this file."""

    layout: Layout
    places: Mapping[str, int]
    now: datetime
    number: Callable[[str], Decimal] = field(init=False)
    """Reads a number (`number_reader`)."""
    _zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", number_reader(self.layout.decimal))
        object.__setattr__(self, "_zone", ZoneInfo(self.layout.time_zone))

    def text(self, cells: Sequence[str], name: str) -> str:
        """Return what stands in a column, trimmed. Raises `BadLineError`, also for what a spreadsheet spoilt."""
        text = self.word(cells, name)
        if problem := spoilt(text):
            raise BadLineError(f"{name}: {problem}")
        return text

    def word(self, cells: Sequence[str], name: str) -> str:
        """Return what stands in a column as `text` does, also an error such as ``#N/A``, which a mapping may name."""
        cell = self._cell(cells, name)
        if isinstance(cell, Turned) and cell not in TRUTH:
            raise BadLineError(f"{name}: a spreadsheet made {cell.into} of it, {shown(cell)}; make the column text")
        return self._trimmed(cell, name)

    def _cell(self, cells: Sequence[str], name: str) -> str:
        place = self.places[name]
        if place >= len(cells):
            raise BadLineError(f"{name}: the line has only {counted(len(cells), 'column')}")
        if len(cells[place]) > LONGEST_CELL:
            raise BadLineError(f"{name}: has more than {LONGEST_CELL:,} characters")
        return cells[place]

    def _trimmed(self, cell: str, name: str) -> str:
        text = cell.strip()
        if not text.isascii() and ESCAPED.search(text):
            raise BadLineError(f"{name}: not in the encoding {self.layout.encoding}")
        formula = FORMULA.fullmatch(text) if text.startswith("=") else None
        return formula[1].strip() if formula else text

    def code(self, cells: Sequence[str], name: str) -> str:
        """Return an id that stands in a column, as text, whatever a spreadsheet did with it. Raises `BadLineError`."""
        cell = cells[self.places[name]] if self.places[name] < len(cells) else ""
        if isinstance(cell, Turned):
            raise BadLineError(f"{name}: a spreadsheet made {cell.into} of it, {shown(cell)}; make the column text")
        text = self.text(cells, name)
        if text.startswith("'"):
            text = MARKED.sub("", text, count=1)
        if DAMAGED.fullmatch(text):
            raise BadLineError(
                f"{name}: a spreadsheet damaged {shown(text)}, its digits are lost; make the column text before saving"
            )
        return text

    def instant(self, cells: Sequence[str], name: str) -> datetime:
        """Return the time in a column, in UTC. Raises `BadLineError`, also for a time more than 5 minutes ahead."""
        text = self._trimmed(self._cell(cells, name), name)
        form = self.layout.time_format
        try:
            instant = (
                datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the layout's, below
                if form
                else datetime.fromisoformat(text.upper())
            )
            moment = (instant if instant.tzinfo else instant.replace(tzinfo=self._zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadLineError(f"{name}: {shown(text)} is no time") from None
        if moment > self.now + AHEAD:
            raise BadLineError(f"{name}: {shown(text)} is more than 5 minutes ahead")
        if moment < EPOCH:
            raise BadLineError(f"{name}: {shown(text)} is before 1970")
        return moment


def _try_out(form: str) -> None:
    """Raise `UnusableMappingError` for a format by which no time could be read."""
    try:
        read = datetime.strptime(SAMPLE.strftime(form), form)  # noqa: DTZ007 - only its date counts
    except (ValueError, re.error) as error:
        raise UnusableMappingError(f"time_format: {form!r} is none: {error}") from error
    if read.date() != SAMPLE.date():
        raise UnusableMappingError(f"time_format: {form!r} says no whole date: day, month and year")
    if "%Z" in form.replace("%%", ""):
        raise UnusableMappingError(f"time_format: {form!r}: a zone's name is not read; say %z, or time_zone")
    if read.time() not in WHOLE:
        raise UnusableMappingError(f"time_format: {form!r} would read 21:43:56 as {read.time()}: say %H, or %I with %p")


def chosen(document: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """Return the fields of a dataclass that a document fills in; a field that is ``null`` counts as left out."""
    known = {setting.name for setting in fields(kind)}
    return {name: value for name, value in document.items() if name in known and value is not None}


def places(layout: Layout, header: Sequence[str] | None) -> dict[str, int]:
    """Return where the columns are. Raises `UnusableMappingError`, naming a column that is not there."""
    titles: dict[str, list[int]] = {}
    for number, title in enumerate(header or ()):
        titles.setdefault(plain(title), []).append(number)
    found = {}
    for name, column in layout.columns.items():
        named = [column - 1] if isinstance(column, int) else _places(titles, plain(column))
        place = named[0] if named else None
        if place is None and name in layout.optional:
            continue
        if len(named) > 1 and name not in layout.optional:
            numbers = ", ".join(str(each + 1) for each in named)
            raise UnusableMappingError(f"several columns are called {column!r}: {numbers}; say the number of yours")
        if place is None:
            seen = ", ".join(title.strip() for title in (header or ()))
            if ESCAPED.search(seen):
                message = "the header is no text in the mapping's encoding (or the file is packed)"
                raise UnusableMappingError(f"{message}, so there is no column {column!r}, only: {seen:.300}")
            raise UnusableMappingError(f"the file has no column {column!r}, only: {seen:.300}")
        found[name] = place
    return found


def _places(titles: Mapping[str, Sequence[int]], column: str) -> Sequence[int]:
    """Return where a title stands; some systems write spaces in it where others write underscores."""
    return titles.get(column) or titles.get(column.replace("_", " ")) or ()


def number_reader(decimal: str) -> Callable[[str], Decimal]:
    """Return a function that reads a number as ERPs print it: ``1.234,50``, ``1 234``, ``5-``; strictly.

    What is not the decimal sign may group thousands, in threes only, so that ``1,5`` never becomes 15. Spreadsheets
    write ``,5`` and ``1,2E+03``, and keep a number as text by ``'3``. Raises ``ValueError``.
    """
    thousands = "['\u2019 \u00a0\u202f" + ("." if decimal == "," else ",") + "]"
    sign = re.escape(decimal)
    grouped = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+(?:{sign}[0-9]*)?"
    plain = rf"(?:[0-9]+(?:{sign}[0-9]*)?|{sign}[0-9]+)(?:[eE][+-]?[0-9]{{1,2}})?"
    shape = re.compile(rf"'?([+\u2212-]?)({grouped}|{plain})(-?)")

    def read(text: str) -> Decimal:
        if text.isascii() and text.isdecimal():
            return Decimal(text)
        found = shape.fullmatch(text)
        if found is None or (found[1] and found[3]):
            raise ValueError(text)
        number = Decimal(re.sub(thousands, "", found[2]).replace(decimal, "."))
        return -number if found[1] in MINUS or found[3] else number

    return read


def spoilt(text: str) -> str | None:
    """Return why a cell's text is no text: a spreadsheet could not calculate it. ``None`` where it is one."""
    if text == UNCALCULATED:
        return "no program has calculated this formula yet; open and save the workbook in a spreadsheet"
    return f"a spreadsheet could not calculate it, and says {text}" if SPOILT.fullmatch(text) else None


def plain(text: str) -> str:
    """Return a word as it is compared: capitals, blanks and what nobody sees do not matter."""
    if not text.isascii():
        text = "".join(letter for letter in normalize("NFC", text) if category(letter) != UNSEEN)
    return " ".join(text.split()).casefold()


def shown(text: str) -> str:
    """Return a cell's text as a reason may quote it."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")  # noqa: PLR2004 - enough to find it
