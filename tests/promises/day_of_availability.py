"""What storefronts ask and what changes the answer in a broad day in the shop (`tests.promises.killing.days`)."""

from tests.gateway import http_event
from tests.promises.shop import OPS, Shop
from tests.standby.availability.pictures.drawing import drawn
from tests.standby.availability.storefront import API, QUEUE, Storefront, product_changed, variant


def everything_happens(shop: Shop) -> None:
    """Let a product come, sell out and be asked for; and a message come that is no event."""
    front = Storefront(shop.world)
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED-MUG", 1), category="mugs"))
    shop.world.send(QUEUE, {"detail-type": "Nothing", "detail": {}})
    for edition in (1, 2):
        image = f"https://shop.example/i/mugs-{edition}.png"
        shop.world.web.pictures[image] = drawn(edition)
        shop.world.send("AvailabilityPictures", product_changed("mugs", edition, variant("RED-MUG", 1), image=image))
        shop.world.settle()
    front.describes("haifa", name="Haifa", hours={"sun": [["09:00", "17:30"]]})
    Storefront(shop.world, location="haifa").counts("RED-MUG", 2)
    shop.world.send(QUEUE, {"rebuild": "skus"})
    shop.world.settle()
    for path, query in (("/v1/products/mugs/stores", {}), ("/v1/products/stores", {"product_id": "mugs"})):
        assert len(shop.world.request(API, "GET", path, query=query)[1]["items"]) == 1
    Storefront(shop.world, location="haifa").counts("RED-MUG", 0)
    for units in (3, 0):
        front.counts("RED-MUG", units)
    assert front.statuses("RED-MUG") == ["SoldOut"]
    assert front.products("mugs")[0]["status"] == "SoldOut"
    assert front.checks(("RED-MUG", 1))["can_be_had"] is False
    for path, query in (("/v1/availability/RED-MUG/why", None), ("/v1/availability/why", {"sku": "RED-MUG"})):
        assert shop.world.request("availability_api", "GET", path, query=query, scopes=OPS)[0] == 200
    assert front.product("mugs")["status"] == "SoldOut"
    assert front.asks_for("mugs", what="alternatives")["statusCode"] == 200
    for query in ({}, {"category": "mugs"}):
        assert shop.world.request(API, "GET", "/v1/back-in-stock", query=query)[0] == 200
    body = {"product_ids": ["mugs"]}
    assert shop.world.request("availability_api", "POST", "/v1/listings/rank", body=body)[0] == 200
    assert shop.world.run(API, http_event("GET", "/v1/feeds/availability.tsv"))["statusCode"] == 200
