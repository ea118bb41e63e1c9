"""A row of the shelf, a product, and the rule by which they can be had. The words are schema.org's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from standby.platform.frozen import frozen
from standby.shelf.ahead_model import AHEAD, BACK_ORDER, PRE_ORDER, Ahead, Campaign, Window
from standby.shelf.stay_model import AT_ONCE, Stay

Lasting = Literal["InStock", "LimitedAvailability", "InStoreOnly", "OutOfStock", "SoldOut", "Discontinued"]
"""What lasts until ERP or catalogue speak. What is ordered ahead begins and ends by the clock, too."""
Status = Lasting | Ahead
"""Of schema.org's `ItemAvailability`."""
IN_STOCK: Lasting = "InStock"
LIMITED: Lasting = "LimitedAvailability"
IN_STORE_ONLY: Lasting = "InStoreOnly"
OUT_OF_STOCK: Lasting = "OutOfStock"
SOLD_OUT: Lasting = "SoldOut"
DISCONTINUED: Lasting = "Discontinued"
LASTING: tuple[Lasting, ...] = (IN_STOCK, LIMITED, IN_STORE_ONLY, OUT_OF_STOCK, SOLD_OUT, DISCONTINUED)
STATUSES: tuple[Status, ...] = (IN_STOCK, LIMITED, PRE_ORDER, BACK_ORDER, *LASTING[2:])
"""The best stands first. What is there comes before what is ordered ahead, and that before a way to a store."""
Counted = Lasting | Window | Literal["awaited"]
"""What a product counts its rows by: what each is beside campaigns, when it can be ordered ahead, and whether it can be
waited for (`Row.awaited`)."""
AWAITED: Counted = "awaited"
BUYABLE: frozenset[Status | None] = frozenset({IN_STOCK, LIMITED})
"""What is there and can be bought online."""
ORDERABLE = BUYABLE | AHEAD
"""What can be ordered online."""
TO_BE_HAD = ORDERABLE | {IN_STORE_ONLY}
"""What can be had, if only by whoever comes to a store."""
BETWEEN = "\t"
"""Between the parts of a listing. It stands in no SKU, and sorts before whatever does, so a SKU's listings are
neighbours."""

