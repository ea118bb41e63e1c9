"""What a workbook says of its cells beside their values: errors, formulas that nobody calculated, leading zeros.

The library that reads workbooks shows an error as an empty cell. So the part of the file that holds the sheet is looked
through for such cells (`.xlsx`, `.ods`); in the old workbooks of Excel they cannot be told from empty ones.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.etree.ElementTree import Element, iterparse

from standby.imports.model import UNCALCULATED

CHUNK_BYTES = 1024 * 1024
BOOK, RELATIONS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
CONTENT = "content.xml"
SIGNS = (b't="e"', b"<f", b'value-type="error"', b"table:formula=")
"""A part without any of them has no such cell, so it need not be parsed."""
ZEROS = re.compile(r"0{2,}")
"""A format of numbers that shows leading zeros."""
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
MOST_REPEATED = 1_000
"""An OpenDocument sheet says of empty rows and columns only how many there are."""


@dataclass
class Signs:
    """What is known of cells, by row from 1 and column from 0."""

    said: dict[tuple[int, int], str] = field(default_factory=dict)
    """What stands in cells without a value."""
    digits: dict[tuple[int, int], int] = field(default_factory=dict)
    """How many digits a number is shown with at least."""


def signs(file: IO[bytes], sheet: str) -> Signs:
    """Return what a workbook says of a sheet's cells. Nothing is known of a file that is no zip file."""
    if not zipfile.is_zipfile(file):
        return Signs()
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if BOOK in names:
            return _of_excel(archive, sheet)
        if CONTENT in names and _has(archive, CONTENT, SIGNS):
            return _of_open_document(archive, sheet)
    return Signs()


def _of_excel(archive: zipfile.ZipFile, sheet: str) -> Signs:
    found, part = Signs(), _part(archive, sheet)
    zeros = _zeros(archive)
    if part is None or not _has(archive, part, (*SIGNS, *(f's="{style}"'.encode() for style in zeros))):
        return found
    for cell in _elements(archive, part, "c"):
        place = _place(cell.get("r", ""))
        value = _child(cell, "v")
        if place is None:
            continue
        if cell.get("t") == "e":
            found.said[place] = (value is not None and value.text) or UNCALCULATED
        elif _child(cell, "f") is not None and (value is None or not value.text) and cell.get("t") != "str":
            found.said[place] = UNCALCULATED
        elif cell.get("t", "n") == "n" and cell.get("s", "") in zeros:
            found.digits[place] = zeros[cell.get("s", "")]
    return found


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the name of the part in which a sheet lies."""
    key = None
    for each in _elements(archive, BOOK, "sheet"):
        if each.get("name") == sheet:
            key = next((value for name, value in each.attrib.items() if name.endswith("}id")), None)
    for each in _elements(archive, RELATIONS, "Relationship") if RELATIONS in archive.namelist() else ():
        if each.get("Id") == key:
            part = posixpath.normpath(posixpath.join("xl", each.get("Target", ""))).lstrip("/")
            return part if part in archive.namelist() else None
    return None


def _zeros(archive: zipfile.ZipFile) -> Mapping[str, int]:
    """Return the styles that show leading zeros, each with its number of digits."""
    if STYLES not in archive.namelist() or not _has(archive, STYLES, (b'formatCode="00',)):
        return {}
    formats: dict[str, int] = {}
    found: dict[str, int] = {}
    for each in _elements(archive, STYLES, "numFmt", "cellXfs"):
        if ZEROS.fullmatch(each.get("formatCode", "")):
            formats[each.get("numFmtId", "")] = len(each.get("formatCode", ""))
        for number, style in enumerate(each):  # a format stands in front of the styles that have it
            if digits := formats.get(style.get("numFmtId", "")):
                found[str(number)] = digits
    return found


def _of_open_document(archive: zipfile.ZipFile, sheet: str) -> Signs:
    found = Signs()
    for table in _elements(archive, CONTENT, "table"):
        if _attribute(table, "name") != sheet:
            continue
        row = 0
        for each in table.iter():
            if not each.tag.endswith("}table-row"):
                continue
            _look(each, row + 1, found)
            row += int(_attribute(each, "number-rows-repeated") or 1)
    return found


def _look(row: Element, number: int, found: Signs) -> None:
    column = 0
    for cell in row:
        repeated = int(_attribute(cell, "number-columns-repeated") or 1)
        if any(name.endswith("}value-type") and value == "error" for name, value in cell.attrib.items()):
            text = "".join(cell.itertext()).strip() or UNCALCULATED
            places = range(column, column + min(repeated, MOST_REPEATED))
            found.said.update(dict.fromkeys(((number, place) for place in places), text))
        elif _attribute(cell, "formula") and not _attribute(cell, "value-type"):
            found.said[number, column] = UNCALCULATED
        column += repeated


def _elements(archive: zipfile.ZipFile, part: str, *names: str) -> Iterator[Element]:
    """Yield the elements of a part with one of the names, each whole, and forget it afterwards."""
    with archive.open(part) as source:
        for _, element in iterparse(source):  # noqa: S314 - in a process of its own, with bounds of memory and CPU
            name = element.tag.rpartition("}")[2]
            if name in names:
                yield element
            if name in names or name == "row":
                element.clear()


def _has(archive: zipfile.ZipFile, part: str, signs_of: tuple[bytes, ...]) -> bool:
    """Tell whether any of the texts stands in a part."""
    kept = b""
    with archive.open(part) as source:
        while chunk := source.read(CHUNK_BYTES):
            text = kept + chunk
            if any(each in text for each in signs_of):
                return True
            kept = text[-max(map(len, signs_of)) :]
    return False


def _place(reference: str) -> tuple[int, int] | None:
    """Return the row and column of a reference such as ``B3``."""
    parts = REFERENCE.fullmatch(reference)
    if parts is None:
        return None
    column = 0
    for letter in parts[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(parts[2]), column - 1


def _child(element: Element, name: str) -> Element | None:
    return next((each for each in element if each.tag.rpartition("}")[2] == name), None)


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
