"""Keys and mapping of the Stock table: what an item's attributes mean, in one place."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar
from zlib import crc32

from standby.ledger.model import (
    Counting,
    Kit,
    Level,
    Location,
    Membership,
    Owed,
    PurchaseOrder,
    SettleState,
    SkuStock,
    Step,
    Version,
)
from standby.platform.dynamodb import Item, from_item
from standby.platform.identifier import joined
from standby.platform.table import Index, Key, Stored

SKU = "SKU"
SETTLE = "SETTLE"
LOCATION = "LOCATION"
SETTINGS = "SETTINGS"
COUNTED = "COUNTED"
UNCOUNTED = "UNCOUNTED#"
LEVELS = "LEVEL#"
PURCHASE_ORDERS = "PO#"
CLAIMS = "CLAIM#"
ENDED_CLAIMS = "ENDED_CLAIM#"
SETTLEMENTS = "SETTLEMENTS"
STEPS = "STEP#"
KITS = "KIT#"
PRODUCT = "PRODUCT"
BY_LOCATION = Index("by_location", "location_id", "pk")
DUE = Index("due", "due_shard", "due_at")
BY_PRODUCT = Index("by_product", "product_id", "pk")
"""Only memberships have the attribute ``product_id``."""
SKUS = Index("skus", "sku_shard", "pk")
"""All SKUs, and beside them all locations, so that a walk through them does not meet what is kept of each."""
SHARDS = ("0", "1", "2", "3")
"""Partitions of an index, so that no single one takes all writes of a big restock."""
LOCATIONS = "LOCATIONS"
"""The partition of the index ``skus`` with all described locations."""
SHOP = "shop"
PRODUCTS_SET = "products_set"
"""Stands in the shop's scope once any product has settings: until then nobody looks for a product's."""
KIT_PARTS = "kit_parts"
"""The attribute that a SKU's numbers have where it is a kit: each component's SKU, quantity, and revision last seen."""
KIT_EDITION = "kit_edition"
KIT_LOOKS = "kit_looks"
KIT_ARRIVALS = "kit_arrivals"
IN_KITS = "in_kits"
Kind = TypeVar("Kind")


def sku_key(sku: str) -> Key:
    """The SKU's numbers."""
    return {"pk": partition(sku), "sk": SKU}


def level_key(sku: str, location_id: str) -> Key:
    """The SKU's level at a location."""
    return {"pk": partition(sku), "sk": f"{LEVELS}{location_id}"}


def purchase_order_key(sku: str, purchase_order_id: str) -> Key:
    """The SKU's line of a purchase order."""
    return {"pk": partition(sku), "sk": f"{PURCHASE_ORDERS}{purchase_order_id}"}


def claim_key(sku: str, claim_id: str) -> Key:
    """Units that are somebody's."""
    return {"pk": partition(sku), "sk": f"{CLAIMS}{claim_id}"}


def ended_claim_key(sku: str, claim_id: str) -> Key:
    """Units that were somebody's. The key lies outside of the range in which live claims are read."""
    return {"pk": partition(sku), "sk": f"{ENDED_CLAIMS}{claim_id}"}


def settlements_key(sku: str) -> Key:
    """How many of the SKU's claims were settled so far."""
    return {"pk": partition(sku), "sk": SETTLEMENTS}


def settle_key(sku: str) -> Key:
    """Whether the SKU is out, pending or in."""
    return {"pk": partition(sku), "sk": SETTLE}


def membership_key(sku: str) -> Key:
    """Which product the SKU belongs to."""
    return {"pk": partition(sku), "sk": PRODUCT}


def kit_key(component: str, kit: str) -> Key:
    """That a SKU is a component of a kit. It lies with the component, outside of the ranges in which others read."""
    return {"pk": partition(component), "sk": f"{KITS}{kit}"}


def step_key(sku: str, at: str, step_id: str) -> Key:
    """One step of the SKU's explanation."""
    return {"pk": partition(sku), "sk": f"{STEPS}{at}#{step_id}"}


def location_key(location_id: str) -> Key:
    """A location's description."""
    return {"pk": f"{LOCATION}#{location_id}", "sk": LOCATION}


def counted_key(location_id: str) -> Key:
    """When a location was last counted as a whole, by an applied snapshot."""
    return {"pk": f"{LOCATION}#{location_id}", "sk": COUNTED}


def uncounted_key(sku: str, location_id: str, snapshot_id: str) -> Key:
    """That a snapshot names the SKU and does not count it. It lies outside of the ranges in which others read."""
    return {"pk": partition(sku), "sk": f"{UNCOUNTED}{joined(location_id, snapshot_id)}"}


