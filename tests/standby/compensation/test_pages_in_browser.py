"""The page of what was granted in Chromium: accessible, and no wider than a phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser
from standby.compensation.choice_model import CHOSEN_ALREADY, ENDED, NO_OPTION, UNKNOWN
from standby.compensation.pages import problem_page, remedies_page

from tests.browsing import DESK, PHONE, objections, too_wide

pytestmark = pytest.mark.browser

PLACE = re.compile(r"\{[a-z_]+\}")
AT, DAY = "2026-07-17T10:00:00.000Z", "2026-07-31"
WRONG = (CHOSEN_ALREADY, ENDED, NO_OPTION, UNKNOWN)
FREE: dict[str, Any] = {
    "percent": None,
    "minimum": None,
    "combinable": True,
    "revocable": False,
    "bound": False,
    "ends_on": "2027-07-16",
}
BOUND = {"minimum": {"amount": 20_000, "currency": "ILS"}, "combinable": False, "revocable": True, "bound": True}
OPTIONS = [
    {**FREE, "kind": "percent_off", "amount": {"amount": 80_000, "currency": "ILS"}, "percent": 10},
    {**FREE, "kind": "voucher", "amount": {"amount": 50_000, "currency": "ILS"}, **BOUND},
    {**FREE, "kind": "free_shipping", "amount": {"amount": 6_000, "currency": "ILS"}},
    {**FREE, "kind": "delivery_fee_back", "amount": {"amount": 4_900, "currency": "ILS"}, "ends_on": None},
]
LASTING = [{**each, "ends_on": each["ends_on"] and f"2027-0{place + 1}-16"} for place, each in enumerate(OPTIONS)]


def remedy(status: str, kind: str = "choice", **more: Any) -> dict[str, Any]:
    """Return what is shown of a remedy."""
    option = next((each for each in OPTIONS if each["kind"] == kind), {**FREE, "amount": OPTIONS[0]["amount"]})
    coded = kind not in ("choice", "delivery_fee_back")
    return {
        "remedy_id": f"g-{status}-{kind}",
        "at": AT,
        "kind": kind,
        "status": status,
        "amount": option["amount"],
        **{name: option[name] for name in FREE},
        "code": "7KQ2MX-T9BW4H-ZR3VJE" if status == "given" and coded else None,
        "expires_at": "2027-07-16T21:00:00.000Z" if coded else None,
        "ends_on": "2027-07-16" if coded or status == "choose" else None,
        "options": OPTIONS if status == "choose" else [],
        "choose_by": DAY if status == "choose" else None,
        **more,
    }


def shown(*remedies: dict[str, Any], **more: Any) -> Any:
    """Return what is shown of an order, the longest number of which fits."""
    return {"order": f"ORDER_{'W' * 95}", "remedies": list(remedies), "may_rate": False, "rating": None, **more}


def every_order() -> dict[str, Any]:
    """Return orders as they may be, by name."""
    given = [remedy("given", each["kind"]) for each in OPTIONS]
    over = [remedy(status, "voucher") for status in ("redeemed", "expired", "revoked")]
    return {
        "choose": shown(remedy("choose")),
        "choose what lasts longer or shorter": shown(remedy("choose", options=LASTING)),
        **{each["kind"]: shown(each) for each in given},
        "all": shown(remedy("choose"), *given, *over, remedy("lapsed"), remedy("revoked")),
        "asks": shown(given[1], may_rate=True),
        "held out": shown(may_rate=True),
        **{
            f"said {right}": shown(given[1], may_rate=True, rating={"at": AT, "right": right, "words": "W" * 500})
            for right in (True, False)
        },
        "over": shown(remedy("lapsed")),
        "none": shown(),
    }


def every_page(locale: str) -> dict[str, str]:
    """Return every page that a customer can come to, by name."""
    about: Any = {"zones": (None, "Asia/Jerusalem"), "forms": "t/", "track": "../track/t"}
    orders = every_order()
    pages = {name: remedies_page(locale, said, **about) for name, said in orders.items()}
    pages |= {each: remedies_page(locale, orders["choose"], wrong=each, **about) for each in WRONG}
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
    assert [each for each in WRONG if 'role="alert"' not in pages[each]] == []
