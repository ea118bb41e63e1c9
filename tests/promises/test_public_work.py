"""What a public route costs: the same calls to AWS whatever is known of an address, and few of them for anybody.

The routes are those of ``openapi.json``, so a new one fails here until it is said how to call it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standby.availability.alternatives import MOST_SIMILAR
from standby.availability.pictures.repository import PictureRepository
from standby.availability.swaps import MOST_PRODUCTS
from standby.events.fields import MOST_VARIANTS
from standby.platform.address import address_key
from standby.platform.table import Put, Table
from standby.platform.tokens import TokenKeys, Tokens
from standby.preorder.model import MOST_LINES
from standby.shelf.items import row_values, store_values
from standby.shelf.model import Head, Row, Store, Supply, Variant
from standby.shelf.pictures import BANDS, SEEN, Picture
from standby.waitlist.model import CONFIRMATIONS_A_DAY, MOST_ENTRIES, MOST_UNCONFIRMED

from tests.gateway import http_event
from tests.promises.public_routes import (
    CHECK,
    FILES,
    INSTEAD,
    MOST_CALLS,
    NEAR,
    OFFERED,
    PAGES,
    RESERVED,
    RETURNED,
    SIGN_UP,
    TRACKED,
)
from tests.promises.shop import CONSENT, Shop
from tests.standby.availability.storefront import Storefront
from tests.standby.availability.test_json_ld import LARGEST_ANSWER
from tests.standby.preorder.line import WaitingLine
from tests.standby.preorder.sales import LAMP, Sales
from tests.world import World

pytestmark = pytest.mark.promise("P11")

PATHS = json.loads((Path(__file__).parents[2] / "openapi.json").read_text("utf-8"))["paths"]
SKUS = [f"SKU-{number}" for number in range(10)]
OTHERS = [f"OTHER-{number}" for number in range(MOST_UNCONFIRMED + 5)]
BROWSER, FORM = {"accept": "text/html"}, {"content-type": "application/x-www-form-urlencoded"}
KEYS, BIG = Tokens(TokenKeys("a-key-of-the-test")), "big@example.org"

LATER = "2026-08-20"
PLENTY = Supply(revision=1, sellable=9)
LISTING = [f"SHOWN-{number}" for number in range(100)]
SHELF: dict[str, list[dict[str, Any]]] = {
    "GET /v1/availability": [
        {"query": [("sku", sku) for sku in LISTING]},
        {"query": [("product_id", product) for product in LISTING]},
    ],
    "POST /v1/listings/rank": [{"body": {"skus": LISTING}}, {"body": {"product_ids": LISTING}}],
    "GET /v1/feeds/availability.tsv": [{}],
    "GET /v1/feeds/availability.jsonl": [{}],
}
"""What storefronts ask at most, by the routes that no mail leads to."""


@pytest.fixture
def shop(world: World) -> Shop:
    shop = Shop(world)
    for sku in (*SKUS, *OTHERS):
        shop.counts(sku, 0)
    return shop


def ask(world: World, method: str, path: str, **more: Any) -> Any:
    """Return what the gateway is answered."""
    return world.run("waitlist_api", http_event(method, path, **more))


def calls_of(world: World, method: str, path: str, **more: Any) -> tuple[list[str], Any]:
    """Return the calls to AWS that a request takes, and its answer. The function is cold, so it reads its keys, too."""
    world.restart()
    begin = len(world.calls)
    answer = ask(world, method, path, **more)
    return [operation for function, _, operation in world.calls[begin:] if function == "waitlist_api"], answer


def link(world: World, purpose: str, email: str, entry: str = "") -> dict[str, str]:
    """Return the query of a link, as a mail to this address carries it."""
    subject = {"a": address_key(email), **({"e": entry} if entry else {})}
    return {"token": KEYS.issue(purpose, subject, now=world.clock.now(), lifetime=timedelta(days=7))}


def told(shop: Shop, email: str, *, times: int = 1) -> None:
    """Let somebody be told about each of the SKUs, so that ten places in line are gone."""
    for number in range(times):
        for sku in SKUS:
            shop.counts(sku, 0)
            shop.waits(email, sku)
        for sku in SKUS:
            shop.counts(sku, 5)
        assert shop.told()[email] == (number + 1) * len(SKUS)


def left(shop: Shop, email: str) -> None:
    assert ask(shop.world, "POST", "/v1/waitlist/leave", query=link(shop.world, "leave", email))["statusCode"] == 200
    shop.world.settle()


def bounced(shop: Shop, email: str) -> None:
    """Let a mail to somebody come back for good."""
    about = {"timestamp": "2026-05-03T09:00:00Z", "feedbackId": "f", "bounceType": "Permanent"}
    detail = {
        "eventType": "Bounced",
        "mail": {"messageId": "m", "destination": [email], "tags": {}},
        "bounce": {**about, "bouncedRecipients": [{"emailAddress": email}]},
    }
    shop.world.send("MailFeedback", {"source": "aws.ses", "detail-type": "Email Bounced", "detail": detail})
    shop.world.settle()


# ---------------------------------------------------------------------- the sign-up

HISTORIES: dict[str, Callable[[Shop, str], object]] = {
    "unknown": lambda _shop, _email: None,
    "asked for something else": lambda shop, email: shop.joins(email, OTHERS[0]),
    "asked for the same": lambda shop, email: shop.joins(email, *SKUS),
    "asked too often today": lambda shop, email: [shop.joins(email, sku) for sku in OTHERS[: CONFIRMATIONS_A_DAY + 1]],
    "asked for more than is kept": lambda shop, email: [shop.joins(email, sku) for sku in OTHERS],
    "asked too often by other tags": lambda shop, email: [
        shop.joins(email.replace("@", f"{number}@").replace("ana", "ana+"), *SKUS) for number in range(6)
    ],
    "waits for something else": lambda shop, email: shop.waits(email, OTHERS[0]),
    "waits for the same": lambda shop, email: shop.waits(email, *SKUS),
    "waits for each by itself": lambda shop, email: [shop.waits(email, sku) for sku in SKUS],
    "waits for all that may be": lambda shop, email: [shop.waits(email, sku) for sku in OTHERS[:MOST_ENTRIES]],
    "was told": told,
    "was told thrice": lambda shop, email: told(shop, email, times=3),
    "left": lambda shop, email: (shop.waits(email, *SKUS), left(shop, email)),
    "bounced": lambda shop, email: (shop.waits(email, OTHERS[0]), bounced(shop, email)),
}


def test_a_sign_up_takes_the_same_calls_and_answers_the_same_whatever_is_known(world: World, shop: Shop) -> None:
    began = world.snapshot()
    body = {"email": "ana@example.org", "skus": SKUS, "quantity": 1, "consent": {"wording": "2026-05"}}
    found = {}
    for history, happens in HISTORIES.items():
        world.restore(began)
        happens(shop, "ana@example.org")
        world.clock.advance(minutes=2)
        found[history] = calls_of(world, "POST", "/v1/waitlist", body=body)

    calls, answer = found["unknown"]
    assert {history: made for history, (made, _) in found.items() if made != calls} == {}
    assert {history: said for history, (_, said) in found.items() if said != answer} == {}
    assert answer["statusCode"] == 202
    assert len(calls) <= MOST_CALLS[SIGN_UP]


def test_a_sign_up_of_the_largest_customer_takes_the_calls_of_any_other(world: World, shop: Shop) -> None:
    body = {"email": BIG, "skus": SKUS, "quantity": 3, "consent": {"wording": "2026-05"}}
    before, _ = calls_of(world, "POST", "/v1/waitlist", body=body)
    grown(shop)
    after, _ = calls_of(world, "POST", "/v1/waitlist", body=body)
    assert after == before


# ---------------------------------------------------------------------- links


def grown(shop: Shop) -> None:
    """Let a customer have been told about ten SKUs, wait for twenty times ten, and have asked for more than is kept."""
    told(shop, BIG)
    for number in range(MOST_ENTRIES):
        skus = [f"BIG-{number}-{each}" for each in range(10)]
        for sku in skus:
            shop.counts(sku, 0)
        shop.waits(BIG, *skus)
    for sku in OTHERS:
        shop.joins(BIG, sku)
        shop.world.clock.advance(minutes=1)


def entry_of(world: World, *, waiting: bool) -> str:
    """Return the id of one of the largest customer's entries."""
    shown = json.loads(ask(world, "GET", "/v1/waitlist/mine", query=link(world, "mine", BIG))["body"])["items"]
    return next(entry["id"] for entry in shown if (entry["status"] == "waiting") is waiting)