def settings_key(scope: str) -> Key:
    """What the shop set for a scope: ``shop``, ``sku:<sku>`` or ``product:<product id>``."""
    return {"pk": f"{SETTINGS}#{scope}", "sk": SETTINGS}


def shard(sku: str) -> str:
    """The partition of an index in which a SKU stands."""
    return SHARDS[crc32(sku.encode()) % len(SHARDS)]


def unheard(shard_name: str) -> str:
    """The partition of the index ``due`` with the SKUs of a shard that owe an announcement."""
    return f"UNHEARD#{shard_name}"


def unfinished(shard_name: str) -> str:
    """The partition of the index ``due`` with the claims of a shard that should end by some time, by that time."""
    return f"UNFINISHED#{shard_name}"


def shipped(shard_name: str) -> str:
    """The partition of the index ``due`` with the shipped claims of a shard, by until when levels may count them."""
    return f"SHIPPED#{shard_name}"


def owing(sku: str, at: str) -> Item:
    """The attributes by which a SKU's numbers stand in the index ``due`` until it is sure that their change was heard.

    They are set by the first change of which that is not sure, and stay as later ones come: so the index is written
    once, and a SKU that changes all the time is not young for ever.
    """
    return {"due_shard": unheard(shard(sku)), "due_at": at}


HEARD_BEFORE = "heard_before"
"""The revision before the first change of which it is not sure that it was heard."""


def since(item: Item) -> Owed:
    """Read since when a SKU's numbers owe an announcement."""
    return Owed(at=item["due_at"], heard_before=item.get(HEARD_BEFORE, item["revision"] - 1))


def partition(sku: str) -> str:
    """The partition of everything about a SKU."""
    return f"{SKU}#{sku}"


def sku_of(item: Mapping[str, Any]) -> str:
    """The SKU whose partition an item (or its key) lies in."""
    pk: str = item["pk"]
    return pk.removeprefix(f"{SKU}#")


def location_id_of(item: Mapping[str, Any]) -> str:
    """The location whose description an item (or its key) is."""
    pk: str = item["pk"]
    return pk.removeprefix(f"{LOCATION}#")


def stock(item: Item) -> SkuStock:
    """Read a SKU's numbers."""
    return SkuStock(
        sku=sku_of(item),
        on_hand=item["on_hand"],
        committed=item["committed"],
        safety=item["safety"],
        owed=item["owed"],
        held=item["held"],
        awaited=item.get("awaited", 0),
        allotted=item.get("allotted", 0),
        shipped=item.get("shipped", 0),
        free=item["free_units"],
        incoming=item["incoming"],
        landed=item.get("landed", 0),
        landed_until=item.get("landed_until", ""),
        received_at=item.get("received_at", 0),
        in_store=item.get("in_store", 0),
        revision=item["revision"],
        low_stock=item["low_stock"],
        netted_units=item["netted_units"],
        changed_at=item["changed_at"],
        kit=_kit(item) if KIT_PARTS in item else None,
        in_kits=IN_KITS in item,
    )


def _kit(item: Item) -> Kit:
    parts = item[KIT_PARTS]
    return Kit(
        components=tuple((sku, quantity) for sku, quantity, _ in parts),
        edition=item[KIT_EDITION],
        looks=item[KIT_LOOKS],
        seen=tuple(revision for _, _, revision in parts),
        arrivals=tuple((day, units) for day, units in item[KIT_ARRIVALS]),
    )


def kit_values(known: Kit) -> Item:
    """Write what a SKU is made of, beside its numbers and without the looks."""
    return {
        KIT_PARTS: [
            [sku, quantity, revision] for (sku, quantity), revision in zip(known.components, known.seen, strict=True)
        ],
        KIT_EDITION: known.edition,
        KIT_ARRIVALS: [[day, units] for day, units in known.arrivals],
    }


def level(item: Item) -> Level:
    """Read a level."""
    return Level(
        location_id=item["location_id"],
        on_hand=_of(item["on_hand"], int),
        committed=_of(item["committed"], int),
        counting=Counting(item["counts"], _of(item.get("buffer", 0), int), item.get("store", False)),
        counted_until=_of(item.get("counted_until", ""), str) or None,
        version=version(item["version"]),
        as_of=item["as_of"],
        as_of_assumed=item["as_of_assumed"],
        netted_until=item.get("netted_until"),
        said=item["told"],
        stocked_since=_of(item.get("stocked_since", ""), str) or None,
        edition=item["edition"],
    )


def _of(value: object, kind: type[Kind]) -> Kind:
    """Return a stored value. Raises ``TypeError`` for one of another type, so that it is found where it is read."""
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.80} is no {kind.__name__}")
    return value


