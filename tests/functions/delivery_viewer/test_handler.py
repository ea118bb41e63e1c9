"""`delivery_viewer` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from tests.promises.shop import Shop
from tests.standby.delivery.track import Customer
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "delivery_viewer"


def sample(case: str) -> Any:
    return json.loads((SAMPLES / f"{case}.json").read_text("utf-8"))


def test_a_forged_link_agrees_to_nothing(world: World) -> None:
    answer = world.run("delivery_viewer", sample("wait_forged"))

    assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (404, "/problems/bad-link")
    assert world.names() == []


def test_a_browser_is_told_of_a_forged_link_on_a_page(world: World) -> None:
    answer = world.run("delivery_viewer", sample("page_forged"))

    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_mailed_link_opens_the_order_of_its_customer_and_changes_nothing(world: World) -> None:
    customer = Customer(Shop(world))
    customer.places(until=2)
    customer.tells("eta", eta=customer.day(5))
    event, names, token = sample("page_forged"), world.names(), customer.link()
    answer = world.run("delivery_viewer", event | {"rawPath": f"/v1/track/{token}", "pathParameters": {"token": token}})

    assert (answer["statusCode"], "LAMP" in answer["body"]) == (200, True)
    assert world.names() == names
