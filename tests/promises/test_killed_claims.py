"""Promises 1, 5 and 9 when whoever reserves, gives and ends claims is broken at any call, and then tries again."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from standby.ledger.claim_items import SHIPPED_KEPT
from standby.ledger.claims import BesideError, Claim, ClaimBook
from standby.ledger.kits import KitBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.table import Put, Update

from tests.crashes import FAULTS, Call
from tests.fakes import EPOCH
from tests.promises.claiming import HOLDER, insist
from tests.promises.killing import THOROUGH, Scenario, dead_letters, distinct, everything_runs, report
from tests.promises.shop import Shop
from tests.promises.unruly import disorder
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P5", "P9")

TENT, POLE, CAMP = "TENT", "POLE", "CAMP-KIT"
OTHERS = "Waitlist"
"""A table that is not the ledger's."""
COUNTER = {"pk": "CAMPAIGN#c1", "sk": "COUNTER#0"}
WHOLE, PART = (CAMP, "r1-kit"), (TENT, "r1-tent")


def nothing_is_there(shop: Shop) -> None:
    """A kit of a tent and two poles is known, one tent is there, and three more are on their way."""
    for sku, units in ((TENT, 1), (POLE, 4)):
        shop.counts(sku, units)
    world = shop.world
    order = {"type": "stock.incoming", "purchase_order_id": "PO-1", "sku": TENT, "quantity": 3, "eta": "2026-06-01"}
    world.send("StockUpdates", {**order, "as_of": shop.level(TENT, 0)["as_of"]})
    world.settle()
    KitBook(LedgerTable("Stock", world.dynamodb)).define(CAMP, [(TENT, 1), (POLE, 2)], edition=1, now=EPOCH)
    LedgerTable(OTHERS, world.dynamodb).write(Put({**COUNTER, "left": 2}))
    world.settle()
    world.events.clear()


def once(name: str) -> Put:
    """Return what a caller writes beside, by which a repeated call is known."""
    return Put({"pk": f"CALL#{name}", "sk": "CALL"}, absent=("pk",), elsewhere=OTHERS)


def done(world: World, name: str, act: Callable[..., Any], *beside: Any, **more: Any) -> None:
    """Do something once, however often it must be tried."""

    def attempt(book: ClaimBook) -> None:
        try:
            act(book, now=world.clock.now(), beside=[once(name), *beside], **more)
        except BesideError as error:
            if not error.reasons[0]:
                raise  # it is no repetition

    insist(world, attempt)
    world.clock.advance(seconds=1)
    world.settle()


def an_order_is_reserved_given_corrected_and_cancelled(world: World) -> None:
    shop = Shop(world)
    kit = Claim(claim_id=WHOLE[1], sku=CAMP, kind="pre-order", units=2, counted_as="owed")
    tent = Claim(claim_id=PART[1], sku=TENT, kind="pre-order", units=2, counted_as="owed")
    place = Update(COUNTER, add={"left": -1}, at_least={"left": 1}, elsewhere=OTHERS)
    promised = {claim.claim_id for claim in (kit, tent)}
    take: Callable[..., Any] = lambda book, **how: book.take_together([kit, tent], promised_by_incoming=promised, **how)  # noqa: E731
    done(world, "reserve", take, place)
    shop.counts(TENT, 4)
    done(world, "give kits", lambda book, **how: book.give(*WHOLE, 2, **how))
    done(world, "give tents", lambda book, **how: book.give(*PART, 2, **how))
    shop.counts(TENT, 3)
    done(world, "take back", lambda book, **how: book.take_back(*PART, 1, **how))
    done(world, "reduce", lambda book, **how: book.reduce(*PART, 1, piece="r1-piece", **how))
    done(world, "cancel", lambda book, **how: book.end_together([WHOLE, PART], "returned", **how))
    everything_runs(world)


def units_moved_once(world: World, _most: int) -> None:
    shop = Shop(world)
    numbers = {sku: shop.stock(sku) for sku in (TENT, POLE, CAMP)}
    assert {(each["owed"], each["held"]) for each in numbers.values()} == {(0, 0)}, "promise 1: units stayed away"
    assert [numbers[sku]["free"] for sku in (TENT, POLE, CAMP)] == [3, 4, 2], "promise 1"
    assert LedgerTable(OTHERS, world.dynamodb).item(COUNTER) == {**COUNTER, "left": 1}, "counted twice, or never"
    told = {event["revision"]: event for event in distinct(world, "StockChanged") if event["sku"] == TENT}
    history = [(told[each]["owed"], told[each]["held"], told[each]["free"]) for each in sorted(told)]
    assert history == [(4, 0, -3), (4, 0, 0), (2, 2, 0), (0, 4, 0), (0, 4, -1), (1, 3, -1), (0, 3, 0), (0, 0, 3)], (
        history
    )
    restocked = [event["revision"] for event in distinct(world, "Restocked") if event["sku"] == TENT]
    assert restocked == [max(told)], "promise 5: somebody was told of units that are owed"
    assert dead_letters(world) == [], f"promise 9: set aside without need in {dead_letters(world)}"


