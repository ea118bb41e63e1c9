"""What a line of a stock file says, by the mapping that the shop saved for it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from standby.imports.model import BadLineError, CellReader, Layout, UnusableMappingError, chosen, plain, shown, spoilt
from standby.platform.clock import to_text
from standby.platform.frozen import frozen
from standby.platform.identifier import EXACT, IdentifierError, Ids

LARGEST = 1_000_000_000
RESIDUE_DIGITS = 9
"""Behind so many decimals nobody counts."""
AT_LEAST = re.compile(r">=?\s*(.+)|(.+?)\s*\+")
"""A quantity that is cut off above: ``>100``, ``100+``. So many there are, for certain."""
QUANTITIES = ("on_hand", "committed", "available")


@frozen(kw_only=True)
class CountsMapping:
    """How a stock file is to be read, beside its layout."""

    location_id: str | None = None
    full_count: bool = False
    sku_upper: bool = False
    sku_prefix: str = ""
    unit_factor: Decimal = Decimal(1)
    sum_lines: bool = False
    empty_is_zero: bool = False
    zero_words: frozenset[str] = frozenset()
    """What stands for no units, in a quantity's cell or a status, as `plain` reads it."""
    keep_words: frozenset[str] = frozenset()
    """What says that nobody counted: the line leaves everything as it is."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any], layout: Layout) -> "CountsMapping":
        """Read a saved mapping, which the schema allowed. Raises `UnusableMappingError`."""
        known = chosen(document, cls)
        if "unit_factor" in known:
            known["unit_factor"] = Decimal(str(known["unit_factor"]))
        for name in ("zero_words", "keep_words"):
            known[name] = frozenset(map(plain, known.get(name, ())))
        mapping = cls(**known)
        columns = layout.columns
        mapping._check_words(columns)
        check_apart(columns)
        if "on_hand" not in columns and "available" not in columns:
            raise UnusableMappingError("columns: on_hand or available is needed")
        if "available" in columns and ("on_hand" in columns or "committed" in columns):
            raise UnusableMappingError("columns: available stands instead of on_hand and committed")
        if ("location" in columns) == (mapping.location_id is not None):
            raise UnusableMappingError("either columns.location or location_id is needed")
        return mapping

    def _check_words(self, columns: Mapping[str, object]) -> None:
        if both := self.zero_words & self.keep_words:
            raise UnusableMappingError(f"keep_words: {min(both)!r} is in zero_words, too")
        if self.sum_lines and self.keep_words:
            raise UnusableMappingError("keep_words: where lines are added up, none can be left out of the sum")
        if self.empty_is_zero and "" in self.keep_words:
            raise UnusableMappingError("keep_words: an empty quantity is 0 by empty_is_zero, so it cannot be kept, too")
        if "status" in columns and not (self.zero_words or self.keep_words):
            raise UnusableMappingError("columns.status: zero_words or keep_words must say which states count")


def check_apart(columns: Mapping[str, str | int]) -> None:
    """Raise `UnusableMappingError` where two columns are one, by titles and numbers, or by places in a file.

    Only a status may stand where something else does, such as the quantity.
    """
    names: dict[str | int, str] = {}
    for name, column in columns.items():
        known = names.setdefault(plain(column) if isinstance(column, str) else column, name)
        if known != name and "status" not in {known, name}:
            raise UnusableMappingError(f"columns.{name}: it is the column of {known}, too")


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says. Quantities are in the shop's units, exact."""

    sku: str
    location_id: str
    on_hand: Decimal | None = None
    committed: Decimal | None = None
    available: Decimal | None = None
    as_of: datetime | None = None
    keeps: bool = False
    """It says that nobody counted. Such a line may name no SKU."""

    @property
    def key(self) -> tuple[str, str]:
        """Return the location and the SKU that it speaks of."""
        return (self.location_id, self.sku)

    def shown(self) -> dict[str, Any]:
        """Return it as JSON; quantities are whole units, as they would be sent."""
        units = Sum.of(self, 0).quantities()
        as_of = None if self.as_of is None else to_text(self.as_of)
        return {"sku": self.sku, "location_id": self.location_id, **units, "as_of": as_of, "keeps": self.keeps}

    @property
    def problem(self) -> str | None:
        """Return nothing: all of a line counts, or none of it."""
        return None


