"""The demo shop's pages: headers, what they do without Standby, and what a visitor may press."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.shop.answers import Answer, Request, policy
from infra.local.shop.site import Site
from infra.local.shop.standby import DownError, Standby
from tests.fakes import EPOCH
from tests.infra.fake_standby import API, BESIDE, SHOP, FakeStandby, down, site

PAGES = (
    "/",
    "/?category=Clothing&size=M&now=on",
    "/p/KETTLE",
    "/p/SHIRT-RED-M",
    "/p/PICNIC",
    "/again",
    "/stores",
    "/cart",
)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)


def get(shop: Site, target: str, **cookies: str) -> Answer:
    return shop.answer(
        Request("GET", target, {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())})
    )


def post(shop: Site, path: str, body: str, headers: Mapping[str, str] = {}, cart: str = "") -> Answer:
    return shop.answer(Request("POST", path, {"origin": SHOP, "cookie": f"shop_cart={cart}", **headers}, body))


def in_order(answer: Answer) -> list[str]:
    return re.findall(r'<li class="card" data-standby-product="([A-Z]+)"', answer.body.decode())


@pytest.mark.parametrize("standby", [FakeStandby(), down()], ids=["up", "down"])
@pytest.mark.parametrize("code", ["en", "he"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_nothing_inline_and_stands_without_an_answer(page: str, code: str, standby: Standby) -> None:
    answer = get(site(standby), page, shop_language=code, shop_cart="MUG-GREEN*2")
    html = answer.body.decode()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f'<html lang="{code}" dir="{"rtl" if code == "he" else "ltr"}">' in html
    assert INLINE.findall(html) == []


def test_the_policy_lets_in_the_shop_and_the_api_only() -> None:
    headers = policy(site(down()).api)
    assert headers["Content-Security-Policy"] == (
        f"default-src 'none'; script-src 'self' {API}; connect-src 'self' {API}; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/static/shop.css", "text/css; charset=utf-8"),
        ("/static/colours.css", "text/css; charset=utf-8"),
        ("/static/shop.js", "text/javascript; charset=utf-8"),
        ("/pictures/kettle-red.svg", "image/svg+xml"),
        ("/pictures/KETTLE.svg", "image/svg+xml"),
    ],
)
def test_a_file_says_what_it_is(path: str, kind: str) -> None:
    answer = get(site(down()), path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)


@pytest.mark.parametrize(
    "path", ["/static/../goods.py", "/pictures/../words.json", "/p/NOTHING", "/checkout/0123456789ab"]
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert get(site(down()), path).status == 404


def test_a_sku_of_the_shop_beside_is_led_on_to_it() -> None:
    """Mails of the local AWS lead to the demo shop for every SKU."""
    answer = get(site(FakeStandby()), "/p/BOOK%2F1")
    assert (answer.status, answer.headers["Location"]) == (303, f"{BESIDE}/p/BOOK%2F1")


def test_what_is_sold_out_sinks_and_returns_to_its_place() -> None:
    standby = FakeStandby()
    shop = site(standby)
    before = in_order(get(shop, "/?category=Kitchen"))
    standby.gone = {"KETTLE"}
    assert in_order(get(shop, "/?category=Kitchen")) == [*before[1:], "KETTLE"]
    standby.gone = set()
    assert in_order(get(shop, "/?category=Kitchen")) == before


def test_a_filter_asks_for_the_variants_that_fit() -> None:
    shop = site(FakeStandby(gone={"SHIRT-RED-M", "SHIRT-RED-L", "SHIRT-RED-XL", "SHIRT-RED-S"}))
    red = "/?category=Clothing&colour=Red"
    assert in_order(get(shop, red)) == ["SNEAKERS", "SHIRT"]
    assert in_order(get(shop, f"{red}&now=on")) == ["SNEAKERS"]
    assert in_order(get(shop, "/?category=Clothing&colour=Red&colour=Navy&size=M"))[0] == "SHIRT"


def test_what_is_gone_cannot_be_put_into_the_cart_and_can_be_waited_for() -> None:
    shop = site(FakeStandby(gone={"LAMP"}))
    page, listed = (get(shop, path).body.decode() for path in ("/p/LAMP", "/?category=Home"))
    assert re.search(r"<button data-add disabled[^>]*>Not to be had now<", page)
    assert len(re.findall(r"data-standby-wait>", listed)) == 1
    assert re.search(r"<button data-add data[^>]*>Add to cart<", get(shop, "/p/MUG").body.decode())


def test_another_page_that_the_browser_shows_may_press_nothing() -> None:
    shop = site(FakeStandby())
    for headers in ({"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        assert post(shop, "/panel/stock", "sku=MUG-GREEN&units=0", headers).status == 403


def test_a_choice_of_language_leads_back_into_the_shop() -> None:
    shop = site(down())
    answer = post(shop, "/language", "language=he&to=/cart")
    assert (answer.status, answer.headers["Location"]) == (303, "/cart")
    assert answer.headers["Set-Cookie"].startswith("shop_language=he; Path=/; HttpOnly; SameSite=Lax")
    for away in ("//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "/%0d%0aX: 1", "/%D7%90"):
        assert post(shop, "/language", f"language=he&to={away}").headers["Location"] == "/"


@pytest.mark.parametrize(
    ("before", "form", "after"),
    [
        ("", "add=1&sku=MUG-GREEN", "MUG-GREEN*1"),
        ("MUG-GREEN*2", "add=1&sku=MUG-GREEN", "MUG-GREEN*3"),
        ("MUG-GREEN*2", "sku=MUG-GREEN&units=5", "MUG-GREEN*5"),
        ("MUG-GREEN*2.CUP-NAVY*1", "sku=MUG-GREEN&units=0", "CUP-NAVY*1"),
        ("MUG-GREEN*2", "add=1&sku=NOTHING", "MUG-GREEN*2"),
        ("MUG-GREEN*2", "sku=MUG-GREEN&units=9999", "MUG-GREEN*20"),
    ],
    ids=["first", "again", "changed", "taken out", "not sold", "too many"],
)
def test_a_cart_takes_what_the_shop_sells(before: str, form: str, after: str) -> None:
    answer = post(site(FakeStandby()), "/cart", form, cart=before)
    assert answer.headers["Set-Cookie"].split(";")[0] == f"shop_cart={after}"


def test_an_order_is_set_aside_then_paid_then_told_to_the_erp_once() -> None:
    said: list[tuple[Any, ...]] = []
    client = SimpleNamespace(now=lambda: EPOCH, says=lambda *about, **more: said.append((*about, more)))
    standby = FakeStandby(client=lambda: client)
    shop = site(standby)
    held = post(shop, "/checkout", "email=dana@example.com", cart="MUG-GREEN*2")
    assert [path for path, _ in standby.asked] == ["/v1/reservations"]
    for _ in range(2):
        paid = post(shop, held.headers["Location"], "code=ABCD-1234")
    assert [path for path, _ in standby.asked[1:]] == ["/v1/vouchers/ABCD-1234/redeem", "/v1/reservations/r1/confirm"]
    ((kind, order_id, about),) = said
    assert (kind, about["reservation_ids"], about["discount_codes"]) == ("order.placed", ["r1"], ["ABCD-1234"])
    assert about["shipments"][0]["promised_until"] == (EPOCH + timedelta(days=3)).date().isoformat()
    assert json.dumps(about)
    assert order_id in get(shop, paid.headers["Location"]).body.decode()


@pytest.mark.parametrize("language", ["fr", "%0d%0aX: 1", ""])
def test_a_language_that_the_shop_does_not_speak_is_english(language: str) -> None:
    answer = post(site(down()), "/language", f"language={language}&to=/")
    assert answer.headers["Set-Cookie"].startswith("shop_language=en;")


@pytest.mark.parametrize("code", ["..", "A/../../v1/settings/shop", "A?b=c", "A B", "%D7%90"])
def test_a_code_that_cannot_be_one_is_asked_for_nowhere(code: str) -> None:
    standby = FakeStandby()
    shop = site(standby)
    held = post(shop, "/checkout", "email=dana@example.com", cart="MUG-GREEN*2")
    paid = post(shop, held.headers["Location"], f"code={code}")
    assert (paid.status, [path for path, _ in standby.asked]) == (409, ["/v1/reservations"])
    assert "This code cannot be used" in paid.body.decode()


def test_a_cart_that_somebody_else_took_is_not_set_aside() -> None:
    shop = site(FakeStandby(problem="/problems/sold-out"))
    answer = post(shop, "/checkout", "email=dana@example.com", cart="MUG-GREEN*2")
    assert answer.status == 409
    assert "Somebody was faster" in answer.body.decode()


def test_what_an_offer_set_aside_is_paid_without_another_reservation_and_leaves_the_cart_alone() -> None:
    said: list[Any] = []
    client = SimpleNamespace(now=lambda: EPOCH, says=lambda *_, **fields: said.append(fields))
    standby = FakeStandby(client=lambda: client)
    shop = site(standby)
    assert b"/checkout?reservation=r1" in get(shop, "/p/MUG-GREEN?reservation=r1").body
    held = post(shop, "/checkout", "email=dana@example.com&reservation=r1", cart="SHIRT-RED-M*1").headers["Location"]
    paid = post(shop, held, "", cart="SHIRT-RED-M*1.MUG-GREEN*5")
    assert [path for path, _ in standby.asked] == ["/v1/reservations/r1/confirm"]
    assert [(each["reservation_ids"], each["lines"][0]["quantity"]) for each in said] == [(["r1"], 2)]
    assert paid.headers["Set-Cookie"].startswith("shop_cart=SHIRT-RED-M*1;")
    assert f"{API}/v1/track/A-".encode() in get(shop, paid.headers["Location"]).body


@pytest.mark.parametrize(("name", "status"), [("r1", "expired"), ("r1", "confirmed"), ("another", "held")])
def test_what_is_not_set_aside_any_more_is_not_sold(name: str, status: str) -> None:
    standby = FakeStandby(status=status)
    answer = post(site(standby), "/checkout", f"email=dana@example.com&reservation={name}")
    assert (answer.status, standby.asked) == (409, [])


def test_a_checkout_without_an_answer_says_so() -> None:
    with pytest.raises(DownError):
        down().checked([("MUG-GREEN", 1)], "en")
    assert post(site(down()), "/checkout", "email=dana@example.com", cart="MUG-GREEN*1").status == 503
