"""What the benchmark of the elements looks at is what the guide tells a shop to write."""

import pytest
from playwright.sync_api import Browser

from tests.benchmarks.browsing import LISTING, PRODUCTS, WITH_ELEMENTS, _badged, _opened
from tests.standby.storefront.fake_shop import SNIPPETS, document

pytestmark = pytest.mark.browser


def test_a_listing_is_measured_as_the_guide_writes_it() -> None:
    assert LISTING.count("data-standby-product") == PRODUCTS
    for mark in (
        "data-standby-product",
        "<p data-standby-badge></p>",
        "data-standby-wait hidden>E-mail me when available",
    ):
        assert mark in SNIPPETS["html"][1]
        assert mark in WITH_ELEMENTS


def test_one_request_is_counted_and_the_moment_of_the_badge_seen(browser: Browser) -> None:
    asked, shift = _opened(browser, WITH_ELEMENTS)
    taken = _badged(browser, {"/": ("text/html", document(WITH_ELEMENTS)), "/shop.js": ("text/javascript", "")})
    assert (asked, shift) == ({"/v1/availability": 1}, 0)
    assert taken > 0
