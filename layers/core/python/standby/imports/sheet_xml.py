"""Workbooks in XML (``.xlsx``, ``.ods``), so that the library reads in each cell what the spreadsheet shows there.

To the library an error is an empty cell, a formula that nobody calculated too, and a number has no leading zeros. So
such cells are written anew, as text, before it reads them. A workbook that has none is left as it is.
"""

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO
from xml.etree.ElementTree import iterparse

from standby.imports.model import UNCALCULATED

CHUNK_BYTES = 1024 * 1024
LOOKED_AT = 4_096
"""In so many bytes of a part it stands what the part is."""
CONTENT, STYLES = "content.xml", "xl/styles.xml"
WORKSHEET = re.compile(rb"<(?:\w+:)?worksheet\b")
NOT_AVAILABLE = b"#N/A"
TYPE = re.compile(rb"""\st=["'](\w*)["']""")
VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
FORMULA = rb"<\1f\b[^>]*?(?:/>|>[^<]*</\1f>)\s*"
ERROR = re.compile(rb"""<((?:\w+:)?)c\b([^>]*?\st=["']e["'][^>]*?)(?:/>|>(.*?)</\1c>)""", re.DOTALL)
VALUELESS = re.compile(rb"<((?:\w+:)?)c\b([^>]*)>\s*" + FORMULA + rb"(<\1v\s*/>|<\1v\b[^>]*>\s*</\1v>)?\s*</\1c>")
ZEROS = re.compile(r"0{2,}")
"""A format that shows numbers with leading zeros."""
OPEN_CELL = re.compile(
    rb"""<table:table-cell\b((?:[^>"']|"[^"]*"|'[^']*')*+)>(?:(?<=/>)|(.*?)</table:table-cell>)""", re.DOTALL
)
OPEN_SIGNS = re.compile(rb"""formula=|value-type=["']error|<text:p[^>]*>0[0-9]""")
"""Where none of these stands, all cells are what the library reads."""
OPEN_ERROR = re.compile(rb"""calcext:value-type=["']error["']""")
OPEN_TYPE = re.compile(rb"""\soffice:value-type=["'](\w+)["']""")
OPEN_VALUE = re.compile(rb"""\soffice:(?:\w+-)?value=["']([^"']*)["']""")
OPEN_SHOWN = re.compile(rb"<text:p\b[^>]*>(.*?)</text:p>", re.DOTALL)
OPEN_SPOILT = re.compile(rb"#[A-Z0-9/]+[!?]?|Err:[0-9]{3}")
"""What OpenOffice shows for an error; before 4.1 it said that its value was 0."""
NOTE = re.compile(rb"<office:annotation\b.*?</office:annotation>", re.DOTALL)
ABOUT_VALUE = re.compile(rb"""\s(?:office:|calcext:|table:formula)[\w-]*=(?:"[^"]*"|'[^']*')""")

Change = Callable[[bytes], bytes]


def as_shown(file: IO[bytes]) -> IO[bytes]:
    """Return a workbook whose cells have the texts that are shown; the same one where all have, or it is no zip."""
    file.seek(0)
    if not zipfile.is_zipfile(file):
        return file
    with zipfile.ZipFile(file) as archive:
        changes = _changes(archive)
        if not any(_differs(archive, name, change) for name, change in changes.items()):
            return file
        made = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads it holds it
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
            for member in archive.infolist():
                with copy.open(member.filename, "w") as part:
                    change = changes.get(member.filename, bytes)
                    for piece in _pieces(archive, member.filename):
                        part.write(change(piece))
    return made


def _changes(archive: zipfile.ZipFile) -> Mapping[str, Change]:
    """Return what is done to each part that has cells."""
    names = [name for name in archive.namelist() if name.endswith(".xml")]
    if CONTENT in names:
        return {CONTENT: _open_sheet}
    zeros = _zeros(archive) if STYLES in names else {}
    return {name: _excel_sheet(zeros) for name in names if WORKSHEET.search(_beginning(archive, name))}


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(LOOKED_AT)


