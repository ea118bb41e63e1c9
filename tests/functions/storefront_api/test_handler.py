"""`storefront_api` from its event to its answer."""

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.world import World

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "events" / "storefront_api"
ASSETS = ROOT / "layers" / "storefront" / "python" / "storefront_assets"


def answered(world: World, case: str) -> Any:
    return world.run("storefront_api", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def test_a_page_gets_the_script_as_it_was_built_packed(world: World) -> None:
    answer = answered(world, "script")
    headers = answer["headers"]
    assert (answer["statusCode"], headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert (headers["Content-Encoding"], headers["Cache-Control"]) == ("gzip", "public, max-age=300")
    assert gzip.decompress(b64decode(answer["body"])) == (ASSETS / "standby.js").read_bytes()


def test_who_takes_no_gzip_gets_the_texts_plain(world: World) -> None:
    answer = answered(world, "texts")
    assert "Content-Encoding" not in answer["headers"]
    assert answer["headers"]["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(b64decode(answer["body"]))["close"] == "סגירה"


def test_who_has_the_script_already_gets_none(world: World) -> None:
    answer = answered(world, "script_unchanged")
    assert (answer["statusCode"], answer["body"]) == (304, "")


def test_what_the_manifest_does_not_name_is_not_found_and_not_kept(world: World) -> None:
    for case in ("no_such_file", "version_of_another_bundle"):
        answer = answered(world, case)
        assert (answer["statusCode"], answer["headers"]["Cache-Control"]) == (404, "no-store")


@pytest.mark.promise("P11")
@pytest.mark.parametrize("case", sorted(path.stem for path in SAMPLES.iterdir()))
def test_no_file_costs_a_call_of_aws(world: World, case: str) -> None:
    answered(world, case)
    assert world.calls == []
