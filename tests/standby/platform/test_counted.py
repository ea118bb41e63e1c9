"""Numbers agree with their nouns, in every language that the product speaks."""

import json
import re
from pathlib import Path

import pytest
from babel import Locale
from standby.availability.wording import Wording
from standby.platform.counted import counted, form
from standby.platform.schema import checker
from standby.shelf.model import Status

from infra.operations.schemas import PRODUCT

BADGES: tuple[Status, ...] = ("LimitedAvailability", "PreOrder", "BackOrder")
"""Those that say how many units are left."""
LANGUAGES = sorted(path.stem for path in (PRODUCT / "standby/mail/locales").glob("*.json"))


def test_a_noun_follows_its_number() -> None:
    assert [counted(number, "line") for number in (0, 1, 2, 12345)] == ["0 lines", "1 line", "2 lines", "12,345 lines"]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_are_those_of_the_cldr(language: str) -> None:
    forms = {category: category for category in ("zero", "one", "two", "few", "many", "other")}
    for number in (*range(120), 1000, 1002, 1_000_000):
        assert form(language, number, forms) == Locale(language).plural_form(number)


@pytest.mark.parametrize("status", BADGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_badge_counts_as_its_language_does(language: str, status: Status) -> None:
    labels = {units: Wording.of(language).label(language, status, units) for units in range(1, 6)}
    forms = {Locale(language).plural_form(units) for units in labels}
    assert len({re.sub(r"\d+", "#", label) for label in labels.values()}) == len(forms), labels
    for units, label in labels.items():
        assert (str(units) in label) == (Locale(language).plural_form(units) == "other")


def test_refusals_count_as_english_does() -> None:
    said = {"type": "product.upserted", "product_id": "P", "title": {}, "variants": []}
    (wrong,) = checker("standby.catalog", "product.upserted")(said)
    assert wrong == "title: must contain at least 1 property"


@pytest.mark.parametrize(
    "path", sorted((PRODUCT / "standby").glob("**/??.json")), ids=lambda path: f"{path.parts[-2]}-{path.stem}"
)
def test_no_text_for_people_puts_a_number_before_a_noun_but_where_forms_are_chosen(path: Path) -> None:
    """A new text with a number needs the forms of its language (`form`)."""
    texts = json.loads(path.read_text("utf-8"))
    counting = [text for text in _texts(texts) if re.search(r"\{(count|number|units|days|hours)\}", text)]
    allowed = [text for text in counting if text in {texts.get(status) for status in BADGES}]
    assert counting == allowed


def _texts(said: object) -> list[str]:
    if isinstance(said, str):
        return [said]
    inner = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return [text for each in inner for text in _texts(each)]
