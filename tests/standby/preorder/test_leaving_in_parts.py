"""Orders of several units of a SKU that leave one after another: what left is theirs no more, and nobody else's yet."""

from itertools import permutations
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import Shop
from tests.standby.preorder.line import WaitingLine
from tests.standby.preorder.sales import LAMP, PRICE, Sales
from tests.standby.preorder.test_ordering import says
from tests.standby.preorder.test_prioritising import prioritises
from tests.standby.preorder.test_promising import JULY, days, orders, undated
from tests.standby.preorder.test_reducing import described, freed, shipped
from tests.world import World

pytestmark = pytest.mark.promise("P1")
ANA = "ana@example.org"
NAMES = ("one", "two", "three")
LINES = [{"line_id": name, "sku": LAMP, "quantity": 1} for name in NAMES]


@pytest.fixture
def line(world: World) -> WaitingLine:
    return WaitingLine(Shop(world))


def ordered(sales: Sales, name: str, quantity: int = 1, *, paid: bool = True, kind: str = "preorder") -> str:
    """Let somebody reserve, in an order of a line for each unit that the ERP knows."""
    made = sales.holds(name, quantity=quantity, kind=kind)
    sales.does(made, "confirm", {"paid": paid})
    sales.world.settle()
    says(sales, "placed", made, lines=LINES[:quantity])
    return made


def one_of_two_left(sales: Sales, kind: str, *, paid: bool = True, **terms: Any) -> str:
    """Let Ana order two that are there, and one of them leave; no level was observed since."""
    sales.opens(capacity=9, **terms)
    if kind == "checkout":
        sales.shop.counts(LAMP, 2)
    made = ordered(sales, "ana", 2, paid=paid, kind=kind)
    if kind == "preorder":
        sales.shop.counts(LAMP, 2)
    says(sales, "shipped", made, line_ids=["one"])
    assert (sales.numbers(), shipped(sales)) == ((0, 2, 0), 1)
    adds_up(sales.world)
    return made


def half_ships(sales: Sales, made: str, left: int) -> None:
    """Let one of two units leave, both words be there at once, and a quarter of an hour go by."""
    says(sales, "shipped", made, line_ids=["one"])
    sales.shop.counts(LAMP, left)
    for _ in range(8):
        sales.world.wait(minutes=2)
    adds_up(sales.world)


def state(sales: Sales, made: str) -> tuple[str, int, int]:
    """Return state, units, and those that were set aside of a reservation."""
    shown = sales.reservation(made)
    return shown["status"], shown["lines"][0]["quantity"], shown["lines"][0]["allocated"]


def cancels_by_code(sales: Sales) -> None:
    """Let Ana cancel by the code that she was mailed."""
    token = sales.link(ANA)
    for body in ({}, {"code": True}):
        said = {"code": sales.codes(ANA)[-1]} if body else None
        assert sales.world.request("preorder_viewer", "POST", f"/v1/preorders/{token}/cancel", body=said)[0] < 300
        sales.world.settle()


@pytest.mark.parametrize("there", [0, 1, 2, 3])
@pytest.mark.parametrize("turns", [("one", "two", "three"), ("three", "one", "one", "two")])
def test_each_unit_that_leaves_is_the_orders_no_more_and_the_last_fulfils_it(
    sales: Sales, turns: tuple[str, ...], there: int
) -> None:
    sales.opens(capacity=5, limit_per_customer=3, shards=2)
    made = ordered(sales, "ana", 3)
    sales.shop.counts(LAMP, there)

    for turn in range(1, len(turns)):
        says(sales, "shipped", made, line_ids=[turns[turn - 1]])
        left = len(set(turns[:turn]))
        aside = max(0, there - left)
        assert state(sales, made) == ("allocated" if there == 3 else "confirmed", 3 - left, aside)
        assert (sales.numbers(), shipped(sales)) == ((3 - left - aside, left + aside, there - 3), left)
        adds_up(sales.world)
    says(sales, "shipped", made, line_ids=[turns[-1]])

    assert (state(sales, made)[:2], shipped(sales), sales.numbers()) == (("fulfilled", 3), 3, (0, 3, there - 3))
    assert (sales.campaign()["remaining"], freed(sales)) == (2, [])
    assert sales.reserves("more", email=ANA)[0] == 409, "they count for the limit"
    adds_up(sales.world)
    sales.shop.counts(LAMP, 0)
    assert (sales.numbers(), shipped(sales)) == ((0, 0, 0), 0)
    adds_up(sales.world)
    everything_was_told(sales.world)


