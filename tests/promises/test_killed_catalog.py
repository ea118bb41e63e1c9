"""Promises 4 and 9 around the catalogue: the newest word wins and all hear of it, however the ingester breaks."""

from typing import Any

import pytest
from standby.catalog.repository import CatalogRepository
from standby.events.catalog import ProductChanged, ProductDiscontinued

from tests.promises.killing import Scenario, dead_letters, distinct, everything_runs, insists, report
from tests.promises.shop import OPS, Shop
from tests.standby.catalog.words import Listener, discontinued, expected, upserted, word
from tests.world import World

pytestmark = pytest.mark.promise("P4", "P9")

BEFORE = [upserted("CUP", "S", "M", "L"), upserted("MUG", "X")]
SAID = [
    upserted("CUP", "M", "S", minute=2),  # L is gone, and M is first now
    upserted("MUG", "X", "S", minute=3),  # S moves
    discontinued(product_id="CUP", minute=4),
    discontinued(sku="X", minute=4),
]
LATE = [upserted("CUP", "L", minute=1), upserted("JUG", "L", minute=1)]
"""Of these the second counts: nobody said a newer word about the product."""
POISON: dict[str, Any] = {"type": "product.upserted", "product_id": "POISON"}


def two_products_are_known(shop: Shop) -> None:
    shop.world.send("CatalogUpdates", {"type": "batch", "messages": BEFORE})
    shop.world.settle()


def skus_move_and_go(world: World) -> None:
    status, answer = insists(world, "catalog_api", "POST", "/v1/messages/catalog", body=SAID[0], scopes="erp")
    assert (status, answer) == (202, {"accepted": 1, "rejected": []}), answer
    for message in SAID[1:]:
        world.send("CatalogUpdates", message)
    world.send("CatalogUpdates", {"type": "batch", "messages": [*LATE, POISON]})
    everything_runs(world)
    status, shown = insists(world, "catalog_api", "GET", "/v1/catalog/products/CUP", scopes=OPS)
    assert (status, shown["skus"], shown["discontinued"]) == (200, ["M", "S"], True)


def the_newest_word_wins_and_all_heard_it(world: World, _most: int) -> None:
    words = [word(message, arrival=place) for place, message in enumerate([*BEFORE, *SAID, *LATE])]
    skus, titles, _ = expected(words)
    kept = {
        sku: (variant.product_id, variant.is_discontinued)
        for sku, variant in CatalogRepository("Catalog").variants(["S", "M", "L", "X"]).items()
        if variant.content is not None
    }
    assert kept == {sku: (said[0][0], said[3]) for sku, said in skus.items()}, "promise 4"
    told = [ProductChanged(**_known(event)) for event in distinct(world, "ProductChanged")]
    ended = [ProductDiscontinued(**_known(event)) for event in distinct(world, "ProductDiscontinued")]
    for events in (told, told[::-1]):
        listener = Listener()
        listener.hear([*events, *ended])
        assert (listener.knows(), listener.titles()) == (skus, titles), "promise 4: somebody did not hear of it"
        assert all(map(listener.heard_ended, ("M", "X"))), "nobody heard that it does not come back"
    assert CatalogRepository("Catalog").product("CUP").open is False, "it is told again and again"
    letters = {message.body for message in world.queues["CatalogDeadLetters"]}
    assert letters == {'{"type":"product.upserted","product_id":"POISON"}'}, "promise 9"


def _known(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "version"}


# ---- a batch that is split, of which one part is poison ----


def nothing_is_known(_shop: Shop) -> None:
    pass


def many_come_at_once(world: World) -> None:
    many = [upserted(f"JUG-{number}", f"J-{number}") for number in range(27)]
    world.send("CatalogUpdates", {"type": "batch", "messages": [*many, POISON]})
    everything_runs(world)


def all_are_known(world: World, _most: int) -> None:
    told = {event["product_id"]: event["edition"] for event in distinct(world, "ProductChanged")}
    assert told == {f"JUG-{number}": 1 for number in range(27)}
    letters = {message.body for message in world.queues["CatalogDeadLetters"]}
    assert letters == {'{"type":"product.upserted","product_id":"POISON"}'}, "promise 9"


# ---- whoever listens lost everything ----


def nobody_remembers(shop: Shop) -> None:
    two_products_are_known(shop)
    shop.world.events.clear()


def all_is_told_anew(world: World) -> None:
    world.send("CatalogUpdates", {"retell": "products"})
    everything_runs(world)


def all_heard_it(world: World, _most: int) -> None:
    told = [ProductChanged(**_known(event)) for event in distinct(world, "ProductChanged")]
    listener = Listener()
    listener.hear(told)
    skus, titles, _ = expected([word(message, arrival=place) for place, message in enumerate(BEFORE)])
    assert (listener.knows(), listener.titles()) == (skus, titles)
    assert dead_letters(world) == [], "promise 9"


SCENARIOS = (
    Scenario(
        "SKUs move and go",
        two_products_are_known,
        skus_move_and_go,
        the_newest_word_wins_and_all_heard_it,
        every=9,
    ),
    Scenario("a catalogue comes at once", nothing_is_known, many_come_at_once, all_are_known, every=40),
    Scenario(
        "told anew",
        nobody_remembers,
        all_is_told_anew,
        all_heard_it,
        every=2,
        constants={"standby.catalog.repository.PAGE": 2},
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_word_is_lost_however_it_breaks(
    shop: Shop, scenario: Scenario, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    explored = scenario.broken(shop.world)

    assert {kind[1:] for kind in explored.kinds} >= {("dynamodb", "BatchGetItem"), ("events", "PutEvents")}
    report(capsys, scenario.name, explored)
