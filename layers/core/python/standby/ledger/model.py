"""The ledger's words and the rules that a shopkeeper would recognise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, fields, replace
from typing import Any, Literal, NamedTuple

from standby.platform.frozen import frozen

Version = tuple[int, int, int]
"""Order of an ERP's words about one thing: as_of in microseconds, sequence (0 when missing), arrival."""

State = Literal["out", "pending", "in"]

Component = tuple[str, int]
"""What a kit has of another SKU: the SKU, and how many units."""

Arrival = tuple[str, int]
"""A calendar date on which more is expected, and how many units."""

ALWAYS_ASK = frozenset({"quarantine", "returns", "transit"})
"""Kinds of location that count only where the shop says expressly that they sell online."""


@frozen(kw_only=True)
class Kit:
    """What a SKU is made of, where it is a kit, and of what its numbers were made."""

    components: tuple[Component, ...]
    edition: int
    """The catalogue's, of the word that says so."""
    looks: int = 0
    """Rises each time that the numbers are made, and with each word of the ERP about the kit itself; guards both."""
    seen: tuple[int, ...] = ()
    """The components' revisions of which the numbers were made."""
    arrivals: tuple[Arrival, ...] = ()
    """How many more can be made from which day on."""


@frozen(kw_only=True)
class SkuStock:
    """A SKU's numbers, in units. ``free`` may be negative.

    Of a kit, ``free`` is what the scarcest component allows and ``on_hand`` is that with what is owed and held, so that
    the numbers add up as any SKU's; nothing is committed and no safety stock taken, as its components' are already.
    """

    sku: str
    on_hand: int = 0
    committed: int = 0
    safety: int = 0
    owed: int = 0
    held: int = 0
    awaited: int = 0
    """Units that pre-orders lack which the ERP counts itself: they are in ``committed``, and not owed any more."""
    allotted: int = 0
    """Units that were given to such pre-orders: they are in ``committed``, and not held."""
    shipped: int = 0
    """Units that left the house and that levels count still: they are in ``held``, or in ``allotted``."""
    free: int = 0
    incoming: int = 0
    landed: int = 0
    """Above 0: units that a level counts and that may be in ``incoming`` still; below 0: received, in no level yet.

    Remembered until ``landed_until`` (`standby.ledger.landing`).
    """
    landed_until: str = ""
    received_at: int = 0
    """When the newest receipt was of which no level is sure to know (microseconds); 0: there is none."""
    in_store: int = 0
    """Units that only somebody who comes to a store can buy. They are in none of the other numbers."""
    revision: int = 0
    low_stock: int = 0
    netted_units: int = 0
    """Units that the last change freed only because the ERP's level contained their orders already (netting)."""
    changed_at: str = ""
    kit: Kit | None = None
    in_kits: bool = False
    """Kits may have it, so that they must hear of its changes."""

    @property
    def sellable(self) -> int:
        """What may be sold to anybody now."""
        return max(0, self.free)

    @property
    def lacking(self) -> int:
        """How many units those who were promised some have not got, whether the ERP counts their orders or not."""
        return self.owed + self.awaited

    @property
    def claimed(self) -> int:
        """How many units claims have or wait for, whoever counts them: the ERP or we."""
        return self.lacking + self.held + self.allotted

    def landed_at(self, at: str) -> int:
        """Return what is remembered at a moment (RFC 3339) of goods of which one word came; see ``landed``."""
        return self.landed if at < self.landed_until and self.kit is None else 0

    def received(self, at: str) -> int:
        """Return how many units were received and are in no level yet, at a moment (RFC 3339)."""
        return max(0, -self.landed_at(at))

    def sure(self, at: str) -> int:
        """Return how many units are on their way and counted nowhere else."""
        return self.incoming - min(self.incoming, max(0, self.landed_at(at)))

    @property
    def givable(self) -> int:
        """How many of the units that are lacking are there to be given: on hand, and neither others' nor held already.

        Of a kit at most so many: `ClaimBook.give` asks its components.
        """
        return max(0, self.free + self.lacking)

    @property
    def unfilled(self) -> int:
        """How many units must come before who lacks some is given any: safety stock, and what others ordered.

        The ERP may count orders of ours that were not netted yet, so only what it commits beyond them is others'. What
        was set aside and is missing is taken back from somebody, and then lacking.
        """
        others = self.committed - self.awaited - self.allotted - self.owed - self.held
        unclaimed = max(0, self.on_hand - self.held - self.allotted)
        return 0 if self.kit else max(0, self.safety + max(0, others) - unclaimed)

    def moves_lacking(self, before: "SkuStock") -> bool:
        """Tell whether a change left those who lack units less of what is there than they could count on.

        Or more, where less must be filled before. It does not where somebody claimed or was given units or gave up a
        claim. Units that were taken back do so.
        """
        if not self.lacking:
            return False
        if self.unfilled < before.unfilled and self.lacking <= before.lacking:
            return True
        if self.lacking > before.lacking and self.held + self.allotted < before.held + before.allotted:
            return True
        lost = min(before.givable, before.lacking) - before.unfilled - min(self.givable, self.lacking) + self.unfilled
        return lost > max(0, before.lacking - self.lacking)

    @property
    def missing(self) -> int:
        """How many units were set aside for somebody and are not there: less was counted since.

        What was shipped may be in the count still, or not any more: it is nobody's who waits for it.
        """
        return 0 if self.kit else max(0, self.held + self.allotted - self.shipped - self.on_hand)

    @property
    def misplaced(self) -> int:
        """How many units have to be given to who lacks them, or were given and are missing."""
        return max(min(self.lacking, self.givable), self.missing)

    @property
    def netted(self) -> bool:
        """Tell whether only netting lifted the free units above 0 in the last change: no goods came, so no restock."""
        return self.netted_units > 0 and self.free - self.netted_units <= 0


