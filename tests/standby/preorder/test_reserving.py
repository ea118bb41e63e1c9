"""Reservations: held, confirmed, extended, given back; never beyond capacity, stock or the customer's limit."""

from typing import Any

import pytest
from standby.preorder.model import MOST_LINES

from tests.promises.preorder_checks import adds_up
from tests.promises.shop import OPS
from tests.standby.preorder.sales import LAMP, Sales


def slug(answer: tuple[int, Any]) -> tuple[int, str]:
    status, problem = answer
    return status, str(problem["type"]).removeprefix("/problems/")


def test_a_pre_order_is_owed_from_the_moment_it_is_held(sales: Sales) -> None:
    sales.opens()

    status, made = sales.reserves("ana", quantity=2)

    assert status == 201
    assert (made["status"], made["sku"], made["quantity"]) == ("held", LAMP, 2)
    assert made["expires_at"] == "2026-05-03T10:15:00.000Z"
    assert (made["promised_until"], made["price"]) == ("2026-07-15", {"amount": 11_800, "currency": "EUR"})
    assert sales.numbers() == (2, 0, -2)
    assert (sales.campaign()["reserved"], sales.campaign()["remaining"]) == (2, 8)


def test_the_last_unit_is_found_wherever_it_is_and_one_more_is_sold_out(sales: Sales) -> None:
    sales.opens(capacity=10, shards=8)
    for number in range(10):
        sales.holds(f"c{number}")

    assert slug(sales.reserves("late")) == (409, "sold-out")
    assert sales.campaign()["remaining"] == 0
    assert sales.numbers() == (10, 0, -10)


def test_a_quantity_is_taken_from_several_counters(sales: Sales) -> None:
    sales.opens(capacity=10, shards=8)

    sales.holds("ana", quantity=9)

    assert slug(sales.reserves("ben", quantity=2)) == (409, "sold-out")
    sales.holds("eva", quantity=1)
    assert sales.campaign()["remaining"] == 0


def test_the_same_request_again_is_answered_the_same_whatever_became_of_it(sales: Sales) -> None:
    sales.opens(capacity=1)
    first = sales.reserves("ana")

    assert sales.reserves("ana") == first
    sales.does(first[1]["id"], "confirm")
    assert sales.reserves("ana") == first
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    assert sales.reserves("ana") == first
    assert sales.campaign()["reserved"] == 1


def test_another_request_under_the_same_key_is_refused(sales: Sales) -> None:
    sales.opens()
    sales.holds("ana")

    assert slug(sales.reserves("ana", quantity=2)) == (422, "other-request")


def test_without_a_key_nothing_is_reserved(sales: Sales) -> None:
    sales.opens()
    body = {"sku": LAMP, "customer": {"email": "ana@example.org"}}

    assert slug(sales.asks("POST", "/v1/reservations", body)) == (400, "malformed")
    assert sales.campaign()["reserved"] == 0


def test_a_customers_limit_counts_every_spelling_of_the_mailbox(sales: Sales) -> None:
    sales.opens(limit_per_customer=2)
    sales.holds("one", email="ana@example.org")
    sales.holds("two", email="Ana+lamps@example.org")

    assert slug(sales.reserves("three", email="ana+more@example.org")) == (409, "limit-reached")
    assert slug(sales.reserves("four", quantity=3)) == (409, "limit-reached")
    sales.holds("five", email="ben@example.org", quantity=2)


def test_a_customers_limit_counts_every_key_that_the_storefront_sends(sales: Sales) -> None:
    sales.opens(limit_per_customer=1)
    sales.holds("one", limit_keys=["card-1", "account-1"])

    assert slug(sales.reserves("two", limit_keys=["card-2", "account-1"])) == (409, "limit-reached")
    sales.holds("three", limit_keys=["card-2", "account-2"])


def test_holds_of_another_sku_count_for_no_limit_of_a_campaign(sales: Sales) -> None:
    """``LAMP-BRASS#1`` may be a SKU too, and is not the first campaign of ``LAMP-BRASS``."""
    other, ana = f"{LAMP}#1", "ana@example.org"
    sales.opens(limit_per_customer=1)
    sales.shop.counts(other, 5)
    sales.shop.settings(checkout_limit=2)
    sales.holds("checkout", other, email=ana, kind="checkout")

    sales.holds("campaign", email=ana)
    sales.holds("one more", other, email=ana, kind="checkout")
    assert slug(sales.reserves("two more", other, email=ana, kind="checkout")) == (409, "limit-reached")
    assert slug(sales.reserves("another", email=ana)) == (409, "limit-reached")


