"""The promises of design §2, read from where they stand: headings of the page beside this, marks on tests, alarms."""

import ast
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = Path(__file__).with_name("README.md")
COUNTED = ROOT / ".local" / "crash-points"
"""The folder in which runs of the tests leave how many crash points they broke."""
MARK = "pytest.mark.promise"

COMES_WITH: Mapping[str, frozenset[str]] = {}
"""Features that bring what a promise lacks today. When a feature comes, its name must go from here."""
SILENT = frozenset({"P1", "P5", "P6", "P7", "P10", "P11"})
"""Promises whose breach no alarm can tell; the page says why."""
UNTRIED: frozenset[str] = frozenset()
"""Promises about what does not exist: nothing can try to break them yet."""


def headings() -> dict[str, str]:
    """Return each promise's part of the page, by its id."""
    parts = re.split(r"^## (P\d+): .*\n", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def titles() -> dict[str, str]:
    """Return the promises' names by their ids."""
    return dict(re.findall(r"^## (P\d+): (.*)$", PAGE.read_text("utf-8"), flags=re.MULTILINE))


def tried() -> dict[str, list[str]]:
    """Return for each promise the tests that are marked as trying to break it."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, ids in _marked(ast.parse(path.read_text("utf-8"))):
            for promise in ids:
                found.setdefault(promise, []).append(f"{path.relative_to(ROOT)}::{name}")
    return found


def named(text: str) -> set[str]:
    """Return the promises that an alarm's text names: ``(promise P2)``, ``(promises P2 and P9)``."""
    return {promise for said in re.findall(r"\(promises? ([^)]*)\)", text) for promise in re.findall(r"P\d+", said)}


def note(what: str, points: int) -> None:
    """Keep for ``make promises`` how many crash points the running test broke."""
    test = os.environ["PYTEST_CURRENT_TEST"].partition("[")[0].partition(" ")[0]
    COUNTED.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(f"{test} {what}".encode()).hexdigest()[:16]
    (COUNTED / f"{name}.json").write_text(json.dumps({"test": test, "what": what, "points": points}), "utf-8")


def counted() -> dict[str, int]:
    """Return how many crash points each test broke when it last ran here."""
    found: dict[str, int] = {}
    for path in COUNTED.glob("*.json"):
        told = json.loads(path.read_text("utf-8"))
        found[told["test"]] = found.get(told["test"], 0) + told["points"]
    return found


def _marked(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    of_module = {
        promise
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
        for promise in _promises(node.value)
    }
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            own = {promise for decorator in node.decorator_list for promise in _promises(decorator)}
            if own | of_module:
                yield node.name, own | of_module


def _promises(expression: ast.expr) -> Iterator[str]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == MARK:
            yield from (ast.literal_eval(argument) for argument in node.args)
