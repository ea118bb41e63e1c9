"""The house's rules (design §8, style), checked on the tree itself."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "layers" / "core" / "python" / "standby"
CLIENTS = ROOT / "tests" / "clients"
"""Whole programs that tests run: they may wait a moment before they ask again."""
FEATURES = {path.stem for path in (ROOT / "infra" / "features").glob("*.py")} - {"__init__", "gateway"}
"""What the stage is composed of (imports within stock); the gateway only leads to it."""
KERNEL = {"events", "ledger", "platform", "shelf"}
ROLE = re.compile(r"api|feedback|[a-z]+(er|or)")
"""A function is called what it is: an ingester, a detector."""
LONGEST_HANDLER = 40
LONGEST_FILE = 500
LONGEST_README = 150
LONG_ENOUGH_TO_BE_UNIQUE = 60
SAYS_NOTHING = {"utils", "helpers", "common", "shared", "misc", "constants"}


def tracked(*patterns: str) -> list[Path]:
    """Return the tracked and the new, not ignored, files that match."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - fixed words
    lines = done.stdout.splitlines()
    return [ROOT / line for line in sorted(set(lines)) if (ROOT / line).is_file()]


def functions() -> list[str]:
    return sorted(path.parent.name for path in tracked("functions/*/handler.py"))


def modules() -> list[Path]:
    return tracked("layers/core/*.py")


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports at its top level, type-checking blocks aside."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_top_level_entry_is_in_the_design() -> None:
    known = {
        *("pyproject.toml", "README.md", "Makefile", "cdk.json", "package.json", "package-lock.json", "CHANGELOG.md"),
        *("DECISIONS.md", "LICENSE", "openapi.json", ".gitignore", ".ci"),
        *("requirements", "functions", "layers", "infra", "events", "tests", "docs"),
    }
    assert known >= {path.relative_to(ROOT).parts[0] for path in tracked()}


def test_a_function_folder_is_a_feature_and_a_role_and_one_module() -> None:
    for name in functions():
        feature, _, role = name.partition("_")
        assert feature in FEATURES, f"{name}: there is no infra/features/{feature}.py"
        assert ROLE.fullmatch(role), f"{name}: a function is called <feature>_<what it is>, as in stock_ingester"
        assert [path.name for path in tracked(f"functions/{name}")] == ["handler.py"]


@pytest.mark.parametrize("name", functions())
def test_a_handler_is_thin(name: str) -> None:
    lines = (ROOT / "functions" / name / "handler.py").read_text("utf-8").splitlines()
    assert len(lines) <= LONGEST_HANDLER


@pytest.mark.parametrize("name", functions())
def test_a_handler_uses_one_feature(name: str) -> None:
    path = ROOT / "functions" / name / "handler.py"
    features = {module.split(".")[1] for module in imports(path) if module.startswith("standby.")} & FEATURES
    assert features == {name.partition("_")[0]}


@pytest.mark.parametrize("name", functions())
def test_a_function_has_a_test_and_a_named_sample(name: str) -> None:
    assert (ROOT / "tests" / "functions" / name / "test_handler.py").is_file()
    assert tracked(f"events/{name}/*.json")


def test_every_sample_is_json() -> None:
    for path in tracked("events/*.json"):
        assert json.loads(path.read_text("utf-8")) is not None, path


def test_the_product_holds_only_known_features() -> None:
    assert {path.parent.name for path in PRODUCT.glob("*/__init__.py")} == FEATURES | KERNEL


@pytest.mark.parametrize("feature", sorted(FEATURES | KERNEL))
def test_a_feature_tells_its_story_and_exports_nothing(feature: str) -> None:
    tree = ast.parse((PRODUCT / feature / "__init__.py").read_text("utf-8"))
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


@pytest.mark.parametrize("feature", sorted(FEATURES | KERNEL))
def test_tests_mirror_the_product(feature: str) -> None:
    assert tracked(f"tests/standby/{feature}/test_*.py")


def test_the_product_s_clients_are_made_without_boto3() -> None:
    """`standby.platform.aws` makes them from botocore's session; boto3 is in no layer."""
    found = [
        str(path.relative_to(ROOT))
        for path in (*modules(), *tracked("functions/*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "boto3"
        in {name.split(".")[0] for name in (getattr(node, "module", None) or "", *(a.name for a in node.names))}
    ]
    assert found == []


def test_nothing_says_nothing() -> None:
    assert [path for path in tracked("*.py") if path.stem in SAYS_NOTHING or path.parent.name in SAYS_NOTHING] == []


def test_no_file_wants_to_be_two() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("*.py")
        if (count := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= LONGEST_README


def test_time_and_chance_are_passed_in() -> None:
    """Nothing in the product calls the clock or a source of randomness, but the one clock that is passed in."""
    called = re.compile(
        r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|uuid\.?uuid4|uuid4|random\.\w+|secrets\.(token_\w+|rand\w+|choice))\("
    )
    found = [
        path
        for path in modules()
        if path != PRODUCT / "platform" / "clock.py" and called.search(path.read_text("utf-8"))
    ]
    assert found == []


def test_no_failure_path_hides_from_coverage() -> None:
    assert [
        path
        for path in tracked("*.py")
        if path != Path(__file__) and "pragma: no" + " cover" in path.read_text("utf-8")
    ] == []


def test_every_test_module_can_fail() -> None:
    can = re.compile(r"\bassert\b|pytest\.raises|run_state_machine")
    assert [path for path in tracked("tests/**/test_*.py") if not can.search(path.read_text("utf-8"))] == []


def test_no_test_sleeps_for_luck() -> None:
    sleeping = re.compile(r"\btime\.sleep\(")
    tests = [path for path in tracked("tests/*.py") if path != Path(__file__) and CLIENTS not in path.parents]
    assert [path for path in tests if sleeping.search(path.read_text("utf-8"))] == []


def test_locks_are_hashed_and_record_no_addresses() -> None:
    for path in tracked("requirements/*.txt"):
        text = path.read_text("utf-8")
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")


def test_no_link_is_tracked() -> None:
    """A link to an environment that lies elsewhere would take the place of the one that a checkout has."""
    command = ["git", "ls-files", "--stage"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - fixed words
    assert [line for line in done.stdout.splitlines() if line.startswith("120000 ")] == []


def test_no_machine_is_named() -> None:
    paths = re.compile(r"(^|[^\w.])/(root|work|farm|home/\w+)/")
    text = ("*.py", "*.md", "*.json", "*.toml", "Makefile", "*.txt", ".ci/*")
    assert [path for path in tracked(*text) if path != Path(__file__) and paths.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("name", ["CHANGELOG.md", "DECISIONS.md"])
def test_no_merge_doubled_what_was_written_down(name: str) -> None:
    """Both files grow at one end, and merges that keep both sides leave paragraphs twice and headings without space."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    long = [line for line in lines if len(line) > LONG_ENOUGH_TO_BE_UNIQUE]
    assert [line for line in set(long) if long.count(line) > 1] == []
    cramped = [line for before, line in pairwise(lines) if line.startswith("## ") and before]
    assert cramped == []
