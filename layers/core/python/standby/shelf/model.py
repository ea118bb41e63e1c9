"""A row of the shelf, a product, and the rule by which they can be had. The words are schema.org's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Literal

from standby.platform.frozen import frozen

Status = Literal["InStock", "LimitedAvailability", "InStoreOnly", "OutOfStock", "SoldOut", "Discontinued"]
"""Of schema.org's `ItemAvailability`; the best stands first."""
IN_STOCK: Status = "InStock"
LIMITED: Status = "LimitedAvailability"
IN_STORE_ONLY: Status = "InStoreOnly"
OUT_OF_STOCK: Status = "OutOfStock"
SOLD_OUT: Status = "SoldOut"
DISCONTINUED: Status = "Discontinued"
STATUSES: tuple[Status, ...] = (IN_STOCK, LIMITED, IN_STORE_ONLY, OUT_OF_STOCK, SOLD_OUT, DISCONTINUED)
Counted = Status | Literal["awaited"]
"""What a product counts its rows by: the status of each, and whether it can be waited for (`Row.awaited`)."""
AWAITED: Counted = "awaited"
BUYABLE = frozenset({IN_STOCK, LIMITED})
"""What can be bought online."""
TO_BE_HAD = BUYABLE | {IN_STORE_ONLY}
"""What can be had, if only by whoever comes to a store."""
BETWEEN = "\t"
"""Between the parts of a listing. It stands in no SKU, and sorts before whatever does, so a SKU's listings are
neighbours."""

RULES: Mapping[Status | None, str] = {
    IN_STOCK: "more units can be sold than the shop calls low",
    LIMITED: "units can be sold, but no more than the shop calls low",
    IN_STORE_ONLY: "nothing can be sold online, and a store has units for those who come",
    OUT_OF_STOCK: "nothing can be sold, and more is on its way",
    SOLD_OUT: "nothing can be sold, and nothing is on its way",
    DISCONTINUED: "nothing can be sold, and the catalogue says that it does not come back",
    None: "neither the ERP nor the catalogue ever named it",
}
"""Why a row has its status, for an explanation."""


@frozen(kw_only=True)
class Supply:
    """What the ledger says of a SKU, in units. ``revision`` 0: the ERP never named it."""

    revision: int = 0
    sellable: int = 0
    low_stock: int = 0
    incoming: int = 0
    arrivals: Sequence[str] = ()
    """The days on which open purchase orders are expected, the earliest first."""
    too_little: int = 0
    """On so many of the first of those days nothing can be sold yet: what comes is less than what is missing."""
    overdue: bool = False
    """An open purchase order should have come before the day of `as_of`."""
    in_store: int = 0
    """Units that only somebody who comes to a store can buy."""
    stores: Mapping[str, int] = field(default_factory=dict)
    """Units that can be bought in stores, also in those that sell online, by location; those with most of them."""
    more_stores: int = 0
    """Stores with units, beside those."""
    as_of: str = ""
    """Since when the numbers are so (RFC 3339)."""

    @property
    def days(self) -> Sequence[str]:
        """Return the days of `arrivals` on which there is something to sell."""
        return self.arrivals[self.too_little :]


@frozen(kw_only=True)
class Variant:
    """What the catalogue says of a SKU. ``product_id`` ``None``: no product has it."""

    edition: int = 0
    """Rises with each word about the SKU. 0: the catalogue never named it."""
    whole: bool = True
    """False where only `ProductDiscontinued` of this edition was heard, which says less than `ProductChanged` does."""
    product_id: str | None = None
    position: int = 0
    """The place among the product's SKUs."""
    options: Mapping[str, str] = field(default_factory=dict)
    price: Mapping[str, Any] | None = None
    image: str | None = None
    discontinued: bool = False
    as_of: str = ""


@frozen(kw_only=True)
class Heard:
    """The event that led to the last change of a source's part of a row."""

    event: str = ""
    at: str = ""


