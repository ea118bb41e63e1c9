"""Every state has its word on every platform, and the docs' table says the same."""

import json
from pathlib import Path

import pytest
from standby.shelf import terms
from standby.shelf.model import ORDERABLE, STATUSES

from infra.operations.terms import CONTENTS, text

GOOGLE = {"in_stock", "out_of_stock", "preorder", "backorder"}
META = {"in stock", "out of stock", "preorder", "available for order", "discontinued"}
SCHEMA_ORG = (
    {"BackOrder", "Discontinued", "InStock", "InStoreOnly", "LimitedAvailability", "MadeToOrder", "OnlineOnly"}
    | {"OutOfStock", "PreOrder", "PreSale", "Reserved", "SoldOut"}
)  # fmt: skip
"""Members of schema.org's `ItemAvailability`, version 29."""
OF_GOOGLE = {
    "in_stock": {"InStock", "LimitedAvailability", "OnlineOnly"},
    "out_of_stock": {"Discontinued", "InStoreOnly", "OutOfStock", "SoldOut"},
    "preorder": {"PreOrder", "PreSale"},
    "backorder": {"BackOrder"},
}
"""Google's own table, at the address that `terms` names."""
OPENAPI = Path(__file__).parents[3] / "openapi.json"


def test_every_status_has_its_terms() -> None:
    assert set(STATUSES) - set(terms.TERMS) == set(), "say in standby/shelf/terms.py what platforms call it"


def test_every_status_that_the_api_names_has_its_terms() -> None:
    shapes = json.loads(OPENAPI.read_text("utf-8"))["components"]["schemas"]
    told = {value for value in _words(shapes["BadgeShown"]["properties"]["status"]) if value is not None}
    assert told == set(STATUSES)


def test_statuses_are_words_of_schema_org() -> None:
    assert set(terms.TERMS) <= SCHEMA_ORG
    assert terms.item_availability("SoldOut") == "https://schema.org/SoldOut"


@pytest.mark.parametrize(("status", "called"), terms.TERMS.items())
def test_terms_are_the_platforms_own(status: str, called: terms.Terms) -> None:
    assert called.google in GOOGLE
    assert status in OF_GOOGLE[called.google]
    assert called.meta in META


def test_what_can_be_ordered_can_be_ordered_everywhere_and_nothing_else() -> None:
    for status in STATUSES:
        called = terms.TERMS[status]
        takes_orders = called.google != "out_of_stock"
        assert (status in ORDERABLE) == takes_orders == called.shopify, status


def test_the_table_in_the_docs_is_the_one_in_the_code() -> None:
    assert CONTENTS.read_text("utf-8") == text(), "make schemas"


def _words(schema: object) -> list[str | None]:
    """Return the values that a schema allows, wherever they stand in it."""
    if isinstance(schema, dict):
        return [*schema.get("enum", ()), *(word for each in schema.values() for word in _words(each))]
    return [word for each in schema for word in _words(each)] if isinstance(schema, list) else []
