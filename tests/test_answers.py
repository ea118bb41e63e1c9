"""Every operation succeeds as it is documented: one day in a shop that uses them all (`tests.answers` compares)."""

import json
import re
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from fastjsonschema import JsonSchemaValueException
from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.tokens import TokenKeys, Tokens
from standby.storefront.bundle import Bundle

from infra.operations.openapi import document as openapi
from tests import answers
from tests.promises.shop import Shop
from tests.standby.availability.storefront import product_changed, variant
from tests.standby.compensation.agent import agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import ONE_OF_THREE, TWO_LEVELS, document, eur, rule
from tests.standby.compensation.till import till
from tests.standby.delivery.track import Customer
from tests.standby.preorder.line import WaitingLine
from tests.standby.preorder.sales import LAMP, LINKED
from tests.world import World

ANA, DAN = "ana@example.org", "dan@example.org"
FILE = b"Item,Where,Units\nMUG,warehouse-1,9\n,warehouse-1,1\n"
SHELF = ("/v1/availability", "/v1/products/")
SALES = ("/v1/campaigns", "/v1/cancellations", "/v1/reservations")
REMEDIES = ("/v1/approvals", "/v1/reports", "/v1/policy", "/v1/vouchers", "/v1/deliveries")
BROWSER = {"accept": "text/html"}
OWN = re.compile(r"/v1/preorders/([\w.-]+)")
KNOWN = {"if-none-match": "*"}
VERSION = Bundle.among().version
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


class Caller:
    """Calls operations with a key that opens everything."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, request: str, body: object = None, **more: Any) -> Any:
        method, path = request.split()
        named = {"/v1/waitlist": "waitlist_api", "/v1/store-offers": "waitlist_api", "/v1/catalog": "catalog_api"}
        named |= dict.fromkeys(SHELF, "availability_api") | dict.fromkeys(SALES, "preorder_api")
        named |= dict.fromkeys(LINKED, "preorder_viewer") | {
            "/v1/track": "delivery_viewer",
            "/v1/remedies": "compensation_viewer",
            "/v1/incidents": "delivery_api",
            **dict.fromkeys(REMEDIES, "compensation_api"),
        }
        function = next((name for start, name in named.items() if path.startswith(start)), "stock_api")
        status, answer = self.world.request(function, method, path, body=body, scopes="erp ops storefront", **more)
        assert status < 400, answer
        self.world.settle()
        return answer


def counts_and_files(shop: Shop, call: Caller) -> None:
    """Use every operation of stock and files."""
    call("PUT /v1/settings/shop", {"low_stock": 2})
    call("GET /v1/settings/sku:MUG")
    call("POST /v1/messages/stock", {"type": "batch", "messages": [shop.level("MUG", 5), shop.level("CUP", 5)]})
    incoming = {"purchase_order_id": "P", "sku": "MUG", "quantity": 3, "eta": "2026-06-01"}
    call("POST /v1/messages/stock", {"type": "stock.incoming", **incoming})
    call("GET /v1/stock/MUG")
    call("GET /v1/stock/MUG/why")
    call("GET /v1/availability/MUG/why")
    for twin in ("GET /v1/stock", "GET /v1/stock/why", "GET /v1/settings", "PUT /v1/settings"):
        call(twin, {}, query={"sku": "MUG"})
    for number, decision in enumerate(("reject", "approve")):
        shop.world.clock.advance(minutes=1)
        count = {"type": "stock.snapshot", "snapshot_id": f"C{number}", "location_id": shop.location, "page": 1}
        levels = [{"sku": "MUG", "on_hand": 5}]
        call(
            "POST /v1/messages/stock", count | {"as_of": to_text(shop.world.clock.now()), "pages": 1, "levels": levels}
        )
        shop.world.wait(seconds=6)
        call("GET /v1/stock/snapshots")
        call(f"GET /v1/stock/snapshots/C{number}")
        call(f"POST /v1/stock/snapshots/C{number}/{decision}")
        call(f"POST /v1/stock/snapshots/{decision}", query={"snapshot_id": f"C{number}"})
    call("PUT /v1/imports/mappings/daily", {"columns": {"sku": "Item", "location": "Where", "on_hand": "Units"}})
    call("GET /v1/imports/mappings/daily")
    tried = {"mapping": {"columns": {"sku": "Item", "on_hand": "Units"}, "location_id": "W"}}
    call("POST /v1/imports/previews", tried | {"sample": b64encode(FILE).decode()})
    leave = call("POST /v1/imports/uploads", {"mapping": "daily", "dry_run": True})
    call(f"GET /v1/imports/{leave['import_id']}")
    shop.world.upload(leave, FILE)
    shop.world.settle()
    assert [item["state"] for item in call("GET /v1/imports")["items"]] == ["done"]
    report = call(f"GET /v1/imports/{leave['import_id']}")
    assert (len(report["bad_lines"]["items"]), len(report["differences"]["items"])) == (1, 1)
    call(f"GET /v1/imports/{leave['import_id']}/bad-lines")
    call(f"GET /v1/imports/{leave['import_id']}/differences")


def storefronts(shop: Shop, call: Caller) -> None:
    """Use every operation of the shelf that its samples do not use, as the product is not there for them."""
    shop.world.send("AvailabilityChanges", product_changed("shirt", 1, variant("SHIRT", 1, options={"Size": "M"})))
    shop.world.settle()
    for headers in ({}, KNOWN):
        call("GET /v1/products/shirt/availability", headers=headers)
        call("GET /v1/products/availability", query={"product_id": "shirt"}, headers=headers)
        call("GET /v1/products/shirt/alternatives", headers=headers)
        call("GET /v1/products/alternatives", query={"product_id": "shirt"}, headers=headers)
        call("GET /v1/products/shirt/stores", headers=headers)
        call("GET /v1/products/stores", query={"product_id": "shirt"}, headers=headers)


def scripts(call: Caller) -> None:
    """Load a file by the bundle's version, which no sample knows."""
    for headers in ({}, KNOWN):
        status, _ = call.world.request("storefront_api", "GET", f"/v1/storefront/{VERSION}/badges.js", headers=headers)
        assert status in (200, 304)


