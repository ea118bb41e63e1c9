"""The waitlist and pre-orders of one SKU: who pre-ordered waits for it no longer, and what is owed wakes nobody."""

from tests.promises.shop import OPS
from tests.standby.preorder.sales import LAMP, Sales

ANA = "ana@example.org"


def waiting(sales: Sales, sku: str = LAMP) -> tuple[int, int, int]:
    """Return how many wait for a SKU, for how many units, and how many left."""
    _, counts = sales.world.request("waitlist_api", "GET", f"/v1/waitlist/{sku}", scopes=OPS)
    return counts["waiting"], counts["units_wanted"], counts["left"]


def orders(sales: Sales, key: str, email: str, **more: object) -> None:
    sales.does(sales.holds(key, email=email, **more), "confirm")
    sales.world.settle()


def test_who_pre_ordered_leaves_the_line_for_that_sku_and_no_other(sales: Sales) -> None:
    for sku in (LAMP, "SHADE"):
        sales.shop.counts(sku, 0)
        sales.shop.waits(ANA, sku)
        sales.shop.waits("ben@example.org", sku)
    sales.opens(capacity=5)
    sales.world.clock.advance(seconds=1)
    held = sales.holds("ana", email=ANA)
    sales.world.settle()
    assert waiting(sales) == (2, 2, 0), "a hold is not an order"

    sales.does(held, "confirm")
    sales.world.settle()
    assert waiting(sales) == (1, 1, 1)
    assert waiting(sales, "SHADE") == (2, 2, 0)

    sales.shop.counts(LAMP, 2)
    sales.world.wait(minutes=2)
    told = [mail.email for mail in sales.world.mails if "back in stock" in mail.subject.lower()]
    assert told == ["ben@example.org"], "one is owed to Ana, and Ben may have the other"


def test_an_entry_for_any_of_several_goes_on_waiting_for_the_others(sales: Sales) -> None:
    for sku in (LAMP, "SHADE"):
        sales.shop.counts(sku, 0)
    sales.shop.waits(ANA, LAMP, "SHADE")
    sales.opens(capacity=5)
    sales.world.clock.advance(seconds=1)
    orders(sales, "ana", ANA)
    assert (waiting(sales)[0], waiting(sales, "SHADE")[0]) == (0, 1)
    sales.shop.counts("SHADE", 1)
    sales.world.wait(minutes=2)
    assert [mail.email for mail in sales.world.mails if "back in stock" in mail.subject.lower()] == [ANA]


def test_who_waits_again_after_the_order_goes_on_waiting(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    sales.opens(capacity=5)
    orders(sales, "ana", ANA)
    events = list(sales.told("ReservationConfirmed"))
    sales.world.clock.advance(minutes=1)
    sales.shop.waits(ANA, LAMP)
    envelope = {"source": "standby", "detail-type": "ReservationConfirmed", "detail": events[0]}
    sales.world.send("WaitlistRecords", envelope)
    sales.world.settle()
    assert waiting(sales)[0] == 1, "an event that comes late is about what was before it"


def test_what_is_owed_wakes_nobody(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    sales.shop.waits("zoe@example.org", LAMP)
    sales.opens(capacity=5)
    orders(sales, "ana", ANA, quantity=3)
    sales.shop.counts(LAMP, 3)
    sales.world.wait(minutes=2)
    assert "zoe@example.org" not in {mail.email for mail in sales.world.mails}
    assert sales.told("Restocked") == []


# ---- early access for who waits ----

EARLY, OPENS = "2026-05-03T11:00:00Z", "2026-05-05T10:00:00Z"


def opens_early(sales: Sales, **more: object) -> None:
    early = {"opens_at": EARLY, "waitlist": True, **more}
    sales.opens(capacity=5, opens_at=OPENS, early_access=early)
    sales.world.wait(seconds=2)


def invited(sales: Sales) -> list[str]:
    return [mail.email for mail in sales.world.mails if mail.subject.startswith("Before everybody else")]


def test_who_waits_is_told_once_in_order_and_may_reserve_before_the_campaign_opens(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    for name in ("ana", "ben"):
        sales.shop.waits(f"{name}@example.org", LAMP)
        sales.world.clock.advance(seconds=1)
    opens_early(sales)
    assert invited(sales) == [ANA, "ben@example.org"]
    assert waiting(sales)[0] == 2, "nobody's place changes"
    assert sales.reserves("ana")[0] == 409, "it opens for them in an hour"

    sales.world.wait(hours=1)
    assert sales.reserves("ana-early", email="Ana@example.org")[0] == 201
    assert sales.reserves("zoe", email="zoe@example.org")[1]["detail"].endswith("opens at 2026-05-05T10:00:00.000Z")
    opens_early(sales, tiers=["gold"])
    assert len(invited(sales)) == 2, "once a campaign"
    sales.world.wait(hours=48)
    assert sales.reserves("zoe-later", email="zoe@example.org")[0] == 201


def test_a_campaign_that_does_not_invite_them_tells_nobody(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    sales.shop.waits(ANA, LAMP)
    sales.opens(capacity=5, opens_at=OPENS, early_access={"opens_at": EARLY, "tiers": ["gold"]})
    sales.world.wait(hours=2)
    assert invited(sales) == []
    assert sales.reserves("ana", email=ANA)[0] == 409


def test_the_next_campaign_invites_anew_and_only_to_itself(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    sales.shop.waits(ANA, LAMP)
    opens_early(sales)
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    sales.opens(capacity=5, opens_at=OPENS, early_access={"opens_at": EARLY, "tiers": ["gold"]})
    sales.world.wait(hours=2)
    assert sales.reserves("ana", email=ANA)[0] == 409, "this one invited nobody who waits"
    opens_early(sales)
    assert invited(sales) == [ANA] * 2
    assert sales.reserves("ana-2", email=ANA)[0] == 201


def test_early_access_for_nobody_is_refused(sales: Sales) -> None:
    terms = {"kind": "preorder", "capacity": 5, "release_on": "2026-07", "price": {"amount": 1, "currency": "EUR"}}
    body = {**terms, "opens_at": OPENS, "early_access": {"opens_at": EARLY}}
    assert sales.asks("PUT", f"/v1/campaigns/{LAMP}", body, scopes=OPS)[0] == 400
