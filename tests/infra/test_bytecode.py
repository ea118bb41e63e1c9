"""What the layers' compilers make, and what they say when they cannot."""

import marshal
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import CodeType

import pytest

from infra.layers import bytecode
from infra.layers.bytecode import compiled, compiler
from infra.layers.target import LAMBDA, LayerError, host

MAGIC_313 = b"\xf3\x0d\x0d\x0a"
UNCHECKED = (1).to_bytes(4, "little")
"""PEP 552: the bytecode holds its source's hash, and no import compares it."""
SKU = '''"""A source."""


def said(sku):
    """Say it."""
    return [letter.upper() for letter in sku if letter in {"a", "b", "c", "d"}]
'''


def filled(folder: Path) -> Path:
    """Return a layer with one package."""
    package = folder / "python" / "shelf"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "sku.py").write_text(SKU, "utf-8")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytecode in a layer."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.pyc"))}


def paths(code: CodeType) -> Iterator[str]:
    """Yield the path that a code object and those within it name."""
    yield code.co_filename
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from paths(constant)


@pytest.fixture(scope="module")
def for_aws(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a layer that was compiled for AWS where no Python could be found, only Node."""
    folder = filled(tmp_path_factory.mktemp("layer"))
    only_node = tmp_path_factory.mktemp("bin")
    (only_node / "node").symlink_to(str(shutil.which("node")))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PATH", str(only_node))
        monkeypatch.setattr(bytecode.sys, "executable", "/no/python")
        compiled(folder, LAMBDA)
    return folder


def test_bytecode_for_aws_is_made_where_there_is_no_python_of_its_version(for_aws: Path) -> None:
    made = contents(for_aws)
    assert list(made) == [
        "python/shelf/__pycache__/__init__.cpython-313.pyc",
        "python/shelf/__pycache__/sku.cpython-313.pyc",
    ]
    assert {(content[:4], content[4:8]) for content in made.values()} == {(MAGIC_313, UNCHECKED)}


def test_the_same_sources_make_the_same_bytes_wherever_and_beside_whatever_they_lie(
    for_aws: Path, tmp_path: Path
) -> None:
    """A file beside them that does not compile is named."""
    elsewhere = filled(tmp_path / "a folder with another name")
    (elsewhere / "python" / "shelf" / "broken.py").write_text("def broken(:\n", "utf-8")
    with pytest.raises(LayerError, match=r"(?s)pyodide 0.*could not compile the layer.*/opt/python/shelf/broken\.py"):
        compiled(elsewhere, LAMBDA)
    assert contents(elsewhere) == contents(for_aws)
    assert str(for_aws).encode() not in b"".join(contents(for_aws).values())
    assert b"/opt/python/shelf/sku.py" in contents(for_aws)["python/shelf/__pycache__/sku.cpython-313.pyc"]


def test_a_python_of_the_runtimes_version_runs_what_was_compiled_without_it(for_aws: Path, tmp_path: Path) -> None:
    """The sources are spoilt, so that nothing but the bytecode can have run."""
    found = [shutil.which("python3.13"), *map(str, Path.home().glob(".pyenv/versions/3.13.*/bin/python"))]
    python = next((path for path in found if path and _runs(path, "3.13")), None)
    if python is None:
        pytest.skip("no Python 3.13 on this machine")
    assert _said(python, for_aws, tmp_path) == "['A', 'B']"


def test_the_running_python_runs_what_is_compiled_for_this_machine(tmp_path: Path) -> None:
    folder = filled(tmp_path / "layer")
    compiled(folder, host())
    (content,) = [content for name, content in contents(folder).items() if "sku" in name]
    assert set(paths(marshal.loads(content[16:]))) == {"/opt/python/shelf/sku.py"}  # noqa: S302 - just made
    assert content[4:8] == UNCHECKED
    assert _said(sys.executable, folder, tmp_path) == "['A', 'B']"


def test_a_source_that_does_not_compile_for_this_machine_is_named(tmp_path: Path) -> None:
    folder = filled(tmp_path / "layer")
    (folder / "python" / "shelf" / "broken.py").write_text("def broken(:\n", "utf-8")
    with pytest.raises(LayerError, match=r"(?s)cpython.*could not compile the layer.*/opt/python/shelf/broken\.py"):
        compiled(folder, host())


def test_a_runtime_that_pyodide_is_not_is_refused() -> None:
    with pytest.raises(LayerError, match=r"compiles for Python 3\.13\.\d+: pin one for 3\.14"):
        compiler(replace(LAMBDA, version=(3, 14)))


def test_without_node_modules_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytecode, "PYODIDE", tmp_path)
    with pytest.raises(LayerError, match="run `npm ci`"):
        compiler(LAMBDA)
    assert compiler(host()).startswith(sys.implementation.cache_tag or "")


def _runs(python: str, version: str) -> bool:
    probe = "import sys; print('{}.{}'.format(*sys.version_info))"
    done = subprocess.run([python, "-I", "-c", probe], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return done.stdout.strip() == version


def _said(python: str, layer: Path, tmp_path: Path) -> str:
    spoilt = shutil.copytree(layer, tmp_path / "spoilt")
    for source in spoilt.rglob("*.py"):
        source.write_text("raise SystemExit('a source was read')\n", "utf-8")
    program = (
        f"import sys; sys.path.insert(0, {str(spoilt / 'python')!r}); from shelf.sku import said; print(said('abz'))"
    )
    done = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return (done.stdout + done.stderr).strip()
