"""Customers who are erased: what the table Preorders still says of them, and until when (promise 8)."""

from collections.abc import Mapping
from typing import Any

import pytest
from standby.platform.address import address_key, mailbox_key
from standby.platform.clock import to_text
from standby.preorder import erasing, erasure_repository, items
from standby.preorder.service import digest

from tests.promises.preorder_checks import adds_up, everything_was_told, reservations
from tests.promises.shop import Shop
from tests.standby.preorder.line import WaitingLine
from tests.standby.preorder.sales import LAMP, Sales
from tests.world import World

ANN = "ann@example.org"


def erased(sales: Sales, email: str = ANN, at: str = "") -> None:
    """Erase somebody, and let all follow from it."""
    detail = {"id": "e", "at": at or to_text(sales.world.clock.now()), "address": address_key(email)}
    sales.world.send("PreorderRecords", {"source": "standby", "detail-type": "CustomerErased", "detail": detail})
    sales.world.settle()
    sales.world.wait(minutes=2)


def kept(sales: Sales) -> str:
    """Return all that the table has."""
    return str(list(sales.world.memory.tables["Preorder"].every()))


def limit_names(sales: Sales) -> set[str]:
    """Return the names of limits that reservations have."""
    return {name for each in reservations(sales.world) for line in each.every_line for name in line.limits}


def ends(sales: Sales, how: str, made: str) -> None:
    """End a confirmed reservation."""
    at = to_text(sales.world.clock.now())
    order: Mapping[str, Any] = {"order_id": "O-1", "as_of": at}
    if how == "cancelled":
        sales.does(made, "cancel")
    else:
        sales.world.send(
            "OrderUpdates",
            {**order, "type": "order.placed", "reservation_ids": [made], "lines": [_line(LAMP)]},
        )
        sales.world.settle()
        sales.world.send("OrderUpdates", {**order, "type": "order.shipped", "occurred_at": at})
    sales.world.settle()


def _line(sku: str) -> Mapping[str, Any]:
    return {"line_id": "1", "sku": sku, "quantity": 1}


@pytest.mark.parametrize("how", ["cancelled", "fulfilled"])
def test_an_ended_reservation_is_nobodys_any_more_once_its_customer_is_erased(sales: Sales, how: str) -> None:
    sales.opens(limit_per_customer=2)
    made = sales.holds("1", email=ANN, customer={"tier": "gold"})
    sales.does(made, "confirm", {"paid": True})
    ends(sales, how, made)

    erased(sales)

    assert ANN not in kept(sales)
    assert limit_names(sales) == set()
    assert sales.reservation(made)["status"] == how
    adds_up(sales.world)


@pytest.mark.parametrize("how", ["cancelled", "fulfilled"])
def test_a_living_reservation_keeps_what_its_order_needs_until_it_ends(sales: Sales, how: str) -> None:
    sales.opens(limit_per_customer=2)
    made = sales.holds("1", email=ANN, customer={"tier": "gold"})
    sales.does(made, "confirm", {"paid": True})

    erased(sales)

    (known,) = reservations(sales.world)
    assert (known.customer and known.customer.email, known.customer and known.customer.tier) == (ANN, None)

    ends(sales, how, made)

    assert ANN not in kept(sales)
    assert limit_names(sales) == set()
    assert sales.reservation(made)["status"] == how
    adds_up(sales.world)
    everything_was_told(sales.world)


def test_who_was_erased_and_whose_pre_order_the_shop_cancels_is_told_so_before_being_forgotten(sales: Sales) -> None:
    sales.opens()
    sales.does(sales.holds("1", email=ANN), "confirm")
    erased(sales)

    for what in ("cancel", "cancellation/approve"):
        sales.asks("POST", f"/v1/campaigns/{LAMP}/{what}", scopes="ops")
    sales.world.settle()

    assert [mail.subject for mail in sales.world.mails if mail.email == ANN][-1].startswith("We had to cancel")
    assert ANN not in kept(sales)


