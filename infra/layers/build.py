"""Build the layers' folders below ``build/``, named by what is in them, so that a second synth finds them there.

The dependency layer is ``requirements/runtime.txt`` installed by pip as wheels for the target, with their hashes,
and trimmed by ``layers/dependencies/trim.toml``. Layers for what few functions do (`EXTRAS`) are made alike, of a lock
and a recipe that are called as they are, but for ``storefront``, which is what browsers load, as it is committed, and
the API's description. The core layer is ``layers/core``. All carry bytecode of what Python they hold.
"""

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from infra.layers.bytecode import SCRIPT, compiled, compiler
from infra.layers.target import LayerError as LayerError  # noqa: PLC0414 - re-exported: who builds layers, catches it
from infra.layers.target import Target

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "runtime.txt"
RECIPE = ROOT / "layers" / "dependencies" / "trim.toml"
Extra = Literal["pictures", "spreadsheets", "storefront"]
EXTRAS: tuple[Extra, ...] = get_args(Extra)
"""What a function may have beside the layers of every function."""
CORE = ROOT / "layers" / "core"
STOREFRONT: Extra = "storefront"
ASSETS = ROOT / "layers" / STOREFRONT / "python"
DESCRIPTION = ROOT / "openapi.json"
LARGE_BYTES = 100_000
"""What is larger is packed while the layer is built: a function would take part of a second for it."""
BUILD = ROOT / "build" / "layers"


@dataclass(frozen=True)
class Layer:
    """A folder that holds ``python/``, and the digest of everything that it was made from."""

    path: Path
    digest: str


@dataclass(frozen=True, kw_only=True)
class Layers:
    """The layers of every function, and those that some have beside them."""

    core: Layer
    dependencies: Layer
    extras: Mapping[Extra, Layer]


def layers(target: Target) -> Layers:
    """Build the layers, or find them built. Raises `LayerError`."""
    extras = {name: layer_for(name, target) for name in EXTRAS}
    return Layers(core=core(target), dependencies=dependencies(target), extras=extras)


def core(target: Target, product: Path = CORE) -> Layer:
    """Build the layer that holds the product."""

    def fill(folder: Path) -> None:
        shutil.copytree(product, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))

    sources = sorted(path for path in product.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return _built("core", target, {str(path.relative_to(product)): path for path in sources}, fill)


def dependencies(target: Target, lock: Path = LOCK) -> Layer:
    """Build the layer that holds third-party packages. Raises `LayerError` when pip fails."""
    return _installed("dependencies", target, lock, RECIPE)


def layer_for(name: Extra, target: Target) -> Layer:
    """Build a layer that only some functions have. Raises `LayerError` when pip fails."""
    if name == STOREFRONT:
        return storefront(target)
    return _installed(name, target, LOCK.with_name(f"{name}.txt"), RECIPE.with_name(f"{name}.toml"))


def storefront(target: Target, bundles: Path = ASSETS, description: Path = DESCRIPTION) -> Layer:
    """Build the layer that holds what browsers load; there is no Python in it."""

    def fill(folder: Path) -> None:
        shutil.copytree(bundles, folder / "python")
        shutil.copy(description, folder / "python")
        for path in sorted((folder / "python").rglob("*")):
            if path.is_file() and path.stat().st_size > LARGE_BYTES:
                path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))

    files = sorted(path for path in bundles.rglob("*") if path.is_file())
    sources = {str(path.relative_to(bundles)): path for path in files}
    return _built(STOREFRONT, target, {**sources, description.name: description}, fill)


def _installed(kind: str, target: Target, lock: Path, recipe: Path) -> Layer:
    def fill(folder: Path) -> None:
        _install(folder / "python", target, lock)
        _trim(folder / "python", tomllib.loads(recipe.read_text("utf-8")))

    return _built(kind, target, {"lock": lock, "recipe": recipe}, fill)


def _built(kind: str, target: Target, sources: Mapping[str, Path], fill: Callable[[Path], None]) -> Layer:
    builders = {path.name: path for path in (Path(__file__), Path(__file__).with_name("bytecode.py"), SCRIPT)}
    digest = _digest(target, {**builders, **sources})
    path = BUILD / f"{kind}-{target.name}-{digest[:16]}"
    if not path.is_dir():
        BUILD.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILD, prefix=f".{kind}-") as temporary:
            folder = Path(temporary) / "layer"
            folder.mkdir()
            fill(folder)
            compiled(folder, target)
            _place(folder, path)
    return Layer(path, digest)


def _place(folder: Path, path: Path) -> None:
    """Move a finished folder to its name, unless another synth has put the same content there first."""
    try:
        folder.rename(path)
    except OSError:
        if not path.is_dir():
            raise


def _digest(target: Target, sources: Mapping[str, Path]) -> str:
    total = hashlib.sha256(f"{target.name} {target.version} {compiler(target)}".encode())
    for name, path in sources.items():
        total.update(f"\0{name}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _install(folder: Path, target: Target, lock: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "-qq", "--no-input", "--no-deps", "--no-compile"]
    command += ["--require-hashes", "--only-binary=:all:", "--target", str(folder), "--requirement", str(lock)]
    if target.wheels:
        command += [part for tag in target.wheels for part in ("--platform", tag)] + ["--implementation", "cp"]
        command += ["--python-version", "{}.{}".format(*target.version)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LayerError(f"pip could not install the dependency layer for {target.name}:\n{done.stderr.strip()}")


def _trim(folder: Path, recipe: dict[str, Any]) -> None:
    for pattern in recipe["drop"]:
        for path in sorted(folder.glob(pattern), reverse=True):
            _remove(path)
    if "botocore_data" in recipe:
        _trim_botocore(folder, recipe)


def _trim_botocore(folder: Path, recipe: dict[str, Any]) -> None:
    data = folder / "botocore" / "data"
    kept = {*recipe["services"], *recipe["botocore_data"]}
    for path in sorted(data.iterdir()):
        if path.name not in kept:
            _remove(path)
    for packed in sorted(data.rglob("*.json.gz")):  # unpacked once here instead of on every cold start
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    _trim_endpoints(data / "endpoints.json", set(recipe["endpoints"]))


def _trim_endpoints(path: Path, kept: set[str]) -> None:
    document = json.loads(path.read_text("utf-8"))
    for partition in document["partitions"]:
        partition["services"] = {name: value for name, value in partition["services"].items() if name in kept}
    path.write_text(json.dumps(document, separators=(",", ":")), "utf-8")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
