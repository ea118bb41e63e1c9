"""The stacks of each stage, synthesized once a run."""

import pytest

from tests.infra.template import Stacks, synthesize


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """Return the stacks as they go to AWS."""
    return synthesize(tmp_path_factory.mktemp("prod"), stage="prod", alarm_email="ops@shop.example")


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """Return the stacks as they go to the local AWS."""
    return synthesize(tmp_path_factory.mktemp("local"), stage="local", public_url="http://127.0.0.1:4566/")
