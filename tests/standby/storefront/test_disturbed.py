"""The elements on pages that change under them, with an API that stumbles, for visitors who do what nobody foresaw."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.standby.storefront.fake_shop import (
    API,
    CART,
    LISTING,
    SHOP,
    FakeApi,
    eventually,
    heard,
    visited,
)

pytestmark = pytest.mark.browser

GONE = {"kettle": "SoldOut", "SHIRT-M-Sand": "SoldOut", "SHIRT-S-Sand": "SoldOut"}
PICKER = '<standby-availability product="{}"><button disabled>The shop says: sold out</button></standby-availability>'
ONE = {"product_id": "old", "title": "Old", "price": None, "options": [], "variants": []}


def kept_waiting(page: Page, of: str) -> list[Route]:
    """Let the API be silent about a product; return what waits for its answer."""
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route(f"{API}/v1/products/availability?*product_id={of}&*", keep)
    return waiting


def at_last(page: Page, waiting: list[Route], said: Any = ONE) -> None:
    """Answer what waits."""
    for route in eventually(page, lambda: waiting):
        route.fulfill(status=200, headers={"Access-Control-Allow-Origin": SHOP}, json=said)
    page.wait_for_timeout(50)


def test_an_answer_about_the_product_before_is_not_shown_and_its_sizes_are_bought_no_more(browser: Browser) -> None:
    waiting: list[list[Route]] = []
    with visited(browser, PICKER.format("old"), before=lambda page: waiting.append(kept_waiting(page, "old"))) as (
        page,
        api,
    ):
        picker, value = page.locator("standby-availability"), "document.querySelector('standby-availability').value"
        eventually(page, lambda: waiting[0])
        picker.evaluate("(element) => element.setAttribute('product', 'shirt')")
        expect(picker.locator("label.chip")).to_have_count(5)
        at_last(page, waiting[0])
        expect(picker.locator("label.chip")).to_have_count(5)
        picker.evaluate("(element) => element.setAttribute('sku', 'SHIRT-M-Olive')")
        expect(picker.locator("input:checked")).to_have_count(2)
        assert page.evaluate(value) == "SHIRT-M-Olive"
        api.down = True
        picker.evaluate("(element) => element.setAttribute('product', 'boots')")
        expect(picker.locator("[part=note]")).to_be_visible()
        assert page.evaluate(value) == ""


def test_what_the_shop_switched_off_stays_off_and_who_asks_again_keeps_the_focus(browser: Browser) -> None:
    with visited(browser, PICKER.format("shirt"), api=FakeApi(down=True)) as (page, api):
        picker = page.locator("standby-availability")
        again = picker.get_by_role("button", name="Try again")
        again.focus()
        asked = len(api.asked)
        page.keyboard.press("Enter")
        eventually(page, lambda: len(api.asked) > asked)
        page.wait_for_timeout(50)
        expect(again).to_be_focused()
        expect(picker.get_by_role("button", name="The shop says")).to_be_disabled()


def test_variants_that_no_option_tells_apart_are_chosen_by_their_names(browser: Browser) -> None:
    api = FakeApi()
    variants = [
        {**api.product("en")["variants"][0], "sku": sku, "options": {}, "text": "", "units_left": 2}
        for sku in ("A", "B")
    ]
    api.answers = {"/v1/products/availability": (200, {**api.product("en"), "options": [], "variants": variants})}
    with visited(browser, PICKER.format("shirt"), api=api) as (page, _):
        page.locator("standby-availability select").select_option("B")
        expect(page.locator("standby-availability option:checked")).to_have_text("B: 2 left")
        assert page.evaluate("document.querySelector('standby-availability').value") == "B"


def test_what_is_chosen_is_seen_in_a_system_s_own_colours(browser: Browser) -> None:
    outlines = "(chips) => chips.map((chip) => getComputedStyle(chip).outlineStyle)"
    with visited(browser, PICKER.format("shirt")) as (page, _):
        page.emulate_media(forced_colors="active")
        chips = page.locator("standby-availability label.chip")
        chips.first.click()
        assert chips.evaluate_all(outlines)[:2] == ["solid", "none"]


def test_one_name_that_is_no_sku_costs_a_listing_nothing_and_long_ones_fit_an_address(browser: Browser) -> None:
    names = ["kettle", "x" * 300, *(f"{number}{'א' * 60}" for number in range(60)), "shirt"]
    items = "".join(f'<p data-standby-product="{name}"><b data-standby-badge>?</b></p>' for name in names)
    with visited(browser, f"<standby-badges>{items}</standby-badges>", api=FakeApi(statuses=GONE)) as (page, api):
        badges = page.locator("[data-standby-badge]")
        expect(badges.last).to_have_text("In stock")
        expect(badges.first).to_have_text("Sold out")
        expect(badges.nth(1)).to_have_text("?")
        assert max(len(request.url) for request in api.asked) < 8_000
        asked = len(api.asked)
        page.evaluate("document.querySelector('p:last-child').dataset.standbyProduct = 'kettle'")
        expect(badges.last).to_have_text("Sold out")
        assert heard(page, "changed") == []  # the page shows another product in the same place
        assert len(api.asked) - asked <= 4  # what was refused is not asked for again


def test_a_language_written_as_systems_do_and_words_that_come_late_are_found(browser: Browser) -> None:
    lost: list[Route] = []

    def once(route: Route) -> None:
        if lost:
            route.fallback()
        else:
            lost.append(route)
            route.abort()

    body = LISTING.replace("<standby-waitlist>", '<standby-waitlist product="shirt">')
    with visited(
        browser, body, api=FakeApi(statuses=GONE), locale="he_IL", before=lambda page: page.route("**/he.json", once)
    ) as (page, _):
        expect(page.locator("[data-standby-badge]").first).to_have_text("אזל מהמלאי")
        button = page.locator("standby-waitlist button").first
        expect(button).to_have_text("E-mail me when available")
        page.evaluate("document.querySelector('standby-waitlist').watch.now()")
        expect(button).to_have_text("עדכנו אותי כשיחזור למלאי")


def test_a_pop_over_shows_what_was_asked_for_last_and_closes_only_by_a_press_beside_it(browser: Browser) -> None:
    waiting: list[list[Route]] = []
    with visited(
        browser,
        LISTING,
        api=FakeApi(statuses=GONE),
        before=lambda page: waiting.append(kept_waiting(page, "old")),
    ) as (page, _):
        dialog = page.locator("standby-waitlist dialog")
        opened = "document.querySelector('standby-waitlist').open({{ product_id: '{}' }})"
        page.evaluate(f"void {opened.format('old')}")
        page.keyboard.press("Escape")
        page.evaluate(opened.format("shirt"))
        at_last(page, waiting[0])
        expect(dialog.locator(".what")).to_have_text("Linen shirt")
        field, box = dialog.locator("input[type=email]"), dialog.bounding_box()
        assert box is not None
        field.hover()
        page.mouse.down()  # a text is marked, and the mouse leaves the pop-over
        page.mouse.move(5, 5)
        page.mouse.up()
        page.mouse.click(box["x"] + 4, box["y"] + 40)
        expect(dialog).to_be_visible()
        page.mouse.click(5, 5)
        expect(dialog).to_be_hidden()
        page.evaluate(opened.format("shirt"))
        page.evaluate("document.body.prepend(document.querySelector('standby-waitlist'))")
        expect(dialog).to_be_hidden()


def test_a_page_of_a_network_that_wants_a_log_in_is_no_sign_up(browser: Browser) -> None:
    page_of_a_cafe = {"status": 200, "headers": {"Access-Control-Allow-Origin": SHOP}, "body": "<h1>Log in</h1>"}
    with visited(
        browser,
        LISTING,
        api=FakeApi(statuses={"kettle": "SoldOut", "SHIRT-M-Sand": "SoldOut"}),
        before=lambda page: page.route(f"{API}/v1/waitlist", lambda route: route.fulfill(**page_of_a_cafe)),
    ) as (page, _):
        page.locator("li button").first.click()
        dialog = page.locator("standby-waitlist dialog")
        dialog.locator("input[type=email]").fill("dana@example.org")
        dialog.locator("[type=submit]").click()
        expect(dialog.get_by_role("alert")).to_contain_text("did not reach us")


def test_stores_that_were_found_are_there_still_when_the_page_is_looked_at_again(browser: Browser) -> None:
    body = (
        '<standby-stores product="shirt"></standby-stores>'
        '<standby-alternatives product="shirt"><a>Ours</a></standby-alternatives>'
    )
    api = FakeApi(answers={"/v1/products/alternatives": (200, {"items": []})})
    with visited(browser, body, api=api) as (page, _):
        page.locator("standby-stores button").last.click()
        expect(page.locator("standby-stores li")).to_have_count(1)
        page.evaluate("document.querySelector('standby-stores').watch.now()")
        page.wait_for_timeout(50)
        expect(page.locator("standby-stores li")).to_have_count(1)
        expect(page.locator("standby-alternatives a")).to_be_visible()  # the shop's own, where we know none


def test_a_double_press_orders_once_after_the_check_also_where_a_script_orders(browser: Browser) -> None:
    orders = (
        "window.ordered = 0; document.addEventListener('DOMContentLoaded', () => document.querySelector('form')"
        ".addEventListener('submit', (event) => { event.preventDefault(); window.ordered += 1; }));"
    )
    check = '<standby-cart-check for="#cart" guard="#cart"></standby-cart-check>'
    assert check in CART
    body = CART.replace(check, f'<p data-standby-line="MUG" data-standby-quantity="1.5"></p>{check}{check}')
    with visited(browser, body, before=lambda page: page.add_init_script(orders)) as (page, api):
        page.get_by_role("button", name="To the checkout").dblclick()
        eventually(page, lambda: page.evaluate("window.ordered"))
        page.wait_for_timeout(100)
        assert page.evaluate("window.ordered") == 1
        api.statuses["SHIRT-M"] = "SoldOut"
        page.get_by_role("button", name="To the checkout").click()
        expect(page.locator("standby-cart-check li").first).to_contain_text("Sold out")
        assert page.evaluate("window.ordered") == 1


def test_what_is_held_is_counted_down_though_the_visitor_s_clock_is_a_year_ahead(browser: Browser) -> None:
    now = datetime(2026, 5, 3, 10, tzinfo=UTC)
    body = '<standby-preorder product="shirt" sku="SHIRT-S-Sand" held-until="2026-05-03T10:01:30Z"></standby-preorder>'
    with visited(
        browser,
        body,
        api=FakeApi(date=format_datetime(now, usegmt=True)),
        before=lambda page: page.clock.install(time=now + timedelta(days=365)),
    ) as (page, _):
        expect(page.locator("standby-preorder").get_by_role("timer")).to_have_text("1:30")
        assert heard(page, "expired") == []
