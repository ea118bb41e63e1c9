"""What the tests cost is told by folder, wherever they ran."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.cost import Cost, compared, folder_of


@pytest.mark.parametrize(
    ("test", "folder"),
    [
        ("tests/test_layout.py::test_a", "tests"),
        ("tests/promises/test_told.py::test_a[x/y]", "tests/promises"),
        ("tests/functions/stock_api/test_handler.py::test_a", "tests/functions"),
        ("tests/standby/mail/test_ses.py::test_a", "tests/standby/mail"),
    ],
)
def test_a_test_counts_for_its_folder(test: str, folder: str) -> None:
    assert folder_of(test) == folder


def test_each_folder_stands_beside_its_committed_figure_and_a_new_one_beside_none() -> None:
    lines = list(
        compared(
            {"tests/infra": 30.0, "tests/promises": 150.0, "tests/new": 4.0},
            {"tests/infra": 20.0, "tests/promises": 100.0},
        )
    )

    assert [" ".join(line.split()) for line in lines] == [
        "tests/promises 150.0 s / 100.0 = 1.50",
        "tests/infra 30.0 s / 20.0 = 1.50",
        "tests/new 4.0 s new",
        "all of these 180.0 s / 120.0 = 1.50",
    ]


def test_what_a_test_took_travels_with_its_report() -> None:
    """Workers send their reports to the process that adds up."""
    clock = iter((10.0, 11.0, 14.0))
    worker, controller = Cost(lambda: next(clock)), Cost()
    worker.pytest_runtest_logstart()
    for _phase in ("setup", "call"):
        report: Any = SimpleNamespace(nodeid="tests/promises/test_told.py::test_a")
        making = worker.pytest_runtest_makereport()
        next(making)
        with pytest.raises(StopIteration):
            making.send(report)
        controller.pytest_runtest_logreport(report)

    assert controller.by_folder == {"tests/promises": 4.0}
