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


@pytest.mark.parametrize("how", ["confirms", "waits"])
@pytest.mark.parametrize("each", [1, 2, MOST_SKUS])
def test_a_wish_may_overlap_ten_entries(house: House, sizes: list[int], how: str, each: int) -> None:
    for number in range(MOST_SKUS):
        house.waits(ANA, *skus(number)[:each])
    getattr(house, how)(ANA, *(skus(number)[0] for number in range(MOST_SKUS)), quantity=7)

    for number in range(MOST_SKUS):
        wanted = [house.counts(sku)["units_wanted"] for sku in skus(number)[:each]]
        assert wanted == [7, *[1] * (each - 1)]


def test_a_wish_of_ten_may_change_an_entry_of_ten(house: House, sizes: list[int]) -> None:
    house.waits(ANA, *skus(0))
    house.confirms(ANA, *skus(0), quantity=7)
    assert {house.counts(sku)["units_wanted"] for sku in skus(0)} == {7}


def test_who_waits_for_all_that_one_may_cannot_have_one_more_entry_by_parting_another(
    house: House, sizes: list[int]
) -> None:
    waits_for_all(house)
    with pytest.raises(FullError):
        house.confirms(ANA, skus(0)[0], quantity=7)
    house.confirms(ANA, skus(1)[0], quantity=7)
    assert house.counts(skus(1)[0])["units_wanted"] == 7


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
