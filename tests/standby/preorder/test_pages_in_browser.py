"""The pages behind the links about reservations in Chromium: accessible, and no wider than a phone."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright
from standby.preorder.pages import own_page, problem_page

if TYPE_CHECKING:
    from standby.preorder.answers import OwnLineShown, OwnShown

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
LONGEST_SKU = "BOOT_" + "W" * 59
DRAWN = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/%3E"
CARDS = {
    "LAMP-BRASS": {
        "product_id": "LAMP",
        "title": {"en": "A brass lamp whose name is as long as names of brass lamps can be", "he": "מנורת פליז"},
        "variant": "Brass",
        "image": DRAWN,
        "url": "https://shop.example/p/lamp",
    }
}
AT = "2026-07-17T10:00:00.000Z"
LINE: "OwnLineShown" = {
    "sku": "LAMP-BRASS",
    "quantity": 2,
    "price": {"amount": 12_345_600, "currency": "ILS"},
    "promised_until": "2026-07-15",
    "allocated": 0,
    "place": 1_001,
}


def own(status: Any, **more: Any) -> "OwnShown":
    """Return what is shown of a reservation in a state."""
    shown: Any = {
        "kind": "preorder",
        "status": status,
        "next": {"held": "checkout", "confirmed": "arrival", "allocated": "delivery"}.get(status),
        "lines": [LINE],
        "reserved_at": "2026-05-03T10:00:00.000Z",
        "expires_at": AT if status == "held" else None,
        "pay_by": None,
        "ended_at": AT if status in {"cancelled", "expired", "fulfilled"} else None,
        "promised_until": "2026-07-15",
        "price": {"amount": 24_691_200, "currency": "ILS"},
        "paid": False,
        "cancel_asked_at": None,
        "cancel_sent_at": None,
    }
    return {**shown, **more}


def every_page(locale: str) -> dict[str, str]:
    """Return every page that a customer can come to, by name."""
    other: OwnLineShown = {**LINE, "sku": LONGEST_SKU, "allocated": 1, "price": None}
    shown = {
        **{status: own(status) for status in ("held", "confirmed", "fulfilled", "cancelled", "expired")},
        "several": own("confirmed", lines=[LINE, other], price=None),
        "asked": own("confirmed", cancel_asked_at=AT),
        "passed on": own("confirmed", cancel_asked_at=AT, cancel_sent_at=AT, next="decision"),
        "here": own("allocated", lines=[{**LINE, "place": None}], paid=True),
        "to be paid": own("allocated", lines=[{**LINE, "place": None}], pay_by=AT, next="payment"),
    }
    wrong = {
        each: own_page(locale, shown["asked"], cards=CARDS, zone="Asia/Jerusalem", action="cancel", wrong=each)
        for each in ("wrong-code", "code-over", "too-many-codes")
    }
    pages = {name: own_page(locale, said, cards=CARDS, zone="Asia/Jerusalem") for name, said in shown.items()}
    problems = {
        f"problem {kind}": problem_page(locale, kind) for kind in ("400", "404", "409", "410", "gone", "429", "500")
    }
    return {**pages, **wrong, **problems}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return one headless Chromium for all tests of this module."""
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert executable, f"none of {', '.join(CHROMIUM)} is there (`make chromium` installs one)"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.parametrize("locale", ["en", "he"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_object_to(browser: Browser, locale: str, scheme: Any) -> None:
    with browser.new_context(viewport=PHONE, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        found = {}
        for name, html in every_page(locale).items():
            page.set_content(html)
            page.add_script_tag(path=AXE)
            violations = page.evaluate("axe.run().then(result => result.violations)")
            found[name] = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations]
    assert found == {name: [] for name in every_page(locale)}


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("locale", ["en", "he"])
def test_nothing_is_wider_than_the_screen(browser: Browser, locale: str, viewport: Any) -> None:
    with browser.new_context(viewport=viewport) as context:
        page = context.new_page()
        for name, html in every_page(locale).items():
            page.set_content(html)
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name