@frozen(kw_only=True)
class SettleState:
    """Whether a SKU is out, pending or in; revisions name its crossing and its restock (design §3, Settling)."""

    state: State = "out"
    latest_revision: int = 0
    latest_free: int = 0
    latest_netted: bool = False
    zero_revision: int = 0
    """The highest revision at which nothing was free."""
    crossing_revision: int | None = None
    crossing_netted: bool = False
    due_at: str | None = None
    """When the pending crossing is decided, or the unannounced restock announced again (RFC 3339)."""
    restock_revision: int | None = None
    restock_free: int = 0
    restock_minimum: int = 1
    restocked_at: str | None = None
    silent: bool = False
    """In by netting alone: nobody was told, so goods that come are a restock."""
    announced: bool = True
    """False from the moment a restock is decided until its event was published."""
    edition: int = 0
    """Rises by one with each write; guards against a second writer."""


@frozen(kw_only=True)
class Owed:
    """Since when it is not sure that a SKU's changes were heard, and the revision before the first of those."""

    at: str
    heard_before: int


@frozen(kw_only=True)
class SkuSettings:
    """What the shop set for a SKU, merged: SKU, then product, then shop, then these defaults (design §5.2)."""

    safety_stock: int = 0
    low_stock: int = 3
    minimum_restock: int = 1
    settle_seconds: int = 0
    wave_ratio: float = 1.0
    wave_interval_seconds: int = 3600
    notify_everyone: bool = False
    offer_hours: int = 0
    date_slip_days: int = 0
    """From so many days later on, those who wait are told another day on which it is back; 0: they are told none."""
    checkout_minutes: int = 15
    """How long units are held for somebody at checkout."""
    checkout_limit: int = 0
    """Units that a customer may hold at checkout; 0: any number."""
    net_by_as_of: bool = False
    """Whether levels contain the orders up to their ``as_of`` without a ``netted_until`` that says so."""

    @classmethod
    def merged(cls, *nearest_first: Mapping[str, Any]) -> "SkuSettings":
        """Return the settings where each field is the nearest that is set."""
        known = {setting.name for setting in fields(cls)}
        values: dict[str, Any] = {}
        for scope in nearest_first:
            for name in known & scope.keys() - values.keys():
                values[name] = scope[name]
        return cls(**values)


@frozen(kw_only=True)
class Reading:
    """What the ERP says about one SKU at one location. ``said`` keeps its numbers as they were written."""

    sku: str
    location_id: str
    on_hand: int
    committed: int
    version: Version
    as_of: str
    as_of_assumed: bool = False
    netted_until: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    cause: str = ""
    """The message that said so."""
    short: int = 0
    """Units that it is below 0. They are committed where the ERP nets orders, and otherwise count for nothing."""


class Counting(NamedTuple):
    """How the levels of a location count."""

    counts: bool = True
    """Whether its units may be sold online."""
    buffer: int = 0
    """Free units of it that are not."""
    store: bool = False
    """Whether customers come to it."""


