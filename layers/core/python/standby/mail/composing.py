"""Putting the values of one job into the words of one kind: texts with their places filled, and what its blocks show.

Everything that comes from data passes `plain` on its way. A ``{place}`` stands isolated in its sentence, so that its
direction of writing disturbs nobody (Unicode UAX 9).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from standby.mail.kind import Kind
from standby.platform.queue import PoisonError

SLOT_START, SLOT_END = "\ue000", "\ue001"
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
LONGEST_NAME = 200
DEFAULT_LANGUAGE = "en"
PLACE = re.compile(r"\{([a-z_]+)\}")
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Categories of Unicode that a reader cannot see: control, direction, private use, halves, separators of lines."""
Paths = str | Sequence[str]
"""A place in the data, ``offer.price``; of several the first that the data has."""


@dataclass(frozen=True)
class Composer:
    """One kind, one language, one job's data."""

    kind: Kind
    language: str
    words: Mapping[str, Any]
    """What the locale says in every mail."""
    data: Mapping[str, Any]

    def text(self, key: str) -> str:
        """Return one of the kind's texts with its places filled."""
        filled: str = self.kind.texts(self.language)[key]
        return PLACE.sub(lambda place: self._place(place[1]), filled)

    def shown(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the blocks that have something to show, each with what its template takes."""
        return [(block["block"], values) for block in self.kind.blocks if (values := self._values(block))]

    def leave_url(self) -> str:
        """Return the address that ends these mails, or nothing where the kind has none."""
        return _slotted(self._link("leave_url"), "leave") if self.kind.leave else ""

    def _values(self, block: Mapping[str, Any]) -> dict[str, Any]:
        """Return a block's values by field; nothing for a block whose list is empty."""
        values = {name: FIELDS[name](self, said) for name, said in block.items() if name != "block"}
        return {} if [] in values.values() else values

    def _place(self, name: str) -> str:
        ((form, paths),) = self.kind.places[name].items()
        return PLACES[form](self, paths)

    def _names(self, paths: Paths) -> str:
        names = [isolated(product["name"]) for product in self._products(paths)]
        first, last = ", ".join(names[:-1]), names[-1]
        both: str = self.words["and"]
        return both.replace("{first}", first).replace("{last}", last) if first else last

    def _products(self, paths: Paths) -> list[dict[str, str]]:
        found = self._find(paths)
        return [self._product(each) for each in (found if isinstance(found, list) else [found])]

    def _product(self, said: str | Mapping[str, Any]) -> dict[str, str]:
        about: Mapping[str, Any] = {"sku": said} if isinstance(said, str) else said
        return {
            "name": plain(self._localized(about.get("title", about["sku"]))),
        }

    def _buttons(self, said: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        return [
            {"text": self.text(button["text"]), "url": _slotted(self._link(button["url"]), button.get("slot"))}
            for button in said
        ]

    def _link(self, paths: Paths) -> str:
        return plain(self._find(paths), longest=None)

    def _localized(self, words: str | Mapping[str, str]) -> str:
        if isinstance(words, str):
            return words
        return words.get(self.language) or words.get(DEFAULT_LANGUAGE) or next(iter(words.values()))

    def _find(self, paths: Paths) -> Any:  # noqa: ANN401 - JSON
        """Return the first of the paths that the data has. Raises `PoisonError` when it has none."""
        for path in [paths] if isinstance(paths, str) else paths:
            value: Any = self.data
            for part in path.split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
            if value is not None:
                return value
        raise PoisonError(f"data.{paths if isinstance(paths, str) else paths[0]}: missing")


FIELDS: dict[str, Callable[[Composer, Any], Any]] = {
    "text": Composer.text,
    "products": Composer._products,  # noqa: SLF001 - the class's own table
    "buttons": Composer._buttons,  # noqa: SLF001
}
"""What a field of a block in ``kind.json`` becomes for the block's templates."""

PLACES: dict[str, Callable[[Composer, Any], str]] = {
    "names": Composer._names,  # noqa: SLF001
}
"""How the value of a ``{place}`` is written."""


def plain(text: str, *, longest: int | None = LONGEST_NAME) -> str:
    """Take control, direction and private characters out of a text, so that it can only be read."""
    return "".join(each for each in text if unicodedata.category(each) not in UNSEEN)[:longest]


def isolated(text: str) -> str:
    """Wrap a text so that its direction of writing does not disturb the sentence around it (Unicode UAX 9)."""
    return f"{ISOLATE}{text}{END_ISOLATE}"


def _slotted(url: str, slot: str | None) -> str:
    """Put a recipient's slot behind an address; while rendering it is a pair of private characters around its name."""
    return f"{url}{SLOT_START}{slot}{SLOT_END}" if slot else url
