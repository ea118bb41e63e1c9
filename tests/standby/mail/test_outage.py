"""How long SES has failed a job, and when it is tried again."""

from datetime import timedelta

import pytest
from standby.mail.outage import FORGOTTEN_AFTER, Outage

from tests.fakes import EPOCH


def test_attempts_become_rarer_until_one_in_fifteen_minutes() -> None:
    outage, now, delays = None, EPOCH, []
    for _ in range(12):
        outage = Outage.failed(outage, now)
        delays.append(outage.delay(5))
        now += timedelta(seconds=delays[-1])
    assert delays == [5, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


def test_a_failure_long_after_the_one_before_begins_anew() -> None:
    first = Outage.failed(None, EPOCH)
    assert Outage.failed(first, EPOCH + FORGOTTEN_AFTER).since == EPOCH
    later = EPOCH + FORGOTTEN_AFTER + timedelta(seconds=1)
    assert Outage.failed(first, later) == Outage(later, later)


def test_it_is_long_from_a_quarter_of_an_hour_on() -> None:
    outage = Outage.failed(None, EPOCH)
    assert not Outage.failed(outage, EPOCH + timedelta(seconds=899)).long
    assert Outage.failed(outage, EPOCH + timedelta(seconds=900)).long


def test_it_travels_as_text() -> None:
    outage = Outage(EPOCH, EPOCH + timedelta(minutes=3))
    assert Outage.of(outage.text()) == outage


@pytest.mark.parametrize("text", [None, "", "1", "a b", "1 2 3", "-1 2", "1 9999999999999999", "1 99999999999999"])
def test_what_is_no_outage_is_none(text: str | None) -> None:
    assert Outage.of(text) is None
