"""Ids as shops write them go through the whole system, and what is composed of them stays apart (design §1)."""

import inspect
import json
import re
from collections.abc import Callable
from html import unescape
from itertools import product

import pytest
from standby.ledger import items as ledger
from standby.ledger.model import PurchaseOrder
from standby.stock.announcements import about_purchase_order
from standby.stock.snapshots import repository as snapshots
from standby.waitlist import items as waitlist
from standby.waitlist import wave_repository
from standby.waitlist.reference import Reference
from standby.waitlist.wave import Chain

from tests.promises.shop import Shop
from tests.standby.catalog.words import upserted
from tests.standby.delivery import words as orders
from tests.world import World

NASTY = [
    "A", "a", "A#1", "A#1#2", "A@5", "A@5#1", "A@5#1#0#0", "A/B", "A~B", "A~1B", "A, B", "A,B", "SKU#A", "LEVEL#A",
    "LIST#A#0", "COUNTS#A", "confirm#A", "why", "snapshots", "entries", "..", "%41", "A%2FB", "A+B", "A B", "*", "()",
    "{{mine}}", "{{ 7 * 7 }}", "{% raw %}", "<b>\"Noor\" & 'Or'</b>", "חולצה/אדומה #1", "漢字 ★", "\\", "=1+1",
    "x" * 100, "ח" * 100,
]  # fmt: skip

MARKS = "\u2060\u2066-\u2069"
"""What mails put around and into texts that others wrote: isolates, and joiners between braces."""


def address(number: int) -> str:
    return f"customer-{number}@example.org"


@pytest.mark.promise("P2", "P3", "P4")
def test_every_sku_has_its_own_units_its_own_line_and_its_own_mail(shop: Shop) -> None:
    world = shop.world
    for number, sku in enumerate(NASTY):
        shop.counts(sku, 0)
        shop.waits(address(number), sku)

    lucky = set(range(0, len(NASTY), 2))
    for number in lucky:
        shop.counts(NASTY[number], number + 1)

    assert shop.told() == {address(number): 1 for number in lucky}
    for number, sku in enumerate(NASTY):
        asked = {"query": {"sku": sku}, "scopes": "ops"}
        assert world.request("stock_api", "GET", "/v1/stock", **asked)[1]["on_hand"] == (number + 1) * (number in lucky)
        counts = world.request("waitlist_api", "GET", "/v1/waitlist", **asked)[1]
        assert (counts["sku"], counts["told"], counts["waiting"]) == (sku, number in lucky, number not in lucky)
        why = world.request("waitlist_api", "GET", "/v1/waitlist/why", **asked)[1]
        assert bool(why["steps"]) == (number in lucky)
    assert not any(world.queues[name] for name in world.queues)


@pytest.mark.promise("P3")
def test_a_mail_shows_the_sku_as_it_is_and_lets_it_mark_nothing_up(shop: Shop) -> None:
    for number, sku in enumerate(NASTY):
        shop.counts(sku, 0)
        shop.waits(address(number), sku)
        shop.counts(sku, 1)

    for number, sku in enumerate(NASTY):
        (mail,) = [mail for mail in shop.world.mails if mail.email == address(number)]
        for where, content in (("html", unescape(mail.html)), ("text", mail.text), ("subject", mail.subject)):
            assert sku in re.sub(f"[{MARKS}]", "", content), where
        assert '<b>"Noor' not in mail.html
        assert all(re.fullmatch("[A-Za-z0-9_-]{1,256}", value) for value in mail.tags.values())


@pytest.mark.promise("P4")
def test_every_order_has_its_own_lines_and_shipments(world: World) -> None:
    for number, name in enumerate(NASTY):
        skus = NASTY[number:] + NASTY[:number]
        world.send("OrderUpdates", orders.placed(name, *skus, shipments={shipment: [shipment] for shipment in skus}))
        world.send("OrderUpdates", orders.said("shipped", name, shipment_id=name))
    world.settle()
    placed = {event["order_id"]: [line["sku"] for line in event["lines"]] for event in named(world, "OrderPlaced")}
    assert placed == {name: NASTY[number:] + NASTY[:number] for number, name in enumerate(NASTY)}
    shipped = {event["order_id"]: event["lines"] for event in named(world, "OrderShipped")}
    assert shipped == {name: [{"line_id": name, "sku": name, "quantity": 1}] for name in NASTY}
    assert len({event["id"] for _, event in world.events}) == 2 * len(NASTY)
    assert not any(world.queues[name] for name in world.queues)


def named(world: World, name: str) -> list[dict[str, object]]:
    return [event for kind, event in world.events if kind == name]


@pytest.mark.promise("P2")
def test_a_sku_that_sells_out_calls_off_its_own_mails_only(shop: Shop) -> None:
    """What the restock of one SKU made is not called off when another, with a name much like it, sells out."""
    world = shop.world
    for number, sku in enumerate(NASTY):
        shop.counts(sku, 0)
        shop.waits(address(number), sku)
    world.held = frozenset({"MailBulk"})
    for sku in NASTY:
        shop.counts(sku, 2)
    for sku in NASTY[::2]:
        shop.counts(sku, 0)
    world.held = frozenset()
    world.settle()

    assert shop.told() == {address(number): 1 for number in range(1, len(NASTY), 2)}


def moved(sku: str, purchase_order_id: str) -> str:
    """Return the id of the event that a purchase order's line comes on another day."""
    line = PurchaseOrder(purchase_order_id=purchase_order_id, eta="2026-06-01", edition=1)
    (event,) = about_purchase_order(sku, None, line)
    return event.id


def _mail(sku: str) -> Reference:
    return Reference(sku=sku, place="p", entry_id="e", quantity=1, any_of=False, revision=1, wave=1, page="end")