def goods_leave_before_the_level_says_so(world: World) -> None:
    shop = Shop(world)
    for sku, units in ((TENT, 4), (POLE, 6)):
        shop.counts(sku, units)
    kit = Claim(claim_id=WHOLE[1], sku=CAMP, kind="pre-order", units=1, counted_as="owed")
    tent = Claim(claim_id=PART[1], sku=TENT, kind="checkout", units=1)
    done(world, "reserve", lambda book, **how: book.take_together([kit, tent], **how))
    done(world, "give", lambda book, **how: book.give(*WHOLE, 1, **how))
    left = to_text(world.clock.now())
    done(world, "ship", lambda book, **how: book.end_together([WHOLE, PART], "dropped", shipped_at=left, **how))
    shop.counts(TENT, 2)
    world.wait(seconds=SHIPPED_KEPT.total_seconds())
    world.send("StockSweeps", {"sweep": "claims"})
    everything_runs(world)


def what_left_was_nobodys_once(world: World, _most: int) -> None:
    shop = Shop(world)
    numbers = {sku: shop.stock(sku) for sku in (TENT, POLE)}
    assert [(each["held"], each["shipped"], each["free"]) for each in numbers.values()] == [(0, 0, 2), (0, 0, 6)]
    told = {event["revision"]: event for event in distinct(world, "StockChanged") if event["sku"] == TENT}
    history = [(told[each]["on_hand"], told[each]["owed"], told[each]["held"]) for each in sorted(told)]
    assert history == [(4, 0, 0), (4, 1, 1), (4, 0, 2), (4, 0, 2), (2, 0, 0)], f"promise 1: {history}"
    assert dead_letters(world) == [], f"promise 9: set aside without need in {dead_letters(world)}"


def parts_leave_one_after_another(world: World) -> None:
    """Of two kits and two tents that are there one of each leaves, a level says so, and the others leave."""
    shop = Shop(world)
    for sku, units in ((TENT, 5), (POLE, 6)):
        shop.counts(sku, units)
    kit = Claim(claim_id=WHOLE[1], sku=CAMP, kind="pre-order", units=2, counted_as="owed")
    tent = Claim(claim_id=PART[1], sku=TENT, kind="checkout", units=2)
    done(world, "reserve", lambda book, **how: book.take_together([kit, tent], **how))
    done(world, "give", lambda book, **how: book.give(*WHOLE, 2, **how))
    for key in (WHOLE, PART):
        left = {"piece": f"{key[1]}-piece", "shipped_at": to_text(world.clock.now())}
        done(world, f"ship a part of {key[1]}", lambda book, of, **how: book.reduce(*of, 1, **how), of=key, **left)
    for sku, units in ((TENT, 3), (POLE, 4)):
        shop.counts(sku, units)
    left_at = to_text(world.clock.now())
    done(world, "ship", lambda book, **how: book.end_together([WHOLE, PART], "dropped", shipped_at=left_at, **how))
    for sku, units in ((TENT, 1), (POLE, 2)):
        shop.counts(sku, units)
    everything_runs(world)


def parts_were_nobodys_once(world: World, _most: int) -> None:
    shop = Shop(world)
    numbers = {sku: shop.stock(sku) for sku in (TENT, POLE, CAMP)}
    assert [(each["owed"], each["held"], each["shipped"]) for each in numbers.values()] == [(0, 0, 0)] * 3, "promise 1"
    assert [numbers[sku]["free"] for sku in (TENT, POLE, CAMP)] == [1, 2, 1], (
        "promise 1: units that left are sold again"
    )
    told = {event["revision"]: event["free"] for event in distinct(world, "StockChanged") if event["sku"] == TENT}
    history = [told[each] for each in sorted(told)]
    assert history[0] == 5, history
    assert set(history[1:]) == {1}, f"promise 1: {history}"
    assert dead_letters(world) == [], f"promise 9: set aside without need in {dead_letters(world)}"


SCENARIOS = (
    Scenario(
        "goods that leave, of which a level says so or a day goes by",
        nothing_is_there,
        goods_leave_before_the_level_says_so,
        what_left_was_nobodys_once,
        every=60,
    ),
    Scenario(
        "parts of claims that leave one after another",
        nothing_is_there,
        parts_leave_one_after_another,
        parts_were_nobodys_once,
        every=60,
    ),
    Scenario(
        "claims that are reserved, given, corrected and cancelled",
        nothing_is_there,
        an_order_is_reserved_given_corrected_and_cancelled,
        units_moved_once,
        every=60,
    ),
)


def the_holders(calls: Sequence[Call]) -> Iterable[int]:
    """Choose the transactions of whoever holds or ends claims, and every call of theirs where ``make proof`` asks."""
    enders = {HOLDER, "stock_sweeper"}
    theirs = [(number, operation) for number, (who, _, operation) in enumerate(calls) if who in enders]
    return [number for number, operation in theirs if THOROUGH or operation == "TransactWriteItems"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_whatever_breaks_units_move_once(
    scenario: Scenario, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(Shop(world), monkeypatch)
    explored = scenario.explore(world, FAULTS, 1, chosen=the_holders, disorder=disorder, alternate=not THOROUGH)
    report(capsys, scenario.name, explored)
