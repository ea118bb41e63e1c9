"""The largest customer that the limits allow never needs a transaction of more than 100 items (DynamoDB's limit)."""

from collections.abc import Iterator
from typing import Any

import pytest
from standby.platform.address import address_key
from standby.waitlist.model import MOST_ENTRIES, MOST_UNCONFIRMED, Counts
from standby.waitlist.service import FullError

from tests.standby.waitlist.conftest import House
from tests.standby.waitlist.test_sweeping import sweep

pytestmark = pytest.mark.promise("P2")

ANA = "ana@example.org"
KEY = address_key(ANA)
MOST_SKUS = 10
MOST_ITEMS = 100


@pytest.fixture
def sizes(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Return the sizes of the transactions that are made; none may be too large."""
    made: list[int] = []
    transact = house.dynamodb.transact_write_items

    def counted(**request: Any) -> Any:
        made.append(len(request["TransactItems"]))
        return transact(**request)

    monkeypatch.setattr(house.dynamodb, "transact_write_items", counted)
    yield made
    assert max(made) <= MOST_ITEMS


def skus(number: int) -> list[str]:
    return [f"SKU-{number}-{each}" for each in range(MOST_SKUS)]


def waits_for_all(house: House) -> None:
    """Let Ana have as many entries as she may have: ten of them as large as can be, which is more than fits at once."""
    for number in range(MOST_ENTRIES):
        house.waits(ANA, *(skus(number) if number % 2 == 0 else skus(number)[:1]))


def test_a_wish_that_overlaps_ten_entries_of_ten_changes_them_all(house: House, sizes: list[int]) -> None:
    for number in range(MOST_SKUS):
        house.waits(ANA, *skus(number))
    wanted = [skus(number)[0] for number in range(MOST_SKUS - 1)]
    house.confirms(ANA, *wanted, "NEW", quantity=7)

    entries = house.customers.customer(KEY).entries.values()
    assert sorted(entry.quantity for entry in entries) == [1] + [7] * MOST_SKUS
    for number in range(MOST_SKUS - 1):
        assert house.counts(skus(number)[3])["units_wanted"] == 7
    assert house.line("NEW") == [ANA]


def test_the_shop_s_own_wish_changes_them_all_too(house: House, sizes: list[int]) -> None:
    for number in range(MOST_SKUS):
        house.waits(ANA, *skus(number))
    house.waits(ANA, *(skus(number)[0] for number in range(MOST_SKUS)), quantity=7)

    assert {entry.quantity for entry in house.customers.customer(KEY).entries.values()} == {7}


def test_the_shop_hears_whom_there_was_no_room_for(house: House, sizes: list[int]) -> None:
    waits_for_all(house)
    with pytest.raises(FullError):
        house.waits(ANA, "ONE-MORE")
    assert house.line("ONE-MORE") == []


def test_everything_can_end_at_once(house: House, sizes: list[int]) -> None:
    waits_for_all(house)
    house.leaving.leave(KEY)
    assert house.line(skus(0)[0]) == []
    assert house.customers.customer(KEY).entries == {}


def test_everything_can_be_closed_at_once(house: House, sizes: list[int]) -> None:
    waits_for_all(house)
    house.closing.close(KEY, list(house.customers.customer(KEY).entries), Counts(refused=1))
    assert house.customers.customer(KEY).entries == {}


def test_everything_can_lapse_at_once(house: House, sizes: list[int]) -> None:
    for number in range(MOST_UNCONFIRMED + 5):
        house.sign_up.join(house.wish(ANA, *skus(number)))
    house.clock.advance(days=7)
    sweep(house)

    assert house.customers.customer(KEY).entries == {}
    assert house.counts(skus(MOST_UNCONFIRMED)[0]) == {}
