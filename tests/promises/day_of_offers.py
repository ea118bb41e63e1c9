"""A broad day of offers to who waits."""

from tests.promises.shop import Shop
from tests.standby.preorder.line import HOURS, WaitingLine
from tests.standby.preorder.sales import LAMP


def everything_happens(shop: Shop) -> None:
    """Offer what comes; look, accept, decline, say nothing, leave; offer what was bought meanwhile to nobody."""
    line, world = WaitingLine(shop), shop.world
    line.begins(7)
    shop.counts(LAMP, 4)
    line.answers("w0", html=True)
    line.does(line.accepts("w0")["id"], "confirm", {"paid": True})
    line.declines("w1")
    shop.leaves("w2@example.org")
    world.queues["PreorderAllocations"].clear()
    world.wait(hours=HOURS - 2)
    world.wait(hours=3)
    assert sorted(line.offered())[:4] == ["w0", "w1", "w2", "w3"]
    shop.settings(offer_hours=0)
