"""The types of events' fields: what Python checks, and beside it what the published JSON Schema says.

The pairs behind a type are words of JSON Schema; they are tuples, so that a type can be looked up in a mapping. What
has fields of its own is a ``TypedDict``: it arrives as a mapping, and what is not known of it is left out too.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, NotRequired, TypedDict

MOST_REFERENCES = 50
"""The most recipients that a mail job may have."""
MOST_VARIANTS = 2_000
MOST_LOCALES = 40
MOST_COMPONENTS = 30
"""Of a kit: the ledger takes a kit in one transaction of at most 100 writes, three for each component beside four."""

MOST_LINES = 1_000
"""Of an order."""
MOST_ORDER_IDS = 100
"""Reservations or discount codes of an order."""

EventId = Annotated[
    str, ("description", "names what happened; it is the same when the event is told again"), ("minLength", 1)
]
Instant = Annotated[str, ("format", "date-time"), ("description", "RFC 3339, UTC")]
Day = Annotated[str, ("format", "date"), ("description", "a calendar date in the shop's time zone")]
Release = Annotated[str, ("description", "a day (2027-03-01), a month (2027-03) or a period (2027-03-01/2027-03-15)")]
Sku = Annotated[str, ("minLength", 1), ("maxLength", 100)]
Revision = Annotated[int, ("minimum", 0), ("description", "the SKU's revision; ignore lower ones than you have seen")]
Units = Annotated[int, ("minimum", 0)]
Address = Annotated[str, ("minLength", 1), ("description", "a key made from an e-mail address, which it hides")]
References = Annotated[Sequence[str], ("maxItems", MOST_REFERENCES)]
ProductId = Annotated[str, ("minLength", 1), ("maxLength", 100), ("description", "a product of the shop's catalogue")]
Edition = Annotated[
    int, ("minimum", 1), ("description", "rises with each change; ignore lower ones than you have seen")
]
Number = Annotated[int, ("minimum", 0)]
Currency = Annotated[str, ("pattern", "^[A-Z]{3}$"), ("description", "ISO 4217")]
Words = Annotated[Sequence[str], ("maxItems", 100)]
Localized = Annotated[
    Mapping[str, str], ("maxProperties", MOST_LOCALES), ("description", "a text per locale, such as he or pt-BR")
]
Translations = Annotated[
    Mapping[str, Mapping[str, str]],
    ("maxProperties", MOST_LOCALES),
    ("description", "per locale, what words such as names and values of options are called there"),
]
ByName = Annotated[Mapping[str, str], ("description", "values by their names")]
OtherId = Annotated[str, ("minLength", 1), ("maxLength", 100)]
ShipmentIds = Annotated[Sequence[str], ("maxItems", MOST_LINES)]
OrderIds = Annotated[Sequence[str], ("maxItems", MOST_ORDER_IDS)]


class Money(TypedDict):
    """An amount in minor units, such as cents."""

    amount: Number
    currency: Currency


class Rating(TypedDict):
    """What customers think of a product: the mean in hundredths of a star, of 500 at most, and how many rated it."""

    hundredths: Number
    count: Number


class Component(TypedDict):
    """What a kit has of a SKU."""

    sku: Sku
    quantity: Units


Components = Annotated[Sequence[Component], ("maxItems", MOST_COMPONENTS)]


class Variant(TypedDict):
    """What a product says of one of its SKUs, or that it no longer has it (``gone``).

    ``edition`` is the SKU's, whichever product speaks of it. ``position`` is its place in the product's own order.
    """

    sku: Sku
    edition: Edition
    gone: bool
    discontinued: bool
    position: NotRequired[Number]
    options: NotRequired[ByName]
    price: NotRequired[Money]
    image: NotRequired[str]
    external_ids: NotRequired[ByName]
    components: NotRequired[Components]


Variants = Annotated[Sequence[Variant], ("maxItems", MOST_VARIANTS)]


class OrderLine(TypedDict):
    """What an order wants of a SKU."""

    line_id: OtherId
    sku: Sku
    quantity: Units


OrderLines = Annotated[Sequence[OrderLine], ("maxItems", MOST_LINES)]


class OrderedSku(TypedDict):
    """All that an order wants of a SKU, in however many lines, and what became of it."""

    sku: Sku
    quantity: Units
    shipped: Units
    cancelled: Units


OrderedSkus = Annotated[Sequence[OrderedSku], ("maxItems", MOST_LINES)]

MOST_RESERVED = 100
ReservationId = Annotated[str, ("minLength", 1), ("maxLength", 100), ("description", "a reservation's id")]


Amounts = Annotated[Sequence[Money], ("maxItems", MOST_RESERVED)]
"""One of each currency."""


class ReservedLine(TypedDict):
    """Units of a SKU that a reservation has."""

    sku: Sku
    quantity: Units


ReservedLines = Annotated[Sequence[ReservedLine], ("maxItems", MOST_RESERVED)]


class CancelledLine(TypedDict):
    """Units of a SKU that are to be cancelled, and of which line of the order they are, where that is known."""

    sku: Sku
    quantity: Units
    line_id: NotRequired[OtherId]


CancelledLines = Annotated[Sequence[CancelledLine], ("maxItems", MOST_LINES)]
