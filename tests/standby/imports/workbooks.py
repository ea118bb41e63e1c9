"""Workbooks of each kind, written by the libraries that others write them with."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

Rows = Iterable[Sequence[Any]]


def xlsx(rows: Rows, *, hidden: Rows = (), more: Mapping[str, Rows] | None = None) -> bytes:
    """Return a workbook of Excel; ``hidden`` rows stand in a first sheet that is hidden, ``more`` in others."""
    book = openpyxl.Workbook(write_only=True)
    for title, lines in {"Hidden": hidden, "Stock": rows, **(more or {})}.items():
        if title == "Hidden" and not lines:
            continue
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title == "Hidden" else "visible"
        for line in lines:
            sheet.append(list(line))
    if hidden:
        book.active = 1
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xls(rows: Rows) -> bytes:
    """Return a workbook of the Excel before 2007."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Stock")
    at = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM")
    for y, line in enumerate(rows):
        for x, cell in enumerate(line):
            if cell is not None:
                sheet.write(y, x, cell, *([at] if isinstance(cell, datetime) else []))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def ods(rows: Rows) -> bytes:
    """Return a workbook of OpenDocument."""
    document = OpenDocumentSpreadsheet()
    table = Table(name="Stock")
    for line in rows:
        row = TableRow()
        for cell in line:
            row.addElement(_ods_cell(cell))
        table.addElement(row)
    document.spreadsheet.addElement(table)
    file = io.BytesIO()
    document.write(file)
    return file.getvalue()


def _ods_cell(cell: Any) -> Any:
    if cell is None:
        return TableCell()
    if isinstance(cell, bool):
        return TableCell(valuetype="boolean", booleanvalue=str(cell).lower())
    if isinstance(cell, (int, float)):
        return TableCell(valuetype="float", value=str(cell))
    if isinstance(cell, datetime):
        return TableCell(valuetype="date", datevalue=cell.isoformat())
    made = TableCell(valuetype="string")
    made.addElement(P(text=cell))
    return made


WRITERS: Mapping[str, Callable[[Rows], bytes]] = {"xlsx": xlsx, "xls": xls, "ods": ods}
