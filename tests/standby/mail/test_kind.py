"""Every folder of kinds is whole: nothing that a mail needs is found missing when it is sent."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from standby.mail.kind import PRODUCT_KINDS, read_kind
from standby.mail.model import Purpose
from standby.platform.queue import PoisonError

from tests.standby.mail.looking import FOLDERS, LANGUAGES, ROOTS, write

MAIL = PRODUCT_KINDS.parent
OF_THE_FRAME = {"subject", "preheader", "heading", "why"}
PLACE = re.compile(r"\{([a-z_]+)\}")

each_kind = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@cache
def kind_schema() -> Mapping[str, Any]:
    schema: dict[str, Any] = read(PRODUCT_KINDS / "kind.schema.json")
    return schema


def named(said: Any, name: str) -> Iterator[str]:
    """Yield what the fields of this name say, at any depth."""
    if isinstance(said, dict):
        for field, value in said.items():
            if field == name and isinstance(value, str):
                yield value
            else:
                yield from named(value, name)
    elif isinstance(said, list):
        for value in said:
            yield from named(value, name)


OWN = {"date", "order", "before", "day", "answer_by"}
"""Places that steps of a history and orders of a list fill themselves."""


def of_its_own(block: Mapping[str, Any]) -> set[str]:
    """Return the texts of a block that fill places themselves."""
    orders = block.get("orders", {})
    names = {orders["name"], *orders["answers"].values()} if orders else set()
    return {*block.get("history", {}).get("texts", {}).values(), *orders.get("texts", {}).values(), *names}


def test_there_are_kinds() -> None:
    assert {"confirm", "back_in_stock", "last_notice"} <= {folder.name for folder in FOLDERS}
    assert {path for root in ROOTS for path in root.iterdir() if path.is_dir()} == set(FOLDERS)


@each_kind
def test_a_kind_says_what_a_kind_may_say(folder: Path) -> None:
    fastjsonschema.compile(dict(kind_schema()))(read(folder / "kind.json"))


@each_kind
def test_its_blocks_exist_and_are_told_what_they_need(folder: Path) -> None:
    for block in read(folder / "kind.json")["blocks"]:
        schema = read(MAIL / "blocks" / block["block"] / "block.schema.json")
        fastjsonschema.compile(schema | {"definitions": kind_schema()["definitions"]})(block)


@each_kind
def test_it_has_every_language_and_no_other(folder: Path) -> None:
    assert {path.stem for path in folder.glob("*.json")} == {*LANGUAGES, "kind", "sample"}


@each_kind
@each_language
def test_its_texts_have_the_same_keys_and_places_in_every_language(folder: Path, language: str) -> None:
    def places(texts: Mapping[str, str]) -> dict[str, list[str]]:
        return {key: sorted(PLACE.findall(text)) for key, text in texts.items()}

    assert places(read(folder / f"{language}.json")) == places(read(folder / "en.json"))


@each_kind
@each_language
def test_its_texts_are_those_that_the_frame_and_its_blocks_name(folder: Path, language: str) -> None:
    kind, texts = read(folder / "kind.json"), read(folder / f"{language}.json")
    steps = {key for block in kind["blocks"] for key in of_its_own(block)}
    assert set(texts) == OF_THE_FRAME | steps | {*named(kind["blocks"], "text"), *named(kind["blocks"], "note")}
    assert all(text.strip() == text and text for text in texts.values())
    used = {(key, place) for key, text in texts.items() for place in PLACE.findall(text)}
    assert {place for key, place in used if key not in steps or place not in OWN} == set(kind["places"])
    assert not [text for text in texts.values() if set("{}") & set(PLACE.sub("", text))]


@each_kind
def test_its_sample_is_what_its_schema_asks_for(folder: Path) -> None:
    sample = read(folder / "sample.json")
    read_kind(folder.name, ROOTS).require(sample["data"])


@each_kind
def test_its_steps_have_a_text_for_every_word_that_the_data_may_say(folder: Path) -> None:
    kind = read(folder / "kind.json")
    for block in kind["blocks"]:
        if block["block"] == "history":
            about = kind["data"]["properties"][block["history"]["steps"]]
            assert set(block["history"]["texts"]) == set(about["items"]["properties"]["what"]["enum"])
        if block["block"] == "orders":
            about = kind["data"]["properties"][block["orders"]["list"]]["items"]["properties"]
            assert set(block["orders"]["texts"]) == set(about["what"]["enum"])
            assert set(block["orders"]["answers"]) == set(about["answer"]["enum"])


@each_kind
def test_its_sample_has_the_slots_that_it_uses(folder: Path) -> None:
    assert set(read(folder / "sample.json")["slots"]) == write(folder.name).slots


@each_kind
def test_the_link_that_ends_mails_is_in_its_data_and_advertising_always_has_it(folder: Path) -> None:
    kind = read_kind(folder.name, ROOTS)
    assert kind.leave == ("leave_url" in read(folder / "kind.json")["data"]["required"])
    assert kind.leave or kind.purpose is Purpose.SERVICE


def test_a_kind_that_is_sent_in_waves_shows_no_times() -> None:
    """The planner groups a wave by language alone: a zone would split its jobs, and calls to SES are counted."""
    shown = {form for place in read_kind("back_in_stock").places.values() for form in place}
    assert not shown & {"date", "day", "time", "instant"}
    assert "history" not in {block["block"] for block in read_kind("back_in_stock").blocks}


def test_missing_data_is_poison_that_names_the_field() -> None:
    sample = read(PRODUCT_KINDS / "confirm" / "sample.json")["data"]
    for name in ("skus", "confirm_url", "leave_url"):
        with pytest.raises(PoisonError, match=f"^data.{name}: missing$"):
            read_kind("confirm").require({key: value for key, value in sample.items() if key != name})


@pytest.mark.parametrize("name", ["newsletter", "..", "../kinds/confirm", "shapes.json", ""])
def test_what_is_no_kind_is_poison(name: str) -> None:
    with pytest.raises(PoisonError, match="is unknown"):
        read_kind(name)
