"""Recording outcomes: who was told leaves the line, once, and nobody else does."""

from typing import Any

import pytest
from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.queue import PoisonError
from standby.waitlist.service import StoppedError
from standby.waitlist.wave import Chain

from tests.standby.waitlist.conftest import SKU, House, accepted, event, refused

ANA = "ana@example.org"


def part(job: Any, start: int, end: int) -> Any:
    return {**job, "recipients": job["recipients"][start:end]}


def under_way(house: House) -> frozenset[str]:
    return house.waves.under_way(Chain(sku=SKU, revision=10**9), "", "~")


def test_an_outcome_told_twice_is_counted_once(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.recorder.handle(accepted(job))
    house.recorder.handle(accepted(job))

    assert house.counts() == {"invited": 1, "told": 1}
    assert under_way(house) == frozenset()


def test_outcomes_of_one_job_may_come_in_parts_and_overlap(house: House) -> None:
    for number in range(20):
        house.waits(f"customer-{number}@example.org")
    house.restocks()
    (job,) = house.bulk.bodies()
    for start, end in ((0, 8), (5, 15), (0, 20)):
        house.recorder.handle(accepted(part(job, start, end)))

    assert house.line() == []
    assert house.counts() == {"invited": 20, "told": 20}
    assert under_way(house) == frozenset()


def test_what_is_not_known_yet_stays_under_way(house: House) -> None:
    first = house.waits(ANA)
    second = house.waits("ben@example.org")
    house.restocks()
    (job,) = house.bulk.bodies()
    assert under_way(house) == {first, second}

    house.recorder.handle(accepted(part(job, 0, 1)))
    assert under_way(house) == {second}
    assert house.line() == ["ben@example.org"]


def test_who_left_and_joined_again_before_the_outcome_stays(house: House) -> None:
    house.waits(ANA)
    house.restocks(revision=1)
    (job,) = house.bulk.bodies()
    house.clock.advance(minutes=1)
    house.leaving.leave(address_key(ANA))
    house.waits(ANA)
    house.recorder.handle(accepted(job))

    assert house.line() == [ANA]
    assert house.counts() == {"waiting": 1, "units_wanted": 1, "invited": 1, "left": 1}


@pytest.mark.parametrize("reason", ["rejected", "suppressed", "unconsented"])
def test_who_cannot_be_mailed_is_closed_with_the_reason(house: House, reason: str) -> None:
    house.waits(ANA)
    house.restocks()
    house.refuses(reason)

    assert house.line() == []
    assert house.counts() == {"invited": 1, "refused": 1}


@pytest.mark.parametrize("reason", ["cancelled", "expired"])
def test_whose_mail_was_called_off_keeps_the_place_and_is_told_next_time(house: House, reason: str) -> None:
    house.waits(ANA)
    house.waits("ben@example.org")
    house.restocks(revision=1)
    (job,) = house.bulk.bodies()
    house.recorder.handle(refused(job, reason))
    house.recorder.handle(refused(job, reason))
    house.bulk.drain()
    assert house.counts() == {"waiting": 2, "units_wanted": 2}

    house.restocks(revision=2)
    assert house.invited() == [ANA, "ben@example.org"]


def test_one_refused_address_costs_nobody_else_the_mail(house: House) -> None:
    emails = [f"customer-{number}@example.org" for number in range(12)]
    for email in emails:
        house.waits(email)
    house.restocks()
    (job,) = house.bulk.bodies()
    house.recorder.handle(refused(part(job, 4, 5), "rejected"))
    house.recorder.handle(accepted({**job, "recipients": job["recipients"][:4] + job["recipients"][5:]}))

    assert house.counts() == {"invited": 12, "told": 11, "refused": 1}
    assert house.measured == {"CustomersInvited": 12, "CustomersTold": 11, "CustomersRefused": 1}
    assert under_way(house) == frozenset()


def test_a_bounce_ends_every_entry_of_the_address_that_is_older(house: House) -> None:
    house.waits(ANA, "A")
    house.waits(ANA, "B", "C")
    house.clock.advance(hours=1)
    bounced_at = to_text(house.clock.now())
    house.clock.advance(hours=1)
    house.waits(ANA, "D")
    house.recorder.handle(event("MailRefused", reason="bounced", address=address_key(ANA), at=bounced_at))

    assert [house.line(sku) for sku in "ABCD"] == [[], [], [], [ANA]]
    assert house.counts("B") == {"refused": 1}


@pytest.mark.promise("P2")
@pytest.mark.parametrize("reason", ["bounced", "complained"])
def test_whom_mail_stopped_for_is_refused_until_that_is_lifted_and_then_on_older_consents(
    house: House, reason: str
) -> None:
    old = to_text(house.clock.now())
    house.clock.advance(hours=1)
    stopped = event("MailRefused", reason=reason, address=address_key(ANA), at=to_text(house.clock.now()))
    house.clock.advance(hours=1)
    lifted = event("SuppressionLifted", address=address_key(ANA), at=to_text(house.clock.now()))

    def refusal(consented_at: str) -> tuple[str, bool] | None:
        try:
            house.sign_up.enroll(house.wish(ANA), consented_at=consented_at, source="import")
        except StoppedError as error:
            return error.why, error.lasting
        return None

    house.recorder.handle(stopped)
    house.clock.advance(hours=1)
    new = to_text(house.clock.now())
    assert [refusal(old), refusal(new)] == [(reason, True)] * 2
    for told in (lifted, stopped, lifted):
        house.recorder.handle(told)
    assert [refusal(old), refusal(new)] == [(reason, False), None]
    assert house.line() == [ANA]


def test_a_lift_that_is_heard_before_the_bounce_counts(house: House) -> None:
    at = to_text(house.clock.now())
    house.clock.advance(hours=1)
    lifted_at = to_text(house.clock.now())
    house.recorder.handle(event("SuppressionLifted", address=address_key(ANA), at=lifted_at))
    house.recorder.handle(event("MailRefused", reason="bounced", address=address_key(ANA), at=at))

    with pytest.raises(StoppedError):
        house.sign_up.enroll(house.wish(ANA), consented_at=at, source="import")
    house.waits(ANA)
    assert house.line() == [ANA]


@pytest.mark.promise("P8")
def test_an_erased_address_stays_suppressed(house: House) -> None:
    for name, more in (("MailRefused", {"reason": "complained"}), ("CustomerErased", {})):
        house.recorder.handle(event(name, address=address_key(ANA), at=to_text(house.clock.now()), **more))
        house.clock.advance(hours=1)
    with pytest.raises(StoppedError, match="complained"):
        house.waits(ANA)


def test_erasure_ends_everything_and_keeps_no_address(house: House) -> None:
    house.waits(ANA, "A")
    house.sign_up.join(house.wish(ANA, "B"))
    house.clock.advance(hours=1)
    erased = event("CustomerErased", address=address_key(ANA), at=to_text(house.clock.now()))
    house.recorder.handle(erased)
    house.recorder.handle(erased)

    customer = house.customers.customer(address_key(ANA))
    assert (customer.email, customer.locale, customer.entries) == ("", "", {})
    assert house.line("A") == []
    assert house.counts("A") == {"left": 1}
    assert house.counts("B") == {}


def test_an_erasure_that_arrives_late_spares_what_was_asked_for_after_it(house: House) -> None:
    house.clock.advance(hours=1)
    erased_at = to_text(house.clock.now())
    house.clock.advance(hours=1)
    house.waits(ANA)
    house.recorder.handle(event("CustomerErased", address=address_key(ANA), at=erased_at))

    assert house.line() == [ANA]


def test_an_erasure_before_an_older_consent_keeps_it_out(house: House) -> None:
    consented_at = to_text(house.clock.now())
    house.clock.advance(hours=1)
    house.recorder.handle(event("CustomerErased", address=address_key(ANA), at=to_text(house.clock.now())))
    with pytest.raises(StoppedError):
        house.sign_up.enroll(house.wish(ANA), consented_at=consented_at, source="import")

    assert house.line() == []


def test_an_address_with_more_entries_than_a_transaction_takes_is_ended_whole(house: House) -> None:
    for number in range(15):
        house.waits(ANA, *(f"SKU-{number}-{letter}" for letter in "ABCDEFGH"))
    house.leaving.leave(address_key(ANA))

    assert house.customers.customer(address_key(ANA)).entries == {}
    assert house.counts("SKU-14-H") == {"left": 1}
    assert house.line("SKU-0-A") == []


def test_outcomes_of_confirmations_are_none_of_the_lines_business(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    (job,) = house.urgent.bodies()
    house.recorder.handle(accepted(job))
    house.recorder.handle(refused(job, "rejected"))

    assert house.counts() == {"unconfirmed": 1}


def test_an_any_of_job_of_fifty_takes_everybody_out_of_all_lines(house: House) -> None:
    emails = [f"customer-{number:02}@example.org" for number in range(50)]
    for email in emails:
        house.waits(email, "A", "B", "C")
    house.restocks(sku="A")
    house.accepts()

    assert [house.line(sku) for sku in "ABC"] == [[], [], []]
    assert house.counts("A") == {"invited": 50, "told": 50}
    assert (house.counts("B"), house.counts("C")) == ({}, {})


def test_a_message_that_is_no_outcome_is_poison(house: House) -> None:
    for content in ({"detail-type": "MailSent", "detail": {}}, event("MailRefused", reason="mood"), {}):
        with pytest.raises(PoisonError):
            house.recorder.handle(content)
