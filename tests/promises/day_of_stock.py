"""What stock hears of the catalogue in a broad day (`tests.promises.killing.days`)."""

from tests.promises.shop import Shop
from tests.standby.catalog.words import upserted


def everything_happens(shop: Shop) -> None:
    """A product keeps units back before its SKU joins it, and afterwards; and a message comes that is no event."""
    world = shop.world
    shop.settings("product:BELLS", safety_stock=2)
    shop.counts("BELL", 9)
    world.send("CatalogUpdates", upserted("BELLS", "BELL"))
    world.send("StockProducts", {"detail-type": "Nothing", "detail": {}})
    world.settle()
    assert shop.stock("BELL")["free"] == 7
    shop.settings("product:BELLS", safety_stock=3)
    world.settle()
    assert (shop.stock("BELL")["product_id"], shop.stock("BELL")["free"]) == ("BELLS", 6)