def public_operations() -> list[str]:
    return [
        f"{method.upper()} {path}"
        for path, methods in PATHS.items()
        for method, operation in methods.items()
        if not operation["security"]
    ]


def test_the_budget_names_every_public_route() -> None:
    assert set(MOST_CALLS) == set(public_operations()), "say in MOST_CALLS what a public route may cost, and call it"


def test_a_link_of_the_largest_customer_takes_few_calls(world: World, shop: Shop) -> None:
    grown(shop)
    began = world.snapshot()
    made, answers = {}, {}
    for route in sorted(
        set(public_operations())
        - {SIGN_UP, *SHELF, *PAGES, *INSTEAD, *NEAR, *RESERVED, *OFFERED, *TRACKED, CHECK, RETURNED, *FILES}
    ):
        for headers in ({}, BROWSER):
            world.restore(began)
            calls, answer = pressed(world, shop, route, headers)
            made[f"{route} {headers.get('accept', '')}"] = calls
            answers[route] = answer["statusCode"]

    assert {route: status for route, status in answers.items() if status >= 400} == {}
    assert {
        asked: len(calls) for asked, calls in made.items() if len(calls) > MOST_CALLS[asked.rpartition(" ")[0]]
    } == {}


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("route", SHELF)
def test_what_a_storefront_asks_takes_few_calls_whatever_is_known(world: World, route: str, *, known: bool) -> None:
    if known:
        shop = Shop(world)
        for sku in LISTING[::9]:
            shop.counts(sku, 1)
    method, path = route.split()
    for asked in SHELF[route]:
        world.restart()
        begin = len(world.calls)
        answer = world.run("availability_api", http_event(method, path, **asked))
        assert answer["statusCode"] == 200, answer
        assert len(world.calls) - begin == MOST_CALLS[route]


