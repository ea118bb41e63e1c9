"""A storefront in a world of its own."""

import pytest

from tests.standby.availability.storefront import Storefront
from tests.world import World


@pytest.fixture
def shop(world: World) -> Storefront:
    return Storefront(world)
