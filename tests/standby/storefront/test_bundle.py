"""The files that browsers load: as built, small, and no others."""

import gzip
import json
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha384
from pathlib import Path
from typing import Any

import pytest
from standby.storefront.bundle import Bundle
from standby.storefront.reference import Reference
from standby.storefront.routes import application

from tests.gateway import http_event
from tests.world import Context

ROOT = Path(__file__).parents[3]
LAYER = ROOT / "layers" / "storefront"
ASSETS = LAYER / "python" / "storefront_assets"
NAMES = ("storefront_assets", "reference_assets")
BUNDLES = {name: LAYER / "python" / name for name in NAMES}
LARGEST_GZIPPED = 15_000
MANIFESTS = {name: json.loads((folder / "manifest.json").read_text("utf-8")) for name, folder in BUNDLES.items()}
MANIFEST = MANIFESTS["storefront_assets"]


def answered(path: str, **headers: str) -> Any:
    app = application(lambda: Bundle(ASSETS), Reference.among)
    return app.resolve(http_event("GET", path, headers=headers), Context())


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["node", str(LAYER / "build.mjs"), "--check", "--in", str(folder)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - fixed words


def test_the_committed_bundles_are_those_that_their_sources_and_npm_make() -> None:
    done = checked(LAYER / "python")
    assert (done.stderr, done.returncode) == ("", 0)


def test_what_is_stale_is_named(tmp_path: Path) -> None:
    shutil.copytree(LAYER / "python", tmp_path / "old")
    (tmp_path / "old" / "storefront_assets" / "badges.js").write_text("", "utf-8")
    (tmp_path / "old" / "storefront_assets" / "gone.js").write_text("", "utf-8")
    with (tmp_path / "old" / "reference_assets" / "rapidoc-min.js").open("a") as renderer:
        renderer.write(";")
    done = checked(tmp_path / "old")
    assert done.returncode == 1
    assert done.stderr.startswith("stale: badges.js, gone.js, rapidoc-min.js: run node layers/storefront/build.mjs")


def test_all_elements_and_the_texts_of_every_language_together_are_small() -> None:
    loaded = ["standby.js", *(name for name in MANIFEST["files"] if name.endswith(".json") and name != "en.json")]
    assert sum(len(gzip.compress((ASSETS / name).read_bytes())) for name in loaded) <= LARGEST_GZIPPED


@pytest.mark.parametrize(
    ("bundle", "name"), [(bundle, name) for bundle in NAMES for name in MANIFESTS[bundle]["files"]]
)
def test_the_manifest_says_what_a_browser_checks(bundle: str, name: str) -> None:
    content = (BUNDLES[bundle] / name).read_bytes()
    said = MANIFESTS[bundle]["files"][name]
    assert said["integrity"] == f"sha384-{b64encode(sha384(content).digest()).decode()}"
    assert said["bytes"] == len(content)


def test_every_language_says_everything() -> None:
    english, *others = (json.loads(path.read_text("utf-8")) for path in sorted((LAYER / "source/texts").glob("*.json")))

    def names(texts: dict[str, str]) -> set[str]:
        return {name for name in texts if not name.endswith((".two", ".many", ".few"))}

    for texts in others:
        assert names(texts) == names(english)


def test_a_file_of_this_version_may_be_kept_for_a_year() -> None:
    answer = answered(f"/v1/storefront/{MANIFEST['version']}/badges.js")
    assert answer["headers"]["Cache-Control"] == "public, max-age=31536000"


@pytest.mark.parametrize(
    "name",
    ["../manifest.json", "..%2Fmanifest.json", "%2e%2e%2Fmanifest.json", "source", "", "Standby.js", "standby.js\0"],
)
def test_nothing_beside_the_bundle_is_handed_out(name: str) -> None:
    for path in (f"/v1/storefront/{name}", f"/v1/storefront/{MANIFEST['version']}/{name}"):
        assert answered(path)["statusCode"] == 404


def test_the_reference_is_looked_for_only_when_somebody_asks_for_it() -> None:
    asked = []
    app = application(lambda: Bundle(ASSETS), lambda: asked.append("asked") or Reference.among())
    app.resolve(http_event("GET", "/v1/storefront/standby.js"), Context())
    assert asked == []
    app.resolve(http_event("GET", "/v1/docs"), Context())
    assert asked == ["asked"]


def test_a_function_without_its_layer_says_so() -> None:
    with pytest.raises(LookupError, match="storefront_assets is in no layer"):
        Bundle.among(paths=[])
