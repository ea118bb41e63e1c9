"""`compensation_viewer` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from tests.promises.shop import Shop
from tests.standby.compensation.chooser import chooser
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "compensation_viewer"


def sample(case: str) -> Any:
    return json.loads((SAMPLES / f"{case}.json").read_text("utf-8"))


def test_a_forged_link_chooses_nothing(world: World) -> None:
    answer = world.run("compensation_viewer", sample("choose_forged"))

    assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (404, "/problems/bad-link")
    assert world.names() == []


def test_a_browser_is_told_of_a_forged_link_on_a_page(world: World) -> None:
    answer = world.run("compensation_viewer", sample("page_forged"))

    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_the_link_of_a_late_order_opens_what_was_granted_and_changes_nothing(world: World) -> None:
    ana = chooser(Shop(world))
    event, names, token, edition = sample("page_forged"), world.names(), ana.link(), ana.of().edition
    path = {"rawPath": f"/v1/remedies/{token}", "pathParameters": {"token": token}}
    answer = world.run("compensation_viewer", event | path)

    assert (answer["statusCode"], "Choose this" in answer["body"]) == (200, True)
    assert (world.names(), ana.of().edition) == (names, edition)