@pytest.mark.parametrize("words", permutations([("one", "shipped"), ("two", "cancelled"), ("three", "shipped")]))
@pytest.mark.parametrize("there", [0, 3])
def test_what_left_and_what_was_cancelled_are_told_apart(
    sales: Sales, words: list[tuple[str, str]], there: int
) -> None:
    sales.opens(capacity=5)
    made = ordered(sales, "ana", 3)
    sales.shop.counts(LAMP, there)

    for name, what in (*words, words[0]):
        says(sales, what, made, line_ids=[name])
        adds_up(sales.world)

    assert (state(sales, made)[:2], freed(sales), shipped(sales)) == (("fulfilled", 2), [1], 2)
    assert (sales.campaign()["remaining"], sales.numbers()) == (3, (0, 2, there - 2))
    everything_was_told(sales.world)


def test_who_is_owed_the_rest_is_given_it_when_it_comes(sales: Sales) -> None:
    sales.opens(capacity=5)
    made = ordered(sales, "ana", 2)
    sales.shop.counts(LAMP, 1)
    says(sales, "shipped", made, line_ids=["one"])
    assert (state(sales, made), sales.numbers()) == (("confirmed", 1, 0), (1, 1, -1))

    sales.shop.counts(LAMP, 1)

    assert (state(sales, made), sales.numbers()) == (("allocated", 1, 1), (0, 1, 0))
    assert len([mail for mail in sales.world.mails if mail.subject.startswith("Yours is here")]) == 1
    adds_up(sales.world)


def test_a_level_that_was_observed_since_and_came_first_counts_what_left_no_more(sales: Sales) -> None:
    sales.opens(capacity=5)
    made = ordered(sales, "ana", 2)
    sales.shop.counts(LAMP, 2)
    left = to_text(sales.world.clock.now())
    sales.world.clock.advance(seconds=5)
    sales.shop.counts(LAMP, 1)

    says(sales, "shipped", made, line_ids=["one"], occurred_at=left)

    assert (state(sales, made), sales.numbers(), shipped(sales)) == (("allocated", 1, 1), (0, 1, 0), 0)
    adds_up(sales.world)


@pytest.mark.parametrize("kind", ["checkout", "preorder"])
def test_what_left_is_sold_to_nobody_when_the_shop_cancels_the_rest(sales: Sales, kind: str) -> None:
    made = one_of_two_left(sales, kind)

    sales.does(made, "cancel")
    sales.world.settle()

    assert sales.reserves("quick", quantity=2, kind="checkout")[0] == 409
    assert (freed(sales), sales.numbers()) == ([1], (0, 1, 1))
    adds_up(sales.world)
    says(sales, "shipped", made, line_ids=["one"])
    assert sales.numbers() == (0, 1, 1), "the word came twice"
    says(sales, "shipped", made, line_ids=["two"])
    assert (sales.numbers(), shipped(sales)) == ((0, 2, 0), 2), "the rest left all the same"
    adds_up(sales.world)


def test_what_left_is_sold_to_nobody_when_nobody_pays_for_the_rest(sales: Sales) -> None:
    made = one_of_two_left(sales, "preorder", paid=False, pay="on_allocation", checkout_hours=2)

    sales.world.wait(hours=2, minutes=1)
    sales.world.wait(minutes=2)

    assert sales.reservation(made)["status"] == "expired"
    assert sales.reserves("quick", quantity=2, kind="checkout")[0] == 409
    adds_up(sales.world)


