"""A shop in a world of its own."""

import pytest

from tests.promises.shop import Shop
from tests.world import World


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)
