"""Joining: an unconfirmed entry, a limited confirmation mail, and nothing to be learned from outside."""

import pytest
from standby.platform.address import address_key

from tests.standby.waitlist.conftest import SKU, House

ANA = "ana@example.org"


def test_joining_mails_a_confirmation_and_lists_nobody(house: House) -> None:
    house.sign_up.join(house.wish(ANA, SKU, "SHIRT-RED-L"))

    (job,) = house.urgent.bodies()
    assert job["kind"] == "confirm"
    assert job["data"]["skus"] == [SKU, "SHIRT-RED-L"]
    assert job["recipients"][0]["email"] == ANA
    assert house.token("confirm")["a"] == address_key(ANA)
    assert house.token("leave") == {"a": address_key(ANA)}
    assert house.line() == []
    assert house.counts() == {"unconfirmed": 1}


def test_joining_again_within_a_minute_is_the_same_mail(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    house.clock.advance(seconds=30)
    house.sign_up.join(house.wish(ANA))

    assert len({job["job_id"] for job in house.urgent.bodies()}) == 1
    assert house.counts() == {"unconfirmed": 1}


def test_joining_again_later_mails_the_same_entry_again(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    first = house.token("confirm")
    house.clock.advance(minutes=2)
    house.sign_up.join(house.wish(ANA))

    assert len({job["job_id"] for job in house.urgent.bodies()}) == 2
    assert house.token("confirm") == first
    assert house.counts() == {"unconfirmed": 1}


def test_two_products_in_one_minute_make_two_mails_a_minute_apart(house: House) -> None:
    house.sign_up.join(house.wish(ANA, "A"))
    house.sign_up.join(house.wish(ANA, "B"))

    assert [message.delay_seconds for message in house.urgent.messages] == [0, 60]


def test_an_address_gets_five_confirmations_a_day_and_more_the_day_after(house: House) -> None:
    for number in range(8):
        house.sign_up.join(house.wish(ANA, f"SKU-{number}"))
        house.clock.advance(minutes=5)
    assert len(house.urgent.messages) == 5

    house.clock.advance(days=1)
    house.sign_up.join(house.wish(ANA, "SKU-9"))
    assert len(house.urgent.messages) == 6


def test_who_already_waits_gets_no_mail(house: House) -> None:
    house.waits(ANA)
    house.sign_up.join(house.wish(ANA))

    assert house.urgent.messages == []
    assert house.counts() == {"waiting": 1, "units_wanted": 1}


def test_a_stranger_changes_nothing_about_an_entry_that_is_in_line(house: House) -> None:
    house.waits(ANA, quantity=1)
    house.sign_up.join(house.wish("ANA@example.org", quantity=9, locale="he"))

    customer = house.customers.customer(address_key(ANA))
    (listed,) = house.waves.stretch(SKU, "").listings
    assert (listed.quantity, listed.locale, listed.email) == (1, "en", ANA)
    assert (customer.email, customer.locale) == (ANA, "en")


def test_flooding_an_address_only_displaces_the_flood(house: House) -> None:
    house.waits(ANA, "MINE")
    for number in range(30):
        house.sign_up.join(house.wish(ANA, f"SKU-{number}"))
        house.clock.advance(seconds=1)

    customer = house.customers.customer(address_key(ANA))
    assert sum(not entry.waiting for entry in customer.entries.values()) == 10
    assert house.line("MINE") == [ANA]
    assert house.counts("SKU-0") == {}
    assert house.counts("SKU-29") == {"unconfirmed": 1}


def test_addresses_that_differ_in_case_are_one(house: House) -> None:
    house.sign_up.join(house.wish("Ana@Example.org"))
    house.sign_up.join(house.wish(ANA))

    assert house.counts() == {"unconfirmed": 1}


def test_the_same_work_is_done_for_known_and_unknown_addresses(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.waits("known@example.org", "OTHER")
    asked: list[str] = []
    for name in ("get_item", "transact_write_items"):
        made = getattr(house.dynamodb, name)
        monkeypatch.setattr(
            house.dynamodb, name, lambda _made=made, _name=name, **request: (asked.append(_name), _made(**request))[1]
        )

    house.sign_up.join(house.wish("known@example.org"))
    known, asked[:] = list(asked), []
    house.sign_up.join(house.wish("unknown@example.org"))

    assert known == asked == ["get_item", "transact_write_items"]
    assert len(house.urgent.messages) == 2
