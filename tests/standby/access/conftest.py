"""Keys in a table in memory, made from known bytes."""

from typing import Any

import pytest
from standby.access import repository
from standby.access.repository import KeyRepository
from standby.access.service import Keys

from tests.fakes import FakeClock
from tests.tables import create_table


@pytest.fixture
def store(aws: Any) -> KeyRepository:
    repository.records.cache_clear()
    return KeyRepository(create_table(aws, "Access"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def keys(store: KeyRepository, clock: FakeClock) -> Keys:
    """Return keys of which the first is made of ones, the second of twos, and so on."""
    counted = iter(range(1, 256))
    return Keys(store, clock, random_bytes=lambda count: bytes([next(counted)]) * count)
