"""Whoever decides about a file that leaves much out sees what, and may press twice."""

from typing import Any

from tests.world import World

ABSENCES = "/v1/catalog/absences"


def call(world: World, method: str, path: str, **more: Any) -> Any:
    function = "stock_api" if "/imports" in path else "catalog_api"
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


def put(world: World, content: bytes) -> None:
    world.clock.advance(minutes=1)
    world.put("inbox/shop/feed.tsv", content)
    world.settle()


def test_a_file_that_cannot_be_read_leaves_no_absence_that_is_read_for_ever(world: World) -> None:
    call(world, "PUT", "/v1/imports/mappings/shop", body={"kind": "products", "format": "google", "complete": True})
    put(world, b"id\ttitle\nJUG\tJug\n")
    world.wait(seconds=6)
    put(world, b"nothing\tof it\nJUG\tJug\n")
    assert call(world, "GET", ABSENCES)["items"][0]["state"] == "reading"
    world.wait(seconds=6)
    failed = call(world, "GET", ABSENCES)["items"][0]
    report = call(world, "GET", f"/v1/imports/{failed['absence_id'].partition('-')[0]}")
    assert (failed["state"], failed["doubt"], failed["brake"]) == ("failed", report["reason"], None)
    assert (report["state"], report["absence_id"]) == ("failed", failed["absence_id"])
    assert call(world, "GET", "/v1/catalog/products/JUG")["skus"] == ["JUG"]
    status, answer = world.request("catalog_api", "POST", f"{ABSENCES}/{failed['absence_id']}/approve", scopes="ops")
    assert (status, answer["detail"]) == (409, "the absence is failed")


def test_a_file_that_was_replaced_before_it_was_read_says_so_and_its_successor_counts(world: World) -> None:
    call(world, "PUT", "/v1/imports/mappings/shop", body={"kind": "products", "format": "google", "complete": True})
    put(world, b"id\ttitle\nJUG\tJug\n")
    put(world, b"id\ttitle\nVASE\tVase\n")
    world.wait(seconds=6)
    newer, older = call(world, "GET", ABSENCES)["items"]
    assert (older["state"], older["doubt"]) == ("replaced", "another file was put in its place before it was read")
    assert newer["state"] == "applied"


def test_a_file_that_failed_counts_once_its_message_is_redriven_and_can_be_read(world: World) -> None:
    """A word of an older file that came meanwhile is not forgotten."""
    call(world, "PUT", "/v1/imports/mappings/shop", body={"kind": "products", "format": "google", "complete": True})
    put(world, b"id\ttitle\nJUG\tJug\nBOWL\tBowl\nVASE\tVase\nCUP\tCup\nMUG\tMug\nPOT\tPot\n")
    world.wait(seconds=6)
    content = b"id\ttitle\nBOWL\tBowl\nVASE\tVase\nCUP\tCup\nMUG\tMug\nPOT\tPot\n"
    put(world, content)
    there = world.bucket.objects.pop("inbox/shop/feed.tsv")
    world.wait(seconds=6)
    assert call(world, "GET", ABSENCES)["items"][0]["state"] == "failed"
    world.bucket.objects["inbox/shop/feed.tsv"] = there
    world.send("StockImports", world.queues["StockDeadLetters"].pop().body)
    world.settle()
    assert call(world, "GET", ABSENCES)["items"][0]["state"] == "applied"
    assert call(world, "GET", "/v1/catalog/products/JUG")["skus"] == []
