"""Pictures of pages and mails for ``docs/``: waitlist, pre-orders, late deliveries, remedies (``make contact-sheets``).

Each sheet shows its pages or mails in English and Hebrew, light and dark, as wide as on a phone and on a desk. What is
shown are the samples of the tests, with names as a shop has them.
"""

# ruff: noqa: T201 - a command prints

import base64
import html
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ViewportSize
from standby.compensation.pages import remedies_page
from standby.delivery.pages import track_page
from standby.preorder.pages import own_page

from infra.operations.mails import Shown, shown
from tests.browsing import DESK, PHONE, chromium
from tests.standby.compensation import test_pages_in_browser as given
from tests.standby.delivery import test_pages_in_browser as late
from tests.standby.preorder import test_pages_in_browser as ahead

DOCS = Path(__file__).parents[1] / "docs"
LANGUAGES, SCHEMES = ("en", "he"), ("light", "dark")
SCALE = 0.38
TALLEST = 1_300
"""CSS pixels of a page that are shown: those of its beginning."""
QUALITY = 58
MAIL_DESK: ViewportSize = {"width": 640, "height": 800}
OWN = ("confirmed", "late", "late, and waits", "asked", "here", "cancelled")
TRACKED = ("may wait", "waits", "silence 1", "given up", "shipped", "withdrawable")
OWN_MAILS = ("reserved", "postponed", "undated", "cancel_code", "cancelled", "allocated")
WAITED_MAILS = (
    "confirm",
    "back_in_stock",
    "offer",
    "offer_reminder",
    "restock_date",
    "early_access",
    "last_notice",
    "not_coming_back",
    "digest",
)
REMEDIED = ("choose", "choose what lasts longer or shorter", "asks", "said True", "over", "held out")
REMEDY_MAILS = ("remedy_choice", "remedy", "remedies")
TRACKED_MAILS = ("delayed", "overdue", "unshipped", "silence_reminder", "order_code", "withdrawn")
SHEET = """<!doctype html><html lang="en"><meta charset="utf-8"><style>
body {{ margin: 0; padding: 24px; width: max-content; background: #c9ccd1; font: 14px/1.4 sans-serif; }}
h1 {{ margin: 0 0 12px; font-size: 20px; }} h2 {{ margin: 20px 0 6px; font-size: 15px; }}
.row {{ display: flex; gap: 10px; align-items: flex-start; }} img {{ display: block; }}
figure {{ margin: 0; }} figcaption {{ font-size: 11px; }}
</style><h1>{title}</h1>{rows}</html>"""

Pages = Mapping[str, Mapping[tuple[str, str], str]]
"""HTML by name, language and scheme."""


def own_pages() -> Pages:
    """Return the pages of a pre-order."""
    line = {**ahead.LINE, "price": {"amount": 12_900, "currency": "ILS"}, "place": 3}
    price = {"amount": 25_800, "currency": "ILS"}
    more: dict[str, dict[str, Any]] = {
        "late": {"late": True, "promised_until": "2026-08-20", "may_wait": True},
        "asked": {"cancel_asked_at": ahead.AT},
        "here": {"paid": True},
    }
    agreed = {"at": ahead.AT, "until": "2026-08-20"}
    more["late, and waits"] = {**more["late"], "may_wait": False, "agreed": agreed}
    found: dict[str, dict[tuple[str, str], str]] = {}
    for name in OWN:
        status = {"here": "allocated", "cancelled": "cancelled"}.get(name, "confirmed")
        until = more.get(name, {}).get("promised_until", line["promised_until"])
        place = 3 if status == "confirmed" else None
        lines = [{**line, "promised_until": until, "place": place}]
        own = ahead.own(status, lines=lines, **{"price": price, **more.get(name, {})})
        for locale in LANGUAGES:
            page = own_page(locale, own, cards=ahead.CARDS, zone="Asia/Jerusalem")
            found.setdefault(name, {}).update({(locale, scheme): page for scheme in SCHEMES})
    return found


