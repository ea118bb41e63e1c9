"""The pages behind the links about reservations in Chromium: accessible, and no wider than a phone."""

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser
from standby.preorder.pages import offer_page, own_page, problem_page

from tests.browsing import DESK, PHONE, objections, too_wide

if TYPE_CHECKING:
    from standby.preorder.answers import OfferShown, OwnLineShown, OwnShown

pytestmark = pytest.mark.browser

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
        "first_promised_until": "2026-07-15",
        "late": False,
        "may_wait": False,
        "agreed": None,
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
    late: Any = {"late": True, "promised_until": "2026-08-20", "may_wait": True}
    shown |= {
        "late": own("confirmed", **late),
        "late, nobody knows": own("confirmed", **{**late, "promised_until": None}),
        "late, and waits": own("confirmed", **{**late, "may_wait": False, "agreed": {"at": AT, "until": "2026-08-20"}}),
    }
    wrong = {
        each: own_page(locale, shown["late"], cards=CARDS, zone="Asia/Jerusalem", wrong=each)
        for each in ("day-changed", "nothing-to-wait-for", "too-many")
    }
    wrong |= {
        each: own_page(locale, shown["asked"], cards=CARDS, zone="Asia/Jerusalem", wrong=each)
        for each in ("wrong-code", "code-over", "too-many-codes")
    }
    pages = {name: own_page(locale, said, cards=CARDS, zone="Asia/Jerusalem") for name, said in shown.items()}
    kinds = ("400", "404", "409", "410", "gone", "429", "500", "too_late", "ordered")
    problems = {f"problem {kind}": problem_page(locale, kind) for kind in kinds}
    return {**pages, **wrong, **problems, **every_offer(locale)}


def every_offer(locale: str) -> dict[str, str]:
    """Return the pages of offers, by name."""
    said: dict[str, OfferShown] = {
        "offer": {"sku": "LAMP-BRASS", "quantity": 2, "status": "open", "expires_at": AT},
        "offer of something": {"sku": LONGEST_SKU, "quantity": 1, "status": "open", "expires_at": None},
        "offer taken": {"sku": "LAMP-BRASS", "quantity": 1, "status": "accepted", "expires_at": AT},
        "offer ordered": {"sku": "LAMP-BRASS", "quantity": 1, "status": "accepted", "expires_at": None},
        "offer declined": {"sku": "LAMP-BRASS", "quantity": 3, "status": "declined", "expires_at": None},
        "offer over": {"sku": LONGEST_SKU, "quantity": 1, "status": "expired", "expires_at": None},
    }
    about: Any = {"reservation_id": "r", "token": "t", "cards": CARDS, "zones": (None, "Asia/Jerusalem")}
    return {name: offer_page(locale, offer, **about) for name, offer in said.items()}


@pytest.mark.parametrize("locale", ["en", "he"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_object_to(browser: Browser, locale: str, scheme: Any) -> None:
    assert objections(browser, every_page(locale), scheme) == []


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("locale", ["en", "he"])
def test_nothing_is_wider_than_the_screen(browser: Browser, locale: str, viewport: Any) -> None:
    assert too_wide(browser, every_page(locale), viewport) == {}
