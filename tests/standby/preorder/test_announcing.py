"""What others are told of campaigns: soon, seldom, and never more than remains."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.preorder.model import FEW, coarse, worth_telling

from tests.promises.shop import OPS
from tests.promises.unruly import searching
from tests.standby.preorder.sales import LAMP, PRICE, Sales


def told(sales: Sales) -> list[dict[str, Any]]:
    """Let everything run and return what was told of campaigns."""
    sales.world.wait(seconds=2)
    return sales.told("CampaignChanged")


def test_an_opened_changed_and_closed_campaign_is_told(sales: Sales) -> None:
    sales.opens(capacity=40, limit_per_customer=2, early_access={"opens_at": "2026-05-01T09:00:00Z", "tiers": ["gold"]})
    (opened,) = told(sales)
    sales.opens(capacity=40, release_on="2026-08", closes_at="2026-07-01T00:00:00Z")
    changed = told(sales)[-1]
    sales.asks("POST", f"/v1/campaigns/{LAMP}/close", scopes=OPS)
    closed = told(sales)[-1]

    assert opened == {
        "version": 1,
        "id": f"{LAMP}@1:CampaignChanged",
        "at": opened["at"],
        "sku": LAMP,
        "edition": 1,
        "kind": "preorder",
        "opens_at": "2026-05-03T10:00:00.000Z",
        "closes_at": "2026-07-16T12:00:00.000Z",
        "early_opens_at": "2026-05-01T09:00:00.000Z",
        "release_on": "2026-07-15",
        "promised_until": "2026-07-15",
        "price": PRICE,
        "remaining": 32,
        "limit_per_customer": 2,
        "number": 1,
        "early_for_waitlist": False,
    }
    assert (changed["edition"], changed["promised_until"]) == (2, "2026-08-31")
    assert changed["closes_at"] == "2026-07-01T00:00:00.000Z"
    assert closed["closes_at"] < changed["closes_at"], "it closed before its time"


def test_each_of_few_units_is_told_and_many_in_steps(sales: Sales) -> None:
    sales.opens(capacity=60)
    told(sales)
    seen = []
    for number in range(60):
        sales.holds(f"c{number}")
        if number % 5 == 0 or number > 44:
            seen.append((told(sales)[-1]["remaining"], sales.campaign()["remaining"]))

    assert all(remaining <= left for remaining, left in seen), seen
    assert seen[-5:] == [(4, 4), (3, 3), (2, 2), (1, 1), (0, 0)]
    assert len(sales.told("CampaignChanged")) < 20


def test_what_ends_is_told_at_once_where_nothing_remained(sales: Sales) -> None:
    sales.opens(capacity=1)
    assert told(sales)[-1]["remaining"] == 1
    held = sales.holds("ana")
    assert told(sales)[-1]["remaining"] == 0
    sales.does(held, "cancel")
    assert told(sales)[-1]["remaining"] == 1
    sales.holds("ben")
    assert told(sales)[-1]["remaining"] == 0
    sales.world.wait(minutes=16)
    assert told(sales)[-1]["remaining"] == 1, "the hold expired"


def test_many_at_once_ask_for_one_look(sales: Sales) -> None:
    sales.opens(capacity=50)
    told(sales)
    for number in range(30):
        sales.holds(f"c{number}")
    looks = [message for message in sales.world.queues["PreorderRecords"] if '"campaign"' in message.body]
    assert len(looks) == 1
    assert told(sales)[-1]["remaining"] == 16, "20 remain"


def test_a_campaign_that_follows_incoming_goods_tells_no_number(sales: Sales) -> None:
    sales.opens(capacity="incoming")
    assert "remaining" not in told(sales)[-1]
    assert len(told(sales)) == 1


def test_what_nobody_told_is_told_by_the_sweep(sales: Sales) -> None:
    sales.opens(capacity=9)
    sales.world.queues["PreorderRecords"].clear()
    assert sales.told("CampaignChanged") == []
    sales.world.wait(minutes=1)
    assert [each["remaining"] for each in sales.told("CampaignChanged")] == [9]
    sales.world.wait(minutes=3)
    assert len(sales.told("CampaignChanged")) == 1, "and not again"


def test_all_campaigns_are_told_anew_in_pages(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.preorder.repository.CAMPAIGNS_PAGE", 2)
    skus = [f"LAMP-{number}" for number in range(5)]
    for sku in skus:
        sales.opens(sku)
    told(sales)
    sales.world.send("PreorderRecords", {"retell": "campaigns"})
    sales.world.settle()
    anew = sales.told("CampaignChanged")[5:]
    assert sorted(each["sku"] for each in anew) == skus
    assert {each["edition"] for each in anew} == {2}


@searching(examples=40, steps=1)
@given(path=st.lists(st.integers(0, 100), max_size=40))
def test_what_is_told_is_never_more_than_remains_and_of_few_never_less(path: list[int]) -> None:
    shown: int | None = None
    for remaining in path:
        if worth_telling(shown, remaining):
            shown = coarse(remaining)
        assert shown is not None
        assert shown <= remaining
        assert remaining > FEW or shown == remaining
        assert 2 * shown >= remaining or remaining < 2 * max(shown, FEW), (shown, remaining)


def test_some_that_come_and_go_at_a_step_are_told_once() -> None:
    shown, told_times = 12, 0
    for remaining in [11, 12, 13] * 20:
        if worth_telling(shown, remaining):
            shown, told_times = coarse(remaining), told_times + 1
    assert told_times == 1
