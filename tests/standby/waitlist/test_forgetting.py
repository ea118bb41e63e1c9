"""Nothing about a person is kept longer than it is needed for (`standby.platform.kept`, infra/RETENTION.md)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from standby.events.customer import CustomerErased
from standby.platform import kept
from standby.platform.address import address_key
from standby.platform.bus import detail_of
from standby.platform.clock import to_milliseconds, to_text
from standby.waitlist.explaining import Explainer
from standby.waitlist.inputs import OLDEST_CONSENT
from standby.waitlist.model import CONFIRMATIONS_A_DAY
from standby.waitlist.service import StoppedError

from tests.standby.waitlist.conftest import SKU, TABLE, House
from tests.standby.waitlist.test_sweeping import sweep

pytestmark = pytest.mark.promise("P8")

ANA = "ana@example.org"
KEY = address_key(ANA)


def stored(house: House) -> list[Any]:
    """Return what the table holds, without the items whose time is over."""
    now = to_milliseconds(house.clock.now()) / 1000
    found = house.dynamodb.scan(TableName=TABLE)["Items"]
    return [item for item in found if float(item.get("ttl", {"N": "inf"})["N"]) > now]


def named(house: House) -> bool:
    """Tell whether the address stands anywhere in clear."""
    return "ana@" in json.dumps(stored(house))


def known(house: House) -> bool:
    """Tell whether the address or its key stands anywhere."""
    return named(house) or KEY in json.dumps(stored(house))


def test_who_never_confirms_is_forgotten_when_the_link_lapses(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    house.clock.advance(days=kept.UNCONFIRMED.days, seconds=-1)
    sweep(house)
    assert named(house)

    house.clock.advance(seconds=1)
    sweep(house)
    assert not known(house)
    assert house.counts() == {}


def test_what_is_forgotten_opens_no_way_around_the_limit_of_mails(house: House) -> None:
    house.sign_up.join(house.wish(ANA))
    house.clock.advance(days=kept.UNCONFIRMED.days, hours=-1)
    for number in range(2 * CONFIRMATIONS_A_DAY):
        house.sign_up.join(house.wish(ANA, f"SKU-{number}", until=str(house.calendar.today(house.clock.now()))))
        house.clock.advance(minutes=2)
    house.leaving.leave(KEY)
    assert not named(house)
    mails = len(house.urgent.messages)
    house.sign_up.join(house.wish(ANA, "ANOTHER"))

    assert len(house.urgent.messages) == mails == 1 + CONFIRMATIONS_A_DAY


def test_who_left_is_known_by_the_key_only(house: House) -> None:
    house.waits(ANA)
    house.confirms(ANA, "OTHER")
    house.leaving.leave(KEY)

    assert not named(house)
    assert known(house)


def test_who_left_stays_known_as_long_as_an_older_consent_may_be_brought(house: House) -> None:
    consented_at = to_text(house.clock.now())
    house.waits(ANA)
    house.leaving.leave(KEY)
    house.clock.advance(days=OLDEST_CONSENT.days)
    assert known(house)
    with pytest.raises(StoppedError):
        house.sign_up.enroll(house.wish(ANA), consented_at=consented_at, source="import")

    house.clock.advance(days=kept.STOPPED.days - OLDEST_CONSENT.days + 1)
    assert not known(house)


def test_being_asked_about_by_strangers_keeps_nobody_longer(house: House) -> None:
    house.ledger.unheard_of.add("UNHEARD-OF")
    house.sign_up.join(house.wish(ANA))
    house.leaving.leave(KEY)
    for _ in range(20):
        house.clock.advance(days=kept.STOPPED.days // 19)
        house.sign_up.join(house.wish(ANA, "UNHEARD-OF"))

    assert not known(house)


def test_who_was_told_is_known_by_the_key_only_after_a_while(house: House) -> None:
    house.waits(ANA)
    house.restocks()
    house.accepts()
    house.clock.advance(days=kept.SEEN_AGAIN.days)
    sweep(house)
    assert named(house), "SES may still say that it did not send the mail"

    house.clock.advance(days=kept.FORMER.days)
    sweep(house)
    assert not named(house)

    house.waits(ANA)
    house.plan()
    assert house.invited() == [], "told of the same restock again"
    assert house.line() == [ANA]


def test_who_waits_is_looked_at_again_and_goes_on_waiting(house: House) -> None:
    house.waits(ANA)
    for _ in range(3):
        house.clock.advance(days=kept.SEEN_AGAIN.days)
        sweep(house)
        assert house.addresses_due() == []

    assert house.line() == [ANA]
    assert named(house)


def test_whose_address_bounced_is_known_by_the_key_only(house: House) -> None:
    house.waits(ANA)
    refused = {"reason": "bounced", "address": KEY, "at": to_text(house.clock.now()), "references": [], "id": "b"}
    house.recorder.handle({"detail-type": "MailRefused", "source": "standby", "detail": {"version": 1, **refused}})

    assert not named(house)


def test_whose_time_is_over_is_forgotten_with_the_last_notice(house: House) -> None:
    house.waits(ANA, until=str(house.calendar.today(house.clock.now())))
    house.clock.advance(days=3)
    sweep(house)
    house.accepts()
    house.clock.advance(days=kept.FORMER.days)
    sweep(house)
    house.clock.advance(days=kept.FORMER.days)
    sweep(house)

    assert not named(house)


@pytest.mark.promise("P10")
def test_explanations_lead_to_nobody_once_the_address_is_erased(house: House) -> None:
    entry = house.waits(ANA)
    house.restocks()
    house.accepts()
    said = CustomerErased(id="e", at=to_text(house.clock.now() + timedelta(seconds=1)), address=KEY)
    house.recorder.handle({"detail-type": "CustomerErased", "source": "standby", "detail": detail_of(said)})

    steps = Explainer(house.customers, house.waves, house.shelf, house.clock).why(SKU)["steps"]
    (told,) = [step["numbers"]["told"] for step in steps if step["event"] == "CustomersInvited"]
    assert [line["entry"] for line in told] == [entry]
    found = [item for item in stored(house) if KEY in json.dumps(item)]
    assert [set(item) - {"version", "ttl", "entries", "told", "confirmations"} for item in found] == [
        {"pk", "sk", "erased_at"}
    ]
