"""Thousands of orders are late at once: the pace holds, legal days go first, and everybody is told once.

``make test`` takes a sample; with ``STANDBY_INCIDENT=50000`` (``make incident``) it is the whole.
"""

from os import environ

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.promises.unruly import searching
from tests.standby.delivery.incident import Incident, everybody_was_told_once, legal_days_went_first

ORDERS = int(environ.get("STANDBY_INCIDENT", "1500"))
HOURS = 10
"""So long it takes, about."""
pytestmark = pytest.mark.promise("P2", "P3")


def test_an_incident_is_told_at_the_shops_pace_legal_days_first_and_everybody_once() -> None:
    incident = Incident(ORDERS, ORDERS // HOURS)
    incident.begin()
    begun = incident.clock.at
    assert 0.9 * incident.pace <= len(incident.mails) <= incident.pace
    minutes = incident.goes_by()
    assert incident.most_in_an_hour() <= incident.pace
    everybody_was_told_once(incident)
    legal_days_went_first(incident, begun)
    assert len(incident.mails) < ORDERS - len(incident.moot)
    assert len(incident.moot) > 10
    assert minutes < 60 * (HOURS + 2)


@searching(examples=40, steps=1)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 12), st.integers(2, 9))
def test_in_any_order_and_with_repeats_it_is_so_too(seed: int, orders: int, pace: int, legal: int) -> None:
    incident = Incident(orders, pace, seed=seed, legal=legal, workers=3)
    incident.begin()
    begun = incident.clock.at
    assert len(incident.mails) <= pace
    incident.goes_by()
    everybody_was_told_once(incident)
    legal_days_went_first(incident, begun)
    assert incident.most_in_an_hour() <= pace
