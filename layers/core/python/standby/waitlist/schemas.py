"""The bodies that the waitlist takes, as JSON Schema; unknown fields are ignored."""

from dataclasses import field
from typing import Any, ClassVar, Literal

from standby.platform.frozen import frozen
from standby.platform.identifier import schema
from standby.platform.point import NO_POINT, PATTERN
from standby.waitlist.store_offer_model import FARTHEST_KM, LATEST_HOUR, MORNING, MOST_INVITED, MOST_PERCENT, NEAR_KM

LOCALE_PATTERN = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"
LOCALE = {"pattern": LOCALE_PATTERN, "maxLength": 35, "errorMessage": "must be a language, such as he or pt-BR"}
DAY = {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "errorMessage": "must be a date, such as 2026-12-31"}
INSTANT = {"maxLength": 40, "format": "date-time"}
LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
"""One line of text, in which every letter is seen."""

LINE = {"format": "line", "minLength": 1, "maxLength": 100, "pattern": LINE_PATTERN}
SKUS = {
    "items": {"type": "string", **schema("sku")},
    "minItems": 1,
    "maxItems": 10,
    "uniqueItems": True,
}
QUANTITY = {"minimum": 1, "maximum": 999}
NEAR = {"maxLength": 64, "pattern": PATTERN, "errorMessage": NO_POINT}
"""Where the customer is, for the nearest store. About where is kept (`standby.platform.point.coarse`)."""


@frozen()
class ConsentBody:
    """What the customer agrees to in the form: the version of its wording."""

    wording: str = field(metadata={"json_schema": LINE})
    marketing: bool = False


@frozen()
class GivenConsentBody:
    """What the customer agreed to elsewhere: the wording's version, when and where."""

    wording: str = field(metadata={"json_schema": LINE})
    at: str = field(metadata={"json_schema": INSTANT})
    source: str = field(metadata={"json_schema": LINE})
    marketing: bool = False


@frozen()
class JoinBody:
    """``POST /v1/waitlist``: wait for any of several SKUs."""

    email: str = field(metadata={"json_schema": {"minLength": 3, "maxLength": 254}})
    skus: list[str] = field(metadata={"json_schema": SKUS})
    consent: ConsentBody
    quantity: int = field(default=1, metadata={"json_schema": QUANTITY})
    locale: str | None = field(default=None, metadata={"json_schema": LOCALE})
    digest: bool = False
    until: str | None = field(default=None, metadata={"json_schema": DAY})
    time_zone: str | None = field(default=None, metadata={"json_schema": {"maxLength": 64}})
    near: str | None = field(default=None, metadata={"json_schema": NEAR})


TICK = {"enum": ["on", "yes", "true", "1", "", "off", "no", "false", "0"], "errorMessage": "must be on, or not there"}


@frozen()
class JoinForm:
    """``POST /v1/waitlist`` as a page's form: wait for any of several SKUs, each a field of its own."""

    email: str = field(metadata={"json_schema": {"minLength": 3, "maxLength": 254}})
    sku: list[str] = field(metadata={"json_schema": SKUS})
    wording: str = field(metadata={"json_schema": LINE})
    marketing: str = field(default="", metadata={"json_schema": TICK})
    digest: str = field(default="", metadata={"json_schema": TICK})
    quantity: int = field(default=1, metadata={"json_schema": QUANTITY})
    locale: str | None = field(default=None, metadata={"json_schema": LOCALE})
    until: str | None = field(default=None, metadata={"json_schema": DAY})
    time_zone: str | None = field(default=None, metadata={"json_schema": {"maxLength": 64}})
    near: str | None = field(default=None, metadata={"json_schema": NEAR})


