"""The function that serves the routes of files, in memory."""

from typing import Any

import pytest
from standby.ledger.table import LedgerTable

from tests.fakes import AT_ONCE, FakeClock
from tests.standby.stock.warehouse import Warehouse


@pytest.fixture
def warehouse(tables: Any) -> Warehouse:
    clock = FakeClock()
    clock.advance(minutes=10)
    return Warehouse(LedgerTable("Stock", tables, AT_ONCE), clock)
