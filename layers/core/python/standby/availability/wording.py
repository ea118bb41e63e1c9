"""The words of a badge in the reader's language; a language is a file in ``words``."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from standby.platform.counted import form
from standby.platform.frozen import frozen
from standby.shelf.ahead_model import AHEAD
from standby.shelf.model import LIMITED, Status

WORDS = Path(__file__).with_name("words")
FALLBACK = "en"
UNKNOWN = "unknown"
MOST_LANGUAGES = 20
"""Languages of one ``Accept-Language`` that are looked at."""


class Reader(NamedTuple):
    """Whoever reads an answer."""

    language: str
    """The one in which labels are written."""
    locales: Sequence[str]
    """Those in which texts are wanted, the favourite first."""


@frozen()
class Wording:
    """Labels of all languages."""

    texts: Mapping[str, Mapping[str, str]]
    default: str
    """The shop's language."""

    @classmethod
    def of(cls, default: str) -> "Wording":
        """Read the files. What the shop speaks has a file, or English stands in."""
        texts = {path.stem: json.loads(path.read_text("utf-8")) for path in WORDS.glob("*.json")}
        return cls(texts, closest(default, texts) or FALLBACK)

    def reader(self, locale: str | None, accepted: str | None) -> Reader:
        """Return who reads an answer: by the locale that was asked for, the browser's favourites, or the shop's."""
        wanted = [locale] if locale is not None else _favourites(accepted or "")
        found = (closest(each, self.texts) for each in wanted)
        return Reader(next((language for language in found if language is not None), self.default), wanted)

    def label(self, language: str, status: Status | None, units_left: int | None) -> str:
        """Return what a badge says."""
        texts = self.texts[language]
        if status is None:
            return texts[UNKNOWN]
        if status != LIMITED and status not in AHEAD:
            return texts[status]
        if units_left is None:
            return texts[f"{status}.unsaid"]
        forms = {name: texts[f"{status}.{name}"] for name in ("one", "two") if f"{status}.{name}" in texts}
        return form(language, units_left, {**forms, "other": texts[status]}).format(units=units_left)


def closest(locale: str, known: Mapping[str, object]) -> str | None:
    """Return the closest language there is: ``he-IL``, then ``he`` (RFC 4647 §3.4)."""
    wanted = locale.strip().lower().replace("_", "-")
    while wanted and wanted not in known:
        wanted = wanted.rpartition("-")[0]
    return wanted or None


def _favourites(accepted: str) -> list[str]:
    """Return the languages of an ``Accept-Language`` (RFC 9110 §12.5.4), the favourite first."""
    weighed = []
    for place, part in enumerate(accepted.split(",")[:MOST_LANGUAGES]):
        language, _, parameter = part.partition(";")
        weight = _weight(parameter.strip())
        if weight > 0:
            weighed.append((-weight, place, language))
    return [language for *_, language in sorted(weighed)]


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
