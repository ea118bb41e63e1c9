"""Hebrew speaks to its readers in one register: to all of them, in the plural (ביקשתם, שלכם), in mails and on pages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.standby.mail.looking import PRODUCT_KINDS, TEST_KINDS

PRODUCT = PRODUCT_KINDS.parents[1]
FILES = sorted([*PRODUCT.rglob("he.json"), *TEST_KINDS.rglob("he.json")])
WORD = re.compile(r"[\u05d0-\u05ea]+")
PREFIXES = "ושהכלבמ"
"""One-letter words that Hebrew writes together with the next."""
NOT_YOURS = {
    *("כך", "צורך", "דרך", "תוך", "ערך", "סך", "אורך", "מסמך", "תהליך", "המשך", "משך", "צריך", "להמשיך", "נמשיך"),
    *("תאריך", "איך", "נחתך", "ארך"),
}
"""Words that end like "your" and "to you" in the singular, but mean something else."""
TO_ONE = {
    *("אתה", "ביקשת", "אישרת", "נרשמת", "הזמנת", "שילמת", "קיבלת", "רצית", "חיכית", "לחצת", "התחרטת", "קנית", "יצאת"),
    *("לחץ", "לחצי", "נסה", "נסי", "בחר", "בחרי", "חזור", "חזרי", "פתח", "פתחי", "העתק", "העתיקי", "סגור", "סגרי"),
    *("המתן", "המתיני", "חכה", "חכי", "הקלד", "הקלידי", "השתמש", "השתמשי", "תקבל", "תקבלי", "תוכל", "תוכלי"),
}
"""Words that speak to one man or one woman although their endings do not show it."""


def said(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from said(inner)
    else:
        yield str(value)


def to_one(text: str) -> list[str]:
    """Return the words that speak to one reader."""
    found = []
    for word in WORD.findall(text):
        bare = {word[cut:] for cut in range(3) if set(word[:cut]) <= set(PREFIXES)}
        if word.lstrip("וש") in TO_ONE or word in TO_ONE or (word.endswith("ך") and not bare & NOT_YOURS):
            found.append(word)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_nothing_speaks_to_one_reader_only(path: Path) -> None:
    texts = json.loads(path.read_text("utf-8"))
    assert {text: words for text in said(texts) if (words := to_one(text))} == {}


@pytest.mark.parametrize(
    "text",
    ["ביקשת שנעדכן", "וביקשת", "ההתראה שלך", "נכתוב לך", "אליך", "בשבילך", "כנראה את או אתה", "נסה שוב", "לחצי כאן"],
)
def test_the_singular_would_be_found(text: str) -> None:
    assert to_one(text)


@pytest.mark.parametrize("text", ["ביקשתם שנעדכן אתכם", "אין צורך", "על כך", "יצא לדרך", "מתוך המייל", "הכתובת שלכם"])
def test_the_plural_is_not(text: str) -> None:
    assert not to_one(text)


def test_every_feature_that_has_pages_is_read() -> None:
    assert {path.relative_to(PRODUCT).parts[0] for path in FILES if PRODUCT in path.parents} >= {"mail", "waitlist"}
