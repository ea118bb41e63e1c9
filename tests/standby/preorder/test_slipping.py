"""A pre-order that comes later is a delay: all hear of it once, and its customer from one of both, never from two."""

from typing import Any

import pytest
from standby.preorder.pages import wording

from tests.promises.shop import Shop
from tests.standby.delivery.parcels import Parcels
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_postponed import AUGUST, JULY, SEPTEMBER, releases
from tests.standby.preorder.test_promising import in_line, orders

pytestmark = pytest.mark.promise("P3")
CUSTOMER = "c0@example.org"
OCTOBER = "2026-10-10"
NOTED, SEE_OTHER, REFUSED = 202, 303, 409


@pytest.fixture
def parcels(sales: Sales) -> Parcels:
    return Parcels(Shop(sales.world))


def mails(sales: Sales) -> list[str]:
    """Return by which kinds of mail its customer heard of days, in order."""
    begins = {
        "Later than we told you: order": "delayed",
        "Not with you yet": "overdue",
        "Later than we told you: ": "postponed",
        "No date yet": "undated",
    }
    subjects = [mail.subject for mail in sales.world.mails if mail.email == CUSTOMER]
    found = [[kind for said, kind in begins.items() if each.startswith(said)] for each in subjects]
    return [kinds[0] for kinds in found if kinds]


def delays(sales: Sales) -> list[tuple[str, str | None]]:
    """Return what all heard of delays, each once: of which, and the new day."""
    heard = {event["id"]: event for event in sales.told("DelayDetected")}
    about = ("reservation_id", "order_id")
    return [
        (next(name for name in about if each.get(name)).removesuffix("_id"), each.get("expected"))
        for each in heard.values()
    ]


def placed(parcels: Parcels, made: str, until: str | None = JULY, **more: Any) -> None:
    """Let the ERP place the order of a reservation, promised by a day; without one it names no shipment."""
    shipments = [{"shipment_id": "A", "promised_until": until, "line_ids": ["1"]}] if until else []
    customer = {"email": CUSTOMER, "locale": "en", **more.pop("customer", {})}
    line = {"line_id": "1", "sku": LAMP, "quantity": 1}
    about = {"order_number": "10234", "lines": [line], "shipments": shipments, "reservation_ids": [made], **more}
    parcels.tells("placed", customer=customer, **about)


def test_a_slip_before_any_order_is_a_delay_of_the_reservation_and_one_mail(sales: Sales) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)

    for day in (AUGUST, AUGUST, JULY, AUGUST, SEPTEMBER):
        releases(sales, day)

    assert delays(sales) == [("reservation", AUGUST), ("reservation", SEPTEMBER)]
    assert mails(sales) == ["postponed", "postponed"]
    first = sales.told("DelayDetected")[0]
    assert (first["reservation_id"], first["promised_until"], first["days_late"]) == (made, JULY, 36)


