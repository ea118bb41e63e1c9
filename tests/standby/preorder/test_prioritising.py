"""Operators that put a reservation in front of the line: an exception, with who made it and why."""

from collections.abc import Callable
from typing import Any

import pytest
from standby.preorder.cancellation_repository import CancellationRepository
from standby.preorder.repository import ChangedMeanwhileError, PreorderRepository

from tests.promises.preorder_checks import adds_up, everything_was_told
from tests.promises.shop import OPS
from tests.standby.preorder.sales import LAMP, Sales
from tests.standby.preorder.test_promising import JULY, days, in_line, orders

REASON = "She was promised the first one on the telephone"
VASE = "VASE-BLUE"


def prioritises(sales: Sales, reservation_id: str, reason: str = REASON) -> Any:
    """Put a reservation in front, let everything run, and return status and answer."""
    path = f"/v1/reservations/{reservation_id}/prioritise"
    made = sales.asks("POST", path, {"reason": reason}, scopes=OPS)
    sales.world.wait(seconds=20)
    return made


def line(sales: Sales, sku: str = LAMP, after: str | None = None) -> Any:
    """Return a page of the line."""
    query = None if after is None else {"after": after}
    status, page = sales.world.request("preorder_api", "GET", f"/v1/campaigns/{sku}/line", query=query, scopes=OPS)
    assert status == 200, page
    return page


def order(sales: Sales, sku: str = LAMP) -> list[str]:
    return [place["reservation_id"] for place in line(sales, sku)["items"]]


def allocated(sales: Sales, made: list[str]) -> list[int]:
    return [sales.reservation(each)["lines"][0]["allocated"] for each in made]


def test_goods_go_first_to_who_was_put_in_front_and_it_is_kept_who_did_it_and_why(sales: Sales) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1, 1, 1)

    status, shown = prioritises(sales, made[2])

    assert (status, shown["status"]) == (200, "confirmed")
    assert (shown["prioritised"]["reason"], shown["prioritised"]["by"]) == (REASON, "test (key)")
    assert sales.reservation(made[2])["prioritised"] == shown["prioritised"]
    assert sales.reservation(made[0])["prioritised"] is None
    sales.shop.counts(LAMP, 2)
    assert allocated(sales, made) == [1, 0, 1]
    sales.shop.counts(LAMP, 3)
    assert allocated(sales, made) == [1, 1, 1]
    assert line(sales) == {"items": [], "next": None}
    adds_up(sales.world)
    everything_was_told(sales.world)


def test_who_was_put_in_front_before_stays_in_front_and_asking_again_changes_nothing(sales: Sales) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1, 1, 1)
    first = prioritises(sales, made[2])
    sales.world.clock.advance(seconds=60)
    prioritises(sales, made[1], "so was he")
    assert order(sales) == [made[2], made[1], made[0]]
    assert prioritises(sales, made[2], "another reason") == first
    assert order(sales) == [made[2], made[1], made[0]]


def test_a_place_in_front_keeps_what_was_given_and_goes_when_its_reservation_ends(sales: Sales) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1, 3, 2)
    sales.shop.counts(LAMP, 2)
    assert allocated(sales, made) == [1, 1, 0]

    prioritises(sales, made[2])

    assert [(place["units"], place["prioritised"]) for place in line(sales)["items"]] == [(2, True), (2, False)]
    sales.shop.counts(LAMP, 3)
    assert allocated(sales, made) == [1, 1, 1]
    sales.does(made[2], "cancel")
    sales.world.settle()
    assert allocated(sales, made)[1] == 2
    assert order(sales) == [made[1]]
    adds_up(sales.world)


