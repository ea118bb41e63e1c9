"""What a line of an ERP's file says, by the mapping that the shop saved for it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SKU = re.compile(r"[A-Za-z0-9._:+-]{1,64}")
LOCATION = re.compile(r"[^\x00-\x1f\x7f]{1,128}")
ESCAPED = re.compile("[\udc80-\udcff]")
"""Bytes that are no text in the file's encoding, as they come out of Python's ``surrogateescape``."""
LARGEST = 1_000_000_000
AHEAD = timedelta(minutes=5)
QUANTITIES = ("on_hand", "committed", "available")


class BadLineError(Exception):
    """A line cannot be read; the text says why."""


class UnusableMappingError(ValueError):
    """The mapping contradicts itself, or does not fit the file; the text says how."""


class MissingError(Exception):
    """The file is not there any more, or the importer may not read it: S3 does not say which."""

    def __init__(self) -> None:
        super().__init__("the file is not there any more, or may not be read (S3 does not say which)")


class ReplacedError(Exception):
    """Another file was put in its place, of which S3 tells too."""

    def __init__(self) -> None:
        super().__init__("another file was put in its place before it was read")


@dataclass(frozen=True, kw_only=True)
class ImportMapping:
    """How a kind of file is to be read. Columns are named as in the header, or numbered from 1."""

    columns: Mapping[str, str | int]
    location_id: str | None = None
    full_count: bool = False
    encoding: str = "utf-8"
    delimiter: str = "auto"
    decimal: str = "."
    header: bool = True
    skip_lines: int = 0
    time_zone: str = "UTC"
    time_format: str | None = None
    sku_upper: bool = False
    sku_prefix: str = ""
    unit_factor: Decimal = Decimal(1)
    sum_lines: bool = False
    empty_is_zero: bool = False

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "ImportMapping":
        """Read a saved mapping, which the schema allowed. Raises `UnusableMappingError`."""
        known = {setting.name for setting in fields(cls)}
        said = {name: value for name, value in document.items() if name in known and value is not None}
        if "unit_factor" in said:
            said["unit_factor"] = Decimal(str(said["unit_factor"]))
        said["columns"] = {name: column for name, column in said["columns"].items() if column is not None}
        mapping = cls(**said)
        mapping.check()
        return mapping

    def check(self) -> None:
        """Raise `UnusableMappingError` for what no file could fit."""
        columns = self.columns
        if "on_hand" not in columns and "available" not in columns:
            raise UnusableMappingError("columns: on_hand or available is needed")
        if "available" in columns and ("on_hand" in columns or "committed" in columns):
            raise UnusableMappingError("columns: available stands instead of on_hand and committed")
        if ("location" in columns) == (self.location_id is not None):
            raise UnusableMappingError("either columns.location or location_id is needed")
        if not self.header and any(isinstance(column, str) for column in columns.values()):
            raise UnusableMappingError("columns: without a header they are numbered")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UnusableMappingError(f"time_zone: {self.time_zone!r} is none") from error


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says. Quantities are in the shop's units, exact."""

    sku: str
    location_id: str
    on_hand: Decimal | None = None
    committed: Decimal | None = None
    available: Decimal | None = None
    as_of: datetime | None = None