def test_a_pre_order_that_loses_its_day_is_a_delay_without_one(sales: Sales) -> None:
    orders(sales, 1, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    in_line(sales, 1)
    orders(sales, 0, "2026-07-01")

    assert (delays(sales), mails(sales)) == ([("reservation", None)], ["undated"])


def test_a_slip_of_an_order_is_told_by_the_order_alone(sales: Sales, parcels: Parcels) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    placed(parcels, made)

    for day in (AUGUST, AUGUST, SEPTEMBER):
        releases(sales, day)

    assert delays(sales) == [("order", AUGUST), ("order", SEPTEMBER)]
    assert mails(sales) == ["delayed", "delayed"]


@pytest.mark.parametrize("until", [JULY, AUGUST])
def test_what_was_told_before_the_order_came_is_not_told_by_the_order(
    sales: Sales, parcels: Parcels, until: str
) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    releases(sales, AUGUST)

    placed(parcels, made, until)
    placed(parcels, made, until)

    assert (delays(sales), mails(sales)) == ([("reservation", AUGUST)], ["postponed"])
    shipment = order(sales)["shipments"][0]
    assert (shipment["promised_until"], shipment["expected"]) == (JULY, AUGUST), "the first day told is the promise"

    releases(sales, SEPTEMBER)
    assert (delays(sales)[1:], mails(sales)) == ([("order", SEPTEMBER)], ["postponed", "delayed"])


@pytest.mark.parametrize("first", ["goods", "erp"])
def test_a_day_of_which_goods_and_erp_tell_is_told_once(sales: Sales, parcels: Parcels, first: str) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    placed(parcels, made)

    if first == "goods":
        releases(sales, AUGUST)
    for _ in range(2):
        parcels.tells("eta", eta=AUGUST)
        placed(parcels, made)
    releases(sales, AUGUST)

    assert (delays(sales), mails(sales)) == ([("order", AUGUST)], ["delayed"])


def test_what_the_erp_says_since_outranks_the_goods(sales: Sales, parcels: Parcels) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    placed(parcels, made)
    releases(sales, AUGUST)
    sales.world.clock.advance(seconds=1)
    parcels.tells("eta", eta=SEPTEMBER)
    placed(parcels, made, SEPTEMBER)

    assert order(sales)["shipments"][0]["expected"] == SEPTEMBER
    releases(sales, OCTOBER)
    assert order(sales)["shipments"][0]["expected"] == OCTOBER
    assert [day for _, day in delays(sales)] == [AUGUST, SEPTEMBER, OCTOBER]
    assert mails(sales) == ["delayed"] * 3


@pytest.mark.parametrize(
    "silent", [{"until": None}, {"customer": {"email": ""}}], ids=["without-a-day", "without-an-address"]
)
def test_an_order_that_cannot_tell_leaves_it_to_the_pre_order(
    sales: Sales, parcels: Parcels, silent: dict[str, Any]
) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    placed(parcels, made, **silent)
    releases(sales, AUGUST)
    assert (delays(sales), mails(sales)) == ([("reservation", AUGUST)], ["postponed"])

    placed(parcels, made)
    releases(sales, SEPTEMBER)
    assert (delays(sales)[1:], mails(sales)[1:]) == ([("order", SEPTEMBER)], ["delayed"])


def test_events_that_come_twice_and_late_are_told_once(sales: Sales, parcels: Parcels) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    releases(sales, AUGUST)
    placed(parcels, made)
    releases(sales, SEPTEMBER)
    before = (delays(sales), mails(sales))

    for event in reversed(sales.told("PromiseMoved")):
        sales.world.send("DeliveryRecords", {"detail-type": "PromiseMoved", "detail": event})
        sales.world.settle()

    assert (delays(sales), mails(sales)) == before
    assert order(sales)["shipments"][0]["expected"] == SEPTEMBER


def test_goods_that_come_earlier_after_all_are_no_delay_any_more(sales: Sales, parcels: Parcels) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    placed(parcels, made)
    releases(sales, AUGUST)
    releases(sales, JULY)

    shipment = order(sales)["shipments"][0]
    assert (shipment["expected"], shipment["days_late"]) == (JULY, 0)


def test_an_order_without_a_day_any_more_says_so(sales: Sales, parcels: Parcels) -> None:
    orders(sales, 1, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    (made,) = in_line(sales, 1)
    placed(parcels, made)
    orders(sales, 0, "2026-07-01")

    assert delays(sales) == [("order", None)]
    assert "undated" not in mails(sales)
    assert order(sales)["shipments"][0]["expected"] is None


def test_a_customer_agrees_to_the_later_day_and_may_cancel_still(sales: Sales) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    token = sales.link(CUSTOMER)
    assert sales.asks("POST", f"/v1/preorders/{token}/wait", {"wording": "w", "until": JULY})[0] == REFUSED
    releases(sales, AUGUST)
    shown = sales.own(token)[1]
    assert (shown["late"], shown["first_promised_until"], shown["may_wait"]) == (True, JULY, True)
    assert sales.asks("POST", f"/v1/preorders/{token}/wait", {"wording": "w", "until": JULY})[0] == REFUSED

    for _ in range(2):
        status, shown = sales.asks("POST", f"/v1/preorders/{token}/wait", {"wording": "w", "until": AUGUST})
        assert (status, shown["may_wait"], shown["agreed"]["until"]) == (200, False, AUGUST)
    (consent,) = sales.told("ConsentGiven")
    assert (consent["reservation_id"], consent["until"], consent["wording"]) == (made, AUGUST, "w")

    assert sales.asks("POST", f"/v1/preorders/{token}/cancel")[0] == NOTED
    sales.world.settle()
    code = {"code": sales.codes(CUSTOMER)[-1]}
    assert sales.asks("POST", f"/v1/preorders/{token}/cancel", code)[1]["status"] == "cancelled"


def test_what_was_agreed_to_goes_along_to_the_order(sales: Sales, parcels: Parcels) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    releases(sales, AUGUST)
    token = sales.link(CUSTOMER)
    sales.asks("POST", f"/v1/preorders/{token}/wait", {"wording": "w", "until": AUGUST})
    placed(parcels, made)

    assert [step["rule"] for step in why(sales)].count("the_customer_agreed_to_wait") == 1
    assert len(sales.told("ConsentGiven")) == 1, "all heard of it"
    shown = sales.own(token)[1]
    assert (shown["late"], shown["may_wait"]) == (False, False), "the page of the order says so now"
    assert sales.asks("POST", f"/v1/preorders/{token}/wait", {"wording": "w", "until": AUGUST})[0] == REFUSED


@pytest.mark.parametrize("locale", ["en", "he"])
def test_the_page_asks_and_says_what_was_agreed_to(sales: Sales, locale: str) -> None:
    releases(sales, JULY)
    in_line(sales, 1)
    releases(sales, AUGUST)
    token = sales.link(CUSTOMER)
    words = wording(locale)
    form = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    if locale == "en":
        assert f'value="{words}"' in sales.own(token, page=True)[1]
    path = f"/v1/preorders/{token}/wait"
    asked = sales.world.request("preorder_viewer", "POST", path, body=f"until={JULY}&wording={words}", headers=form)
    assert (asked[0], "The day has changed" in asked[1]) == (REFUSED, True)
    asked = sales.world.request("preorder_viewer", "POST", path, body=f"until={AUGUST}&wording={words}", headers=form)
    assert asked[0] == SEE_OTHER
    page = sales.own(token, page=True)[1]
    assert "that you wait until August 20, 2026" in page
    assert "/wait" not in page


def why(sales: Sales) -> list[dict[str, Any]]:
    _, found = sales.world.request("delivery_api", "GET", "/v1/deliveries/O/why", scopes="ops")
    return list(found["steps"])


def test_it_can_be_explained(sales: Sales, parcels: Parcels) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    releases(sales, AUGUST)
    placed(parcels, made)
    releases(sales, SEPTEMBER)

    steps = [(step["event"], step["rule"]) for step in why(sales)]
    assert steps.count(("PromiseMoved", "pre_orders_say_when_their_goods_come")) == 2
    assert ("CustomerTold", "pre_orders_told_it_before_the_order_did") in steps


def order(sales: Sales) -> Any:
    """Return what the look-up shows of the order."""
    status, answer = sales.world.request("delivery_api", "GET", "/v1/deliveries/O", scopes="ops")
    assert status == 200, answer
    return answer


def test_who_waits_for_the_morning_hears_the_newest_day_alone(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"QUIET_HOURS": "21:00-08:00", "QUIET_FOR": "all"}.items():
        monkeypatch.setenv(name, value)
    sales.world.restart()
    releases(sales, JULY)
    in_line(sales, 1)
    sales.world.clock.advance(hours=10)
    releases(sales, AUGUST)
    sales.world.clock.advance(minutes=5)
    releases(sales, SEPTEMBER)
    assert mails(sales) == []
    for _ in range(12):
        sales.world.wait(hours=1)
        sales.world.send("MailFeedback", {"sweep": "due"})
        sales.world.settle()
    assert mails(sales) == ["postponed"]
    assert "September" in sales.world.mails[-1].text


@pytest.mark.parametrize("stock_first", [True, False])
def test_the_day_of_a_pre_order_is_none_of_a_line_in_stock_of_the_same_sku(
    sales: Sales, parcels: Parcels, *, stock_first: bool
) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 1)
    stock, ahead = ("1", "2") if stock_first else ("2", "1")
    shipments = [
        {"shipment_id": "STOCK", "promised_until": parcels.day(3), "line_ids": [stock]},
        {"shipment_id": "AHEAD", "promised_until": JULY, "line_ids": [ahead]},
    ]
    lines = [{"line_id": line_id, "sku": LAMP, "quantity": 1} for line_id in ("1", "2")]
    placed(parcels, made, lines=lines, shipments=shipments)

    for day in (AUGUST, SEPTEMBER):
        releases(sales, day)
        shown = {each["shipment_id"]: each for each in order(sales)["shipments"]}
        assert (shown["STOCK"]["expected"], shown["STOCK"]["delay"]) == (shown["STOCK"]["promised_until"], None)
        assert shown["AHEAD"]["expected"] == day
    assert mails(sales) == ["delayed"] * 2


def test_a_pre_order_of_several_lines_is_of_those_that_come_last(sales: Sales, parcels: Parcels) -> None:
    releases(sales, JULY)
    (made,) = in_line(sales, 2)
    ids = ("STOCK", "AHEAD-1", "AHEAD-2")
    shipments = [
        {"shipment_id": name, "promised_until": JULY if place else parcels.day(3), "line_ids": [name]}
        for place, name in enumerate(ids)
    ]
    placed(parcels, made, lines=[{"line_id": name, "sku": LAMP, "quantity": 1} for name in ids], shipments=shipments)
    releases(sales, AUGUST)
    late = [each["shipment_id"] for each in order(sales)["shipments"] if each["delay"]]
    assert late == ["AHEAD-1", "AHEAD-2"]
