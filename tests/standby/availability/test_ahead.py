"""What can be ordered ahead: in badges, listings, carts, products and feeds, open and closed by the clock."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.clock import to_text
from standby.shelf import items
from standby.shelf.ahead_model import Campaign, Window
from standby.shelf.model import BUYABLE, Heard, Listed, Product, Row, Supply, Variant, moves

from tests.gateway import http_event
from tests.promises.shop import OPS
from tests.promises.unruly import searching
from tests.standby.availability.storefront import API, QUEUE, Storefront, product_changed, row, variant
from tests.standby.preorder.sales import LAMP, PRICE, Sales

NOW = "2026-05-03T10:00:00Z"


@pytest.fixture
def sales(shop: Storefront) -> Sales:
    shop.world.send(QUEUE, product_changed("lamps", 1, variant(LAMP, 1), variant("LAMP-TIN", 1)))
    shop.world.settle()
    return Sales(shop)


def settled(sales: Sales) -> None:
    sales.world.wait(seconds=2)


def fed(shop: Storefront) -> dict[str, tuple[str, str]]:
    """Return the feed's availability and date by SKU."""
    answer = shop.world.run(API, http_event("GET", "/v1/feeds/availability.tsv"))
    lines = [line.split("\t") for line in base64.b64decode(answer["body"]).decode().splitlines()[1:]]
    return {sku: (availability, day) for sku, availability, day in lines}


def test_an_open_campaign_is_a_pre_order_with_its_date_everywhere(shop: Storefront, sales: Sales) -> None:
    sales.opens(capacity=3, release_on="2026-07")
    settled(sales)

    (badge,) = shop.badges(LAMP)
    assert (badge["status"], badge["label"], badge["units_left"]) == ("PreOrder", "Pre-order", None)
    assert (badge["release_on"], badge["back_on"], badge["actions"]) == ("2026-07", "2026-07-31", ["preorder"])
    (whole,) = shop.products("lamps")
    assert (whole["status"], whole["actions"]) == ("PreOrder", ["preorder"])
    product = shop.product("lamps")
    assert (product["status"], product["release_on"], product["back_on"]) == ("PreOrder", "2026-07", "2026-07-31")
    cell = next(each for each in product["variants"] if each["sku"] == LAMP)
    assert (cell["status"], cell["price"], cell["release_on"]) == ("PreOrder", PRICE, "2026-07")
    assert fed(shop)[LAMP] == ("preorder", "2026-07-31T00:00+0300")
    why = shop.why(LAMP)["steps"]
    assert "CampaignChanged" in why[-2]["event"]
    assert why[-2]["numbers"]["remaining"] == 3
    assert why[-1]["numbers"]["status"] == "PreOrder"


def test_a_fragment_says_pre_order_and_when_in_both_languages(shop: Storefront, sales: Sales) -> None:
    for release, english, hebrew in (
        ("2026-07", "expected in July 2026", "צפוי ביולי 2026"),
        ("2026-07-15", "expected 15 July 2026", "צפוי ב־15 ביולי 2026"),
        (
            "2026-07-01/2026-07-15",
            "expected between 1 July 2026 and 15 July 2026",
            "צפוי בין 1 ביולי 2026 ל־15 ביולי 2026",
        ),
    ):
        sales.opens(capacity=30, release_on=release)
        settled(sales)
        for locale, words in (
            ("en", f'Pre-order, <time datetime="2026-07-{"31" if release == "2026-07" else "15"}">{english}'),
            ("he", hebrew),
        ):
            page = shop.asks_for("lamps", ("locale", locale), accept="text/html")["body"]
            assert words in page
    (script,) = [part.split("</script>")[0] for part in page.split('<script type="application/ld+json">')[1:]]
    offers = {each["sku"]: each["offers"] for each in json.loads(script)["hasVariant"]}
    assert offers[LAMP]["availability"] == "https://schema.org/PreOrder"
    assert (offers[LAMP]["availabilityStarts"], offers[LAMP]["price"]) == ("2026-07-15", "59.00")


def test_a_back_order_of_what_the_erp_knows_says_few_left(shop: Storefront, sales: Sales) -> None:
    shop.counts(LAMP, 0)
    sales.opens(kind="backorder", capacity=4, limit_per_customer=3)
    settled(sales)
    assert shop.badges(LAMP)[0]["units_left"] is None
    sales.holds("ana")
    settled(sales)
    (badge,) = shop.badges(LAMP, accept_language="he")
    assert (badge["status"], badge["units_left"]) == ("BackOrder", 3)
    assert badge["label"] == "להזמנה עד שיחזור למלאי, נותרו 3 יחידות בלבד"
    assert badge["actions"] == ["preorder", "wait"]
    assert fed(shop)[LAMP][0] == "backorder"


