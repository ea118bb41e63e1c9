"""Whoever decides about a file that leaves much out sees what, and may press twice."""

from typing import Any

from tests.world import World

ABSENCES = "/v1/catalog/absences"


def call(world: World, method: str, path: str, **more: Any) -> Any:
    function = "stock_api" if "/imports/" in path else "catalog_api"
    status, answer = world.request(function, method, path, scopes="ops", **more)
    assert status == 200, answer
    return answer


def test_who_approves_sees_the_products_and_may_press_twice(world: World) -> None:
    mapping = {"kind": "products", "format": "google", "complete": True}
    call(world, "PUT", "/v1/imports/mappings/shop", body=mapping)
    for content in (b"id\ttitle\nBOWL\tBowl\nVASE\tVase\nJUG\tJug\n", b"id\ttitle\nJUG\tJug\n"):
        world.clock.advance(minutes=1)
        world.put("inbox/shop/feed.tsv", content)
        world.settle()
        world.wait(seconds=6)
    listed, *_ = call(world, "GET", ABSENCES)["items"]
    assert (listed["state"], listed["product_ids"]) == ("waiting_for_approval", [])
    place = f"{ABSENCES}/{listed['absence_id']}"
    assert sorted(call(world, "GET", place)["product_ids"]) == ["BOWL", "VASE"]

    assert call(world, "POST", f"{place}/approve")["state"] == "applying"
    world.settle()
    again = call(world, "POST", f"{place}/approve")
    assert (again["state"], again["decided_by"]) == ("applied", call(world, "GET", place)["decided_by"])
    assert call(world, "GET", "/v1/catalog/products/BOWL")["skus"] == []
    assert call(world, "GET", "/v1/catalog/products/JUG")["skus"] == ["JUG"]


def test_what_was_applied_without_being_asked_for_does_not_wait_for_approval(world: World) -> None:
    mapping = {"kind": "products", "format": "google", "complete": True}
    call(world, "PUT", "/v1/imports/mappings/shop", body=mapping)
    world.put("inbox/shop/feed.tsv", b"id\ttitle\nJUG\tJug\n")
    world.settle()
    world.wait(seconds=6)
    listed, *_ = call(world, "GET", ABSENCES)["items"]
    assert listed["state"] == "applied"
    status, _ = world.request("catalog_api", "POST", f"{ABSENCES}/{listed['absence_id']}/approve", scopes="ops")
    assert status == 409