def test_what_left_counts_for_the_limit_when_the_rest_is_cancelled(sales: Sales) -> None:
    made = one_of_two_left(sales, "preorder", limit_per_customer=2)

    sales.does(made, "cancel")
    sales.world.settle()

    assert sales.reserves("again", quantity=2, email=ANA)[0] == 409
    assert sales.reserves("again-1", email=ANA)[0] == 201


@pytest.mark.parametrize("kind", ["checkout", "preorder"])
def test_what_left_and_is_called_cancelled_after_that_is_sold_to_nobody_before_a_level(sales: Sales, kind: str) -> None:
    made = one_of_two_left(sales, kind)

    says(sales, "cancelled", made, line_ids=["one"])

    assert sales.reserves("quick", kind="checkout")[0] == 409
    assert (state(sales, made)[:2], freed(sales)) == (("confirmed" if kind == "checkout" else "allocated", 1), [])
    adds_up(sales.world)


def test_of_three_that_are_called_cancelled_one_by_one_what_left_is_given_back_by_nobody(sales: Sales) -> None:
    sales.opens(capacity=5)
    made = ordered(sales, "ana", 3)
    sales.shop.counts(LAMP, 3)
    says(sales, "shipped", made, line_ids=["one"])

    told = []
    for name in NAMES:
        says(sales, "cancelled", made, line_ids=[name])
        told.append((state(sales, made)[:2], sum(freed(sales))))
        adds_up(sales.world)

    assert told == [(("allocated", 2), 0), (("allocated", 1), 1), (("fulfilled", 1), 2)]
    assert (sales.numbers(), shipped(sales)) == ((0, 1, 2), 1)


def test_a_unit_that_left_takes_nobody_elses(sales: Sales) -> None:
    sales.opens(capacity=9)
    ana, ben = ordered(sales, "ana", 2), ordered(sales, "ben")
    sales.shop.counts(LAMP, 3)

    half_ships(sales, ana, 2)

    assert [state(sales, each) for each in (ana, ben)] == [("allocated", 1, 1), ("allocated", 1, 1)]
    assert sales.told("AllocationTakenBack") == []


def test_a_unit_that_left_ends_nobodys_offer(line: WaitingLine) -> None:
    line.begins(1)
    line.opens(capacity=5)
    ana = ordered(line, "ana", 2)
    line.shop.counts(LAMP, 3)
    assert line.offered() == ["w0"]

    half_ships(line, ana, 2)

    assert (line.looks("w0")[0], line.told("OfferExpired")) == ("open", [])


def test_a_unit_that_left_lets_an_offer_be_taken(line: WaitingLine) -> None:
    line.begins(1)
    line.opens(capacity=5)
    ana = ordered(line, "ana", 2)
    line.shop.counts(LAMP, 3)
    says(line, "shipped", ana, line_ids=["one"])
    line.shop.counts(LAMP, 2)

    assert line.answers("w0", "accept")[0] == 201


@pytest.mark.parametrize("html", [False, True])
def test_the_link_of_an_offer_of_which_one_left_and_the_rest_was_cancelled_is_answered(
    line: WaitingLine, *, html: bool
) -> None:
    line.begins(1, quantity=2)
    line.shop.counts(LAMP, 2)
    made = str(line.accepts("w0")["id"])
    says(line, "placed", made, lines=LINES[:2])
    says(line, "shipped", made, line_ids=["one"])
    says(line, "cancelled", made, line_ids=["two"])

    status, answer = line.answers("w0", html=html)

    assert (status, html or answer["status"]) == (200, html or "accepted")
    assert state(line, made)[:2] == ("fulfilled", 1)
    adds_up(line.world)