RULES: Mapping[Status | None, str] = {
    IN_STOCK: "more units can be sold than the shop calls low",
    LIMITED: "units can be sold, but no more than the shop calls low",
    PRE_ORDER: "nothing can be sold, and a pre-order is open that has units",
    BACK_ORDER: "nothing can be sold, and a back-order is open that has units",
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
    """What is on its way and counted nowhere else."""
    arrivals: Sequence[str] = ()
    """The days on which open purchase orders are expected, the earliest first; and that of what no level counts yet."""
    missing: int = 0
    """So many must come before anything is free: they are owed, or committed."""
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
    category: str | None = None
    """The product's."""
    of_product: int = 0
    """The product's edition that says so. It decides between words of one edition: the product changed meanwhile."""

    @property
    def newness(self) -> tuple[int, bool, int]:
        """Return by what a newer word is known."""
        return self.edition, self.whole, self.of_product


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
    campaign: Campaign = field(default_factory=Campaign)
    of_supply: Heard = field(default_factory=Heard)
    of_variant: Heard = field(default_factory=Heard)
    of_campaign: Heard = field(default_factory=Heard)
    written_as: Lasting | None = None
    """The status with which it was written, and as which its product counts it."""
    listed_as: str | None = None
    """The listing with which it was written."""
    awaited_as: bool = False
    """It was written as one that can be waited for, and its product counts it as such."""
    window_as: Window | None = None
    """When it can be ordered ahead, as it was written and its product counts it."""
    stay: Stay = field(default_factory=Stay)
    returned_as: "Returned | None" = None
    """Where it was written among what came back."""
    edition: int = 0
    """Rises by one with each write, which guards against a second writer. 0: not in the table yet."""

    @property
    def status(self) -> Lasting | None:
        """Return what schema.org calls this beside campaigns; ``None`` for a SKU that nobody ever named."""
        supply, variant = self.supply, self.variant
        if supply.sellable > 0:
            return LIMITED if supply.sellable <= supply.low_stock else IN_STOCK
        if supply.in_store > 0:
            return IN_STORE_ONLY
        if variant.discontinued:
            return DISCONTINUED
        if supply.incoming > 0 or supply.arrivals:
            return OUT_OF_STOCK
        return SOLD_OUT if supply.revision or variant.product_id is not None or self.campaign.edition else None

    @property
    def ahead(self) -> int:
        """Return how many units can be ordered ahead, or some fewer; only while nothing can be sold."""
        remaining = self.campaign.remaining
        return max(0, self.supply.incoming - self.supply.missing) if remaining is None else remaining

    @property
    def window(self) -> Window | None:
        """Return when it can be ordered ahead: never while it can be bought, or does not come back."""
        if not self.campaign.edition or self.status in BUYABLE or self.variant.discontinued or self.ahead <= 0:
            return None
        return self.campaign.window

    def status_at(self, at: str) -> Status | None:
        """Return what schema.org calls this at an instant."""
        window = self.window
        return window.status if window is not None and window.is_open(at) else self.status

    @property
    def awaited(self) -> bool:
        """Tell whether somebody can wait for it: the ERP knows it, and it comes back."""
        return bool(self.supply.revision) and not self.variant.discontinued

    @property
    def as_of(self) -> str:
        """Return since when it is so."""
        return max(self.supply.as_of, self.variant.as_of, self.of_campaign.at)

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
        window = self.window
        ahead = () if window is None else (window.text, self.campaign.promised_until)
        return BETWEEN.join((self.sku, status, ",".join(days), *ahead))

    @property
    def returned(self) -> "Returned | None":
        """Return where it stands among what came back: while it can be bought, and only what comes back."""
        variant, back_at = self.variant, self.stay.back_at
        if self.status not in BUYABLE or not back_at or variant.discontinued or variant.product_id is None:
            return None
        return Returned(back_at, variant.product_id, variant.category)

    @property
    def stale(self) -> bool:
        """Tell whether it was written by another rule than today's."""
        written = (self.written_as, self.listed_as, self.awaited_as, self.window_as, self.returned_as)
        return self.edition > 0 and (self.status, self.listing, self.awaited, self.window, self.returned) != written

    def supplied(self, supply: Supply, heard: Heard, *, least_away: timedelta = AT_ONCE) -> "Row":
        """Return the row with the ledger's numbers; the same row where it has them already.

        What was away for less than ``least_away`` did not come back (`Stay.after`).
        """
        if supply == self.supply:
            return self
        stay = self.stay.after(
            before=self.supply.sellable > 0, now=supply.sellable > 0, at=supply.as_of, least_away=least_away
        )
        return replace(self, supply=supply, stay=stay, of_supply=heard)

    def described(self, variant: Variant, heard: Heard) -> "Row":
        """Return the row with the catalogue's word; the same row where it knows this one or a newer one."""
        if variant.newness <= self.variant.newness:
            return self
        return replace(self, variant=variant, of_variant=heard)

    def sold_ahead(self, campaign: Campaign, heard: Heard) -> "Row":
        """Return the row with pre-orders' word; the same row where it knows this one or a newer one."""
        if campaign.edition <= self.campaign.edition:
            return self
        return replace(self, campaign=campaign, of_campaign=heard)


class Returned(NamedTuple):
    """A SKU among those that came back, by when it did."""

    back_at: str
    product_id: str
    category: str | None = None


@frozen()
class Listed:
    """What a feed of all SKUs says of one of them."""

    sku: str
    status: str
    """What it is beside campaigns."""
    days: Sequence[str]
    """The days on which more is expected, the earliest first; none where it can be bought or does not come back."""
    window: Window | None = None
    """When it can be ordered ahead."""
    promised_until: str = ""
    """The day by which it is there then."""

    @classmethod
    def of(cls, listing: str) -> "Listed":
        """Read a row's `Row.listing`. Raises ``ValueError`` for any other text."""
        sku, status, days, *ahead = listing.split(BETWEEN)
        expected = tuple(days.split(",")) if days else ()
        if not ahead:
            return cls(sku, status, expected)
        window, promised_until = ahead
        return cls(sku, status, expected, Window.of(window), promised_until)

    def status_at(self, at: str) -> str:
        """Return what it is at an instant."""
        return self.window.status if self.window is not None and self.window.is_open(at) else self.status

    def back_on(self, today: str, at: str) -> str | None:
        """Return the earliest day, not before today, on which more is expected at an instant, or promised."""
        promised = self.window is not None and self.window.is_open(at)
        return earliest((self.promised_until,) if promised else self.days, today)


@frozen(kw_only=True)
class Rating:
    """What customers think of a product, as the shop counts it."""

    hundredths: int
    """The mean in hundredths of a star: 0 to 500."""
    count: int
    """How many rated it."""


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
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By locale: what names and values of options are called there."""
    discontinued: bool = False
    rating: Rating | None = None


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
    counts: Mapping[Lasting, int] = field(default_factory=dict)
    windows: Mapping[Window, int] = field(default_factory=dict)
    """How many can be ordered ahead when."""
    awaited: int | None = None
    """``None``: nobody counted that yet."""
    as_of: str = ""
    """When the counts were last moved."""

    @property
    def status(self) -> Lasting | None:
        """Return the best status of its rows beside campaigns; ``None`` for a product without any."""
        return next((status for status in LASTING if self.counts.get(status, 0) > 0), None)

    def status_at(self, at: str) -> Status | None:
        """Return the best status of its rows at an instant."""
        status = self.status
        if not self.windows or status in BUYABLE:
            return status
        opened = {window.status for window, count in self.windows.items() if count > 0 and window.is_open(at)}
        return next((each for each in (PRE_ORDER, BACK_ORDER) if each in opened), status)

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
        for by, product_id, status, window, awaited in (
            (-1, before.variant.product_id, before.written_as, before.window_as, before.awaited_as),
            (1, after.variant.product_id, after.status, after.window, after.awaited),
        ):
            if product_id is not None and status is not None:
                counts = found.setdefault(product_id, {})
                for each in (status, window, AWAITED if awaited else None):
                    if each is not None:
                        counts[each] = counts.get(each, 0) + by
    kept = {product: {each: by for each, by in counts.items() if by} for product, counts in found.items()}
    return {product: counts for product, counts in kept.items() if counts}
