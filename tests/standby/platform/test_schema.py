"""What is wrong with a document, said in short sentences."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standby.platform.identifier import KINDS
from standby.platform.schema import ELSEWHERE, LINES, SAID, checker

from infra.operations.schemas import PRODUCT

LEVEL = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["type", "sku"],
    "anyOf": [{"required": ["on_hand"]}, {"required": ["available"]}],
    "properties": {
        "type": {"const": "level"},
        "sku": {"type": "string", "pattern": "^[A-Z0-9-]{1,64}$"},
        "on_hand": {"type": "integer"},
        "available": {"type": "integer"},
        "place": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}},
        "lines": {
            "type": "array",
            "maxItems": 2,
            "items": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}},
        },
        "choice": {"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}]},
        "kind": {"enum": ["store", "warehouse"]},
    },
}
RIGHT = {"type": "level", "sku": "SHIRT-RED-M", "on_hand": 5}


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the checker of a schema in a package of its own."""
    package = tmp_path / "sample_feature"
    (package / "json_schemas").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "json_schemas" / "level.json").write_text(json.dumps(LEVEL), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    checker.cache_clear()
    yield checker("sample_feature", "level")
    checker.cache_clear()
    sys.modules.pop("sample_feature", None)


@pytest.mark.parametrize(
    "document", [RIGHT, RIGHT | {"unknown": 1}, {"type": "level", "sku": "A", "available": 0}, RIGHT | {"on_hand": -5}]
)
def test_nothing_is_said_about_what_is_right(check: Any, document: Any) -> None:
    assert check(document) == []


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"type": "level", "on_hand": 1}, "sku: missing"),
        ({"on_hand": 1}, "type: missing"),
        ({}, "on_hand or available: missing"),
        ({"type": "level", "sku": "A"}, "on_hand or available: missing"),
        (RIGHT | {"place": {}}, "place.city: missing"),
        (RIGHT | {"lines": [{"sku": "A"}, {}]}, "lines.1.sku: missing"),
        (RIGHT | {"lines": [{"sku": 1}]}, "lines.0.sku: must be string"),
        (RIGHT | {"lines": [{"sku": "A"}] * 3}, "lines: must contain less than or equal to 2 items"),
        (RIGHT | {"choice": {}}, "choice.a or b and c: missing"),
        (RIGHT | {"on_hand": "5"}, "on_hand: must be integer"),
        (RIGHT | {"on_hand": True}, "on_hand: must be integer"),
        (RIGHT | {"on_hand": None}, "on_hand: must be integer"),
        (RIGHT | {"on_hand": 1.5}, "on_hand: must be integer"),
        (RIGHT | {"sku": "a b"}, "sku: is not written as it must be"),
        (RIGHT | {"kind": "moon"}, "kind: must be one of ['store', 'warehouse']"),
        ([], "message: must be object"),
        ("text", "message: must be object"),
        (None, "message: must be object"),
        (5, "message: must be object"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(check: Any, document: Any, sentence: str) -> None:
    assert check(document) == [sentence]


def patterns(schema: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every schema that has a pattern, with its place."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield place, schema
        for name, inner in schema.items():
            yield from patterns(inner, f"{place}.{name}")
    elif isinstance(schema, list):
        for inner in schema:
            yield from patterns(inner, place)


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PRODUCT.glob("standby/*/json_schemas/*.json")) if path.parts[-3] != "events"],
    ids=lambda path: path.stem,
)
def test_no_refusal_shows_a_regular_expression(path: Path) -> None:
    """Whatever has a pattern is read before, by a door that says what is wrong, or says in words what it must be."""
    for place, said in patterns(json.loads(path.read_text("utf-8"))):
        read_before = said.get("format") in {*KINDS, *LINES, *ELSEWHERE} or any(
            kind in said.get("type", ()) for kind in ("integer", "number")
        )
        assert read_before or said.get(SAID), place


def test_a_checker_is_made_once(check: Any) -> None:
    assert checker("sample_feature", "level") is check


def test_a_schema_that_is_not_there_is_an_error_of_ours(check: Any) -> None:
    with pytest.raises(FileNotFoundError):
        checker("sample_feature", "snapshot")
