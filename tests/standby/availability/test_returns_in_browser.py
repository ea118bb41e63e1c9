"""The page of what is back in stock: nobody is kept out, and no screen is too narrow."""

import pytest
from playwright.sync_api import Browser

from tests.browsing import DESK, PHONE, objections, too_wide
from tests.standby.availability.storefront import Storefront
from tests.standby.availability.test_returns import SHIRT, answered, comes_back, describe
from tests.world import World

pytestmark = pytest.mark.browser

LONG = "A canvas shoe with a name that is far longer than a phone is wide, and-one-word-that-does-not-break-anywhere"


@pytest.fixture
def pages(world: World) -> dict[str, str]:
    describe(world, "shirt", 1, "SHIRT-S", "SHIRT-M", **SHIRT, rating={"hundredths": 490, "count": 2})
    describe(world, "shoe", 1, "SHOE", title={"en": LONG}, url="https://shop.example/p/shoe")
    empty = {f"{language} empty": answered(world, {"format": "html", "locale": language}) for language in ("en", "he")}
    comes_back(Storefront(world), "SHIRT-M", "SHOE")
    full = {
        language: answered(world, {"format": "html", "locale": language, "limit": "1"}) for language in ("en", "he")
    }
    rest = {"en rest": answered(world, {"format": "html"})}
    return {name: answer["body"] for name, answer in (empty | full | rest).items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(browser: Browser, pages: dict[str, str], scheme: str) -> None:
    assert objections(browser, pages, scheme) == []


@pytest.mark.parametrize("viewport", [PHONE, DESK, {"width": 320, "height": 640}], ids=["phone", "desk", "narrow"])
def test_no_screen_is_too_narrow(browser: Browser, pages: dict[str, str], viewport: object) -> None:
    assert too_wide(browser, pages, viewport) == {}  # type: ignore[arg-type]
