"""Confirming, and entries that come consented: the place in line, once, whatever is repeated."""

import threading
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.waitlist.service import GoneError, StoppedError

from tests.standby.waitlist.conftest import SKU, House

ANA = "ana@example.org"


def test_the_place_in_line_is_the_moment_of_confirming(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    ana = house.token("confirm")
    house.confirms("ben@example.org")
    house.clock.advance(minutes=1)
    house.sign_up.confirm(ana["a"], ana["e"])

    assert house.line() == ["ben@example.org", ANA]
    assert house.counts() == {"waiting": 2, "units_wanted": 2}


def test_confirming_twice_is_confirming_once(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    token = house.token("confirm")
    first = house.sign_up.confirm(token["a"], token["e"])
    house.clock.advance(hours=1)
    second = house.sign_up.confirm(token["a"], token["e"])

    assert first == second
    assert house.counts() == {"waiting": 1, "units_wanted": 1}


def opened_again(house: House, token: dict[str, str]) -> tuple[str, ...]:
    """Return the SKUs for which a confirmation link says that the customer is on the list; none where it is over."""
    try:
        shown = house.sign_up.pending(token["a"], token["e"])
        assert house.sign_up.confirm(token["a"], token["e"]).skus == shown.skus
    except GoneError:
        with pytest.raises(GoneError):
            house.sign_up.confirm(token["a"], token["e"])
        return ()
    assert shown.waiting
    return shown.skus


def confirmed(house: House, *skus: str, **more: Any) -> dict[str, str]:
    house.clock.advance(minutes=2)
    house.sign_up.join(house.wish(ANA, *skus, **more))
    token: dict[str, str] = house.token("confirm")
    house.sign_up.confirm(token["a"], token["e"])
    return token


@pytest.mark.promise("P11")
def test_the_link_of_somebody_who_was_told_does_not_say_that_she_is_on_the_list(house: House) -> None:
    token = confirmed(house)
    house.restocks()
    assert opened_again(house, token) == (SKU,)
    house.accepts()
    assert opened_again(house, token) == ()

    house.waits("ben@example.org")
    house.waits(ANA, "OTHER")  # the entry is taken out of the address, and may still come back
    assert opened_again(house, token) == ()
    house.waits(ANA)
    assert opened_again(house, token) == (SKU,)


@pytest.mark.promise("P11")
def test_the_link_of_an_entry_that_left_or_whose_day_is_over_does_not_say_that_it_is_on_the_list(house: House) -> None:
    short = confirmed(house, until="2026-05-04")
    house.clock.advance(days=2)
    assert opened_again(house, short) == ()
    kept, ended = confirmed(house, "A"), confirmed(house, "B")
    house.mine.remove(address_key(ANA), ended["e"])
    assert (opened_again(house, kept), opened_again(house, ended)) == (("A",), ())
    house.leaving.leave(address_key(ANA))
    assert opened_again(house, kept) == ()


def test_the_link_of_a_wish_that_lives_on_in_another_entry_says_for_what_it_is_on_the_list(house: House) -> None:
    house.confirms(ANA, "A")
    house.confirms(ANA, "B")
    merged = confirmed(house, "B", "A", quantity=3)
    house.waits(ANA, "D")  # what waits for nothing by itself is taken out of the address
    assert opened_again(house, merged) == ("B", "A")
    assert house.sign_up.pending(merged["a"], merged["e"]).quantity == 3
    house.restocks(sku="A")
    house.accepts()
    assert opened_again(house, merged) == ("B",)
    house.restocks(sku="B")
    house.accepts()
    assert opened_again(house, merged) == ()


def test_the_link_of_a_wish_that_another_one_took_over_says_that_it_is_on_the_list(house: House) -> None:
    first = confirmed(house, "A", "B")
    confirmed(house, "A", "C")
    assert opened_again(house, first) == ("B",)
    only = confirmed(house, "D")
    again = confirmed(house, "D", quantity=2)
    house.waits(ANA, "E")
    assert (opened_again(house, only), opened_again(house, again)) == (("D",), ("D",))


def test_confirming_asks_the_planner_for_each_sku(house: House) -> None:
    house.sign_up.join(house.wish(ANA, "A", "B"))
    token = house.token("confirm")
    house.sign_up.confirm(token["a"], token["e"])

    assert house.plans.bodies() == [{"plan": "joined", "sku": "A"}, {"plan": "joined", "sku": "B"}]


def test_a_link_older_than_a_week_confirms_nothing(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    token = house.token("confirm")
    house.clock.advance(days=7)

    with pytest.raises(GoneError):
        house.sign_up.confirm(token["a"], token["e"])
    assert house.line() == []


def test_an_entry_whose_last_day_is_over_cannot_be_confirmed_any_more(house: House) -> None:
    house.sign_up.join(house.wish(ANA, until="2026-05-04"))
    token = house.token("confirm")
    house.clock.advance(days=2)

    with pytest.raises(GoneError):
        house.sign_up.confirm(token["a"], token["e"])
    assert house.line() == []


def test_an_entry_that_was_left_cannot_be_confirmed_any_more(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    token = house.token("confirm")
    house.leaving.leave(address_key(ANA))

    with pytest.raises(GoneError):
        house.sign_up.confirm(token["a"], token["e"])
    assert house.counts() == {}


def test_an_address_never_stands_twice_in_one_line(house: House) -> None:
    first = house.confirms(ANA, SKU)
    house.confirms(ANA, SKU, "OTHER", quantity=3)

    (listed,) = house.waves.stretch(SKU, "").listings
    assert (listed.entry_id, listed.quantity) == (first, 3)
    assert house.line("OTHER") == [ANA]
    assert house.counts() == {"waiting": 1, "units_wanted": 3}


def test_confirming_a_change_alone_changes_the_entry_in_line_and_keeps_its_place(house: House) -> None:
    house.confirms(ANA)
    house.confirms("ben@example.org")
    house.confirms(ANA, quantity=2, locale="he")

    first, second = house.waves.stretch(SKU, "").listings
    assert (first.email, first.quantity, first.locale) == (ANA, 2, "he")
    assert second.email == "ben@example.org"
    assert house.counts() == {"waiting": 2, "units_wanted": 3}


def test_many_confirming_at_once_all_get_in_line(house: House) -> None:
    emails = [f"customer-{number}@example.org" for number in range(16)]
    tokens = []
    for email in emails:
        house.sign_up.join(house.wish(email))
        tokens.append(house.token("confirm"))

    threads = [threading.Thread(target=house.sign_up.confirm, args=(token["a"], token["e"])) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(house.line()) == sorted(emails)
    assert house.counts() == {"waiting": 16, "units_wanted": 16}


def test_one_link_pressed_by_many_at_once_makes_one_place(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    token = house.token("confirm")

    threads = [threading.Thread(target=house.sign_up.confirm, args=(token["a"], token["e"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert house.line() == [ANA]
    assert house.counts() == {"waiting": 1, "units_wanted": 1}


def test_a_consented_entry_is_in_line_at_the_moment_of_its_consent(house: House) -> None:
    earlier = to_text(house.clock.now())
    house.waits("ben@example.org")
    house.sign_up.enroll(house.wish(ANA), consented_at=earlier, source="import")

    assert house.line() == [ANA, "ben@example.org"]
    (entry,) = house.customers.customer(address_key(ANA)).entries.values()
    assert (entry.consent.wording, entry.consent.at, entry.consent.source) == ("2026-05", earlier, "import")
    assert house.urgent.messages == []


def test_a_consented_entry_sent_twice_is_one(house: House) -> None:
    house.waits(ANA)
    house.waits(ANA)

    assert house.line() == [ANA]
    assert house.counts() == {"waiting": 1, "units_wanted": 1}


def test_a_consent_older_than_leaving_never_comes_back(house: House) -> None:
    earlier = to_text(house.clock.now())
    house.clock.advance(hours=1)
    house.leaving.leave(address_key(ANA))
    with pytest.raises(StoppedError):
        house.sign_up.enroll(house.wish(ANA), consented_at=earlier, source="import")
    assert house.line() == []

    house.waits(ANA)
    assert house.line() == [ANA]


def test_a_consent_from_elsewhere_replaces_waiting_for_the_click(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    house.waits(ANA)

    assert house.counts() == {"waiting": 1, "units_wanted": 1}


@pytest.mark.promise("P8")
def test_mails_go_to_the_spelling_that_was_confirmed_whatever_a_stranger_wrote(house: House) -> None:
    hers, strangers = "Ana.Maria@example.org", "ANA.MARIA@example.org"
    house.sign_up.join(house.wish(strangers, "OTHER"))
    house.clock.advance(minutes=2)
    house.sign_up.join(house.wish(hers, SKU))
    link = house.token("confirm")
    house.clock.advance(minutes=2)
    house.sign_up.join(house.wish(strangers, "LAMP"))
    house.sign_up.confirm(link["a"], link["e"])
    assert house.line() == [hers]
