"""Orders that customers claimed units for and the ERP subtracted already."""

from standby.ledger.claims import Claim, ClaimBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text

from tests.promises.shop import OPS, Shop
from tests.world import World


def orders_are_netted(shop: Shop) -> None:
    """A level, and then the silence of a full count, contain orders whose units customers had claimed."""
    world = shop.world
    skus = ("NETTED-1", "NETTED-2")
    kiosk = Shop(world, location="kiosk")
    tap = world.tap
    for sku in skus:
        kiosk.counts(sku, 5)
        world.tap = World.tap  # no function takes claims yet
        claims, now = ClaimBook(LedgerTable("Stock", world.dynamodb)), world.clock.now()
        claims.take(Claim(claim_id="c1", sku=sku, kind="offer", units=1), now=now)
        claims.settle(sku, "c1", settled_at=to_text(now), now=now)
        world.tap = tap
    world.clock.advance(seconds=1)
    netted = {"netted_until": to_text(world.clock.now())}
    kiosk.counts(skus[0], 4, **netted)
    count = {"type": "stock.snapshot", "snapshot_id": "KIOSK", "location_id": "kiosk", "page": 1, "pages": 1}
    world.clock.advance(seconds=1)
    world.send("StockUpdates", {**count, **netted, "as_of": to_text(world.clock.now()), "levels": []})
    world.settle()
    world.wait(seconds=6)
    assert world.request("stock_api", "POST", "/v1/stock/snapshots/KIOSK/approve", scopes=OPS)[0] == 200
    world.settle()
    world.wait(minutes=1)
    assert [(shop.stock(sku)["on_hand"], shop.stock(sku)["held"]) for sku in skus] == [(0, 0), (0, 0)]
