"""A shop with campaigns, with AWS in memory."""

import pytest

from tests.promises.shop import Shop
from tests.standby.preorder.sales import Sales
from tests.world import World


@pytest.fixture
def sales(world: World) -> Sales:
    return Sales(Shop(world))
