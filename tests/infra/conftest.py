"""The stacks of each stage, synthesized once a run."""

import pytest

from tests.infra.once import once
from tests.infra.template import Stacks, synthesize


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """Return the stacks as they go to AWS."""
    return once(tmp_path_factory, "prod", lambda to: synthesize(to, stage="prod", alarm_email="ops@shop.example"))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """Return the stacks as they go to the local AWS."""
    public_url = "http://127.0.0.1:4566/"
    return once(tmp_path_factory, "local", lambda to: synthesize(to, stage="local", public_url=public_url))
