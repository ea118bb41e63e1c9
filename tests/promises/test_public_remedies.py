"""What the routes behind the link to what was granted cost: few calls to AWS, however much that is."""

from typing import Any

import pytest

from tests.gateway import http_event
from tests.promises.public_routes import MOST_CALLS
from tests.promises.shop import Shop
from tests.promises.test_public_work import BROWSER
from tests.standby.compensation.chooser import VIEWER, Chooser
from tests.standby.compensation.remedied import choice, percent, rule, voucher
from tests.world import World

pytestmark = pytest.mark.promise("P11")

LEVELS = [voucher(days, 100 * days) for days in range(2, 9)]
LAST = choice(10, percent(10, 20, 3_000), voucher(10, 2_000))


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["program", "browser"])
@pytest.mark.parametrize("route", [route for route in MOST_CALLS if "/v1/remedies/" in route])
def test_a_link_to_an_order_that_was_granted_much_takes_few_calls(
    world: World, route: str, headers: dict[str, str]
) -> None:
    ana = Chooser(Shop(world))
    ana.sets(rule(*LEVELS, LAST))
    ana.places()
    for days in (*range(2, 9), 11):
        ana.late(days=days)
    chosen = {"remedy_id": ana.open().grant_id, "kind": "voucher"}
    body: Any = {"right": True} if route.endswith("feedback") else chosen
    method, path = route.split()
    world.restart()
    begin = len(world.calls)

    answer = world.run(VIEWER, http_event(method, path.format(token=ana.link()), body=body, headers=headers))

    assert answer["statusCode"] < 400, answer
    assert len(ana.of().grants) == len(LEVELS) + 1
    assert len(world.calls) - begin <= MOST_CALLS[route], world.calls[begin:]