@pytest.mark.parametrize(("variants", "calls"), [(1, 2), (MOST_VARIANTS, None)])
@pytest.mark.parametrize("route", NEAR)
def test_the_stores_of_a_product_take_two_calls_and_those_of_the_largest_few(
    world: World, route: str, variants: int, calls: int | None
) -> None:
    table = Table("Availability", world.dynamodb)
    stores = {f"store-{number}": 3 for number in range(50)}
    for each in range(variants):
        about = Variant(edition=1, product_id="big", position=each, options={"Size": str(each)})
        supply = Supply(revision=1, in_store=150, stores=stores)
        table.write(Put(row_values(Row(sku=f"SKU-{each}", variant=about, supply=supply))))
    for name in stores:
        table.write(Put(store_values(Store(location_id=name, edition=1, about={"name": name}))))
    method, path = route.split()
    query = {"product_id": "big", "near": "32,35", "limit": "50"}
    begin = len(world.calls)

    answer = world.run("availability_api", http_event(method, path.replace("{product_id}", "big"), query=query))

    assert len(json.loads(answer["body"])["items"]) == len(stores)
    assert len(world.calls) - begin <= (calls or MOST_CALLS[route])
    assert len(json.dumps(answer, ensure_ascii=False).encode()) < LARGEST_ANSWER / 3


@pytest.mark.parametrize("route", PAGES)
def test_a_product_in_stores_takes_one_call_more_and_none_for_half_a_minute(world: World, route: str) -> None:
    table = Table("Availability", world.dynamodb)
    supply = Supply(revision=1, in_store=1, stores={"haifa": 1})
    about = Variant(edition=1, product_id="big", options={"Size": "M"})
    table.write(Put(row_values(Row(sku="SKU-1", variant=about, supply=supply))))
    table.write(Put(store_values(Store(location_id="haifa", edition=1, about={"name": "Haifa"}))))
    method, path = route.split()
    for calls, seconds in ((3, 29), (2, 2), (3, 0)):
        begin = len(world.calls)
        asked = http_event(method, path.replace("{product_id}", "big"), query={"product_id": "big"})
        answer = json.loads(world.run("availability_api", asked)["body"])
        assert (answer["stores"][0]["name"], len(world.calls) - begin) == ("Haifa", calls)
        world.clock.advance(seconds=seconds)


