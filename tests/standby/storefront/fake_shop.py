"""A shop's page in a browser, under a strict policy and from an origin of its own, beside an API that is made up.

Requests never leave the browser: what it asks of the two origins is answered here, headers and all.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, ViewportSize

from tests.browsing import DESK

LAYER = Path(__file__).parents[3] / "layers" / "storefront"
ASSETS = LAYER / "python" / "storefront_assets"
GUIDE = (LAYER / "README.md").read_text("utf-8")
SHOP, API = "https://shop.test", "https://care.shop.example"
SNIPPET = re.compile(r"^```(html|css|js|csp)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SNIPPETS: dict[str, list[str]] = {"html": [], "css": [], "js": [], "csp": []}
for kind, text in SNIPPET.findall(GUIDE):
    SNIPPETS[kind].append(text)
LOAD, LISTING, PRODUCT, CART, PLAIN = SNIPPETS["html"]
ALLOWED = SNIPPETS["csp"][0].strip().replace("script-src", "script-src 'self'")
POLICY = (
    f"default-src 'none'; {ALLOWED}; "
    "style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"
)
LOOK = """
:root { color-scheme: light dark; font: 1rem/1.5 "DejaVu Sans", sans-serif; }
html { background: light-dark(#fff, #121212); color: light-dark(#111, #eee); }
body { margin: 1rem auto; max-width: 60rem; padding: 0 1rem; } a { color: inherit; }
ul { padding: 0; list-style: none; } li { margin-block: 1rem; }
"""
WATCH = """
window.heard = []; window.shift = 0; window.refused = [];
const kinds = ["badges", "changed", "chosen", "waiting", "preorder", "expired", "cart", "failed", "stores"];
for (const name of kinds)
  document.addEventListener(`standby-${name}`, ({ detail }) => window.heard.push([name, detail]));
const moved = ({ hadRecentInput, value }) => { if (!hadRecentInput) window.shift += value; };
new PerformanceObserver((list) => list.getEntries().forEach(moved)).observe({ type: "layout-shift", buffered: true });
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
"""
NOTHING = {"back_on": None, "back_on_firm": None, "release_on": None}
LABELS = {
    "en": {"InStock": "In stock", "LimitedAvailability": "Only 2 left", "SoldOut": "Sold out", "PreOrder": "Pre-order"},
    "he": {
        "InStock": "במלאי",
        "LimitedAvailability": "נותרו שתי יחידות בלבד",
        "SoldOut": "אזל מהמלאי",
        "PreOrder": "הזמנה מוקדמת",
    },
}
ACTIONS = {"InStock": ["buy"], "LimitedAvailability": ["buy"], "SoldOut": ["wait"], "PreOrder": ["preorder"]}
LATER = {"SoldOut", "PreOrder"}
BACK = {"back_on": "2027-03-01"}
PRICE = {"price": {"amount": 12_990, "currency": "ILS"}}
STORE = {
    "location_id": "haifa",
    "name": "Haifa",
    "address": "1 Harbour Street",
    "phone": "+972 4 000 0000",
    "open_now": True,
    "hours_today": [["09:00", "18:00"]],
    "hours_text": None,
    "skus": [{"sku": "SHIRT-M-Sand", "units_left": 2}],
}
PATIENCE_SECONDS = 5
LONGEST_NAME = 100
Found = TypeVar("Found")
SIZES, COLOURS = ("S", "M", "L"), ("Sand", "Olive")


@dataclass
class FakeApi:
    """Answers as the API does, from what a test says of each SKU."""

    statuses: dict[str, str] = field(default_factory=dict)
    down: bool = False
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """What is answered instead, by the end of the path."""
    asked: list[Request] = field(default_factory=list)
    date: str = ""
    """What time it is where the API is, as the header says it."""

    def of(self, name: str, locale: str) -> dict[str, Any]:
        """Return what is said of a SKU or product."""
        status = self.statuses.get(name, "InStock")
        units = 2 if status == "LimitedAvailability" else None
        told = {"status": status, "label": LABELS[locale][status], "units_left": units, "actions": ACTIONS[status]}
        return {**NOTHING, **told, "as_of": "2026-05-03T10:00:00Z", **(BACK if status in LATER else {})}

    def product(self, locale: str) -> dict[str, Any]:
        """Return the shirt: three sizes in two colours, of which one is not made."""
        names = ("Size", "Colour") if locale == "en" else ("מידה", "צבע")
        made = [(size, colour) for size in SIZES for colour in COLOURS if (size, colour) != ("L", "Olive")]
        variants = [
            {"sku": sku, "options": dict(zip(names, values, strict=True)), "text": ", ".join(values), "in_store": False}
            | {**PRICE, **self.of(sku, locale)}
            for values in made
            if (sku := f"SHIRT-{'-'.join(values)}")
        ]
        options = [
            {"name": name, "text": name, "values": [{"value": value, "text": value} for value in values]}
            for name, values in zip(names, (SIZES, COLOURS), strict=True)
        ]
        title = "Linen shirt" if locale == "en" else "חולצת פשתן"
        return {"product_id": "shirt", "title": title, "price": None, "options": options, "variants": variants}

    def answer(self, request: Request) -> tuple[int, Any]:
        """Answer a request."""
        parts = urlsplit(request.url)
        query = parse_qs(parts.query)
        locale = query.get("locale", ["en"])[0].partition("-")[0]
        instead = next((said for end, said in self.answers.items() if parts.path.endswith(end)), None)
        if instead:
            return instead
        names = [*query.get("sku", ()), *query.get("product_id", ())]
        if any(len(name) > LONGEST_NAME for name in names):
            return 400, {"errors": ["sku: too long"]}
        body = request.post_data_json if request.method == "POST" else None
        known = {
            "/v1/availability": lambda: self._badges(query, locale),
            "/v1/products/availability": lambda: self.product(locale),
            "/v1/products/alternatives": lambda: {"items": [self._other(number, locale) for number in range(3)]},
            "/v1/products/stores": lambda: {"items": [{**STORE, "distance_km": 1.24 if "near" in query else None}]},
            "/v1/availability/check": lambda: self._cart(body["lines"], locale),
            "/v1/waitlist": lambda: {"status": "accepted"},
        }
        return (202 if body and "email" in body else 200), known[parts.path]()

    def _badges(self, query: dict[str, list[str]], locale: str) -> dict[str, Any]:
        (kind,) = {"sku", "product_id"} & query.keys()
        assert len(query[kind]) <= 100
        return {
            "items": [{"sku": None, "product_id": None, kind: name, **self.of(name, locale)} for name in query[kind]]
        }

    def _other(self, number: int, locale: str) -> dict[str, Any]:
        shown = {"title": f"Shirt {number}", "url": f"{SHOP}/p/{number}", "image": None, "sku": None}
        return {"product_id": f"p{number}", **shown, **PRICE, **self.of("p", locale)}

    def _cart(self, lines: list[dict[str, Any]], locale: str) -> dict[str, Any]:
        assert all(isinstance(line["quantity"], int) for line in lines)
        said = [{**line, **self.of(line["sku"], locale)} for line in lines]
        checked = [{**line, "can_be_had": line["actions"] == ["buy"], "units": 0} for line in said]
        return {"can_be_had": all(line["can_be_had"] for line in checked), "lines": checked}


def document(body: str, *, locale: str = "en", head: str = "", consent: bool = False) -> str:
    """Return a page of the shop."""
    direction = "rtl" if locale.startswith("he") else "ltr"
    told = " data-standby-consent" if consent else ""
    return f"""<!doctype html><html lang="{locale}" dir="{direction}"{told}>
<head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}<link rel="stylesheet" href="/shop.css">
<script src="/watch.js"></script><script type="module" src="/shop.js"></script>{LOAD}</head>
<body><main><h1>Shop</h1>{body}</main></body></html>"""


def policy(*, own_texts: bool = False) -> str:
    """Return the page's policy: the strictest there is, and what the guide asks for."""
    return POLICY.replace("connect-src", "connect-src 'self'") if own_texts else POLICY


def serve(context: BrowserContext, origin: str, files: Mapping[str, tuple[str, str]], policy: str) -> None:
    """Let the browser find these files, by path: media type and text, and at any other path of theirs a page."""

    def answer(route: Route) -> None:
        media, text = files.get(urlsplit(route.request.url).path, ("text/html", "<title>elsewhere</title>"))
        headers = {"Content-Type": f"{media}; charset=utf-8", "Content-Security-Policy": policy}
        route.fulfill(status=200, headers=headers, body=text)

    context.route(f"{origin}/**", answer)


@contextmanager
def visited(
    browser: Browser,
    body: str,
    *,
    api: FakeApi | None = None,
    locale: str = "en",
    scheme: Any = "light",
    viewport: ViewportSize = DESK,
    files: Mapping[str, tuple[str, str]] | None = None,
    before: Callable[[Page], None] = lambda page: None,
    open_policy: bool = False,
    allowed: Sequence[str] = (),
    own_texts: bool = False,
    **more: Any,
) -> Iterator[tuple[Page, FakeApi]]:
    """Open a page of the shop. ``files`` are the shop's own, by path: media type and text.

    ``open_policy`` lets a test's own scripts in; ``allowed`` are what the visitor lets the page do.
    With ``own_texts`` the policy lets the page fetch words of the shop's own.
    """
    world = api or FakeApi()
    own = {
        "/": ("text/html", document(body, locale=locale, **more)),
        "/shop.css": ("text/css", LOOK + SNIPPETS["css"][0]),
        "/shop.js": ("text/javascript", SNIPPETS["js"][0]),
        "/watch.js": ("text/javascript", WATCH),
        **(files or {}),
    }

    def of_the_api(route: Route) -> None:
        request = route.request
        allowed = {"Access-Control-Allow-Origin": SHOP, "Access-Control-Expose-Headers": "Date, Retry-After"}
        path = urlsplit(request.url).path
        if path.startswith("/v1/storefront/"):
            media = "text/javascript" if path.endswith(".js") else "application/json"
            body = (ASSETS / path.rpartition("/")[2]).read_bytes()
            route.fulfill(status=200, headers={**allowed, "Content-Type": media}, body=body)
            return
        world.asked.append(request)
        if world.down:
            route.abort()
            return
        status, answer = world.answer(request)
        dated = {"Date": world.date} if world.date else {}
        headers = {**allowed, **dated, "Content-Type": "application/json"}
        route.fulfill(status=status, headers=headers, body=json.dumps(answer))

    given = {
        "viewport": viewport,
        "color_scheme": scheme,
        "locale": locale.replace("_", "-"),
        "bypass_csp": open_policy,
    }
    place = {"latitude": 32.794_04, "longitude": 34.989_57}
    with browser.new_context(**given, permissions=list(allowed), geolocation=place) as context:
        serve(context, SHOP, own, policy(own_texts=own_texts))
        context.route(f"{API}/**", of_the_api)
        page = context.new_page()
        page.set_default_timeout(5_000)
        before(page)
        page.goto(SHOP)
        yield page, world


def eventually(page: Page, found: Callable[[], Found], what: str = "") -> Found:
    """Return what is found, once there is any, while the page and its requests go on."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (there := found()):
        assert time.monotonic() < until, what or "nothing came"
        page.wait_for_timeout(20)
    return there


def heard(page: Page, name: str) -> list[Any]:
    """Return the details of the events of a kind that the page heard."""
    found = page.evaluate("window.heard")
    return [detail for kind, detail in found if kind == name]
