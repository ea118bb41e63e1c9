"""Too much that vanishes at once waits for a person."""

import pytest
from standby.platform.brake import brakes


@pytest.mark.parametrize(("vanishing", "there", "stops"), [(2, 10, False), (3, 10, True), (1, 4, True), (0, 0, False)])
def test_over_a_fifth_that_vanishes_is_too_much(vanishing: int, there: int, stops: bool) -> None:  # noqa: FBT001
    assert stops == brakes(vanishing, there)
