"""Who counted as told and was not, because SES did not send the mail after all, is back in line."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from standby.platform import kept
from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.waitlist import items
from standby.waitlist.keeping_model import MOST_FORMER
from standby.waitlist.model import MOST_ENTRIES, Counts
from standby.waitlist.own_entries import Change

from tests.standby.waitlist.conftest import SKU, House, accepted, event

pytestmark = pytest.mark.promise("P2", "P3")

ANA, BEN = "ana@example.org", "ben@example.org"


def undelivered(house: House, job: Any, email: str = ANA) -> dict[str, Any]:
    """Return the event that SES did not send one mail of a job."""
    (about,) = [each["reference"] for each in job["recipients"] if each["email"] == email]
    at = to_text(house.clock.now())
    return event("MailRefused", reason="undelivered", references=[about], address=address_key(email), at=at)


def sweep(house: House) -> None:
    house.sweeper.handle({"sweep": "due"})
    while waiting := house.sweeps.bodies():
        house.sweeps.drain()
        for content in waiting:
            house.sweeper.handle(content)


def next_wave(house: House) -> None:
    house.clock.advance(hours=2)
    sweep(house)
    house.plan()


def test_the_customer_is_back_at_the_same_place_and_told_by_the_next_wave(house: House) -> None:
    for email in (ANA, BEN):
        house.waits(email)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.accepts()
    house.waits("later@example.org")

    house.recorder.handle(undelivered(house, job))

    assert house.line() == [ANA, "later@example.org"], "promise 5: not at the same place"
    assert house.counts() == {"invited": 1, "told": 1, "waiting": 2, "units_wanted": 2}
    assert house.measured["CustomersRestored"] == 1
    next_wave(house)
    assert house.invited() == [ANA, "later@example.org"]
    house.accepts()
    assert house.counts() == {"invited": 3, "told": 3}


def test_who_was_put_back_and_leaves_counts_as_told_of_nothing(house: House) -> None:
    # These ids sort behind the one under which the entry comes back.
    house.sign_up = replace(house.sign_up, new_id=iter(("z1", "z2", "z3")).__next__)
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.accepts()
    house.waits(ANA, "OTHER")
    house.recorder.handle(undelivered(house, job))
    house.leaving.leave(address_key(ANA))
    house.waits(ANA)
    next_wave(house)
    assert house.invited() == [ANA]


def test_it_happens_once_however_often_ses_says_so(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.accepts()
    for _ in range(2):
        house.recorder.handle(undelivered(house, job))
    assert house.counts() == {"waiting": 1, "units_wanted": 1}
    next_wave(house)
    house.accepts()

    house.recorder.handle(undelivered(house, job))
    house.recorder.handle(accepted(job))

    assert house.line() == []
    assert house.counts() == {"invited": 1, "told": 1}


def test_ses_may_speak_before_we_have_written_that_it_accepted(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.bulk.drain()
    house.recorder.handle(undelivered(house, job))
    house.recorder.handle(accepted(job))
    assert house.line() == [ANA]
    assert house.counts() == {"waiting": 1, "units_wanted": 1}
    next_wave(house)
    assert house.invited() == [ANA]


def test_an_entry_for_any_of_several_is_back_for_all_of_them_and_told_of_one(house: House) -> None:
    house.waits(ANA, "A", "B", quantity=2)
    house.restocks(sku="A")
    (job,) = house.bulk.bodies()
    house.accepts()
    assert house.line("A") == house.line("B") == []

    house.recorder.handle(undelivered(house, job))

    assert house.line("A") == house.line("B") == [ANA]
    assert house.counts("A") == house.counts("B") == {"waiting": 1, "units_wanted": 2}
    house.restocks(sku="B")
    next_wave(house)
    assert house.invited() == [ANA]
    house.accepts()
    assert house.counts("A").get("waiting") is house.counts("B").get("waiting") is None


@pytest.mark.promise("P8")
@pytest.mark.parametrize("goes", ["leaves", "is erased", "bounces"])
@pytest.mark.parametrize("first", ["goes", "accepted"])
def test_who_left_meanwhile_stays_away(house: House, goes: str, first: str) -> None:
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    if first == "accepted":
        house.accepts()
    house.clock.advance(seconds=1)
    at = to_text(house.clock.now())
    if goes == "leaves":
        house.leaving.leave(address_key(ANA))
    elif goes == "is erased":
        house.recorder.handle(event("CustomerErased", address=address_key(ANA), at=at))
    else:
        refused = event("MailRefused", reason="bounced", references=[], address=address_key(ANA), at=at)
        house.recorder.handle(refused)

    house.recorder.handle(undelivered(house, job))

    assert house.line() == []
    assert "CustomersRestored" not in house.measured
    assert house.customers.customer(address_key(ANA)).former == {}


def test_what_the_customer_did_meanwhile_takes_no_place_away(house: House) -> None:
    """Whoever reads an address takes entries out that were told; the latest are remembered."""
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.accepts()
    house.waits(ANA, "ANOTHER")
    house.waits(BEN)

    house.recorder.handle(undelivered(house, job))

    assert house.line() == [ANA, BEN]
    assert house.line("ANOTHER") == [ANA]
    next_wave(house)
    assert house.invited() == [ANA, BEN]


def test_everything_that_an_address_waited_for_comes_back(house: House) -> None:
    """A template that SES cannot fill fails for all that somebody was told at once."""
    wanted = [f"SKU-{number}" for number in range(MOST_ENTRIES)]
    for sku in wanted:
        house.waits(ANA, sku)
    for sku in wanted:
        house.restocks(sku=sku)
    jobs = house.bulk.bodies()
    house.accepts()
    house.waits(ANA, "ANOTHER")

    for job in jobs:
        house.recorder.handle(undelivered(house, job))

    assert [sku for sku in wanted if house.line(sku) != [ANA]] == []


def test_only_the_latest_entries_are_remembered_in_whatever_order_they_are_stored(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DynamoDB keeps no order in a map."""
    stored = items.customer

    def shuffled(address: str, item: dict[str, Any]) -> Any:
        former = item.get("former", {})
        return stored(address, {**item, "former": {key: former[key] for key in sorted(former, reverse=True)}})

    monkeypatch.setattr("standby.waitlist.items.customer", shuffled)
    for number in range(MOST_FORMER + 3):
        house.waits(ANA, f"SKU-{number}")
        house.restocks(sku=f"SKU-{number}")
        house.accepts()
        house.clock.advance(minutes=1)
    house.waits(ANA, "ANOTHER")
    former = house.customers.customer(address_key(ANA)).former
    assert {entry.skus for entry in former.values()} == {(f"SKU-{number}",) for number in range(3, MOST_FORMER + 3)}