@frozen()
class EntryBody:
    """``POST /v1/waitlist/entries``: somebody who consented already."""

    email: str = field(metadata={"json_schema": {"minLength": 3, "maxLength": 254}})
    skus: list[str] = field(metadata={"json_schema": SKUS})
    consent: GivenConsentBody
    quantity: int = field(default=1, metadata={"json_schema": QUANTITY})
    locale: str | None = field(default=None, metadata={"json_schema": LOCALE})
    digest: bool = False
    until: str | None = field(default=None, metadata={"json_schema": DAY})
    time_zone: str | None = field(default=None, metadata={"json_schema": {"maxLength": 64}})
    near: str | None = field(default=None, metadata={"json_schema": NEAR})


@frozen()
class ChangeBody:
    """``PATCH /v1/waitlist/mine/{id}``: what changes about an own entry."""

    skus: list[str] | None = field(default=None, metadata={"json_schema": SKUS})
    quantity: int | None = field(default=None, metadata={"json_schema": QUANTITY})
    until: str | None = field(default=None, metadata={"json_schema": DAY})

    json_schema_extra: ClassVar[dict[str, Any]] = {"minProperties": 1}


STORE_ID = schema("location_id")
WORDS = {"format": "line", "minLength": 1, "maxLength": 200}
"""As much of a text as a mail shows."""


@frozen(kw_only=True)
class StoreOfferBody:
    """``PUT /v1/store-offers/{offer_id}``: who waits is invited to a store that has it."""

    json_schema_extra: ClassVar[dict[str, Any]] = {"additionalProperties": False}

    kind: Literal["next_purchase_percent", "today_only", "early_access", "gift_wrap"]
    since: str = field(metadata={"json_schema": DAY | {"description": "its first day, in the shop's calendar"}})
    until: str = field(metadata={"json_schema": DAY | {"description": "its last day"}})
    most: int = field(
        metadata={
            "json_schema": {
                "minimum": 1,
                "maximum": MOST_INVITED,
                "description": "so many people are invited at most; it may be raised and lowered later",
            }
        }
    )
    percent: int | None = field(
        default=None,
        metadata={
            "json_schema": {
                "minimum": 1,
                "maximum": MOST_PERCENT,
                "description": "of the next purchase; `next_purchase_percent` alone has it",
            }
        },
    )
    hour: int | None = field(
        default=None,
        metadata={
            "json_schema": {
                "minimum": 0,
                "maximum": LATEST_HOUR,
                "description": f"nobody is invited before this hour of the shop's clock; none: {MORNING}",
            }
        },
    )
    km: int | None = field(
        default=None,
        metadata={
            "json_schema": {
                "minimum": 1,
                "maximum": FARTHEST_KM,
                "description": f"so far away a store is near; none: {NEAR_KM}",
            }
        },
    )
    stores: list[str] | None = field(
        default=None,
        metadata={
            "json_schema": {
                "items": {"type": "string", **STORE_ID},
                "maxItems": 100,
                "uniqueItems": True,
                "description": "the locations that take part; none: all stores",
            }
        },
    )
    skus: list[str] | None = field(
        default=None,
        metadata={
            "json_schema": {
                "items": {"type": "string", **schema("sku")},
                "maxItems": 100,
                "uniqueItems": True,
                "description": "what it counts for, with `categories`; neither: everything",
            }
        },
    )
    categories: list[str] | None = field(
        default=None,
        metadata={"json_schema": {"items": {"type": "string", **LINE}, "maxItems": 20, "uniqueItems": True}},
    )
    code: str | None = field(
        default=None,
        metadata={
            "json_schema": {
                "format": "line",
                "minLength": 1,
                "maxLength": 40,
                "pattern": LINE_PATTERN,
                "description": "what the shop's till knows it by",
            }
        },
    )
    texts: dict[str, str] | None = field(
        default=None,
        metadata={
            "json_schema": {
                "maxProperties": 20,
                "propertyNames": LOCALE,
                "additionalProperties": {"type": "string", **WORDS},
                "description": "the shop's own words by language; where there are none, ours stand",
            }
        },
    )


MESSAGES: dict[str, type] = {
    "waitlist.join": JoinBody,
    "waitlist.form": JoinForm,
    "waitlist.entry": EntryBody,
    "waitlist.change": ChangeBody,
    "store.offer": StoreOfferBody,
}
