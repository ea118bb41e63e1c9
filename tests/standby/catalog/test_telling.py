"""A product is told in events that EventBridge takes, whatever a shop may say of it."""

from typing import Any

import pytest
from standby.catalog.model import NEVER, Product, ProductSaid, Variant
from standby.catalog.service import Catalogue
from standby.catalog.telling import product_events
from standby.events.catalog import ProductChanged
from standby.events.fields import MOST_COMPONENTS
from standby.platform.batch import size
from standby.platform.bus import EVENT_BYTES, REQUEST_BYTES, detail_of
from standby.platform.schema import checker

from tests.fakes import AT_ONCE, FakeBus, FakeClock
from tests.standby.catalog.words import NoFiles, Shelves, locales, upserted, word

LARGE = 2_000


def events_of(message: dict[str, Any]) -> list[ProductChanged]:
    """Return what is told of one message, as the contract has it."""
    bus = FakeBus()
    Catalogue(store=Shelves(), bus=bus, clock=FakeClock(), files=NoFiles(), backoff=AT_ONCE).take(word(message))
    told = [event for event in bus.events if isinstance(event, ProductChanged)]
    check = checker("standby.events", "ProductChanged")
    assert [wrong for event in told for wrong in check(detail_of(event))] == []
    return told


def test_a_large_product_takes_several_events_each_with_the_whole_product() -> None:
    skus = [f"SKU-{number}" for number in range(LARGE)]
    message = upserted("CUP", *skus, tags=["כחול"], brand="Harbour")
    for variant in message["variants"]:
        variant["image"] = "https://shop.example/" + "x" * 200
    events = events_of(message)
    assert len(events) > 1
    assert max(size(detail_of(event)) for event in events) <= EVENT_BYTES + 500 < REQUEST_BYTES
    assert [told["sku"] for event in events for told in event.variants] == skus
    assert {(event.edition, event.brand, tuple(event.tags)) for event in events} == {(1, "Harbour", ("כחול",))}
    assert len({event.id for event in events}) == len(events)


def test_the_largest_product_and_the_largest_variant_fit_one_event() -> None:
    message = {
        **upserted("ת" * 100),
        "title": dict.fromkeys(locales(), "🧦" * 500),
        "tags": [f"{n:03}" + '"' * 67 for n in range(100)],
        "variants": [
            {
                "sku": f"{sku}",
                "components": [{"sku": f"{n:02}" + "🧦" * 98, "quantity": 1} for n in range(MOST_COMPONENTS)],
            }
            for sku in range(30)
        ],
    }
    events = events_of(message)
    assert size(detail_of(events[0])) > 180_000
    assert max(size(detail_of(event)) for event in events) < REQUEST_BYTES - 1_000


def test_a_product_without_variants_is_told_too() -> None:
    (event,) = events_of(upserted("CUP"))
    assert (event.product_id, list(event.variants)) == ("CUP", [])


def test_an_event_that_says_the_same_has_the_same_id_and_no_other() -> None:
    said = word(upserted("CUP", "S", "M"))
    assert isinstance(said, ProductSaid)
    product = Product(product_id="CUP").told(said)
    small, medium = (
        Variant(sku=sku).told("CUP", said.version, content, NEVER) for sku, content in said.variants.items()
    )
    newer = small.ended((9, 9, 9, 9))
    told = [[small], [small], [medium], [small, medium], [newer], []]
    ids = [event.id for variants in told for event in product_events(product, variants, at="t")]
    assert ids[0] == ids[1]
    assert len(set(ids)) == len(ids) - 1


@pytest.mark.parametrize(
    "name", ["title", "url", "image", "category", "brand", "tags", "price", "rank", "similar", "translations"]
)
def test_all_that_is_said_of_a_product_is_told(name: str) -> None:
    values: dict[str, Any] = {
        "title": {"en": "Cup", "he": "ספל"},
        "url": "https://shop.example/p",
        "image": "https://shop.example/i",
        "price": {"amount": 7, "currency": "ILS"},
        "rank": 3,
        "tags": ["a"],
        "similar": ["MUG"],
        "translations": {"he": {"Red": "אדום"}},
    }
    value = values.get(name, "text")
    (event,) = events_of({**upserted("CUP", "S"), name: value})
    assert getattr(event, name) == value
