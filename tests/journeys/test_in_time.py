"""What happens by itself as days pass, and what an operator's word changes, on the deployed stack."""

from datetime import UTC, datetime, time, timedelta

import httpx
import pytest

from infra.local.client import Client, awaited, stock_level
from tests.journeys.conftest import MovingClock

pytestmark = pytest.mark.local_aws


def test_an_entry_that_ends_gets_a_last_notice_and_an_unconfirmed_one_is_forgotten(
    client: Client, clock: MovingClock, sku: str
) -> None:
    client.level(sku, 0)
    awaited(lambda: client.sellable(sku) == 0, what=f"{sku} sold out")
    ends, unanswered = f"ends.{sku}@example.com".lower(), f"unanswered.{sku}@example.com".lower()
    last_day = (clock.now() + timedelta(days=2)).date()
    client.enter(ends, sku, until=last_day.isoformat())
    began = client.sent()
    client.join(unanswered, sku)
    awaited(lambda: client.mails(began, to=unanswered), what="the confirmation", seconds=60)
    awaited(lambda: client.waiting(sku)["waiting"] == 1, what="one waiting, one unconfirmed")
    assert client.waiting(sku)["unconfirmed"] == 1

    noticed = client.sent()
    # The notice leaves 25 hours after the last day and is valid for a day. At some hours of the day, a whole number of
    # days from now would miss it.
    over = datetime.combine(last_day, time(), UTC) + timedelta(days=1)
    clock.reach(over + timedelta(hours=25, minutes=1))
    client.send("WaitlistSweeps", [{"sweep": "due"}])
    (mail,) = awaited(lambda: client.mails(noticed, to=ends), what="the last notice", seconds=60)
    assert sku in client.text(mail)
    awaited(lambda: client.waiting(sku)["waiting"] == 0, what="the ended entry out of line", seconds=60)

    clock.advance(days=10)
    client.send("WaitlistSweeps", [{"sweep": "due"}])
    awaited(lambda: client.waiting(sku)["unconfirmed"] == 0, what="the unconfirmed entry forgotten", seconds=60)
    client.level(sku, 5)
    awaited(lambda: client.sellable(sku) == 5, what=f"{sku} back")
    assert {mail.to for mail in client.mails(noticed) if mail.to in {ends, unanswered}} == {ends}


def test_describing_a_location_and_setting_aside_safety_stock_recount_the_skus(client: Client, sku: str) -> None:
    shelf = f"shelf-{sku.lower()}"
    now = client.now()
    client.send("StockUpdates", [stock_level(sku, 3, now), stock_level(sku, 4, now, shelf)])
    awaited(lambda: client.sellable(sku) == 7, what="both locations counted")

    described = {"type": "location.upserted", "location_id": shelf, "kind": "store", "sells_online": False}
    more = {"ships_orders": False, "name": "Harbour Street", "as_of": now.isoformat(timespec="seconds")}
    client.send("StockUpdates", [described | more])
    awaited(lambda: client.sellable(sku) == 3, what="the shop's shelf not sold online", seconds=60)

    merged = client.settings(f"sku:{sku}", safety_stock=2)
    assert merged["safety_stock"] == 2
    awaited(lambda: client.sellable(sku) == 1, what="safety stock set aside", seconds=60)


def test_who_follows_a_link_after_its_time_is_told_so(client: Client, clock: MovingClock, sku: str) -> None:
    client.level(sku, 0)
    awaited(lambda: client.sellable(sku) == 0, what=f"{sku} sold out")
    email = f"late.{sku}@example.com".lower()
    began = client.sent()
    client.join(email, sku)
    (mail,) = awaited(lambda: client.mails(began, to=email), what="the confirmation", seconds=60)
    link = client.link(mail, "confirm")
    looked, shown = client.http.head(f"{link})."), client.http.get(f"{link}).")
    assert (looked.status_code, shown.status_code, looked.content) == (httpx.codes.OK, httpx.codes.OK, b"")
    for answer in (looked, shown):
        assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")

    clock.advance(days=8)
    assert client.http.get(link, headers={"Accept": "text/html"}).status_code == httpx.codes.GONE
    assert client.http.post(link).status_code == httpx.codes.GONE
    assert client.waiting(sku)["waiting"] == 0
