"""What a storefront is answered: badges in the order asked, carts, listings, and what a CDN may keep."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.availability.service import Badges
from standby.availability.wording import Wording
from standby.platform.clock import to_text
from standby.shelf.model import BUYABLE, Row, Supply

from tests.fakes import FakeClock
from tests.standby.availability.storefront import API, QUEUE, Storefront, product_changed, variant


def test_badges_come_in_the_order_asked_and_say_everything(shop: Storefront) -> None:
    shop.counts("MUG", 40)
    shop.counts("CUP", 2)
    shop.counts("HAT", 0)

    mug, nobody, hat, cup = shop.badges("MUG", "NOBODY'S", "HAT", "CUP")

    assert mug == {
        "sku": "MUG",
        "product_id": None,
        "status": "InStock",
        "label": "In stock",
        "units_left": None,
        "back_on": None,
        "back_on_firm": None,
        "release_on": None,
        "actions": ["buy"],
        "as_of": "2026-05-03T10:00:00.000Z",
    }
    assert (cup["status"], cup["label"], cup["units_left"]) == ("LimitedAvailability", "Only 2 left", 2)
    assert (hat["status"], hat["label"], hat["actions"]) == ("SoldOut", "Sold out", ["wait"])
    assert (nobody["status"], nobody["actions"], nobody["as_of"]) == (None, [], None)


def test_a_sku_with_any_characters_is_found(shop: Storefront) -> None:
    name = "TEE & CO, 50% / M"
    shop.counts(name, 7)
    assert shop.statuses(name, name) == ["InStock"] * 2


def test_a_hundred_badges_are_one_request_to_the_table(shop: Storefront) -> None:
    shop.counts("S-7", 9)
    shop.statuses("S-7")  # a cold start asks for nothing else
    before = len(shop.world.calls)

    assert shop.statuses(*(f"S-{number}" for number in range(100)))[7] == "InStock"

    assert shop.world.calls[before:] == [(API, "dynamodb", "BatchGetItem")]


def test_a_cart_of_a_hundred_lines_is_one_request_to_the_table(shop: Storefront) -> None:
    shop.checks(("S-1", 1))
    before = len(shop.world.calls)
    shop.checks(*((f"S-{number % 60}", 1) for number in range(100)))
    assert shop.world.calls[before:] == [(API, "dynamodb", "BatchGetItem")]


@pytest.mark.parametrize(
    "query",
    [
        [],
        [("locale", "en")],
        [("sku", "MUG"), ("product_id", "mugs")],
        [("sku", f"S-{number}") for number in range(101)],
        [("product_id", f"P-{number}") for number in range(101)],
        [("sku", "")],
        [("sku", "a\nb")],
        [("sku", "MUG"), ("locale", "x" * 36)],
        [("sku", "MUG"), ("locale", "en"), ("locale", "he")],
    ],
)
def test_what_cannot_be_answered_is_said_to_be_malformed(shop: Storefront, query: list[tuple[str, str]]) -> None:
    answer = shop.asks(*query)
    assert (answer["statusCode"], json.loads(answer["body"])["type"]) == (400, "/problems/malformed")
    assert answer["headers"]["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "accepted", "label"),
    [
        ([], "he-IL,he;q=0.9,en;q=0.8", "במלאי"),
        ([], "fr,en;q=0.1,he;q=0.2", "במלאי"),
        ([], "de, fr;q=0.5", "In stock"),
        ([], "he;q=0, *", "In stock"),
        ([], "he;q=strange", "In stock"),
        ([("locale", "he_IL")], "en", "במלאי"),
        ([("locale", "fr")], "he", "In stock"),
        ([("locale", "")], "he", "In stock"),
    ],
)
def test_a_label_speaks_the_readers_language(
    shop: Storefront, query: list[tuple[str, str]], accepted: str, label: str
) -> None:
    shop.counts("MUG", 40)
    answer = shop.asks(("sku", "MUG"), *query, accept_language=accepted)
    assert json.loads(answer["body"])["items"][0]["label"] == label
    assert answer["headers"]["Vary"] == "Accept-Language"


def test_every_language_says_every_status() -> None:
    texts = Wording.of("en").texts
    dual = {f"{status}.two" for status in ("LimitedAvailability", "PreOrder", "BackOrder")}  # which English has not
    assert {frozenset(said) - dual for said in texts.values()} == {frozenset(texts["en"])}
    assert {"en", "he"} <= texts.keys()


def test_a_shop_of_another_language_falls_back_on_english() -> None:
    assert Wording.of("pt-BR").reader(None, None).language == "en"
    assert Wording.of("he-IL").reader(None, None).language == "he"


# ---- what browsers and CDNs keep ----


def test_who_has_an_answer_is_told_that_it_still_holds_until_it_does_not(shop: Storefront) -> None:
    shop.counts("MUG", 40)
    answer = shop.asks(("sku", "MUG"))
    etag = answer["headers"]["ETag"]
    assert answer["headers"]["Cache-Control"] == "public, max-age=5"

    for known in (etag, f'"another", W/{etag}', "*"):
        again = shop.asks(("sku", "MUG"), if_none_match=known)
        assert (again["statusCode"], again["body"], again["headers"]["ETag"]) == (304, "", etag)
        assert "Content-Type" not in again["headers"]
    assert shop.asks(("sku", "MUG"), if_none_match='"another"')["statusCode"] == 200

    shop.counts("MUG", 1)
    now = shop.asks(("sku", "MUG"), if_none_match=etag)
    assert now["statusCode"] == 200
    assert now["headers"]["ETag"] != etag


def test_head_says_what_get_would_without_the_badges(shop: Storefront) -> None:
    shop.counts("MUG", 40)
    got, asked = shop.asks(("sku", "MUG")), shop.asks(("sku", "MUG"), method="HEAD")
    assert (asked["statusCode"], asked["body"], asked["headers"]) == (200, "", got["headers"])


def test_what_needs_a_key_is_kept_by_nobody(shop: Storefront) -> None:
    shop.counts("MUG", 40)
    event = {"method": "GET", "path": "/v1/availability/MUG/why"}
    assert shop.world.request(API, **event, scopes="")[0] == 403
    assert shop.world.request(API, **event, scopes="ops")[0] == 200


# ---- when it is back ----


def test_goods_on_their_way_are_expected_on_the_first_day_that_is_not_over(shop: Storefront) -> None:
    today = shop.today()
    days = [(today + timedelta(days=days)).isoformat() for days in (-2, 3, 9)]
    shop.counts("KETTLE", 0)
    for number, day in enumerate(days):
        shop.orders("KETTLE", 5, day, purchase_order_id=f"P-{number}")

    (badge,) = shop.badges("KETTLE")
    assert (badge["status"], badge["back_on"], badge["actions"]) == ("OutOfStock", days[1], ["wait"])

    shop.world.clock.advance(days=4)
    assert shop.badges("KETTLE")[0]["back_on"] == days[2]
    shop.world.clock.advance(days=9)
    assert (shop.badges("KETTLE")[0]["status"], shop.badges("KETTLE")[0]["back_on"]) == ("OutOfStock", None)


def test_a_day_is_firm_until_an_order_is_late(shop: Storefront) -> None:
    """Late by what the ERP says when it speaks, or by the time that passes while it is silent."""
    today = shop.today()
    early, late = ((today + timedelta(days=days)).isoformat() for days in (3, 9))
    shop.counts("KETTLE", 0)
    shop.orders("KETTLE", 5, early, purchase_order_id="P-1")
    shop.orders("KETTLE", 5, late, purchase_order_id="P-2")
    assert expected(shop) == (early, True)
    assert shop.checks(("KETTLE", 1))["lines"][0]["back_on_firm"] is True

    shop.world.clock.advance(days=4)
    assert expected(shop) == (late, False)
    shop.orders("KETTLE", 6, late, purchase_order_id="P-2")
    assert expected(shop) == (late, False)
    shop.orders("KETTLE", 5, late, purchase_order_id="P-1")
    assert expected(shop) == (late, True)
    shop.counts("KETTLE", 1)
    assert expected(shop) == (None, None)


def expected(shop: Storefront) -> tuple[str | None, bool | None]:
    (badge,) = shop.badges("KETTLE")
    return badge["back_on"], badge["back_on_firm"]


def test_what_can_be_bought_says_no_day_but_a_cart_that_wants_more_does(shop: Storefront) -> None:
    day = (shop.today() + timedelta(days=3)).isoformat()
    shop.counts("KETTLE", 5)
    shop.orders("KETTLE", 5, day)

    assert shop.badges("KETTLE")[0]["back_on"] is None
    fits, wants = shop.checks(("KETTLE", 5))["lines"][0], shop.checks(("KETTLE", 6))["lines"][0]
    assert (fits["can_be_had"], fits["units"], fits["back_on"]) == (True, 5, None)
    assert (wants["can_be_had"], wants["units"], wants["back_on"]) == (False, 5, day)


# ---- carts ----


def test_lines_of_one_sku_share_its_units(shop: Storefront) -> None:
    shop.counts("MUG", 5)
    shop.counts("CUP", 1)

    checked = shop.checks(("MUG", 2), ("CUP", 1), ("MUG", 4), ("NOBODY'S", 1))

    assert [(line["can_be_had"], line["units"]) for line in checked["lines"]] == [
        (True, 2),
        (True, 1),
        (False, 3),
        (False, 0),
    ]
    assert checked["can_be_had"] is False
    assert shop.checks(("MUG", 2), ("MUG", 3))["can_be_had"] is True


@pytest.mark.parametrize(
    "lines",
    [[], [{"sku": "MUG", "quantity": 0}], [{"quantity": 1}], [{"sku": "MUG"}] * 101, [{"sku": "", "quantity": 1}]],
)
def test_a_cart_that_is_none_is_malformed(shop: Storefront, lines: list[Any]) -> None:
    status, answer = shop.world.request(API, "POST", "/v1/availability/check", body={"lines": lines})
    assert (status, answer["type"]) == (400, "/problems/malformed")


def test_a_line_without_a_quantity_wants_one(shop: Storefront) -> None:
    shop.counts("MUG", 1)
    _, answer = shop.world.request(API, "POST", "/v1/availability/check", body={"lines": [{"sku": "MUG"}]})
    assert answer["can_be_had"] is True


# ---- products ----


def test_a_products_badge_is_the_best_of_its_rows(shop: Storefront) -> None:
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1), variant("BLUE", 1)))
    shop.counts("RED", 0)
    assert [(badge["sku"], badge["product_id"], badge["status"]) for badge in shop.products("mugs", "hats")] == [
        (None, "mugs", "SoldOut"),
        (None, "hats", None),
    ]

    for units, status, actions in (
        (2, "LimitedAvailability", ["buy"]),
        (9, "InStock", ["buy"]),
        (0, "SoldOut", ["wait"]),
    ):
        shop.counts("BLUE", units)
        (badge,) = shop.products("mugs")
        assert (badge["status"], badge["actions"]) == (status, actions)
        assert badge["label"]


def test_a_product_offers_to_wait_only_where_one_of_its_skus_can_be_waited_for(shop: Storefront) -> None:
    """What only the catalogue knows has no waitlist, and what is discontinued comes back no more."""
    shop.world.send(QUEUE, product_changed("mugs", 1, variant("RED", 1), variant("BLUE", 1)))
    shop.world.settle()
    assert [(badge["status"], badge["actions"]) for badge in shop.products("mugs")] == [("SoldOut", [])]
    shop.counts("RED", 0)
    assert [badge["actions"] for badge in shop.products("mugs")] == [["wait"]]
    shop.world.send(QUEUE, product_changed("mugs", 2, variant("RED", 2, discontinued=True)))
    shop.world.settle()
    assert [(badge["status"], badge["actions"]) for badge in shop.products("mugs")] == [("SoldOut", [])]


def test_a_hundred_products_are_one_request_to_the_table(shop: Storefront) -> None:
    shop.products("mugs")
    before = len(shop.world.calls)
    shop.products(*(f"P-{number}" for number in range(100)))
    assert shop.world.calls[before:] == [(API, "dynamodb", "BatchGetItem")]


# ---- listings ----


class Units:
    """A shelf of so many units of each SKU."""

    def __init__(self, units: dict[str, int]) -> None:
        self.units = units

    def rows(self, skus: Any) -> dict[str, Row]:
        as_of = to_text(FakeClock().now())
        return {
            sku: Row(sku=sku, supply=Supply(revision=1, sellable=self.units[sku], as_of=as_of))
            for sku in skus
            if sku in self.units
        }

    def products(self, product_ids: Any) -> dict[str, Any]:
        return {}


listings = st.permutations([f"S-{number}" for number in range(12)])
units = st.dictionaries(st.sampled_from([f"S-{number}" for number in range(12)]), st.integers(0, 2))


@given(listing=listings, first=units, then=units)
def test_a_listing_keeps_its_order_on_both_sides_and_gets_it_back(
    listing: list[str], first: dict[str, int], then: dict[str, int]
) -> None:
    def ranked(units: dict[str, int]) -> list[str]:
        badges = Badges(
            shelf=Units(units), wording=Wording.of("en"), clock=FakeClock(), zone=ZoneInfo("Asia/Jerusalem")
        )
        return list(badges.rank_skus(listing)["items"])

    def sold_out(units: dict[str, int]) -> list[str]:
        return [sku for sku in listing if units.get(sku, 1) == 0]

    for known in (first, then):
        assert ranked(known) == [sku for sku in listing if sku not in sold_out(known)] + sold_out(known)
    assert ranked(dict.fromkeys(first, 1)) == listing
    assert ranked({}) == listing


def test_a_listing_of_products_ends_with_what_is_sold_out(shop: Storefront) -> None:
    for number, (name, units) in enumerate({"hats": 0, "mugs": 3, "caps": 0, "cups": 9}.items()):
        shop.world.send(QUEUE, product_changed(name, 1, variant(f"{name}-{number}", 1)))
        shop.counts(f"{name}-{number}", units)

    shop.world.send(QUEUE, product_changed("pots", 1, variant("POT", 1)))
    shop.world.settle()
    shop.world.send(QUEUE, product_changed("pots", 2, variant("POT", 2, gone=True)))
    shop.world.settle()

    asked = {"product_ids": ["hats", "pots", "mugs", "new", "caps", "cups"]}
    assert shop.world.request(API, "POST", "/v1/listings/rank", body=asked) == (
        200,
        {"items": ["mugs", "new", "cups", "hats", "pots", "caps"], "next": None},
    )
    assert {badge["status"] in BUYABLE for badge in shop.products("mugs", "cups")} == {True}


@pytest.mark.parametrize(
    "body", [{}, {"skus": []}, {"skus": ["A"], "product_ids": ["B"]}, {"skus": ["A", "A"]}, {"skus": ["A"] * 101}]
)
def test_a_listing_that_is_none_is_malformed(shop: Storefront, body: dict[str, Any]) -> None:
    status, answer = shop.world.request(API, "POST", "/v1/listings/rank", body=body)
    assert (status, answer["type"]) == (400, "/problems/malformed")