def test_what_is_sold_out_or_closed_is_offered_no_longer(shop: Storefront, sales: Sales) -> None:
    sales.opens(capacity=2)
    held = sales.holds("ana", quantity=2)
    settled(sales)
    assert shop.statuses(LAMP) == ["SoldOut"]
    assert shop.products("lamps")[0]["status"] is not None
    assert fed(shop)[LAMP] == ("out_of_stock", "")
    sales.does(held, "cancel")
    settled(sales)
    assert shop.statuses(LAMP) == ["PreOrder"]
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    settled(sales)
    assert shop.statuses(LAMP) == ["SoldOut"]
    assert shop.products("lamps")[0]["status"] == "SoldOut"


def test_what_is_there_is_sold_before_what_is_ordered_ahead(shop: Storefront, sales: Sales) -> None:
    sales.opens(capacity=50)
    settled(sales)
    shop.counts(LAMP, 7)
    assert shop.statuses(LAMP) == ["InStock"]
    shop.counts(LAMP, 0)
    assert shop.statuses(LAMP) == ["PreOrder"]


def test_a_campaign_opens_and_closes_by_the_clock_without_any_event(shop: Storefront, sales: Sales) -> None:
    at = shop.world.clock.now()
    opens, closes = to_text(at + timedelta(hours=2)), to_text(at + timedelta(hours=5))
    early = {"opens_at": to_text(at), "tiers": ["gold"]}
    sales.opens(capacity=50, opens_at=opens, closes_at=closes, early_access=early)
    settled(sales)
    events = len(shop.world.events)

    def seen() -> list[Any]:
        rank = shop.world.request(API, "POST", "/v1/listings/rank", body={"product_ids": ["lamps", "other"]})[1]
        return [
            *shop.statuses(LAMP),
            shop.products("lamps")[0]["status"],
            shop.product("lamps")["status"],
            fed(shop)[LAMP][0],
            rank["items"][0],
        ]

    assert seen() == ["SoldOut", "SoldOut", "SoldOut", "out_of_stock", "other"], "early access is not for all"
    shop.world.clock.advance(hours=2)
    assert seen() == ["PreOrder", "PreOrder", "PreOrder", "preorder", "lamps"]
    shop.world.clock.advance(hours=3)
    assert seen() == ["SoldOut", "SoldOut", "SoldOut", "out_of_stock", "other"]
    assert len(shop.world.events) == events


def test_incoming_goods_are_sold_ahead_as_far_as_they_are_promised_to_nobody(shop: Storefront, sales: Sales) -> None:
    shop.counts(LAMP, 0)
    sales.opens(capacity="incoming")
    settled(sales)
    assert shop.statuses(LAMP) == ["SoldOut"]
    shop.orders(LAMP, 3, "2026-06-01")
    assert (shop.statuses(LAMP), shop.badges(LAMP)[0]["units_left"]) == (["PreOrder"], 3)
    sales.holds("ana", quantity=2)
    settled(sales)
    assert (shop.statuses(LAMP), shop.badges(LAMP)[0]["units_left"]) == (["PreOrder"], 1)
    sales.holds("ben")
    settled(sales)
    assert shop.statuses(LAMP) == ["OutOfStock"]


def test_a_cart_can_have_what_is_ordered_ahead_up_to_the_limit(shop: Storefront, sales: Sales) -> None:
    sales.opens(capacity=5, limit_per_customer=3)
    settled(sales)
    fits = shop.checks((LAMP, 3))["lines"][0]
    assert (fits["can_be_had"], fits["preorder"], fits["back_on"]) == (True, True, "2026-07-15")
    assert [line["units"] for line in shop.checks((LAMP, 2), (LAMP, 2))["lines"]] == [2, 1]
    assert shop.checks((LAMP, 4))["can_be_had"] is False


def test_a_product_that_does_not_come_back_is_not_sold_ahead(shop: Storefront, sales: Sales) -> None:
    sales.opens(capacity=5)
    shop.world.send(QUEUE, product_changed("lamps", 2, variant(LAMP, 2, discontinued=True)))
    settled(sales)
    assert shop.statuses(LAMP) == ["Discontinued"]