def _differs(archive: zipfile.ZipFile, name: str, change: Change) -> bool:
    return any(change(piece) != piece for piece in _pieces(archive, name))


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield a part in pieces that end where a row ends."""
    kept = b""
    with archive.open(name) as part:
        while chunk := part.read(CHUNK_BYTES):
            kept += chunk
            end = kept.rfind(b"row>") + len(b"row>")
            if end >= len(b"row>"):
                yield kept[:end]
                kept = kept[end:]
    yield kept


# ---- Excel ----


def _excel_sheet(zeros: Mapping[bytes, int]) -> Change:
    """Return what writes cells of a sheet anew; ``zeros`` are digits by the number of a style."""
    styles = b"|".join(zeros)
    padded = re.compile(
        rb"""<((?:\w+:)?)c\b([^>]*?\ss=["'](""" + styles + rb""")["'][^>]*)>\s*"""
        rb"(?:" + FORMULA + rb""")?<\1v\b[^>]*>([0-9]+)(?:\.0*)?</\1v>\s*</\1c>"""
    )

    def change(piece: bytes) -> bytes:
        piece = VALUELESS.sub(_valueless, ERROR.sub(_error, piece))
        return padded.sub(lambda cell: _padded(cell, zeros), piece) if zeros else piece

    return change


def _error(cell: re.Match[bytes]) -> bytes:
    said = VALUE.search(cell[3] or b"")
    return _text_cell(cell, said[1] if said else NOT_AVAILABLE)


def _valueless(cell: re.Match[bytes]) -> bytes:
    kind = TYPE.search(cell[2])
    calculated = cell[3] and kind and kind[1] == b"str"  # to an empty text
    return cell[0] if calculated else _text_cell(cell, UNCALCULATED.encode())


def _padded(cell: re.Match[bytes], zeros: Mapping[bytes, int]) -> bytes:
    kind = TYPE.search(cell[2])
    return cell[0] if kind and kind[1] != b"n" else _text_cell(cell, cell[4].zfill(zeros[cell[3]]))


def _text_cell(cell: re.Match[bytes], text: bytes) -> bytes:
    prefix, about = cell[1], TYPE.sub(b"", cell[2])
    return b'<%bc%b t="str"><%bv>%b</%bv></%bc>' % (prefix, about, prefix, text, prefix, prefix)


def _zeros(archive: zipfile.ZipFile) -> Mapping[bytes, int]:
    """Return the styles that show leading zeros, each with its number of digits."""
    formats: dict[str, int] = {}
    found: dict[bytes, int] = {}
    with archive.open(STYLES) as source:
        for _, element in iterparse(source):  # noqa: S314 - in a process of its own, with bounds of memory and CPU
            name = element.tag.rpartition("}")[2]
            if name == "numFmt" and ZEROS.fullmatch(element.get("formatCode", "")):
                formats[element.get("numFmtId", "")] = len(element.get("formatCode", ""))
            elif name == "cellXfs":  # formats stand in front of the styles that have them
                kinds = (style.get("numFmtId", "") for style in element)
                found = {b"%d" % number: formats[kind] for number, kind in enumerate(kinds) if kind in formats}
    return found


# ---- OpenDocument ----


def _open_sheet(piece: bytes) -> bytes:
    return OPEN_CELL.sub(_open_cell, piece) if OPEN_SIGNS.search(piece) else piece


def _open_cell(cell: re.Match[bytes]) -> bytes:
    about = cell[1].removesuffix(b"/")
    shown = OPEN_SHOWN.search(NOTE.sub(b"", cell[2] or b""))
    text = _open_text(about, shown[1] if shown else b"")
    if text is None:
        return cell[0]
    about = ABOUT_VALUE.sub(b"", about)
    return b'<table:table-cell%b office:value-type="string"><text:p>%b</text:p></table:table-cell>' % (about, text)


def _open_text(about: bytes, shown: bytes) -> bytes | None:
    """Return the text that a cell shall have, ``None`` for one that may stay."""
    kind, value = OPEN_TYPE.search(about), OPEN_VALUE.search(about)
    if OPEN_ERROR.search(about):
        return shown or NOT_AVAILABLE
    if b"formula=" in about:
        if OPEN_SPOILT.fullmatch(shown):
            return shown
        if kind is None or (value is None and not (kind[1] == b"string" and shown)):
            return UNCALCULATED.encode()
    zeros = kind is not None and kind[1] == b"float" and shown.startswith(b"0") and len(shown) > 1 and shown.isdigit()
    return shown if zeros and value and value[1].partition(b".")[0] == (shown.lstrip(b"0") or b"0") else None
