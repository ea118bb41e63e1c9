"""What a customer gave up stands in no notice any more, while the rest of its shipment is still to come.

It stays given up though what left before is said again.
"""

import pytest

from tests.promises.shop import Shop
from tests.standby.delivery.test_refunds import asks, cancels, is_late
from tests.standby.delivery.track import AMERICA, EUROPE, Customer
from tests.world import World

pytestmark = pytest.mark.promise("P3", "P7")


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def two_lines(ana: Customer, **more: str) -> list[dict[str, object]]:
    """Return a shipment of two lines."""
    return [{"shipment_id": "A", "promised_until": ana.day(3), "line_ids": ["1", "2"], **more}]


def test_a_line_that_was_withdrawn_stands_in_no_mail_and_not_on_the_page(ana: Customer) -> None:
    shipments = two_lines(ana)
    ana.places(until=3, skus=("LAMP", "CHAIR"), shipments=shipments, ship_to=EUROPE)
    ana.tells("eta", eta=ana.day(5))
    assert ana.does("withdraw", {"confirm": True, "line_ids": ["2"]})[0] == 200
    ana.tells("shipped", line_ids=["1"], occurred_at=ana.now(), carrier="Post")
    ana.tells("eta", eta=ana.day(8))

    mail = ana.shop.world.mails[-1]
    assert mail.subject.startswith("Later than we told you")
    assert ("LAMP" in mail.html, "CHAIR" in mail.html) == (True, False)
    assert [line["given_up"] for line in ana.sees()["shipments"][0]["lines"]] == [False, True]
    part = ana.sees(page=True).partition('class="part"')[2].partition("</section>")[0]
    assert ("LAMP" in part, "CHAIR" in part) == (True, False)


def test_silence_decides_of_what_was_not_given_up_alone(ana: Customer) -> None:
    (shipment,) = two_lines(ana, ship_by=ana.day(20))
    ana.places(until=3, shipments=[{**shipment, "line_ids": ["1"]}], ship_to=AMERICA)
    ana.tells("eta", eta=None)
    assert ana.does("cancel")[0] == 202
    assert ana.does("cancel", {"code": ana.codes()[-1]})[0] == 200
    ana.places(until=3, skus=("LAMP", "CHAIR"), shipments=[shipment], ship_to=AMERICA)
    for _ in range(60):
        ana.days_pass(1)
    assert [("LAMP" in mail.html, "CHAIR" in mail.html) for mail in ana.mailed("Please tell us")] == [(False, True)]
    silent = [event for event in ana.heard("CancellationRequested") if event["reason"] == "silence"]
    assert [[line["line_id"] for line in event["lines"]] for event in silent] == [["2"]]


# ---- what had left by then ----


def test_the_same_word_again_does_not_undo_a_cancelling(ana: Customer) -> None:
    is_late(ana, {"1": 2})
    said = {"occurred_at": ana.now(), "as_of": ana.now(), "shipment_id": "P1"}
    ana.tells("shipped", **said)
    cancels(ana)
    ana.tells("shipped", **said)
    assert ana.sees()["cancel"]["open"] is False
    ana.shop.world.clock.advance(days=2)
    ana.tells("returned", occurred_at=ana.now())
    assert asks(ana) == [(9_800, {"1": 2})]


AGAIN = [("tracked", {"state": "in_transit"}), ("shipped", {})]


@pytest.mark.parametrize(("kind", "more"), AGAIN, ids=["scanned", "shipped"])
def test_what_was_on_its_way_does_not_undo_a_cancelling_as_it_goes_on(
    ana: Customer, kind: str, more: dict[str, str]
) -> None:
    is_late(ana, {"1": 2})
    ana.tells("tracked", state="in_transit", shipment_id="P1", occurred_at=ana.now())
    cancels(ana)
    ana.tells(kind, shipment_id="P1", occurred_at=ana.now(), **more)
    assert ana.sees()["cancel"]["open"] is False
    ana.tells("eta", shipment_id="P1", eta=ana.day(30))
    assert len(ana.mailed("Later than we told you")) == 1


def test_the_same_word_again_does_not_undo_a_cancelling_of_a_line_that_has_another_number_since(ana: Customer) -> None:
    is_late(ana, {"1": 2})
    said = {"occurred_at": ana.now(), "as_of": ana.now(), "shipment_id": "P1"}
    ana.tells("shipped", **said)
    cancels(ana)
    ana.shop.world.clock.advance(seconds=1)
    is_late(ana, {}, lines=[{"line_id": "10", "sku": "S-1", "quantity": 2}], shipments=[_later(ana, "10")])
    ana.tells("shipped", **said)
    assert ana.sees()["cancel"]["open"] is False


def _later(ana: Customer, line_id: str) -> dict[str, object]:
    return {"shipment_id": "P1", "promised_until": ana.day(4), "line_ids": [line_id]}


def test_what_came_back_and_is_sent_again_undoes_a_cancelling(ana: Customer) -> None:
    is_late(ana, {"1": 2})
    ana.tells("shipped", occurred_at=ana.now())
    cancels(ana)
    for kind in ("returned", "shipped"):
        ana.shop.world.clock.advance(days=1)
        ana.tells(kind, occurred_at=ana.now())
    assert [line["given_up"] for line in ana.sees()["shipments"][0]["lines"]] == [False]
