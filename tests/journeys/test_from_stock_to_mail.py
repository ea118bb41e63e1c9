"""From an ERP message to the mails of those who wait: the promises of design §2, on the deployed stack."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.local.client import Client, awaited, awaited_calm, stock_level
from infra.local.replay import in_parallel
from tests.journeys.conftest import MovingClock, Restocks

pytestmark = pytest.mark.local_aws

CALM = timedelta(seconds=3)
HOUR = 3_600


def sell_out(client: Client, sku: str) -> None:
    client.level(sku, 0)
    awaited(lambda: client.sellable(sku) == 0, what=f"{sku} sold out", seconds=60)


def enter_many(client: Client, sku: str, count: int, *more: str) -> None:
    emails = [*(f"{index}.{sku}@example.com".lower() for index in range(count)), *more]
    in_parallel(lambda email: client.enter(email, sku), emails)
    awaited(lambda: client.waiting(sku)["waiting"] == len(emails), what=f"{len(emails)} waiting", seconds=60)


def told(client: Client, since: int, seconds: float = 180) -> list[str]:
    """Return the addresses mailed since then, once no more mails come."""
    total = awaited_calm(client.sent, calm=CALM, what="mails", seconds=seconds)
    mails = client.mails(since)
    assert len(mails) == total - since
    return [mail.to for mail in mails]


def feedback(kind: str, part: str, **detail: Any) -> dict[str, Any]:
    """Return what the default bus hands to the feedback queue when SES speaks of an address."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = {"feedbackId": f"f-{detail}", "timestamp": at, **detail}
    return {"source": "aws.ses", "detail-type": kind, "detail": {"eventType": part, part: said, "mail": {}}}


@pytest.mark.promise("P2")
def test_two_people_sign_up_confirm_and_are_told_when_the_erp_delivers(client: Client, sku: str) -> None:
    sell_out(client, sku)
    people = {f"dana.{sku}@example.com".lower(): "en", f"noa.{sku}@example.com".lower(): "he"}
    began = client.sent()
    for email, locale in people.items():
        client.join(email, sku, locale=locale)
    for email in people:
        (mail,) = awaited(lambda to=email: client.mails(began, to=to), what=f"a confirmation to {email}", seconds=60)  # type: ignore[misc]
        client.press(client.link(mail, "confirm"))
    assert awaited(lambda: client.waiting(sku)["waiting"] == len(people), what="both waiting")

    arrived = client.sent()
    client.level(sku, 12)
    for email in people:
        awaited(lambda to=email: client.mails(arrived, to=to), what=f"the mail to {email}", seconds=60)  # type: ignore[misc]

    assert sorted(told(client, arrived)) == sorted(people)
    hebrew = next(mail for mail in client.mails(arrived) if people[mail.to] == "he")
    assert any("\u0590" <= letter <= "\u05ff" for letter in hebrew.subject)
    assert sku in client.text(hebrew)
    awaited(lambda: client.waiting(sku)["told"] == len(people), what="both recorded as told")
    assert client.waiting(sku)["waiting"] == 0


@pytest.mark.promise("P11")
def test_opening_a_link_changes_nothing_until_its_button_is_pressed(client: Client, sku: str) -> None:
    sell_out(client, sku)
    began = client.sent()
    client.join(f"scanned.{sku}@example.com".lower(), sku)
    (mail,) = awaited(lambda: client.mails(began), what="the confirmation", seconds=60)
    link = client.link(mail, "confirm")

    page = client.http.get(link, headers={"Accept": "text/html"})
    assert page.status_code == httpx.codes.OK
    assert "<form" in page.text
    assert client.waiting(sku)["waiting"] == 0

    client.http.post(link, headers={"Accept": "text/html"}).raise_for_status()
    assert awaited(lambda: client.waiting(sku)["waiting"] == 1, what="confirmed by the button")


