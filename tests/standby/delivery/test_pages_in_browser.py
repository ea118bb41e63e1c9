"""The pages behind the links about orders in Chromium: accessible, and no wider than a phone."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from standby.delivery import arriving, choosing
from standby.delivery.pages import problem_page, track_page
from standby.delivery.viewer_routes import ON_THE_PAGE, REFUSED

from tests.browsing import DESK, PHONE, objections, too_wide

pytestmark = pytest.mark.browser

PLACE = re.compile(r"\{[a-z_]+\}")
LONGEST_ID = "BOOT_" + "W" * 95
CARDS = {
    "LAMP": {
        "product_id": "LAMP",
        "title": {"en": "A brass lamp whose name is as long as names of brass lamps can be", "he": "מנורת פליז"},
        "variant": "Brass",
        "url": "https://shop.example/p/lamp",
    }
}
AT, DAY, LATER = "2026-07-17T10:00:00.000Z", "2026-07-15", "2026-08-02"
SILENT = {"meaning": "nothing", "at": None, "until": None, "decided": False}
LINES = [
    {"line_id": "1", "sku": "LAMP", "quantity": 2, "given_up": False},
    {"line_id": "2", "sku": LONGEST_ID, "quantity": 100_000, "given_up": False},
]
WORDS = {"en": "The dockers are on strike: it may take a week.", "he": "עובדי הנמל שובתים: ייתכן שזה יימשך שבוע."}


def shipment(state: str, **more: Any) -> dict[str, Any]:
    """Return what is shown of a shipment in a state."""
    said = {"shipment_id": state, "state": state, "promised_until": DAY, "expected": LATER, "days_late": 18}
    said |= {
        "late": state in ("waiting", "shipped"),
        "cause": "customs",
        "words": {},
        "carrier": None,
        "tracking_url": None,
    }
    return {**said, "lines": LINES, "may_wait": False, "agreed": None, "arrival": None, "silence": SILENT, **more}


def order(*shipments: dict[str, Any], **more: Any) -> Any:
    """Return what is shown of an order."""
    steps = ("ordered", "day", "told", "shipped", "delayed", "out", "attempted", "pick_up", "delivered", "returning")
    steps += ("arrived", "missing", "failed", "cancelled", "returned", "wait", "ask", "cancel", "withdraw", "silence")
    step = {"at": AT, "shipment_id": "waiting", "day": None, "cause": None, "carrier": LONGEST_ID}
    history = [{**step, "what": what} for what in steps] + [
        {**step, "what": what, "day": DAY} for what in ("day", "wait")
    ]
    shown = {"order": LONGEST_ID, "ordered_at": AT, "shipments": list(shipments), "lines": [], "history": history}
    shown["cancel"] = {"open": False, "line_ids": [], "asked_at": None, "sent_at": None}
    shown["withdraw"] = {"open": False, "line_ids": [], "until": None, "days": 14, "sent_at": None}
    return {**shown, "refund": {"count": 7, "of": "business_days"}, "remedied": None, **more}


def every_order() -> dict[str, Any]:
    """Return orders as they may be, by name."""
    states = ("waiting", "shipped", "out", "attempted", "pick_up", "delivered", "cancelled", "returned")
    cancel = {"open": True, "line_ids": ["1"], "asked_at": None, "sent_at": None}
    withdraw = {"open": True, "line_ids": ["1", "2"], "until": None, "days": 14, "sent_at": None}
    decides = [{**SILENT, "meaning": meaning, "at": DAY, "until": LATER} for meaning in ("consents", "cancels")]
    decides.append({**decides[-1], "decided": True})
    return {
        **{state: order(shipment(state)) for state in states},
        "all": order(*(shipment(state) for state in states), lines=LINES),
        "may wait": order(shipment("waiting", may_wait=True), cancel=cancel, withdraw=withdraw),
        "may wait for no day": order(shipment("waiting", may_wait=True, expected=None, days_late=1), cancel=cancel),
        **{f"silence {n}": order(shipment("waiting", may_wait=True, silence=each)) for n, each in enumerate(decides)},
        "waits": order(shipment("waiting", agreed={"at": AT, "until": LATER}), cancel={**cancel, "asked_at": AT}),
        "waits for no day": order(shipment("shipped", agreed={"at": AT, "until": None}, days_late=2)),
        "given up": order(
            shipment("waiting"), cancel={**cancel, "open": False, "sent_at": AT}, withdraw={**withdraw, "sent_at": AT}
        ),
        "withdrawable": order(
            shipment("delivered", carrier=LONGEST_ID, tracking_url="https://post.example/1"),
            withdraw={**withdraw, "until": LATER},
        ),
        **{
            f"asked, said {arrived}": order(shipment("delivered" if arrived else "shipped", arrival=answer))
            for arrived in (None, True, False)
            if (answer := {"asked": arrived is None, "arrived": arrived, "at": AT if arrived is not None else None})
        },
        "in an incident": order(shipment("waiting", words=WORDS, may_wait=True), cancel=cancel),
        "partly given up": order(shipment("waiting", lines=[LINES[0], {**LINES[1], "given_up": True}])),
        "nothing promised": order(lines=LINES),
        **{f"remedied {each}": order(shipment("waiting"), remedied=each) for each in ("granted", "asked")},
    }


def every_page(locale: str) -> dict[str, str]:
    """Return every page that a customer can come to, by name."""
    about: Any = {"cards": CARDS, "zones": (None, "Asia/Jerusalem"), "forms": "t/", "home": "", "remedies": "r"}
    orders = every_order()
    late = orders["may wait"]
    asked = {**late, "cancel": {**late["cancel"], "asked_at": AT}}
    pages = {name: track_page(locale, said, **about) for name, said in orders.items()}
    pages |= {each: track_page(locale, asked, wrong=each, **about) for each in sorted(ON_THE_PAGE | REFUSED)}
    hidden = f"a•••@{'mail.' * 20}example"
    pages |= {f"confirm {to}": track_page(locale, late, confirm_to=to, **about) for to in ("", hidden)}
    return pages | {each: problem_page(locale, each) for each in ("400", "404", "409", "410", "gone", "429", "500")}


@pytest.mark.parametrize("locale", ["en", "he"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_object_to(browser: Browser, locale: str, scheme: Any) -> None:
    assert objections(browser, every_page(locale), scheme) == []


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("locale", ["en", "he"])
def test_nothing_is_wider_than_the_screen(browser: Browser, locale: str, viewport: Any) -> None:
    assert too_wide(browser, every_page(locale), viewport) == {}


@pytest.mark.parametrize("locale", ["en", "he"])
def test_no_page_leaves_a_place_unfilled_and_each_problem_has_words(locale: str) -> None:
    pages = every_page(locale)
    assert [name for name, html in pages.items() if PLACE.search(html.partition("</style>")[2])] == []
    assert [each for each in ON_THE_PAGE | REFUSED if 'role="alert"' not in pages[each]] == []


def test_every_refusal_is_one_that_the_page_has_words_for() -> None:
    source = "".join(Path(module.__file__).read_text("utf-8") for module in (choosing, arriving))
    assert set(re.findall(r'RefusedError\("([a-z-]+)"', source)) == REFUSED