def test_a_release_that_is_over_or_far_has_no_date_for_platforms(shop: Storefront, sales: Sales) -> None:
    sales.opens(capacity=5, release_on="2027-12")
    settled(sales)
    assert (shop.statuses(LAMP), fed(shop)[LAMP]) == (["PreOrder"], ("out_of_stock", ""))
    sales.opens(capacity=5, release_on="2026-05-04")
    settled(sales)
    shop.world.clock.advance(hours=40)  # it is the fifth of May everywhere but at UTC-12
    (badge,) = shop.badges(LAMP)
    assert (badge["status"], badge["back_on"], badge["back_on_firm"]) == ("PreOrder", None, None)
    assert fed(shop)[LAMP] == ("out_of_stock", "")


def test_an_older_word_about_a_campaign_changes_nothing(shop: Storefront, sales: Sales) -> None:
    for capacity in (5, 7):
        sales.opens(capacity=capacity)
        settled(sales)
    first = {"source": "standby", "detail-type": "CampaignChanged", "detail": sales.told("CampaignChanged")[0]}
    shop.world.send(QUEUE, first)
    settled(sales)
    assert row(shop.world, LAMP).campaign.remaining == 7


def test_a_campaign_that_is_over_leaves_no_count_behind(shop: Storefront, sales: Sales) -> None:
    closes = to_text(shop.world.clock.now() + timedelta(hours=1))
    sales.opens(capacity=5, closes_at=closes)
    settled(sales)
    key = items.product_key("lamps")
    assert [name for name in shop.table().item(key) or {} if name.startswith(items.AHEAD_PREFIX)] != []
    shop.world.clock.advance(hours=2)
    shop.counts(LAMP, 9)
    assert [name for name in shop.table().item(key) or {} if name.startswith(items.AHEAD_PREFIX)] == []


# ---- whatever the numbers, the campaign and the hour ----

BEGIN = datetime.fromisoformat(NOW)
hours = st.integers(0, 6).map(lambda number: to_text(BEGIN + timedelta(hours=number)))
supplies = st.builds(
    Supply,
    revision=st.integers(0, 1),
    sellable=st.integers(0, 4),
    low_stock=st.just(3),
    incoming=st.integers(0, 4),
    missing=st.integers(0, 4),
    in_store=st.integers(0, 1),
)
campaigns = st.builds(
    Campaign,
    edition=st.integers(0, 1),
    status=st.sampled_from(["PreOrder", "BackOrder"]),
    opens_at=hours,
    closes_at=st.one_of(st.just(""), hours),
    promised_until=st.just("2026-06-01"),
    remaining=st.one_of(st.none(), st.integers(0, 2)),
)
variants = st.builds(Variant, edition=st.just(1), product_id=st.just("P"), discontinued=st.booleans())
heard = st.just(Heard(event="E", at=NOW))
rows = st.builds(
    Row, sku=st.just("S"), supply=supplies, campaign=campaigns, variant=variants, of_supply=heard, of_variant=heard
)


def by_hand(shown: Row, at: str) -> str | None:
    """Return a row's status at an instant, by the rules as sentences."""
    supply, said = shown.supply, shown.campaign
    units = said.remaining if said.remaining is not None else supply.incoming - supply.missing
    begun = bool(said.edition) and said.opens_at <= at
    running = begun and (said.closes_at == "" or at < said.closes_at)
    if running and units > 0 and not supply.sellable and not shown.variant.discontinued:
        return said.status
    return shown.status


@searching(examples=40, steps=1)
@given(shown=st.lists(rows, min_size=1, max_size=4), at=hours)
def test_row_product_and_feed_agree_at_every_hour(shown: list[Row], at: str) -> None:
    statuses = [by_hand(each, at) for each in shown]
    assert [each.status_at(at) for each in shown] == statuses
    assert [Listed.of(each.listing or "").status_at(at) for each in shown] == statuses
    assert [items.row({**items.row_values(each), "edition": 1}).campaign for each in shown] == [
        each.campaign if each.campaign.edition else Campaign() for each in shown
    ]
    moved = moves((Row(sku="S"), each) for each in shown)["P"]
    summary = {items.count_attribute(each): by for each, by in moved.items()}
    product = items.product({**items.product_key("P"), **summary})
    best = next(
        status for status in ("InStock", "LimitedAvailability", "PreOrder", "BackOrder", *REST) if status in statuses
    )
    assert product.status_at(at) == best
    assert (product.status in BUYABLE) == (best in BUYABLE)


REST = ("InStoreOnly", "OutOfStock", "SoldOut", "Discontinued")


def test_a_window_is_read_as_it_was_written() -> None:
    for window in (Window("PreOrder", NOW, ""), Window("BackOrder", NOW, "2026-06-01T00:00:00.000Z")):
        assert Window.of(window.text) == window
    assert Product(product_id="P").status_at(NOW) is None