def test_a_limit_that_is_set_later_counts_what_was_reserved_before_it(sales: Sales) -> None:
    sales.opens()
    first = sales.holds("one", quantity=2, email="ana@example.org", limit_keys=["card-1"])
    sales.opens(limit_per_customer=2)

    assert slug(sales.reserves("two", email="ana+more@example.org")) == (409, "limit-reached")
    assert slug(sales.reserves("three", limit_keys=["card-1"])) == (409, "limit-reached")
    sales.holds("four", quantity=2, limit_keys=["card-2"])
    sales.does(first, "cancel")
    sales.holds("five", quantity=2, email="ana@example.org", limit_keys=["card-1"])
    sales.world.settle()
    adds_up(sales.world)


def test_a_limit_counts_on_where_a_campaign_is_opened_again(sales: Sales) -> None:
    for number in range(3):
        sales.opens(limit_per_customer=None if number == 1 else 2)
        if number == 0:
            first = sales.holds("one", quantity=2, email="ana@example.org")
            sales.does(first, "confirm")
        if number < 2:
            sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)

    assert slug(sales.reserves("two", email="ana@example.org")) == (409, "limit-reached")
    sales.does(first, "cancel")
    sales.holds("three", quantity=2, email="ana@example.org")
    sales.world.settle()
    adds_up(sales.world)


def test_a_limit_counts_anew_in_a_campaign_after_the_release_of_the_former(sales: Sales) -> None:
    sales.opens(limit_per_customer=2)
    sales.does(sales.holds("one", quantity=2, email="ana@example.org"), "confirm")
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    sales.world.clock.advance(days=90)
    sales.opens(limit_per_customer=2, release_on="2026-12-01")

    sales.holds("two", quantity=2, email="ana@example.org")
    assert slug(sales.reserves("three", email="ana@example.org")) == (409, "limit-reached")


def test_as_many_lines_as_may_be_fit_with_all_keys_whether_there_is_a_limit_or_not(sales: Sales) -> None:
    lines = [{"sku": f"SKU-{number}", "quantity": 1} for number in range(MOST_LINES)]
    for line in lines:
        sales.opens(str(line["sku"]))
    body = {"lines": lines, "customer": {"email": "ana@example.org"}, "limit_keys": ["a", "b", "c"]}

    assert sales.asks("POST", "/v1/reservations", body, key="one")[0] == 201


def test_what_ended_no_longer_counts_for_the_limit(sales: Sales) -> None:
    sales.opens(limit_per_customer=1)
    made = sales.holds("one", email="ana@example.org")

    assert sales.does(made, "cancel")[1]["status"] == "cancelled"

    sales.holds("two", email="ana@example.org")


def test_confirming_ends_the_clock_and_is_told_once(sales: Sales) -> None:
    sales.opens()
    made = sales.holds("ana")

    for _ in range(2):
        status, answer = sales.does(made, "confirm")
        assert (status, answer["status"], answer["expires_at"]) == (200, "confirmed", None)
    sales.world.wait(minutes=20)

    assert sales.reservation(made)["status"] == "confirmed"
    assert [told["reservation_id"] for told in sales.told("ReservationConfirmed")] == [made]
    assert sales.campaign()["confirmed"] == 1


def test_what_was_paid_later_is_noted(sales: Sales) -> None:
    sales.opens(pay="on_allocation")
    made = sales.holds("ana")

    assert sales.does(made, "confirm")[1]["paid"] is False
    assert sales.does(made, "confirm", {"paid": True})[1]["paid"] is True


def test_a_hold_that_is_over_cannot_be_confirmed_even_before_anybody_ended_it(sales: Sales) -> None:
    sales.opens()
    made = sales.holds("ana")
    sales.world.clock.advance(minutes=15)

    assert sales.reservation(made)["status"] == "expired"
    assert slug(sales.does(made, "confirm")) == (409, "expired")
    assert slug(sales.does(made, "extend")) == (409, "expired")


@pytest.mark.parametrize("held", [frozenset(), frozenset({"messages"})], ids=["by its message", "by the sweep"])
def test_units_of_a_hold_that_is_over_are_sold_again(sales: Sales, held: frozenset[str]) -> None:
    sales.opens(capacity=1)
    sales.holds("ana")
    if held:
        sales.world.queues["PreorderRecords"].clear()

    sales.world.wait(minutes=17)

    assert sales.campaign()["remaining"] == 1
    assert sales.numbers() == (0, 0, 0)
    (freed,) = sales.told("UnitsFreed")
    assert (freed["sku"], freed["units"]) == (LAMP, 1)
    (told,) = sales.told("ReservationCancelled")
    assert told["reason"] == "expired"
    sales.holds("ben")


