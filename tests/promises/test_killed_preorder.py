"""Promises 1 and 10 of pre-orders when what happens to reservations is broken at any call."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.promises.killing import Scenario, dead_letters, distinct, everything_runs, insists, report
from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import OPS, Shop
from tests.standby.preorder.sales import LAMP, Sales
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P3", "P5", "P9")


def asked(world: World, method: str, path: str, body: Any = None, *, key: str = "", scopes: str = "storefront") -> Any:
    """Ask until there is an answer that is no failure of ours, as a storefront does; ``None`` where it is refused."""
    headers = {"Idempotency-Key": key} if key else {}
    status, answer = insists(world, "preorder_api", method, path, body=body, headers=headers, scopes=scopes)
    assert status in (200, 201, 409), answer
    return answer if status < 400 else None


def reserve(world: World, key: str, **more: Any) -> Any:
    body = {"sku": LAMP, "customer": {"email": f"{key}@example.org"}, **more}
    return asked(world, "POST", "/v1/reservations", body, key=key)


def a_campaign_of_three(shop: Shop) -> None:
    Sales(shop).opens(capacity=3, limit_per_customer=2, shards=2)
    shop.counts(LAMP, 0)
    shop.waits("c0@example.org", LAMP)
    shop.world.clock.advance(seconds=1)
    shop.world.settle()


def four_want_one(world: World) -> None:
    made = [reserve(world, f"c{number}") for number in range(4)]
    held = [each["id"] for each in made if each]
    asked(world, "POST", f"/v1/reservations/{held[0]}/confirm")
    asked(world, "POST", f"/v1/reservations/{held[1]}/cancel")
    everything_runs(world)
    world.wait(minutes=17)
    everything_runs(world)


def at_most_three_are_sold(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    shown = Sales(Shop(world)).campaign()
    assert (shown["reserved"] + shown["remaining"], shown["reserved"]) == (3, shown["confirmed"]), shown
    assert shown["remaining"] >= 2, "promise 1: one confirmed at most, and all others ended"
    bought = {each.customer.email for each in reservations(world) if each.customer and each.status == "confirmed"}
    _, line = world.request("waitlist_api", "GET", f"/v1/waitlist/{LAMP}", scopes=OPS)
    assert line["waiting"] == (0 if "c0@example.org" in bought else 1), f"promise 2: {line} where {bought} bought"
    assert dead_letters(world) == [], dead_letters(world)


def two_lamps_lie_there(shop: Shop) -> None:
    shop.counts(LAMP, 2)
    shop.settings(checkout_limit=2, checkout_minutes=5)


def three_check_out(world: World) -> None:
    made = [reserve(world, f"cart-{number}", kind="checkout") for number in range(3)]
    held = [each["id"] for each in made if each]
    asked(world, "POST", f"/v1/reservations/{held[0]}/extend")
    asked(world, "POST", f"/v1/reservations/{held[0]}/confirm", {"paid": True})
    world.queues["PreorderRecords"].clear()  # the messages about holds are lost, and the sweep finds them in pages
    everything_runs(world)
    world.wait(minutes=8)
    everything_runs(world)


def nobody_holds_what_is_not_there(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    assert Sales(Shop(world)).numbers()[1] <= 1, "promise 1: one was confirmed at most"
    assert dead_letters(world) == [], dead_letters(world)


def nothing_yet(_shop: Shop) -> None:
    pass


def a_campaign_changes_and_closes(world: World) -> None:
    terms = {"kind": "backorder", "release_on": "2026-07", "price": {"amount": 100, "currency": "EUR"}, "shards": 2}
    opens = {"opens_at": "2026-05-03T09:00:00Z"}
    for capacity in (4, 9, 5):
        asked(world, "PUT", f"/v1/campaigns/{LAMP}", {**terms, **opens, "capacity": capacity}, scopes=OPS)
        reserve(world, f"at-{capacity}")
    asked(world, "POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    reserve(world, "late")
    everything_runs(world)


def the_newest_word_holds(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    shown = Sales(Shop(world)).campaign()
    assert (shown["capacity"], shown["reserved"] + shown["remaining"], shown["status"]) == (5, 5, "closed"), shown


def four_have_ordered(shop: Shop) -> None:
    sales = Sales(shop)
    sales.opens(capacity=20)
    shop.counts(LAMP, 0)
    shop.waits("zoe@example.org", LAMP)
    for number, quantity in enumerate((3, 1, 1, 1)):
        sales.does(sales.holds(f"c{number}", quantity=quantity), "confirm")
        shop.world.clock.advance(seconds=1)
    shop.world.settle()


def goods_come_in_three_parts(world: World) -> None:
    for on_hand in (2, 5, 7):
        world.send("StockUpdates", Shop(world).level(LAMP, on_hand))
        everything_runs(world)


def four_have_ordered_at_the_erp(shop: Shop) -> None:
    four_have_ordered(shop)
    for number, each in enumerate(reservations(shop.world)):
        order = {"order_id": f"O-{number}", "as_of": to_text(shop.world.clock.now())}
        lines = [{"line_id": "1", "sku": LAMP, "quantity": 1}]
        placed = order | {"type": "order.placed", "reservation_ids": [each.reservation_id], "lines": lines}
        shop.world.send("OrderUpdates", placed)
    shop.world.settle()


def goods_come_that_the_erp_counts(world: World) -> None:
    shop = Shop(world)
    for on_hand, committed in ((0, 6), (2, 6), (5, 2), (7, 6)):
        netted_until = to_text(world.clock.now())
        world.send("StockUpdates", shop.level(LAMP, on_hand, committed=committed, netted_until=netted_until))
        everything_runs(world)


def all_have_theirs_and_the_erp_counts_them(world: World, most: int) -> None:
    assert Shop(world).stock(LAMP)["awaited"] == 0
    _all_have_theirs(world, most, held=0)


def all_have_theirs_and_one_is_told(world: World, most: int) -> None:
    _all_have_theirs(world, most, held=6)


def all_have_theirs_again(world: World, most: int) -> None:
    """Check as above; who had to wait again was told that theirs is here once more."""
    _all_have_theirs(world, most, held=6, times=2)
    assert sum(mail.email == "zoe@example.org" for mail in world.mails) <= most


def _all_have_theirs(world: World, most: int, *, held: int, times: int = 1) -> None:
    adds_up(world)
    everything_was_told(world)
    assert Sales(Shop(world)).numbers() == (0, held, 1), Sales(Shop(world)).numbers()
    mails = Counter(mail.email for mail in world.mails if not mail.subject.startswith("Pre-ordered"))
    assert set(mails) == {"zoe@example.org", *(f"c{number}@example.org" for number in range(4))}, mails
    assert max(mails.values()) <= most * times, f"promise 3: {mails}"
    free = max(detail["sellable"] for told, detail in world.events if told == "StockChanged")
    assert free == 1, "promise 1: what is owed was shown as free"
    assert dead_letters(world) == [], dead_letters(world)


def six_were_given(shop: Shop) -> None:
    four_have_ordered(shop)
    shop.counts(LAMP, 6)


def fewer_are_counted_and_then_more(world: World) -> None:
    for on_hand in (2, 4, 7):
        world.send("StockUpdates", Shop(world).level(LAMP, on_hand))
        everything_runs(world)


def a_campaign_fills(shop: Shop) -> None:
    sales = Sales(shop)
    sales.opens(capacity=20, allocation="fill")
    for number, quantity in enumerate((4, 1, 1)):
        sales.does(sales.holds(f"c{number}", quantity=quantity), "confirm")
        shop.world.clock.advance(seconds=1)
    bought = {"type": "stock.incoming", "purchase_order_id": "po-1", "sku": LAMP, "quantity": 6, "eta": "2026-06-01"}
    shop.world.send("StockUpdates", {**bought, "as_of": to_text(shop.world.clock.now())})
    shop.world.settle()


def some_come_before_the_others(world: World) -> None:
    world.send("StockUpdates", Shop(world).level(LAMP, 2))
    everything_runs(world)
    assert [line.given for each in reservations(world) for line in each.lines if line.quantity == 4] == [0]
    world.send("StockUpdates", Shop(world).level(LAMP, 6))
    everything_runs(world)


def all_have_theirs(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    assert Sales(Shop(world)).numbers() == (0, 6, 0)
    assert dead_letters(world) == [], dead_letters(world)


def two_bought(shop: Shop) -> None:
    sales = Sales(shop)
    shop.counts(LAMP, 3)
    for number in range(2):
        sales.does(sales.holds(f"cart-{number}", kind="checkout"), "confirm")
    shop.world.settle()


FATES = ("shipped", "cancelled")
"""What becomes of the lamps of two orders; something else in each of them ends the other way."""


def one_ships_and_one_is_cancelled(world: World) -> None:
    made = sorted(each.reservation_id for each in reservations(world))
    for number, (reservation_id, *fates) in enumerate(zip(made, FATES, reversed(FATES), strict=True)):
        at = to_text(world.clock.now())
        order = {"order_id": f"O-{number}", "as_of": at}
        lines = [{"line_id": sku, "sku": sku, "quantity": 1} for sku in (LAMP, "OTHER")]
        world.send(
            "OrderUpdates", order | {"type": "order.placed", "reservation_ids": [reservation_id], "lines": lines}
        )
        for sku, what in zip((LAMP, "OTHER"), fates, strict=True):
            world.send("OrderUpdates", order | {"type": f"order.{what}", "occurred_at": at, "line_ids": [sku]})
    for _ in range(2):  # the first may have been observed before we heard that the goods left
        world.send("StockUpdates", Shop(world).level(LAMP, 2))
        everything_runs(world)
        world.clock.advance(seconds=1)


def what_left_is_gone_and_the_other_is_free(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    assert Sales(Shop(world)).numbers() == (0, 0, 2), Sales(Shop(world)).numbers()
    assert sorted(each.status for each in reservations(world)) == ["cancelled", "fulfilled"]
    assert dead_letters(world) == [], dead_letters(world)


def one_ordered_two_skus(shop: Shop) -> None:
    sales = Sales(shop)
    for sku in (LAMP, "SHADE"):
        sales.opens(sku, capacity=2, limit_per_customer=1, shards=2)
    body = {"lines": [{"sku": LAMP}, {"sku": "SHADE"}], "customer": {"email": "ana@example.org", "locale": "en"}}
    _, made = sales.asks("POST", "/v1/reservations", body, key="ana")
    sales.does(made["id"], "confirm")
    shop.counts(LAMP, 1)
    shop.world.clock.advance(seconds=1)
    shop.world.settle()


def one_sku_ships_and_one_is_cancelled(world: World) -> None:
    at = to_text(world.clock.now())
    (made,) = reservations(world)
    order = {"order_id": "O-1", "as_of": at}
    lines = [{"line_id": sku, "sku": sku, "quantity": 1} for sku in (LAMP, "SHADE")]
    placed = order | {"type": "order.placed", "reservation_ids": [made.reservation_id], "lines": lines}
    world.send("OrderUpdates", placed)
    for sku, what in ((LAMP, "shipped"), ("SHADE", "cancelled")):
        world.send("OrderUpdates", order | {"type": f"order.{what}", "occurred_at": at, "line_ids": [sku]})
        everything_runs(world)
    world.send("StockUpdates", Shop(world).level(LAMP, 0))
    everything_runs(world)


def what_left_is_sold_and_the_other_is_not(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    sales = Sales(Shop(world))
    assert (sales.campaign()["remaining"], sales.campaign("SHADE")["remaining"]) == (1, 2)
    assert (sales.numbers(), sales.numbers("SHADE")) == ((0, 0, 0), (0, 0, 0))
    assert [each.status for each in reservations(world)] == ["fulfilled"]
    assert dead_letters(world) == [], dead_letters(world)


def one_of_three_stands_in_front(shop: Shop) -> None:
    sales = Sales(shop)
    sales.opens(capacity=5, limit_per_customer=3, shards=2)
    for name, quantity in (("ana", 3), ("ben", 1)):
        sales.does(sales.holds(name, quantity=quantity), "confirm")
        shop.world.clock.advance(seconds=1)
    shop.counts(LAMP, 2)
    shop.world.settle()


def one_of_three_is_cancelled_and_two_leave(world: World) -> None:
    said = ((3, "cancelled", "one"), (3, "shipped", "two"), (1, "shipped", "one"))
    becomes_of_three(world, {"one": 1, "two": 2}, said)


def two_of_three_leave_apart_and_one_is_cancelled(world: World) -> None:
    said = ((2, "shipped", "one"), (2, "cancelled", "two"), (1, "shipped", "three"))
    becomes_of_three(world, {"one": 1, "two": 1, "three": 1}, said)


def becomes_of_three(world: World, units: dict[str, int], said: Iterable[tuple[int, str, str]]) -> None:
    """Let the ERP say of lines of the first order what becomes of them, and a level behind each word."""
    made = min(reservations(world), key=lambda each: each.place).reservation_id
    order = {"order_id": "O-1", "as_of": (at := to_text(world.clock.now()))}
    lines = [{"line_id": name, "sku": LAMP, "quantity": quantity} for name, quantity in units.items()]
    world.send("OrderUpdates", order | {"type": "order.placed", "reservation_ids": [made], "lines": lines})
    for level, what, line in said:
        world.send("OrderUpdates", order | {"type": f"order.{what}", "occurred_at": at, "line_ids": [line]})
        everything_runs(world)
        world.send("StockUpdates", Shop(world).level(LAMP, level))
        everything_runs(world)


def one_is_free_and_two_are_sold(world: World, most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    sales = Sales(Shop(world))
    assert (sales.campaign()["reserved"], sales.numbers()) == (3, (0, 1, 0)), (sales.campaign(), sales.numbers())
    assert [each.status for each in sorted(reservations(world), key=lambda each: each.place)] == [
        "fulfilled",
        "allocated",
    ]
    freed = {told["id"]: told["units"] for name, told in world.events if name == "UnitsFreed"}
    assert (len(distinct(world, "ReservationAllocated")), [*freed.values()]) == (2, [1]), "promise 1"
    here = Counter(mail.email for mail in world.mails if mail.subject.startswith("Yours is here"))
    assert set(here) == {"ana@example.org", "ben@example.org"}, f"promise 2: {here}"
    assert max(here.values()) <= most, f"promise 3: {here}"
    assert dead_letters(world) == [], dead_letters(world)


def four_are_promised_goods(shop: Shop) -> None:
    sales = Sales(shop)
    shop.world.send("StockUpdates", ordered(shop.world, "P-1", 2, "2026-07-01"))
    shop.world.send("StockUpdates", ordered(shop.world, "P-2", 3, "2026-07-05"))
    shop.world.settle()
    sales.opens(capacity="incoming")
    for number, quantity in enumerate((2, 1, 1, 1)):
        sales.does(sales.holds(f"c{number}", quantity=quantity), "confirm")
        shop.world.clock.advance(seconds=1)
    shop.world.wait(seconds=2)


def ordered(world: World, number: str, units: int, eta: str) -> dict[str, Any]:
    said = {"type": "stock.incoming", "purchase_order_id": number, "sku": LAMP, "quantity": units, "eta": eta}
    return {**said, "as_of": to_text(world.clock.now())}


def goods_come_later_and_fewer(world: World) -> None:
    world.clock.advance(seconds=1)
    world.send("StockUpdates", ordered(world, "P-2", 2, "2026-08-20"))
    everything_runs(world)


def the_second_waits_longer_and_the_last_has_no_day(world: World, most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    known = sorted(reservations(world), key=lambda each: each.created_at)
    days = [each.lines[0].promised_until for each in known]
    assert days == ["2026-07-15", "2026-08-20", "2026-08-20", None], days
    events = {told["id"]: told for name, told in world.events if name == "PromiseMoved"}
    assert {told["reservation_id"] for told in events.values()} == {each.reservation_id for each in known[1:]}
    last = max((told for told in events.values() if told["reservation_id"] == known[3].reservation_id), key=_edition)
    assert "promised_until" not in last
    mails = [mail.email for mail in world.mails if mail.subject.startswith("No date yet")]
    assert set(mails) == {"c3@example.org"}
    assert max(Counter(mails).values()) <= most, f"promise 3: {mails}"
    assert Sales(Shop(world)).campaign()["overcommitted"] == 1
    assert dead_letters(world) == [], dead_letters(world)


def _edition(told: Any) -> int:
    return int(told["edition"])


def a_rush_is_expected(shop: Shop) -> None:
    Sales(shop).opens(capacity=4, limit_per_customer=2, shards=2, expected_per_second=1)
    shop.counts(LAMP, 0)
    shop.world.settle()


def a_rush_comes_and_goes(world: World) -> None:
    made = [reserve(world, f"c{number}") for number in range(5)]
    held = [each["id"] for each in made if each]
    asked(world, "POST", f"/v1/reservations/{held[0]}/confirm")
    asked(world, "POST", f"/v1/reservations/{held[1]}/cancel")
    world.send("StockUpdates", Shop(world).level(LAMP, 3))
    everything_runs(world)
    world.wait(minutes=17)
    everything_runs(world)
    world.wait(minutes=17)
    everything_runs(world)
    reserve(world, "again")
    asked(world, "POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    world.wait(minutes=34)
    everything_runs(world)


def only_who_confirmed_has_a_unit(world: World, _most: int) -> None:
    adds_up(world)
    everything_was_told(world)
    shown, numbers = Sales(Shop(world)).campaign(), Sales(Shop(world)).numbers()
    assert (shown["reserved"] + shown["remaining"], shown["reserved"]) == (4, shown["confirmed"]), shown
    assert numbers == (0, shown["reserved"], 3 - shown["reserved"]), "promise 1: nothing stays owed to nobody"
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "goods come later and fewer",
        four_are_promised_goods,
        goods_come_later_and_fewer,
        the_second_waits_longer_and_the_last_has_no_day,
        every=17,
        constants={"standby.preorder.repository.LINE_PAGE": 2},
    ),
    Scenario(
        "a rush comes and goes",
        a_rush_is_expected,
        a_rush_comes_and_goes,
        only_who_confirmed_has_a_unit,
        every=23,
        constants={"standby.preorder.repository.DUE_PAGE": 1},
    ),
    Scenario(
        "one SKU of an order ships and one is cancelled",
        one_ordered_two_skus,
        one_sku_ships_and_one_is_cancelled,
        what_left_is_sold_and_the_other_is_not,
        every=17,
    ),
    Scenario(
        "one unit of three is cancelled",
        one_of_three_stands_in_front,
        one_of_three_is_cancelled_and_two_leave,
        one_is_free_and_two_are_sold,
        every=61,
    ),
    Scenario(
        "units of three leave apart",
        one_of_three_stands_in_front,
        two_of_three_leave_apart_and_one_is_cancelled,
        one_is_free_and_two_are_sold,
        every=61,
    ),
    Scenario(
        "one order ships and one is cancelled",
        two_bought,
        one_ships_and_one_is_cancelled,
        what_left_is_gone_and_the_other_is_free,
        every=17,
    ),
    Scenario(
        "four want one of three",
        a_campaign_of_three,
        four_want_one,
        at_most_three_are_sold,
        every=12,
        constants={"standby.preorder.repository.DUE_PAGE": 1},
    ),
    Scenario(
        "goods come for who ordered",
        four_have_ordered,
        goods_come_in_three_parts,
        all_have_theirs_and_one_is_told,
        every=23,
    ),
    Scenario(
        "goods come that the ERP counts",
        four_have_ordered_at_the_erp,
        goods_come_that_the_erp_counts,
        all_have_theirs_and_the_erp_counts_them,
        every=31,
    ),
    Scenario(
        "fewer are counted than were given",
        six_were_given,
        fewer_are_counted_and_then_more,
        all_have_theirs_again,
        every=29,
    ),
    Scenario("a campaign fills", a_campaign_fills, some_come_before_the_others, all_have_theirs, every=29),
    Scenario(
        "three check out two",
        two_lamps_lie_there,
        three_check_out,
        nobody_holds_what_is_not_there,
        every=7,
        constants={"standby.preorder.repository.DUE_PAGE": 1},
    ),
    Scenario(
        "a campaign changes and closes", nothing_yet, a_campaign_changes_and_closes, the_newest_word_holds, every=7
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_no_unit_is_sold_twice_or_lost_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