def slips(call: Caller, terms: dict[str, Any], later: str) -> None:
    """Wait for a pre-order that comes later."""
    call("PUT /v1/campaigns/SLIPS", terms)
    wish = {"sku": "SLIPS", "customer": {"email": "slips@example.org"}}
    made = call("POST /v1/reservations", wish, headers={"Idempotency-Key": "slips"})
    call(f"POST /v1/reservations/{made['id']}/confirm")
    call("PUT /v1/campaigns/SLIPS", {**terms, "release_on": later})
    (token, *_) = [found for mail in call.world.mails for found in OWN.findall(mail.text) if "slips" in mail.email]
    for headers in ({}, BROWSER):
        call(f"POST /v1/preorders/{token}/wait", {"wording": "w", "until": later}, headers=headers)


def sales(shop: Shop, call: Caller) -> None:
    """Use every operation of campaigns and reservations."""
    price = {"amount": 100, "currency": "EUR"}
    terms = {"kind": "preorder", "capacity": 5, "release_on": str(shop.today()), "price": price, "deposit": price}
    in_query = {"query": {"sku": "MUG"}}
    call("PUT /v1/campaigns/MUG", terms)
    call("PUT /v1/campaigns/MUG", {**terms, "capacity": 6})
    for capacity in (4, 5):
        call("PUT /v1/campaigns", {**terms, "capacity": capacity}, query={"sku": "CUP"})
    call("GET /v1/campaigns/MUG")
    call("GET /v1/campaigns", **in_query)
    days = [to_text(shop.world.clock.now() + timedelta(days=ahead)) for ahead in (1, 2)]
    early = {"opens_at": days[0], "links": True}
    call("PUT /v1/campaigns/FAR", {**terms, "release_on": days[1][:10], "opens_at": days[1], "early_access": early})
    call("POST /v1/campaigns/FAR/links", {"units": 2})
    call("POST /v1/campaigns/links", {}, query={"sku": "FAR"})
    wish = {"sku": "MUG", "customer": {"email": "ida@example.org"}}
    held = {}
    for number, what in enumerate(("extend", "confirm", "cancel")):
        made = held[what] = call("POST /v1/reservations", wish, headers={"Idempotency-Key": f"cart-{number}"})
        call(f"POST /v1/reservations/{made['id']}/{what}")
        call(f"GET /v1/reservations/{made['id']}")
    call("PUT /v1/campaigns/LATE", terms)
    waits = call("POST /v1/reservations", {**wish, "sku": "LATE"}, headers={"Idempotency-Key": "late"})
    call(f"POST /v1/reservations/{waits['id']}/prioritise", {"reason": "a gift"})
    call("GET /v1/campaigns/MUG/line")
    call("GET /v1/campaigns/line", **in_query)
    call("GET /v1/cancellations")
    token = next(mail.text for mail in shop.world.mails if "/v1/preorders/" in mail.text)
    token = re.findall(r"/v1/preorders/([\w.-]+)", token)[0]
    for headers in ({}, BROWSER):
        call(f"GET /v1/preorders/{token}", headers=headers)
        call(f"POST /v1/preorders/{token}/cancel", headers=headers)
    slips(call, {**terms, "release_on": days[0][:10]}, days[1][:10])
    call(f"POST /v1/reservations/{held['confirm']['id']}/cancel")
    call(f"POST /v1/preorders/{token}/cancel")
    call("POST /v1/campaigns/MUG/close")
    for sku, decision in (("MUG", "approve"), ("CUP", "reject")):
        for what in ("POST {}/cancel", "GET {}/cancellation", f"POST {{}}/cancellation/{decision}"):
            method, path = what.format("/v1/campaigns").split()
            call(f"{method} {path.replace('/campaigns', f'/campaigns/{sku}')}")
            call(f"{method} {path}", query={"sku": sku})
    call("POST /v1/campaigns/close", **in_query)


