"""The sign-up for what does not come back is closed: what the routes answer."""

from typing import Any

import pytest
from standby.platform.address import address_key

from tests.standby.waitlist.conftest import SKU, House
from tests.standby.waitlist.test_routes import ANA, BROWSER, CONSENT, Client


@pytest.fixture
def client(house: House) -> Client:
    return Client(house)


def enrolls(client: Client, *skus: str, **more: Any) -> dict[str, Any]:
    consent = {**CONSENT, "at": "2026-05-03T07:00:00Z", "source": "checkout"}
    body = {"email": ANA, "skus": list(skus), "consent": consent}
    return client.request("POST", "/v1/waitlist/entries", body=body, scopes="storefront", **more)


def test_a_public_sign_up_answers_as_ever(house: House, client: Client) -> None:
    before = client.joins(skus=["UNKNOWN-ELSEWHERE"])
    house.urgent.drain()
    house.shelf.says(SKU)
    after = client.joins()
    assert (after["statusCode"], after["json"]) == (before["statusCode"], before["json"])
    assert house.urgent.bodies() == []


def test_a_shop_hears_that_nothing_of_a_wish_comes_back(house: House, client: Client) -> None:
    for sku in ("RED", "BLUE"):
        house.shelf.says(sku)
    answer = enrolls(client, "RED", "BLUE")
    assert (answer["statusCode"], answer["json"]["type"]) == (409, "/problems/discontinued")
    assert "RED, BLUE" in answer["json"]["detail"]


def test_a_shops_wish_goes_on_for_what_comes_back(house: House, client: Client) -> None:
    house.shelf.says("RED")
    assert enrolls(client, "RED", "BLUE")["statusCode"] == 202
    assert (house.line("RED"), house.line("BLUE")) == ([], [ANA])


def test_a_request_that_was_answered_is_answered_the_same_again(house: House, client: Client) -> None:
    headers = {"idempotency-key": "order-7"}
    assert enrolls(client, SKU, headers=headers)["statusCode"] == 202
    house.shelf.says(SKU)
    assert enrolls(client, SKU, headers=headers)["statusCode"] == 202


def test_a_change_to_it_is_refused_by_name(house: House, client: Client) -> None:
    entry_id = house.waits(ANA, "BLUE")
    house.shelf.says("RED")
    query = {"token": house.links.mine(address_key(ANA), house.clock.now())}
    answer = client.request("PATCH", f"/v1/waitlist/mine/{entry_id}", body={"skus": ["RED"]}, query=query)
    assert (answer["statusCode"], answer["json"]["type"]) == (409, "/problems/discontinued")
    assert "RED" in answer["json"]["detail"]


def test_a_confirmation_link_for_it_says_that_it_is_over(house: House, client: Client) -> None:
    client.joins()
    token = house.urgent.bodies()[-1]["recipients"][0]["slots"]["confirm"]
    house.shelf.says(SKU)
    for method in ("GET", "POST"):
        for headers in ({}, BROWSER):
            answer = client.request(method, "/v1/waitlist/confirm", query={"token": token}, headers=headers)
            assert answer["statusCode"] == 410
    assert house.line() == []


def test_why_says_that_it_does_not_come_back(house: House, client: Client) -> None:
    edition = house.shelf.says(SKU)
    why = client.request("GET", f"/v1/waitlist/{SKU}/why", scopes="ops")
    assert why["json"]["steps"] == [
        {
            "at": "2026-05-03T08:00:00.000Z",
            "event": "ProductDiscontinued",
            "rule": "does_not_come_back",
            "numbers": {"edition": edition, "can_be_sold": 0},
        }
    ]
    house.shelf.says(SKU, discontinued=False)
    assert client.request("GET", f"/v1/waitlist/{SKU}/why", scopes="ops")["json"]["steps"] == []
