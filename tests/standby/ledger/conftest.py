"""A ledger in memory, and the ERP's words about it."""

from collections.abc import Iterator
from typing import Any

import pytest
from standby.ledger.table import LedgerTable

from tests.fakes import AT_ONCE, FakeClock
from tests.tables import create_table
from tests.world import build


@pytest.fixture
def table(aws: Any) -> LedgerTable:
    create_table(aws, "Stock")
    return LedgerTable("Stock", aws, AT_ONCE)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[LedgerTable]:
    """A ledger in the memory of a world, for tests that ask it often."""
    for world in build(monkeypatch):
        yield LedgerTable("Stock", world.dynamodb)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
