"""Requests that schemathesis makes from the OpenAPI document, fitting or not, are answered as the document says."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.operations.openapi.document import document
from tests.gateway import http_event
from tests.world import World

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 15
KNOWN = {"sku": "MUG", "scope": "shop", "name": "daily"}
SCOPES = "erp ops storefront"
OPERATIONS = {found.ok().label: found.ok() for found in schemathesis.openapi.from_dict(document()).get_all_operations()}


@pytest.fixture
def shop(world: World) -> World:
    """Return a world where some addresses lead to something."""
    level = {"type": "stock.level", "sku": "MUG", "location_id": "warehouse-1", "on_hand": 5}
    mapping = {"columns": {"sku": "Item", "on_hand": 2}, "location_id": "warehouse-1"}
    for method, path, body in (("POST", "/v1/messages/stock", level), ("PUT", "/v1/imports/mappings/daily", mapping)):
        world.request("stock_api", method, path, body=body, scopes=SCOPES)
    world.settle()
    return world


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_request_is_answered_as_it_is_documented(name: str, mode: GenerationMode, shop: World) -> None:
    operation = OPERATIONS[name]
    if mode.is_negative and not any((operation.body, operation.query, operation.path_parameters)):
        return  # nothing could be wrong with it

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode), booleans())
    def answered(case: Any, known: bool) -> None:  # noqa: FBT001 - drawn
        if known and isinstance(case.path_parameters, dict):
            case.path_parameters |= {name: KNOWN[name] for name in case.path_parameters.keys() & KNOWN.keys()}
        case.validate_response(sent(shop, case), checks=CHECKS)

    answered()


def sent(shop: World, case: Any) -> httpx.Response:
    """Send a request through the function that answers it."""
    body = None if case.body is NOT_SET else case.body
    event = http_event(
        case.method,
        case.formatted_path,
        query={name: str(value) for name, value in (case.query or {}).items()},
        body=body.decode(errors="replace") if isinstance(body, bytes) else body,
        scopes=SCOPES,
    )
    answer = shop.run(case.operation.definition.raw["x-function"], event)
    request = httpx.Request(case.method, f"https://shop.example{case.formatted_path}")
    content, headers = answer.get("body") or "", answer.get("headers", {})
    response = httpx.Response(answer["statusCode"], headers=headers, content=content, request=request)
    response.elapsed = timedelta()
    return response