@pytest.mark.parametrize("route", PAGES)
def test_the_largest_product_takes_few_calls_and_fits_one_answer(world: World, route: str) -> None:
    table = Table("Availability", world.dynamodb)
    for each in range(MOST_VARIANTS):
        about = Variant(edition=1, product_id="big", position=each, options={"Size": str(each), "Colour": "red" * 30})
        table.write(Put(row_values(Row(sku=f"SKU-{each}", variant=about, supply=Supply(revision=1, sellable=each)))))
    method, path = route.split()
    begin = len(world.calls)

    answer = world.run(
        "availability_api",
        http_event(method, path.replace("{product_id}", "big"), query={"product_id": "big", "locale": "he"}),
    )

    assert len(json.loads(answer["body"])["variants"]) == MOST_VARIANTS
    assert len(world.calls) - begin <= MOST_CALLS[route]
    assert len(json.dumps(answer, ensure_ascii=False).encode()) < LARGEST_ANSWER / 3


def test_a_cart_takes_one_call_and_few_more_where_it_asks_what_instead(world: World) -> None:
    front = Storefront(world)
    for number, sku in enumerate(LISTING):
        for name, supply in ((sku, Supply(revision=1)), (f"{sku}-OTHER", PLENTY)):
            about = Variant(edition=1, product_id=f"product-{number // 2}")
            write = {name: lambda row, about=about, supply=supply: replace(row, variant=about, supply=supply)}
            front.shelf().change(write)
    lines = [{"sku": sku, "quantity": 2} for sku in LISTING]
    for body, calls in (({}, 1), ({"alternatives": False}, 1), ({"alternatives": True}, MOST_CALLS[CHECK])):
        world.restart()
        begin = len(world.calls)
        status, checked = world.request("availability_api", *CHECK.split(), body={"lines": lines, **body})
        assert (status, len(world.calls) - begin) == (200, calls)
        offered = [line for line in checked["lines"] if line["alternatives"]]
        assert len(offered) == (2 * MOST_PRODUCTS if calls > 1 else 0)


def instead(world: World, route: str) -> tuple[list[dict[str, Any]], int]:
    """Return what a route names beside a product of which a size is chosen, and how many calls that takes."""
    method, path = route.split()
    query = [("product_id", "big"), ("choice", "Size:M")]
    world.restart()
    begin = len(world.calls)
    event = http_event(method, path.replace("{product_id}", "big"), query=query)  # type: ignore[arg-type] # pairs
    answer = world.run("availability_api", event)
    return json.loads(answer["body"])["items"], len(world.calls) - begin


@pytest.mark.parametrize("route", INSTEAD)
def test_what_looks_alike_takes_few_calls_however_many_do(world: World, route: str) -> None:
    front = Storefront(world)
    pictures = PictureRepository(Table("Availability", world.dynamodb))
    for number in range(200):
        name = f"P-{number}" if number else "big"
        front.shelf().describe(name, Head(edition=1, category="shirts" if number in {0, 199} else None))
        about, supply = (
            Variant(edition=1, product_id=name, options={"Size": "M"}),
            Supply() if number == 199 else PLENTY,
        )
        write = lambda row, about=about, supply=supply: replace(row, variant=about, supply=supply)  # noqa: E731
        front.shelf().change({f"{name}-M": write})
        seen = Picture(
            product_id=name, edition=1, address=name, state=SEEN, looks=number % 16, at="2026-05-03T10:00:00Z"
        )
        assert pictures.keep(Picture(product_id=name), seen)

    found, calls = instead(world, route)

    assert {each["reason"] for each in found} == {"looks_alike"}
    assert all(each["sku"] for each in found)
    assert calls == MOST_CALLS[route]


