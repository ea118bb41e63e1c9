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

from standby.imports.csv_file import LONGEST_CELL, Record
from standby.imports.model import Layout, UnreadableError, UnusableMappingError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

    from standby.imports.sheet_signs import Signs

EXACT = 2**53
"""Whole numbers below it have all their digits."""
SHOWN_DIGITS = 15
"""What a spreadsheet calculates has an error behind them: it stores 7.999999999999999, and shows 8."""
RESIDUE = 1e-10
"""A smaller number is such an error beside nothing, as of =1-0.9-0.1. No quantity is so small."""
MOST_MEMORY = 1_300 * 1024**2
"""Bytes that a reader may have: what else the function needs is left of its memory."""
MOST_SECONDS = 300
"""CPU that a reader may take. A workbook of a million rows takes 20."""
MOST_REMARKS = 20


@dataclass
class Sheets:
    """A workbook. One of its sheets is read: the one that the mapping names, or the first that is not hidden."""

    file: IO[bytes]
    turned: dict[int, str] = field(default_factory=dict)
    """What was made of cells of the row that was read last, by column: ``a date``."""
    _signs: "Signs" = field(init=False)
    _zeros: dict[int, int] = field(default_factory=dict)
    """The longest digits with a leading zero, by column."""
    _numbers: dict[int, dict[int, list[str]]] = field(default_factory=dict)
    """The first whole numbers, by column and by their number of digits."""

    def records(self, layout: Layout) -> Iterator[Record]:
        """Yield the rows that are not empty, numbered as the spreadsheet numbers them.

        Raises `UnreadableError`, `UnusableMappingError` for a sheet that is not there.
        """
        sheet = self._sheet(layout.sheet)
        left = [""] * (sheet.start[1] if sheet.start else 0)
        by_row: dict[int, dict[int, str]] = {}
        for (number, place), text in self._signs.said.items():
            by_row.setdefault(number, {})[place] = text
        for number, row in islice(enumerate(sheet.iter_rows(), 1), layout.skip_lines, None):
            self.turned.clear()
            cells = left + [self._text(cell, number, place, layout) for place, cell in enumerate(row, len(left))]
            for place, text in by_row.get(number, {}).items():
                cells += [""] * (place + 1 - len(cells))
                cells[place] = text
            if not any(map(str.strip, cells)):
                continue
            if any(len(cell) > LONGEST_CELL for cell in cells):
                yield Record(number, 1, [], f"a cell has more than {LONGEST_CELL:,} characters")
            else:
                yield Record(number, 1, cells)

    def remarks(self) -> Sequence[str]:
        """Name numbers that may have lost leading zeros, by the texts beside them that have some."""
        return [
            f"column {place + 1}: {', '.join(short)} may have lost leading zeros: others there have some and are text"
            for place, longest in sorted(self._zeros.items())
            if (short := self._shorter(place, longest))
        ][:MOST_REMARKS]

    def _shorter(self, place: int, longest: int) -> Sequence[str]:
        """Return the first numbers of a column that have fewer digits."""
        found = self._numbers.get(place, {})
        return [each for digits in sorted(found) if digits < longest for each in found[digits]][:MOST_REMARKS]

    def _sheet(self, name: str | None) -> "CalamineSheet":
        from python_calamine import (  # noqa: PLC0415 - other files need no reader of spreadsheets
            CalamineError,
            CalamineWorkbook,
            PasswordError,
            SheetTypeEnum,
            SheetVisibleEnum,
        )

        from standby.imports.sheet_signs import signs  # noqa: PLC0415

        self.file.seek(0)
        try:
            book = CalamineWorkbook.from_filelike(self.file)
            names = [
                each.name
                for each in book.sheets_metadata
                if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet  # or a chart
            ]
            if name is not None and name not in book.sheet_names:
                seen = ", ".join(book.sheet_names)
                raise UnusableMappingError(f"sheet: there is none that is called {name!r}, only: {seen:.300}")
            if name is None and not names:
                raise UnreadableError("all sheets of the workbook are hidden; let the mapping name one")
            chosen = names[0] if name is None else name
            self._signs = signs(self.file, chosen)
            return book.get_sheet_by_name(chosen)
        except PasswordError as error:
            raise UnreadableError("the workbook is protected by a password") from error
        except (CalamineError, ParseError) as error:
            raise UnreadableError(f"the workbook cannot be read: {error!s:.200}") from error

    def _text(self, cell: Any, number: int, place: int, layout: Layout) -> str:  # noqa: ANN401 - whatever a cell holds
        """Return what a file of text would have in this cell."""
        if isinstance(cell, str):
            if cell.startswith("0") and cell.isdigit():
                self._zeros[place] = max(len(cell), self._zeros.get(place, 0))
            return cell
        if isinstance(cell, bool):
            self.turned[place] = "true or false"
            return str(cell).upper()
        if isinstance(cell, (int, float)):
            return self._number(cell, number, place, layout)
        self.turned[place] = "a time"
        if isinstance(cell, date):  # and datetime, which is one
            self.turned[place] = "a date"
            return cell.strftime(layout.time_format) if layout.time_format else cell.isoformat()
        return cell.isoformat() if isinstance(cell, time) else str(cell) if isinstance(cell, timedelta) else ""

    def _number(self, cell: float, number: int, place: int, layout: Layout) -> str:
        """Return a number as the spreadsheet shows it, which is by 15 digits; a whole one below `EXACT` by all."""
        if math.isfinite(cell) and abs(cell) < EXACT and cell == int(cell):
            text = str(int(cell)).zfill(self._signs.digits.get((number, place), 0))
            known = self._numbers.setdefault(place, {}).setdefault(len(text), [])
            if len(known) < MOST_REMARKS:
                known.append(text)
            return text
        text = f"{cell:.{SHOWN_DIGITS}g}"
        if "e" in text or abs(cell) >= EXACT:
            self.turned[place] = "a number of 15 digits"
        return "0" if abs(cell) < RESIDUE else text.replace("e+", "E+").replace(".", layout.decimal)


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
                _say([record.line, record.cells, record.problem, sheets.turned])
        except UnreadableError as error:
            _say({"unreadable": str(error)})
        except UnusableMappingError as error:
            _say({"unusable": str(error)})
        else:
            _say({"remarks": sheets.remarks()})


def _say(said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