COMPOSED: dict[str, Callable[..., object]] = {
    "a SKU's partition": ledger.partition,
    "a level": ledger.level_key,
    "a purchase order": ledger.purchase_order_key,
    "a claim": ledger.claim_key,
    "a line": lambda sku: [waitlist.list_partition(sku, shard) for shard in range(12)],
    "a SKU's counts": waitlist.counts_partition,
    "a chain": wave_repository.chain_key,
    "what is under way": lambda sku: wave_repository.open_key(_mail(sku)),
    "what was not sent": lambda sku: wave_repository.unsent_key(_mail(sku)),
    "a moved line": moved,
    "a snapshot": snapshots._key,
    "a snapshot's pages": snapshots._pages,
    "a wave": lambda sku: Chain(sku=sku, revision=5, wave=1).wave_id,
}


@pytest.mark.parametrize("compose", COMPOSED.values(), ids=COMPOSED.keys())
def test_no_two_ids_compose_the_same(compose: Callable[..., object]) -> None:
    count = len(inspect.signature(compose).parameters)
    made = [json.dumps(compose(*ids)) for ids in product(NASTY, repeat=count)]
    assert len(set(made)) == len(NASTY) ** count


@pytest.mark.parametrize(("case", "sku", "place"), [("upper", "MUG/ROT", "BERLIN"), ("lower", "mug/rot", "berlin")])
def test_where_case_does_not_count_it_counts_at_no_door(
    world: World, monkeypatch: pytest.MonkeyPatch, case: str, sku: str, place: str
) -> None:
    monkeypatch.setenv("ID_CASE", case)
    shop = Shop(world, location="Berlin")
    world.request("stock_api", "PUT", "/v1/settings", query={"sku": "MUG/Rot"}, body={"safety_stock": 1}, scopes="ops")
    of_mugs = {"query": {"product_id": " MUGS/Rot "}, "scopes": "ops"}
    world.request("stock_api", "PUT", "/v1/settings", body={"low_stock": 7}, **of_mugs)
    world.send("CatalogUpdates", upserted("mugs/ROT", "mug/ROT"))
    columns = {"sku": "Item", "location": "Where", "on_hand": "Units"}
    world.request("stock_api", "PUT", "/v1/imports/mappings/daily", body={"columns": columns}, scopes="ops")

    shop.counts("Mug/Rot", 0)
    shop.waits("ana@example.org", "mUG/rOT")
    world.request("stock_api", "POST", "/v1/messages/stock", body=shop.level("mug/rot", 2), scopes="erp")
    world.settle()
    world.clock.advance(seconds=1)
    world.put("inbox/daily/count.csv", b"Item;Where;Units\nMuG/RoT;BerliN;5\n")
    world.settle()

    for said in ("MUG/ROT", "mug/rot"):
        asked = {"query": {"sku": said}, "scopes": "ops"}
        stock = world.request("stock_api", "GET", "/v1/stock", **asked)[1]
        assert (stock["sku"], stock["on_hand"], stock["free"]) == (sku, 5, 4)
        assert [level["location_id"] for level in stock["levels"]] == [place]
        assert world.request("waitlist_api", "GET", "/v1/waitlist", **asked)[1]["told"] == 1
        settings = world.request("stock_api", "GET", "/v1/settings", **asked)[1]
        assert (settings["safety_stock"], settings["low_stock"]) == (1, 7), "the SKU's own, and its product's"
    assert shop.told() == {"ana@example.org": 1}


@pytest.mark.parametrize("units", ["6", "6.0000", 6.0, "6e0", " 6 ", 6.9, "6.9"])
def test_a_number_counts_the_same_however_the_erp_writes_it(shop: Shop, units: object) -> None:
    shop.counts("10452", 1)
    shop.world.send("StockUpdates", {"type": "stock.level", "sku": 10452, "location_id": 7, "available": units})
    incoming = {"type": "stock.incoming", "sku": 10452.0, "purchase_order_id": 99, "quantity": units, "supplier_id": 5}
    shop.world.request("stock_api", "POST", "/v1/messages/stock", body=incoming, scopes="erp")
    count = {"type": "stock.snapshot", "snapshot_id": 1, "location_id": 8, "page": "1.0", "pages": "1"}
    levels = [{"sku": 10452, "on_hand": units, "committed": None}]
    shop.world.send("StockUpdates", count | {"as_of": shop.level("", 0)["as_of"], "levels": levels, "part": None})
    shop.world.settle()

    stock = shop.stock("10452")
    assert (stock["on_hand"], stock["incoming"]) == (1 + 6 + 6, 6)
    assert [level["location_id"] for level in stock["levels"]] == ["7", "8", "warehouse-1"]
    assert stock["purchase_orders"][0]["supplier_id"] == "5"
    assert not shop.world.queues["StockDeadLetters"]


def test_a_byte_order_mark_and_nulls_harm_nobody(shop: Shop) -> None:
    level = dict.fromkeys(("committed", "available", "sequence", "netted_until", "message_id", "source"))
    shop.world.send("StockUpdates", "\ufeff" + json.dumps(level | shop.level("MUG", 5)))
    shop.world.settle()
    body = {"email": "ana@example.org", "skus": ["MUG"], "consent": {"wording": "1", "marketing": None}}
    nulls = dict.fromkeys(("quantity", "locale", "digest", "until", "time_zone", "near"))
    status, _ = shop.world.request("waitlist_api", "POST", "/v1/waitlist", body="\ufeff" + json.dumps(body | nulls))
    shop.world.settle()

    assert status == 202
    assert shop.stock("MUG")["on_hand"] == 5
    assert [mail.email for mail in shop.world.mails] == ["ana@example.org"]
