"""Signing up by a plain form of a shop's page, as browsers without scripts do."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from standby.platform.address import address_key
from standby.waitlist.plain_form import MOST_BYTES
from standby.waitlist.routes import application

from tests.gateway import http_event
from tests.standby.waitlist.conftest import SKU, House
from tests.world import Context

ANA = "ana@example.org"
SHOP = "https://shop.example"
BROWSER = {
    "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "accept-language": "he-IL,he;q=0.9",
    "content-type": "application/x-www-form-urlencoded",
    "origin": SHOP,
}
FORM = [("email", ANA), ("sku", SKU), ("sku", "BOOT-40"), ("quantity", "2"), ("locale", "en"), ("wording", "2026-11")]
Fields = list[tuple[str, str]]


def without(name: str, *more: tuple[str, str]) -> Fields:
    return [*(field for field in FORM if field[0] != name), *more]


def posted(house: House, body: Fields | str, joins_per_minute: int = 0, **headers: str) -> Any:
    """Post a form; header names have ``_`` for ``-``, and an empty one is left out."""
    app = application(lambda: replace(house.desk(joins_per_minute), origins=(SHOP, "https://api.example")))
    text = body if isinstance(body, str) else urlencode(body)
    said = {**BROWSER, **{name.replace("_", "-"): value for name, value in headers.items()}}
    sent = {name: value for name, value in said.items() if value}
    return app.resolve(http_event("POST", "/v1/waitlist", body=text, headers=sent), Context())


def refused(answer: Any) -> tuple[int, str]:
    return answer["statusCode"], answer["headers"]["Content-Type"].partition(";")[0]


def asked(house: House) -> list[Any]:
    return [job for job in house.urgent.bodies() if job.get("kind") == "confirm"]


def test_a_form_signs_up_as_json_does_and_leads_to_a_page_in_its_language(house: House) -> None:
    until = house.clock.now().date().replace(year=2027).isoformat()
    answer = posted(house, [*FORM, ("until", until), ("marketing", "on")])
    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, "waitlist/asked?locale=en")
    (job,) = asked(house)
    assert (job["locale"], job["data"]["skus"], job["data"]["quantity"]) == ("en", [SKU, "BOOT-40"], 2)
    assert (job["data"]["until"], job["data"]["marketing"], job["recipients"][0]["email"]) == (until, True, ANA)


@pytest.mark.parametrize(("locale", "heading"), [("en", "Look into your mailbox"), ("he", "בדקו את תיבת הדוא״ל")])
def test_the_page_says_that_a_mail_is_on_its_way(house: House, locale: str, heading: str) -> None:
    app = application(house.desk)
    for query, language in (({"locale": locale}, "fr"), ({}, locale)):
        headers = {**BROWSER, "accept-language": language}
        answer = app.resolve(http_event("GET", "/v1/waitlist/asked", query=query, headers=headers), Context())
        assert (answer["statusCode"], heading in answer["body"]) == (200, True)


@pytest.mark.promise("P11")
@pytest.mark.parametrize("known", ["nothing", "the address", "the wish", "who left"])
def test_the_answer_never_tells_whether_an_address_or_sku_is_known(house: House, known: str) -> None:
    first = posted(house, FORM)
    if known == "the address":
        house.confirms(ANA, "OTHER")
    if known in ("the wish", "who left"):
        house.confirms(ANA, SKU, "BOOT-40")
    if known == "who left":
        house.leaving.leave(address_key(ANA))
    house.ledger.unheard_of = {SKU} if known == "nothing" else set()
    again = posted(house, FORM)
    for answer in (first, again):
        assert (answer["statusCode"], answer["headers"]["Location"], answer["body"]) == (
            303,
            "waitlist/asked?locale=en",
            "",
        )


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("email", "ana", "Please write an e-mail address"),
        ("email", "", "Please write an e-mail address"),
        ("quantity", "0", "Please write a number from 1 to 999."),
        ("quantity", "two", "Please write a number from 1 to 999."),
        ("until", "2001-01-01", "Please choose a day from today on"),
    ],
)
def test_what_the_customer_may_mend_is_asked_for_again_and_the_rest_stays(
    house: House, field: str, written: str, said: str
) -> None:
    answer = posted(house, without(field, (field, written), ("digest", "on")))
    assert refused(answer) == (400, "text/html")
    page = answer["body"]
    assert said in page
    fields = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page))
    assert {"sku": "BOOT-40", "wording": "2026-11", "locale": "en", field: written}.items() <= fields.items()
    assert ("digest" in fields, "The boxes that you ticked" in page) == (False, True)
    assert answer["headers"]["Referrer-Policy"] == "same-origin"
    assert asked(house) == []


def test_what_was_typed_is_shown_as_text(house: House) -> None:
    typed = '"><script>alert(1)</script>'
    page = posted(house, without("email", ("email", typed)))["body"]
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (without("sku"), 400),
        (without("wording"), 400),
        ([*FORM, ("email", "ben@example.org")], 400),
        ([*FORM, ("quantity", "3")], 400),
        ([*FORM, ("marketing", "perhaps")], 400),
        ([*FORM, ("locale", "../")], 400),
        ([("n", str(n)) for n in range(99)], 400),
        ("email=%ff&sku=A&wording=w", 400),
        ([*FORM, ("note", "x" * MOST_BYTES)], 413),
    ],
    ids=["sku", "wording", "emails", "quantities", "box", "locale", "fields", "letters", "bytes"],
)
def test_what_only_the_shop_can_mend_is_refused_as_a_page_or_as_a_problem(
    house: House, form: Fields | str, status: int
) -> None:
    assert refused(posted(house, form)) == (status, "text/html")
    assert refused(posted(house, form, accept="*/*")) == (status, "application/problem+json")
    assert asked(house) == []


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/x-www-form-urlencoded; charset=windows-1255",
    ],
)
def test_files_and_other_charsets_are_refused(house: House, kind: str) -> None:
    assert refused(posted(house, FORM, content_type=kind)) == (415, "text/html")
    assert posted(house, FORM, content_type='application/x-www-form-urlencoded; Charset="UTF-8"')["statusCode"] == 303


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (SHOP, 303),
        ("https://api.example", 303),
        ("", 303),
        ("https://evil.example", 403),
        ("null", 403),
        (f"{SHOP}.evil.example", 403),
        ("http://shop.example", 403),
    ],
    ids=["shop", "here", "no browser", "elsewhere", "hidden", "alike", "no TLS"],
)
def test_no_other_page_signs_up_its_visitors(house: House, origin: str, status: int) -> None:
    assert posted(house, FORM, origin=origin)["statusCode"] == status
    assert len(asked(house)) == (status == 303)


@pytest.mark.promise("P11")
@pytest.mark.parametrize(
    ("kind", "origin", "status"),
    [
        ("text/plain", "https://evil.example", 403),
        ("", "https://evil.example", 403),
        ("text/plain", "null", 403),
        ("text/plain", SHOP, 202),
        ("", "", 202),
        ("application/json", "https://evil.example", 202),
    ],
    ids=["as text", "as nothing", "hidden", "shop", "no browser", "as JSON, for which a browser asks first"],
)
def test_json_that_a_browser_sends_without_asking_comes_from_the_shop(
    house: House, kind: str, origin: str, status: int
) -> None:
    wish = json.dumps({"email": ANA, "skus": [SKU], "consent": {"wording": "w"}})
    answer = posted(house, wish, content_type=kind, origin=origin, accept="*/*")
    assert answer["statusCode"] == status
    assert len(asked(house)) == (status == 202)


def test_a_form_counts_for_the_limit_of_its_caller(house: House) -> None:
    statuses = [posted(house, FORM, 2) for _ in range(3)]
    assert [answer["statusCode"] for answer in statuses] == [303, 303, 429]
    assert int(statuses[-1]["headers"].get("Retry-After", 0)) >= 0
    assert "One moment" in statuses[-1]["body"] or "רגע" in statuses[-1]["body"]


def test_a_form_in_base64_is_read(house: House) -> None:
    app = application(lambda: replace(house.desk(), origins=(SHOP,)))
    event = http_event("POST", "/v1/waitlist", headers=BROWSER)
    event |= {"body": b64encode(urlencode(FORM).encode()).decode(), "isBase64Encoded": True}
    assert app.resolve(event, Context())["statusCode"] == 303


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/elsewhere"])
def test_a_form_leads_nowhere_else(house: House, target: str) -> None:
    for name in ("return_to", "next", "redirect", "locale"):
        answer = posted(house, without(name, (name, target)))
        assert "evil" not in answer["headers"].get("Location", "")
        assert "elsewhere" not in answer["headers"].get("Location", "")


@pytest.mark.parametrize(
    ("near", "kept"),
    [("32.0853,34.7818", "32.09,34.78"), ("", None), ("Haifa", None), ("91,0", None), ("1" * 80, None)],
    ids=["a place", "empty", "a name", "beyond the pole", "too long"],
)
def test_a_page_that_says_no_place_costs_nobody_the_sign_up(house: House, near: str, kept: str | None) -> None:
    assert posted(house, [*FORM, ("near", near)])["statusCode"] == 303
    (entry,) = house.customers.customer(address_key(ANA)).entries.values()
    assert entry.near == kept
