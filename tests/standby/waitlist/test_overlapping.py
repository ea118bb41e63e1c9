"""Wishes of one address that overlap, confirmed in any order: none fails, and the latest word about a SKU counts."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standby.platform.address import address_key
from standby.platform.clock import to_text

from tests.standby.waitlist.conftest import House

pytestmark = pytest.mark.promise("P2")

SKUS = tuple("ABCDEFGHIJKL")
numbers = itertools.count()
wishes = st.tuples(
    st.lists(st.sampled_from(SKUS), min_size=1, max_size=10, unique=True),
    st.integers(1, 3),
    st.sampled_from(("confirms", "is brought", "joins first, confirms last")),
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(wishes, min_size=2, max_size=8))
def test_overlapping_confirmations_all_count(house: House, wished: list[tuple[list[str], int, str]]) -> None:
    """Each example has its own SKUs and its own customer, as the table is the same."""
    run = next(numbers)
    email = f"ana-{run}@example.org"
    key = address_key(email)
    later: list[tuple[str, list[str], int]] = []

    def asks(skus: list[str], quantity: int) -> str:
        house.clock.advance(hours=13)
        house.sign_up.join(house.wish(email, *skus, quantity=quantity))
        return str(house.token("confirm")["e"])

    def waits(sku: str) -> list[int]:
        found = house.waves.stretch(sku, "").listings
        return [listing.quantity for listing in found if listing.address == key]

    for letters, quantity, how in wished:
        skus = [f"{letter}-{run}" for letter in letters]
        entry = asks(skus, quantity) if how != "is brought" else ""
        if how == "joins first, confirms last":
            later.append((entry, skus, quantity))
        elif how == "confirms" and entry in house.customers.customer(key).entries:
            house.sign_up.confirm(key, entry)
        else:
            now = to_text(house.clock.now())
            house.sign_up.enroll(house.wish(email, *skus, quantity=quantity), consented_at=now, source="checkout")
        assert all(waits(sku) == [quantity] for sku in skus if how != "joins first, confirms last")
    for entry, skus, quantity in later:
        if entry in house.customers.customer(key).entries:
            house.sign_up.confirm(key, entry)
            assert all(waits(sku) == [quantity] for sku in skus)
    assert all(len(waits(f"{letter}-{run}")) <= 1 for letter in SKUS)
