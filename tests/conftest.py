"""What every test has: no sockets unless it is marked, and an AWS in memory where it asks."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.client
import pytest
from hypothesis import HealthCheck, settings
from moto import mock_aws
from playwright.sync_api import Browser

from tests import answers, cost
from tests.browsing import chromium
from tests.clients import REGION, as_the_sdk_says, client_of, new_client
from tests.dynamo import Memory
from tests.memory import mend
from tests.tables import in_memory
from tests.world import World, build

NAMESPACE = "Standby"
THIS_MACHINE = ["127.0.0.1", "::1", "localhost"]
TALKING = ("local_aws", "browser")
"""Marks of tests that talk with a server on this machine; all others have no sockets (`--disable-socket`)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that talk with a server on this machine reach it, and nothing else."""
    for item in items:
        if any(item.get_closest_marker(mark) for mark in TALKING):
            item.add_marker(pytest.mark.allow_hosts(THIS_MACHINE))


answers.watch()
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE)  # handlers that are imported while collecting
    cost.measure(config)


@pytest.fixture(autouse=True)
def _sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test credentials and a region that lead nowhere."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
        "POWERTOOLS_TRACE_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return one headless Chromium for all tests of a process that look at pages: there cannot be two."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a DynamoDB client of an AWS in memory (`tests.memory` says what is mended in it)."""
    mend(monkeypatch)
    with mock_aws():
        yield new_client("dynamodb")


@pytest.fixture
def memory() -> Memory:
    """Return the stack's tables in memory."""
    return in_memory()


@pytest.fixture
def tables(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a DynamoDB client of the tables in memory: quick, and as moto is (`test_dynamo`)."""

    def answered(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        as_the_sdk_says(client, operation, parameters)
        model = client.meta.service_model.operation_model(operation)
        client.meta.events.emit(f"before-call.dynamodb.{operation}", model=model, params=parameters)
        return memory.call(operation, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", answered)
    return client_of("dynamodb")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return the whole system in one process (`tests.world`)."""
    yield from build(monkeypatch)
