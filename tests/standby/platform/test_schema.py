"""What is wrong with a document, said in short sentences."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from standby.platform.schema import checker

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
        (RIGHT | {"sku": "a b"}, "sku: must match pattern ^[A-Z0-9-]{1,64}$"),
        (RIGHT | {"kind": "moon"}, "kind: must be one of ['store', 'warehouse']"),
        ([], "message: must be object"),
        ("text", "message: must be object"),
        (None, "message: must be object"),
        (5, "message: must be object"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(check: Any, document: Any, sentence: str) -> None:
    assert check(document) == [sentence]


def test_a_checker_is_made_once(check: Any) -> None:
    assert checker("sample_feature", "level") is check


def test_a_schema_that_is_not_there_is_an_error_of_ours(check: Any) -> None:
    with pytest.raises(FileNotFoundError):
        checker("sample_feature", "snapshot")