@dataclass(frozen=True)
class LineReader:
    """Reads lines by a mapping; ``places`` are the columns' positions in this file."""

    mapping: ImportMapping
    places: Mapping[str, int]
    now: datetime
    _number: Callable[[str], Decimal] = field(init=False)
    _zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_number", number_reader(self.mapping.decimal))
        object.__setattr__(self, "_zone", ZoneInfo(self.mapping.time_zone))

    def read(self, cells: Sequence[str]) -> Line:
        """Return what a line says. Raises `BadLineError`."""
        sku = self.mapping_sku(self._cell(cells, "sku"))
        location_id = self.mapping.location_id
        if location_id is None:
            location_id = self._cell(cells, "location")
            if not LOCATION.fullmatch(location_id):
                raise BadLineError(f"location: {_shown(location_id)} is none")
        on_hand, committed, available = (
            self._quantity(cells, name) if name in self.places else None for name in QUANTITIES
        )
        as_of = self._instant(cells) if "as_of" in self.places else None
        return Line(sku, location_id, on_hand, committed, available, as_of)

    def mapping_sku(self, text: str) -> str:
        """Return the shop's SKU for what the ERP calls it: trimmed, its prefix gone, in capitals where wished."""
        sku = text.removeprefix(self.mapping.sku_prefix).strip()
        if self.mapping.sku_upper:
            sku = sku.upper()
        if not SKU.fullmatch(sku):
            raise BadLineError(f"sku: {_shown(sku)} is none")
        return sku

    def _quantity(self, cells: Sequence[str], name: str) -> Decimal:
        text = self._cell(cells, name)
        if not text and self.mapping.empty_is_zero:
            return Decimal(0)
        try:
            units = self._number(text) * self.mapping.unit_factor
        except ValueError:
            raise BadLineError(f"{name}: {_shown(text)} is no number") from None
        if abs(units) > LARGEST:
            raise BadLineError(f"{name}: {_shown(text)} is too large")
        return units

    def _instant(self, cells: Sequence[str]) -> datetime:
        text = self._cell(cells, "as_of")
        form = self.mapping.time_format
        try:
            instant = (
                datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the mapping's, below
                if form
                else datetime.fromisoformat(text.upper())
            )
            told = (instant if instant.tzinfo else instant.replace(tzinfo=self._zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadLineError(f"as_of: {_shown(text)} is no time") from None
        if told > self.now + AHEAD:
            raise BadLineError(f"as_of: {_shown(text)} is more than 5 minutes ahead")
        return told

    def _cell(self, cells: Sequence[str], name: str) -> str:
        place = self.places[name]
        if place >= len(cells):
            raise BadLineError(f"{name}: the line has only {len(cells)} columns")
        text = cells[place].strip()
        if not text.isascii() and ESCAPED.search(text):
            raise BadLineError(f"{name}: not in the encoding {self.mapping.encoding}")
        return text


def places(mapping: ImportMapping, header: Sequence[str] | None) -> dict[str, int]:
    """Return where the columns are. Raises `UnusableMappingError`, naming a column that is not there."""
    titles = {title.strip().casefold(): place for place, title in reversed(list(enumerate(header or ())))}
    found = {}
    for name, column in mapping.columns.items():
        place = column - 1 if isinstance(column, int) else titles.get(column.strip().casefold())
        if place is None:
            seen = ", ".join(title.strip() for title in (header or ()))
            raise UnusableMappingError(f"the file has no column {column!r}, only: {seen:.300}")
        found[name] = place
    return found


def number_reader(decimal: str) -> Callable[[str], Decimal]:
    """Return a function that reads a number as ERPs print it: ``1.234,50``, ``1 234``, ``5-``; strictly.

    What is not the decimal sign may group thousands, in threes only, so that ``1,5`` never becomes 15. Raises
    ``ValueError``.
    """
    thousands = "['\u2019 \u00a0\u202f" + ("." if decimal == "," else ",") + "]"
    sign = re.escape(decimal)
    shape = re.compile(rf"([+-]?)([0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|[0-9]+)(?:{sign}([0-9]*))?(-?)")

    def read(text: str) -> Decimal:
        if text.isascii() and text.isdecimal():
            return Decimal(text)
        found = shape.fullmatch(text)
        if found is None or (found[1] and found[4]):
            raise ValueError(text)
        whole = "".join(digit for digit in found[2] if digit.isdigit())
        number = Decimal(f"{whole}.{found[3] or 0}")
        return -number if "-" in (found[1], found[4]) else number

    return read


def whole_units(units: Decimal) -> int:
    """Return how many whole units there are; decimals round down (design §4)."""
    return int(units.to_integral_value(ROUND_FLOOR))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")  # noqa: PLR2004 - enough to find it
