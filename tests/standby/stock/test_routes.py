"""The stock feature's HTTP routes."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import pytest
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.settings import REFUSED
from standby.stock.routes import application

from tests.standby.stock.warehouse import Warehouse


def call(
    warehouse: Warehouse, method: str, path: str, body: Any = None, *, scopes: str = "erp ops", query: str = ""
) -> tuple[int, Any]:
    """Send a request through the resolver and return the status and the JSON answer."""
    app = application(
        intake=warehouse.intake,
        explainer=warehouse.explainer,
        settings=warehouse.settings,
        approvals=warehouse.approvals,
        imports=warehouse.imports,
    )
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "queryStringParameters": dict(pair.split("=", 1) for pair in query.split("&") if pair) or None,
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
            "stage": "$default",
            "authorizer": {"lambda": {"scopes": scopes, "name": "dana", "key_id": "k1"}},
        },
        "body": body if isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
    answer = app.resolve(event, object())  # type: ignore[arg-type]
    return answer["statusCode"], json.loads(answer["body"])


def test_good_messages_are_accepted_and_poison_is_named(warehouse: Warehouse, caplog: pytest.LogCaptureFixture) -> None:
    messages = [warehouse.level("MUG", 7), {"type": "stock.incoming", "sku": "MUG"}, warehouse.level("CUP", 1)]

    answer = call(warehouse, "POST", "/v1/messages/stock", {"type": "batch", "messages": messages})

    assert answer == (202, {"accepted": 2, "rejected": [{"index": 1, "reason": "purchase_order_id: missing"}]})
    assert warehouse.updates.bodies() == [{"type": "batch", "messages": [messages[0], messages[2]]}]
    (said,) = [record.__dict__ for record in caplog.records if record.message == REFUSED]
    first = {"index": 1, "reason": "purchase_order_id: missing"}
    assert (said["refused"], said["of"], said["first"]) == (1, 3, first)


@pytest.mark.promise("P9")
@pytest.mark.parametrize(
    "odd", ["5e400", "9" * 5_001, r'"\ud800"', "NaN", "-Infinity"], ids=["inf", "long", "half", "nan", "minus"]
)
def test_what_no_store_can_keep_is_rejected_alone(warehouse: Warehouse, odd: str) -> None:
    good = json.dumps(warehouse.level("MUG", 7))
    bad = f'{{"type":"stock.level","sku":"CUP","location_id":"berlin","on_hand":{odd}}}'

    batch = f'{{"type":"batch","messages":[{good},{bad},{good}]}}'
    status, answer = call(warehouse, "POST", "/v1/messages/stock", batch)

    assert (status, answer["accepted"], [each["index"] for each in answer["rejected"]]) == (202, 2, [1])
    assert warehouse.updates.bodies() == [{"type": "batch", "messages": [json.loads(good)] * 2}]
    assert call(warehouse, "POST", "/v1/messages/stock", bad)[1]["rejected"] == [{**answer["rejected"][0], "index": 0}]
    assert call(warehouse, "POST", "/v1/messages/stock", batch[:-1])[0] == 400
    assert call(warehouse, "POST", "/v1/messages/stock", f'{batch[:-1]},"more":{odd}}}')[0] == 400


@pytest.mark.parametrize("books", [{"message_id": 12.5}, {"message_id": True}, {"source": 7}, {"source": ["a"]}])
def test_what_is_for_the_erps_own_books_makes_no_level_bad(warehouse: Warehouse, books: dict[str, Any]) -> None:
    answer = call(warehouse, "POST", "/v1/messages/stock", warehouse.level("MUG", 7) | books)
    assert answer == (202, {"accepted": 1, "rejected": []})


def test_one_message_is_accepted(warehouse: Warehouse) -> None:
    assert call(warehouse, "POST", "/v1/messages/stock", warehouse.level("MUG", 7)) == (
        202, {"accepted": 1, "rejected": []},
    )  # fmt: skip


def test_accepted_messages_carry_their_receipt_and_order(warehouse: Warehouse) -> None:
    messages = [warehouse.level("MUG", units, as_of=None) for units in range(60)]

    call(warehouse, "POST", "/v1/messages/stock", {"type": "batch", "messages": messages})
    parts = warehouse.updates.drain()
    for part in reversed(parts):
        warehouse.clock.advance(seconds=5)
        warehouse.redeliver(part)

    assert [part.attributes for part in parts] == [{"index": "0"}, {"index": "25"}, {"index": "50"}]
    assert len({part.received_at for part in parts}) == 1
    assert (parts[0].received_at or 0) < to_milliseconds(warehouse.clock.now())
    assert warehouse.stock("MUG").on_hand == 59


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("", 400),
        ([], 400),
        ("7", 400),
        ({"type": "batch"}, 400),
        ({"type": "batch", "messages": 7}, 400),
        ({"type": "batch", "messages": [{}] * 1_001}, 413),
        ({"type": "batch", "messages": []}, 202),
        ({}, 202),
    ],
)
def test_what_is_no_batch_of_messages_is_refused(warehouse: Warehouse, body: Any, status: int) -> None:
    assert call(warehouse, "POST", "/v1/messages/stock", body)[0] == status


@pytest.mark.parametrize(
    ("method", "path", "scopes"),
    [
        ("POST", "/v1/messages/stock", "ops storefront"),
        ("GET", "/v1/stock/MUG", "erp storefront"),
        ("GET", "/v1/stock/MUG/why", "erp"),
        ("GET", "/v1/settings/shop", "erp"),
        ("PUT", "/v1/settings/shop", ""),
    ],
)
def test_a_key_without_the_scope_is_refused(warehouse: Warehouse, method: str, path: str, scopes: str) -> None:
    assert call(warehouse, method, path, {}, scopes=scopes)[0] == 403


def test_a_skus_numbers_levels_and_orders_are_shown(warehouse: Warehouse) -> None:
    order = {"type": "stock.incoming", "purchase_order_id": "PO-1", "sku": "MUG", "quantity": 40, "eta": "2026-06-01"}
    warehouse.deliver(warehouse.level("MUG", 7.5, committed=2), order)
    warehouse.settle(warehouse.stock("MUG"))

    status, shown = call(warehouse, "GET", "/v1/stock/MUG")

    assert (status, shown["on_hand"], shown["free"], shown["sellable"], shown["incoming"]) == (200, 7, 5, 5, 40)
    assert shown["state"] == "in"
    assert shown["levels"][0]["told"] == {"on_hand": "7.5", "committed": "2"}
    assert (shown["purchase_orders"][0]["open"], shown["purchase_orders"][0]["eta"]) == (40, "2026-06-01")


@pytest.mark.parametrize("path", ["/v1/stock/A%3AB%2B1", "/v1/stock/A:B+1"])
def test_a_sku_in_a_path_is_percent_decoded(warehouse: Warehouse, path: str) -> None:
    warehouse.deliver(warehouse.level("A:B+1", 7))

    assert call(warehouse, "GET", path)[1]["sku"] == "A:B+1"


@pytest.mark.parametrize("path", ["/v1/stock/NOBODY", "/v1/stock/NOBODY/why", "/v1/stock/%D7%90"])
def test_an_unknown_sku_is_not_found(warehouse: Warehouse, path: str) -> None:
    assert call(warehouse, "GET", path)[0] == 404


@pytest.mark.promise("P10")
def test_a_long_explanation_comes_in_pages_newest_last(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.stock.service.STEPS_PAGE", 2)
    for units in (1, 2, 3):
        warehouse.counts("MUG", units)

    _, latest = call(warehouse, "GET", "/v1/stock/MUG/why")
    _, older = call(warehouse, "GET", "/v1/stock/MUG/why", query=f"before={latest['next']}")

    changes = [[step["numbers"]["levels"]["berlin"]["on_hand"] for step in page["steps"]] for page in (latest, older)]
    assert changes == [[2, 3], [1]]
    assert (latest["subject"], older["next"]) == ("MUG", None)


@pytest.mark.parametrize(
    "cursor",
    ["%C3%A9x", "AAAA", "%00", "===", "", "MjAyNi0wNS0wM1QxMDowMDowMC4wMDBa",
     b64encode(b"2026-05-03T10:00Z#" + b"x" * 1_200).decode()],
)  # fmt: skip
def test_a_cursor_that_is_none_of_ours_is_refused(warehouse: Warehouse, cursor: str) -> None:
    warehouse.counts("MUG", 1)

    assert call(warehouse, "GET", "/v1/stock/MUG/why", query=f"before={cursor}")[0] == 400


def test_settings_are_shown_merged_with_their_version(warehouse: Warehouse) -> None:
    call(warehouse, "PUT", "/v1/settings/shop", {"safety_stock": 2, "wave_ratio": 1.5})

    answer = call(warehouse, "PUT", "/v1/settings/sku:MUG", {"low_stock": 1})

    assert answer == call(warehouse, "GET", "/v1/settings/sku:MUG")
    assert answer == (200, {
        "safety_stock": 2, "low_stock": 1, "minimum_restock": 1, "settle_seconds": 0, "wave_ratio": 1.5,
        "wave_interval_seconds": 3600, "notify_everyone": False, "offer_hours": 0, "date_slip_days": 0,
        "checkout_minutes": 15, "checkout_limit": 0, "net_by_as_of": False, "version": 1,
    })  # fmt: skip


def test_a_whole_number_may_come_with_a_point(warehouse: Warehouse) -> None:
    body = '{"safety_stock": 5.0, "low_stock": "7", "settle_seconds": "6.0000", "wave_ratio": "2.5"}'
    status, shown = call(warehouse, "PUT", "/v1/settings/shop", body)

    assert (status, shown["safety_stock"], shown["low_stock"]) == (200, 5, 7)
    assert (shown["settle_seconds"], shown["wave_ratio"]) == (6, 2.5)


def test_settings_of_a_sku_that_fits_no_path_are_reached_by_the_query(warehouse: Warehouse) -> None:
    query = urlencode({"sku": "A/B #1"})

    assert call(warehouse, "PUT", "/v1/settings", {"safety_stock": 4}, query=query)[1]["safety_stock"] == 4
    assert call(warehouse, "GET", "/v1/settings", query=query)[1]["safety_stock"] == 4
    assert call(warehouse, "GET", "/v1/settings/shop")[1]["safety_stock"] == 0


@pytest.mark.parametrize("sku", ["A/B", "why", "snapshots", "חולצה (M), *", "50% & more?"])
def test_every_sku_is_shown_and_explained_by_the_query(warehouse: Warehouse, sku: str) -> None:
    warehouse.deliver(warehouse.level(sku, 7))

    assert call(warehouse, "GET", "/v1/stock", query=urlencode({"sku": sku}))[1]["on_hand"] == 7
    status, why = call(warehouse, "GET", "/v1/stock/why", query=urlencode({"sku": sku}))
    assert (status, why["subject"], len(why["steps"])) == (200, sku, 1)


def test_what_was_shown_can_be_put_back(warehouse: Warehouse) -> None:
    _, shown = call(warehouse, "GET", "/v1/settings/shop")

    assert call(warehouse, "PUT", "/v1/settings/shop", shown)[0] == 200


@pytest.mark.parametrize(
    "change",
    [
        {"safety_stock": -1}, {"safety_stock": "2.5"}, {"low_stock": True}, {"minimum_restock": 0},
        {"settle_seconds": -1}, {"settle_seconds": 10**7}, {"wave_ratio": 0}, {"wave_ratio": 1_000},
        {"wave_interval_seconds": 0}, {"notify_everyone": "yes"}, {"offer_hours": -1}, {"safty_stock": 1}, [], 7,
    ],
)  # fmt: skip
def test_settings_out_of_range_or_misspelt_are_refused(warehouse: Warehouse, change: Any) -> None:
    status, problem = call(warehouse, "PUT", "/v1/settings/shop", change)

    assert (status, problem["type"]) == (400, "/problems/malformed")
    assert problem["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/settings/product:P", 200),
        ("/v1/settings/product:", 400),
        ("/v1/settings/sku:", 400),
        ("/v1/settings/sku:A%20B: C", 200),
        ("/v1/settings", 400),
        ("/v1/settings/shops", 404),
        ("/v1/settings/sku%3AMUG", 200),
    ],
)
def test_the_scopes_of_settings(warehouse: Warehouse, path: str, status: int) -> None:
    assert (call(warehouse, "GET", path)[0], call(warehouse, "PUT", path, {})[0]) == (status, status)


def test_a_products_settings_stand_between_shop_and_sku(warehouse: Warehouse) -> None:
    call(warehouse, "PUT", "/v1/settings/shop", {"low_stock": 9, "safety_stock": 1})
    status, shown = call(warehouse, "PUT", "/v1/settings/product:M%2FUG", {"safety_stock": 2})

    assert (status, shown["safety_stock"], shown["low_stock"], shown["version"]) == (200, 2, 9, 1)
    assert call(warehouse, "GET", "/v1/settings", query="product_id=M%2FUG") == (200, shown)
    assert call(warehouse, "PUT", "/v1/settings", {"safety_stock": None}, query="product_id=M%2FUG") == (
        200,
        {**shown, "safety_stock": 1, "version": 2},
    )
    assert call(warehouse, "GET", "/v1/settings/sku:M%2FUG")[1]["version"] == 0


def test_settings_in_the_query_name_one_thing(warehouse: Warehouse) -> None:
    for query in ("", "sku=A&product_id=P", "product_id=", "sku=A&sku=B"):
        assert call(warehouse, "GET", "/v1/settings", query=query)[0] == 400


def test_offers_last_some_hours_or_are_not_made(warehouse: Warehouse) -> None:
    for hours in (4, 0):
        assert call(warehouse, "PUT", "/v1/settings/shop", {"offer_hours": hours})[0] == 200
        assert call(warehouse, "GET", "/v1/settings/shop")[1]["offer_hours"] == hours
    assert call(warehouse, "PUT", "/v1/settings/shop", {"offer_hours": 721})[0] == 400


@pytest.mark.promise("P9")
def test_a_pages_good_levels_are_taken_and_it_counts_once_it_is_sent_again(warehouse: Warehouse) -> None:
    levels: list[dict[str, Any]] = [{"sku": f"MUG-{number}", "on_hand": 1} for number in range(30)]
    page = {"type": "stock.snapshot", "snapshot_id": "S1", "location_id": "berlin", "page": 1, "pages": 1}
    page["as_of"] = to_text(warehouse.clock.now())
    levels[7]["on_hand"] = "one"

    answer = call(warehouse, "POST", "/v1/messages/stock", page | {"levels": levels})
    take_all(warehouse)

    reason = "page 1, SKU MUG-7: on_hand: 'one' is not a number; its other levels are taken, send the mended page again"
    assert answer == (202, {"accepted": 0, "rejected": [{"index": 0, "reason": reason}]})
    known = [number for number in range(30) if warehouse.reader.stock(f"MUG-{number}")]
    assert known == [number for number in range(30) if number != 7]
    assert warehouse.dead_letters.messages == []
    assert call(warehouse, "GET", "/v1/stock/snapshots/S1", scopes="ops")[1]["pages_missing"] == [1]

    levels[7]["on_hand"] = 1
    call(warehouse, "POST", "/v1/messages/stock", page | {"levels": levels})
    take_all(warehouse)
    assert call(warehouse, "GET", "/v1/stock/snapshots/S1", scopes="ops")[1]["pages_missing"] == []


def test_a_page_without_any_good_level_is_refused(warehouse: Warehouse) -> None:
    page = {"type": "stock.snapshot", "snapshot_id": "S1", "location_id": "berlin", "page": 1, "levels": [{}]}
    page["as_of"] = to_text(warehouse.clock.now())

    _, answer = call(warehouse, "POST", "/v1/messages/stock", page)

    assert [each["index"] for each in answer["rejected"]] == [0]
    assert warehouse.updates.messages == []


def take_all(warehouse: Warehouse) -> None:
    """Let the ingester take what waits, and what it makes of that."""
    while parts := warehouse.updates.drain():
        for part in parts:
            assert warehouse.redeliver(part) == []
