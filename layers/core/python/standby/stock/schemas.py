"""What the ERP and the shop may send: the source of the committed JSON Schemas (``make schemas``).

Unknown fields of messages are ignored (design §5.1); unknown settings are refused, because a misspelt one would
silently do nothing.
"""

from dataclasses import field
from typing import Any, ClassVar, Literal

from standby.imports.schemas import LayoutDocument
from standby.platform.documents import DATE, INSTANT, SEQUENCE, YOURS, said
from standby.platform.frozen import frozen
from standby.platform.identifier import schema

SKU = schema("sku")
LOCATION = schema("location_id")
ID = schema("id")
QUANTITY = {"minimum": -1_000_000_000, "maximum": 1_000_000_000}
COUNT = {"minimum": 0, "maximum": 1_000_000_000}
PAGE = {"minimum": 1, "maximum": 10_000}
PAGE_MARK = {"pattern": "^[0-9a-f]{8}$", "errorMessage": "must be 8 hexadecimal digits"}
WORDS = {"maxItems": 50, "items": {"type": "string", "maxLength": 100}}
COLUMN = {"minimum": 1, "maximum": 1_000, "minLength": 1, "maxLength": 200}

HOURS = (
    'by the clock on the wall: {"mon": [["09:00", "13:00"], ["16:00", "19:30"]], "sat": [], '
    '"exceptions": {"2026-12-25": []}}; text, or lines of it, is shown as it is'
)


@frozen(kw_only=True)
class StockLevel:
    """What lies at one location: ``on_hand`` (and perhaps ``committed``), or ``available``. Decimals round down."""

    json_schema_extra: ClassVar[dict[str, Any]] = {"anyOf": [{"required": ["on_hand"]}, {"required": ["available"]}]}

    type: Literal["stock.level"]
    sku: str = field(metadata=said(SKU))
    location_id: str = field(metadata=said(LOCATION))
    on_hand: float | None = field(default=None, metadata=said(QUANTITY, about="units counted; below 0 counts as 0"))
    committed: float | None = field(
        default=None, metadata=said(QUANTITY, about="of these units, those for the ERP's open orders")
    )
    available: float | None = field(default=None, metadata=said(QUANTITY, about="in place of on_hand and committed"))
    as_of: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339; when this was observed"))
    sequence: int | None = field(default=None, metadata=said(SEQUENCE, about="at equal as_of the higher one wins"))
    netted_until: str | None = field(
        default=None,
        metadata=said(
            INSTANT,
            about="RFC 3339; orders up to this instant are subtracted already, those ahead of their goods as committed "
            "or below 0; what a checkout holds counts beside it until its order is told, so tell orders first",
        ),
    )
    message_id: Any = field(default=None, metadata=said(about=YOURS))
    source: Any = field(default=None, metadata=said(about=YOURS))


@frozen(kw_only=True)
class StockIncoming:
    """Units on a purchase order; ``quantity`` 0 cancels them."""

    type: Literal["stock.incoming"]
    purchase_order_id: str = field(metadata=said(ID))
    sku: str = field(metadata=said(SKU))
    quantity: float = field(metadata=said(COUNT))
    eta: str | None = field(default=None, metadata=said(DATE, about="calendar date in the shop's time zone"))
    supplier_id: str | None = field(default=None, metadata=said(ID))
    as_of: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339"))
    message_id: Any = field(default=None, metadata=said(about=YOURS))
    source: Any = field(default=None, metadata=said(about=YOURS))


@frozen(kw_only=True)
class StockReceived:
    """How many units of a purchase order's line have been received so far. Lowers what is incoming, nothing else."""

    type: Literal["stock.received"]
    purchase_order_id: str = field(metadata=said(ID))
    sku: str = field(metadata=said(SKU))
    quantity: float = field(metadata=said(COUNT, about="all units received so far"))
    occurred_at: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339"))
    message_id: Any = field(default=None, metadata=said(about=YOURS))
    source: Any = field(default=None, metadata=said(about=YOURS))


