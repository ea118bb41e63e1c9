"""The function that serves the routes of files, in memory."""

from typing import Any

import pytest
from standby.ledger.table import LedgerTable

from tests.fakes import AT_ONCE, FakeClock
from tests.standby.stock.warehouse import Warehouse
from tests.tables import create_table


@pytest.fixture
def warehouse(aws: Any) -> Warehouse:
    create_table(aws, "Stock")
    clock = FakeClock()
    clock.advance(minutes=10)
    return Warehouse(LedgerTable("Stock", aws, AT_ONCE), clock)
