"""What the shop says of its products in a broad day (`tests.promises.killing.days`)."""

from tests.promises.shop import OPS, Shop
from tests.standby.catalog.words import discontinued, upserted


def everything_happens(shop: Shop) -> None:
    """Products come by HTTP, in a batch that is split, in a feed; one does not come back, one is poison."""
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