def orders(shop: Shop, call: Caller) -> None:
    """Use every operation behind the link in a mail about an order."""
    customer = Customer(shop)
    customer.places(until=2)
    customer.tells("eta", eta=customer.day(5))
    track = f"/v1/track/{customer.link()}"
    wait = {"wording": "w", "until": customer.day(5)}
    for headers in ({}, BROWSER):
        call(f"GET {track}", headers=headers)
        call(f"POST {track}/wait", wait, headers=headers)
        call(f"POST {track}/cancel", headers=headers)
        call(f"POST {track}/withdraw", headers=headers)
    call(f"POST {track}/cancel", {"code": customer.codes()[-1]})
    call("PUT /v1/incidents/storm", {"cause": "weather", "since": customer.day(0)})
    for operation in ("GET /v1/incidents", "GET /v1/incidents/storm", "POST /v1/incidents/storm/end"):
        call(operation)
    customer.places("late", until=1, email="eve@example.org")
    customer.days_pass(2)
    late = f"/v1/track/{customer.link('eve@example.org')}"
    for headers in ({}, BROWSER):
        call(f"POST {late}/arrived", {"arrived": True}, headers=headers)
        call(f"POST {track}/withdraw", {"confirm": True}, headers=headers)


def remedies(shop: Shop, call: Caller) -> None:
    """Use every operation of what is given for delays."""
    made = till(shop)
    call("GET /v1/policy")
    code = made.a_code("R")
    begun = call("POST /v1/policy/rehearse", {"policy": document(TWO_LEVELS)})
    for headers in ({}, BROWSER):
        call(f"GET /v1/policy/rehearsals/{begun['id']}", headers=headers)
    call("GET /v1/deliveries/R/remedies")
    call("GET /v1/deliveries/remedies", query={"order_id": "R"})
    call(f"GET /v1/vouchers/{code}")
    call(f"POST /v1/vouchers/{made.a_code('R-2')}/revoke")
    body = {"order_id": "N", "order_total": {"amount": 4_000, "currency": "EUR"}}
    call(f"POST /v1/vouchers/{code}/redeem", body, headers={"Idempotency-Key": "n"})
    call(f"POST /v1/vouchers/{code}/release", {"order_id": "N"})


def by_hand(shop: Shop, call: Caller) -> None:
    """Use every operation of what people grant."""
    made = agent(shop)
    made.sets(TWO_LEVELS, approval_above=[eur(600)])
    call("GET /v1/approvals")
    call("GET /v1/reports/remedies", query={"month": f"{shop.today():%Y-%m}"})
    call("GET /v1/reports/vouchers", query={"month": f"{shop.today():%Y-%m}"})
    for order_id, decision in (("H-0", "approve"), ("H-1", "deny")):
        made.places(order_id)
        body: Any = {"remedy": {"kind": "voucher", "amount": eur(700)}, "reason": "they wrote", "agent": "Dana"}
        for path, query in ((f"/v1/deliveries/{order_id}", {}), ("/v1/deliveries", {"order_id": order_id})):
            given = call(f"POST {path}/remedies", body, query=query, headers={"Idempotency-Key": order_id})
            call(f"POST {path}/remedies/{decision}", {"remedy_id": given["remedy_id"]}, query=query)


