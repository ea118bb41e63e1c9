"""The benchmark asks every public route of the shelf, and compares it with a function that reads the same."""

from threading import Barrier

import pytest

from infra.constructs.routes import all_routes
from tests.benchmarks import answering
from tests.benchmarks.answering import FUNCTION, NOTHING, READS, Took, askings, figures, recorded, rounds


def test_every_public_route_is_asked_and_its_reads_are_known() -> None:
    routes = {route.key for route in all_routes() if route.public and route.function == FUNCTION}
    found = recorded()
    assert set(found) == set(askings()) == {key for key in routes if not key.startswith("HEAD ")}
    assert [name for name, route in found.items() if not route.again] == []
    assert {read.operation for route in found.values() for read in route.first} <= {"BatchGetItem", "GetItem", "Query"}


def test_a_client_asks_for_each_route_and_for_the_same_reads_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in {"WARM_UPS": 1, "ROUNDS": 2, "EACH": 3}.items():
        monkeypatch.setattr(answering, name, number)
    took = rounds(recorded(), Barrier(1))
    assert {name: len(spent) for name, spent in took.items()} == dict.fromkeys(
        [NOTHING, *askings(), *(f"{name}, {READS}" for name in askings())], 6
    )


def test_a_figure_is_a_multiple_of_the_empty_functions() -> None:
    took = {NOTHING: [Took(0.1, 0.1)] * 100}
    for name in askings():
        took |= {
            name: [Took(3, 8)] * 98 + [Took(3, 9)] * 2,
            f"{name}, {READS}": [Took(2, 2)] * 98 + [Took(2, 3)] * 2,
        }
    found = {figure.name: figure.measured for figure in figures(took)}
    assert len(found) == 2 * len(askings())
    assert found["CPU of GET /v1/availability, 8 clients at once"] == pytest.approx(1.5)
    assert found["p99 of GET /v1/availability, 8 clients at once"] == pytest.approx(3.0)
