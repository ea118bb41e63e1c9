"""Numbers beside nouns, in the English of reports, refusals and operators' commands, and the plurals of languages."""

from collections.abc import Mapping


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 line``, ``12,345 lines``; ``plural`` where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def form(language: str, number: int, forms: Mapping[str, str]) -> str:
    """Return the form of a text that a language has for a whole number, by the CLDR's names of plural categories.

    ``other`` must be there; a category without a form of its own takes that. Hebrew has a dual.
    """
    category = "one" if number == 1 else "two" if number == 2 and language == "he" else "other"  # noqa: PLR2004 - dual
    return forms.get(category, forms["other"])
