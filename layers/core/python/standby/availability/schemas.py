"""The bodies that availability takes, as JSON Schema; unknown fields are ignored."""

from dataclasses import field
from typing import Any, ClassVar

from standby.platform.frozen import frozen
from standby.platform.identifier import schema

MOST = 100
NAMES = {"minItems": 1, "maxItems": MOST, "uniqueItems": True}


@frozen()
class LineBody:
    """A line of a cart."""

    sku: str = field(metadata={"json_schema": schema("sku")})
    quantity: int = field(default=1, metadata={"json_schema": {"minimum": 1, "maximum": 999_999}})


@frozen()
class CheckBody:
    """``POST /v1/availability/check``: a cart. A SKU may stand in several lines."""

    lines: list[LineBody] = field(metadata={"json_schema": {"minItems": 1, "maxItems": MOST}})
    alternatives: bool = field(
        default=False,
        metadata={"json_schema": {"description": "whether to say what a line could be instead; it takes longer"}},
    )


@frozen()
class RankBody:
    """``POST /v1/listings/rank``: a listing of products or of SKUs, in the shop's own order."""

    product_ids: list[str] | None = field(
        default=None, metadata={"json_schema": {"items": {"type": "string", **schema("id")}, **NAMES}}
    )
    skus: list[str] | None = field(
        default=None, metadata={"json_schema": {"items": {"type": "string", **schema("sku")}, **NAMES}}
    )

    json_schema_extra: ClassVar[dict[str, Any]] = {"anyOf": [{"required": ["product_ids"]}, {"required": ["skus"]}]}


MESSAGES: dict[str, type] = {"availability.check": CheckBody, "listing.rank": RankBody}
