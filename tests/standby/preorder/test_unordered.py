"""Units that were confirmed at a checkout, and whose order the ERP never names, are found."""

import pytest
from standby.platform.clock import to_text

from tests.promises.preorder_checks import stored
from tests.promises.shop import Shop
from tests.standby.preorder.line import WaitingLine
from tests.standby.preorder.sales import LAMP
from tests.world import World


@pytest.fixture
def line(world: World) -> WaitingLine:
    return WaitingLine(Shop(world))


def unfinished(line: WaitingLine, **later: int) -> int:
    """Return how many claims the alarm's sweep finds after some time."""
    line.world.wait(**later)
    now = to_text(line.world.clock.now())
    claims = [item for _, item in stored(line.world, "Stock", f"SKU#{LAMP}") if "claim_id" in item]
    return sum(item.get("due_shard", "").startswith("UNFINISHED") and item["due_at"] <= now for item in claims)


@pytest.mark.parametrize("how", ["checkout", "offer"])
def test_confirmed_units_without_an_order_are_found_a_week_after_their_hold(line: WaitingLine, how: str) -> None:
    if how == "offer":
        line.begins(1)
        line.shop.counts(LAMP, 1)
        made = line.accepts("w0")["id"]
    else:
        line.shop.counts(LAMP, 1)
        made = line.holds("ana", kind="checkout")
    line.does(made, "confirm")

    assert unfinished(line, days=6) == 0
    assert unfinished(line, days=5) == 1
    line.does(made, "cancel")
    assert unfinished(line, days=1) == 0
