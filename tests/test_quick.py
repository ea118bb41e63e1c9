"""Which tests ``make quick`` runs for what changed."""

from pathlib import Path

import pytest

from tests.quick import ALWAYS, EVERYWHERE, chosen

PRODUCT = "layers/core/python/standby"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a house with a few tests in it."""
    for name in (
        *(
            "tests/test_layout.py",
            "tests/infra/test_api.py",
            "tests/promises/test_told.py",
            "tests/journeys/test_in_time.py",
        ),
        *("tests/standby/stock/test_levels.py", "tests/standby/stock/snapshots/test_brake.py"),
        *("tests/functions/stock_api/test_handler.py", "tests/functions/stock_settler/test_handler.py"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    ("file", "tests"),
    [
        (
            f"{PRODUCT}/stock/model.py",
            {"tests/standby/stock", *(f"{EVERYWHERE}/stock_{role}" for role in ("api", "settler"))},
        ),
        (
            f"{PRODUCT}/stock/assembly/api.py",
            {"tests/standby/stock", *(f"{EVERYWHERE}/stock_{role}" for role in ("api", "settler"))},
        ),
        (
            f"{PRODUCT}/stock/snapshots/brake.py",
            {"tests/standby/stock/snapshots", *(f"{EVERYWHERE}/stock_{role}" for role in ("api", "settler"))},
        ),
        (f"{PRODUCT}/preorder/model.py", {EVERYWHERE}),
        (f"{PRODUCT}/events.py", {EVERYWHERE}),
        ("functions/stock_api/handler.py", {f"{EVERYWHERE}/stock_api"}),
        ("events/stock_api/levels.json", {f"{EVERYWHERE}/stock_api"}),
        ("infra/features/stock.py", {"tests/infra"}),
        ("cdk.json", {"tests/infra"}),
        ("layers/dependencies/trim.toml", {"tests/infra"}),
        ("layers/storefront/source/badges.js", {"tests/standby/storefront"}),
        ("tests/standby/stock/test_levels.py", {"tests/standby/stock/test_levels.py"}),
        ("tests/standby/stock/test_gone.py", set()),
        ("tests/standby/stock/conftest.py", {"tests/standby/stock"}),
        ("tests/promises/test_told.py", {"tests/promises/test_told.py"}),
        ("tests/promises/unruly.py", set()),
        ("tests/clients/django_oscar/care/relay.py", {"tests/infra"}),
        ("tests/world.py", {EVERYWHERE}),
        ("README.md", set()),
    ],
)
def test_a_changed_file_is_tried_by_its_twin(tree: Path, file: str, tests: set[str]) -> None:
    assert set(chosen([file], tree)) == {*tests, *ALWAYS}


def test_what_stands_in_a_chosen_folder_is_not_run_twice(tree: Path) -> None:
    files = ["tests/infra/test_api.py", "infra/app.py", "tests/world.py", "functions/stock_api/handler.py"]

    assert set(chosen(files, tree)) == {"tests/infra", EVERYWHERE, *ALWAYS}