def test_a_hold_that_was_extended_lasts_longer_and_two_hours_at_most(sales: Sales) -> None:
    sales.opens(hold_minutes=45)
    made = sales.holds("ana")
    for _ in range(4):
        sales.world.clock.advance(minutes=40)
        sales.does(made, "extend")

    assert sales.reservation(made)["status"] == "expired"
    begun = sales.world.clock.now()
    other = sales.holds("ben")
    sales.world.clock.advance(minutes=1)
    until = sales.does(other, "extend")[1]["expires_at"]
    assert until > sales.reserves("ben")[1]["expires_at"] > begun.isoformat()[:16]


def test_cancelling_gives_back_what_was_taken_once(sales: Sales) -> None:
    sales.opens(capacity=2)
    made = sales.holds("ana", quantity=2)
    sales.does(made, "confirm")

    for _ in range(2):
        assert sales.does(made, "cancel")[0] == 200

    shown = sales.campaign()
    assert (shown["reserved"], shown["confirmed"], shown["remaining"]) == (0, 0, 2)
    assert sales.numbers() == (0, 0, 0)
    assert len(sales.told("UnitsFreed")) == 1
    assert slug(sales.does(made, "confirm")) == (409, "cancelled")


def test_no_sku_has_more_units_in_several_lines_than_in_one(sales: Sales) -> None:
    sales.opens(capacity=100_000)
    body = {"lines": [{"sku": LAMP, "quantity": 5_001}] * 2, "customer": {"email": "ana@example.org"}}
    status, said = sales.asks("POST", "/v1/reservations", body, key="k")
    assert (status, "lines: at most 10000" in said["detail"]) == (400, True)
    assert sales.campaign()["remaining"] == 100_000


def test_several_lines_are_reserved_together_or_not_at_all(sales: Sales) -> None:
    sales.opens(capacity=5)
    sales.opens("SHADE", capacity=1)
    both = [{"sku": LAMP, "quantity": 2}, {"sku": "SHADE"}]
    customer = {"email": "ana@example.org"}

    status, made = sales.asks("POST", "/v1/reservations", {"lines": both, "customer": customer}, key="one")
    assert (status, len(made["lines"]), "sku" in made) == (201, 2, False)
    again = sales.asks("POST", "/v1/reservations", {"lines": both, "customer": customer}, key="two")

    assert slug(again) == (409, "sold-out")
    assert (sales.campaign()["reserved"], sales.campaign("SHADE")["reserved"]) == (2, 1)


def test_ordinary_stock_is_held_at_checkout_and_gone_for_others(sales: Sales) -> None:
    sales.shop.counts(LAMP, 3)
    made = sales.holds("ana", quantity=2, kind="checkout")

    assert sales.numbers() == (0, 2, 1)
    assert slug(sales.reserves("ben", quantity=2, kind="checkout")) == (409, "sold-out")
    assert sales.does(made, "confirm")[0] == 200
    assert sales.numbers() == (0, 2, 1)


def test_who_checks_out_need_not_be_known_and_the_shop_sets_minutes_and_limit(sales: Sales) -> None:
    sales.shop.counts(LAMP, 9)
    sales.shop.settings(checkout_minutes=5, checkout_limit=2)
    body = {"kind": "checkout", "sku": LAMP, "quantity": 2, "limit_keys": ["cart-7"]}

    status, made = sales.asks("POST", "/v1/reservations", body, key="one")

    assert (status, made["price"], made["promised_until"]) == (201, None, None)
    assert made["expires_at"] == to_minutes(sales, 5)
    assert slug(sales.asks("POST", "/v1/reservations", body, key="two")) == (409, "limit-reached")
    sales.world.wait(minutes=7)
    assert sales.numbers() == (0, 0, 9)
    assert sales.asks("POST", "/v1/reservations", body, key="three")[0] == 201


def test_what_was_bought_no_longer_counts_as_held_at_checkout(sales: Sales) -> None:
    sales.shop.counts(LAMP, 9)
    sales.shop.settings(checkout_limit=2)
    made = sales.holds("one", email="ana@example.org", quantity=2, kind="checkout")
    assert slug(sales.reserves("two", email="ana@example.org", kind="checkout")) == (409, "limit-reached")

    sales.does(made, "confirm")

    sales.holds("three", email="ana@example.org", quantity=2, kind="checkout")


