"""Requests that schemathesis makes, over HTTP to the deployed stack: the public routes answer them as documented.

A plain run sends few of each route, ``make proof`` many (``STANDBY_PROOF=1``).
"""

import os
from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode

from infra.local.client import Client, awaited
from tests.standby.catalog.words import upserted
from tests.wild import CHECKS, KNOWN, Asked, could_be_wrong, public, requests

pytestmark = pytest.mark.local_aws

EXAMPLES = 60 if os.environ.get("STANDBY_PROOF") == "1" else 4
NO_ROUTE = {"message": "Not Found"}
"""The gateway's own answer for addresses that are no route's, such as a path that ``%2F`` divides."""


@pytest.fixture(scope="module")
def shop(client: Client) -> Client:
    """Return a client of a shop in which some addresses lead to something."""
    at = client.now().isoformat(timespec="milliseconds")
    client.send("CatalogUpdates", [upserted(KNOWN["product_id"], KNOWN["sku"], as_of=at)])
    client.level(KNOWN["sku"], 5)
    awaited(lambda: client.statuses(KNOWN["sku"]) == ["InStock"], what="the shop's goods", seconds=60)
    return client


@pytest.mark.parametrize("name", public())
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_public_request_is_answered_as_it_is_documented(name: str, mode: GenerationMode, shop: Client) -> None:
    if mode.is_negative and not could_be_wrong(name):
        return

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(requests(name, mode))
    def answered(asked: Asked) -> None:
        response = sent(shop, asked)
        assert not response.is_server_error, response.text
        if not from_the_gateway(response):
            asked.case.validate_response(response, checks=CHECKS)

    answered()


def sent(shop: Client, asked: Asked) -> httpx.Response:
    """Send a request as it is, without a key."""
    content = None if asked.body is None else asked.body.encode(errors="replace")
    with httpx.Client(base_url=shop.outputs["ApiUrl"], timeout=60) as http:
        http.headers.clear()
        response = http.request(asked.method, asked.path, params=asked.query, headers=asked.headers, content=content)
    response.elapsed = timedelta(seconds=response.elapsed.total_seconds())
    return response


def from_the_gateway(response: httpx.Response) -> bool:
    """Tell whether the gateway found no route."""
    is_json = response.headers.get("content-type", "").startswith("application/json")
    return is_json and response.status_code == httpx.codes.NOT_FOUND and response.json() == NO_ROUTE