@frozen()
class LineReader:
    """Reads the lines of a stock file."""

    mapping: CountsMapping
    cells: CellReader
    ids: Ids = EXACT

    def read(self, cells: Sequence[str]) -> Line:
        """Return what a line says. Raises `BadLineError`."""
        places = self.cells.places
        named = self.cells.code(cells, "sku")
        location_id = self.mapping.location_id
        if location_id is None:
            try:
                location_id = self.ids.location_id(self.cells.code(cells, "location"))
            except IdentifierError as error:
                raise BadLineError(f"location: {error}") from error
        said = {name: self.cells.word(cells, name) for name in QUANTITIES if name in places}
        status = self._status(cells) if "status" in places else ""
        gone = status != "" and status in self.mapping.zero_words
        # Whoever exports a line for a heading of variants, without a SKU, may give it a status, too.
        keeps = not (gone and named) and self._keeps(status, said.values())
        sku = self._sku(named) if named or not keeps else ""
        if keeps:
            return Line(sku, location_id, keeps=True)
        units = {name: Decimal(0) if gone else self._quantity(text, name) for name, text in said.items()}
        on_hand, committed, available = (units.get(name) for name in QUANTITIES)
        as_of = self.cells.instant(cells, "as_of") if "as_of" in places else None
        return Line(sku, location_id, on_hand, committed, available, as_of)

    def _status(self, cells: Sequence[str]) -> str:
        """Return the status as words are compared. Raises `BadLineError` for an error that is none of the words."""
        said = plain(self.cells.word(cells, "status"))
        known = said in self.mapping.zero_words or said in self.mapping.keep_words
        return said if known else plain(self.cells.text(cells, "status"))

    def _keeps(self, status: str, said: Iterable[str]) -> bool:
        words = self.mapping.keep_words
        return bool(words) and ((status != "" and status in words) or any(plain(text) in words for text in said))

    def _sku(self, text: str) -> str:
        """Return the shop's SKU for the ERP's name: without its prefix, trimmed, in capitals if the mapping says so."""
        front = self.mapping.sku_prefix
        if self.mapping.sku_upper:
            text, front = text.upper(), front.upper()
        sku = self.ids.without(front, text)
        try:
            return self.ids.sku(sku)
        except IdentifierError as error:
            raise BadLineError(f"sku: {error}") from error

    def _quantity(self, text: str, name: str) -> Decimal:
        if not text and self.mapping.empty_is_zero:
            return Decimal(0)
        if self.mapping.zero_words and plain(text) in self.mapping.zero_words:
            return Decimal(0)
        if problem := spoilt(text):
            raise BadLineError(f"{name}: {problem}")
        try:
            units = self._number(text) * self.mapping.unit_factor
        except ValueError:
            raise BadLineError(f"{name}: {shown(text)} is no number") from None
        if abs(units) > LARGEST:
            raise BadLineError(f"{name}: {shown(text)} is too large")
        return units

    def _number(self, text: str) -> Decimal:
        """Return a number, or how many there are at least. Raises ``ValueError``."""
        least = AT_LEAST.fullmatch(text) if not text.isdecimal() else None
        return self.cells.number(least[1] or least[2] if least else text)


@dataclass
class Sum:
    """What the lines of one SKU at one location say together."""

    line: int
    """Number of the line that named it."""
    on_hand: Decimal | None
    committed: Decimal | None
    available: Decimal | None
    as_of: datetime | None

    @classmethod
    def of(cls, line: Line, number: int) -> "Sum":
        """Return the sum of one line."""
        return cls(number, line.on_hand, line.committed, line.available, line.as_of)

    def add(self, other: Line) -> None:
        """Add another line; the newest time counts. Raises `BadLineError` where it were more than may be said."""
        added = {name: _added(getattr(self, name), getattr(other, name)) for name in QUANTITIES}
        for name, units in added.items():
            if units is not None and abs(units) > LARGEST:
                raise BadLineError(f"{name}: with line {self.line} and those since, it is more than {LARGEST:,}")
        self.on_hand, self.committed, self.available = added.values()
        if other.as_of is not None and self.as_of is not None:
            self.as_of = max(self.as_of, other.as_of)

    def quantities(self) -> dict[str, int]:
        """Return the quantities in whole units, as a message has them."""
        known = {"on_hand": self.on_hand, "committed": self.committed, "available": self.available}
        return {name: whole_units(units) for name, units in known.items() if units is not None}


def whole_units(units: Decimal) -> int:
    """Return how many whole units there are; decimals round down (design §4).

    What a spreadsheet calculated may be off by less than anybody counts: -2.8E-17 is 0, and 7.999999999999999 is 8.
    """
    return int(round(units, RESIDUE_DIGITS).to_integral_value(ROUND_FLOOR))


def _added(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else left + right
