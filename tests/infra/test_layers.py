"""The layers as they are really built."""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.layers import build
from infra.layers.target import LAMBDA, Target, host
from tests.infra.template import ROOT
from tests.standby.availability.pictures.drawing import drawn
from tests.standby.imports.workbooks import xlsx

ELF = b"\x7fELF"
ELF_AARCH64 = 183  # e_machine EM_AARCH64
LARGEST_MB = 30
LARGEST_PICTURES_MB = 15
LARGEST_SPREADSHEETS_MB = 4
IMPORTS = """
import importlib.util, json, os, sys
sys.path[:0] = json.loads(sys.argv[1])
for path in json.loads(sys.argv[2]):
    spec = importlib.util.spec_from_file_location("handler", path)
    try:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except ImportError:
        raise
    except Exception as error:
        sys.exit(f"{path}: {error}: something is built while the module is imported; build it on first use, "
                 "in a function with @cache, as the other handlers do")
from standby.platform import aws
for service in json.loads(sys.argv[3]):
    aws.client(service, region="eu-central-1")
print(sorted({name.split(".")[0] for name in sys.modules}))
"""


def imported(handlers: Sequence[Path]) -> subprocess.CompletedProcess[str]:
    """Import handlers without this environment's packages, so that what is in no lock is missing here too."""
    here = host()
    paths = [str(layer.path / "python") for layer in (build.core(here), build.dependencies(here))]
    services = ["dynamodb", "events", "s3", "secretsmanager", "sesv2", "sqs"]
    said = map(json.dumps, (paths, [str(path) for path in handlers], services))
    command = [sys.executable, "-I", "-S", "-c", IMPORTS, *said]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words


@pytest.fixture(scope="module")
def lambda_layer() -> build.Layer:
    """Return the dependency layer for AWS, built or found built."""
    return build.dependencies(LAMBDA)


def test_the_layer_for_aws_holds_aarch64_and_nothing_else(lambda_layer: build.Layer) -> None:
    binaries = [path for path in lambda_layer.path.rglob("*") if path.is_file() and path.read_bytes()[:4] == ELF]
    machines = {path.name: int.from_bytes(path.read_bytes()[18:20], "little") for path in binaries}
    assert set(machines.values()) == {ELF_AARCH64}
    assert [path.name for path in lambda_layer.path.rglob("*") if "x86_64" in path.name] == []


def test_the_layer_for_aws_is_small(lambda_layer: build.Layer) -> None:
    size = sum(path.stat().st_size for path in lambda_layer.path.rglob("*") if path.is_file())
    assert size / 1_000_000 < LARGEST_MB


def test_the_layer_holds_the_models_of_our_services_only(lambda_layer: build.Layer) -> None:
    data = lambda_layer.path / "python" / "botocore" / "data"
    assert sorted(path.name for path in data.iterdir() if path.is_dir()) == [
        "dynamodb",
        "events",
        "s3",
        "secretsmanager",
        "sesv2",
        "sqs",
        "ssm",
        "sts",
    ]