@pytest.mark.parametrize("route", INSTEAD)
def test_alternatives_take_few_calls_however_many_products_a_category_has(world: World, route: str) -> None:
    front = Storefront(world)
    similar = [f"SIMILAR-{number}" for number in range(MOST_SIMILAR)]
    for amount, name in enumerate(["big", *similar, *(f"P-{number}" for number in range(200))]):
        price = {"amount": amount, "currency": "ILS"}
        front.shelf().describe(name, Head(edition=1, category="shirts", price=price, similar=similar))
        about = Variant(edition=1, product_id=name, options={"Size": "M"})
        front.shelf().change({f"{name}-M": lambda row, about=about: replace(row, variant=about, supply=PLENTY)})
    found, calls = instead(world, route)

    assert [each["sku"] for each in found] == [f"{name}-M" for name in similar[: len(found)]]
    assert calls == MOST_CALLS[route] - BANDS - 2


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["program", "browser"])
@pytest.mark.parametrize("route", RESERVED)
def test_a_link_to_the_largest_reservation_takes_few_calls(world: World, route: str, headers: dict[str, str]) -> None:
    sales = Sales(Shop(world))
    _ = [sales.opens(sku) for sku in LISTING[:MOST_LINES]]
    wish = {"lines": [{"sku": sku} for sku in LISTING[:MOST_LINES]], "customer": {"email": BIG}}
    made = sales.asks("POST", "/v1/reservations", wish, key="big")[1]["id"]
    sales.does(made, "confirm")
    world.settle()
    _ = [sales.opens(sku, release_on=LATER) for sku in LISTING[:MOST_LINES]]
    world.settle()
    method, path = route.split()
    path, body = path.format(token=sales.link(BIG)), {"wording": "w", "until": LATER} if "wait" in route else None
    world.restart()
    begin = len(world.calls)
    answer = world.run("preorder_viewer", http_event(method, path, headers=headers, body=body))
    assert (answer["statusCode"] < 400, len(world.calls) - begin <= MOST_CALLS[route]) == (True, True), answer


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["program", "browser"])
@pytest.mark.parametrize("route", OFFERED)
def test_a_link_to_an_offer_takes_few_calls_however_often_it_is_used(
    world: World, route: str, headers: dict[str, str]
) -> None:
    line = WaitingLine(Shop(world))
    line.begins(1)
    line.shop.counts(LAMP, 1)
    method, path = route.split()
    for _ in range(2):
        world.restart()
        begin = len(world.calls)

        answer = world.run("preorder_viewer", http_event(method, path.format(token=line.token("w0")), headers=headers))

        assert answer["statusCode"] < 400, answer
        assert len(world.calls) - begin <= MOST_CALLS[route]


def test_a_confirmation_link_that_is_opened_again_asks_once_more_who_is_in_line(world: World, shop: Shop) -> None:
    """Once, however much the customer waits for, and once for names. One of the two items holds the keys."""
    grown(shop)
    query = link(world, "confirm", BIG, entry_of(world, waiting=True))
    calls, answer = calls_of(world, "GET", "/v1/waitlist/confirm", query=query, headers=BROWSER)
    assert (sorted(calls), answer["statusCode"]) == (["BatchGetItem", "BatchGetItem", "GetItem", "GetItem"], 200)


def pressed(world: World, shop: Shop, route: str, headers: dict[str, str]) -> tuple[list[str], Any]:
    """Follow the largest customer's link to a route, with the request that is the most work."""
    method, path = route.split()
    purpose = path.split("/")[3].replace("-", "_")
    entry, body = "", None
    if purpose == "confirm":
        # What is confirmed wants the ten SKUs that the customer was told about.
        left(shop, BIG)
        shop.joins(BIG, *SKUS)
        entry = entry_of(world, waiting=False)
    query = link(world, purpose, BIG, entry)
    if "{id}" in path:
        entry = entry_of(world, waiting=True)
    if method == "PATCH":
        body = {"skus": SKUS, "quantity": 2}
    if method == "POST" and "{id}" in path:
        entry, body, headers = "all", "action=leave", headers | FORM
    return calls_of(world, method, path.replace("{id}", entry), query=query, body=body, headers=headers)


@pytest.mark.parametrize("others", [1, 8])
def test_who_signs_up_at_the_same_moment_learns_nothing(world: World, others: int) -> None:
    """Sign-ups for an address meet where something of it is stored, unless nothing is written for them."""
    shop = Shop(world)
    shop.counts(SKUS[0], 0)
    shop.waits(BIG, SKUS[0])
    shop.joins("left@example.org", SKUS[0])
    shop.leaves("left@example.org")

    def at_once(email: str) -> tuple[int, list[str]]:
        world.restart()
        body = {"email": email, "skus": ["NEVER-NAMED"], "consent": CONSENT}
        left = [others]

        def tap(_service: str, operation: str, _parameters: Any, make: Callable[..., Any]) -> Any:
            if operation == "TransactWriteItems" and left[0]:
                left[0] -= 1
                world.meanwhile(lambda other: other.request("waitlist_api", "POST", "/v1/waitlist", body=body))
            return make()

        world.tap, begin = tap, len(world.calls)
        status, _ = world.request("waitlist_api", "POST", "/v1/waitlist", body=body)
        return status, [call[2] for call in world.calls[begin:]]

    assert at_once(BIG) == at_once("left@example.org") == at_once("nobody@example.org")