def test_an_order_that_ships_in_parts_stays_allocated(sales: Sales) -> None:
    sales.opens(capacity=9)
    ana = ordered(sales, "ana", 2)
    sales.shop.counts(LAMP, 2)

    half_ships(sales, ana, 1)

    assert (state(sales, ana), sales.told("AllocationTakenBack")) == (("allocated", 1, 1), [])
    assert sales.own(sales.link(ANA))[1]["next"] == "delivery"


def test_a_unit_that_left_takes_nobodys_day(sales: Sales) -> None:
    sales.shop.counts(LAMP, 2)
    orders(sales, 1, "2026-07-01")
    sales.opens(capacity="incoming", release_on=JULY)
    ana, ben = ordered(sales, "ana", 2), ordered(sales, "ben")
    assert (state(sales, ana), days(sales, [ben])) == (("allocated", 2, 2), [JULY])

    half_ships(sales, ana, 1)

    assert (days(sales, [ben]), undated(sales)) == ([JULY], [])


def test_the_erp_is_asked_to_cancel_what_did_not_leave(sales: Sales) -> None:
    made = one_of_two_left(sales, "preorder")

    cancels_by_code(sales)

    (asked,) = sales.told("CancellationRequested")
    assert (asked["reservation_id"], asked["lines"]) == (made, [{"sku": LAMP, "quantity": 1}])
    says(sales, "cancelled", made, line_ids=["two"])
    (due,) = sales.told("RefundDue")
    assert (due["amount"], due["lines"]) == (PRICE, [{"sku": LAMP, "quantity": 1}])
    assert (state(sales, made)[:2], freed(sales)) == (("fulfilled", 1), [1])
    adds_up(sales.world)


@pytest.mark.parametrize("setting", [True, False], ids=["by a setting", "with each level"])
def test_an_erp_that_counts_orders_itself_hides_no_unit_of_others_by_one_that_left(
    sales: Sales, *, setting: bool
) -> None:
    """On hand 5, committed 2, three free; one leaves: 4 and 1, three free still."""
    sales.shop.settings(net_by_as_of=setting)

    def counts(on_hand: int, committed: int) -> int:
        more = {} if setting else {"netted_until": to_text(sales.world.clock.now())}
        sales.shop.counts(LAMP, on_hand, committed=committed, **more)
        adds_up(sales.world)
        return int(sales.shop.stock(LAMP)["sellable"])

    sales.opens(capacity=9)
    made = ordered(sales, "ana", 2)
    assert counts(5, 2) == 3
    says(sales, "shipped", made, line_ids=["one"])
    adds_up(sales.world)
    assert sales.shop.stock(LAMP)["sellable"] == 3

    assert counts(4, 1) == 3
    says(sales, "shipped", made, line_ids=["two"])
    assert (counts(3, 0), sales.reservation(made)["status"]) == (3, "fulfilled")


def test_a_level_that_commits_one_less_before_we_hear_that_it_left_hides_it_until_then(sales: Sales) -> None:
    sales.shop.settings(net_by_as_of=True)
    sales.opens(capacity=9)
    made = ordered(sales, "ana", 2)
    sales.shop.counts(LAMP, 5, committed=2)
    left = to_text(sales.world.clock.now())
    sales.world.clock.advance(seconds=5)
    sales.shop.counts(LAMP, 4, committed=1)
    adds_up(sales.world)

    says(sales, "shipped", made, line_ids=["one"], occurred_at=left)

    assert (sales.numbers(), sales.shop.stock(LAMP)["allotted"]) == ((0, 0, 3), 1)
    adds_up(sales.world)


