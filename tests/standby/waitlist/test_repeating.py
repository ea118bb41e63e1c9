"""Sign-ups by the shop's own key: one that comes again is no second wish, and a consent must be possible."""

import json
from datetime import timedelta
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.waitlist.own_entries import Change

from tests.standby.waitlist.conftest import SKU, TABLE, House
from tests.standby.waitlist.test_routes import ANA, CONSENT, Client


@pytest.fixture
def client(house: House) -> Client:
    return Client(house)


def consented(client: Client, key: str | None = None, key_id: str = "shop", **more: Any) -> dict[str, Any]:
    """Bring a consented customer; the consent is of now unless it says otherwise."""
    consent = {**CONSENT, "at": to_text(client.house.clock.now()), "source": "checkout"}
    body = {"email": ANA, "skus": [SKU], "consent": consent, **more}
    headers = {} if key is None else {"idempotency-key": key}
    return client.request(
        "POST", "/v1/waitlist/entries", body=body, headers=headers, scopes="storefront", key_id=key_id
    )


@pytest.mark.promise("P3")
@pytest.mark.parametrize("key", ["order-17", None])
def test_a_request_that_comes_again_while_it_is_waited_for_is_no_second_wish(
    house: House, client: Client, key: str | None
) -> None:
    consent = {**CONSENT, "at": to_text(house.clock.now()), "source": "checkout"}
    first = consented(client, key, consent=consent)
    (entry,) = house.customers.customer(address_key(ANA)).entries
    house.mine.change(address_key(ANA), entry, Change(quantity=3))
    house.clock.advance(days=2)
    again = consented(client, key, consent=consent)

    assert (first["statusCode"], first["body"]) == (again["statusCode"], again["body"])
    assert house.counts() == {"waiting": 1, "units_wanted": 3}, "the customer said so since"


@pytest.mark.promise("P3")
def test_with_a_key_a_request_is_the_same_whatever_became_of_it(house: House, client: Client) -> None:
    consent = {**CONSENT, "at": to_text(house.clock.now()), "source": "checkout"}
    consented(client, "order-17", consent=consent)
    house.restocks()
    house.accepts()
    assert consented(client, "order-17", consent=consent)["statusCode"] == 202
    assert house.line() == []


@pytest.mark.promise("P2", "P3")
@pytest.mark.parametrize("ended", ["told", "given up"])
def test_without_a_key_who_waits_no_more_wishes_the_same_anew_and_is_told_of_the_next_restock(
    house: House, client: Client, ended: str
) -> None:
    consent = {**CONSENT, "at": to_text(house.clock.now()), "source": "checkout"}
    house.waits(ANA, SKU, "OTHER")  # the wish takes its SKU from this entry, which goes on waiting
    consented(client, consent=consent)
    (entry,) = house.customers.customer(address_key(ANA)).waiting_for([SKU])
    if ended == "given up":
        house.mine.remove(address_key(ANA), entry)
    else:
        house.restocks()
        house.accepts()
    told = house.counts().get("told", 0)
    line = house.line()
    assert consented(client, consent=consent)["statusCode"] == 202
    assert house.line() == line, "so soon it is the same request, whose answer was lost"
    house.clock.advance(hours=1)
    for _ in range(2):
        assert consented(client, consent=consent)["statusCode"] == 202
        assert house.line() == [ANA]
    house.plan()
    assert house.invited() == [], "told of the same restock again"

    house.restocks(revision=2)
    assert house.invited() == [ANA]
    house.accepts()
    assert house.counts()["told"] == told + 1


def test_without_a_key_a_request_that_comes_again_does_not_undo_leaving(house: House, client: Client) -> None:
    consent = {**CONSENT, "at": to_text(house.clock.now()), "source": "checkout"}
    consented(client, consent=consent)
    house.leaving.leave(address_key(ANA))
    assert consented(client, consent=consent)["statusCode"] == 409
    assert house.line() == []


def test_a_request_that_comes_again_tells_the_waves_what_its_first_died_before(house: House, client: Client) -> None:
    consented(client, "order-17")
    house.plans.drain()
    consented(client, "order-17")

    assert house.plans.bodies() == [{"plan": "joined", "sku": SKU}]


def test_another_request_under_the_same_key_is_refused(house: House, client: Client) -> None:
    consented(client, "order-17")
    refused = consented(client, "order-17", quantity=2)

    assert refused["statusCode"] == 422
    assert refused["json"]["type"] == "/problems/other-request"
    assert house.counts() == {"waiting": 1, "units_wanted": 1}


def test_a_key_is_known_again_for_the_same_caller_only(house: House, client: Client) -> None:
    consented(client, "1")
    assert consented(client, "1", key_id="another", quantity=2)["statusCode"] == 202
    assert house.counts() == {"waiting": 1, "units_wanted": 2}


def test_another_consent_to_the_same_is_another_wish(house: House, client: Client) -> None:
    consented(client)
    house.restocks()
    house.accepts()
    house.clock.advance(seconds=1)
    consented(client)

    assert house.line() == [ANA]


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "clé", "a\tb"])
def test_a_key_that_cannot_be_one_is_refused_by_name(client: Client, key: str) -> None:
    refused = consented(client, key)

    assert refused["statusCode"] == 400
    assert "Idempotency-Key" in refused["json"]["detail"]


def test_nothing_of_a_request_that_is_remembered_shows_whom_it_was_about(house: House, client: Client) -> None:
    consented(client, "ana@example.org/17")

    (kept,) = [item for item in house.dynamodb.scan(TableName=TABLE)["Items"] if "REQUEST" in item["sk"]["S"]]
    assert set(kept) == {"pk", "sk", "body", "entries", "ttl"}
    assert "ana" not in json.dumps(kept).lower()


@pytest.mark.promise("P5")
@pytest.mark.parametrize("days", [731, 365 * 2000])
def test_a_consent_that_cannot_be_gives_no_place_in_line(house: House, client: Client, days: int) -> None:
    at = to_text(house.clock.now() - timedelta(days=days))
    refused = consented(client, consent={**CONSENT, "at": at, "source": "import"})

    assert refused["statusCode"] == 400
    assert refused["json"]["errors"] == ["consent.at: lies more than 730 days back"]
    assert house.line() == []


def test_a_consent_may_be_as_old_as_the_longest_wait(house: House, client: Client) -> None:
    at = to_text(house.clock.now() - timedelta(days=730))
    assert consented(client, consent={**CONSENT, "at": at, "source": "import"})["statusCode"] == 202
    assert house.line() == [ANA]
