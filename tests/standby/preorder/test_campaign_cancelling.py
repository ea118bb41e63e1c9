"""Shops that cancel what they sold ahead: asked for, shown what would be lost, approved, told once."""

from typing import Any

import pytest
from standby.platform.table import Table
from standby.preorder.model import Place
from standby.preorder.repository import PreorderRepository

from tests.promises.preorder_checks import adds_up, everything_was_told
from tests.promises.shop import OPS
from tests.standby.availability.storefront import product_changed, variant
from tests.standby.preorder.sales import LAMP, Sales


def ordered(sales: Sales, count: int, name: str = "c") -> list[str]:
    """Let so many pre-order one, a second apart."""
    made = []
    for number in range(count):
        made.append(sales.holds(f"{name}{number}"))
        sales.does(made[-1], "confirm")
        sales.world.clock.advance(seconds=1)
    sales.world.settle()
    return made


def decides(sales: Sales, what: str = "cancellation/approve", sku: str = LAMP) -> Any:
    """Ask, approve or reject as an operator; return status and answer."""
    made = sales.asks("POST", f"/v1/campaigns/{sku}/{what}", scopes=OPS)
    sales.world.settle()
    return made


def states(sales: Sales, made: list[str]) -> list[str]:
    return [sales.reservation(each)["status"] for each in made]


def places(sales: Sales) -> list[Place]:
    """Return the line for the SKU."""
    return PreorderRepository(Table("Preorder", sales.world.dynamodb)).line(LAMP, None)[0]


def called_off(sales: Sales) -> list[str]:
    return sorted(mail.email for mail in sales.world.mails if mail.subject.startswith("We had to cancel"))


def test_asking_shows_what_would_be_lost_and_changes_nothing(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 3)
    status, shown = decides(sales, "cancel")
    assert (status, shown["status"], shown["reservations"], shown["units"]) == (200, "waiting", 3, 3)
    assert decides(sales, "cancel")[1]["asked_at"] == shown["asked_at"]
    assert (states(sales, made), sales.campaign()["status"]) == (["confirmed"] * 3, "open")


def test_nobody_ever_had_a_campaign_and_nobody_ever_asked(sales: Sales) -> None:
    assert decides(sales, "cancel")[0] == 404
    sales.opens()
    assert decides(sales)[0] == 404


