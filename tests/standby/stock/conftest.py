"""A stock feature in memory: the ledger's table, queues and a bus that remember, a clock that is moved."""

from typing import Any

import pytest
from standby.ledger.table import LedgerTable

from tests.fakes import AT_ONCE, FakeClock
from tests.standby.stock.warehouse import Warehouse
from tests.tables import create_table


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def warehouse(aws: Any, clock: FakeClock) -> Warehouse:
    create_table(aws, "Stock")
    return Warehouse(LedgerTable("Stock", aws, AT_ONCE), clock)