def calls(shop: Shop) -> None:
    """Record what came of a call."""
    made = Customer(shop)
    made.places("T-1")
    made.tells("tracked", "T-1", state="failed", occurred_at=made.now())
    made.looks()
    body = {"reason": "failed", "outcome": "reached", "note": "the bell is broken"}
    for path, query in (("/v1/deliveries/T-1/calls", {}), ("/v1/deliveries/calls", {"order_id": "T-1"})):
        status, answer = shop.world.request("delivery_api", "POST", path, body=body, query=query, scopes="ops")
        assert status == 200, answer


def choices(shop: Shop, call: Caller) -> None:
    """Use every operation of what customers choose."""
    made = Chooser(shop)
    made.sets(rule(ONE_OF_THREE))
    for order_id in ("C-1", "C-2", "C-3"):
        made.places(order_id, email=f"{order_id}@example.org")
        made.late(order_id, days=3)
    first, second = (f"/v1/remedies/{made.link(f'{order_id}@example.org')}" for order_id in ("C-1", "C-2"))
    call(f"GET {first}")
    call(f"POST {first}/choose", {"remedy_id": made.open("C-1").grant_id, "kind": "voucher"})
    form = f"remedy_id={made.open('C-2').grant_id}&kind=voucher"
    call(f"POST {first}/feedback", {"right": True})
    call(f"GET {second}", headers=BROWSER)
    call(f"POST {second}/choose", form, headers={**BROWSER, **FORM})
    call(f"POST {second}/feedback", "right=no", headers={**BROWSER, **FORM})
    call("POST /v1/deliveries/C-3/remedies/revoke", {"remedy_id": made.open("C-3").grant_id})
    again = {"remedy_id": made.of("C-3").grants[0].grant_id}
    call("POST /v1/deliveries/remedies/revoke", again, query={"order_id": "C-3"})


def offers(shop: Shop, call: Caller) -> None:
    """Use every operation of what is set aside for who waits."""
    line = WaitingLine(shop)
    line.begins(2)
    shop.counts(LAMP, 2)
    for name, what in (("w0", "accept"), ("w1", "decline")):
        for headers in ({}, BROWSER):
            call(f"GET /v1/offers/{line.token(name)}", headers=headers)
            call(f"POST /v1/offers/{line.token(name)}/{what}", headers=headers)


def feeds(shop: Shop, call: Caller) -> None:
    """Use every operation about what complete product files leave out."""
    call("PUT /v1/imports/mappings/shop", {"kind": "products", "format": "google", "complete": True})
    for decision in (None, "reject", "approve"):
        shop.world.clock.advance(minutes=1)
        shop.world.put("inbox/shop/feed.tsv", b"id\ttitle\n" if decision else b"id\ttitle\nBOWL\tBowl\n")
        shop.world.settle()
        shop.world.wait(seconds=6)
        absence, *_ = call("GET /v1/catalog/absences")["items"]
        call(f"GET /v1/catalog/absences/{absence['absence_id']}")
        if decision:
            call(f"POST /v1/catalog/absences/{absence['absence_id']}/{decision}")


