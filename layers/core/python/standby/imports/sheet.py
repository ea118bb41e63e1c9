"""Spreadsheets: the workbooks of Excel (``.xlsx``, ``.xls``) and of OpenDocument (``.ods``), row by row.

The library holds a whole sheet in memory, so a workbook may not be as large as a file of text (`imports.packed`).
Spreadsheets know no whole numbers and no leading zeros: of a number's cell nobody knows how many digits somebody
typed, so a number that stands where others have leading zeros is remarked.

The library is not of Python, and a broken workbook can end the process that reads it. So it is read by a process of its
own, with bounds (`main`), and `standby.imports.workbook` is what the others see of it.
"""

import json
import math
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import islice
from typing import IO, TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from standby.imports.csv_file import Record
from standby.imports.model import Layout, Turned, UnreadableError, UnusableMappingError
from standby.imports.sheet_records import OLD, Untold, untold
from standby.imports.sheet_xml import as_shown

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

EXACT = 2**53
"""Whole numbers below it have all their digits."""
SHOWN_DIGITS = 15
"""What a spreadsheet calculates has an error behind them: it stores 7.999999999999999, and shows 8."""
RESIDUE = 1e-12
"""A smaller number is what is left of a calculation that comes to 0."""
MOST_MEMORY = 1_300 * 1024**2
"""Bytes that a reader may have: what else the function needs is left of its memory."""
MOST_SECONDS = 300
"""CPU that a reader may take. A workbook of a million rows takes 20."""
MOST_REMARKS = 20
NO_NUMBER = "#NUM!"
"""What a spreadsheet shows for a number that is none."""


@dataclass
class Sheets:
    """A workbook. One of its sheets is read: the one that the mapping names, or the first that is not hidden."""

    file: IO[bytes]
    _zeros: dict[int, int] = field(default_factory=dict)
    """The longest digits with a leading zero, by column."""
    _numbers: dict[int, dict[int, list[str]]] = field(default_factory=dict)
    """The first whole numbers, by column and by how many digits they have."""

    def records(self, layout: Layout) -> Iterator[Record]:
        """Yield the rows that are not empty, numbered as the spreadsheet numbers them.

        Raises `UnreadableError`, `UnusableMappingError` for a sheet that is not there.
        """
        sheet, known = self._sheet(layout.sheet)
        left = sheet.start[1] if sheet.start else 0
        for number, row in islice(enumerate(sheet.iter_rows(), 1), layout.skip_lines, None):
            cells = [""] * left
            for place, cell in enumerate(row, left):
                text = known.texts.get((number - 1, place)) if known.texts else None
                digits = known.digits.get((number - 1, place), 0) if known.digits else 0
                cells.append(self._text(cell, place, digits, layout) if text is None else text)
            if any(map(str.strip, cells)):
                yield Record(number, 1, cells)

    def remarks(self) -> Sequence[str]:
        """Name numbers that may have lost leading zeros, by the texts beside them that have some."""
        return [
            f"column {place + 1}: {', '.join(short)} may have lost leading zeros: others there have some and are text"
            for place, longest in sorted(self._zeros.items())
            if (short := self._shorter(place, longest))
        ][:MOST_REMARKS]

    def _shorter(self, place: int, longest: int) -> Sequence[str]:
        """Return the first numbers of a column that have fewer digits, the shortest in front."""
        found = self._numbers.get(place, {})
        return [each for digits in sorted(found) if digits < longest for each in found[digits]][:MOST_REMARKS]

    def _sheet(self, name: str | None) -> "tuple[CalamineSheet, Untold]":
        """Return a sheet, and what its reader does not tell of its cells."""
        from python_calamine import (  # noqa: PLC0415 - other files need no reader of spreadsheets
            CalamineError,
            CalamineWorkbook,
            PasswordError,
            SheetTypeEnum,
            SheetVisibleEnum,
        )

        try:
            file = as_shown(self.file)
            file.seek(0)
            book = CalamineWorkbook.from_filelike(file)
            sheets = {each.name: each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet}
            names = [each.name for each in sheets.values() if each.visible == SheetVisibleEnum.Visible]
            if name is not None and name not in sheets:
                seen = ", ".join(sheets)
                raise UnusableMappingError(f"sheet: there is none that is called {name!r}, only: {seen:.300}")
            if name is None and not names:
                raise UnreadableError("all sheets of the workbook are hidden; let the mapping name one")
            chosen = names[0] if name is None else name
            old = self._begins(OLD)
            known = untold(self.file, book.sheet_names.index(chosen)) if old else Untold()
            return book.get_sheet_by_name(chosen), known
        except PasswordError as error:
            raise UnreadableError("the workbook is protected by a password") from error
        except (CalamineError, ParseError, BadZipFile) as error:
            raise UnreadableError(f"the workbook cannot be read: {error!s:.200}") from error

    def _begins(self, mark: bytes) -> bool:
        self.file.seek(0)
        return self.file.read(len(mark)) == mark

    def _text(self, cell: Any, place: int, digits: int, layout: Layout) -> str:  # noqa: ANN401 - whatever a cell holds
        """Return what a file of text would have in this cell; a number has at least so many ``digits``."""
        if isinstance(cell, str):
            if cell.startswith("0") and cell.isdigit():
                self._zeros[place] = max(len(cell), self._zeros.get(place, 0))
            return cell
        if isinstance(cell, bool):
            return Turned(str(cell).upper(), "true or false")
        if isinstance(cell, (int, float)):
            return self._number(cell, place, digits, layout)
        if isinstance(cell, date):  # and datetime, which is one
            return Turned(cell.strftime(layout.time_format) if layout.time_format else cell.isoformat(), "a date")
        if isinstance(cell, (time, timedelta)):
            return Turned(cell.isoformat() if isinstance(cell, time) else str(cell), "a time")
        return ""

    def _number(self, cell: float, place: int, digits: int, layout: Layout) -> str:
        """Return a number as the spreadsheet shows it, which is by 15 digits; a whole one below `EXACT` by all."""
        if not math.isfinite(cell):
            return NO_NUMBER
        if abs(cell) < EXACT:
            near = float(f"{cell:.{SHOWN_DIGITS}g}") if abs(cell) > RESIDUE else 0.0
            whole = int(cell) if cell == int(cell) else int(near) if near == int(near) else None
            if whole is not None:
                text = str(whole).zfill(digits)
                known = self._numbers.setdefault(place, {}).setdefault(len(text), [])
                if len(known) < MOST_REMARKS:
                    known.append(text)
                return text
        number, _, power = f"{cell:.{SHOWN_DIGITS}g}".partition("e")
        if power and "." not in number:
            number += ".0"  # without a fraction it looks like an id
        return number.replace(".", layout.decimal) + (f"E{power}" if power else "")


def main() -> None:
    """Write the rows of the workbook on the standard input as lines of JSON, and what happened as the last one.

    The only argument is what the layout says of cells (JSON).
    """
    for bound, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        resource.setrlimit(bound, (most, most))
    layout = Layout(columns={}, **json.loads(sys.argv[1]))
    with open(0, "rb", closefd=False) as file:
        sheets = Sheets(file)
        try:
            for record in sheets.records(layout):
                turned = {place: cell.into for place, cell in enumerate(record.cells) if isinstance(cell, Turned)}
                _say([record.line, record.cells, turned])
        except UnreadableError as error:
            _say({"unreadable": str(error)})
        except UnusableMappingError as error:
            _say({"unusable": str(error)})
        else:
            _say({"remarks": sheets.remarks()})


def _say(said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
