"""Waves at night: they begin in the morning, so that a night tells no more customers than an hour of the day."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.promises.shop import OPS, Shop, customers
from tests.world import World

SKU = "SHIRT-RED-M"
EVERYBODY = customers(8)
FROM_TWO = {"QUIET_HOURS": "14:00-22:00", "QUIET_FOR": "all"}
"""Closed from an hour after a world begins."""


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in FROM_TWO.items():
        monkeypatch.setenv(name, value)
    return Shop(world)


def eight_wait(shop: Shop, **settings: Any) -> None:
    shop.settings(wave_ratio=1, **settings)
    shop.counts(SKU, 0)
    for email in EVERYBODY:
        shop.waits(email, SKU)
        shop.world.clock.advance(seconds=1)
    shop.world.settle()


def it_is_after_two(shop: Shop) -> None:
    shop.world.clock.advance(hours=1, minutes=1)


def hours_pass(shop: Shop, hours: int) -> None:
    for _ in range(hours * 4):
        shop.world.wait(minutes=15)


def put_off(shop: Shop) -> list[Mapping[str, Any]]:
    status, why = shop.world.request("waitlist_api", "GET", f"/v1/waitlist/{SKU}/why", scopes=OPS)
    assert status == 200, why
    return [step for step in why["steps"] if step["event"] == "WavePutOff"]


def test_a_night_of_waves_tells_no_more_than_there_are_units_for(shop: Shop) -> None:
    eight_wait(shop)
    it_is_after_two(shop)
    shop.counts(SKU, 2)
    hours_pass(shop, 7)
    assert shop.told() == {}
    assert [step["rule"] for step in put_off(shop)] == ["closed_hours"]
    assert put_off(shop)[0]["numbers"]["opens_at"] == "2026-05-03T19:00:00.000Z"

    hours_pass(shop, 1)
    shop.world.wait(minutes=2)
    assert list(shop.told()) == EVERYBODY[:2]


def test_who_joins_at_night_is_told_in_the_morning(shop: Shop) -> None:
    shop.counts(SKU, 0)
    shop.counts(SKU, 5)
    it_is_after_two(shop)
    shop.waits(EVERYBODY[0], SKU)
    shop.world.settle()
    hours_pass(shop, 7)
    assert shop.told() == {}
    hours_pass(shop, 1)
    shop.world.wait(minutes=2)
    assert list(shop.told()) == EVERYBODY[:1]


def test_what_sells_out_at_night_is_told_to_nobody(shop: Shop) -> None:
    eight_wait(shop)
    it_is_after_two(shop)
    shop.counts(SKU, 2)
    hours_pass(shop, 1)
    shop.counts(SKU, 0)
    hours_pass(shop, 8)
    assert shop.told() == {}
    assert shop.figures(SKU)["waiting"] == len(EVERYBODY)


def test_a_wave_that_began_by_day_goes_on_in_the_morning(shop: Shop) -> None:
    eight_wait(shop, wave_interval_seconds=1800)
    shop.world.clock.advance(minutes=45)
    shop.counts(SKU, 2)
    assert list(shop.told()) == EVERYBODY[:2]
    hours_pass(shop, 8)
    assert list(shop.told()) == EVERYBODY[:2], "the next wave would have come at night"
    shop.world.wait(minutes=16)
    assert list(shop.told()) == EVERYBODY[:4]


def test_units_are_held_at_night_for_who_is_next(shop: Shop) -> None:
    eight_wait(shop, offer_hours=4)
    it_is_after_two(shop)
    shop.counts(SKU, 2)
    assert put_off(shop) == []
    status, body = shop.world.request("stock_api", "GET", f"/v1/stock/{SKU}", scopes=OPS)
    assert (status, body["held"]) == (200, 2)


def test_where_advertising_alone_waits_waves_go_at_any_hour(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIET_FOR", "advertising")
    eight_wait(shop)
    it_is_after_two(shop)
    shop.counts(SKU, 2)
    assert list(shop.told()) == EVERYBODY[:2]
