"""Units are held for who waits, and pass to the next in line when nobody takes them."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.clock import from_text, to_text
from standby.platform.formats import Formats
from standby.preorder.pages import offer_page

from tests.promises.preorder_checks import adds_up, offers
from tests.promises.shop import Shop
from tests.services import Outage
from tests.standby.availability.storefront import product_changed, variant
from tests.standby.preorder.line import HOURS, WaitingLine
from tests.standby.preorder.sales import LAMP
from tests.world import World


@pytest.fixture
def line(world: World) -> WaitingLine:
    return WaitingLine(Shop(world))


def test_units_that_come_are_held_for_the_first_in_line_and_nobody_else_can_buy_them(line: WaitingLine) -> None:
    line.begins()

    line.shop.counts(LAMP, 2)

    assert line.offered() == ["w0", "w1"]
    assert line.numbers() == (0, 2, 0)
    assert line.reserves("quick", kind="checkout")[0] == 409
    adds_up(line.world)


def test_who_accepts_has_a_reservation_to_check_out_with(line: WaitingLine) -> None:
    line.begins()
    line.shop.counts(LAMP, 1)

    made = line.accepts("w0")

    assert (made["kind"], made["status"], made["sku"], made["quantity"]) == ("checkout", "held", LAMP, 1)
    assert line.does(made["id"], "confirm", {"paid": True})[1]["status"] == "confirmed"
    assert line.looks("w0")[0] == "accepted"
    assert line.numbers() == (0, 1, 0)
    line.world.wait(hours=2 * HOURS)
    assert line.offered() == ["w0"]
    adds_up(line.world)


def test_what_is_declined_goes_to_the_next_in_line(line: WaitingLine) -> None:
    line.begins()
    line.shop.counts(LAMP, 2)

    line.declines("w1")

    assert line.offered() == ["w0", "w1", "w2"]
    assert line.numbers() == (0, 2, 0)
    adds_up(line.world)


def test_what_nobody_answers_goes_to_the_next_in_line_at_its_time(line: WaitingLine) -> None:
    line.begins(3)
    line.shop.counts(LAMP, 1)
    _, ends = line.looks("w0")
    assert ends is not None
    left = from_text(ends) - line.world.clock.now()
    assert timedelta(hours=HOURS - 1) < left <= timedelta(hours=HOURS)

    line.world.wait(seconds=left.total_seconds() - 60)
    assert line.offered() == ["w0"]
    line.world.wait(minutes=2)

    assert line.offered() == ["w0", "w1"]
    assert line.answers("w0", "accept")[0] == 410
    adds_up(line.world)


def test_as_many_are_held_for_each_as_are_wanted_or_none(line: WaitingLine) -> None:
    line.begins(2, quantity=2)
    line.waits("one")

    line.shop.counts(LAMP, 3)

    assert line.offered() == ["w0", "one"]
    assert line.answers("w0")[1]["quantity"] == 2
    assert "we have set \u20682\u2069 aside" in line.mails()[0].text
    assert line.numbers() == (0, 3, 0)


def test_a_unit_that_comes_back_needs_no_restock_to_be_passed_on(line: WaitingLine) -> None:
    line.begins(8, minimum_restock=5, settle_seconds=60)
    line.shop.counts(LAMP, 5)
    line.world.wait(minutes=2)
    assert line.offered() == ["w0", "w1", "w2", "w3", "w4"]

    line.declines("w3")

    assert line.offered()[5:] == ["w5"]


def what_came_last_comes_first(world: World) -> None:
    """Let the jobs of offers that lie in the queue come in the order of their age turned round."""
    jobs = world.queues["PreorderAllocations"]
    turned = list(jobs)[::-1]
    jobs.clear()
    jobs.extend(turned)
    world.held = frozenset()
    for _ in range(2):
        world.settle()
        world.clock.advance(seconds=1)


def test_a_freed_unit_that_is_also_a_restock_goes_to_the_first_in_line_whichever_job_comes_first(
    line: WaitingLine,
) -> None:
    line.begins(3)
    line.shop.counts(LAMP, 1)
    bought = line.accepts("w0")["id"]
    line.world.held = frozenset({"PreorderAllocations", "StockSettle"})
    line.does(bought, "cancel")
    line.world.settle()
    line.world.held = frozenset({"PreorderAllocations"})
    line.world.settle()
    assert len(line.world.queues["PreorderAllocations"]) == 2, "the same unit is planned for two"

    what_came_last_comes_first(line.world)

    assert line.offered() == ["w0", "w1"]
    assert line.shop.figures(LAMP)["waiting"] == 1


def test_the_last_unit_goes_to_the_first_in_line_whichever_page_comes_first(line: WaitingLine) -> None:
    line.begins(51)
    line.world.held = frozenset({"PreorderAllocations"})
    line.shop.counts(LAMP, 51)
    line.shop.counts(LAMP, 1)

    what_came_last_comes_first(line.world)

    assert line.offered() == ["w0"]
    assert line.shop.figures(LAMP)["waiting"] == 50


def test_who_is_behind_a_job_that_was_lost_waits_a_quarter_of_an_hour_at_most(line: WaitingLine) -> None:
    line.begins(51)
    line.world.held = frozenset({"PreorderAllocations"})
    line.shop.counts(LAMP, 51)
    jobs = line.world.queues["PreorderAllocations"]
    second = jobs.pop()
    jobs.clear()
    jobs.append(second)
    line.world.held = frozenset()

    line.world.wait(minutes=14)
    assert line.offered() == []
    line.world.wait(minutes=1)
    assert line.offered() == ["w50"]


@pytest.mark.parametrize(
    ("bought", "offered"),
    [(1, ["w0", "w1"]), (2, ["w0", "w2"]), (3, ["w0"]), (4, [])],
    ids=lambda value: str(value) if isinstance(value, int) else f"{len(value)} of three",
)
def test_whoever_finds_no_unit_as_shoppers_were_quicker_is_the_next_that_is_offered_one(
    line: WaitingLine, bought: int, offered: list[str]
) -> None:
    """Four come for who wants one, two, and one; before they are held, shoppers buy some."""
    line.begins(1)
    line.waits("w1", quantity=2)
    line.waits("w2")
    line.world.held = frozenset({"PreorderAllocations"})
    line.shop.counts(LAMP, 4)
    assert line.reserves("quick", quantity=bought, kind="checkout")[0] == 201
    line.world.held = frozenset()
    line.world.settle()

    assert line.offered() == offered
    made = [each for each in offers(line.world) if each.status == "held"]
    assert bought + sum(each.lines[0].quantity for each in made) <= 4, "promise 1"
    assert line.shop.figures(LAMP)["waiting"] == 3 - len(offered), "promise 2"
    adds_up(line.world)

    for name in ("w3", "w4"):
        line.waits(name)
    line.shop.counts(LAMP, 4 + bought + 1)

    assert sorted(line.offered()) == ["w0", "w1", "w2", "w3"], "promise 5"
    adds_up(line.world)


@pytest.mark.parametrize("wish", [{"notify_everyone": True}, {"wave_ratio": 3.0}])
def test_nobody_is_told_of_a_unit_that_is_not_there(line: WaitingLine, wish: dict[str, Any]) -> None:
    line.begins(5, **wish)
    line.shop.counts(LAMP, 2)
    assert line.offered() == ["w0", "w1"]


def test_the_deadline_is_the_mails_in_the_customers_language_and_time_zone_and_never_moves(line: WaitingLine) -> None:
    line.begins(0, hours=6)
    line.waits("noa", locale="he", time_zone="America/New_York")
    line.shop.counts(LAMP, 1)
    ends = line.looks("noa")[1] or ""
    in_the_mail = Formats.of("he", "America/New_York").instant(ends)
    assert in_the_mail in line.world.mails[-1].text
    status, shown = line.answers("noa", html=True)
    assert (status, in_the_mail in shown, 'dir="rtl"' in shown) == (200, True, True)

    line.shop.settings(offer_hours=1)
    line.world.wait(hours=2)

    assert line.looks("noa") == ("open", ends)


def test_who_says_nothing_is_reminded_once(line: WaitingLine) -> None:
    line.begins(1)
    line.shop.counts(LAMP, 1)
    line.world.wait(hours=HOURS * 0.7)
    assert line.mails("Still") == []

    for _ in range(3):
        line.world.wait(hours=HOURS * 0.08)

    (reminder,) = line.mails("Still")
    assert "leave" in reminder.headers["List-Unsubscribe"]
    assert line.accepts("w0")["status"] == "held"


@pytest.mark.parametrize("hours", [3, 24])
def test_who_answered_or_has_little_time_is_not_reminded(line: WaitingLine, hours: int) -> None:
    line.begins(1, hours=hours)
    line.shop.counts(LAMP, 1)
    if hours > 3:
        line.does(line.accepts("w0")["id"], "confirm")
    line.world.wait(hours=hours * 0.8)
    assert line.mails("Still") == []


def test_looking_changes_nothing_however_often(line: WaitingLine) -> None:
    line.begins(2)
    line.shop.counts(LAMP, 1)
    before = line.world.memory.snapshot()

    for method in ("GET", "HEAD"):
        for html in (False, True):
            path = f"/v1/offers/{line.token('w0')}"
            headers = {"accept": "text/html"} if html else {}
            line.world.request("preorder_viewer", method, path, headers=headers)
            line.world.request("preorder_viewer", method, f"{path}/accept", headers=headers)
            line.world.request("preorder_viewer", method, f"{path}/decline", headers=headers)

    assert line.world.memory.snapshot() == before


def test_until_it_is_accepted_the_storefront_knows_no_reservation(line: WaitingLine) -> None:
    line.begins(1)
    line.shop.counts(LAMP, 1)
    (offer,) = offers(line.world)
    for method, what in (("GET", ""), ("POST", "/confirm"), ("POST", "/extend"), ("POST", "/cancel")):
        assert line.asks(method, f"/v1/reservations/{offer.reservation_id}{what}")[0] == 404

    made = line.accepts("w0")

    assert line.reservation(made["id"]) == made
    assert line.accepts("w0") == made


def test_accepting_never_shortens_what_the_mail_said(line: WaitingLine) -> None:
    line.begins(2)
    line.shop.counts(LAMP, 2)
    ends = line.looks("w0")[1]
    assert line.accepts("w0")["expires_at"] == ends
    line.world.wait(hours=HOURS - 0.1)
    late = line.accepts("w1")["expires_at"]
    assert from_text(late) - line.world.clock.now() == timedelta(minutes=15)
    line.world.wait(minutes=10)
    assert line.does(line.accepts("w1")["id"], "extend")[1]["expires_at"] > late
    assert line.looks("w0")[0] == "expired"


@pytest.mark.parametrize("how", ["cancel", "expire", "decline"])
def test_what_was_accepted_and_not_ordered_goes_to_the_next_in_line(line: WaitingLine, how: str) -> None:
    line.begins(2)
    line.shop.counts(LAMP, 1)
    made = line.accepts("w0")

    if how == "cancel":
        line.does(made["id"], "cancel")
        line.world.settle()
    elif how == "decline":
        line.declines("w0")
    else:
        line.world.wait(hours=HOURS + 1)

    assert line.offered() == ["w0", "w1"]
    assert line.answers("w0", "accept")[0] == 410
    assert line.answers("w0", "decline")[0] == (200 if how == "decline" else 410)
    adds_up(line.world)


def test_what_was_ordered_is_not_given_back_by_the_link(line: WaitingLine) -> None:
    line.begins(2)
    line.shop.counts(LAMP, 1)
    line.does(line.accepts("w0")["id"], "confirm")

    status, page = line.answers("w0", "decline", html=True)

    assert (status, "You have ordered it" in page) == (409, True)
    assert line.looks("w0") == ("accepted", None)
    assert line.offered() == ["w0"]


@pytest.mark.parametrize("why", ["leaves", "is erased", "bounces"])
def test_who_stops_all_mails_gives_the_units_to_the_next_and_is_forgotten(line: WaitingLine, why: str) -> None:
    line.begins(2)
    line.shop.counts(LAMP, 1)
    address, now = address_key("w0@example.org"), to_text(line.world.clock.now())
    if why == "leaves":
        line.shop.leaves("w0@example.org")
    elif why == "is erased":
        line.hears("CustomerErased", id="e", at=now, address=address)
    else:
        line.hears("MailRefused", id="b", at=now, reason="bounced", address=address)
    line.world.settle()

    assert line.offered() == ["w0", "w1"]
    assert line.answers("w0", "accept")[0] == 410
    assert "w0@example.org" not in str(line.world.memory.tables["Preorder"].items)
    adds_up(line.world)


def test_who_cannot_be_mailed_is_offered_nothing_and_the_next_in_line_is(line: WaitingLine) -> None:
    line.begins(3)
    line.world.refused = {"w0@example.org"}

    line.shop.counts(LAMP, 2)
    line.world.wait(minutes=2)

    assert line.offered() == ["w1", "w2"]
    assert line.numbers() == (0, 2, 0)
    assert (line.shop.figures(LAMP)["waiting"], line.shop.figures(LAMP)["refused"]) == (0, 1)
    adds_up(line.world)


def test_holds_lapse_with_mails_that_are_never_accepted_and_their_customers_go_on_waiting(line: WaitingLine) -> None:
    line.begins(2)
    line.world.post.outage = Outage("ServiceUnavailable", 503)
    line.shop.counts(LAMP, 1)
    assert line.numbers() == (0, 1, 0)

    for _ in range(27):
        line.world.wait(hours=1)

    assert [told["reason"] for told in line.told("OfferExpired")][:1] == ["unsent"]
    assert line.offered() == []
    assert line.shop.figures(LAMP)["waiting"] == 2
    adds_up(line.world)


def test_an_offer_that_is_accepted_before_its_mail_is_told_of_lasts_as_the_mail_says(line: WaitingLine) -> None:
    line.begins(1)
    line.world.held = frozenset({"PreorderRecords"})
    line.shop.counts(LAMP, 1)
    assert line.looks("w0") == ("open", None)
    line.accepts("w0")
    line.world.held = frozenset()

    line.world.settle()

    status, ends = line.looks("w0")
    assert (status, ends is not None) == ("accepted", True)
    line.world.wait(hours=HOURS + 2)
    assert line.looks("w0")[0] == "expired"


def test_links_of_others_and_old_links_open_nothing(line: WaitingLine) -> None:
    line.begins(1)
    line.shop.counts(LAMP, 1)
    leave = line.world.mails[-1].link("leave")
    for token in ("nonsense", leave):
        assert line.world.request("preorder_viewer", "POST", f"/v1/offers/{token}/accept")[0] == 404
    line.world.wait(hours=HOURS + 1)
    assert "too late" in line.answers("w0", "accept", html=True)[1]
    line.world.wait(days=120)
    for what in ("", "accept", "decline"):
        assert line.answers("w0", what)[0] == 410
    assert "This link has expired" in line.answers("w0", html=True)[1]


def test_an_accepted_page_leads_to_the_products_page_with_the_reservation(line: WaitingLine) -> None:
    about = product_changed("lamp", 1, variant(LAMP, 1), url="https://shop.example/lamp?from=mail")
    line.world.send("AvailabilityChanges", about)
    line.world.settle()
    line.begins(1)
    line.shop.counts(LAMP, 1)
    status, shown = line.answers("w0", "accept", html=True)
    (offer,) = offers(line.world)
    assert status == 201
    assert f"https://shop.example/lamp?from=mail&amp;reservation={offer.reservation_id}" in shown


@pytest.mark.parametrize(
    ("cards", "page", "leads_to"),
    [
        ({}, "https://shop.example/p/{sku}?from=mail", "https://shop.example/p/A%2FB%20C?from=mail&amp;reservation=r1"),
        ({"A/B C": {"url": "https://shop.example/lamp"}}, "https://shop.example/p/{sku}", "/lamp?reservation=r1"),
        ({}, None, None),
    ],
    ids=["by the shop's pattern", "by the catalogue", "nowhere"],
)
def test_where_the_catalogue_says_no_page_the_shops_pattern_does(cards: Any, page: Any, leads_to: str | None) -> None:
    offer: Any = {"sku": "A/B C", "quantity": 1, "status": "accepted", "expires_at": "2026-08-01T10:00:00Z"}
    zones = (None, "UTC")
    shown = offer_page("en", offer, reservation_id="r1", token="t", cards=cards, zones=zones, product_page=page)
    assert (leads_to in shown) if leads_to else ("reservation=r1" not in shown)


@pytest.mark.parametrize("what", ["shipped", "cancelled"])
def test_an_order_that_names_an_offer_which_nobody_accepted_changes_nothing(line: WaitingLine, what: str) -> None:
    line.begins(2)
    line.shop.counts(LAMP, 1)
    (offer,) = offers(line.world)
    at = to_text(line.world.clock.now())
    order = {"order_id": "O-1", "as_of": at}
    lines = [{"line_id": "1", "sku": LAMP, "quantity": 1}]
    placed = {"type": "order.placed", "reservation_ids": [offer.reservation_id], "lines": lines}
    for message in (placed, {"type": f"order.{what}", "occurred_at": at}):
        line.world.send("OrderUpdates", order | message)
        line.world.settle()

    assert line.looks("w0")[0] == "open"
    adds_up(line.world)


@pytest.mark.promise("P1", "P5")
@pytest.mark.parametrize(("first", "second"), list(permutations(["accept", "decline", "expire", "accept again"], 2)))
def test_of_two_at_once_one_comes_first_and_the_unit_goes_one_way(line: WaitingLine, first: str, second: str) -> None:
    line.begins(2)
    line.shop.counts(LAMP, 1)
    world, answers = line.world, {}
    ends = from_text(line.looks("w0")[1] or "")
    world.clock.advance(seconds=(ends - world.clock.now()).total_seconds() - 30)

    def does(what: str) -> None:
        if what == "expire":
            world.clock.advance(minutes=1)
            world.tick()
            world.deliver("PreorderRecords")
        else:
            answers[what] = line.answers("w0", what.split(maxsplit=1)[0])[0]

    def meanwhile(service: str, operation: str, _parameters: Any, make: Any) -> Any:
        if (service, operation) == ("dynamodb", "TransactWriteItems"):
            world.tap = lambda *call: call[3]()
            world.meanwhile(lambda _: does(second))
        return make()

    world.tap = meanwhile
    does(first)
    world.settle()

    status = line.looks("w0")[0]
    adds_up(world)
    if {first, second} == {"accept", "accept again"}:
        assert (status, set(answers.values()), line.offered()) == ("accepted", {201}, ["w0"])
        return
    held = [each for each in offers(world) if each.status == "held"]
    assert len(held) == 1, "the unit is one customer's"
    assert (status == "accepted") == (len(line.offered()) == 1)
    assert 201 in answers.values() or status != "accepted"


def test_a_kit_is_offered_as_long_as_there_are_all_of_its_components(line: WaitingLine) -> None:
    components = [{"sku": sku, "quantity": 1} for sku in ("BASE", "SHADE")]
    line.shop.settings(offer_hours=HOURS)
    for sku in ("BASE", "SHADE"):
        line.shop.counts(sku, 0)
    line.world.send("StockProducts", product_changed("lamp-set", 1, variant("LAMP-SET", 1, components=components)))
    line.world.settle()
    for name in ("w0", "w1", "w2"):
        line.waits(name, "LAMP-SET")

    line.shop.counts("BASE", 5)
    line.shop.counts("SHADE", 2)
    assert line.offered() == ["w0", "w1"]
    line.declines("w0")

    assert line.offered() == ["w0", "w1", "w2"]
    assert (line.numbers("BASE"), line.numbers("SHADE")) == ((0, 2, 3), (0, 2, 0))