def to_minutes(sales: Sales, minutes: int) -> str:
    from datetime import timedelta  # noqa: PLC0415 - one test's arithmetic

    from standby.platform.clock import to_text  # noqa: PLC0415 - as above

    return to_text(sales.world.clock.now() + timedelta(minutes=minutes))


def test_a_campaign_may_follow_incoming_goods(sales: Sales) -> None:
    order = {"type": "stock.incoming", "purchase_order_id": "PO-1", "sku": LAMP, "quantity": 3, "eta": "2026-07-01"}
    sales.world.send("StockUpdates", order | {"as_of": "2026-05-03T09:00:00Z"})
    sales.world.settle()
    sales.opens(capacity="incoming")
    sales.holds("ana", quantity=2)

    assert slug(sales.reserves("ben", quantity=2)) == (409, "sold-out")
    assert sales.campaign()["remaining"] == 1
    sales.world.send("StockUpdates", order | {"as_of": "2026-05-03T09:30:00Z", "quantity": 1})
    sales.world.settle()
    shown = sales.campaign()
    assert (shown["remaining"], shown["overcommitted"], shown["reserved"]) == (0, 1, 2)
    assert slug(sales.reserves("eva")) == (409, "sold-out")


@pytest.mark.parametrize(
    ("tier", "when", "answered"),
    [(None, 0, 409), ("gold", 0, 201), ("Gold", 0, 201), ("silver", 0, 409), (None, 60, 201), ("gold", -61, 409)],
)
def test_early_access_is_for_its_tiers(sales: Sales, tier: str | None, when: int, answered: int) -> None:
    early = {"opens_at": "2026-05-03T09:00:00Z", "tiers": ["GOLD"]}
    sales.opens(opens_at="2026-05-03T11:00:00Z", early_access=early)
    sales.world.clock.advance(minutes=when)

    assert sales.reserves("ana", customer={"tier": tier} if tier else {})[0] == answered


def test_nothing_is_reserved_after_a_campaign_closed(sales: Sales) -> None:
    sales.opens(closes_at="2026-05-03T10:05:00Z")
    made = sales.holds("ana")
    sales.world.clock.advance(minutes=5)

    assert slug(sales.reserves("ben")) == (409, "campaign-closed")
    assert sales.does(made, "confirm")[0] == 200
    assert slug(sales.reserves("eva", "NEVER-OPENED")) == (409, "campaign-closed")


def test_an_unknown_reservation_is_none(sales: Sales) -> None:
    for what in ("confirm", "extend", "cancel"):
        assert slug(sales.does("nobody", what)) == (404, "unknown-reservation")
    assert slug(sales.asks("GET", "/v1/reservations/nobody")) == (404, "unknown-reservation")


@pytest.mark.parametrize(
    "body",
    [
        {"sku": LAMP, "lines": [{"sku": LAMP}]},
        {"sku": LAMP, "quantity": 0},
        {"sku": LAMP, "quantity": 1.5},
        {"lines": []},
        {"lines": None},
        {"sku": None},
        {"lines": [{"sku": LAMP}], "quantity": 2},
        {"sku": LAMP, "customer": {"email": "nobody"}},
        {"sku": LAMP, "custommer": {}},
        {"sku": LAMP},
        {},
    ],
)
def test_a_malformed_reservation_says_what_is_wrong(sales: Sales, body: dict[str, Any]) -> None:
    sales.opens()
    somebody = {"customer": {"email": "ana@example.org"}}
    customer = {} if body in ({"sku": LAMP}, {}, {"sku": None}, {"lines": None}) else somebody

    assert slug(sales.asks("POST", "/v1/reservations", {**customer, **body}, key="one")) == (400, "malformed")


def test_a_key_whose_reservation_is_kept_no_more_reserves_nothing_while_its_claim_is_kept(sales: Sales) -> None:
    sales.opens()
    made = sales.reserves("ana")[1]["id"]
    sales.world.wait(minutes=20)
    sales.world.clock.advance(days=91)
    sales.opens(release_on="2026-12-01")
    del sales.world.memory.tables["Preorder"].items[f"RESERVATION#{made}"]  # as DynamoDB's TTL does, some time

    assert slug(sales.reserves("ana")) == (409, "expired")
    assert sales.numbers() == (0, 0, 0)
    assert sales.reserves("another")[0] == 201
