"""What was said of a shipment is true of what it had then, in whatever shipment that is now, and in any order."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import pytest
from standby.delivery.archived import archived
from standby.delivery.promises import Promise, promises
from standby.delivery.repository import OrderRepository

from tests.promises.shop import Shop
from tests.standby.delivery.test_promises import happened
from tests.standby.delivery.test_refunds import cancels, looked_up, order, says, usd
from tests.standby.delivery.test_renumbered import LATE, SOON, in_any_order, numbered
from tests.standby.delivery.test_repository import comes_back, kept
from tests.standby.delivery.test_silence import each_day, subjects
from tests.standby.delivery.track import AMERICA, EUROPE, Customer
from tests.standby.delivery.words import at, said
from tests.world import World

__all__ = ["kept"]
pytestmark = pytest.mark.promise("P3", "P4")
THREE = {"1": "S", "2": "M", "3": "L"}
FIRST = numbered(0, THREE, ("P1", SOON, "1"), ("P2", SOON, "2"), ("P3", SOON, "3"))
WITHOUT_ONE = numbered(10, {"2": "M", "3": "L"}, ("P1", SOON, "2"), ("P2", SOON, "3"))
THE_LAST = numbered(20, {"3": "L"}, ("P1", SOON, "3"))


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def plans(ana: Customer, to: Mapping[str, str], ships: Mapping[str, str]) -> None:
    """Let the ERP say in which shipments the lines of an order are."""
    lines = [{"line_id": e, "sku": f"S-{e}", "quantity": 1, "unit_price": usd(4_900)} for e in "12"]
    days = {"ship_by": "2026-05-04", "promised_until": "2026-05-07"}
    shipments = [{"shipment_id": name, **days, "line_ids": list(held)} for name, held in ships.items()]
    ana.places(until=4, lines=lines, ship_to=to, payment_status="paid", shipments=shipments)


def in_any_promises(*messages: Mapping[str, Any]) -> list[Promise]:
    """Return what was promised, which is the same in whatever order messages come."""
    return promises(in_any_order(*messages), UTC)


# ---- merged, renamed and split ----


@pytest.mark.parametrize("into", ["C", "B"], ids=["into-a-new-one", "into-one-of-them"])
def test_who_agreed_to_wait_did_so_when_shipments_are_merged(ana: Customer, into: str) -> None:
    plans(ana, AMERICA, {"A": "1", "B": "2"})
    ana.tells("eta", eta=ana.day(40))
    assert ana.waits(ana.day(40), shipment_id="A")[0] == 200
    plans(ana, AMERICA, {into: "12"})
    each_day(ana, 36)
    cancelled = [line["line_id"] for event in ana.heard("CancellationRequested") for line in event["lines"]]
    assert "1" not in cancelled


@pytest.mark.parametrize("into", ["C", "B"], ids=["into-a-new-one", "into-one-of-them"])
def test_what_left_did_so_when_shipments_are_merged(ana: Customer, into: str) -> None:
    plans(ana, AMERICA, {"A": "1", "B": "2"})
    ana.tells("shipped", shipment_id="A", occurred_at=ana.now())
    plans(ana, AMERICA, {into: "12"})
    assert [line["fate"] for line in looked_up(ana)["lines"]] == ["shipped", "waiting"]


@pytest.mark.parametrize("into", ["C", "B"], ids=["into-a-new-one", "into-one-of-them"])
def test_what_is_late_is_so_when_it_is_merged_and_who_was_not_told_of_it_is(ana: Customer, into: str) -> None:
    plans(ana, EUROPE, {"A": "1", "B": "2"})
    ana.tells("eta", shipment_id="A", eta=ana.day(9))
    plans(ana, EUROPE, {into: "12"})
    assert ana.sees()["cancel"]["line_ids"] == ["1", "2"]
    assert subjects(ana) == ["Later than we told you"] * 2
    assert "S-2" in ana.shop.world.mails[-1].text


def test_what_was_told_of_all_that_is_merged_is_not_told_again(ana: Customer) -> None:
    plans(ana, EUROPE, {"A": "1", "B": "2"})
    ana.tells("eta", eta=ana.day(9))
    plans(ana, EUROPE, {"B": "12"})
    ana.looks()
    assert subjects(ana) == ["Later than we told you"]


def test_a_word_about_a_shipment_is_not_about_what_joins_it_later() -> None:
    joined = numbered(10, {"1": "S", "2": "M"}, ("A", SOON, "1 2"))
    for kind in ("shipped", "delivered", "cancelled"):
        said_of_a = happened(kind, at(1), minute=5, shipment_id="A")
        found = in_any_order(numbered(0, {"1": "S"}, ("A", SOON, "1")), said_of_a, joined)
        assert list(found.fates) == ["1"]


def test_what_was_said_of_one_of_two_parts_of_a_line_is_not_true_of_the_other() -> None:
    both = numbered(0, {"1": "S"}, ("A", SOON, "1"), ("B", SOON, "1"))
    left = happened("shipped", at(1), minute=5, shipment_id="B")
    for later in (numbered(10, {"1": "S"}, ("A", SOON, "1")), numbered(10, {"1": "S"}, ("A", LATE, "1"))):
        assert in_any_order(both, left, later).fates == {}


# ---- named by their place ----


def test_what_was_delivered_is_what_a_shipment_had_then(ana: Customer) -> None:
    says(ana, {"1": 1, "2": 1})
    ana.tells("eta", shipment_id="P2", eta=ana.day(9))
    ana.tells("delivered", shipment_id="P1", occurred_at=ana.now())
    said_again = order(ana, {"2": 1})
    said_again["shipments"][0]["shipment_id"] = "P1"
    ana.tells("placed", **said_again)
    assert [each["state"] for each in ana.sees()["shipments"]] == ["waiting"]
    assert subjects(ana) == ["Later than we told you"]
    cancels(ana)
    ana.tells("eta", shipment_id="P1", eta=ana.day(20))
    assert ana.sees()["cancel"]["open"] is False


def test_each_of_several_that_had_one_name_keeps_what_was_said_of_it() -> None:
    one, two = (happened("delivered", at(minute), minute=minute, shipment_id="P1") for minute in (5, 15))
    assert in_any_order(FIRST, one, WITHOUT_ONE).fates == {}
    assert list(in_any_order(FIRST, one, WITHOUT_ONE, two).fates) == ["2"]
    assert in_any_order(FIRST, one, WITHOUT_ONE, two, THE_LAST).fates == {}


def test_what_was_taken_out_of_an_order_left_by_the_name_that_it_had() -> None:
    one, two = (happened("delivered", at(minute), minute=minute, shipment_id="P1") for minute in (5, 15))
    assert archived(in_any_order(FIRST, one, WITHOUT_ONE, two)) == [("S", "shipped", 1)]
    assert archived(in_any_order(FIRST, WITHOUT_ONE, two, THE_LAST)) == [("M", "shipped", 1)]


def test_a_day_stays_with_the_line_through_several_names() -> None:
    late = said("eta", "O", minute=5, shipment_id="P3", eta=LATE)
    (only,) = in_any_promises(FIRST, late, WITHOUT_ONE, THE_LAST)
    assert (only.shipment_id, str(only.expected)) == ("P1", LATE)
    later = said("eta", "O", minute=15, shipment_id="P1", eta="2026-05-30")  # which is of line 2
    (only,) = in_any_promises(FIRST, late, WITHOUT_ONE, later, THE_LAST)
    assert str(only.expected) == LATE


def test_names_that_are_exchanged_show_the_line_that_is_late() -> None:
    lines = {"1": "S", "2": "M"}
    late = said("eta", "O", minute=5, shipment_id="P2", eta=LATE)
    exchanged = numbered(10, lines, ("P1", SOON, "2"), ("P2", SOON, "1"))
    found = in_any_promises(numbered(0, lines, ("P1", SOON, "1"), ("P2", SOON, "2")), late, exchanged)
    assert [(each.line_ids, str(each.expected)) for each in found] == [(("2",), LATE), (("1",), SOON)]


def test_names_that_are_exchanged_are_not_told_again(ana: Customer) -> None:
    plans(ana, EUROPE, {"P1": "1", "P2": "2"})
    ana.tells("eta", shipment_id="P2", eta=ana.day(9))
    plans(ana, EUROPE, {"P2": "1", "P1": "2"})
    ana.looks()
    assert subjects(ana) == ["Later than we told you"]
    ana.tells("eta", shipment_id="P2", eta=ana.day(9))
    assert subjects(ana) == ["Later than we told you"] * 2
    assert "S-1" in ana.shop.world.mails[-1].text
    assert len(ana.heard("DelayDetected")) == 2, "each has an id of its own"
    assert len(ana.heard("DelayDetected")) == 2, "each has an id of its own"


def test_what_the_order_lists_without_a_place_is_what_it_became() -> None:
    lines = {"1": "S", "2": "M"}
    there = happened("delivered", at(1), minute=5, shipment_id="P1")
    waiting = numbered(10, lines, ("P1", SOON, "2"))
    found = in_any_order(numbered(0, lines, ("P1", SOON, "1"), ("P2", SOON, "2")), there, waiting)
    assert list(found.fates) == ["1"]


def test_who_was_to_leave_first_is_not_who_has_the_name_now() -> None:
    first, now = numbered(0, {"1": "S"}, ("P1", SOON, "1")), numbered(9, {"2": "M"}, ("P1", SOON, "2"))
    for message, day in ((first, "2026-05-04"), (now, "2026-05-06")):
        message["shipments"][0]["ship_by"] = day
    (only,) = in_any_promises(first, now)
    assert str(only.ship_by) == "2026-05-06"


def test_what_is_kept_of_shipments_comes_back(kept: OrderRepository) -> None:
    one, two = (happened("delivered", at(minute), minute=minute, shipment_id="P1") for minute in (5, 15))
    found = in_any_order(FIRST, one, WITHOUT_ONE, two)
    assert found.numbering is not None
    assert len(found.numbering.listings) == 2
    comes_back(kept, found)
