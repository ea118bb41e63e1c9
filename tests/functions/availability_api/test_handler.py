"""`availability_api` from its event to its answer, with AWS in memory."""

import json
from pathlib import Path
from typing import Any

from tests.world import World

SAMPLES = Path(__file__).parents[3] / "events" / "availability_api"


def answered(world: World, case: str) -> Any:
    return world.run("availability_api", json.loads((SAMPLES / f"{case}.json").read_text("utf-8")))


def test_what_nobody_named_has_no_status_and_no_actions(world: World) -> None:
    answer = answered(world, "badges_of_skus")

    badges = json.loads(answer["body"])["items"]
    assert answer["statusCode"] == 200
    assert [badge["sku"] for badge in badges] == ["MUG", "CUP", "NOBODY'S"]
    assert [(badge["status"], badge["label"], badge["actions"], badge["as_of"]) for badge in badges] == [
        (None, "", [], None)
    ] * 3


def test_a_product_that_nobody_named_has_no_status(world: World) -> None:
    (badge,) = json.loads(answered(world, "badges_of_products")["body"])["items"]
    assert (badge["sku"], badge["product_id"], badge["status"]) == (None, "mugs", None)


def test_a_product_that_nobody_named_is_not_found(world: World) -> None:
    assert answered(world, "product_whole")["statusCode"] == 404
    assert answered(world, "product_whole_by_query")["statusCode"] == 404
    assert answered(world, "product_as_json_ld")["statusCode"] == 404
    assert answered(world, "product_as_html")["statusCode"] == 404


def test_a_product_that_nobody_named_has_no_alternatives(world: World) -> None:
    assert answered(world, "alternatives")["statusCode"] == 404
    assert answered(world, "alternatives_by_query")["statusCode"] == 404


def test_nothing_came_back_where_nobody_named_anything(world: World) -> None:
    said = json.loads(answered(world, "back_in_stock")["body"])
    assert said == {"items": [], "next": None, "category": "Kitchen", "days": 14}
    assert answered(world, "back_in_stock_as_atom")["body"].endswith("</feed>\n")
    assert "<h1>חזרו למלאי</h1>" in answered(world, "back_in_stock_as_page")["body"]
    assert answered(world, "back_in_stock_of_no_place")["statusCode"] == 400


def test_who_has_the_answer_already_gets_none(world: World) -> None:
    answer = answered(world, "badges_unchanged")
    assert (answer["statusCode"], answer["body"]) == (304, "")


def test_asking_for_nothing_is_a_problem_document(world: World) -> None:
    answer = answered(world, "badges_of_neither")
    assert answer["statusCode"] == 400
    assert answer["headers"]["Content-Type"] == "application/problem+json"


def test_a_cart_of_what_nobody_has_cannot_be_had(world: World) -> None:
    checked = json.loads(answered(world, "cart_checked")["body"])
    assert (checked["can_be_had"], [line["units"] for line in checked["lines"]]) == (False, [0, 0])


def test_a_listing_of_what_nobody_knows_stays_as_it_is(world: World) -> None:
    assert json.loads(answered(world, "listing_ranked")["body"])["items"] == ["HAT", "MUG"]


def test_what_is_on_no_shelf_has_no_explanation(world: World) -> None:
    assert answered(world, "why")["statusCode"] == 404
    assert answered(world, "why_by_query")["statusCode"] == 404
