"""Requests that schemathesis makes from the OpenAPI document, fitting or not, are answered as the document says.

All functions, called in this process: few requests of each route, with ``STANDBY_PROOF=1`` many.
`tests.journeys.test_wild_requests` sends such requests over HTTP.
"""

import base64
import os
import re
from datetime import timedelta
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode

from tests.gateway import http_event
from tests.promises.shop import Shop
from tests.standby.availability.storefront import QUEUE, product_changed, variant
from tests.standby.delivery.words import placed
from tests.standby.preorder.line import WaitingLine
from tests.wild import CHECKS, KNOWN, OPERATIONS, Asked, could_be_wrong, requests
from tests.world import World

EXAMPLES = 100 if os.environ.get("STANDBY_PROOF") == "1" else 15
SCOPES = "erp ops storefront"
KEPT = re.compile("%(25|2[Ff])")
"""What the gateway leaves encoded in a path."""


@pytest.fixture
def shop(world: World) -> World:
    """Return a world where some addresses lead to something."""
    level = {"type": "stock.level", "sku": "MUG", "location_id": "warehouse-1", "on_hand": 5}
    mapping = {"columns": {"sku": "Item", "on_hand": 2}, "location_id": "warehouse-1"}
    for method, path, body in (("POST", "/v1/messages/stock", level), ("PUT", "/v1/imports/mappings/daily", mapping)):
        world.request("stock_api", method, path, body=body, scopes=SCOPES)
    world.send(QUEUE, product_changed("mugs", 1, variant("MUG", 1), variant("CUP", 1)))
    world.send("OrderUpdates", placed("1001", "MUG", shipments={"A": ["MUG"]}))
    world.settle()
    return world


def known(world: World, name: str) -> dict[str, str]:
    """Return parameters with which an operation's address leads to something: what is reserved or offered, too."""
    line, sku = WaitingLine(Shop(world)), KNOWN["sku"]
    if not any(f"/v1/{route}/" in name for route in ("campaigns", "reservations", "offers", "preorders")):
        return KNOWN
    line.opens(sku, shards=2)
    held = line.holds("held", sku)
    line.does(line.holds("ana", sku), "confirm")
    line.begins(1, sku="CUP")
    line.shop.counts("CUP", 1)
    token = line.token("w0") if "/v1/offers/" in name else line.link("ana@example.org")
    return {**KNOWN, "id": held, "token": token}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_request_is_answered_as_it_is_documented(name: str, mode: GenerationMode, shop: World) -> None:
    if mode.is_negative and not could_be_wrong(name):
        return
    there = known(shop, name)

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(requests(name, mode, there))
    def answered(asked: Asked) -> None:
        asked.case.validate_response(sent(shop, asked), checks=CHECKS)

    answered()


def sent(shop: World, asked: Asked) -> httpx.Response:
    """Send a request through the function that answers it."""
    event = http_event(
        asked.method,
        unquote(KEPT.sub(r"%25\1", asked.path)),
        query=asked.query,  # type: ignore[arg-type] # pairs
        body=asked.body,
        scopes=SCOPES,
        headers=asked.headers,
    )
    answer = shop.run(asked.case.operation.definition.raw["x-function"], event)
    content = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        content = base64.b64decode(content)
    request = httpx.Request(asked.method, f"https://shop.example{asked.path}")
    headers = dict(answer.get("headers", {}))
    response = httpx.Response(answer["statusCode"], headers=headers, content=content, request=request)
    response.elapsed = timedelta()
    return response
