"""What the ERP may say in the ledger's search: any number, any time, any order."""

from typing import Any

from hypothesis import strategies as st

SKUS = ("MUG", "TEE")
SHELF = tuple(f"SHELF-{number}" for number in range(1, 7))
"""SKUs that only full counts name, so that a count may empty one of the others without the brake."""
EMPTY = tuple(f"EMPTY-{number}" for number in range(1, 25))
"""SKUs that a long page names and that were never there."""
PLACES = ("north", "south", "shop-1")
LINES = ("PO-1", "PO-2")
KINDS = ("warehouse", "store", "quarantine", "returns", "transit")

seeds = st.integers(0, 2**16)
unsteady = st.one_of(st.none(), seeds)
"""With which seed indexes follow late and clocks are wrong, if they do."""
skus = st.sampled_from(SKUS)
places = st.sampled_from(PLACES)
ticks = st.one_of(st.none(), st.just("now"), st.integers(0, 5))
"""When something was observed: untold, now, or one of a few instants, so that many are equal."""
quantities = st.one_of(st.integers(-2, 6), st.sampled_from((0, 0, 0.9, 2.5, -0.5)))
levels = st.fixed_dictionaries(
    {"type": st.just("stock.level"), "sku": skus, "location_id": places, "as_of": ticks},
    optional={"sequence": st.integers(0, 3), "netted_until": ticks},
).flatmap(
    lambda level: st.one_of(
        st.fixed_dictionaries({"on_hand": quantities}, optional={"committed": st.sampled_from((0, 1, 2, 1.5, -1))}),
        st.fixed_dictionaries({"available": quantities}),
    ).map(lambda numbers: {**level, **numbers})
)
incoming = st.fixed_dictionaries(
    {
        "type": st.just("stock.incoming"),
        "sku": skus,
        "purchase_order_id": st.sampled_from(LINES),
        "quantity": st.sampled_from((0, 3, 10, 4.5)),
        "eta": st.sampled_from((None, "2026-06-01", "2026-06-09")),
        "as_of": ticks,
    }
)
received = st.fixed_dictionaries(
    {
        "type": st.just("stock.received"),
        "sku": skus,
        "purchase_order_id": st.sampled_from(LINES),
        "quantity": st.sampled_from((0, 2, 10, 12)),
        "occurred_at": ticks,
    }
)
locations = st.fixed_dictionaries(
    {"type": st.just("location.upserted"), "location_id": places, "kind": st.sampled_from(KINDS), "as_of": ticks},
    optional={"sells_online": st.booleans(), "ships_orders": st.booleans(), "buffer": st.integers(0, 4)},
)
messages = st.one_of(levels, levels, levels, incoming, received, locations)
changes = st.fixed_dictionaries(
    {},
    optional={
        "safety_stock": st.sampled_from((None, 0, 1, 3)),
        "low_stock": st.sampled_from((None, 0, 2)),
        "minimum_restock": st.sampled_from((None, 1, 2, 4)),
        "settle_seconds": st.sampled_from((None, 0, 30, 90)),
    },
).filter(bool)
full_counts = st.fixed_dictionaries(
    {
        "location_id": places,
        "as_of": st.one_of(st.just("now"), st.just("now"), st.integers(0, 5)),
        "named": st.one_of(
            st.just({}), st.dictionaries(skus, st.sampled_from((0, 0, 1, 4, 2.5, -1, None, None)), max_size=2)
        ),
        "falling": st.sampled_from((0, 0, 0, 1, 3)),
        "pages": st.integers(1, 3),
        "missing": st.sampled_from((False, False, False, True)),
        "doubt": st.sampled_from((None, None, None, "the file looks short")),
        "long": st.sampled_from((False, False, False, True)),
    }
)
"""A full count: which of our SKUs it names (``None``: and does not count), and how many of the shelf's fall to 0.

Half of those fall by silence.
"""


def pages(count: dict[str, Any], snapshot_id: str) -> list[dict[str, Any]]:
    """Return a full count's pages as they are sent, but without a time."""
    shelf = dict.fromkeys(SHELF[: count["falling"]][::2], 0) | dict.fromkeys(SHELF[count["falling"] :], 5)
    rest = dict.fromkeys(EMPTY, 0) if count["long"] else {}
    lines = [
        {"sku": sku, "counted": False} if units is None else {"sku": sku, "on_hand": units}
        for sku, units in {**count["named"], **shelf, **rest}.items()
    ]
    doubt = {"doubt": count["doubt"]} if count["doubt"] else {}
    return [
        {
            "type": "stock.snapshot",
            "snapshot_id": snapshot_id,
            "location_id": count["location_id"],
            "page": page + 1,
            "pages": count["pages"],
            "levels": lines[page :: count["pages"]],
            **doubt,
        }
        for page in range(count["pages"])
    ]
