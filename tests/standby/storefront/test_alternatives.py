"""What can be bought instead leads where the catalogue says, or where the shop's own page says."""

import pytest
from playwright.sync_api import Browser, expect

from tests.standby.storefront.fake_shop import SHOP, eventually, visited

pytestmark = pytest.mark.browser


def test_alternatives_lead_to_the_shops_own_pages_where_the_page_says_how_these_are_called(browser: Browser) -> None:
    element = '<standby-alternatives product="shirt"{}></standby-alternatives>'
    own = ' page="/goods/{product_id}?from=shirt" picture="/pictures/{product_id}.svg"'
    with visited(browser, element.format("") + element.format(own)) as (page, _):
        catalogue, shop = page.locator("standby-alternatives").all()
        expect(catalogue.locator("a").first).to_have_attribute("href", f"{SHOP}/p/0")
        expect(catalogue.locator("img")).to_have_count(0)
        expect(shop.locator("a").first).to_be_visible()
        led_to = [link.get_attribute("href") for link in shop.locator("a").all()]
        assert led_to == [f"{SHOP}/goods/p{number}?from=shirt" for number in range(3)]
        expect(shop.locator("img").first).to_have_attribute("src", f"{SHOP}/pictures/p0.svg")


@pytest.mark.parametrize("own", ["javascript:alert('{product_id}')", "data:text/html,{product_id}"])
def test_alternatives_lead_to_no_address_that_is_no_web_page(browser: Browser, own: str) -> None:
    element = f'<standby-alternatives product="shirt" page="{own}">nothing instead</standby-alternatives>'
    with visited(browser, element) as (page, api):
        eventually(page, lambda: any("alternatives" in str(asked) for asked in api.asked))
        expect(page.get_by_text("nothing instead")).to_be_visible()
        expect(page.locator("standby-alternatives a")).to_have_count(0)
