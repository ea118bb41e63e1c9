"""Spreadsheets: the workbooks of Excel (``.xlsx``, ``.xls``) and of OpenDocument (``.ods``), row by row.

The library holds a whole sheet in memory, so a workbook may not be as large as a file of text (`imports.packed`).
Spreadsheets know no whole numbers and no leading zeros: of a number's cell nobody knows how many digits somebody
typed, so a number that stands where others have leading zeros is remarked.

The library is not of Python, and a broken workbook can end the process that reads it. So it is read by a process of its
own, with bounds (`main`), and `standby.imports.workbook` is what the others see of it.
"""

import json
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from standby.imports.csv_file import LONGEST_CELL, Record
from standby.imports.model import Layout, UnreadableError, UnusableMappingError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

EXACT = 2**53
"""Whole numbers below it have all their digits."""
MOST_MEMORY = 1_300 * 1024**2
"""Bytes that a reader may have: what else the function needs is left of its memory."""
MOST_SECONDS = 300
"""CPU that a reader may take. A workbook of a million rows takes 20."""
MOST_REMARKS = 20


@dataclass
class Sheets:
    """A workbook. One of its sheets is read: the one that the mapping names, or the first that is not hidden."""

    file: IO[bytes]
    _zeros: dict[int, int] = field(default_factory=dict)
    """The longest digits with a leading zero, by column."""
    _numbers: dict[int, list[str]] = field(default_factory=dict)
    """The first whole numbers, by column."""

    def records(self, layout: Layout) -> Iterator[Record]:
        """Yield the rows that are not empty, numbered as the spreadsheet numbers them.

        Raises `UnreadableError`, `UnusableMappingError` for a sheet that is not there.
        """
        sheet = self._sheet(layout.sheet)
        left = [""] * (sheet.start[1] if sheet.start else 0)
        for number, row in islice(enumerate(sheet.iter_rows(), 1), layout.skip_lines, None):
            cells = left + [self._text(cell, place, layout) for place, cell in enumerate(row, len(left))]
            if not any(cells):
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
            if (short := [each for each in self._numbers.get(place, ()) if len(each) < longest])
        ][:MOST_REMARKS]

    def _sheet(self, name: str | None) -> "CalamineSheet":
        from python_calamine import (  # noqa: PLC0415 - other files need no reader of spreadsheets
            CalamineError,
            CalamineWorkbook,
            PasswordError,
            SheetVisibleEnum,
        )

        self.file.seek(0)
        try:
            book = CalamineWorkbook.from_filelike(self.file)
            names = [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
            if name is not None and name not in book.sheet_names:
                seen = ", ".join(book.sheet_names)
                raise UnusableMappingError(f"sheet: there is none that is called {name!r}, only: {seen:.300}")
            if name is None and not names:
                raise UnreadableError("all sheets of the workbook are hidden; let the mapping name one")
            return book.get_sheet_by_name(names[0] if name is None else name)
        except PasswordError as error:
            raise UnreadableError("the workbook is protected by a password") from error
        except CalamineError as error:
            raise UnreadableError(f"the workbook cannot be read: {error!s:.200}") from error

    def _text(self, cell: Any, place: int, layout: Layout) -> str:  # noqa: ANN401 - whatever a cell holds
        """Return what a file of text would have in this cell."""
        if isinstance(cell, str):
            if cell.startswith("0") and cell.isdigit():
                self._zeros[place] = max(len(cell), self._zeros.get(place, 0))
            return cell
        if isinstance(cell, bool):
            return str(cell).upper()
        if isinstance(cell, (int, float)):
            return self._number(cell, place, layout)
        if isinstance(cell, date):  # and datetime, which is one
            return cell.strftime(layout.time_format) if layout.time_format else cell.isoformat()
        return cell.isoformat() if isinstance(cell, time) else str(cell) if isinstance(cell, timedelta) else ""

    def _number(self, cell: float, place: int, layout: Layout) -> str:
        if abs(cell) < EXACT and cell == int(cell):
            text = str(int(cell))
            known = self._numbers.setdefault(place, [])
            if len(known) < MOST_REMARKS:
                known.append(text)
            return text
        text = repr(cell)
        return text.replace("e+", "E+") if "e" in text else text.replace(".", layout.decimal)


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
                _say([record.line, record.cells, record.problem])
        except UnreadableError as error:
            _say({"unreadable": str(error)})
        except UnusableMappingError as error:
            _say({"unusable": str(error)})
        else:
            _say({"remarks": sheets.remarks()})


def _say(said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
