"""What the shop may send: the source of the committed JSON Schemas (``make schemas``).

Unknown fields are ignored (design §5.1).
"""

from dataclasses import field
from typing import Any, ClassVar, Literal

from standby.events.fields import MOST_COMPONENTS
from standby.imports.schemas import MAPPING_NAME, LayoutDocument
from standby.platform.documents import CURRENCY, INSTANT, LINE, LOCALE, SEQUENCE, YOURS, Price, said
from standby.platform.frozen import frozen
from standby.platform.identifier import schema
from standby.platform.web_address import SCHEMA_PATTERN

SKU = schema("sku")
PRODUCT = schema("product_id")
ID = schema("id")
ADDRESS = {"format": "iri", "pattern": SCHEMA_PATTERN, "maxLength": 2_000}
PAGE = {"format": "uri-template", "pattern": SCHEMA_PATTERN, "maxLength": 2_000}
NAME = {"type": "string", "format": "line", "maxLength": 100}


def _by_name(most: int, value: dict[str, Any]) -> dict[str, Any]:
    names = {
        "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]*$",
        "format": "line",
        "minLength": 1,
        "maxLength": 100,
        "errorMessage": "must have at most 100 characters",
    }
    return {"maxProperties": most, "propertyNames": names, "additionalProperties": {"type": "string", **value}}


@frozen(kw_only=True)
class KitComponent:
    """What a kit has of another SKU."""

    sku: str = field(metadata=said(SKU))
    quantity: int = field(metadata=said({"minimum": 1, "maximum": 1_000_000}))


@frozen(kw_only=True)
class ProductVariant:
    """One SKU of a product."""

    sku: str = field(metadata=said(SKU))
    options: dict[str, str] | None = field(
        default=None,
        metadata=said(
            _by_name(10, {"format": "label", "maxLength": 100}), about="such as colour and size, by their names"
        ),
    )
    price: Price | None = None
    image: str | None = field(default=None, metadata=said(ADDRESS))
    external_ids: dict[str, str] | None = field(
        default=None, metadata=said(_by_name(20, ID), about="what other systems call it, by their names")
    )
    components: list[KitComponent] | None = field(
        default=None,
        metadata=said({"maxItems": MOST_COMPONENTS}, about="what a kit is made of: other SKUs that are no kits"),
    )


@frozen(kw_only=True)
class ProductRating:
    """What customers think of it, in stars: ``{"value": 4.6, "count": 128}``."""

    value: float = field(metadata=said({"minimum": 0, "maximum": 5}, about="the mean, of five stars"))
    count: int = field(metadata=said({"minimum": 0, "maximum": 1_000_000_000}, about="how many rated it"))


@frozen(kw_only=True)
class ProductUpserted:
    """All that the shop says of a product. What it said before and says no longer is forgotten, SKUs too."""

    type: Literal["product.upserted"]
    product_id: str = field(metadata=said(PRODUCT))
    title: dict[str, str] = field(
        metadata=said(
            {
                "minProperties": 1,
                "maxProperties": 40,
                "propertyNames": LOCALE,
                "additionalProperties": {"type": "string", "format": "line", "maxLength": 500},
            },
            about="by locale, such as he or pt-BR",
        )
    )
    variants: list[ProductVariant] = field(metadata=said({"maxItems": 2_000}, about="in the product's own order"))
    url: str | None = field(default=None, metadata=said(ADDRESS))
    image: str | None = field(default=None, metadata=said(ADDRESS))
    category: str | None = field(default=None, metadata=said(LINE))
    brand: str | None = field(default=None, metadata=said(LINE))
    tags: list[str] | None = field(default=None, metadata=said({"maxItems": 100, "items": NAME}))
    price: Price | None = None
    rank: int | None = field(
        default=None, metadata=said({"minimum": 0, "maximum": 1_000_000_000}, about="the lowest is shown first")
    )
    rating: ProductRating | None = None
    similar: list[str] | None = field(
        default=None,
        metadata=said({"maxItems": 50, "items": {"type": "string", **PRODUCT}}, about="products to offer instead"),
    )
    options: list[str] | None = field(
        default=None, metadata=said({"maxItems": 10, "items": NAME}, about="names of options, in their order")
    )
    translations: dict[str, Any] | None = field(
        default=None,
        metadata=said(
            {
                "maxProperties": 40,
                "propertyNames": LOCALE,
                "additionalProperties": {
                    "type": "object",
                    **_by_name(1_000, {"format": "line", "minLength": 1, "maxLength": 100}),
                },
            },
            about="by locale: what names and values of options are called there; others are shown as they are",
        ),
    )
    feed: str | None = field(
        default=None,
        metadata=said(MAPPING_NAME, about="set by complete files: their mapping, to whose later files it belongs"),
    )
    as_of: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339; when this was so"))
    sequence: int | None = field(default=None, metadata=said(SEQUENCE, about="at equal as_of the higher one wins"))
    message_id: Any = field(default=None, metadata=said(about=YOURS))
    source: Any = field(default=None, metadata=said(about=YOURS))


@frozen(kw_only=True)
class ProductDiscontinued:
    """A product, or one SKU, does not come back. A newer ``product.upserted`` that has it takes that back."""

    json_schema_extra: ClassVar[dict[str, Any]] = {"anyOf": [{"required": ["product_id"]}, {"required": ["sku"]}]}

    type: Literal["product.discontinued"]
    product_id: str | None = field(default=None, metadata=said(PRODUCT))
    sku: str | None = field(default=None, metadata=said(SKU, about="in place of product_id"))
    as_of: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339; when this was so"))
    sequence: int | None = field(default=None, metadata=said(SEQUENCE, about="at equal as_of the higher one wins"))
    message_id: Any = field(default=None, metadata=said(about=YOURS))
    source: Any = field(default=None, metadata=said(about=YOURS))


@frozen(kw_only=True)
class ImportMappingDocument(LayoutDocument):
    """How product files below ``inbox/<name>/`` are to be read. Their format says where the columns are."""

    json_schema_extra: ClassVar[dict[str, Any]] = {"additionalProperties": False}

    kind: Literal["products"]
    format: Literal["google", "google-xml", "shopify"] = field(
        metadata=said(about="Google's product feed (tab-separated, or XML), or Shopify's product export")
    )
    locale: str = field(default="en", metadata=said(LOCALE, about="the language of the file's titles"))
    currency: str | None = field(default=None, metadata=said(CURRENCY, about="of prices that name none, as Shopify's"))
    product_url: str | None = field(
        default=None,
        metadata=said(PAGE, about="a product's page, with {handle}; Shopify's export does not say it"),
    )
    complete: bool = field(
        default=False,
        metadata=said(
            about="each file names all products that are sold, sold-out ones too: what earlier files brought and "
            "one no longer names has no SKUs any more; over 20 % wait for approval"
        ),
    )


MESSAGES: dict[str, type] = {
    "product.upserted": ProductUpserted,
    "product.discontinued": ProductDiscontinued,
    "import_mapping": ImportMappingDocument,
}