def test_a_hold_is_put_in_front_and_its_order_is_served_first(sales: Sales) -> None:
    sales.opens(capacity=10)
    before = in_line(sales, 1)
    held = sales.holds("held")
    assert prioritises(sales, held)[1]["status"] == "held"
    assert [(place["confirmed"], place["prioritised"]) for place in line(sales)["items"]] == [
        (False, True),
        (True, False),
    ]
    sales.shop.counts(LAMP, 1)
    assert allocated(sales, [*before, held]) == [0, 0]
    sales.does(held, "confirm")
    sales.world.settle()
    assert allocated(sales, [*before, held]) == [0, 1]


def test_all_lines_of_a_reservation_are_put_in_front(sales: Sales) -> None:
    sales.opens(capacity=10)
    sales.opens(VASE, capacity=10)
    others = [sales.holds("lamp"), sales.holds("vase", VASE)]
    for each in others:
        sales.does(each, "confirm")
    lines = [{"sku": LAMP, "quantity": 1}, {"sku": VASE, "quantity": 2}]
    customer = {"email": "both@example.org", "locale": "en"}
    both = sales.asks("POST", "/v1/reservations", {"lines": lines, "customer": customer}, key="both")[1]["id"]
    sales.does(both, "confirm")
    prioritises(sales, both)
    assert (order(sales), order(sales, VASE)) == ([both, others[0]], [both, others[1]])


def test_who_is_passed_is_promised_the_later_delivery(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 1, "2026-07-01", "P-1")
    orders(sales, 1, "2026-08-20", "P-2")
    sales.opens(capacity="incoming", release_on=JULY)
    made = in_line(sales, 1, 1)
    assert days(sales, made) == [JULY, "2026-08-20"]

    prioritises(sales, made[1])

    assert days(sales, made) == ["2026-08-20", JULY]
    everything_was_told(sales.world)


def test_what_waits_for_nothing_is_not_put_in_front(sales: Sales) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1, 1)
    sales.shop.counts(LAMP, 1)
    sales.does(made[1], "cancel")
    for each in made:
        status, problem = prioritises(sales, each)
        assert (status, problem["type"].rpartition("/")[2]) == (409, "not-in-line")
    assert prioritises(sales, "0" * 32)[0] == 404


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x" * 501}, {"reason": "a\nb"}, {"reason": 1}])
def test_an_exception_needs_a_reason(sales: Sales, body: Any) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1)
    path = f"/v1/reservations/{made[0]}/prioritise"
    assert sales.asks("POST", path, body, scopes=OPS)[0] == 400
    assert sales.reservation(made[0])["prioritised"] is None


def test_only_operators_make_exceptions_and_look_at_lines(sales: Sales) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1)
    path = f"/v1/reservations/{made[0]}/prioritise"
    assert sales.asks("POST", path, {"reason": REASON})[0] == 403
    assert sales.asks("GET", f"/v1/campaigns/{LAMP}/line")[0] == 403


