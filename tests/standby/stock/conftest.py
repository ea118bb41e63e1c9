"""A stock feature in memory: the ledger's table, queues and a bus that remember, a clock that is moved."""

from typing import Any

import pytest
from standby.ledger.table import LedgerTable

from tests.fakes import AT_ONCE, FakeClock
from tests.standby.stock.warehouse import Warehouse


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def warehouse(tables: Any, clock: FakeClock) -> Warehouse:
    return Warehouse(LedgerTable("Stock", tables, AT_ONCE), clock)