def test_why_somebody_was_put_in_front_is_forgotten_with_them(sales: Sales) -> None:
    sales.opens()
    made = sales.holds("1", email=ANN)
    sales.does(made, "confirm")
    path = f"/v1/reservations/{made}/prioritise"
    assert sales.asks("POST", path, {"reason": "Ann called twice"}, scopes="ops")[0] == 200
    sales.does(made, "cancel")
    sales.world.settle()

    erased(sales)

    assert "Ann called" not in kept(sales)


def test_others_and_who_comes_again_after_the_erasure_keep_their_reservations(sales: Sales) -> None:
    sales.opens()
    for key, email in (("1", ANN), ("2", "ben@example.org")):
        sales.does(sales.holds(key, email=email), "cancel")
    at = to_text(sales.world.clock.now())
    sales.world.clock.advance(seconds=1)
    sales.does(sales.holds("3", email=ANN), "cancel")

    erased(sales, at=at)

    known = {each.reservation_id: each.customer and each.customer.email for each in reservations(sales.world)}
    assert sorted(map(str, known.values())) == ["None", ANN, "ben@example.org"]


def test_a_reservation_that_was_being_made_while_its_customer_was_erased_is_found(sales: Sales) -> None:
    sales.opens()
    at = to_text(sales.world.clock.now())
    detail = {"id": "e", "at": at, "address": address_key(ANN)}
    sales.world.send("PreorderRecords", {"source": "standby", "detail-type": "CustomerErased", "detail": detail})
    sales.world.settle()

    sales.does(sales.holds("1", email=ANN), "cancel")
    sales.world.wait(minutes=2)

    assert ANN not in kept(sales)


def test_the_table_is_gone_through_in_pages(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure_repository, "SCAN_PAGE", 3)
    sales.opens()
    for number in range(7):
        sales.does(sales.holds(str(number), email=ANN if number % 2 else ""), "cancel")
    seen = []
    former = sales.world.tap

    def tap(service: str, operation: str, parameters: Mapping[str, Any], make: Any) -> Any:
        answer = former(service, operation, parameters, make)
        if operation == "Scan":
            seen.append(answer["ScannedCount"])
        return answer

    sales.world.tap = tap
    erased(sales)

    assert ANN not in kept(sales)
    assert len(seen) > 5
    assert max(seen) == 3
    assert sum(each.customer is not None for each in reservations(sales.world)) == 4


def test_an_offer_that_is_over_names_nobody_once_its_customer_is_erased(world: World) -> None:
    line = WaitingLine(Shop(world))
    line.begins(2)
    line.shop.counts(LAMP, 1)
    line.declines("w0")
    key = address_key("w0@example.org")
    assert key in kept(line)

    line.hears("CustomerErased", id="e", at=to_text(line.world.clock.now()), address=key)
    line.world.wait(minutes=2)

    assert key not in kept(line)
    assert line.looks("w0") == ("declined", None)
    assert line.answers("w0", html=True)[0] == 200


def test_who_was_invited_early_is_invited_no_more_once_erased(sales: Sales) -> None:
    key = address_key(ANN)
    sales.world.send(
        "PreorderAllocations", {"early": LAMP, "number": 1, "until": "2026-06-01T00:00:00Z", "addresses": [key]}
    )
    sales.world.settle()
    assert items.invited_partition(key) in kept(sales)

    erased(sales)

    assert key not in kept(sales)


def test_a_message_about_an_erasure_that_says_no_instant_is_poison(sales: Sales) -> None:
    sales.world.send("PreorderRecords", {"erase": address_key(ANN)})
    sales.world.settle()

    (letter,) = sales.world.queues["PreorderDeadLetters"]
    assert "erase" in str(letter)


def test_the_limit_itself_stays_under_a_name_that_no_reservation_has(sales: Sales) -> None:
    sales.opens(limit_per_customer=1)
    made = sales.holds("1", email=ANN)
    sales.does(made, "confirm")
    ends(sales, "fulfilled", made)

    erased(sales)

    assert digest(f"{LAMP}#1#mailbox#{mailbox_key(ANN)}") in kept(sales)
    assert sales.reserves("2", email=ANN)[0] == 409


def test_the_first_page_waits_longer_than_a_request_may_take() -> None:
    assert erasing.BEGINS_AFTER_SECONDS > 15