def level_values(known: Level) -> Item:
    """Write a level's attributes, without its key and edition."""
    return {
        "location_id": known.location_id,
        "on_hand": known.on_hand,
        "committed": known.committed,
        "counts": known.counting.counts,
        "buffer": known.counting.buffer or None,
        "store": known.counting.store or None,
        "counted_until": known.counted_until,
        "version": list(known.version),
        "as_of": known.as_of,
        "as_of_assumed": known.as_of_assumed,
        "netted_until": known.netted_until,
        "told": dict(known.said),
        "stocked_since": known.stocked_since,
    }


def location(item: Item) -> Location:
    """Read a location's description."""
    return Location(
        location_id=item["location_id"],
        kind=item["kind"],
        sells_online=item.get("sells_online"),
        ships_orders=item["ships_orders"],
        buffer=item.get("buffer", 0),
        about=json.loads(item["about"]),
        version=version(item["version"]),
        as_of=item["as_of"],
        edition=item["edition"],
        recount=item["recount"],
    )


def location_values(known: Location) -> Item:
    """Write a location's attributes, without its key and edition."""
    return {
        "location_id": known.location_id,
        "kind": known.kind,
        "sells_online": known.sells_online,
        "ships_orders": known.ships_orders,
        "buffer": known.buffer or None,
        "about": json.dumps(dict(known.about), ensure_ascii=False),
        "version": list(known.version),
        "as_of": known.as_of,
        "sku_shard": LOCATIONS,
        "recount": known.recount,
    }


def purchase_order(item: Item) -> PurchaseOrder:
    """Read a purchase order's line."""
    return PurchaseOrder(
        purchase_order_id=item["purchase_order_id"],
        quantity=item["quantity"],
        received=item["received"],
        eta=item.get("eta"),
        supplier_id=item.get("supplier_id"),
        as_of=item.get("as_of"),
        ordered_version=version(item["ordered_version"]),
        received_version=version(item["received_version"]),
        changed_at=item["changed_at"],
        edition=item["edition"],
    )


def purchase_order_values(known: PurchaseOrder) -> Item:
    """Write a purchase order line's attributes, without its key and edition."""
    return {
        "purchase_order_id": known.purchase_order_id,
        "quantity": known.quantity,
        "received": known.received,
        "eta": known.eta,
        "supplier_id": known.supplier_id,
        "as_of": known.as_of,
        "ordered_version": list(known.ordered_version),
        "received_version": list(known.received_version),
        "changed_at": known.changed_at,
    }


def of_stream(image: Stored) -> Item:
    """Read an item as the table's stream shows it."""
    return from_item(image)


def settle_state(item: Item) -> SettleState:
    """Read whether a SKU is out, pending or in."""
    return SettleState(
        state=item["state"],
        latest_revision=item["latest_revision"],
        latest_free=item["latest_free"],
        latest_netted=item["latest_netted"],
        zero_revision=item["zero_revision"],
        crossing_revision=item.get("crossing_revision"),
        crossing_netted=item["crossing_netted"],
        due_at=item.get("due_at"),
        restock_revision=item.get("restock_revision"),
        restock_free=item["restock_free"],
        restock_minimum=item["restock_minimum"],
        restocked_at=item.get("restocked_at"),
        silent=item.get("silent", False),
        announced=item["announced"],
        edition=item["edition"],
    )


def settle_values(known: SettleState) -> Item:
    """Write a settle state's attributes, without its key and edition."""
    return {
        "state": known.state,
        "latest_revision": known.latest_revision,
        "latest_free": known.latest_free,
        "latest_netted": known.latest_netted,
        "zero_revision": known.zero_revision,
        "crossing_revision": known.crossing_revision,
        "crossing_netted": known.crossing_netted,
        "due_at": known.due_at,
        "restock_revision": known.restock_revision,
        "restock_free": known.restock_free,
        "restock_minimum": known.restock_minimum,
        "restocked_at": known.restocked_at,
        "silent": known.silent,
        "announced": known.announced,
    }


def membership(item: Item) -> Membership:
    """Read which product a SKU belongs to."""
    return Membership(sku=sku_of(item), product_id=item.get("product_id"), edition=item["edition"])


def step(item: Item) -> Step:
    """Read a step of an explanation."""
    return Step(at=item["at"], event=item["event"], rule=item["rule"], numbers=item["numbers"])


def settings(item: Item) -> dict[str, Any]:
    """Read what is set in a scope. The ratio is stored as text, because our mapping keeps whole numbers only."""
    values = {name: value for name, value in item.items() if name not in {"pk", "sk", "version", PRODUCTS_SET}}
    if "wave_ratio" in values:
        values["wave_ratio"] = float(values["wave_ratio"])
    return values


def version(numbers: list[int]) -> Version:
    """Read a version."""
    moment, sequence, arrival = numbers
    return (moment, sequence, arrival)