@pytest.mark.parametrize("target", [LAMBDA, host()], ids=["AWS", "this machine"])
def test_every_module_has_bytecode_of_the_python_that_will_run_it(target: Target) -> None:
    tag = "cpython-313" if target is LAMBDA else sys.implementation.cache_tag
    made = build.layers(target)
    for layer in (made.dependencies, made.core, *made.extras.values()):
        sources = [path for path in layer.path.rglob("*.py") if "__pycache__" not in path.parts]
        missing = [path for path in sources if not (path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc").is_file()]
        assert sources or "storefront" in layer.path.name
        assert missing == []


def test_the_storefront_s_layer_holds_the_api_as_it_is_described_now_and_large_files_packed() -> None:
    folder = build.layer_for("storefront", host()).path / "python"
    assert (folder / "openapi.json").read_bytes() == (ROOT / "openapi.json").read_bytes()
    packed = {path.with_suffix(""): gzip.decompress(path.read_bytes()) for path in folder.rglob("*.gz")}
    large = (folder / "openapi.json", folder / "reference_assets" / "rapidoc-min.js")
    assert packed == {path: path.read_bytes() for path in large}


def test_every_handler_finds_its_imports_in_the_layers() -> None:
    done = imported(sorted((ROOT / "functions").glob("*/handler.py")))
    assert done.stderr.strip().splitlines()[-1:] == []
    slow = {"boto3", "s3transfer", "pydantic", "aws_xray_sdk", "pytest", "moto"}
    assert slow & set(json.loads(done.stdout.replace("'", '"'))) == set()


LOOKING = """
import io, json, sys
sys.path[:0] = json.loads(sys.argv[1])
from PIL import Image
from standby.availability.pictures.hashing import FORMATS, looks
picture = Image.open(io.BytesIO(bytes.fromhex(sys.argv[2]))).convert("RGB")
seen = set()
for kind in FORMATS:
    file = io.BytesIO()
    picture.save(file, kind, lossless=True) if kind == "WEBP" else picture.save(file, kind)
    seen.add(looks(file.getvalue()).bit_count())
print(sorted(seen))
"""


def test_the_layer_for_pictures_reads_them_without_what_it_leaves_out() -> None:
    here = host()
    extra = build.layer_for("pictures", here)
    paths = [str(layer.path / "python") for layer in (build.core(here), build.dependencies(here), extra)]
    command = [sys.executable, "-I", "-S", "-c", LOOKING, json.dumps(paths), drawn(1).hex()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    assert (done.stderr, done.stdout) == ("", "[32]\n")


def test_the_layer_for_pictures_is_for_aws_and_small() -> None:
    layer = build.layer_for("pictures", LAMBDA)
    files = {path: path.read_bytes() for path in layer.path.rglob("*") if path.is_file()}
    binaries = [content for content in files.values() if content[:4] == ELF]
    assert {int.from_bytes(content[18:20], "little") for content in binaries} == {ELF_AARCH64}
    assert sum(map(len, files.values())) / 1_000_000 < LARGEST_PICTURES_MB
    assert [path.name for path in layer.path.rglob("_imaging.cpython-313-*.so")] != []


READING = """
import io, json, sys
sys.path[:0] = json.loads(sys.argv[1])
from standby.imports.model import Layout
from standby.imports.packed import unpacked
file, packed = unpacked(io.BytesIO(bytes.fromhex(sys.argv[2])))
print([record.cells for record in file.records(Layout(columns={}))])
"""


def test_the_layer_for_spreadsheets_reads_them() -> None:
    here = host()
    extra = build.layer_for("spreadsheets", here)
    paths = [str(layer.path / "python") for layer in (build.core(here), build.dependencies(here), extra)]
    command = [sys.executable, "-I", "-S", "-c", READING, json.dumps(paths), xlsx([["sku", 5]]).hex()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    assert (done.stderr, done.stdout) == ("", "[['sku', '5']]\n")


def test_the_layer_for_spreadsheets_is_for_aws_and_small() -> None:
    layer = build.layer_for("spreadsheets", LAMBDA)
    files = {path: path.read_bytes() for path in layer.path.rglob("*") if path.is_file()}
    binaries = [content for content in files.values() if content[:4] == ELF]
    assert [int.from_bytes(content[18:20], "little") for content in binaries] == [ELF_AARCH64]
    assert sum(map(len, files.values())) / 1_000_000 < LARGEST_SPREADSHEETS_MB


def test_a_handler_that_builds_something_while_it_is_imported_is_told_when_to(tmp_path: Path) -> None:
    eager = tmp_path / "handler.py"
    eager.write_text(
        "from standby.access.settings import AuthorizerSettings\nSETTINGS = AuthorizerSettings.from_environment()\n",
        "utf-8",
    )
    said = imported([eager]).stderr
    assert "handler.py: AuthorizerSettings: ACCESS_TABLE missing from the environment" in said
    assert "build it on first use, in a function with @cache" in said


def test_both_targets_get_the_same_packages(lambda_layer: build.Layer) -> None:
    here = build.dependencies(host())
    names = [
        {path.name for path in (layer.path / "python").iterdir()} - {"__pycache__"} for layer in (lambda_layer, here)
    ]
    assert names[0] == names[1]


def test_a_second_synth_finds_the_layer_built(lambda_layer: build.Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_install", lambda *_: pytest.fail("installed again"))
    assert build.dependencies(LAMBDA) == lambda_layer


def test_the_same_sources_make_the_same_core_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "compiled", lambda *_: None)  # tests/infra/test_bytecode.py
    monkeypatch.setattr(build, "BUILD", tmp_path / "one")
    one = build.core(LAMBDA)
    monkeypatch.setattr(build, "BUILD", tmp_path / "other")
    other = build.core(LAMBDA)
    assert one.digest == other.digest
    contents = [
        {path.relative_to(layer.path): path.read_bytes() for path in layer.path.rglob("*.py")} for layer in (one, other)
    ]
    assert contents[0] == contents[1]


def test_a_changed_source_makes_another_core_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "compiled", lambda *_: None)
    monkeypatch.setattr(build, "BUILD", tmp_path / "build")
    product = tmp_path / "core"
    shutil.copytree(build.CORE, product, ignore=shutil.ignore_patterns("__pycache__"))
    before = build.core(LAMBDA, product)
    (product / "python" / "standby" / "__init__.py").write_text('"""Changed."""\n', "utf-8")
    assert build.core(LAMBDA, product).digest != before.digest


@pytest.mark.parametrize("target", [LAMBDA, host()], ids=["AWS", "this machine"])
def test_another_compiler_makes_another_layer(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(build, "compiled", lambda *_: None)
    before = build.core(target)
    monkeypatch.setattr(build, "compiler", lambda _target: "another")
    assert build.core(target).digest != before.digest


def test_what_pip_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "runtime.txt"
    lock.write_text(f"jinja2==3.1.6 --hash=sha256:{'0' * 64}\n", "utf-8")
    monkeypatch.setattr(build, "BUILD", tmp_path / "build")
    with pytest.raises(build.LayerError, match=r"(?s)could not install the dependency layer for aarch64:.*"):
        build.dependencies(LAMBDA, lock)