def test_a_line_is_shown_in_pages_without_addresses(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.preorder.repository.LINE_PAGE", 2)
    sales.opens(capacity=10)
    made = in_line(sales, 1, 1, 2)
    first = line(sales)
    rest = line(sales, after=first["next"])
    assert [place["reservation_id"] for place in (*first["items"], *rest["items"])] == made
    assert (rest["next"], rest["items"][0]["units"], rest["items"][0]["promised_until"]) == (None, 2, JULY)
    assert "@" not in str(first)
    path, query = f"/v1/campaigns/{LAMP}/line", {"after": "é" * 501}
    assert sales.world.request("preorder_api", "GET", path, query=query, scopes=OPS)[0] == 400


def test_the_request_that_reserved_is_answered_as_it_was(sales: Sales) -> None:
    sales.opens(capacity=10)
    before = sales.reserves("twice")
    prioritises(sales, before[1]["id"])
    assert sales.reserves("twice") == before


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen between the read of a reservation and the write of its place in front."""
    acts = iter([act])
    transact = PreorderRepository.reservation

    def reads(self: PreorderRepository, reservation_id: str) -> Any:
        known = transact(self, reservation_id)
        for each in acts:
            each()
        return known

    monkeypatch.setattr(PreorderRepository, "reservation", reads)


def test_units_given_at_the_same_moment_are_not_forgotten(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1, 3)
    meanwhile(monkeypatch, lambda: sales.shop.counts(LAMP, 2))
    status, shown = prioritises(sales, made[1])
    assert (status, shown["lines"][0]["allocated"], line(sales)["items"][0]["units"]) == (200, 1, 2)
    adds_up(sales.world)


def test_a_reservation_that_ends_at_the_same_moment_takes_no_place(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1)
    meanwhile(monkeypatch, lambda: sales.does(made[0], "cancel"))
    assert prioritises(sales, made[0])[0] == 409
    assert order(sales) == []


def test_changes_all_the_time_are_said_to_be_so(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1)

    def contended(*_: object) -> bool:
        raise ChangedMeanwhileError

    monkeypatch.setattr("standby.preorder.priority_repository.PriorityRepository.put_in_front", contended)
    assert prioritises(sales, made[0])[0] == 503


def test_nobody_passes_who_was_put_in_front_also_where_a_campaign_fills(sales: Sales) -> None:
    sales.shop.counts(LAMP, 0)
    orders(sales, 30, "2026-07-10")
    sales.opens(capacity=30, allocation="fill")
    made = in_line(sales, 10, 1)
    prioritises(sales, made[0])
    sales.shop.counts(LAMP, 1)
    assert allocated(sales, made) == [1, 0]


def test_who_was_put_in_front_is_the_last_to_lose_units_that_are_missing(sales: Sales) -> None:
    sales.opens(capacity=5)
    made = in_line(sales, 1, 1, 1, 1)
    prioritises(sales, made[3])
    sales.world.clock.advance(seconds=60)
    prioritises(sales, made[2])
    sales.shop.counts(LAMP, 4)
    for left, given in ((3, [1, 0, 1, 1]), (2, [0, 0, 1, 1]), (1, [0, 0, 0, 1])):
        sales.shop.counts(LAMP, left)
        sales.world.wait(minutes=12)
        assert allocated(sales, made) == given
    adds_up(sales.world)


def approves(sales: Sales) -> None:
    for what in ("cancel", "cancellation/approve"):
        assert sales.asks("POST", f"/v1/campaigns/{LAMP}/{what}", scopes=OPS)[0] == 200


def test_nobody_is_put_in_front_of_a_line_that_is_being_cancelled(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("standby.preorder.repository.LINE_PAGE", 2)
    sales.opens(capacity=10)
    made = in_line(sales, 1, 1, 1)
    approves(sales)
    sales.world.deliver("PreorderRecords", most=1)
    status, problem = prioritises(sales, made[2])
    assert (status, problem["type"]) == (409, "/problems/being-cancelled")
    sales.world.wait(minutes=2)
    assert {sales.reservation(each)["status"] for each in made} == {"cancelled"}


def test_a_line_that_is_cancelled_at_the_same_moment_lets_nobody_to_its_front(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.opens(capacity=10)
    made = in_line(sales, 1, 1)
    found = CancellationRepository.cancellation
    acts = iter([lambda: approves(sales)])

    def reads(self: CancellationRepository, sku: str) -> Any:
        known = found(self, sku)
        for each in acts:
            each()
        return known

    monkeypatch.setattr(CancellationRepository, "cancellation", reads)
    assert prioritises(sales, made[1])[1]["type"] == "/problems/being-cancelled"
    assert {sales.reservation(each)["status"] for each in made} == {"cancelled"}


def test_a_campaign_that_follows_a_cancelled_one_has_a_front_again(sales: Sales) -> None:
    sales.opens(capacity=10)
    in_line(sales, 1)
    approves(sales)
    sales.world.wait(minutes=2)
    sales.opens(capacity=10)
    made = [sales.holds(f"again-{number}") for number in range(2)]
    assert prioritises(sales, made[1])[0] == 200
    assert order(sales) == [made[1], made[0]]
