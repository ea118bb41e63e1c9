"""The benchmark asks every public route of the shelf, and compares it with a function that reads the same."""

import pytest

from infra.constructs.routes import all_routes
from tests.benchmarks.answering import FUNCTION, NOTHING, READS, askings, figures, recorded


def test_every_public_route_is_asked_and_its_reads_are_known() -> None:
    routes = {route.key for route in all_routes() if route.public and route.function == FUNCTION}
    found = recorded()
    assert set(found) == set(askings()) == {key for key in routes if not key.startswith("HEAD ")}
    assert [name for name, reads in found.items() if not reads] == []
    assert {read.operation for reads in found.values() for read in reads} <= {"BatchGetItem", "GetItem", "Query"}


def test_a_figure_is_a_multiple_of_the_empty_functions() -> None:
    took = {NOTHING: [0.1] * 100}
    for name in askings():
        took |= {name: [3.0] * 98 + [9.0] * 2, f"{name}, {READS}": [2.0] * 98 + [3.0] * 2}
    found = {figure.name: figure.measured for figure in figures(took)}
    assert len(found) == 2 * len(askings())
    assert found["p50 of GET /v1/availability, 8 clients at once"] == pytest.approx(1.5)
    assert found["p99 of GET /v1/availability, 8 clients at once"] == pytest.approx(3.0)
