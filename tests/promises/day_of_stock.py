"""What stock hears of the catalogue in a broad day (`tests.promises.killing.days`)."""

from standby.ledger.kits import KITS_PAGE

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
    _kits_come_and_go(shop)


def _kits_come_and_go(shop: Shop) -> None:
    """More kits than a page has are made of something, then of something else, then of nothing; a job is none."""
    world = shop.world
    shop.counts("RING", 4)
    for minute, components in enumerate(({"BELL": 1, "RING": 2}, {"RING": 1}, {})):
        made = [{"sku": sku, "quantity": quantity} for sku, quantity in components.items()]
        variants = [{"sku": f"CHIME-{number}", "components": made} for number in range(KITS_PAGE + 1)]
        world.send("CatalogUpdates", upserted("CHIMES", minute=minute, variants=variants))
        shop.counts("RING", 9 - minute)
    world.send("StockKits", {"kit": None})
    world.send("StockSweeps", {"sweep": "sku", "sku": "RING"})
    world.settle()
    assert (shop.stock("CHIME-0")["free"], shop.stock("CHIME-0")["kit"]) == (0, None)
