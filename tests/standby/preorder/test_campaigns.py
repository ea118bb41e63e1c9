"""Campaigns: opened, changed, closed; below what is reserved they never get."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from standby.platform.clock import to_text
from standby.preorder import items
from standby.preorder.counter_model import Counter, shares, split
from standby.preorder.model import MOST_SHARDS
from standby.preorder.release_model import last_day

from tests.promises.preorder_checks import adds_up
from tests.promises.shop import OPS
from tests.standby.availability.storefront import product_changed, variant
from tests.standby.preorder.sales import CAMPAIGN, LAMP, PRICE, Sales


def put(sales: Sales, sku: str = LAMP, **terms: Any) -> tuple[int, Any]:
    status, answer = sales.asks("PUT", f"/v1/campaigns/{sku}", {**CAMPAIGN, **terms}, scopes=OPS)
    return status, answer["detail"] if status >= 400 else answer


def test_a_new_campaign_is_201_and_a_change_is_200(sales: Sales) -> None:
    status, made = put(sales)

    assert status == 201
    assert made["status"] == "open"
    assert (made["remaining"], made["version"], made["hold_minutes"], made["shards"]) == (10, 1, 15, 8)
    assert put(sales, capacity=12)[0] == 200
    shown = sales.campaign()
    assert (shown["capacity"], shown["remaining"], shown["version"]) == (12, 12, 2)


def test_the_same_campaign_again_changes_nothing(sales: Sales) -> None:
    opens = {"opens_at": "2026-05-03T09:00:00Z"}
    put(sales, **opens)

    assert put(sales, **opens) == (200, sales.campaign())
    assert sales.campaign()["version"] == 1


def test_the_same_campaign_without_an_opening_changes_nothing_either(sales: Sales) -> None:
    put(sales)
    sales.world.settle()
    before, told = sales.campaign(), len(sales.world.events)
    sales.world.clock.advance(hours=1)

    assert put(sales) == (200, before)
    sales.world.wait(minutes=2)
    assert (sales.campaign(), len(sales.world.events)) == (before, told)


@pytest.mark.parametrize("terms", [{}, {"capacity": 12}, {"price": {**PRICE, "amount": 4_900}}])
def test_what_is_changed_of_a_scheduled_campaign_does_not_open_it(sales: Sales, terms: dict[str, Any]) -> None:
    opens_at = put(sales, opens_at="2026-06-03T09:00:00Z")[1]["opens_at"]

    status, made = put(sales, **terms)

    assert (status, made["status"], made["opens_at"]) == (200, "scheduled", opens_at)
    assert sales.reserves("ana")[0] == 409


def test_a_scheduled_campaign_is_opened_by_naming_the_time(sales: Sales) -> None:
    put(sales, opens_at="2026-06-03T09:00:00Z")

    assert put(sales, opens_at=to_text(sales.world.clock.now()))[1]["status"] == "open"


def test_another_campaign_opens_at_once_whenever_the_one_before_it_did(sales: Sales) -> None:
    put(sales, opens_at="2026-06-03T09:00:00Z")
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)

    assert put(sales)[1]["status"] == "open"


def test_a_campaign_costs_as_much_to_read_however_many_went_before_it(sales: Sales) -> None:
    looks: list[int] = []
    former = sales.world.tap

    def tap(service: str, operation: str, parameters: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        answer = former(service, operation, parameters, make)
        if operation == "Query" and items.campaign_partition(LAMP) in str(parameters):
            looks.append(len(answer["Items"]))
        return answer

    kept = []
    for number in range(12):
        put(sales, shards=32 if number % 2 else 8)
        kept.append(sales.holds(f"c{number}"))
        sales.does(kept[-1], "confirm")
        if number < 11:
            sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    sales.world.tap = tap

    assert sales.campaign()["reserved"] == 1
    assert looks == [2 + MOST_SHARDS]
    assert [sales.does(each, "cancel")[0] for each in kept] == [200] * 12
    assert sales.campaign()["reserved"] == 0
    sales.world.settle()
    adds_up(sales.world)


def test_its_status_follows_the_clock(sales: Sales) -> None:
    put(sales, opens_at="2026-05-03T11:00:00Z", closes_at="2026-05-03T12:00:00+00:00")
    seen = []
    for _ in range(3):
        seen.append(sales.campaign()["status"])
        sales.world.clock.advance(hours=1)

    assert seen == ["scheduled", "open", "closed"]


def test_a_capacity_below_what_is_reserved_is_refused(sales: Sales) -> None:
    put(sales)
    sales.holds("ana", quantity=6)

    assert put(sales, capacity=5) == (409, "capacity: 6 units are reserved already")
    assert put(sales, capacity=6)[0] == 200
    assert sales.campaign()["remaining"] == 0
    assert put(sales, capacity=7)[0] == 200
    sales.holds("ben")
    assert sales.reserves("eva")[0] == 409


def test_a_closed_campaign_sells_nothing_and_another_may_follow(sales: Sales) -> None:
    put(sales)
    sales.holds("ana")
    for _ in range(2):
        status, closed = sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
        assert (status, closed["status"]) == (200, "closed")
    assert sales.reserves("ben")[0] == 409

    status, made = put(sales, capacity=1, shards=2)

    assert (status, made["reserved"], made["remaining"]) == (201, 0, 1)
    sales.holds("ben")
    assert sales.numbers() == (2, 0, -2)


def test_what_an_older_campaign_gets_back_is_not_sold_by_the_next(sales: Sales) -> None:
    put(sales)
    ana = sales.holds("ana")
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    put(sales, capacity=1)

    sales.does(ana, "cancel")

    assert sales.campaign()["remaining"] == 1
    assert sales.numbers() == (0, 0, 0)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"shards": 4}, "shards: 8 as long as the campaign lasts"),
        ({"capacity": "incoming"}, "capacity: close the campaign first to follow incoming goods, or no longer"),
        ({"price": {**PRICE, "currency": "ILS"}}, "price: in EUR as long as the campaign lasts"),
    ],
)
def test_some_things_are_fixed_as_long_as_it_lasts(sales: Sales, terms: dict[str, Any], said: str) -> None:
    put(sales)

    assert put(sales, **terms) == (409, said)


@pytest.mark.parametrize(
    "terms",
    [
        {"release_on": "soon"},
        {"release_on": "2026-13"},
        {"release_on": "2026-07-15/2026-07-01"},
        {"release_on": "2026-07/2026-08"},
        {"release_on": "2026-04-01"},
        *({"release_on": text} for text in ("20260715", "2026-W30-1", "2026-07-15T00", "2026-7-15", "2026-07 ")),
        {"release_on": "9999-12-31"},
        {"release_on": "0001-01-01"},
        {"opens_at": "yesterday"},
        {"opens_at": "9999-12-31T23:59:59Z"},
        {"opens_at": "2026-07-20T00:00:00Z"},
        {"closes_at": "2026-05-03T09:00:00Z"},
        {"early_access": {"opens_at": "2026-06-01T00:00:00Z", "tiers": ["gold"]}},
        {"deposit": {"amount": 10_000, "currency": "EUR"}},
        {"deposit": {"amount": 100, "currency": "ILS"}},
        {"capacity": 0},
        {"capacity": "endless"},
        {"limit_per_customer": 0},
        {"limit_per_custommer": 2},
        {"kind": "lottery"},
        {"price": {"amount": -1, "currency": "EUR"}},
    ],
)
def test_a_campaign_that_cannot_be_is_400_and_says_why(sales: Sales, terms: dict[str, Any]) -> None:
    status, detail = put(sales, **terms)

    assert status == 400
    assert next(iter(terms)) in detail
    assert sales.asks("GET", f"/v1/campaigns/{LAMP}", scopes=OPS)[0] == 404


def test_a_kit_has_no_campaign(sales: Sales) -> None:
    sales.shop.counts("BASE", 3)
    kit = variant("SET", 1, components=[{"sku": "BASE", "quantity": 2}])
    sales.world.send("StockProducts", product_changed("set", 1, kit))
    sales.world.settle()

    status, detail = put(sales, "SET")

    assert (status, detail.partition(",")[0]) == (409, "SET is a kit")


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("2026-07-15", "2026-07-15"),
        ("2026-02", "2026-02-28"),
        ("2028-02", "2028-02-29"),
        ("2026-12", "2026-12-31"),
        ("2026-07-01/2026-07-15", "2026-07-15"),
    ],
)
def test_the_last_day_of_a_release_is_promised(said: str, ends: str) -> None:
    assert last_day(said) == ends


def test_capacity_is_shared_and_taken_to_the_last_unit() -> None:
    assert shares(10, 8) == [2, 2, 1, 1, 1, 1, 1, 1]
    counters = [Counter(number, units, 0, 0) for number, units in enumerate(shares(10, 8))]
    assert split(2, counters) == {0: 2}
    assert sum(split(10, counters).values()) == 10
    with pytest.raises(ValueError, match="11"):
        split(11, counters)
