"""Pages in headless Chromium: what axe objects to, and how wide they are."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ViewportSize, sync_playwright

AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROWEST: ViewportSize = {"width": 320, "height": 256}
"""A page of 1280 by 1024 at 400 %, where nothing may scroll sideways (WCAG 2.2, 1.4.10)."""
DESK: ViewportSize = {"width": 1280, "height": 800}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium."""
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert executable, f"none of {', '.join(CHROMIUM)} is there (`make chromium` installs one)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


def objections(browser: Browser, pages: Mapping[str, str], scheme: Any, said: list[str] | None = None) -> list[Any]:
    """Return what axe objects to: page, rule, elements. What the console says and what is asked for go to ``said``."""
    found = []
    with browser.new_context(viewport=PHONE, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        if said is not None:
            page.on("console", lambda message: said.append(message.text))
            page.on("request", lambda request: said.append(request.url))
        for name, html in pages.items():
            page.set_content(html)
            page.add_script_tag(path=AXE)
            violations = page.evaluate("axe.run().then(result => result.violations)")
            found += [(name, rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations]
    return found


def too_wide(browser: Browser, pages: Mapping[str, str], viewport: ViewportSize) -> dict[str, int]:
    """Return the widths in CSS pixels of the pages that are wider than the screen."""
    widths = {}
    with browser.new_context(viewport=viewport) as context:
        page = context.new_page()
        for name, html in pages.items():
            page.set_content(html)
            widths[name] = page.evaluate("document.documentElement.scrollWidth")
    return {name: width for name, width in widths.items() if width > viewport["width"]}
