"""What the routes behind a link to an order cost: few calls to AWS, however large it is."""

from typing import Any

import pytest
from standby.events.fields import MOST_LINES

from tests.gateway import http_event
from tests.promises.public_routes import MOST_CALLS
from tests.promises.shop import Shop
from tests.promises.test_public_work import BROWSER
from tests.standby.delivery.track import Customer
from tests.world import World

pytestmark = pytest.mark.promise("P11")

TRACKED: dict[str, dict[str, Any] | None] = {
    "GET /v1/track/{token}": None,
    "POST /v1/track/{token}/wait": {"wording": "w", "shipment_id": "B"},
    "POST /v1/track/{token}/arrived": {"arrived": False, "shipment_id": "B"},
    "POST /v1/track/{token}/cancel": None,
    "POST /v1/track/{token}/withdraw": {"confirm": True},
}
"""What a mail about an order leads to, with what is sent there."""


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["program", "browser"])
@pytest.mark.parametrize("route", TRACKED)
def test_a_link_to_the_largest_order_takes_few_calls(world: World, route: str, headers: dict[str, str]) -> None:
    ana = Customer(Shop(world))
    lines = [{"line_id": f"{number}", "sku": f"SHOWN-{number}", "quantity": 1} for number in range(MOST_LINES)]
    shipments = [
        {"shipment_id": name, "promised_until": ana.day(2), "line_ids": [line["line_id"] for line in lines[start::2]]}
        for start, name in enumerate("AB")
    ]
    ana.places(until=2, lines=lines, shipments=shipments)
    ana.tells("eta", eta=ana.day(5))
    method, path = route.split()
    body = TRACKED[route]
    if path.endswith("wait"):
        body = {**(body or {}), "until": ana.day(5)}
    if path.endswith("arrived"):
        ana.days_pass(6)
    world.restart()
    begin = len(world.calls)

    event = http_event(method, path.format(token=ana.link()), body=body, headers=headers)
    answer = world.run("delivery_viewer", event)

    assert answer["statusCode"] < 400, answer
    assert len(world.calls) - begin <= MOST_CALLS[route], world.calls[begin:]
