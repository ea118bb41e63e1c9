"""Units of a SKU that the ERP cancels of a reservation that goes on: others get them, and it waits for fewer."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from standby.platform.clock import to_text

from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import Shop
from tests.standby.preorder.sales import LAMP, PRICE, Sales
from tests.standby.preorder.test_ordering import says
from tests.standby.preorder.test_prioritising import prioritises

pytestmark = pytest.mark.promise("P1")
ANA = "ana@example.org"
THREE = [{"line_id": "one", "sku": LAMP, "quantity": 1}, {"line_id": "two", "sku": LAMP, "quantity": 2}]


def ordered(sales: Sales, lines: Sequence[Any] = THREE, *, paid: bool = False, **terms: Any) -> str:
    """Let somebody pre-order three, in an order of two lines that the ERP knows."""
    sales.opens(**{"capacity": 5, "limit_per_customer": 3, "shards": 2, **terms})
    made = sales.holds("ana", quantity=3)
    sales.does(made, "confirm", {"paid": paid})
    says(sales, "placed", made, lines=lines)
    return made


def freed(sales: Sales) -> list[int]:
    told = {each["id"]: each["units"] for each in sales.told("UnitsFreed") if each["sku"] == LAMP}
    return list(told.values())


def shown(sales: Sales, made: str) -> tuple[str, int, int]:
    """Return state, units, and those that were set aside of a reservation."""
    (line,) = sales.reservation(made)["lines"]
    return sales.reservation(made)["status"], line["quantity"], line["allocated"]


def shipped(sales: Sales) -> int:
    return int(sales.shop.stock(LAMP)["shipped"])


@pytest.mark.parametrize(("line", "units"), [("one", 1), ("two", 2)])
@pytest.mark.parametrize("there", [0, 1, 2, 3])
def test_what_is_cancelled_is_given_back_at_once_and_the_rest_goes_on(
    sales: Sales, line: str, units: int, there: int
) -> None:
    made = ordered(sales)
    sales.shop.counts(LAMP, there)

    for _ in range(2):
        says(sales, "cancelled", made, line_ids=[line])
        adds_up(sales.world)

    left = 3 - units
    aside = min(there, left)
    state = "allocated" if there >= left else "confirmed"
    assert shown(sales, made) == (state, left, aside)
    assert sales.numbers() == (left - aside, aside, there - left)
    assert (sales.campaign()["reserved"], sales.campaign()["remaining"], freed(sales)) == (left, 5 - left, [units])
    assert sales.reserves("more", quantity=units + 1, email=ANA)[0] == 409
    assert sales.reserves("more-1", quantity=units, email=ANA)[0] == 201, "they count for the limit no longer"
    here = [mail for mail in sales.world.mails if mail.subject.startswith("Yours is here")]
    assert len(here) == (state == "allocated")


def test_the_rest_is_given_and_mailed_once_it_is_there(sales: Sales) -> None:
    made = ordered(sales)
    sales.shop.counts(LAMP, 1)
    says(sales, "cancelled", made, line_ids=["one"])
    assert shown(sales, made) == ("confirmed", 2, 1)

    sales.shop.counts(LAMP, 2)

    assert shown(sales, made) == ("allocated", 2, 2)
    assert [mail.email for mail in sales.world.mails if mail.subject.startswith("Yours is here")] == [ANA]
    says(sales, "shipped", made, line_ids=["two"])
    sales.shop.counts(LAMP, 0)
    assert (shown(sales, made), sales.numbers(), freed(sales)) == (("fulfilled", 2, 2), (0, 0, 0), [1])
    everything_was_told(sales.world)


def test_the_next_in_line_is_given_what_was_cancelled(sales: Sales) -> None:
    made = ordered(sales)
    sales.shop.counts(LAMP, 3)
    behind = sales.holds("ben")
    sales.does(behind, "confirm")

    says(sales, "cancelled", made, line_ids=["one"])

    assert (shown(sales, made), shown(sales, behind)) == (("allocated", 2, 2), ("allocated", 1, 1))
    assert sales.numbers() == (0, 3, 0)
    adds_up(sales.world)


def test_who_waits_is_told_what_was_cancelled(sales: Sales) -> None:
    made = ordered(sales)
    sales.shop.counts(LAMP, 3)
    sales.shop.waits("zoe@example.org", LAMP)

    says(sales, "cancelled", made, line_ids=["one"])
    sales.world.wait(minutes=2)

    assert sales.shop.told().get("zoe@example.org") == 1


@pytest.mark.parametrize("order", permutations([("one", "cancelled"), ("two", "shipped"), ("one", "cancelled")]))
@pytest.mark.parametrize("there", [0, 2, 3])
def test_two_that_left_and_one_that_was_cancelled_are_told_apart(
    sales: Sales, order: list[tuple[str, str]], there: int
) -> None:
    made = ordered(sales)
    sales.shop.counts(LAMP, there)

    for line, what in (*order, order[0]):
        says(sales, what, made, line_ids=[line])
        adds_up(sales.world)

    assert (sales.reservation(made)["status"], freed(sales), shipped(sales)) == ("fulfilled", [1], 2)
    assert (sales.campaign()["remaining"], sales.numbers()) == (3, (0, 2, there - 2))
    everything_was_told(sales.world)


def test_a_line_that_was_cancelled_and_left_all_the_same_is_held_for_nobody(sales: Sales) -> None:
    made = ordered(sales)
    sales.shop.counts(LAMP, 3)
    says(sales, "cancelled", made, line_ids=["one"])
    assert sales.numbers() == (0, 2, 1)

    for _ in range(2):
        says(sales, "shipped", made, line_ids=["one"])
        assert (shown(sales, made)[1], sales.numbers(), shipped(sales)) == (2, (0, 3, 0), 1)
        adds_up(sales.world)

    sales.shop.counts(LAMP, 2)
    assert (shown(sales, made), sales.numbers(), shipped(sales)) == (("allocated", 2, 2), (0, 2, 0), 0)
    says(sales, "shipped", made, line_ids=["two"])
    assert (sales.reservation(made)["status"], sales.numbers(), freed(sales)) == ("fulfilled", (0, 2, 0), [1])
    sales.shop.counts(LAMP, 0)
    assert sales.numbers() == (0, 0, 0)
    adds_up(sales.world)


def test_all_that_left_after_all_is_held_for_nobody_once(sales: Sales) -> None:
    made = ordered(sales)
    sales.shop.counts(LAMP, 3)
    for line in ("one", "two"):
        says(sales, "cancelled", made, line_ids=[line])
        adds_up(sales.world)
    assert (sales.reservation(made)["status"], sales.numbers(), freed(sales)) == ("cancelled", (0, 0, 3), [1, 2])

    for line in ("two", "one", "two"):
        says(sales, "shipped", made, line_ids=[line])
        adds_up(sales.world)

    assert (sales.numbers(), shipped(sales)) == ((0, 3, 0), 3)


def test_an_order_that_is_enlarged_again_gets_nothing_back_and_loses_nothing(sales: Sales) -> None:
    made = ordered(sales)
    sales.shop.counts(LAMP, 3)
    says(sales, "cancelled", made, line_ids=["one"])
    more = [*THREE, {"line_id": "three", "sku": LAMP, "quantity": 1}]

    for line in ("two", "three"):
        says(sales, "placed", made, lines=more)
        adds_up(sales.world)
        assert freed(sales) == [1]
        says(sales, "shipped", made, line_ids=[line])
        adds_up(sales.world)

    assert (sales.reservation(made)["status"], freed(sales)) == ("fulfilled", [1])
    assert (shipped(sales), sales.numbers()) == (2, (0, 2, 1)), "nobody reserved the other here"


def test_a_line_that_the_order_has_no_more_left_as_little_as_before(sales: Sales) -> None:
    made = ordered(sales)
    sales.shop.counts(LAMP, 3)
    says(sales, "cancelled", made, line_ids=["one"])

    says(sales, "placed", made, lines=THREE[1:])
    says(sales, "shipped", made, line_ids=["two"])

    assert (shown(sales, made)[:2], freed(sales)) == (("fulfilled", 2), [1])
    assert (shipped(sales), sales.numbers()) == (2, (0, 2, 1))
    adds_up(sales.world)


def test_a_line_that_is_ordered_with_fewer_units_frees_none(sales: Sales) -> None:
    made = ordered(sales, THREE[:1])

    says(sales, "placed", made, lines=THREE[:1])

    assert (shown(sales, made), freed(sales)) == (("confirmed", 3, 0), [])


def test_what_is_cancelled_of_a_split_order_alone_is_given_back(sales: Sales) -> None:
    made = ordered(sales, [{"line_id": name, "sku": LAMP, "quantity": 1} for name in ("one", "two")])

    says(sales, "cancelled", made, line_ids=["one"])
    assert (shown(sales, made), freed(sales)) == (("confirmed", 2, 0), [1])
    says(sales, "placed", made, order_id="O-2", lines=THREE[:1])
    assert (shown(sales, made), freed(sales)) == (("confirmed", 2, 0), [1])

    adds_up(sales.world)


def test_it_is_cancelled_with_the_last_of_its_units(sales: Sales) -> None:
    made = ordered(sales)
    for line in ("two", "one", "two"):
        says(sales, "cancelled", made, line_ids=[line])
        adds_up(sales.world)

    assert sales.reservation(made)["status"] == "cancelled"
    assert (sales.campaign()["remaining"], freed(sales)) == (5, [2, 1])
    (told,) = sales.told("ReservationCancelled")
    assert told["lines"] == [{"sku": LAMP, "quantity": 3}]
    everything_was_told(sales.world)


def test_page_price_and_repeated_request_say_the_right_quantity(sales: Sales) -> None:
    made = ordered(sales)

    says(sales, "cancelled", made, line_ids=["one"])

    _, own = sales.own(sales.link(ANA))
    twice = {**PRICE, "amount": 2 * PRICE["amount"]}
    assert ([line["quantity"] for line in own["lines"]], own["price"]) == ([2], twice)
    assert (sales.reservation(made)["quantity"], sales.reservation(made)["price"]) == (2, twice)
    page = sales.own(sales.link(ANA), page=True)[1]
    assert "118.00" in page
    _, again = sales.reserves("ana", quantity=3)
    assert (again["id"], again["quantity"], len(again["lines"])) == (made, 3, 1), "as it was made"


def test_what_was_cancelled_as_the_customer_wished_is_refunded_though_the_rest_had_left(sales: Sales) -> None:
    made = ordered(sales, paid=True)
    token, asks = sales.link(ANA), sales.world.request
    asks("preorder_viewer", "POST", f"/v1/preorders/{token}/cancel", body=None)
    sales.world.settle()
    asks("preorder_viewer", "POST", f"/v1/preorders/{token}/cancel", body={"code": sales.codes(ANA)[-1]})
    sales.world.settle()
    says(sales, "cancelled", made, line_ids=["two"])

    says(sales, "shipped", made, line_ids=["one"])

    (due,) = sales.told("RefundDue")
    assert (due["amount"]["amount"], due["lines"]) == (2 * PRICE["amount"], [{"sku": LAMP, "quantity": 2}])
    adds_up(sales.world)


def test_units_that_were_bought_at_checkout_are_given_back_too(sales: Sales) -> None:
    sales.shop.counts(LAMP, 5)
    made = sales.holds("ana", quantity=3, kind="checkout")
    sales.does(made, "confirm")
    says(sales, "placed", made, lines=THREE)

    says(sales, "cancelled", made, line_ids=["one"])

    assert (sales.reservation(made)["quantity"], sales.numbers(), freed(sales)) == (2, (0, 2, 3), [1])
    adds_up(sales.world)
    says(sales, "shipped", made, line_ids=["two"])
    sales.shop.counts(LAMP, 3)
    assert (sales.reservation(made)["status"], sales.numbers()) == ("fulfilled", (0, 0, 3))
    adds_up(sales.world)


@pytest.mark.parametrize("committed", [0, 2, 3])
def test_an_erp_that_counts_the_order_itself_is_counted_once(sales: Sales, committed: int) -> None:
    made = ordered(sales)
    nets = {"netted_until": to_text(sales.world.clock.now())}
    sales.shop.counts(LAMP, 3, committed=committed, **nets)
    adds_up(sales.world)

    says(sales, "cancelled", made, line_ids=["one"])
    adds_up(sales.world)

    assert shown(sales, made) == ("allocated", 2, 2)
    nets = {"netted_until": to_text(sales.world.clock.now())}
    sales.shop.counts(LAMP, 3, committed=2, **nets)
    assert (sales.numbers(), sales.shop.stock(LAMP)["free"]) == ((0, 0, 1), 1)
    adds_up(sales.world)


def test_a_kits_components_are_given_back_with_it(sales: Sales) -> None:
    shop = sales.shop
    for sku, units in ((LAMP, 6), ("SHADE", 3)):
        shop.counts(sku, units)
    components = [{"sku": LAMP, "quantity": 2}, {"sku": "SHADE", "quantity": 1}]
    described(shop, "SET", components)
    made = sales.holds("ana", "SET", 3, kind="checkout")
    sales.does(made, "confirm")
    lines = [{**line, "sku": "SET"} for line in THREE]
    says(sales, "placed", made, lines=lines)
    assert (sales.numbers(), sales.numbers("SHADE")) == ((0, 6, 0), (0, 3, 0))

    says(sales, "cancelled", made, line_ids=["one"])

    assert (sales.numbers(), sales.numbers("SHADE")) == ((0, 4, 2), (0, 2, 1))
    assert sales.numbers("SET") == (0, 2, 1)
    adds_up(sales.world)
    says(sales, "cancelled", made, line_ids=["two"])
    assert (sales.numbers(), sales.numbers("SHADE"), sales.numbers("SET")) == ((0, 0, 6), (0, 0, 3), (0, 0, 3))
    adds_up(sales.world)


def described(shop: Shop, sku: str, components: list[Any]) -> None:
    at = to_text(shop.world.clock.now())
    variant = {"sku": sku, "options": {}, "components": components}
    said = {"type": "product.upserted", "product_id": sku, "title": {"en": sku}, "variants": [variant], "as_of": at}
    shop.world.send("CatalogUpdates", said)
    shop.world.settle()


def test_units_of_a_rush_go_back_to_its_counters(sales: Sales) -> None:
    made = ordered(sales, expected_per_second=1)
    sales.shop.counts(LAMP, 0)
    sales.world.wait(minutes=20)

    says(sales, "cancelled", made, line_ids=["two"])

    assert (shown(sales, made), sales.numbers()) == (("confirmed", 1, 0), (1, 0, -1))
    assert sales.campaign()["remaining"] == 4
    adds_up(sales.world)


def test_of_two_reservations_the_one_that_lost_units_is_the_one_that_goes_on_without_them(sales: Sales) -> None:
    """Whichever of them is served first later."""
    sales.opens(capacity=9)
    made = [sales.holds(name, quantity=2) for name in ("ana", "ben")]
    for each in made:
        sales.does(each, "confirm")
    lines = [{"line_id": name, "sku": LAMP, "quantity": units} for name, units in (("one", 1), ("rest", 3))]
    about = {"order_id": "O-1", "reservation_ids": made}
    says(sales, "placed", made[0], lines=lines, **about)
    says(sales, "cancelled", made[0], line_ids=["one"], order_id="O-1")
    assert [shown(sales, each)[1] for each in made] == [2, 1]
    assert prioritises(sales, made[1])[0] == 200
    sales.shop.counts(LAMP, 1)

    says(sales, "placed", made[0], lines=lines, **about, channel="shop")

    assert [shown(sales, each)[1] for each in made] == [2, 1]
    assert (freed(sales), sales.reservation(made[1])["status"]) == ([1], "allocated")
    adds_up(sales.world)


def test_of_an_order_that_lists_fewer_than_were_reserved_a_cancelled_unit_is_given_back_once_whoever_is_served_first(
    sales: Sales,
) -> None:
    """Two have two each, and their order lists three. The one that was cancelled stays that one."""
    sales.opens(capacity=9)
    made = [sales.holds(name, quantity=2) for name in ("ana", "ben")]
    for each in made:
        sales.does(each, "confirm")
    listed = {"lines": [{"line_id": str(number), "sku": LAMP, "quantity": 1} for number in range(3)]}
    words: list[tuple[str, dict[str, Any]]] = [("placed", listed), ("cancelled", {"line_ids": ["2"]})]

    def say() -> None:
        for what, more in words:
            says(sales, what, made[0], order_id="O-1", reservation_ids=made, **more)
        adds_up(sales.world)

    say()
    for first in reversed(made):
        sales.shop.counts(LAMP, 0)
        assert prioritises(sales, first)[0] == 200
        sales.shop.counts(LAMP, 1)
        say()
    words += [("shipped", {"line_ids": [name]}) for name in "01"]
    say()

    assert (freed(sales), [sales.reservation(each)["status"] for each in made]) == ([1], ["fulfilled"] * 2)


def test_the_pieces_of_a_reservation_are_written_once_each(sales: Sales) -> None:
    lines = [{"line_id": str(number), "sku": LAMP, "quantity": 1} for number in range(3)]
    made = ordered(sales, lines)
    sales.shop.counts(LAMP, 3)
    for number in (0, 1, 0):
        says(sales, "cancelled", made, line_ids=[str(number)])
        adds_up(sales.world)

    (known,) = reservations(sales.world)
    assert [(line.quantity, line.given) for line in known.every_line] == [(1, 1), (1, 1), (1, 1)]
    for number in (1, 0, 1, 2):
        says(sales, "shipped", made, line_ids=[str(number)])
        adds_up(sales.world)
    assert (sales.reservation(made)["status"], shipped(sales), sales.numbers()) == ("fulfilled", 3, (0, 3, 0))
    assert freed(sales) == [1, 1]


def test_it_waits_for_what_is_left_of_each_sku(sales: Sales) -> None:
    for sku in (LAMP, "SHADE"):
        sales.opens(sku, capacity=5, limit_per_customer=3)
        sales.shop.counts(sku, 0)
    wanted = [{"sku": LAMP, "quantity": 3}, {"sku": "SHADE", "quantity": 2}]
    _, made = sales.asks("POST", "/v1/reservations", {"lines": wanted, "customer": {"email": ANA}}, key="ana")
    sales.does(made["id"], "confirm")
    shades = [{"line_id": name, "sku": "SHADE", "quantity": 1} for name in ("three", "four")]
    says(sales, "placed", made["id"], lines=[*THREE, *shades])
    sales.shop.counts(LAMP, 2)

    says(sales, "cancelled", made["id"], line_ids=["one", "four"])

    shown = sales.reservation(made["id"])
    assert [(line["sku"], line["quantity"], line["allocated"]) for line in shown["lines"]] == [
        (LAMP, 2, 2),
        ("SHADE", 1, 0),
    ]
    assert (shown["status"], sales.numbers(), sales.numbers("SHADE")) == ("confirmed", (0, 2, 0), (1, 0, -1))
    adds_up(sales.world)
    sales.shop.counts("SHADE", 1)
    assert sales.reservation(made["id"])["status"] == "allocated"
    says(sales, "shipped", made["id"], line_ids=["two", "three"])
    assert sales.reservation(made["id"])["status"] == "fulfilled"
    assert sorted((told["sku"], told["units"]) for told in sales.told("UnitsFreed")) == [(LAMP, 1), ("SHADE", 1)]
    everything_was_told(sales.world)