def tracked_pages() -> Pages:
    """Return the pages of an order."""
    orders, found = late.every_order(), dict[str, dict[tuple[str, str], str]]()
    for name in TRACKED:
        order = json.loads(json.dumps(orders[name]).replace(late.LONGEST_ID, "10234"))
        order["history"] = [
            {**step, "carrier": None, "cause": "customs" if step["what"] == "delayed" else None}
            for step in order["history"]
            if step["what"] in ("ordered", "told")
        ]
        order["withdraw"]["open"] &= order["withdraw"]["sent_at"] is None
        for shipment in order["shipments"]:
            shipment["shipment_id"] = "waiting"
            shipment["carrier"] = shipment["carrier"] and "Post"
            shipment["lines"][1] |= {"sku": "BOOT-BLACK-41", "quantity": 1}
        for locale in LANGUAGES:
            about: Any = {"cards": late.CARDS, "zones": (None, "Asia/Jerusalem"), "forms": "t/"}
            about |= {"home": "", "remedies": "r"}
            page = track_page(locale, order, **about)
            found.setdefault(name, {}).update({(locale, scheme): page for scheme in SCHEMES})
    return found


def remedy_pages() -> Pages:
    """Return the page of what was granted."""
    orders, found = given.every_order(), dict[str, dict[tuple[str, str], str]]()
    about: Any = {"zones": (None, "Asia/Jerusalem"), "forms": "t/", "track": ""}
    for name in REMEDIED:
        order = {**orders[name], "order": "10234"}
        if order["rating"] is not None:
            order["rating"] = {**order["rating"], "words": ""}
        for locale in LANGUAGES:
            page = remedies_page(locale, order, **about)
            found.setdefault(name, {}).update({(locale, scheme): page for scheme in SCHEMES})
    return found


def mails(kinds: Sequence[str]) -> Pages:
    """Return mails, as the catalogue knows their products."""
    every: dict[tuple[str, str], Shown] = {}
    for each in shown():
        every.setdefault((each.kind, each.language), each)
    return {
        kind: {(locale, scheme): every[kind, locale].html(scheme) for locale in LANGUAGES for scheme in SCHEMES}
        for kind in kinds
    }


def pictures(browser: Browser, pages: Pages, viewports: Mapping[str, ViewportSize]) -> Iterator[str]:
    """Yield a row of pictures for each name."""
    for name, looks in pages.items():
        figures = []
        for place, viewport in viewports.items():
            for (locale, scheme), text in looks.items():
                with browser.new_context(viewport=viewport, color_scheme=scheme) as context:  # type: ignore[arg-type]
                    page = context.new_page()
                    page.set_content(text)
                    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                    clip: Any = {"x": 0, "y": 0, "width": viewport["width"], "height": height}
                    drawn = base64.b64encode(page.screenshot(clip=clip, full_page=True)).decode()
                width = round(viewport["width"] * SCALE * (0.7 if viewport["width"] > PHONE["width"] else 1))
                source = f"data:image/png;base64,{drawn}"
                figures.append(
                    f"<figure><figcaption>{place}, {locale}, {scheme}</figcaption>"
                    f'<img src="{source}" alt="" width="{width}"></figure>'
                )
        yield f'<h2>{html.escape(name)}</h2><div class="row">{"".join(figures)}</div>'


def main() -> int:
    """Draw all sheets."""
    DOCS.mkdir(exist_ok=True)
    pages, letters = {"phone": PHONE, "desk": DESK}, {"phone": PHONE, "desk": MAIL_DESK}
    sheets: Mapping[str, tuple[str, Pages, Mapping[str, ViewportSize]]] = {
        "waitlist_mails": ("The waitlist: mails, with the weekly list", mails(WAITED_MAILS), letters),
        "preorder_pages": ("Pre-orders: the customer's page", own_pages(), pages),
        "preorder_mails": ("Pre-orders: mails", mails(OWN_MAILS), letters),
        "late_delivery_pages": ("Late deliveries: the tracking page", tracked_pages(), pages),
        "remedy_pages": ("Remedies: what is given for the wait", remedy_pages(), pages),
        "remedy_mails": ("Remedies: mails", mails(REMEDY_MAILS), letters),
        "late_delivery_mails": ("Late deliveries: mails", mails(TRACKED_MAILS), letters),
    }
    with chromium() as browser:
        for name, (title, shown_pages, viewports) in sheets.items():
            rows = "".join(pictures(browser, shown_pages, viewports))
            with browser.new_context(viewport={"width": 2_600, "height": 1_000}) as context:
                sheet = context.new_page()
                sheet.set_content(SHEET.format(title=title, rows=rows))
                drawn = sheet.locator("body").screenshot(type="jpeg", quality=QUALITY)
            (DOCS / f"{name}.jpg").write_bytes(drawn)
            print(f"docs/{name}.jpg: {len(drawn):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
