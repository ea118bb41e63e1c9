"""Lines of CSV for whoever opens them in a spreadsheet: no text is computed there, whatever separates its columns.

A spreadsheet computes a cell that begins with one of `BEGINS` (OWASP, "CSV Injection"), and in many countries it takes
semicolons for the separators. So a text is looked at behind each separator that any of them knows, past marks and
blanks, which some of them trim, and as its letters are written narrow.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable

BEGINS = ("=", "+", "-", "@", "\u2212")
SEPARATORS = re.compile(r"([;,|\t\r\n])")
TEXT = "'"
"""Says that what follows is text."""


def row_of(cells: Iterable[str | int | None]) -> str:
    """Return a line, texts in quotation marks, with its end."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerow("" if cell is None else _plain(cell) for cell in cells)
    return text.getvalue()


def _plain(cell: str | int) -> str | int:
    """Return what no spreadsheet computes; a number is one, below zero as well."""
    if not isinstance(cell, str):
        return cell
    parts = SEPARATORS.split(cell)
    return "".join(f"{TEXT}{part}" if _computed(part) else part for part in parts)


def _computed(part: str) -> bool:
    narrow = unicodedata.normalize("NFKC", part)
    begins = next((letter for letter in narrow if not (letter in "\"'" or _blank(letter))), "")
    return begins in BEGINS


def _blank(letter: str) -> bool:
    """Tell whether a letter is a blank, or a mark that nobody sees."""
    return unicodedata.category(letter)[0] in "ZC"
