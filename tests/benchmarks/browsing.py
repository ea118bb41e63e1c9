"""What the storefront's elements cost a shopper: bytes, requests, the time until a badge is read, and what moves.

Chromium opens pages of a shop under its strict policy beside an API that is made up, so that what differs between the
pages that are compared is the elements alone.
"""

import json
import statistics
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request

from tests.benchmarks.figure import Figure
from tests.browsing import PHONE, chromium
from tests.standby.storefront.fake_shop import API, ASSETS, LOAD, PRODUCT, document, eventually, visited

LARGEST = 15_000
PRODUCTS = 100
ROUNDS = 9
SHIFT = 0.01
"""A tenth of what is called good (web.dev, cumulative layout shift)."""
LISTING = "".join(
    f'<li data-standby-product="p{number}"><a href="/p/{number}">Product {number}</a><p data-standby-badge></p>'
    '<button type="button" data-standby-wait hidden>E-mail me when available</button></li>'
    for number in range(PRODUCTS)
)
"""As the guide wants it."""
WITH_ELEMENTS = f"<standby-badges><ul>{LISTING}</ul></standby-badges>"
PLAIN = """
const items = [...document.querySelectorAll("[data-standby-product]")];
const query = items.map(({ dataset }) => `product_id=${dataset.standbyProduct}`).join("&");
fetch("%s/v1/availability?" + query, { credentials: "omit" }).then((answer) => answer.json()).then(({ items: found }) =>
  items.forEach((item, place) => { item.querySelector("[data-standby-badge]").textContent = found[place].label; }));
"""
BADGED = "() => document.querySelector('[data-standby-badge]').textContent !== ''"
WATCH = """
window.shift = 0;
const moved = ({ hadRecentInput, value }) => { if (!hadRecentInput) window.shift += value; };
new PerformanceObserver((list) => list.getEntries().forEach(moved)).observe({ type: "layout-shift", buffered: true });
new MutationObserver(() => {
  window.badged ??= document.querySelector("[data-standby-badge]")?.textContent ? performance.now() : undefined;
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def browsing() -> list[Figure]:
    """Measure bytes, requests, time and movement."""
    with chromium() as browser:
        listing, shifted = _opened(browser, WITH_ELEMENTS)
        product, shifted_too = _opened(browser, PRODUCT)
        quick = _beside_a_plain_fetch(browser)
    return [
        _bytes(),
        _requests("listing", listing, 1),
        _requests("product's page", product, 2),
        quick,
        Figure("layout shift of a listing", shifted, SHIFT, "CLS"),
        Figure("layout shift of a product's page", shifted_too, SHIFT, "CLS"),
    ]


def _bytes() -> Figure:
    files = json.loads((ASSETS / "manifest.json").read_text("utf-8"))["files"]
    parts = ", ".join(f"{name} {about['gzip_bytes']:,}" for name, about in files.items())
    return Figure("all elements together, packed", files["standby.js"]["gzip_bytes"], LARGEST, "bytes", parts)


def _requests(name: str, asked: Counter[str], most: int) -> Figure:
    beside = ", ".join(f"{count} of {path}" for path, count in sorted(asked.items()))
    return Figure(f"requests to the API of a {name}", sum(asked.values()), most, "requests", beside)


def _opened(browser: Browser, body: str) -> tuple[Counter[str], float]:
    """Open a page and wait until it rests. Returns what it asked the API, by path, and how much of it moved."""
    with visited(browser, body, viewport=PHONE, files={"/watch.js": ("text/javascript", WATCH)}) as (page, api):
        page.wait_for_load_state("networkidle")
        eventually(page, lambda: api.asked, "nothing was asked")
        page.wait_for_load_state("networkidle")
        shift: float = page.evaluate("window.shift")
        return Counter(_path(request) for request in api.asked), shift


def _path(request: Request) -> str:
    return urlsplit(request.url).path


def _beside_a_plain_fetch(browser: Browser) -> Figure:
    """Compare the time until the first badge stands with that of a script that only asks and writes, round by round."""
    plainly = document(f"<ul>{LISTING}</ul>").replace(LOAD, "")
    rounds = [
        (
            _badged(browser, {"/": ("text/html", document(WITH_ELEMENTS)), "/shop.js": ("text/javascript", "")}),
            _badged(browser, {"/": ("text/html", plainly), "/shop.js": ("text/javascript", PLAIN % API)}),
        )
        for _ in range(ROUNDS)
    ]
    ours, plain = (statistics.median(each) for each in zip(*rounds, strict=True))
    return Figure(
        f"time to the badges of {PRODUCTS} products, beside a plain fetch",
        statistics.median(one / other for one, other in rounds),
        1.5,
        "x",
        f"{ours:.0f} ms, a script that only asks and writes {plain:.0f} ms; medians of {ROUNDS} rounds",
    )


def _badged(browser: Browser, files: Mapping[str, tuple[str, str]]) -> float:
    """Return after how many milliseconds the first badge stood."""
    with visited(browser, "", viewport=PHONE, files={"/watch.js": ("text/javascript", WATCH), **files}) as (page, _):
        page.wait_for_function(BADGED)
        taken: float = page.evaluate("window.badged")
        return taken