@frozen(kw_only=True)
class Level:
    """The newest reading of a location, and whether the location counted when it was last looked at."""

    location_id: str
    on_hand: int = 0
    committed: int = 0
    counting: Counting = Counting()
    """How it counts, as its location was described when it was last looked at."""
    counted_until: str | None = None
    """When its location stopped selling online (RFC 3339); ``None`` where it sells online, or never did."""
    version: Version = (0, 0, 0)
    as_of: str = ""
    as_of_assumed: bool = False
    netted_until: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    stocked_since: str | None = None
    """The ``as_of`` of the word that brought units where there were none; ``None`` without units."""
    edition: int = 0
    """0: not in the table yet."""

    def counting_as(self, counting: Counting, at: str) -> "Level":
        """Return it as its location counts from a moment on (RFC 3339)."""
        stopped = self.edition and self.counting.counts and not counting.counts
        until = None if counting.counts else self.counted_until
        return replace(self, counting=counting, counted_until=at if stopped else until)

    @property
    def counted(self) -> "Units":
        """What the location adds to the SKU's numbers.

        Its buffer hides units that are free there, and nothing else: where more is committed than lies there, what is
        missing is missing, and no buffer adds to it. What a store keeps from online customers is for those who come.
        """
        if not self.counting.counts:
            return Units(in_store=self.collectable)
        hidden = min(self.counting.buffer, max(0, self.on_hand - self.committed))
        return Units(self.on_hand - hidden, self.committed, hidden if self.counting.store else 0)

    @property
    def collectable(self) -> int:
        """What a customer who comes there can buy: a buffer is kept from online customers only."""
        return max(0, self.on_hand - self.committed) if self.counting.store else 0

    @property
    def shown(self) -> tuple["Units", int]:
        """Return what others see of it. Where that is as before, nobody is told."""
        return self.counted, self.collectable


@frozen()
class Units:
    """Units on hand, and those of them that the ERP's open orders need; beside them, those that only a store sells."""

    on_hand: int = 0
    committed: int = 0
    in_store: int = 0

    def __add__(self, other: "Units") -> "Units":
        return Units(self.on_hand + other.on_hand, self.committed + other.committed, self.in_store + other.in_store)

    def __sub__(self, other: "Units") -> "Units":
        return Units(self.on_hand - other.on_hand, self.committed - other.committed, self.in_store - other.in_store)

    def __bool__(self) -> bool:
        return bool(self.on_hand or self.committed or self.in_store)

    @property
    def free(self) -> int:
        """What they do to the SKU's free units."""
        return self.on_hand - self.committed


@frozen(kw_only=True)
class Location:
    """A place where stock lies. One that nobody described is a warehouse."""

    location_id: str
    kind: str = "warehouse"
    sells_online: bool | None = None
    ships_orders: bool = False
    buffer: int = 0
    """So many of its free units are not sold online, as somebody may be carrying them to the till (design §4)."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Name, address, phone, latitude, longitude, hours: what a customer is shown."""
    version: Version = (0, 0, 0)
    as_of: str = ""
    edition: int = 0
    recount: bool = False
    """Its SKUs must be counted anew, and that was not ordered yet."""

    @property
    def counts(self) -> bool:
        """Tell whether its units may be sold online.

        A store that ships orders does; quarantine, returns and transit only where the shop says so expressly; a
        warehouse unless the shop says that it does not sell online.
        """
        if self.kind == "store":
            return bool(self.sells_online) or self.ships_orders
        if self.kind in ALWAYS_ASK:
            return self.sells_online is True
        return self.sells_online is not False

    @property
    def counting(self) -> Counting:
        """Return how its levels count. A buffer is taken off what is sold online, and of nothing else."""
        return Counting(self.counts, self.buffer if self.counts else 0, self.kind == "store")


@frozen(kw_only=True)
class PurchaseOrder:
    """One SKU's line of a purchase order: told by ``stock.incoming`` and ``stock.received``, in any order."""

    purchase_order_id: str
    quantity: int = 0
    received: int = 0
    """What has been received so far."""
    eta: str | None = None
    supplier_id: str | None = None
    as_of: str | None = None
    ordered_version: Version = (0, 0, 0)
    received_version: Version = (0, 0, 0)
    changed_at: str = ""
    edition: int = 0

    @property
    def open(self) -> int:
        """Units still to come."""
        return max(0, self.quantity - self.received)


@frozen(kw_only=True)
class Membership:
    """Which product a SKU belongs to, ``None``: to none. Of several words the one with the highest edition counts."""

    sku: str
    product_id: str | None = None
    edition: int = 0
    """The catalogue's, of the SKU. 0: the catalogue never named it."""


@frozen(kw_only=True)
class SkuView:
    """Everything that is known about a SKU now."""

    stock: SkuStock
    state: SettleState
    product_id: str | None
    levels: Sequence[Level]
    purchase_orders: Sequence[PurchaseOrder]


@frozen(kw_only=True)
class Step:
    """One step of an explanation: what happened, by which rule, with which numbers."""

    at: str
    event: str
    rule: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


def newest_readings(readings: Iterable[Reading]) -> list[Reading]:
    """Return the newest reading of each location, by location; of equal ones the first."""
    newest: dict[str, Reading] = {}
    for reading in readings:
        known = newest.get(reading.location_id)
        if known is None or reading.version > known.version:
            newest[reading.location_id] = reading
    return [newest[location_id] for location_id in sorted(newest)]
