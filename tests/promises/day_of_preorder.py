"""A broad day of pre-orders and checkouts."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.promises.shop import OPS, Shop
from tests.standby.availability.storefront import product_changed, variant
from tests.standby.preorder.line import WaitingLine
from tests.standby.preorder.sales import LAMP, Sales


def everything_happens(shop: Shop) -> None:
    """Open, change and close campaigns; reserve, confirm, extend, cancel; let holds end; hold a kit at checkout."""
    sales, world = Sales(shop), shop.world
    opens = to_text(world.clock.now() - timedelta(hours=1))
    release = str(shop.today() + timedelta(days=60))
    sales.opens(capacity=5, limit_per_customer=2, opens_at=opens, release_on=release)
    sales.opens(capacity=8, limit_per_customer=2, opens_at=opens, release_on=release)
    kept, ended, _ = (sales.holds(f"day-{number}") for number in range(3))
    sales.does(kept, "extend")
    sales.does(kept, "confirm", {"paid": True})
    sales.does(ended, "cancel")
    for sku, units in (("BASE", 4), ("SHADE", 4), ("BULB", 14)):
        shop.counts(sku, units)
    components = [{"sku": sku, "quantity": 1} for sku in ("BASE", "SHADE")]
    world.send("StockProducts", product_changed("lamp-set", 1, variant("LAMP-SET", 1, components=components)))
    world.settle()
    shop.settings(checkout_minutes=10)
    sales.asks("GET", f"/v1/campaigns/{LAMP}/line", scopes=OPS)
    for number in range(2):
        sales.holds(f"set-{number}", "LAMP-SET", kind="checkout")
    for number in range(14):
        sales.holds(f"bulb-{number}", "BULB", kind="checkout")
    world.queues["PreorderRecords"].clear()  # the messages about holds are lost, and the sweep finds them in pages
    world.wait(minutes=40)
    assert (sales.campaign()["reserved"], sales.numbers("BASE")) == (1, (0, 0, 4))
    goods_come(sales)
    units_vanish(WaitingLine(shop))
    a_customer_cancels(sales)
    a_link_opens_early(sales)
    for what in ("cancel", "cancellation/approve"):
        sales.asks("GET", "/v1/cancellations", scopes=OPS)
        sales.asks("POST", f"/v1/campaigns/GONG/{what}", scopes=OPS)
    world.settle()
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    world.send("PreorderRecords", {"retell": "campaigns"})
    world.settle()
    a_customer_is_erased(sales)


def a_link_opens_early(sales: Sales) -> None:
    """Make a link to a campaign that opens later, and reserve by it."""
    now = sales.world.clock.now()
    early = {"opens_at": to_text(now), "links": True}
    release = str(sales.shop.today() + timedelta(days=60))
    sales.opens("LATER", opens_at=to_text(now + timedelta(days=2)), early_access=early, release_on=release)
    status, made = sales.asks("POST", "/v1/campaigns/LATER/links", {"units": 1}, scopes=OPS)
    assert status == 201, made
    sales.does(sales.holds("vip", "LATER", access_token=made["token"]), "cancel")


def a_customer_cancels(sales: Sales) -> None:
    """Look at an own reservation, and cancel it with the mailed code."""
    made = sales.holds("ida", "GONG")
    sales.does(made, "confirm")
    sales.world.settle()
    token = sales.link("ida@example.org")
    assert sales.own(token, page=True)[0] == 200
    path = f"/v1/preorders/{token}/cancel"
    sales.asks("POST", path)
    sales.world.settle()
    assert sales.asks("POST", path, {"code": sales.codes("ida@example.org")[-1]})[1]["status"] == "cancelled"


def a_customer_is_erased(sales: Sales) -> None:
    """Erase who cancelled: the whole table is gone through for it."""
    world = sales.world
    detail = {"id": "erased", "at": to_text(world.clock.now()), "address": address_key("ida@example.org")}
    world.send("PreorderRecords", {"source": "standby", "detail-type": "CustomerErased", "detail": detail})
    world.settle()
    world.wait(minutes=2)
    assert "ida@example.org" not in str(list(world.memory.tables["Preorder"].every()))


def goods_come(sales: Sales) -> None:
    """Give a line its units, in pages; the allocator cannot mail the first two, and the sweep finds that."""
    world, former = sales.world, sales.world.tap
    release = str(sales.shop.today() + timedelta(days=60))
    sales.opens("GONG", capacity=9, release_on=release)
    first, *_ = made = [sales.holds(f"gong-{number}", "GONG") for number in range(5)]
    for each in made:
        sales.does(each, "confirm")
    path = f"/v1/reservations/{first}/prioritise"
    assert sales.asks("POST", path, {"reason": "an exception"}, scopes=OPS)[0] == 200
    world.settle()
    assert sales.own(sales.link("gong-4@example.org"))[1]["lines"][0]["place"] in range(1, 6)

    def no_mails(service: str, operation: str, parameters: Mapping[str, Any], make: Callable[..., Any]) -> Any:
        if "MailBulk" in parameters.get("QueueUrl", ""):
            raise ClientError({"Error": {"Code": "RequestThrottled", "Message": "later"}}, operation)
        return former(service, operation, parameters, make)

    world.tap = no_mails
    sales.shop.counts("GONG", 2)
    world.tap = former
    sales.shop.counts("GONG", 5)
    world.wait(minutes=2)
    assert sales.numbers("GONG") == (0, 5, 0)
    sales.shop.counts("GONG", 4)
    world.wait(minutes=12)
    assert sales.numbers("GONG") == (1, 4, -1)
    sales.shop.counts("GONG", 5)
    orders_follow(sales, [sales.reserves(f"gong-{number}", "GONG")[1]["id"] for number in range(2)])
    assert len({mail.email for mail in world.mails if mail.email.startswith("gong-")}) == 5


def units_vanish(line: WaitingLine) -> None:
    """Offer a unit that turns out not to be there."""
    line.begins(1, sku="HORN")
    line.shop.counts("HORN", 1)
    line.shop.counts("HORN", 0)
    assert line.answers("w0", "accept")[0] == 409
    line.world.wait(minutes=12)
    assert line.looks("w0")[0] == "expired"


def orders_follow(sales: Sales, made: list[str]) -> None:
    """Let the ERP place the orders of two reservations, ship one and cancel the other."""
    for number, (reservation_id, what) in enumerate(zip(made, ("shipped", "cancelled"), strict=True)):
        at = to_text(sales.world.clock.now())
        order = {"order_id": f"gong-{number}", "as_of": at}
        lines = [{"line_id": "1", "sku": "GONG", "quantity": 1}]
        sales.world.send(
            "OrderUpdates", order | {"type": "order.placed", "reservation_ids": [reservation_id], "lines": lines}
        )
        sales.world.settle()
        sales.world.send("OrderUpdates", order | {"type": f"order.{what}", "occurred_at": at})
        sales.world.settle()
    assert [sales.reservation(each)["status"] for each in made] == ["fulfilled", "cancelled"]
