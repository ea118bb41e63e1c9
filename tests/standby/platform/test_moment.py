"""The order of an ERP's words, and the instants that they may speak of."""

from datetime import timedelta

import pytest
from standby.platform.clock import to_text
from standby.platform.moment import Arrival, instant, spoken_of, version
from standby.platform.queue import PoisonError

from tests.fakes import EPOCH

ARRIVAL = Arrival(1_777_802_400_000, 7)


def test_words_are_ordered_by_instant_then_sequence_then_arrival_then_place() -> None:
    moment = timedelta(microseconds=1)
    ordered = [
        version(EPOCH, ARRIVAL),
        version(EPOCH, Arrival(ARRIVAL.received_at, 8)),
        version(EPOCH, Arrival(ARRIVAL.received_at + 1, 0)),
        version(EPOCH, ARRIVAL, 1),
        version(EPOCH + moment, ARRIVAL),
    ]
    assert ordered == sorted(ordered)
    assert len(set(ordered)) == len(ordered)


def test_without_an_instant_the_receipt_counts() -> None:
    assert spoken_of({}, "as_of", ARRIVAL, EPOCH) == (EPOCH, True)
    assert spoken_of({"as_of": "2026-05-03T09:00:00Z"}, "as_of", ARRIVAL, EPOCH) == (EPOCH - timedelta(hours=1), False)


def test_five_minutes_ahead_are_the_most() -> None:
    ahead = EPOCH + timedelta(minutes=5)
    assert instant({"as_of": to_text(ahead)}, "as_of", EPOCH) == ahead
    for text in (to_text(ahead + timedelta(seconds=1)), "1969-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "soon"):
        with pytest.raises(PoisonError, match=r"^as_of: "):
            instant({"as_of": text}, "as_of", EPOCH)