def test_of_two_reservations_each_has_what_left_of_it_whoever_is_served_first_later(sales: Sales) -> None:
    """Ana's first unit left. Ben is put in front of her then, and so the next that leave are his."""
    sales.opens(capacity=9)
    made = [sales.holds(name, quantity=2) for name in ("ana", "ben")]
    for each in made:
        sales.does(each, "confirm")
    lines = [{"line_id": str(number), "sku": LAMP, "quantity": 1} for number in range(4)]
    about = {"order_id": "O-1", "reservation_ids": made}
    says(sales, "placed", made[0], lines=lines, **about)
    says(sales, "shipped", made[0], line_ids=["0"], order_id="O-1")
    assert [state(sales, each)[1] for each in made] == [1, 2]
    assert prioritises(sales, made[1])[0] == 200
    sales.shop.counts(LAMP, 2)
    assert [state(sales, each)[0] for each in made] == ["confirmed", "allocated"]

    seen = []
    for number in ("1", "2", "2", "3"):
        says(sales, "shipped", made[0], line_ids=[number], order_id="O-1")
        adds_up(sales.world)
        seen.append([state(sales, each)[:2] for each in made])

    assert seen == [
        [("confirmed", 1), ("allocated", 1)],
        [("confirmed", 1), ("fulfilled", 2)],
        [("confirmed", 1), ("fulfilled", 2)],
        [("fulfilled", 2), ("fulfilled", 2)],
    ]


def test_a_kits_components_leave_with_it(sales: Sales) -> None:
    for sku, units in ((LAMP, 6), ("SHADE", 3)):
        sales.shop.counts(sku, units)
    described(sales.shop, "SET", [{"sku": LAMP, "quantity": 2}, {"sku": "SHADE", "quantity": 1}])
    made = sales.holds("ana", "SET", 3, kind="checkout")
    sales.does(made, "confirm")
    says(sales, "placed", made, lines=[{**each, "sku": "SET"} for each in LINES])

    says(sales, "shipped", made, line_ids=["one"])

    assert (sales.numbers(), sales.numbers("SHADE")) == ((0, 6, 0), (0, 3, 0))
    assert [sales.shop.stock(sku)["shipped"] for sku in (LAMP, "SHADE", "SET")] == [2, 1, 0]
    adds_up(sales.world)
    sales.does(made, "cancel")
    sales.world.settle()
    assert (sales.numbers(), sales.numbers("SHADE"), sales.numbers("SET")) == ((0, 2, 4), (0, 1, 2), (0, 0, 2))
    adds_up(sales.world)
    for sku, units in ((LAMP, 4), ("SHADE", 2)):
        sales.shop.counts(sku, units)
    assert (sales.numbers(), sales.numbers("SHADE"), sales.numbers("SET")) == ((0, 0, 4), (0, 0, 2), (0, 0, 2))
    adds_up(sales.world)


def test_a_hold_of_which_a_unit_left_is_confirmed(sales: Sales) -> None:
    sales.shop.counts(LAMP, 2)
    made = sales.holds("ana", quantity=2, kind="checkout")
    says(sales, "placed", made, lines=LINES[:2])

    says(sales, "shipped", made, line_ids=["two"])

    assert (state(sales, made)[:2], sales.numbers(), shipped(sales)) == (("confirmed", 1), (0, 2, 0), 1)
    adds_up(sales.world)


def test_what_left_is_kept_once_however_often_the_words_come(sales: Sales) -> None:
    made = one_of_two_left(sales, "preorder")
    for _ in range(2):
        says(sales, "shipped", made, line_ids=["one"])
        says(sales, "placed", made, lines=LINES[:2])

    (known,) = reservations(sales.world)
    assert [(line.quantity, line.given, line.fate) for line in known.every_line] == [(1, 1, "shipped"), (1, 1, None)]
    adds_up(sales.world)


def test_units_of_a_rush_that_left_stay_sold(sales: Sales) -> None:
    sales.opens(capacity=5, expected_per_second=1, shards=2)
    made = ordered(sales, "ana", 3)
    sales.shop.counts(LAMP, 3)
    sales.world.wait(minutes=20)
    says(sales, "shipped", made, line_ids=["one"])
    adds_up(sales.world)

    sales.does(made, "cancel")
    sales.world.settle()

    assert (sales.campaign()["reserved"], sales.campaign()["remaining"]) == (1, 4)
    adds_up(sales.world)
