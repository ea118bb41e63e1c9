"""The elements in a browser, on the pages of the guide, under a strict policy and beside an API that is made up."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browsing import AXE, DESK, NARROWEST
from tests.standby.storefront.fake_shop import (
    API,
    CART,
    LISTING,
    PLAIN,
    POLICY,
    PRODUCT,
    SHOP,
    FakeApi,
    document,
    eventually,
    heard,
    serve,
    visited,
)

pytestmark = pytest.mark.browser

SOLD_OUT = {"kettle": "SoldOut", "SHIRT-M-Sand": "SoldOut", "SHIRT-S-Sand": "LimitedAvailability"}
AHEAD = {**SOLD_OUT, "SHIRT-S-Olive": "PreOrder"}
MATRIX = '<standby-availability product="shirt" as="{}"></standby-availability>'
TITLES = {"en": "One step is left", "he": "נשאר עוד צעד אחד"}
SMALLEST_TARGET = 24


def sold_out() -> FakeApi:
    return FakeApi(statuses=dict(AHEAD))


def asked_for(api: FakeApi, path: str) -> int:
    return sum(path in request.url for request in api.asked)


def looked_at_again(page: Page) -> None:
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def passes(page: Page, *, seconds: int) -> None:
    """Let time pass in small steps, in which requests come to their end."""
    for _step in range(seconds // 5):
        page.clock.run_for(5_000)
        page.wait_for_timeout(10)


def popover(page: Page) -> Any:
    return page.locator("standby-waitlist dialog")


# ---- a listing


def test_a_listing_asks_once_and_shows_each_product_its_badge_where_the_shop_keeps_a_place(browser: Browser) -> None:
    with visited(browser, LISTING, api=sold_out()) as (page, api):
        expect(page.locator("[data-standby-badge]")).to_have_text(["Sold out", "In stock"])
        kettle, shirt = page.locator("li").all()
        assert (kettle.get_attribute("data-standby-status"), kettle.get_attribute("data-standby-actions")) == (
            "SoldOut",
            "wait",
        )
        expect(kettle.get_by_role("button")).to_be_visible()
        expect(shirt.locator("button")).to_be_hidden()
        assert asked_for(api, "/v1/availability?") == 1
        assert page.evaluate("[window.shift, window.refused]") == [0, []]


def test_a_long_listing_asks_for_a_hundred_at_a_time_and_for_what_is_scrolled_in(browser: Browser) -> None:
    items = "".join(f'<p data-standby-product="P{n}"><b data-standby-badge></b></p>' for n in range(230))
    with visited(browser, f"<standby-badges>{items}</standby-badges>") as (page, api):
        expect(page.locator("[data-standby-badge]").last).to_have_text("In stock")
        assert asked_for(api, "/v1/availability?") == 3
        page.evaluate(
            """() => { const more = document.createElement("p"); more.dataset.standbySku = "NEW";
            more.dataset.standbyBadge = ""; document.querySelector("standby-badges").append(more); }"""
        )
        expect(page.locator("[data-standby-sku]")).to_have_text("In stock")


def test_a_badge_flips_without_a_reload(browser: Browser) -> None:
    with visited(browser, LISTING, before=lambda page: page.clock.install()) as (page, api):
        badge = page.locator("[data-standby-badge]").first
        expect(badge).to_have_text("In stock")
        api.statuses["kettle"] = "SoldOut"
        page.clock.run_for(31_000)
        expect(badge).to_have_text("Sold out")
        api.statuses["kettle"] = "LimitedAvailability"
        page.clock.run_for(6_000)
        looked_at_again(page)
        page.clock.run_for(100)
        expect(badge).to_have_text("Only 2 left")
        assert [(each["before"], each["status"]) for each in heard(page, "changed")] == [
            ("InStock", "SoldOut"),
            ("SoldOut", "LimitedAvailability"),
        ]


def test_while_the_api_is_down_the_shop_s_own_words_stay_and_it_is_asked_more_and_more_seldom(browser: Browser) -> None:
    body = LISTING.replace("<p data-standby-badge></p>", "<p data-standby-badge>Ask us</p>")
    api = FakeApi(down=True)
    with visited(browser, body, api=api, before=lambda page: page.clock.install()) as (page, _):
        eventually(page, lambda: heard(page, "failed"))
        expect(page.locator("[data-standby-badge]")).to_have_text(["Ask us", "Ask us"])
        passes(page, seconds=600)
        assert 3 <= len(api.asked) <= 8
        api.down = False
        badges = page.locator("[data-standby-badge]")
        passes(page, seconds=300)
        eventually(page, lambda: passes(page, seconds=60) or badges.all_text_contents() == ["In stock", "In stock"])


# ---- a product


def test_a_sold_out_size_is_shown_as_missing_and_the_keyboard_reaches_it(browser: Browser) -> None:
    with visited(browser, PRODUCT, api=sold_out()) as (page, _):
        picker = page.locator("standby-availability")
        expect(picker.locator("label.chip")).to_have_text(["S2 left", "M", "L", "Sand", "Olive"])
        picker.get_by_role("radio").nth(3).focus()
        page.keyboard.press("Space")
        picker.get_by_role("radio").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        expect(picker.get_by_role("radio", name="M sold out")).to_be_focused()
        expect(picker.get_by_role("status")).to_have_text("Sold out · ₪129.90 · expected back on March 1, 2027")
        expect(picker.get_by_role("button", name="E-mail me when available")).to_be_visible()
        assert [each["sku"] for each in heard(page, "chosen")] == ["SHIRT-S-Sand", "SHIRT-M-Sand"]
        expect(page.get_by_role("button", name="Add to cart")).to_be_disabled()
        assert page.evaluate("window.refused") == []


def test_the_shop_s_own_field_rests_while_the_element_shows_its_own(browser: Browser) -> None:
    sent = "new FormData(document.querySelector('form')).getAll('sku')"
    with visited(browser, PRODUCT.replace("<standby-preorder", "<hr><standby-preorder")) as (page, _):
        chips = page.locator("standby-availability label.chip")
        for number in (0, 3):
            chips.nth(number).click()
        assert page.evaluate(sent) == ["SHIRT-S-Sand"]
    with visited(browser, PRODUCT, api=FakeApi(down=True)) as (page, _):
        expect(page.locator("standby-availability")).to_contain_text("We cannot say")
        assert page.evaluate(sent) == ["SHIRT-M"]


def test_a_page_that_just_stays_open_asks_more_and_more_seldom(browser: Browser) -> None:
    with visited(browser, LISTING, before=lambda page: page.clock.install()) as (page, api):
        expect(page.locator("[data-standby-badge]").first).to_have_text("In stock")
        passes(page, seconds=3_600)
        assert 12 <= asked_for(api, "/v1/availability?") <= 24


def test_a_choice_that_is_not_made_lets_the_other_one_go(browser: Browser) -> None:
    with visited(browser, PRODUCT) as (page, _):
        chips = page.locator("standby-availability label.chip")
        for number in (4, 2):  # Olive, then L
            chips.nth(number).click()
        expect(page.locator("standby-availability input:checked")).to_have_count(1)
        expect(chips.nth(4)).to_have_text("Olivenot made")


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "S, Sand: 2 left|S, Olive: pre-order|M, Sand: sold out|M, Olive: in stock|L, Sand: in stock"),
        ("he", "S, Sand: נותרו שניים|S, Olive: הזמנה מוקדמת|M, Sand: אזל|M, Olive: במלאי|L, Sand: במלאי"),
    ],
)
def test_the_grid_tells_every_variant_at_a_glance(browser: Browser, locale: str, said: str) -> None:
    with visited(browser, MATRIX.format("grid"), api=sold_out(), locale=locale) as (page, _):
        cells = page.locator("standby-availability td label")
        expect(cells).to_have_text(said.split("|"))
        expect(page.locator("standby-availability td[part=none]")).to_have_count(1)
        cells.nth(2).click()
        assert [each["sku"] for each in heard(page, "chosen")] == ["SHIRT-M-Sand"]


def test_the_drop_down_says_the_same_and_is_a_field_of_the_form(browser: Browser) -> None:
    body = f"<form>{MATRIX.format('list').replace('as=', 'name=sku as=')}</form>"
    with visited(browser, body, api=sold_out()) as (page, _):
        select = page.locator("standby-availability select")
        expect(select.locator("option")).to_have_text(
            [
                "Please choose",
                "S, Sand: 2 left",
                "S, Olive: pre-order",
                "M, Sand: sold out",
                "M, Olive",
                "L, Sand",
            ]
        )
        select.select_option("SHIRT-M-Olive")
        assert page.evaluate("new FormData(document.forms[0]).get('sku')") == "SHIRT-M-Olive"


def test_a_choice_is_remembered_only_after_consent_and_forgotten_without_it(browser: Browser) -> None:
    stored = "[localStorage.length, sessionStorage.length, document.cookie.length]"
    with visited(browser, PRODUCT) as (page, _):
        page.locator("standby-availability label.chip").nth(1).click()
        assert page.evaluate(stored) == [0, 0, 0]
        page.evaluate("document.documentElement.toggleAttribute('data-standby-consent', true)")
        assert json.loads(page.evaluate("localStorage.getItem('standby:choice')")) == {"Size": "M"}
        page.reload()
        page.locator("standby-availability label.chip").first.wait_for()
        expect(page.locator("standby-availability input:checked")).to_have_count(0)
        page.evaluate("document.documentElement.toggleAttribute('data-standby-consent', true)")
        page.evaluate("document.documentElement.toggleAttribute('data-standby-consent', false)")
        assert page.evaluate(stored) == [0, 0, 0]


def test_what_was_chosen_with_consent_is_chosen_on_the_next_page(browser: Browser) -> None:
    with visited(browser, PRODUCT, consent=True) as (page, _):
        page.locator("standby-availability label.chip").nth(1).click()
        page.reload()
        expect(page.locator("standby-availability input:checked")).to_have_count(1)


def test_a_product_that_nobody_can_tell_of_leaves_the_shop_s_own_field_and_says_so(browser: Browser) -> None:
    with visited(browser, PRODUCT, api=FakeApi(down=True)) as (page, api):
        picker = page.locator("standby-availability")
        expect(picker.locator("[part=note]")).to_contain_text("We cannot say right now what is in stock.")
        expect(picker.get_by_label("Variant")).to_be_visible()
        api.down = False
        picker.get_by_role("button", name="Try again").click()
        expect(picker.locator("label.chip")).to_have_count(5)


def test_an_api_that_does_not_answer_is_given_up_after_some_seconds(browser: Browser) -> None:
    stuck = "window.fetch = (url, { signal }) => new Promise((_, no) => signal.addEventListener('abort', no))"

    def before(page: Page) -> None:
        page.clock.install()
        page.add_init_script(stuck)

    with visited(browser, PRODUCT, before=before) as (page, _):
        page.locator("standby-availability:defined").wait_for()
        expect(page.get_by_role("button", name="Add to cart")).to_be_enabled()
        page.clock.run_for(9_000)
        expect(page.locator("standby-availability [part=note]")).to_contain_text("We cannot say right now")


# ---- waiting


def test_without_scripts_a_plain_form_is_posted_and_with_them_it_is_not_there(browser: Browser) -> None:
    sent: list[Any] = []

    def taken(route: Route) -> None:
        sent.append((route.request.url, route.request.headers["origin"], parse_qs(route.request.post_data or "")))
        route.fulfill(status=200, content_type="text/html", body="<title>Look into your mailbox</title>")

    allowing = POLICY.replace("form-action 'self'", f"form-action {API}")
    with browser.new_context(java_script_enabled=False) as context:
        serve(context, SHOP, {"/": ("text/html", document(PLAIN))}, allowing)
        context.route(f"{API}/v1/waitlist", taken)
        page = context.new_page()
        page.goto(SHOP)
        page.get_by_label("Your e-mail address").fill("dana@example.org")
        page.get_by_role("button").click()
        expect(page).to_have_title("Look into your mailbox")
    said = {"email": ["dana@example.org"], "sku": ["SHIRT-M"], "locale": ["en"], "wording": ["2026-11"]}
    assert sent == [(f"{API}/v1/waitlist", SHOP, said)]
    with visited(browser, PLAIN) as (page, _):
        expect(page.locator("form")).to_have_count(0)


@pytest.mark.parametrize("locale", ["en", "he"])
def test_a_guest_signs_up_from_the_listing_and_is_told_what_happens_next(browser: Browser, locale: str) -> None:
    body = LISTING.replace("<standby-waitlist>", '<standby-waitlist wording="of words that are not here">')
    with visited(browser, body, api=FakeApi(statuses={"kettle": "SoldOut"} | AHEAD), locale=locale) as (page, api):
        api.statuses["kettle"] = "SoldOut"
        page.locator("li button").first.click()
        dialog = popover(page)
        expect(dialog.locator("input[type=email]")).to_be_focused()
        expect(dialog.locator("input:checked")).to_have_count(0)
        dialog.locator("input[type=email]").fill("dana@example.org")
        dialog.locator("input[name=quantity]").fill("2")
        dialog.locator("[type=submit]").click()
        expect(dialog.get_by_role("heading")).to_have_text(TITLES[locale])
        expect(dialog.get_by_role("heading")).to_be_focused()
        expect(dialog.locator("li").first).to_contain_text("dana@example.org")
        (sent,) = [request.post_data_json for request in api.asked if request.method == "POST"]
        assert sent == {
            "email": "dana@example.org",
            "skus": ["SHIRT-M-Sand"],
            "quantity": 2,
            "locale": locale,
            "time_zone": sent["time_zone"],
            "consent": {"wording": f"standby-1.{locale}", "marketing": False},
            "digest": False,
        }
        assert heard(page, "waiting") == [{"skus": ["SHIRT-M-Sand"], "quantity": 2}]
        page.keyboard.press("Escape")
        expect(page.locator("li button").first).to_be_focused()
        assert page.evaluate("window.refused") == []


def test_what_is_wrong_is_marked_for_who_does_not_see_it(browser: Browser) -> None:
    with visited(browser, LISTING, api=sold_out()) as (page, _):
        page.locator("li button").first.click()
        field = popover(page).locator("input[type=email]")
        popover(page).locator("[type=submit]").click()
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_be_focused()
        field.fill("dana@example.org")
        popover(page).locator("[type=submit]").click()
        expect(popover(page).get_by_role("heading")).to_have_text(TITLES["en"])


def test_a_shop_may_open_something_of_its_own_instead(browser: Browser) -> None:
    own = {
        "/shop.js": ("text/javascript", "document.body.addEventListener('click', (event) => event.preventDefault())")
    }
    with visited(browser, LISTING, api=sold_out(), files=own) as (page, api):
        page.locator("li button").first.click()
        expect(popover(page)).to_be_hidden()
        assert asked_for(api, "/v1/products") == 0


def test_any_of_several_variants_can_be_waited_for(browser: Browser) -> None:
    gone = {f"SHIRT-{size}-Sand": "SoldOut" for size in "SML"}
    with visited(browser, PRODUCT, api=FakeApi(statuses=gone)) as (page, api):
        page.locator("standby-availability label.chip").nth(1).click()
        page.locator("standby-availability label.chip").nth(3).click()
        page.locator("standby-availability").get_by_role("button", name="E-mail me").click()
        dialog = popover(page)
        expect(dialog.get_by_role("checkbox", name="M, Sand")).to_be_checked()
        dialog.get_by_label("S, Sand").check()
        dialog.locator("input[type=email]").fill("dana@example.org")
        dialog.get_by_label("Also send me news and offers").check()
        dialog.locator("[type=submit]").click()
        expect(dialog.get_by_role("heading")).to_have_text(TITLES["en"])
        (sent,) = [request.post_data_json for request in api.asked if request.method == "POST"]
        assert (sent["skus"], sent["consent"]) == (
            ["SHIRT-S-Sand", "SHIRT-M-Sand"],
            {"wording": "2026-11", "marketing": True},
        )


@pytest.mark.parametrize(
    ("field", "written", "answer", "said"),
    [
        ("email", "dana", None, "Please write an e-mail address, such as name@example.org."),
        ("quantity", "0", None, "Please write a number from 1 to 999."),
        ("email", "dana@example.org", (400, {"errors": ["email"]}), "Please write an e-mail address"),
        ("until", "2099-01-01", (400, {"errors": ["until: must lie between"]}), "Please choose a day from today on."),
        ("email", "dana@example.org", (400, {"errors": ["skus: is none"]}), "Your sign-up did not reach us."),
        ("email", "dana@example.org", (429, {}), "Too many sign-ups came from your network."),
        ("email", "dana@example.org", (503, {}), "Your sign-up did not reach us. Please try again."),
    ],
)
def test_a_sign_up_that_does_not_succeed_says_what_to_do_and_loses_nothing(
    browser: Browser, field: str, written: str, answer: Any, said: str
) -> None:
    api = sold_out()
    api.answers = {"/v1/waitlist": answer} if answer else {}
    with visited(browser, LISTING, api=api) as (page, _):
        page.locator("li button").first.click()
        dialog = popover(page)
        dialog.locator("input[type=email]").fill("dana@example.org")
        dialog.locator(f"input[name={field}]").fill(written)
        dialog.locator("[type=submit]").click()
        expect(dialog.get_by_role("alert")).to_contain_text(said)
        expect(dialog.locator(f"input[name={field}]")).to_have_value(written)
        expect(dialog.locator("[type=submit]")).to_be_enabled()


# ---- ordering ahead, stores, the cart


def test_a_pre_order_is_handed_to_the_shop_which_says_until_when_it_is_held(browser: Browser) -> None:
    with visited(browser, PRODUCT, api=sold_out(), before=lambda page: page.clock.install()) as (page, _):
        ahead = page.locator("standby-preorder")
        expect(ahead.locator("[part=date]")).to_have_text("with you by March 1, 2027")
        ahead.get_by_role("button", name="Pre-order").click()
        assert [each["sku"] for each in heard(page, "preorder")] == ["SHIRT-S-Olive"]
        held = "new Date(Date.now() + 90_000).toISOString()"
        page.evaluate(f"document.querySelector('standby-preorder').setAttribute('held-until', {held})")
        expect(ahead.get_by_role("timer")).to_have_text("1:30")
        page.clock.fast_forward(91_000)
        expect(ahead).to_contain_text("The time is over")
        passes(page, seconds=60)
        expect(ahead).to_contain_text("The time is over")
        assert len(heard(page, "expired")) == 1


def test_how_long_it_is_held_is_said_also_while_the_api_is_down(browser: Browser) -> None:
    with visited(browser, PRODUCT, api=sold_out(), before=lambda page: page.clock.install()) as (page, api):
        ahead = page.locator("standby-preorder")
        expect(ahead.get_by_role("button", name="Pre-order")).to_be_visible()
        api.down = True
        held = "new Date(Date.now() + 90_000).toISOString()"
        page.evaluate(f"document.querySelector('standby-preorder').setAttribute('held-until', {held})")
        passes(page, seconds=60)
        expect(ahead.get_by_role("timer")).to_have_text("0:30")


def test_a_cart_with_something_gone_is_held_back_and_one_that_nobody_can_check_is_not(browser: Browser) -> None:
    api = FakeApi(statuses={"SHIRT-M": "SoldOut"})
    with visited(browser, CART, api=api) as (page, _):
        expect(page.locator("standby-cart-check li")).to_have_text(
            "Shirt, M: Sold out · expected back on March 1, 2027"
        )
        asked = len(api.asked)
        page.get_by_role("button", name="To the checkout").click()
        eventually(page, lambda: len(api.asked) > asked)
        expect(page.locator("standby-cart-check li")).to_have_count(1)
        assert page.url == f"{SHOP}/"
        api.down = True
        page.get_by_role("button", name="To the checkout").click()
        page.wait_for_url(f"{SHOP}/checkout")


# ---- all of it


def whole(page: Page) -> None:
    """Show everything that there is, with the pop-over open."""
    page.locator("standby-stores button").last.click()
    page.locator("standby-stores li").wait_for()
    page.locator("standby-alternatives li").first.wait_for()
    page.locator("standby-availability label.chip").nth(1).click()
    page.locator("standby-availability label.chip").nth(3).click()


PAGES = LISTING.replace("<standby-waitlist></standby-waitlist>", "") + PRODUCT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "he"])
def test_axe_finds_nothing_to_object_to(browser: Browser, locale: str, scheme: Any) -> None:
    found: list[Any] = []
    body = PAGES + MATRIX.format("grid") + MATRIX.format("list")
    with visited(browser, body, api=sold_out(), locale=locale, scheme=scheme, open_policy=True) as (page, _):
        whole(page)
        page.add_script_tag(path=AXE)
        look = "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map((n) => n.html)]))"
        found += page.evaluate(look)
        page.locator("standby-availability button").first.click()
        popover(page).locator("input[type=email]").fill("dana")
        popover(page).locator("[type=submit]").click()
        found += page.evaluate(look)
    assert found == []


@pytest.mark.parametrize("viewport", [NARROWEST, DESK], ids=["400 % on a desk", "desk"])
@pytest.mark.parametrize("locale", ["en", "he"])
def test_nothing_is_wider_than_the_screen_moves_by_itself_or_is_too_small_to_hit(
    browser: Browser, locale: str, viewport: Any
) -> None:
    with visited(browser, PAGES, api=sold_out(), locale=locale, viewport=viewport) as (page, _):
        page.locator("standby-alternatives li").first.wait_for()
        page.locator("standby-preorder button").wait_for()
        assert page.evaluate("window.shift") == 0
        whole(page)
        page.locator("standby-availability button").first.click()
        popover(page).locator("input[type=email]").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert popover(page).evaluate("(dialog) => dialog.scrollWidth - dialog.clientWidth") == 0
        hit = page.locator("standby-availability label, standby-stores button, dialog button, dialog label").all()
        sizes = [box for each in hit if (box := each.bounding_box())]
        assert min(min(box["width"], box["height"]) for box in sizes) >= SMALLEST_TARGET


def test_a_part_alone_and_the_shop_s_own_words(browser: Browser) -> None:
    words = {"/words.en.json": ("application/json", json.dumps({"status.SoldOut": "Gone for now"}))}
    head = '<meta name="standby-texts" content="/words.{locale}.json">'
    part = {"/shop.js": ("text/javascript", "")}
    with visited(browser, LISTING, api=sold_out(), head=head, files={**words, **part}, own_texts=True) as (page, _):
        expect(page.locator("[data-standby-badge]").first).to_have_text("Gone for now")