def test_an_approval_closes_and_cancels_in_pages_and_tells_each_customer_once(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standby.preorder.repository.LINE_PAGE", 2)
    sales.opens(capacity=50)
    made = ordered(sales, 7)
    held = sales.holds("held")
    sales.does(made[0], "confirm", {"paid": True})
    decides(sales, "cancel")
    for _ in range(2):
        assert decides(sales)[0] == 200
    assert states(sales, [*made, held]) == ["cancelled"] * 8
    assert called_off(sales) == [f"c{number}@example.org" for number in range(7)]
    assert [due["reservation_id"] for due in sales.told("RefundDue")] == [made[0]]
    shown = sales.asks("GET", f"/v1/campaigns/{LAMP}/cancellation", scopes=OPS)[1]
    assert (shown["status"], shown["reservations"], shown["ended_at"] is not None) == ("cancelled", 0, True)
    assert (sales.numbers(), sales.campaign()["status"], sales.campaign()["reserved"]) == ((0, 0, 0), "closed", 0)
    adds_up(sales.world)
    everything_was_told(sales.world)


def test_what_is_set_aside_whole_stays_its_customers(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 3)
    sales.shop.counts(LAMP, 1)
    decides(sales, "cancel")
    decides(sales)
    assert states(sales, made) == ["allocated", "cancelled", "cancelled"]


def test_an_order_that_the_erp_knows_is_asked_to_be_cancelled_and_told_once_it_is(sales: Sales) -> None:
    sales.opens(capacity=50)
    (made,) = ordered(sales, 1)
    order = {"order_id": "O-1", "as_of": "2026-05-03T10:00:01Z", "reservation_ids": [made]}
    lines = [{"line_id": "1", "sku": LAMP, "quantity": 1}]
    sales.world.send("OrderUpdates", {"type": "order.placed", **order, "lines": lines})
    sales.world.settle()
    decides(sales, "cancel")
    decides(sales)
    assert [asked["reason"] for asked in sales.told("CancellationRequested")] == ["shop"]
    assert (states(sales, [made]), called_off(sales)) == (["confirmed"], [])
    at = "2026-05-03T10:00:09Z"
    sales.world.send("OrderUpdates", {"type": "order.cancelled", "order_id": "O-1", "as_of": at, "occurred_at": at})
    sales.world.settle()
    assert (states(sales, [made]), called_off(sales)) == (["cancelled"], ["c0@example.org"])


def test_what_is_rejected_is_not_approved_any_more_and_can_be_asked_for_again(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 1)
    decides(sales, "cancel")
    for _ in range(2):
        assert decides(sales, "cancellation/reject")[1]["status"] == "rejected"
    assert decides(sales)[0] == 409
    sales.world.clock.advance(minutes=1)
    assert decides(sales, "cancel")[1]["status"] == "waiting"
    assert decides(sales)[1]["status"] == "cancelling"
    assert decides(sales, "cancellation/reject")[0] == 409
    assert states(sales, made) == ["cancelled"]


def test_who_reserves_of_a_new_campaign_is_not_cancelled_by_pages_that_come_again(sales: Sales) -> None:
    sales.opens(capacity=50)
    ordered(sales, 1)
    decides(sales, "cancel")
    decides(sales)
    sales.world.clock.advance(minutes=2)
    sales.opens(capacity=50)
    new = sales.holds("new")
    sales.does(new, "confirm")
    decides(sales)
    sales.world.send("PreorderRecords", {"cancellation": LAMP})
    sales.world.settle()
    assert states(sales, [new]) == ["confirmed"]


@pytest.mark.parametrize("seconds", [0, 1, 30, 59])
def test_who_reserves_of_a_new_campaign_at_once_is_not_cancelled_with_the_former_one(
    sales: Sales, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    monkeypatch.setattr("standby.preorder.repository.LINE_PAGE", 2)
    sales.opens(capacity=50)
    former = ordered(sales, 3)
    decides(sales, "cancel")
    sales.world.held = frozenset({"PreorderRecords"})
    decides(sales)
    sales.world.clock.advance(seconds=seconds)
    sales.opens(capacity=50)
    new = ordered(sales, 3, "d")
    assert decides(sales)[0] == 200, "approving again, while it is being cancelled"
    assert sales.campaign()["status"] == "open"
    shown = sales.asks("GET", f"/v1/campaigns/{LAMP}/cancellation", scopes=OPS)[1]
    assert (shown["reservations"], shown["units"]) == (3, 3)

    sales.world.held = frozenset()
    sales.world.settle()

    assert states(sales, former) == ["cancelled"] * 3
    assert states(sales, new) == ["confirmed"] * 3
    shown = sales.asks("GET", f"/v1/campaigns/{LAMP}/cancellation", scopes=OPS)[1]
    assert (shown["status"], shown["reservations"]) == ("cancelled", 0)
    adds_up(sales.world)


@pytest.mark.parametrize("again", ["nothing more is sold", "another campaign", "another cancellation that waits"])
def test_who_loses_set_aside_units_of_a_cancelled_campaign_is_cancelled_too(sales: Sales, again: str) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 2)
    sales.does(made[1], "confirm", {"paid": True})
    sales.shop.counts(LAMP, 2)
    decides(sales, "cancel")
    decides(sales)
    assert states(sales, made) == ["allocated", "allocated"]
    new = []
    if again != "nothing more is sold":
        sales.world.clock.advance(seconds=1)
        sales.opens(capacity=50)
        new = [sales.holds("new")]
        sales.does(new[0], "confirm")
    if again == "another cancellation that waits":
        decides(sales, "cancel")

    sales.shop.counts(LAMP, 1)
    sales.world.wait(minutes=11)

    assert states(sales, [*made, *new]) == ["allocated", "cancelled", *["confirmed" for _ in new]]
    assert called_off(sales) == ["c1@example.org"]
    assert [due["reservation_id"] for due in sales.told("RefundDue")] == [made[1]]
    adds_up(sales.world)


def test_who_loses_set_aside_units_of_a_campaign_that_goes_on_keeps_place_and_day(sales: Sales) -> None:
    sales.opens(capacity=50)
    decides(sales, "cancel")
    decides(sales)
    sales.world.clock.advance(seconds=1)
    sales.opens(capacity=50)
    (made,) = ordered(sales, 1)
    (before,) = places(sales)
    sales.shop.counts(LAMP, 1)
    assert places(sales) == []

    sales.shop.counts(LAMP, 0)
    sales.world.wait(minutes=11)

    assert states(sales, [made]) == ["confirmed"]
    assert places(sales) == [before]


def test_what_does_not_come_back_is_sold_ahead_no_more_and_somebody_decides(sales: Sales) -> None:
    sales.opens(capacity=50)
    made = ordered(sales, 2)
    gone = {"id": "gone", "at": "2026-05-03T10:00:00Z", "sku": LAMP, "edition": 3, "version": 1}
    event = {"source": "standby", "detail-type": "ProductDiscontinued", "detail": gone}
    for _ in range(2):
        sales.world.send("PreorderRecords", event)
        sales.world.settle()
    shown = sales.asks("GET", f"/v1/campaigns/{LAMP}/cancellation", scopes=OPS)[1]
    assert (shown["status"], shown["asked_by"], shown["reservations"]) == ("waiting", "catalogue", 2)
    assert (sales.campaign()["status"], states(sales, made)) == ("closed", ["confirmed"] * 2)
    decides(sales, "cancellation/reject")
    sales.world.send("PreorderRecords", event)
    sales.world.settle()
    assert sales.asks("GET", f"/v1/campaigns/{LAMP}/cancellation", scopes=OPS)[1]["status"] == "rejected"


def test_what_never_had_a_campaign_or_has_nobody_in_line_asks_nothing(sales: Sales) -> None:
    sales.opens("MUG")
    for sku in ("MUG", "CUP"):
        gone = {"id": "gone", "at": "2026-05-03T10:00:00Z", "sku": sku, "edition": 3, "version": 1}
        sales.world.send("PreorderRecords", {"source": "standby", "detail-type": "ProductDiscontinued", "detail": gone})
    sales.world.settle()
    for sku in ("MUG", "CUP"):
        assert sales.asks("GET", f"/v1/campaigns/{sku}/cancellation", scopes=OPS)[0] == 404


def test_a_product_that_the_catalogue_discontinues_reaches_its_line(sales: Sales) -> None:
    sales.opens(capacity=50)
    ordered(sales, 1)
    now = "2026-05-03T10:00:02Z"
    product = {"type": "product.upserted", "product_id": "lamps", "title": {"en": "Lamp"}, "as_of": now}
    sales.world.send("CatalogUpdates", product | {"variants": [{"sku": LAMP}]})
    sales.world.settle()
    sales.world.send("CatalogUpdates", {"type": "product.discontinued", "sku": LAMP, "as_of": "2026-05-03T10:00:03Z"})
    sales.world.settle()
    assert sales.asks("GET", f"/v1/campaigns/{LAMP}/cancellation", scopes=OPS)[1]["asked_by"] == "catalogue"


@pytest.mark.parametrize("more", [{}, {"capacity": "incoming"}], ids=str)
def test_a_sku_that_becomes_a_kit_sells_nothing_ahead_and_the_shop_decides_about_its_line(
    sales: Sales, more: dict[str, Any]
) -> None:
    sales.shop.counts(LAMP, 0)
    if more.get("capacity") == "incoming":
        sales.shop.counts(LAMP, 3)
    sales.opens(**{"capacity": 50, **more})
    made = ordered(sales, 1)
    sales.shop.counts("BASE", 9)
    sales.world.send(
        "StockProducts", product_changed("lamp", 1, variant(LAMP, 1, components=[{"sku": "BASE", "quantity": 1}]))
    )
    sales.world.settle()

    status, problem = sales.reserves("late")
    sales.world.settle()

    assert (status, problem["type"]) == (409, "/problems/kit")
    assert sales.campaign()["status"] == "closed"
    assert sales.reserves("later")[1]["type"] == "/problems/campaign-closed"
    assert sales.reserves("c0")[1]["id"] == made[0]
    assert sales.reserves("now", kind="checkout")[0] == 201
    if sales.reservation(made[0])["status"] == "confirmed":
        shown = sales.asks("GET", f"/v1/campaigns/{LAMP}/cancellation", scopes=OPS)[1]
        assert (shown["status"], shown["asked_by"], shown["reservations"]) == ("waiting", "catalogue", 1)
        decides(sales)
        assert states(sales, made) == ["cancelled"]
    adds_up(sales.world)


def waiting(sales: Sales, after: str | None = None) -> Any:
    query = None if after is None else {"after": after}
    status, page = sales.world.request("preorder_api", "GET", "/v1/cancellations", query=query, scopes=OPS)
    assert status == 200, page
    return page


def test_what_waits_for_a_decision_is_listed_in_pages_until_it_is_decided(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standby.preorder.cancellation_repository.WAITING_PAGE", 2)
    skus = ["BELL", "DRUM", "GONG"]
    for sku in skus:
        sales.opens(sku)
        decides(sales, "cancel", sku)
    first = waiting(sales)
    rest = waiting(sales, first["next"])
    assert ([each["sku"] for each in (*first["items"], *rest["items"])], rest["next"]) == (skus, None)
    assert {each["status"] for each in first["items"]} == {"waiting"}
    decides(sales, sku="BELL")
    decides(sales, "cancellation/reject", "DRUM")
    assert [each["sku"] for each in waiting(sales)["items"]] == ["GONG"]
    decides(sales, "cancel", "DRUM")
    assert [each["sku"] for each in waiting(sales)["items"]] == ["DRUM", "GONG"]


def test_it_rings_where_the_catalogue_asks_and_not_where_an_operator_does(
    sales: Sales, capsys: pytest.CaptureFixture[str]
) -> None:
    sales.opens()
    ordered(sales, 1)
    decides(sales, "cancel")
    decides(sales, "cancellation/reject")
    assert "CancellationsWaiting" not in capsys.readouterr().out
    gone = {"id": "gone", "at": "2026-05-03T10:00:00Z", "sku": LAMP, "edition": 3, "version": 1}
    sales.world.send("PreorderRecords", {"source": "standby", "detail-type": "ProductDiscontinued", "detail": gone})
    sales.world.settle()
    assert "CancellationsWaiting" in capsys.readouterr().out
