"""Addresses that were copied from pages in Hebrew, from chats and from spreadsheets."""

from typing import Any

from tests.promises.shop import Shop
from tests.world import World

SKU = "SHIRT-RED-M"


def joins(world: World, email: str) -> tuple[int, Any]:
    body = {"email": email, "skus": [SKU], "consent": {"wording": "2026-05"}}
    return world.request("waitlist_api", "POST", "/v1/waitlist", body=body)


def test_what_copying_brings_along_is_no_part_of_an_address(world: World) -> None:
    Shop(world).counts(SKU, 0)
    assert joins(world, "\u200f\u2068ana@example.org\u2069\u00a0")[0] == 202
    world.settle()
    assert [mail.email for mail in world.mails] == ["ana@example.org"]


def test_what_nobody_sees_within_an_address_is_refused_by_its_name(world: World) -> None:
    status, problem = joins(world, "a\u200bna@example.org")
    assert (status, "ZERO WIDTH SPACE" in problem["detail"]) == (400, True)