@frozen(kw_only=True)
class LocationUpserted:
    """The description of a location. A store counts online if it sells online or ships orders."""

    type: Literal["location.upserted"]
    location_id: str = field(metadata=said(LOCATION))
    kind: Literal["warehouse", "store", "quarantine", "returns", "transit"]
    sells_online: bool | None = None
    ships_orders: bool | None = None
    buffer: int | None = field(default=None, metadata=said(COUNT, about="free units here that are not sold online"))
    name: str | None = field(default=None, metadata=said({"maxLength": 200, "format": "line"}))
    address: str | dict[str, Any] | None = None
    phone: str | None = field(default=None, metadata=said({"maxLength": 50, "format": "line"}))
    latitude: float | None = field(default=None, metadata=said({"minimum": -90, "maximum": 90}))
    longitude: float | None = field(default=None, metadata=said({"minimum": -180, "maximum": 180}))
    hours: str | dict[str, Any] | list[str] | None = field(default=None, metadata=said(about=HOURS))
    as_of: str | None = field(default=None, metadata=said(INSTANT, about="RFC 3339"))
    message_id: Any = field(default=None, metadata=said(about=YOURS))
    source: Any = field(default=None, metadata=said(about=YOURS))


@frozen(kw_only=True)
class SnapshotLevel:
    """One SKU of a snapshot's page. With ``counted: false`` it is named and keeps the level that it has."""

    json_schema_extra: ClassVar[dict[str, Any]] = {
        "anyOf": [{"required": ["on_hand"]}, {"required": ["available"]}, {"required": ["counted"]}]
    }

    sku: str = field(metadata=said(SKU))
    on_hand: float | None = field(default=None, metadata=said(QUANTITY, about="units counted; below 0 counts as 0"))
    committed: float | None = field(
        default=None, metadata=said(QUANTITY, about="of these units, those for the ERP's open orders")
    )
    available: float | None = field(default=None, metadata=said(QUANTITY, about="in place of on_hand and committed"))
    netted_until: str | None = field(default=None, metadata=said(INSTANT, about="in place of the snapshot's"))
    counted: bool = field(
        default=True, metadata=said(about="false, without units: nobody counted it, and its level stays as it is")
    )


@frozen(kw_only=True)
class StockSnapshot:
    """A page of a full count of one location; pages come in any order. SKUs that no page names become 0."""

    type: Literal["stock.snapshot"]
    snapshot_id: str = field(metadata=said(ID))
    location_id: str = field(metadata=said(LOCATION))
    as_of: str = field(metadata=said(INSTANT, about="RFC 3339; the same on every page"))
    page: int = field(metadata=said(PAGE, about="its number, from 1"))
    pages: int | None = field(default=None, metadata=said(PAGE, about="how many there are; one page must say it"))
    levels: list[SnapshotLevel] = field(metadata=said({"maxItems": 10_000}))
    netted_until: str | None = field(
        default=None, metadata=said(INSTANT, about="RFC 3339; orders up to this instant are subtracted already")
    )
    doubt: str | None = field(
        default=None,
        metadata=said({"minLength": 1, "maxLength": 500}, about="why nothing may be emptied without approval"),
    )
    part: int = field(default=1, metadata=said(PAGE, about="which part of a page that was split"))
    parts: int = field(default=1, metadata=said(PAGE))
    page_mark: str | None = field(
        default=None, metadata=said(PAGE_MARK, about="ours: what the parts of one page share")
    )
    incomplete: bool = field(default=False, metadata=said(about="levels are missing: the page does not count as come"))
    message_id: Any = field(default=None, metadata=said(about=YOURS))
    source: Any = field(default=None, metadata=said(about=YOURS))


