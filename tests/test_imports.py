"""Who may import what. The rules name the exceptions, so a module that is added tomorrow is guarded at once."""

import ast
import socket
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from importlinter.contracts.layers import LayersContract
from pytest_socket import SocketBlockedError

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / "layers" / "core" / "python"
AWS = (
    *("boto3", "botocore", "pynamodb"),
    *(f"standby.platform.{name}" for name in ("aws", "dynamodb", "table", "whole_table")),
)
ADAPTERS = {
    "standby.imports.inbox",
    "standby.mail.ses",
    *(
        f"standby.platform.{name}"
        for name in ("aws", "bus", "dynamodb", "faults", "queue", "records", "secrets", "table", "whole_table")
    ),
}
"""Modules that turn one service of AWS into words of our own."""
BOOKS = {
    f"standby.ledger.{name}"
    for name in (
        *(
            "claim_items",
            "claims",
            "credits",
            "giving",
            "kits",
            "levels",
            "landing",
            "leaving",
            "netting",
            "locations",
            "memberships",
            "numbers",
            "purchase_orders",
        ),
        *("reader", "reconciliation", "reducing", "settings_book", "supply", "table", "taking"),
    )
}
"""The ledger's repositories."""
SHELVES = {f"standby.shelf.{name}" for name in ("lazy_cards", "reader", "stores")}
"""The shelf's."""
PLAIN = tuple(
    f"standby.platform.{name}"
    for name in ("address", "brake", "clock", "counted", "frozen", "identifier", "kept", "money", "point")
)


def modules() -> list[str]:
    """Return the product's modules by their dotted names."""
    return sorted(".".join(path.relative_to(PYTHON).with_suffix("").parts) for path in PYTHON.glob("standby/**/*.py"))


def imported(source: str) -> Iterator[str]:
    """Yield what a module imports wherever it does so, but for what only type checkers read."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting.extend(node.orelse)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def may_know_aws(module: str) -> bool:
    """Tell whether a module is one of those that put things together with AWS or keep them there."""
    *packages, last = module.split(".")
    return (
        last.endswith("repository")
        or last == "items"
        or "assembly" in packages
        or module in ADAPTERS
        or module in BOOKS | SHELVES
    )


def forbidden_aws(module: str, source: str) -> list[str]:
    if may_know_aws(module):
        return []
    return [name for name in imported(source) if any(within(name, each) for each in AWS)]


def forbidden_to_a_model(module: str, source: str) -> list[str]:
    if not module.rpartition(".")[2].endswith("model"):
        return []
    return [name for name in imported(source) if not _known_to_a_model(name)]


def _known_to_a_model(name: str) -> bool:
    first, *others = name.split(".")
    models = [part for part in others if part.endswith("model")]
    return (
        first in sys.stdlib_module_names
        or any(within(name, each) for each in PLAIN)
        or (first == "standby" and bool(models))
    )


@pytest.mark.parametrize("module", modules())
def test_only_repositories_items_assemblies_and_adapters_know_aws(module: str) -> None:
    source = (PYTHON / module.replace(".", "/")).with_suffix(".py").read_text("utf-8")
    assert forbidden_aws(module, source) == []


@pytest.mark.parametrize("module", [module for module in modules() if module.endswith("model")])
def test_a_model_knows_the_standard_library_models_and_little_else(module: str) -> None:
    source = (PYTHON / module.replace(".", "/")).with_suffix(".py").read_text("utf-8")
    assert forbidden_to_a_model(module, source) == []


@pytest.mark.parametrize(
    "line",
    [
        "import boto3",
        "from botocore.config import Config",
        "from standby.platform import dynamodb",
        "from standby.platform.table import Query",
        "def late():\n    import pynamodb.models",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import boto3",
    ],
)
def test_a_module_that_is_added_tomorrow_is_guarded(line: str) -> None:
    for module in ("standby.stock.pricing", "standby.voucher.book", "standby.voucher.codes.service", "standby.money"):
        assert forbidden_aws(module, line) != []
    for module in ("standby.voucher.repository", "standby.voucher.code_repository", "standby.voucher.assembly.issuer"):
        assert forbidden_aws(module, line) == []


def test_a_type_may_be_named_everywhere() -> None:
    assert forbidden_aws("standby.stock.pricing", "if TYPE_CHECKING:\n    from boto3 import Session") == []


@pytest.mark.parametrize(
    "line", ["import jinja2", "from standby.platform import queue", "from standby.events import Told"]
)
def test_a_model_that_is_added_tomorrow_is_guarded(line: str) -> None:
    assert forbidden_to_a_model("standby.voucher.price_model", line) != []
    assert forbidden_to_a_model("standby.voucher.model", f"{line}\nfrom standby.platform.clock import to_text") != []


def test_a_model_may_know_the_clock() -> None:
    assert forbidden_to_a_model("standby.voucher.model", "from standby.platform.clock import to_text") == []


def the_layers_are_kept(**importing: str) -> bool:
    """Tell whether the contract of the layers would be kept if these packages imported those modules as well."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (options,) = (each for each in settings["contracts"] if each["type"] == "layers")
    options = {name: str(value).lower() if isinstance(value, bool) else value for name, value in options.items()}
    graph = grimp.build_graph("standby", exclude_type_checking_imports=True, cache_dir=None)
    for package, module in importing.items():
        graph.add_module(f"standby.{package}")
        graph.add_import(importer=f"standby.{package}", imported=module)
    return LayersContract(options["name"], settings, options).check(graph, verbose=False).kept


def test_the_layers_hold() -> None:
    assert the_layers_are_kept()


def test_a_feature_that_is_added_tomorrow_has_to_be_named_in_the_layers() -> None:
    assert not the_layers_are_kept(voucher="standby.ledger.model")


@pytest.mark.parametrize(
    ("package", "module"),
    [
        ("stock", "standby.waitlist.model"),
        ("waitlist", "standby.stock.model"),
        ("imports", "standby.stock.model"),
        ("shelf", "standby.availability.service"),
        ("shelf", "standby.ledger.model"),
        ("ledger", "standby.imports.model"),
        ("events", "standby.ledger.model"),
        ("platform", "standby.events"),
    ],
)
def test_features_know_no_other_and_nobody_knows_who_stands_above(package: str, module: str) -> None:
    assert not the_layers_are_kept(**{package: module})


def test_every_adapter_and_book_is_there() -> None:
    assert set(modules()) >= ADAPTERS | BOOKS | SHELVES


def test_a_test_without_a_mark_reaches_nobody() -> None:
    with pytest.raises(SocketBlockedError):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