def customers(shop: Shop, call: Caller) -> None:
    """Use every operation of the waitlist."""
    for sku in ("HAT", "CAP"):
        shop.counts(sku, 0)
    for email in (ANA, DAN):
        shop.joins(email, "HAT", "CAP")
    shop.waits("zoe@example.org", "HAT")
    confirm = {"token": next(mail.link("confirm") for mail in shop.world.mails if mail.email == ANA)}
    for headers in ({}, BROWSER):
        call("GET /v1/waitlist/confirm", query=confirm, headers=headers)
        call("POST /v1/waitlist/confirm", query=confirm, headers=headers)
    shop.confirms(DAN)
    shop.counts("HAT", 1)
    told = next(mail for mail in shop.world.mails if "/v1/waitlist/mine" in mail.text)
    mine = {"token": told.link("mine")}
    leave = {"token": next(mail.link("leave") for mail in shop.world.mails if mail.email == DAN)}
    call("GET /v1/waitlist/HAT")
    call("GET /v1/waitlist/HAT/why")
    call("GET /v1/waitlist", query={"sku": "HAT"})
    call("GET /v1/waitlist/why", query={"sku": "HAT"})
    shop.waits(told.email, "SCARF")
    call("GET /v1/waitlist/mine", query=mine, headers=BROWSER)
    entry, *_ = call("GET /v1/waitlist/mine", query=mine)["items"]
    call(f"PATCH /v1/waitlist/mine/{entry['id']}", {"quantity": 2}, query=mine)
    call(f"POST /v1/waitlist/mine/{entry['id']}", "action=update&quantity=3", query=mine, headers=FORM)
    call(f"DELETE /v1/waitlist/mine/{entry['id']}", query=mine)
    subject, week = {"a": address_key(ANA)}, timedelta(days=7)
    for purpose, path in (("digest", "digest"), ("store_offers", "store-offers")):
        tokens = Tokens(TokenKeys("a-key-of-the-test"))
        token = tokens.issue(purpose, subject, now=shop.world.clock.now(), lifetime=week)
        for headers in ({}, BROWSER):
            call(f"GET /v1/waitlist/{path}/leave", query={"token": token}, headers=headers)
            call(f"POST /v1/waitlist/{path}/leave", query={"token": token}, headers=headers)
    today = shop.today().isoformat()
    for most in (5, 6):
        call("PUT /v1/store-offers/may", {"kind": "gift_wrap", "since": today, "until": today, "most": most})
    for operation in ("GET /v1/store-offers", "GET /v1/store-offers/may", "DELETE /v1/store-offers/may"):
        call(operation)
    for headers in ({}, BROWSER):
        call("GET /v1/waitlist/leave", query=leave, headers=headers)
        call("POST /v1/waitlist/leave", query=leave, headers=headers)


def samples(shop: Shop) -> None:
    """Send every request that lies among a function's samples."""
    for function, _ in openapi.applications():
        for path in sorted((openapi.ROOT / "events" / function).glob("*.json")):
            shop.world.run(function, json.loads(path.read_text("utf-8")))
            shop.world.settle()


def test_every_operation_succeeds_as_it_is_documented(shop: Shop) -> None:
    answers.SEEN.clear()

    counts_and_files(shop, Caller(shop.world))
    storefronts(shop, Caller(shop.world))
    scripts(Caller(shop.world))
    feeds(shop, Caller(shop.world))
    sales(shop, Caller(shop.world))
    customers(shop, Caller(shop.world))
    offers(shop, Caller(shop.world))
    orders(shop, Caller(shop.world))
    remedies(shop, Caller(shop.world))
    by_hand(shop, Caller(shop.world))
    choices(shop, Caller(shop.world))
    calls(shop)
    samples(shop)

    documented = {
        (method.upper(), path, int(status))
        for path, operations in openapi.document()["paths"].items()
        for method, operation in operations.items()
        for status in operation["responses"]
        if int(status) < 400
    }
    assert documented - answers.SEEN == set(), "nobody asked for these: put a request into events/<function>/"


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ({"statusCode": 418}, "not documented"),
        ({"statusCode": 200, "headers": {"Content-Type": "text/plain"}, "body": "7"}, "'text/plain' is not documented"),
        ({"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}, "must contain"),
    ],
)
def test_an_answer_that_is_not_what_is_documented_fails(answer: dict[str, Any], wrong: str) -> None:
    with pytest.raises((AssertionError, JsonSchemaValueException), match=wrong):
        answers.compare("GET", "/v1/waitlist/MUG/why", answer)


def test_an_answer_that_says_more_than_is_documented_fails() -> None:
    body = '{"subject": "waitlist:MUG", "steps": [], "secret": 7}'
    answer = {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": body}
    with pytest.raises(JsonSchemaValueException, match="secret"):
        answers.compare("GET", "/v1/waitlist/MUG/why", answer)


PAGES = {"/v1/docs", "/v1/openapi.json", "/v1/waitlist/asked"}
"""Pages that are nothing else, and the document that the first one shows."""
FILES = {"text/tab-separated-values", "application/x-ndjson", "text/csv", "text/javascript"}


def test_every_success_has_a_schema_or_is_a_file() -> None:
    without = [
        f"{method} {path} {status}"
        for path, operations in openapi.document()["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        and status != "204"
        and not FILES & answer.get("content", {}).keys()
        and path not in PAGES
        and "$ref" not in answer.get("content", {}).get("application/json", {}).get("schema", {})
    ]
    assert without == []
