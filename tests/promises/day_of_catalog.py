"""What the shop says of its products in a broad day (`tests.promises.killing.days`)."""

from tests.promises.shop import OPS, Shop
from tests.standby.catalog.words import discontinued, upserted
from tests.world import World


def everything_happens(shop: Shop) -> None:
    """Products come by HTTP, in a batch that is split, in feeds; one does not come back, one is poison."""
    world = shop.world
    status, answer = world.request(
        "catalog_api", "POST", "/v1/messages/catalog", body=upserted("CUP", "CUP-S", "CUP-M"), scopes="erp"
    )
    assert status == 202, answer
    many = [upserted(f"JUG-{number}", f"JUG-{number}") for number in range(30)]
    world.send("CatalogUpdates", {"type": "batch", "messages": many})
    world.send("CatalogUpdates", discontinued(product_id="JUG-3", minute=1))
    world.send("CatalogUpdates", {"type": "product.upserted"})
    world.send("CatalogUpdates", {"retell": "products"})
    world.settle()
    assert world.request("catalog_api", "GET", "/v1/catalog/products/CUP", scopes=OPS)[1]["skus"] == ["CUP-S", "CUP-M"]
    assert world.bodies("CatalogDeadLetters")[-1] == '{"type": "product.upserted"}'
    place, mapping = "/v1/imports/mappings/feed", {"kind": "products", "format": "google"}
    assert world.request("stock_api", "PUT", place, body=mapping, scopes=OPS)[0] == 200
    world.put("inbox/feed/products.tsv", b"id\ttitle\nBOWL-1\tBowl\n")
    world.settle()
    assert world.request("catalog_api", "GET", "/v1/catalog/products/BOWL-1", scopes=OPS)[1]["skus"] == ["BOWL-1"]
    _a_complete_feed_leaves_its_only_product_out(world)


def _a_complete_feed_leaves_its_only_product_out(world: World) -> None:
    """Its file is tried, read, waits and is approved, and a word of the older file is repeated."""
    place, mapping = "/v1/imports/mappings/whole", {"kind": "products", "format": "google", "complete": True}
    assert world.request("stock_api", "PUT", place, body=mapping, scopes=OPS)[0] == 200
    for content in (b"id\ttitle\nVASE\tVase\n", b"id\ttitle\n"):
        world.clock.advance(minutes=1)
        world.put("inbox/whole/products.tsv", content)
        world.settle()
        world.wait(seconds=6)
    world.put("inbox-dry-run/whole/products.tsv", b"id\ttitle\nVASE\tVase\n")
    absence = world.request("catalog_api", "GET", "/v1/catalog/absences", scopes=OPS)[1]["items"][0]
    late = {**upserted("LATE", "LATE"), "feed": "whole"}
    world.send("CatalogUpdates", late)
    world.settle()
    assert absence["state"] == "waiting_for_approval"
    assert (
        world.request("catalog_api", "POST", f"/v1/catalog/absences/{absence['absence_id']}/approve", scopes=OPS)[0]
        == 200
    )
    world.settle()
    for product_id in ("VASE", "LATE"):
        shown = world.request("catalog_api", "GET", f"/v1/catalog/products/{product_id}", scopes=OPS)[1]
        assert shown["skus"] == []
