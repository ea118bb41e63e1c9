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
NPM = ROOT / "node_modules" / "rapidoc" / "dist"
LARGEST_ANSWER_BYTES = 6_000_000
"""Lambda takes no larger answer; bytes travel in base64."""


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
    for case in ("no_such_file", "version_of_another_bundle", "no_such_docs_part"):
        answer = answered(world, case)
        assert (answer["statusCode"], answer["headers"]["Cache-Control"]) == (404, "no-store")


def test_the_api_is_described_as_it_was_committed_packed_and_plain(world: World) -> None:
    committed = (ROOT / "openapi.json").read_bytes()
    packed, plain = answered(world, "openapi"), answered(world, "openapi_plain")
    assert gzip.decompress(b64decode(packed["body"])) == committed == b64decode(plain["body"])
    for answer in (packed, plain):
        assert answer["headers"]["Content-Type"] == "application/json; charset=utf-8"
        assert (answer["headers"]["Cache-Control"], answer["headers"]["Vary"]) == (
            "public, max-age=300",
            "Accept-Encoding",
        )
        assert len(answer["body"]) < LARGEST_ANSWER_BYTES
    assert packed["headers"]["ETag"] != plain["headers"]["ETag"]


def test_the_reference_page_lets_in_only_what_comes_from_here(world: World) -> None:
    answer = answered(world, "docs")
    policy = dict(part.strip().split(" ", 1) for part in answer["headers"]["Content-Security-Policy"].split(";"))
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert b"<script>" not in gzip.decompress(b64decode(answer["body"]))


def test_the_renderer_is_the_one_that_npm_has_with_its_licence(world: World) -> None:
    answer = answered(world, "docs_part")
    assert gzip.decompress(b64decode(answer["body"])) == (NPM / "rapidoc-min.js").read_bytes()
    assert len(answer["body"]) < LARGEST_ANSWER_BYTES
    licence = world.request("storefront_api", "GET", "/v1/docs/rapidoc-licence.txt")[1]
    assert ("MIT License" in licence, "Prism" in licence) == (True, True)


def test_whoever_has_the_reference_already_gets_none(world: World) -> None:
    for case in ("docs_unchanged", "docs_part_unchanged", "openapi_unchanged"):
        answer = answered(world, case)
        assert (answer["statusCode"], answer["body"]) == (304, "")


@pytest.mark.promise("P11")
@pytest.mark.parametrize("case", sorted(path.stem for path in SAMPLES.iterdir()))
def test_no_file_costs_a_call_of_aws(world: World, case: str) -> None:
    answered(world, case)
    assert world.calls == []
