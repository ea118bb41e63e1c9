"""Goods come for who ordered and for who waits: held, taken, passed on, on the deployed stack."""

import pytest

from infra.local.client import LINK, Client, Mail, awaited
from tests.journeys.conftest import MovingClock

pytestmark = [pytest.mark.local_aws, pytest.mark.promise("P1", "P5", "P11")]

ARRIVED, ORDERED, WAITING = 10, 8, 5
SECONDS = 60
HTML = {"Accept": "text/html"}


def names(sku: str) -> list[str]:
    return [f"waits-{number}-{sku.lower()}@example.com" for number in range(WAITING)]


def offers(client: Client, began: int, sku: str) -> dict[str, Mail]:
    """Return the newest mail about an offer to each customer, in the order of the first."""
    found = client.mails(began)
    return {mail.to: mail for mail in found if sku.lower() in mail.to and mail.subject.startswith("Set aside")}


def link(client: Client, mail: Mail) -> str:
    return next(each for each in LINK.findall(client.text(mail)) if "/v1/offers/" in each)


def queued(client: Client, sku: str) -> int:
    """Let customers wait for offers of a SKU that is sold out; return the number of the next mail."""
    client.settings(f"sku:{sku}", offer_hours=2)
    client.level(sku, 0)
    awaited(lambda: client.sellable(sku) == 0, what=f"{sku} sold out", seconds=SECONDS)
    began = client.sent()
    for email in names(sku):
        client.enter(email, sku)
    return began


def test_what_who_ordered_does_not_need_is_offered_in_order_and_passed_on(client: Client, sku: str) -> None:
    began = queued(client, sku)
    client.campaign(sku, capacity=50)
    made = [client.reserve(f"orders-{number}-{sku.lower()}", sku).json()["id"] for number in range(ORDERED)]
    for reservation_id in made:
        client.confirm(reservation_id)

    client.level(sku, ARRIVED)
    most = 0

    def two_are_offered() -> bool:
        nonlocal most
        most = max(most, client.sellable(sku) or 0, client.badges(sku)[0]["units_left"] or 0)
        return len(offers(client, began, sku)) == ARRIVED - ORDERED

    awaited(two_are_offered, what="two offered", seconds=SECONDS)
    assert {client.reservation(each)["status"] for each in made} == {"allocated"}
    first, second, third, *_ = names(sku)
    assert list(offers(client, began, sku)) == [first, second]
    taken, declined = (link(client, offers(client, began, sku)[email]) for email in (first, second))
    for _ in range(2):  # as scanners do, which change nothing
        assert client.http.get(taken, headers=HTML).status_code == 200
        assert client.http.head(declined, headers=HTML).status_code in {200, 404, 405}
    awaited(lambda: client.http.get(taken).json()["expires_at"], what="the offer's clock", seconds=SECONDS)

    assert client.http.post(f"{declined}/decline").json()["status"] == "declined"
    awaited(lambda: third in offers(client, began, sku), what="the next in line offered", seconds=SECONDS)
    accepted = client.http.post(f"{taken}/accept")
    assert (accepted.status_code, accepted.json()["status"]) == (201, "held")
    assert client.confirm(accepted.json()["id"])["status"] == "confirmed"
    assert client.http.post(f"{declined}/accept").status_code == 410
    assert most <= ARRIVED - ORDERED
    assert list(offers(client, began, sku)) == [first, second, third]
    stock = client.stock(sku) or {}
    assert (stock["owed"], stock["held"], stock["free"]) == (0, ARRIVED, 0)

    client.level(sku, ORDERED)  # nothing comes free for this list in other tests' time
    awaited(lambda: (client.stock(sku) or {})["free"] < 0, what="the rest gone", seconds=SECONDS)


def test_what_nobody_answers_is_passed_on_at_its_time(client: Client, clock: MovingClock, sku: str) -> None:
    began = queued(client, sku)
    client.level(sku, 1)
    first, second, *_ = names(sku)
    mail = awaited(lambda: offers(client, began, sku).get(first), what="the first offered", seconds=SECONDS)
    awaited(lambda: client.http.get(link(client, mail)).json()["expires_at"], what="its clock", seconds=SECONDS)

    clock.advance(hours=2, minutes=1)
    client.send("PreorderRecords", [{"sweep": "due"}])

    awaited(lambda: second in offers(client, began, sku), what="the next in line offered", seconds=SECONDS)
    assert client.http.post(f"{link(client, mail)}/accept", headers=HTML).status_code == 410
    client.level(sku, 0)
    awaited(lambda: (client.stock(sku) or {})["free"] < 0, what="the unit gone", seconds=SECONDS)
