"""A request as API Gateway hands it to a function."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode


def http_event(
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: object = None,
    scopes: str = "",
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the event (payload 2.0) of a request whose key has these scopes."""
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "queryStringParameters": dict(query or {}),
        "headers": {"accept": "application/json", **(headers or {})},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"},
            "stage": "$default",
            "requestId": "request",
            "domainName": "shop.example",
            "authorizer": {"lambda": {"scopes": scopes, "key_id": "key", "name": "test"}},
        },
        "body": text,
        "isBase64Encoded": False,
    }
