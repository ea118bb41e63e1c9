"""Where a visitor is: asked for when a button is pressed, told roughly, and taken back by another press."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.standby.storefront.fake_shop import LISTING, PRODUCT, FakeApi, visited

pytestmark = pytest.mark.browser

NEAREST = LISTING.replace("<standby-waitlist", "<standby-waitlist nearest")
COUNTING = """window.places = 0; const own = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
navigator.geolocation.getCurrentPosition = (...given) => { window.places += 1; own(...given); };"""


def sold_out() -> FakeApi:
    return FakeApi(statuses={"kettle": "SoldOut", "SHIRT-M-Sand": "SoldOut"})


def test_the_place_is_asked_for_only_when_a_button_is_pressed_and_told_roughly(browser: Browser) -> None:
    prepared: dict[str, Any] = {"before": lambda page: page.add_init_script(COUNTING), "allowed": ["geolocation"]}
    with visited(browser, PRODUCT, **prepared) as (page, api):
        near = page.locator("standby-stores").get_by_role("button", name="Stores near me")
        near.wait_for()
        assert page.evaluate("window.places") == 0
        near.click()
        expect(page.locator("standby-stores li")).to_contain_text("1.2 km")
        assert [request.url.partition("near=")[2] for request in api.asked if "/stores" in request.url] == [
            "32.79%2C34.99"
        ]


def test_who_does_not_say_where_they_are_sees_stores_all_the_same(browser: Browser) -> None:
    with visited(browser, PRODUCT) as (page, _):
        page.locator("standby-stores").get_by_role("button", name="Stores near me").click()
        expect(page.locator("standby-stores")).to_contain_text("We do not know where you are")
        expect(page.locator("standby-stores li")).to_contain_text("1 Harbour Street")


@pytest.mark.parametrize("allowed", [True, False], ids=["who says the place", "who does not"])
def test_a_sign_up_asks_for_the_place_only_when_its_button_is_pressed_and_tells_it_roughly(
    browser: Browser, *, allowed: bool
) -> None:
    prepared: dict[str, Any] = {"before": lambda page: page.add_init_script(COUNTING)}
    if allowed:
        prepared["allowed"] = ["geolocation"]
    with visited(browser, NEAREST, api=sold_out(), **prepared) as (page, api):
        page.locator("li button").first.click()
        dialog = page.locator("standby-waitlist dialog")
        button = dialog.get_by_role("button", name="Name the nearest store")
        expect(button).to_have_attribute("aria-pressed", "false")
        assert page.evaluate("window.places") == 0
        button.evaluate("(button) => { button.click(); button.click(); }")
        assert page.evaluate("window.places") == 1, "pressed again while the browser asks: one question"
        said = "to a kilometre" if allowed else "You can sign up all the same"
        expect(dialog.get_by_role("status")).to_contain_text(said)
        expect(button).to_have_attribute("aria-pressed", str(allowed).lower())
        dialog.locator("input[type=email]").fill("dana@example.org")
        dialog.locator("[type=submit]").click()
        expect(dialog.get_by_role("heading")).to_have_text("One step is left")
        (sent,) = (json.loads(request.post_data or "") for request in api.asked if request.url.endswith("/v1/waitlist"))
        assert sent.get("near") == ("32.79,34.99" if allowed else None)


def test_a_place_is_taken_back_by_a_second_press_and_not_asked_for_by_a_shop_without_stores(browser: Browser) -> None:
    with visited(browser, NEAREST, api=sold_out(), allowed=["geolocation"]) as (page, api):
        page.locator("li button").first.click()
        dialog = page.locator("standby-waitlist dialog")
        button = dialog.get_by_role("button", name="Name the nearest store")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        dialog.locator("input[type=email]").fill("dana@example.org")
        dialog.locator("[type=submit]").click()
        expect(dialog.get_by_role("heading")).to_have_text("One step is left")
        (sent,) = (json.loads(request.post_data or "") for request in api.asked if request.url.endswith("/v1/waitlist"))
        assert "near" not in sent
    with visited(browser, LISTING, api=sold_out()) as (page, _):
        page.locator("li button").first.click()
        expect(page.locator("standby-waitlist dialog").locator("[type=submit]")).to_be_visible()
        expect(
            page.locator("standby-waitlist dialog").get_by_role("button", name="Name the nearest store")
        ).to_have_count(0)