@pytest.mark.promise("P5")
def test_ten_units_tell_ten_of_a_thousand_and_the_next_wave_follows_a_recount(
    client: Client, sku: str, clock: MovingClock
) -> None:
    sell_out(client, sku)
    enter_many(client, sku, 1_000)
    began = client.sent()
    client.level(sku, 10)
    awaited(lambda: client.sent() - began >= 10, what="the first wave", seconds=60)
    first = told(client, began)
    assert len(first) == len(set(first)) == 10

    client.level(sku, 4)
    awaited(lambda: client.sellable(sku) == 4, what="six sold")
    client.send("WaitlistSweeps", [{"sweep": "due"}])
    assert told(client, began) == first

    clock.advance(seconds=HOUR + 60)
    client.send("WaitlistSweeps", [{"sweep": "due"}])
    awaited(lambda: client.sent() - began >= 14, what="the second wave", seconds=90)
    both = told(client, began)
    assert len(both) == len(set(both)) == 14
    awaited(lambda: client.waiting(sku)["told"] == 14, what="fourteen recorded as told")
    assert client.waiting(sku)["waiting"] == 986


@pytest.mark.promise("P2", "P9")
def test_a_refused_address_costs_nobody_else_the_mail(client: Client, sku: str) -> None:
    sell_out(client, sku)
    refused = f"refused+{sku}@simulator.amazonses.com".lower()
    enter_many(client, sku, 999, refused)
    began = client.sent()
    client.level(sku, 1_500)
    awaited(lambda: client.sent() - began >= 999, what="999 mails", seconds=180)
    people = told(client, began)
    assert len(people) == len(set(people)) == 999
    awaited(lambda: client.waiting(sku)["told"] == 999, what="999 recorded as told", seconds=60)
    counts = client.waiting(sku)
    # The local SES says that it rejects the message, which tells nothing about the address.
    assert {name: counts[name] for name in ("waiting", "refused")} == {"waiting": 1, "refused": 0}


@pytest.mark.promise("P8")
def test_the_unconfirmed_those_who_left_and_the_suppressed_get_nothing(client: Client, sku: str) -> None:
    sell_out(client, sku)
    people = {who: f"{who}.{sku}@example.com".lower() for who in ("silent", "leaving", "bounced", "annoyed", "patient")}
    began = client.sent()
    for who in ("silent", "leaving"):
        client.join(people[who], sku)
    for who in ("bounced", "annoyed", "patient"):
        client.enter(people[who], sku)
    (leaving,) = awaited(lambda: client.mails(began, to=people["leaving"]), what="the confirmation", seconds=60)
    client.press(client.link(leaving, "confirm"))
    # One click in the mail program (RFC 8058): a POST without any page before it.
    one_click = client.http.post(client.link(leaving, "leave"), data={"List-Unsubscribe": "One-Click"})
    one_click.raise_for_status()
    bounce = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": people["bounced"]}]}
    complaint = {"complainedRecipients": [{"emailAddress": people["annoyed"]}]}
    client.send("MailFeedback", [feedback("Email Bounced", "bounce", **bounce)])
    client.send("MailFeedback", [feedback("Email Complaint Received", "complaint", **complaint)])
    awaited(lambda: client.waiting(sku)["left"] == 1, what="one left")
    awaited(lambda: client.waiting(sku)["waiting"] == 1, what="only the patient one waits", seconds=60)

    restocked = client.sent()
    client.level(sku, 50)
    awaited(lambda: client.mails(restocked), what="the mail", seconds=60)
    assert told(client, restocked) == [people["patient"]]


@pytest.mark.promise("P3")
def test_a_flapping_level_makes_one_restock_and_tells_nobody_twice(
    client: Client, sku: str, restocks: Restocks
) -> None:
    client.settings(f"sku:{sku}", settle_seconds=4)
    sell_out(client, sku)
    enter_many(client, sku, 5)
    before = restocks.of(sku)
    began = client.sent()
    now = client.now()
    for step, on_hand in enumerate((5, 0, 5)):
        client.send("StockUpdates", [stock_level(sku, on_hand, now + timedelta(milliseconds=step))])
        awaited(lambda on_hand=on_hand: client.sellable(sku) == on_hand, what=f"{on_hand} sellable")  # type: ignore[misc]
    awaited(lambda: client.sent() - began >= 5, what="five mails", seconds=60)
    people = told(client, began)
    assert len(people) == len(set(people)) == 5
    assert len(restocks.of(sku)) - len(before) == 1
