"""Ids as shops write them: SKUs, products, locations, purchase orders (design §1, end). Every door reads them here.

An id is 1 to 100 printable characters of Unicode, spaces and slashes included. It is trimmed and composed (NFC). What
nobody sees, or nobody tells from a space, is refused by name, because two ids that look alike must be one.
"""

from typing import Any, NamedTuple

LONGEST = 100
LARGEST_EXACT = 2**53
"""Whole numbers up to here are exact, however JSON writes them."""
UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc\ufffd\U0001d159"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""Printable to Python, but unseen: fillers, blanks, variation selectors; and marks that stand for what was lost."""
TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Embeddings, overrides, isolates, and what ends them."""
PATTERN = (
    "^[^\\x00-\\x1f\\x7f-\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f"
    "\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\uffff]*$"
)
"""What JSON Schemas say of an id's characters. `Ids` refuses more, beyond the basic plane."""
KINDS = ("sku", "product_id", "location_id", "id")
"""The formats by which JSON Schemas name ids; of all but the last the shop may say that case does not count."""


class IdentifierError(ValueError):
    """The text is no id; the error says why, without the field's name."""


class Ids(NamedTuple):
    """How a shop's ids are read. ``case`` is ``exact``, or the case into which SKUs and locations are folded."""

    case: str = "exact"

    def sku(self, said: object) -> str:
        """Return a SKU as it is stored and shown. Raises `IdentifierError`."""
        return self._folded(said)

    def without(self, front: str, text: str) -> str:
        """Return a SKU's text without what an ERP writes in front of it. Both are compared as SKUs are."""
        return self._cased(text).removeprefix(self._cased(front)).strip()

    def product_id(self, said: object) -> str:
        """Return a product's id as it is stored and shown. Raises `IdentifierError`."""
        return self._folded(said)

    def location_id(self, said: object) -> str:
        """Return a location's id as it is stored and shown. Raises `IdentifierError`."""
        return self._folded(said)

    def id(self, said: object) -> str:
        """Return any other id, whose case always counts. Raises `IdentifierError`."""
        return _bounded(_plain(said))

    def _folded(self, said: object) -> str:
        return _bounded(self._cased(_plain(said)))

    def _cased(self, text: str) -> str:
        text = _composed(text)
        if self.case == "exact":
            return text
        # Two ids are one where their capitals are. Small letters of capitals: what is one in `upper` is so in `lower`.
        capitals = _composed(text.lower().upper())
        return capitals if self.case == "upper" else _composed(capitals.lower())


EXACT = Ids()


def schema(kind: str) -> dict[str, Any]:
    """Return what a field's JSON Schema says of an id."""
    return {"format": kind, "minLength": 1, "maxLength": LONGEST, "pattern": PATTERN}


def joined(*ids: str) -> str:
    """Return one text for several ids: no two lists make the same, whatever stands in them (RFC 6901's escapes)."""
    return "/".join(each.replace("~", "~0").replace("/", "~1") for each in ids)


def label(said: object) -> str:
    """Return a line of text for people that systems also write as a number: a size. Raises `IdentifierError`."""
    if isinstance(said, float) and said.is_integer() and abs(said) <= LARGEST_EXACT:
        said = int(said)
    return line(str(said) if type(said) in (int, float) else said)


def line(said: object) -> str:
    """Return one line of text for people, trimmed: a name, a title. Raises `IdentifierError` where nobody sees any.

    Marks between letters stay, because Persian, Hebrew and emoji need some. Those that turn what follows to another
    direction go: a page or a mail gives each text its own, and whoever reads on is not led astray.
    """
    if type(said) is not str:
        raise IdentifierError("must be string")
    text = undirected(said).strip(" ")
    for character in text:
        if not character.isprintable() and _category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise IdentifierError(f"has {named(character)} in it: write one line")
    if not any(seen(character) for character in text):
        raise IdentifierError("has nothing that anybody sees")
    return text


def lines(said: object) -> str:
    """Return some lines of text for people, as `line` reads each; empty ones go. Raises `IdentifierError`."""
    if type(said) is not str:
        raise IdentifierError("must be string")
    return "\n".join(line(each) for each in said.splitlines() if any(map(seen, undirected(each))))


def undirected(text: str) -> str:
    """Return a text without the marks that turn what follows to another direction (UAX 9, explicit formatting)."""
    return text if text.isascii() else text.translate(TURNING)


def trimmed(text: str) -> str:
    """Return a text without what nobody sees around it and copying brings along."""
    places = [place for place, character in enumerate(text) if seen(character)]
    return text[places[0] : places[-1] + 1] if places else ""


def _plain(said: object) -> str:
    """Return the characters of an id. A whole number is its digits."""
    if type(said) is str:
        text = said.strip()
        if text.isascii() and text.isprintable():
            return text
        text = _composed(text)
        for character in text:
            if not seen(character) and character != " ":
                raise IdentifierError(f"has {named(character)} in it, which nobody sees or tells from a space")
        return text
    if isinstance(said, float) and said.is_integer() and abs(said) <= LARGEST_EXACT:
        said = int(said)
    if type(said) is int:
        return str(said) if abs(said) < 10**LONGEST else "9" * (LONGEST + 1)
    raise IdentifierError("must be text or a whole number")


def _bounded(text: str) -> str:
    if not text:
        raise IdentifierError("is empty")
    if len(text) > LONGEST:
        raise IdentifierError(f"has more than {LONGEST} characters")
    return text


def seen(character: str) -> bool:
    """Tell whether a character puts ink on paper. Marks that nobody assigned yet do not."""
    return character != " " and character.isprintable() and character not in UNSEEN


def _composed(text: str) -> str:
    if text.isascii():
        return text
    import unicodedata  # noqa: PLC0415 - a megabyte that few cold starts need

    return unicodedata.normalize("NFC", text)


def _category(character: str) -> str:
    import unicodedata  # noqa: PLC0415 - same

    return unicodedata.category(character)


def named(character: str) -> str:
    """Return a character as Unicode names it: ``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    import unicodedata  # noqa: PLC0415 - same

    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
