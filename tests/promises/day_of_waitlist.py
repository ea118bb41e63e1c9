"""A broad day of the waitlist's: what is waited for does not come back."""

from datetime import timedelta

from standby.platform.clock import to_text

from tests.promises.shop import CONSENT, Shop
from tests.standby.availability.storefront import QUEUE, discontinued, product_changed, variant
from tests.standby.preorder.sales import Sales
from tests.standby.waitlist.invited import Inviting, invitations

QUIET_DAYS = 60


def everything_happens(shop: Shop) -> None:
    """End an entry, and take a SKU from one that waits for another too."""
    world = shop.world
    for sku in ("ENDS", "STAYS"):
        shop.counts(sku, 0)
    shop.waits("one@example.org", "ENDS")
    shop.waits("two@example.org", "ENDS", "STAYS")
    for queue in (QUEUE, "WaitlistPlans"):
        world.send(queue, discontinued("ENDS", 1, None))
    world.settle()
    for _ in range(2):
        world.wait(minutes=3)
    shop.settings(date_slip_days=1)
    eta = str(shop.today() + timedelta(days=9))
    said = {"type": "stock.incoming", "purchase_order_id": "DATED", "sku": "STAYS", "quantity": 1, "eta": eta}
    world.send("StockUpdates", {**said, "as_of": to_text(world.clock.now())})
    world.settle()
    world.wait(minutes=6)
    shop.settings(date_slip_days=0)
    opens = to_text(world.clock.now() + timedelta(hours=2))
    early = {"opens_at": to_text(world.clock.now()), "waitlist": True}
    sales = Sales(shop)
    sales.opens("STAYS", opens_at=opens, release_on=eta, early_access=early)
    world.wait(seconds=2)
    sales.does(sales.holds("two", "STAYS"), "cancel")
    world.wait(seconds=2)
    the_weekly_list_goes_out(shop)
    somebody_goes_quiet(shop)
    a_store_offer_goes_out(shop)
    assert (shop.figures("ENDS")["waiting"], shop.figures("STAYS")["waiting"]) == (0, 1)


def the_weekly_list_goes_out(shop: Shop) -> None:
    """Let somebody get the list of what is back in stock, and end it."""
    world = shop.world
    for sku in ("LISTED", "FOLLOWED"):
        world.send(QUEUE, product_changed(sku.lower(), 1, variant(sku, 1), category="lists"))
        shop.counts(sku, 1)
        shop.counts(sku, 0)
    consent = {**CONSENT, "marketing": True, "at": to_text(world.clock.now()), "source": "checkout"}
    shop.waits("list@example.org", "FOLLOWED", digest=True, consent=consent)
    world.wait(hours=2)
    shop.counts("LISTED", 1)
    world.wait(seconds=2)
    world.send("WaitlistSweeps", {"sweep": "digest", "issue": "2026-05-07"})
    world.settle()
    mail = next(mail for mail in reversed(world.mails) if mail.email == "list@example.org")
    query = {"token": mail.link("digest/leave")}
    for method in ("GET", "POST"):
        assert world.request("waitlist_api", method, "/v1/waitlist/digest/leave", query=query)[0] == 200
    world.settle()


def somebody_goes_quiet(shop: Shop) -> None:
    """Let somebody who agreed to advertising be told something and do nothing more, and then sign up again."""
    world = shop.world
    for sku in ("FORGOTTEN", "REMEMBERED"):
        shop.counts(sku, 1)
        shop.counts(sku, 0)
    consent = {**CONSENT, "marketing": True, "source": "checkout"}
    quiet = "quiet@example.org"
    shop.waits(quiet, "FORGOTTEN", consent={**consent, "at": to_text(world.clock.now())})
    world.settle()
    shop.counts("FORGOTTEN", 1)
    for days in (8, QUIET_DAYS):
        world.clock.advance(days=days)
        world.send("WaitlistSweeps", {"sweep": "due"})
        world.settle()
    shop.waits(quiet, "REMEMBERED", consent={**consent, "at": to_text(world.clock.now())})
    world.send("WaitlistSweeps", {"sweep": "due"})
    world.settle()
    assert [name for name in world.names() if name in {"CustomerWentQuiet", "CustomerReengaged"}] == [
        "CustomerWentQuiet",
        "CustomerReengaged",
    ]


def a_store_offer_goes_out(shop: Shop) -> None:
    """Let somebody be invited to a store and refuse it, and the shop change and end the offer."""
    inviting = Inviting(shop.world)
    inviting.opens("dizengoff")
    inviting.sells("IN-STORE")
    inviting.has("dizengoff", "IN-STORE", 2)
    for name in ("guest@example.org", "erased@example.org"):
        inviting.wishes(name, "IN-STORE")
    today = shop.today().isoformat()
    for most in (1, 5):
        inviting.offers(skus=["IN-STORE"], since=today, until=today, hour=0, most=most)
        inviting.invites()
    query = {"token": invitations(shop.world)[0].link("store-offers/leave")}
    for method in ("GET", "POST"):
        assert shop.world.request("waitlist_api", method, "/v1/waitlist/store-offers/leave", query=query)[0] == 200
    assert shop.world.request("waitlist_api", "GET", "/v1/store-offers", scopes="ops")[0] == 200
    inviting.shown()
    inviting.ends()
