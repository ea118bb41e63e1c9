"""Promises 2 and 3 for customers who change an entry while a mail about it is under way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.tokens import TokenKeys, Tokens
from standby.waitlist.model import MAIL_VALID, NOTICE_AFTER

from tests.fakes import HOURS
from tests.promises.shop import Shop
from tests.promises.witness import over

pytestmark = pytest.mark.promise("P2", "P3")

ANA = "ana@example.org"
TOKENS = Tokens(TokenKeys(current="a-key-of-the-test"))


def mine(shop: Shop, method: str, entry: str = "", **change: Any) -> Any:
    """Use the link to Ana's own entries, a second later."""
    shop.world.clock.advance(seconds=1)
    token = TOKENS.issue("mine", {"a": address_key(ANA)}, now=shop.world.clock.now(), lifetime=MAIL_VALID)
    path = f"/v1/waitlist/mine/{entry}".rstrip("/")
    status, answer = shop.world.request("waitlist_api", method, path, query={"token": token}, body=change or None)
    assert status == 200, answer
    return answer


def mail_under_way(shop: Shop, sku: str, on_hand: int) -> str:
    """Restock until the mail lies in its queue; return the id of Ana's entry."""
    shop.world.send("StockUpdates", shop.level(sku, on_hand))
    for queue in ("StockUpdates", "StockSettle", "WaitlistPlans", "WaitlistPlans"):
        shop.world._stream()
        shop.world.deliver(queue)
    assert shop.world.queues["MailBulk"]
    entry: str = mine(shop, "GET")["items"][0]["id"]
    return entry


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1)])
def test_the_units_wanted_stay_true_when_a_quantity_changes_under_way(shop: Shop, before: int, after: int) -> None:
    shop.counts("A", 0)
    shop.waits(ANA, "A", quantity=before)
    shop.waits("ben@example.org", "A", quantity=9)
    shop.world.settle()

    mine(shop, "PATCH", mail_under_way(shop, "A", 5), quantity=after)
    shop.world.settle()

    assert shop.told() == {ANA: 1}
    figures = shop.figures("A")
    assert (figures["waiting"], figures["units_wanted"], figures["told"]) == (1, 9, 1)


@pytest.mark.parametrize("first", ["MailBulk", "MailFeedback"])
def test_who_gives_up_one_of_several_skus_under_way_is_told_about_the_others(shop: Shop, first: str) -> None:
    for sku in ("A", "B", "C"):
        shop.counts(sku, 0)
    shop.waits(ANA, "A", "B", "C")
    shop.world.settle()

    mine(shop, "PATCH", mail_under_way(shop, "A", 5), skus=["B", "C"])
    assert shop.world.queues["MailFeedback"]
    shop.world.deliver(first)
    sent = {"MailBulk": 1, "MailFeedback": 0}[first]
    shop.world.settle()
    assert shop.told().get(ANA, 0) == sent, "stopped, unless it left before Mail heard"
    shop.counts("B", 5)
    shop.world.wait(hours=2)

    assert shop.told() == {ANA: sent + 1}
    assert shop.figures("C")["waiting"] == 0


def test_who_takes_a_sku_back_under_way_is_not_told_twice_about_one_restock(shop: Shop) -> None:
    shop.counts("A", 0)
    shop.counts("B", 0)
    shop.waits(ANA, "A")
    shop.world.settle()

    entry = mail_under_way(shop, "A", 5)
    mine(shop, "PATCH", entry, skus=["B"])
    mine(shop, "PATCH", entry, skus=["A"])
    shop.world.settle()
    shop.world.wait(hours=2)

    assert shop.told() == {ANA: 1}
    assert shop.figures("A")["waiting"] == 1


@pytest.mark.parametrize("starts_at", HOURS, ids=str)
def test_who_chooses_a_later_day_while_the_last_notice_is_under_way_goes_on_waiting(
    shop: Shop, starts_at: datetime
) -> None:
    last_notice_under_way(shop, starts_at)
    entry = mine(shop, "GET")["items"][0]["id"]
    mine(shop, "PATCH", entry, until=(shop.today() + timedelta(days=30)).isoformat())
    shop.world.settle()
    assert shop.figures("A")["waiting"] == 1

    shop.counts("A", 5)
    assert shop.figures("A")["told"] == 1


def test_who_asks_again_until_a_later_day_while_the_last_notice_is_under_way_goes_on_waiting_until_then(
    shop: Shop,
) -> None:
    last_notice_under_way(shop, HOURS[0])
    shop.waits(ANA, "A", until=(shop.today() + timedelta(days=60)).isoformat())
    shop.world.settle()
    for _ in range(4):
        shop.world.wait(days=10)

    assert shop.figures("A")["waiting"] == 1
    shop.counts("A", 5)
    assert shop.figures("A")["told"] == 1


@pytest.mark.parametrize("hours", [23, 25, 49, 6 * 24])
def test_who_could_not_be_given_the_last_notice_in_time_is_given_another(shop: Shop, hours: int) -> None:
    last_notice_under_way(shop, HOURS[0])
    for _ in range(hours):
        shop.world.clock.advance(hours=1)
        shop.world.send("WaitlistSweeps", {"sweep": "due"})
        shop.world.deliver("WaitlistSweeps")
    assert shop.figures("A")["waiting"] == 1, "closed while the notice may still be sent"

    shop.world.wait(minutes=2)
    shop.world.wait(minutes=2)
    assert len(shop.world.mails) == 1
    assert shop.figures("A")["waiting"] == 0


def last_notice_under_way(shop: Shop, starts_at: datetime) -> None:
    """Let somebody's last day pass, until the mail that says so waits in its queue."""
    shop.world.clock.at = starts_at
    shop.counts("A", 0)
    today = shop.today().isoformat()
    shop.waits(ANA, "A", until=today)
    shop.world.clock.at = over(today).astimezone(UTC) + NOTICE_AFTER
    shop.world.send("WaitlistSweeps", {"sweep": "due"})
    shop.world.deliver("WaitlistSweeps")
    assert shop.world.queues["MailBulk"]
