"""What an operator decides about who pre-ordered: who comes early, who comes first, and who is let go."""

from datetime import timedelta
from typing import Any

import pytest
from standby.platform.clock import to_text

from infra.local.client import Client, awaited

pytestmark = [pytest.mark.local_aws, pytest.mark.promise("P1", "P5", "P10", "P11")]

SECONDS = 60


def early_campaign(client: Client, sku: str, *, units: int) -> str:
    """Open a campaign that is closed to all for twenty days, and return the token of a link to it."""
    now = client.now()
    early = {"opens_at": now.isoformat(), "links": True}
    client.campaign(sku, capacity=5, opens_at=(now + timedelta(days=20)).isoformat(), early_access=early)
    link = client.http.post(f"/v1/campaigns/{sku}/links", headers=client.key, json={"units": units})
    assert link.status_code == 201, link.text
    return str(link.json()["token"])


def test_whoever_brings_a_link_pre_orders_before_the_campaign_opens(client: Client, sku: str) -> None:
    token = early_campaign(client, sku, units=1)
    asked = [{}, {"access_token": f"{token}x"}, {"access_token": token}, {"access_token": token}]
    answers = [client.reserve(f"vip-{number}-{sku.lower()}", sku, **more) for number, more in enumerate(asked)]
    assert [answer.status_code for answer in answers] == [409, 409, 201, 409]
    problems = [answer.json().get("type", "").rpartition("/")[2] for answer in answers]
    assert problems == ["campaign-closed", "access-unknown", "", "link-used-up"]


def test_who_is_put_in_front_is_served_first_and_the_others_are_let_go_once_nothing_comes_any_more(
    client: Client, sku: str
) -> None:
    product = {"type": "product.upserted", "product_id": sku, "title": {"en": "Kettle"}, "variants": [{"sku": sku}]}
    client.send("CatalogUpdates", [product | {"as_of": to_text(client.now())}])
    client.level(sku, 0)
    awaited(lambda: client.sellable(sku) == 0, what=f"{sku} sold out", seconds=SECONDS)
    began, token = client.sent(), early_campaign(client, sku, units=3)
    names = [f"vip-{number}-{sku.lower()}" for number in range(3)]
    made = [client.reserve(name, sku, access_token=token).json()["id"] for name in names]
    for reservation_id in made:
        assert client.confirm(reservation_id)["status"] == "confirmed"

    why = {"reason": "a present that was promised by telephone"}
    first = client.http.post(f"/v1/reservations/{made[2]}/prioritise", headers=client.key, json=why)
    assert (first.status_code, first.json()["prioritised"]["reason"]) == (200, why["reason"])
    line = client.http.get(f"/v1/campaigns/{sku}/line", headers=client.key).json()["items"]
    assert [each["reservation_id"] for each in line] == [made[2], made[0], made[1]]
    assert [each["prioritised"] for each in line] == [True, False, False]
    client.level(sku, 1)
    awaited(lambda: statuses(client, made)[2] == "allocated", what="the first served", seconds=SECONDS)
    assert statuses(client, made) == ["confirmed", "confirmed", "allocated"]

    over = {"type": "product.discontinued", "sku": sku, "as_of": to_text(client.now())}
    client.send("CatalogUpdates", [over])
    (asked,) = awaited(lambda: waiting(client, sku), what="a cancellation that waits", seconds=SECONDS)
    assert (asked["asked_by"], asked["status"], asked["reservations"], asked["units"]) == ("catalogue", "waiting", 2, 2)
    assert statuses(client, made) == ["confirmed", "confirmed", "allocated"], "nothing happens unless a person says so"
    path = f"/v1/campaigns/{sku}/cancellation/approve"
    assert client.http.post(path, headers=client.key).status_code == 200
    awaited(lambda: statuses(client, made)[:2] == ["cancelled"] * 2, what="the others let go", seconds=SECONDS)
    assert (statuses(client, made)[2], waiting(client, sku)) == ("allocated", [])
    for name in names[:2]:
        subjects = awaited(lambda to=f"{name}@example.com": told(client, began, to), what="a mail", seconds=SECONDS)
        assert len(subjects) == 1, subjects
    assert told(client, began, f"{names[2]}@example.com") == []


def told(client: Client, began: int, email: str) -> list[str]:
    """Return the subjects of the mails that say that a pre-order is cancelled."""
    subjects = [mail.subject for mail in client.mails(began, to=email)]
    return [subject for subject in subjects if subject.startswith("We had to cancel")]


def statuses(client: Client, made: list[str]) -> list[str]:
    return [client.reservation(each)["status"] for each in made]


def waiting(client: Client, sku: str) -> list[dict[str, Any]]:
    """Return a SKU's cancellations among those that wait for a decision."""
    found, after = [], ""
    while True:
        query = {"after": after} if after else {}
        page = client.http.get("/v1/cancellations", headers=client.key, params=query)
        assert page.status_code == 200, page.text
        found += [each for each in page.json()["items"] if each["sku"] == sku]
        after = page.json()["next"]
        if not after:
            return found
