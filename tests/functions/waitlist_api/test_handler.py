"""`waitlist_api` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from tests.promises.shop import Shop
from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "waitlist_api"


def answered(world: World, case: str) -> Any:
    return world.run("waitlist_api", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def test_joining_is_accepted_and_mailed(world: World) -> None:
    for sku in ("MUG-BLUE", "MUG-RED"):
        Shop(world).counts(sku, 0)
    answer = answered(world, "join")

    assert (answer["statusCode"], json.loads(answer["body"])) == (202, {"status": "accepted"})
    job = json.loads(world.bodies("MailUrgent")[0])
    assert (job["kind"], job["locale"], job["data"]["skus"]) == ("confirm", "he", ["MUG-BLUE", "MUG-RED"])


def test_a_plain_form_signs_up_too_and_leads_to_a_page(world: World) -> None:
    Shop(world).counts("MUG-RED", 0)
    answer = answered(world, "join_form")

    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, "waitlist/asked?locale=he")
    assert json.loads(world.bodies("MailUrgent")[0])["data"]["skus"] == ["MUG-RED"]
    assert "תיבת הדוא״ל" in answered(world, "asked")["body"]


def test_a_malformed_sign_up_is_a_problem_document(world: World) -> None:
    answer = answered(world, "join_malformed")

    assert answer["statusCode"] == 400
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert world.bodies("MailUrgent") == []


def test_a_consented_entry_is_in_line_at_once(world: World) -> None:
    assert answered(world, "entry_consented")["statusCode"] == 202
    assert json.loads(answered(world, "counts")["body"])["waiting"] == 1


def test_a_link_that_is_not_ours_leaves_nobody(world: World) -> None:
    assert answered(world, "leave_one_click")["statusCode"] == 404
    assert world.names() == []
