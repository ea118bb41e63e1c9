"""From a campaign to "yours is here", and the last units wanted by many at once, on the deployed stack."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import httpx
import pytest

from infra.local.client import Client, awaited
from tests.linearizable import History, Units, faults

pytestmark = [pytest.mark.local_aws, pytest.mark.promise("P1", "P5")]

ARRIVED, ORDERED, WAITING = 10, 8, 5
CUSTOMERS, UNITS = 200, 50
SECONDS = 60
SLOW = pytest.mark.skipif(os.environ.get("STANDBY_PROOF") != "1", reason="the same with other counters: make proof")


def test_goods_that_come_go_to_who_ordered_and_what_is_left_to_who_waits(client: Client, sku: str) -> None:
    client.level(sku, 0)
    awaited(lambda: client.sellable(sku) == 0, what=f"{sku} sold out", seconds=SECONDS)
    began = client.sent()
    for number in range(WAITING):
        client.enter(f"waits-{number}-{sku.lower()}@example.com", sku)
    client.campaign(sku, capacity=50)
    made = [client.reserve(f"orders-{number}-{sku.lower()}", sku).json()["id"] for number in range(ORDERED)]
    for reservation_id in made:
        assert client.confirm(reservation_id)["status"] == "confirmed"

    client.level(sku, ARRIVED)
    most = 0

    def all_allocated() -> bool:
        nonlocal most
        most = max(most, client.sellable(sku) or 0, client.badges(sku)[0]["units_left"] or 0)
        return all(client.reservation(each)["status"] == "allocated" for each in made)

    awaited(all_allocated, what="all reservations allocated", seconds=SECONDS)
    awaited(lambda: client.waiting(sku)["told"] == ARRIVED - ORDERED, what="two told", seconds=SECONDS)
    assert most <= ARRIVED - ORDERED
    stock = client.stock(sku) or {}
    assert (stock["owed"], stock["held"], stock["free"]) == (0, ORDERED, ARRIVED - ORDERED)

    def subjects() -> Counter[str]:
        return Counter(mail.subject.partition(":")[0] for mail in client.mails(began) if sku.lower() in mail.to)

    awaited(
        lambda: subjects()["Yours is here"] >= ORDERED, what="everybody mailed whose unit is there", seconds=SECONDS
    )
    assert subjects()["Yours is here"] == ORDERED

    client.level(sku, ORDERED)  # or an hour later, by another test's clock, the next two of this list were told
    awaited(lambda: client.sellable(sku) == 0, what="the two sold", seconds=SECONDS)


@pytest.mark.parametrize(
    ("kind", "shards"),
    [
        ("checkout", 0),
        ("preorder", 8),
        pytest.param("preorder", 1, marks=SLOW),
        pytest.param("preorder", 32, marks=SLOW),
    ],
)
def test_many_customers_at_once_get_as_many_units_as_there_are(
    client: Client, sku: str, kind: Literal["preorder", "checkout"], shards: int
) -> None:
    if kind == "preorder":
        client.campaign(sku, capacity=UNITS, shards=shards)
    else:
        client.level(sku, UNITS)
        awaited(lambda: client.sellable(sku) == UNITS, what=f"{sku} in stock", seconds=SECONDS)
    history = History()

    def tries(number: int) -> int:
        """Ask until the answer is no "try again"; every tenth asks once more, as after a lost answer."""
        key = f"{kind}-{number}-{sku.lower()}"

        def ask() -> int:
            return history.reserve(lambda: _reserved(client.reserve(key, sku, kind=kind)), sku, key, customer=key)[0]

        status = awaited(lambda: (status := ask()) != 503 and status, what="an answer", seconds=SECONDS)
        return status if number % 10 else ask()

    with ThreadPoolExecutor(16) as many:
        answers = Counter(many.map(tries, range(CUSTOMERS)))

    assert answers == {201: UNITS, 409: CUSTOMERS - UNITS}
    stock = client.stock(sku) or {}
    assert stock["owed"] + stock["held"] == UNITS
    assert faults(history.calls, {sku: Units(UNITS)}) == []


def _reserved(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()
