"""The HTTP routes of a product's page: the product as JSON, as JSON-LD and as a piece of HTML, and what else to buy."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from aws_lambda_powertools.event_handler import Response

from standby.availability.alternatives import Alternatives
from standby.availability.asking import FRESH_SECONDS, LOCALE, reader
from standby.availability.matrix import ChoiceError, Matrix
from standby.platform.http import (
    ACCEPT,
    HTML_MEDIA,
    JSON,
    LANGUAGE,
    PUBLIC,
    Page,
    Problem,
    Resolver,
    malformed,
    page,
    preferred,
    query_value,
    query_values,
)

if TYPE_CHECKING:
    from standby.availability.answers import AlternativeList, ProductMatrix

Found = TypeVar("Found")
JSON_LD = "application/ld+json"
FORMATS = {"json": JSON, "jsonld": JSON_LD, "html": HTML_MEDIA}
"""Values of ``format``; without it, ``Accept`` chooses."""

PRODUCT = {
    "product_id": "the product, percent-encoded",
    "choice": "a value of an option that is chosen, as in `Size:M`; several as `choice=Size:M&choice=Fit:slim`. The "
    "first colon ends the name: one in the name is written `\\:`, a backslash `\\\\`. The value is the rest as it is",
}


def add(app: Resolver, matrix: Callable[[], Matrix], alternatives: Callable[[], Alternatives]) -> None:
    """Add the routes of products to the API's."""

    @app.operation(
        "GET /v1/products/<product_id>/availability",
        "Show a product whole: every variant, and which values of its options can be had",
        {
            200: "the product; a browser or a CDN may show it again for a few seconds",
            400: "malformed, or a choice of an option that the product does not have",
            404: "neither the catalogue nor a SKU named this product",
        },
        parameters={
            **PRODUCT,
            "format": f"{', '.join(FORMATS)}; without it, `Accept` chooses",
            **LOCALE,
        },
        lists=("choice",),
        fresh_seconds=FRESH_SECONDS,
        varies=(ACCEPT, LANGUAGE),
        media=(JSON_LD, HTML_MEDIA),
        scope=PUBLIC,
    )
    def show_product(product_id: str) -> "ProductMatrix | Page":
        """As JSON-LD it is a `ProductGroup` of schema.org, and may stand in a script of a page as it is.

        As HTML it is a piece of a page, for a shop's server to put in: a table or a list, and the JSON-LD.
        """
        form, badges = _form(app), matrix().badges
        asking = reader(app, badges.wording)
        found = _found(product_id, lambda: matrix().of(product_id, query_values(app, "choice"), asking))
        if form == JSON:
            return found
        if form == HTML_MEDIA:
            from standby.availability import fragment  # noqa: PLC0415 - Jinja is long in coming

            return page(fragment.written(found, asking.language, badges.zone))
        from standby.availability import json_ld  # noqa: PLC0415 - storefronts ask for JSON; it costs a cold start

        return Response(status_code=200, content_type=JSON_LD, body=json_ld.written(found))

    @app.operation(
        "GET /v1/products/<product_id>/alternatives",
        "Tell what can be bought instead of a product: what the shop calls similar first, then what is most like it",
        {
            200: "at most a dozen products, each with its reason; a browser or a CDN may show them for a few seconds",
            400: "malformed, or a choice of an option that the product does not have",
            404: "the catalogue never named this product",
        },
        parameters={**PRODUCT, **LOCALE},
        lists=("choice",),
        fresh_seconds=FRESH_SECONDS,
        scope=PUBLIC,
    )
    def show_alternatives(product_id: str) -> "AlternativeList":
        """What cannot be bought now is never among them. What is chosen counts for the order, and names a SKU."""
        asking = reader(app, matrix().badges.wording)
        return _found(product_id, lambda: alternatives().of(product_id, query_values(app, "choice"), asking))


def _found(product_id: str, find: Callable[[], Found | None]) -> Found:
    """Return what is found of a product. Raises `Problem` 400 and 404."""
    try:
        found = find()
    except ChoiceError as error:
        raise malformed(f"choice: {error}") from error
    if found is None:
        raise Problem(404, "unknown-product", f"nobody ever named the product {product_id}")
    return found


def _form(app: Resolver) -> str:
    """Return the media type of the answer. Raises `Problem` 400."""
    asked = query_value(app, "format")
    if asked is None:
        return preferred(app, tuple(FORMATS.values()))
    if asked not in FORMATS:
        raise malformed(f"format: must be one of {', '.join(FORMATS)}")
    return FORMATS[asked]