@frozen(kw_only=True)
class SettingsChange:
    """A subset of the settings; ``null`` unsets a field, so that it is inherited again. ``version`` is ignored."""

    json_schema_extra: ClassVar[dict[str, Any]] = {"additionalProperties": False}

    safety_stock: int | None = field(default=None, metadata=said(COUNT, about="units that are never sold"))
    low_stock: int | None = field(
        default=None, metadata=said(COUNT, about="so many units or fewer: LimitedAvailability")
    )
    minimum_restock: int | None = field(default=None, metadata=said(COUNT, {"minimum": 1}))
    settle_seconds: int | None = field(default=None, metadata=said({"minimum": 0, "maximum": 604_800}))
    wave_ratio: float | None = field(
        default=None, metadata=said({"minimum": 0.01, "maximum": 100}, about="customers told per sellable unit")
    )
    wave_interval_seconds: int | None = field(default=None, metadata=said({"minimum": 1, "maximum": 2_592_000}))
    notify_everyone: bool | None = None
    offer_hours: int | None = field(default=None, metadata=said({"minimum": 0, "maximum": 720}))
    date_slip_days: int | None = field(
        default=None,
        metadata=said(
            {"minimum": 0, "maximum": 365},
            about="those who wait are told the day on which it is back, and another one from so many days later on; "
            "0: no day is told",
        ),
    )
    checkout_minutes: int | None = field(
        default=None, metadata=said({"minimum": 1, "maximum": 60}, about="how long a checkout holds units")
    )
    checkout_limit: int | None = field(
        default=None, metadata=said(COUNT, about="units that a customer may hold at checkout; 0: any number")
    )
    net_by_as_of: bool | None = field(
        default=None,
        metadata=said(
            about="the ERP counts orders and reservations itself: its levels contain, as committed or fewer units, the "
            "orders placed up to their `as_of`, without a `netted_until` that says so"
        ),
    )
    version: int | None = None


@frozen(kw_only=True)
class MappingColumns:
    """Where a file's columns are: a name in its header (capitals do not matter), or a number from 1."""

    json_schema_extra: ClassVar[dict[str, Any]] = {"additionalProperties": False}

    sku: str | int = field(metadata=said(COLUMN))
    location: str | int | None = field(default=None, metadata=said(COLUMN))
    on_hand: str | int | None = field(default=None, metadata=said(COLUMN))
    committed: str | int | None = field(default=None, metadata=said(COLUMN))
    available: str | int | None = field(default=None, metadata=said(COLUMN))
    as_of: str | int | None = field(default=None, metadata=said(COLUMN))
    status: str | int | None = field(
        default=None, metadata=said(COLUMN, about="a word of zero_words or keep_words here outweighs the quantity")
    )


@frozen(kw_only=True)
class ImportMappingDocument(LayoutDocument):
    """How the stock files below ``inbox/<name>/`` are to be read."""

    json_schema_extra: ClassVar[dict[str, Any]] = {"additionalProperties": False}

    kind: Literal["stock"] = "stock"
    columns: MappingColumns
    location_id: str | None = field(default=None, metadata=said(LOCATION, about="the location of every line"))
    full_count: bool = field(default=False, metadata=said(about="SKUs that the file does not name become 0"))
    sku_upper: bool = False
    sku_prefix: str = field(
        default="", metadata=said({"maxLength": 64}, about="cut off the front of the ERP's item numbers")
    )
    unit_factor: float = field(
        default=1,
        metadata=said({"exclusiveMinimum": 0, "maximum": 1_000_000}, about="our units in one unit of the ERP"),
    )
    sum_lines: bool = field(default=False, metadata=said(about="several lines of a SKU and location are added up"))
    empty_is_zero: bool = field(default=False, metadata=said(about="an empty quantity is 0, not a bad line"))
    zero_words: list[str] | None = field(
        default=None, metadata=said(WORDS, about='what means no units, such as "not stocked"')
    )
    keep_words: list[str] | None = field(
        default=None,
        metadata=said(
            WORDS,
            about='what leaves everything as it is, such as "n/a" ("": empty); not with sum_lines',
        ),
    )


MESSAGES: dict[str, type] = {
    "stock.level": StockLevel,
    "stock.snapshot": StockSnapshot,
    "stock.incoming": StockIncoming,
    "stock.received": StockReceived,
    "location.upserted": LocationUpserted,
    "settings": SettingsChange,
    "import_mapping": ImportMappingDocument,
}