@frozen(kw_only=True)
class Row:
    """Everything that a shopper is told of a SKU."""

    sku: str
    supply: Supply = field(default_factory=Supply)
    variant: Variant = field(default_factory=Variant)
    of_supply: Heard = field(default_factory=Heard)
    of_variant: Heard = field(default_factory=Heard)
    written_as: Status | None = None
    """The status with which it was written, and as which its product counts it."""
    listed_as: str | None = None
    """The listing with which it was written."""
    awaited_as: bool = False
    """It was written as one that can be waited for, and its product counts it as such."""
    edition: int = 0
    """Rises by one with each write, which guards against a second writer. 0: not in the table yet."""

    @property
    def status(self) -> Status | None:
        """Return what schema.org calls this; ``None`` for a SKU that neither the ERP nor the catalogue ever named."""
        supply, variant = self.supply, self.variant
        if supply.sellable > 0:
            return LIMITED if supply.sellable <= supply.low_stock else IN_STOCK
        if supply.in_store > 0:
            return IN_STORE_ONLY
        if variant.discontinued:
            return DISCONTINUED
        if supply.incoming > 0:
            return OUT_OF_STOCK
        return SOLD_OUT if supply.revision or variant.product_id is not None else None

    @property
    def awaited(self) -> bool:
        """Tell whether somebody can wait for it: the ERP knows it, and it comes back."""
        return bool(self.supply.revision) and not self.variant.discontinued

    @property
    def as_of(self) -> str:
        """Return since when it is so."""
        return max(self.supply.as_of, self.variant.as_of)

    def back_on(self, today: str) -> str | None:
        """Return the earliest day, not before today, from which there is more. An order that is late has no day."""
        return earliest(self.supply.days, today)

    def firm(self, today: str) -> bool:
        """Tell whether a day on which more is expected can be relied on: no open purchase order is late."""
        return not self.supply.overdue and all(day >= today for day in self.supply.arrivals)

    @property
    def listing(self) -> str | None:
        """Return what a feed of all SKUs needs of it (`Listed`); ``None`` for what nobody ever named."""
        status = self.status
        if status is None:
            return None
        days = () if status in BUYABLE or self.variant.discontinued else self.supply.days
        return BETWEEN.join((self.sku, status, ",".join(days)))

    @property
    def stale(self) -> bool:
        """Tell whether it was written by another rule than today's."""
        written = (self.written_as, self.listed_as, self.awaited_as)
        return self.edition > 0 and (self.status, self.listing, self.awaited) != written

    def supplied(self, supply: Supply, heard: Heard) -> "Row":
        """Return the row with the ledger's numbers; the same row where it has them already."""
        return self if supply == self.supply else replace(self, supply=supply, of_supply=heard)

    def described(self, variant: Variant, heard: Heard) -> "Row":
        """Return the row with the catalogue's word; the same row where it knows this one or a newer one."""
        if (variant.edition, variant.whole) <= (self.variant.edition, self.variant.whole):
            return self
        return replace(self, variant=variant, of_variant=heard)


@frozen()
class Listed:
    """What a feed of all SKUs says of one of them."""

    sku: str
    status: str
    days: Sequence[str]
    """The days on which more is expected, the earliest first; none where it can be bought or does not come back."""

    @classmethod
    def of(cls, listing: str) -> "Listed":
        """Read a row's `Row.listing`. Raises ``ValueError`` for any other text."""
        sku, status, days = listing.rsplit(BETWEEN, 2)
        return cls(sku, status, tuple(days.split(",")) if days else ())

    def back_on(self, today: str) -> str | None:
        """Return the earliest day, not before today, on which more is expected."""
        return earliest(self.days, today)


@frozen(kw_only=True)
class Head:
    """What the catalogue says of a product as a whole. ``edition`` 0: it never named it."""

    edition: int = 0
    title: Mapping[str, str] = field(default_factory=dict)
    """By locale."""
    url: str | None = None
    image: str | None = None
    category: str | None = None
    brand: str | None = None
    tags: Sequence[str] = ()
    price: Mapping[str, Any] | None = None
    price_from: Mapping[str, Any] | None = None
    """The lowest of its variants, where it has none of its own."""
    rank: int | None = None
    similar: Sequence[str] = ()
    options: Sequence[str] = ()
    discontinued: bool = False


@frozen(kw_only=True)
class Store:
    """A location as the ERP described it; ``about`` has what it said of name, address, phone, coordinates, hours."""

    location_id: str
    edition: int = 0
    """The description's in the ledger."""
    kind: str = "store"
    sells_online: bool = False
    """Whether its units are sold online, too."""
    about: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class Product:
    """How many rows of a product have which status, and how many can be waited for."""

    product_id: str
    counts: Mapping[Status, int] = field(default_factory=dict)
    awaited: int | None = None
    """``None``: nobody counted that yet."""
    as_of: str = ""
    """When the counts were last moved."""

    @property
    def status(self) -> Status | None:
        """Return the best status of its rows; ``None`` for a product without any."""
        return next((status for status in STATUSES if self.counts.get(status, 0) > 0), None)

    @property
    def is_awaited(self) -> bool:
        """Tell whether somebody can wait for one of its rows. Its status tells where nobody counted that yet."""
        return self.status not in {None, DISCONTINUED} if self.awaited is None else self.awaited > 0


def earliest(days: Iterable[str], today: str) -> str | None:
    """Return the first of the days, which come in their order, that is not over."""
    return next((day for day in days if day >= today), None)


def moves(changes: Iterable[tuple[Row, Row]]) -> dict[str, dict[Counted, int]]:
    """Return by how much rows, each before and after a change, move the counts of products; 0 is left out."""
    found: dict[str, dict[Counted, int]] = {}
    for before, after in changes:
        for by, product_id, status, awaited in (
            (-1, before.variant.product_id, before.written_as, before.awaited_as),
            (1, after.variant.product_id, after.status, after.awaited),
        ):
            if product_id is not None and status is not None:
                counts = found.setdefault(product_id, {})
                for each in (status, AWAITED) if awaited else (status,):
                    counts[each] = counts.get(each, 0) + by
    kept = {product: {each: by for each, by in counts.items() if by} for product, counts in found.items()}
    return {product: counts for product, counts in kept.items() if counts}
