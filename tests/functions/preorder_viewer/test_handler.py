"""`preorder_viewer` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from tests.promises.shop import Shop
from tests.standby.preorder.sales import Sales
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "preorder_viewer"


def sample(case: str) -> Any:
    return json.loads((SAMPLES / f"{case}.json").read_text("utf-8"))


def test_a_forged_link_takes_no_offer(world: World) -> None:
    answer = world.run("preorder_viewer", sample("accept_forged"))

    assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (404, "/problems/bad-link")
    assert world.names() == []


def test_a_browser_is_told_of_a_forged_link_on_a_page(world: World) -> None:
    answer = world.run("preorder_viewer", sample("page_forged"))

    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_mailed_link_opens_the_reservation_of_its_customer_and_changes_nothing(world: World) -> None:
    sales = Sales(Shop(world))
    sales.opens()
    sales.does(sales.holds("ana"), "confirm")
    world.settle()
    event, names = sample("page_forged"), world.names()
    token = sales.link("ana@example.org")
    answer = world.run(
        "preorder_viewer", event | {"rawPath": f"/v1/preorders/{token}", "pathParameters": {"token": token}}
    )

    assert (answer["statusCode"], "LAMP-BRASS" in answer["body"]) == (200, True)
    assert world.names() == names
