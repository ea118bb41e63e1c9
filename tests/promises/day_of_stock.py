"""What stock hears of the catalogue in a broad day (`tests.promises.killing.days`)."""

from datetime import timedelta

from standby.ledger.claim_items import SHIPPED_KEPT
from standby.ledger.claims import Claim, ClaimBook
from standby.ledger.kits import KITS_PAGE
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text

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
    _goods_leave(shop)


def _goods_leave(shop: Shop) -> None:
    """A unit left the house almost a day ago, and no level was observed since."""
    world = shop.world
    now, book = world.clock.now(), ClaimBook(LedgerTable("Stock", world.dynamodb))
    shop.counts("DRUM", 2, as_of=to_text(now - 2 * SHIPPED_KEPT))
    book.take(Claim(claim_id="drum", sku="DRUM", kind="checkout", units=1), now=now)
    left = to_text(now - SHIPPED_KEPT + timedelta(minutes=1))
    book.end_together([("DRUM", "drum")], "dropped", now=now, shipped_at=left)
    assert (shop.stock("DRUM")["free"], shop.stock("DRUM")["shipped"]) == (1, 1)
    world.wait(minutes=2)
    world.send("StockSweeps", {"sweep": "claims"})
    world.settle()
    assert (shop.stock("DRUM")["free"], shop.stock("DRUM")["shipped"]) == (2, 0)


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