def test_what_ses_can_say_nothing_about_any_more_is_forgotten(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    house.accepts()
    house.waits(ANA, "ANOTHER")
    assert len(house.customers.customer(address_key(ANA)).former) == 1
    house.clock.advance(days=kept.FORMER.days)
    house.waits(ANA, "YET-ANOTHER")
    assert house.customers.customer(address_key(ANA)).former == {}


def test_who_joined_again_meanwhile_waits_once(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.accepts()
    house.waits(ANA)
    house.recorder.handle(undelivered(house, job))
    assert house.line() == [ANA]
    assert house.counts()["waiting"] == 1


@pytest.mark.parametrize("ses", ["says so first", "says so after we wrote that it accepted"])
def test_who_joined_again_meanwhile_does_not_count_as_told(house: House, ses: str) -> None:
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.bulk.drain()
    if ses == "says so first":
        house.mine.remove(address_key(ANA), next(iter(house.customers.customer(address_key(ANA)).entries)))
        house.waits(ANA)  # while nobody knows yet whether the mail went out
        house.recorder.handle(undelivered(house, job))
        house.recorder.handle(accepted(job))
    else:
        house.recorder.handle(accepted(job))
        house.waits(ANA)
        house.recorder.handle(undelivered(house, job))
        house.plans.drain()
        house.recorder.handle(undelivered(house, job))  # the first may have died before the waves heard of it
    assert house.plans.bodies()[-1] == {"plan": "joined", "sku": SKU}
    assert house.line() == [ANA]
    next_wave(house)
    assert house.invited() == [ANA], "promise 2: nobody told her of what is there"
    house.accepts()
    house.recorder.handle(undelivered(house, job))
    house.waits(ANA)
    next_wave(house)
    assert house.invited() == [], "promise 3"


def test_whose_place_moved_to_another_entry_meanwhile_does_not_count_as_told(house: House) -> None:
    house.waits(ANA, SKU, "OTHER")
    house.restocks()
    (job,) = house.bulk.bodies()
    house.bulk.drain()
    house.confirms(ANA, SKU, quantity=2)
    house.recorder.handle(undelivered(house, job))
    house.recorder.handle(accepted(job))
    next_wave(house)
    assert house.invited() == [ANA]


def test_who_was_told_of_a_later_restock_by_another_entry_is_not_told_of_that_again(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.accepts()
    house.waits(ANA)
    house.restocks(revision=2)
    assert house.invited() == [ANA]
    house.accepts()

    house.recorder.handle(undelivered(house, job))
    assert house.line() == [ANA], "her first wish is back"
    next_wave(house)
    assert house.invited() == [], "promise 3: told of the second restock before"
    house.restocks(revision=3)
    assert house.invited() == [ANA]


def test_a_later_mail_without_an_outcome_yet_is_waited_for(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.accepts()
    house.waits(ANA)
    house.restocks(revision=2)
    (second,) = house.bulk.bodies()
    house.bulk.drain()
    house.mine.remove(address_key(ANA), next(iter(house.customers.customer(address_key(ANA)).waiting_for([SKU]))))
    house.recorder.handle(undelivered(house, job))
    next_wave(house)
    assert house.invited() == []
    house.recorder.handle(accepted(second))
    next_wave(house)
    assert house.invited() == [], "promise 3"


def test_a_crash_before_the_waves_hear_of_it_is_made_good(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.accepts()
    house.recorder.handle(undelivered(house, job))
    house.plans.drain()
    house.recorder.handle(undelivered(house, job))
    assert house.plans.bodies() == [{"plan": "joined", "sku": "SHIRT-RED-M"}]


def test_a_last_notice_that_was_not_sent_is_given_again_a_day_later(house: House) -> None:
    today = house.calendar.today(house.clock.now())
    house.waits(ANA, until=str(today))
    house.clock.advance(days=3)
    sweep(house)
    (job,) = house.bulk.bodies()
    house.accepts()
    assert house.line() == []

    house.recorder.handle(undelivered(house, job))
    assert house.line() == [ANA]
    sweep(house)
    assert house.bulk.bodies() == []
    house.clock.advance(days=1)
    sweep(house)
    (again,) = house.bulk.bodies()
    assert again["job_id"] != job["job_id"]


def test_a_last_notice_that_was_not_sent_ends_nothing_for_who_chose_a_later_day(house: House) -> None:
    entry = house.waits(ANA, until=str(house.calendar.today(house.clock.now())))
    house.clock.advance(days=3)
    sweep(house)
    (job,) = house.bulk.bodies()
    later = str(house.calendar.today(house.clock.now()) + timedelta(days=300))
    house.mine.change(address_key(ANA), entry, Change(until=later))
    house.accepts()

    house.recorder.handle(undelivered(house, job))
    house.clock.advance(days=40)
    sweep(house)
    assert house.bulk.bodies() == []
    assert house.line() == [ANA]


def test_who_comes_back_a_second_time_waits_for_the_next_restock(house: House) -> None:
    """So somebody whose mails SES never sends does not keep a scarce unit from those behind."""
    for email in (ANA, BEN):
        house.waits(email)
    house.restocks(units=1)
    for _ in range(2):
        (job,) = house.bulk.bodies()
        assert [each["email"] for each in job["recipients"]] == [ANA]
        house.accepts()
        house.recorder.handle(undelivered(house, job))
        next_wave(house)

    (job,) = house.bulk.bodies()
    assert [each["email"] for each in job["recipients"]] == [BEN], "promise 9: one person's mails hold up the others"
    assert house.line() == [ANA, BEN]
    house.accepts()
    house.restocks(revision=2, units=1)
    assert house.invited() == [ANA]


def test_who_ended_an_entry_while_it_was_told_stays_away(house: House) -> None:
    entry = house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.accepts()
    house.closing.close(address_key(ANA), [entry], Counts(left=1))

    house.recorder.handle(undelivered(house, job))
    assert house.line() == []


def test_mails_outside_the_list_change_nothing(house: House) -> None:
    said = event("MailRefused", reason="undelivered", references=["confirm~e"], address=address_key(ANA), at="t")
    house.recorder.handle(said)
    assert house.plans.messages == []
