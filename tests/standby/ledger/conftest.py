"""A ledger in memory, and the ERP's words about it."""

from typing import Any

import pytest
from standby.ledger.table import LedgerTable

from tests.fakes import AT_ONCE, FakeClock
from tests.tables import create_table


@pytest.fixture
def table(aws: Any) -> LedgerTable:
    create_table(aws, "Stock")
    return LedgerTable("Stock", aws, AT_ONCE)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
