"""Requests that schemathesis makes from the OpenAPI document, fitting or not, and how their answers are judged."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from standby.platform.http import FORM

from infra.operations.openapi.document import document

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""No 5xx; every status, media type, header and body as documented."""
KNOWN = {"sku": "MUG", "scope": "shop", "name": "daily", "product_id": "mugs", "order_id": "1001"}
"""Parameters with which an address leads to something, where the test put it there."""
OPERATIONS = {found.ok().label: found.ok() for found in schemathesis.openapi.from_dict(document()).get_all_operations()}


def public() -> list[str]:
    """Return the operations that anybody may call."""
    return sorted(name for name, operation in OPERATIONS.items() if not operation.definition.raw["security"])


ANY_TEXT = {"token", "file", "version", "If-None-Match"}
"""Parameters of paths and headers that lead to something or to nothing, and are wrong in no way."""


def could_be_wrong(name: str) -> bool:
    """Tell whether a request of this operation has anything that could be wrong (`ANY_TEXT` cannot be)."""
    operation = OPERATIONS[name]
    read = [each.name for part in (operation.path_parameters, operation.headers) for each in part]
    return any((operation.body, operation.query, set(read) - ANY_TEXT))


ODD_HEADERS = st.dictionaries(
    st.sampled_from(
        ("accept", "accept-language", "accept-encoding", "content-type", "if-none-match", "x-forwarded-for")
    ),
    st.sampled_from(
        ("", "*/*", "*", "text/html", "gzip;q=0", "multipart/form-data", "he;q=x, en;q=0.5,", ",;q=;,=", "a" * 999)
    )
    | st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40).map(str.strip),
    max_size=3,
)
"""What browsers, proxies and attackers send that the document does not name."""
ODD_BODIES = (
    st.none() | st.sampled_from(("", "{", "[]", "null", "NaN", "[" * 9_999, '{"a":"\\ud800"}')) | st.text(max_size=40)
)


class Asked(NamedTuple):
    """A request as it goes out. ``case`` is schemathesis's, which judges the answer."""

    case: Any
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: str | None


def requests(
    name: str, mode: GenerationMode, known: Mapping[str, str] = MappingProxyType(KNOWN)
) -> st.SearchStrategy[Asked]:
    """Draw requests of an operation. Every other one leads to something that is there; some bodies are no JSON.

    ``known`` has the parameters that lead there.
    """
    bodies = ODD_BODIES if mode.is_negative and OPERATIONS[name].body else st.none()
    return st.builds(_asked, OPERATIONS[name].as_strategy(generation_mode=mode), _some(known), ODD_HEADERS, bodies)


def _some(known: Mapping[str, str]) -> st.SearchStrategy[Mapping[str, str]]:
    return st.sampled_from((known, {}))


def _asked(case: Any, known: Mapping[str, str], odd: Mapping[str, str], odd_body: str | None) -> Asked:
    for place in (case.path_parameters, case.query):
        if isinstance(place, dict):
            place.update({name: known[name] for name in place.keys() & known.keys()})
    said = {name.lower(): str(value) for name, value in (case.headers or {}).items()}
    if case.media_type == FORM and isinstance(case.body, dict):
        said["content-type"] = FORM
        case.body = urlencode(case.body, doseq=True, errors="replace").encode()
    return Asked(
        case,
        case.method,
        case.formatted_path,
        list(_pairs(case.query or {})),
        {"accept": "application/json", **said, **odd},
        _text(case.body) if odd_body is None else odd_body,
    )


def _text(body: Any) -> str | None:
    if body is NOT_SET:
        return None
    return body.decode(errors="replace") if isinstance(body, bytes) else json.dumps(body)


def _pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield names and values as they stand in a query; a list's values have its name each."""
    for name, value in query.items():
        for each in value if isinstance(value, list) else [value]:
            yield name, str(each)
