"""The waitlist's routes: what comes in, what goes out, and what nobody can learn or do without a key or a link."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from standby.platform.address import address_key
from standby.platform.caller import Proxies
from standby.platform.clock import to_text
from standby.waitlist.model import MOST_ENTRIES
from standby.waitlist.routes import application

from tests.standby.waitlist.conftest import KEYS, SKU, House

ANA = "ana@example.org"
CONSENT = {"wording": "2026-05"}
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "he-IL,he;q=0.9"}


class Client:
    """Makes requests as API Gateway hands them to the function."""

    def __init__(self, house: House, joins_per_minute: int = 0, trusted_proxies: int = 0) -> None:
        self.house = house
        self.ip = "203.0.113.7"
        proxies = Proxies(trusted_proxies)
        self.app = application(lambda: replace(house.desk(joins_per_minute), proxies=proxies))

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        scopes: str = "",
        key_id: str = "shop",
    ) -> dict[str, Any]:
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": urlencode(query or {}),
            "queryStringParameters": query or {},
            "headers": headers or {},
            "requestContext": {
                "http": {"method": method, "path": path, "sourceIp": self.ip},
                "stage": "$default",
                "authorizer": {"lambda": {"scopes": scopes, "key_id": key_id}} if scopes else {},
            },
            "body": text,
            "isBase64Encoded": False,
        }
        answer = self.app.resolve(event, None)  # type: ignore[arg-type]
        made: dict[str, Any] = {**answer}
        if "json" in str(answer.get("headers")) and answer.get("body"):
            made["json"] = json.loads(answer["body"])
        return made

    def joins(self, headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        body = {"email": ANA, "skus": [SKU], "consent": CONSENT, **more}
        return self.request("POST", "/v1/waitlist", body=body, headers=headers)


@pytest.fixture
def client(house: House) -> Client:
    return Client(house)


def token(house: House, purpose: str, **subject: str) -> dict[str, str]:
    now = house.clock.now()
    made = KEYS.issue(purpose, {"a": address_key(ANA), **subject}, now=now, lifetime=timedelta(days=7))
    return {"token": made}


@pytest.mark.promise("P11")
def test_joining_answers_the_same_for_everybody(house: House, client: Client) -> None:
    house.waits(ANA)
    house.ledger.unheard_of.add("NO-SUCH-SKU")
    known = client.joins()
    unknown = client.joins(email="nobody@example.org", skus=["NO-SUCH-SKU"])

    assert known["statusCode"] == unknown["statusCode"] == 202
    assert known["json"] == unknown["json"] == {"status": "accepted"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"email": "not-an-address"}, "email"),
        ({"email": "ana@localhost"}, "email"),
        ({"email": "ana@example.org\nBcc: all@example.org"}, "email"),
        ({"email": "анна@example.org"}, "email"),
        ({"skus": []}, "skus"),
        ({"skus": ["A\u200bB"]}, "skus"),
        ({"quantity": "1.5"}, "quantity"),
        ({"consent": {"wording": "\u200b"}}, "consent.wording"),
        ({"skus": ["A", "A"]}, "skus"),
        ({"quantity": 0}, "quantity"),
        ({"consent": {}}, "consent.wording"),
        ({"consent": {"wording": "2026-05\r\nBcc: all@example.org"}}, "consent.wording"),
        ({"consent": {"wording": "2026-05\n"}}, "consent.wording"),
        ({"consent": {"wording": "2026-05\u2028"}}, "consent.wording"),
        ({"until": "2026-02-30"}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "2099-01-01"}, "until"),
        ({"locale": "english!"}, "locale"),
        ({"near": "Haifa"}, "near: must be latitude and longitude in degrees, such as 32.08,34.78"),
        ({"near": "91,0"}, "near: the latitude is not between -90 and 90"),
        ({"near": 32}, "near"),
    ],
)
def test_a_malformed_sign_up_says_what_is_wrong(client: Client, change: dict[str, Any], named: str) -> None:
    answer = client.joins(**change)

    assert answer["statusCode"] == 400
    assert answer["json"]["type"] == "/problems/malformed"
    assert named in answer["json"]["detail"]


def test_an_international_domain_is_mailed_in_its_ascii_form(house: House, client: Client) -> None:
    assert client.joins(email="ana@bücher.example.org")["statusCode"] == 202
    assert house.urgent.bodies()[0]["recipients"][0]["email"] == "ana@xn--bcher-kva.example.org"


def test_too_many_sign_ups_from_one_ip_are_asked_to_wait(house: House) -> None:
    client = Client(house, joins_per_minute=2)
    assert [client.joins()["statusCode"] for _ in range(3)] == [202, 202, 429]
    refused = client.joins()
    assert 1 <= int(refused["headers"]["Retry-After"]) <= 60

    house.clock.advance(minutes=1)
    assert client.joins()["statusCode"] == 202


@pytest.mark.promise("P8")
def test_the_addresses_of_one_connection_have_one_limit(house: House) -> None:
    client = Client(house, joins_per_minute=2)
    answers = []
    for client.ip in ("2001:db8:1:2::1", "2001:db8:1:2:a::", "2001:db8:1:2:ffff::7", "2001:db8:1:3::1"):
        answers.append(client.joins()["statusCode"])
    assert answers == [202, 202, 429, 202]
    for client.ip in ("::ffff:198.51.100.1", "198.51.100.1", "::ffff:c633:6401", "::ffff:198.51.100.2"):
        answers.append(client.joins()["statusCode"])
    assert answers[4:] == [202, 202, 429, 202]


@pytest.mark.promise("P8")
def test_behind_a_proxy_each_caller_has_a_limit_and_nobody_has_more_by_a_header(house: House) -> None:
    client = Client(house, joins_per_minute=1, trusted_proxies=1)
    answers = [
        client.joins(headers={"x-forwarded-for": f"192.0.2.{number}, {ip}"})["statusCode"]
        for number, ip in enumerate(("198.51.100.1", "198.51.100.2", "198.51.100.1", "198.51.100.2"))
    ]
    assert answers == [202, 202, 429, 429]

    alone = Client(house, joins_per_minute=1)
    answers = [alone.joins(headers={"x-forwarded-for": f"192.0.2.{number}"})["statusCode"] for number in range(3)]
    assert answers == [202, 429, 429]


@pytest.mark.promise("P8", "P11")
def test_get_changes_nothing_and_post_confirms(house: House, client: Client) -> None:
    client.joins()
    link = {"token": house.urgent.bodies()[0]["recipients"][0]["slots"]["confirm"]}
    shown = client.request("GET", "/v1/waitlist/confirm", query=link)
    wished = {"skus": [SKU], "quantity": 1, "until": "2027-05-03", "marketing": False, "digest": False}
    assert shown["json"] == {"status": "unconfirmed", **wished}
    assert house.line() == []

    assert client.request("POST", "/v1/waitlist/confirm", query=link)["json"]["status"] == "confirmed"
    assert client.request("POST", "/v1/waitlist/confirm", query=link)["statusCode"] == 200
    assert client.request("GET", "/v1/waitlist/confirm", query=link)["json"]["status"] == "confirmed"
    assert house.line() == [ANA]


@pytest.mark.promise("P11")
@pytest.mark.parametrize(("language", "heading"), [("en", "This is over"), ("he", "ההמתנה הזאת הסתיימה")])
def test_a_confirmation_link_of_an_entry_that_is_over_says_so(
    house: House, client: Client, language: str, heading: str
) -> None:
    client.joins()
    link = {"token": house.urgent.bodies()[0]["recipients"][0]["slots"]["confirm"]}
    client.request("POST", "/v1/waitlist/confirm", query=link)
    house.restocks()
    house.accepts()
    for method in ("GET", "HEAD", "POST"):
        page = client.request(
            method, "/v1/waitlist/confirm", query=link, headers={**BROWSER, "accept-language": language}
        )
        assert page["statusCode"] == 410
        assert method == "HEAD" or f"<h1>{heading}</h1>" in page["body"]
        answer = client.request(method, "/v1/waitlist/confirm", query=link)
        assert answer["statusCode"] == 410
        assert method == "HEAD" or answer["json"]["type"].endswith("/gone")


def test_browsers_get_pages_in_the_language_of_the_sign_up(house: House, client: Client) -> None:
    client.joins(locale="he-IL")
    link = {"token": house.urgent.bodies()[0]["recipients"][0]["slots"]["confirm"]}
    page = client.request("GET", "/v1/waitlist/confirm", query=link, headers={**BROWSER, "accept-language": "en"})

    assert page["headers"]["Content-Type"].startswith("text/html")
    assert 'lang="he"' in page["body"]
    assert "default-src 'none'" in page["headers"]["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/waitlist/confirm"),
        ("POST", "/v1/waitlist/confirm"),
        ("GET", "/v1/waitlist/leave"),
        ("POST", "/v1/waitlist/leave"),
        ("GET", "/v1/waitlist/mine"),
        ("PATCH", "/v1/waitlist/mine/e1"),
        ("DELETE", "/v1/waitlist/mine/e1"),
        ("POST", "/v1/waitlist/mine/e1"),
    ],
)
def test_a_bad_link_is_404_an_old_one_410_and_people_get_a_page(
    house: House, client: Client, method: str, path: str
) -> None:
    purpose = path.split("/")[3]
    old = token(house, purpose, e="e1")
    house.clock.advance(days=8)
    assert client.request(method, path, query={"token": "nonsense"})["statusCode"] == 404
    assert client.request(method, path)["statusCode"] == 404
    assert client.request(method, path, query=old)["statusCode"] == 410

    page = client.request(method, path, query=old, headers=BROWSER)
    assert page["statusCode"] == 410
    assert page["headers"]["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("behind", [".", ")", "]", ">", ",", " ", "%20", "_"])
def test_a_link_opens_with_what_was_copied_along_with_it(house: House, client: Client, behind: str) -> None:
    entry = house.waits(ANA)
    client.joins(skus=["OTHER"])
    confirm = house.urgent.bodies()[0]["recipients"][0]["slots"]["confirm"]
    mine = token(house, "mine")["token"] + behind
    assert client.request("GET", "/v1/waitlist/confirm", query={"token": confirm + behind})["statusCode"] == 200
    assert client.request("POST", "/v1/waitlist/confirm", query={"token": confirm + behind})["statusCode"] == 200
    assert client.request("GET", "/v1/waitlist/mine", query={"token": mine}, headers=BROWSER)["statusCode"] == 200

    form = {**BROWSER, "content-type": "application/x-www-form-urlencoded"}
    path = f"/v1/waitlist/mine/{entry}"
    saved = client.request("POST", path, query={"token": mine}, headers=form, body="action=update&quantity=4&until=")
    back = dict(parse_qsl(saved["headers"]["Location"].partition("?")[2]))
    assert client.request("GET", "/v1/waitlist/mine", query=back)["json"]["items"][0]["quantity"] == 4
    leave = token(house, "leave")["token"] + behind
    assert client.request("POST", "/v1/waitlist/leave", query={"token": leave})["statusCode"] == 200
    assert house.line() == []


@pytest.mark.promise("P11")
@pytest.mark.parametrize("page", ["confirm", "leave", "mine"])
def test_head_looks_at_a_link_like_get(house: House, client: Client, page: str) -> None:
    house.waits(ANA)
    client.joins(skus=["OTHER"])
    link = {"token": house.urgent.bodies()[0]["recipients"][0]["slots"]["confirm"]}
    link = link if page == "confirm" else token(house, page)
    looked = client.request("HEAD", f"/v1/waitlist/{page}", query=link, headers=BROWSER)
    shown = client.request("GET", f"/v1/waitlist/{page}", query=link, headers=BROWSER)

    assert (looked["statusCode"], looked["headers"], looked["body"]) == (200, shown["headers"], "")
    assert (house.line(), house.line("OTHER")) == ([ANA], [])


@pytest.mark.promise("P11")
def test_a_link_opens_only_what_it_was_made_for(house: House, client: Client) -> None:
    house.waits(ANA)
    assert client.request("POST", "/v1/waitlist/leave", query=token(house, "mine"))["statusCode"] == 404
    assert client.request("GET", "/v1/waitlist/mine", query=token(house, "leave"))["statusCode"] == 404


def test_one_click_from_the_mailbox_leaves(house: House, client: Client) -> None:
    house.waits(ANA)
    answer = client.request(
        "POST",
        "/v1/waitlist/leave",
        query=token(house, "leave"),
        body="List-Unsubscribe=One-Click",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert (answer["statusCode"], answer["json"]) == (200, {"status": "left"})
    assert house.line() == []


@pytest.mark.promise("P11")
def test_looking_at_the_leave_page_leaves_nobody(house: House, client: Client) -> None:
    house.waits(ANA)
    assert client.request("GET", "/v1/waitlist/leave", query=token(house, "leave"))["statusCode"] == 200
    assert (
        client.request("GET", "/v1/waitlist/leave", query=token(house, "leave"), headers=BROWSER)["statusCode"] == 200
    )
    assert house.line() == [ANA]


def test_own_entries_are_listed_changed_and_ended(house: House, client: Client) -> None:
    entry = house.waits(ANA)
    mine = token(house, "mine")
    (shown,) = client.request("GET", "/v1/waitlist/mine", query=mine)["json"]["items"]
    assert shown["id"] == entry

    changed = client.request("PATCH", f"/v1/waitlist/mine/{entry}", query=mine, body={"quantity": 2})
    assert changed["json"]["quantity"] == 2
    assert client.request("PATCH", f"/v1/waitlist/mine/{entry}", query=mine, body={})["statusCode"] == 400
    assert client.request("PATCH", "/v1/waitlist/mine/other", query=mine, body={"quantity": 2})["statusCode"] == 410
    assert client.request("DELETE", f"/v1/waitlist/mine/{entry}", query=mine)["statusCode"] == 204
    assert house.line() == []


def test_the_pages_form_changes_and_ends_and_comes_back_to_the_list(house: House, client: Client) -> None:
    entry = house.waits(ANA)
    mine = token(house, "mine")
    form = {**BROWSER, "content-type": "application/x-www-form-urlencoded"}
    path = f"/v1/waitlist/mine/{entry}"

    saved = client.request("POST", path, query=mine, headers=form, body="action=update&quantity=4&until=")
    assert saved["statusCode"] == 303
    assert saved["headers"]["Location"].startswith("../mine?token=")
    assert house.counts()["units_wanted"] == 4
    assert client.request("POST", path, query=mine, headers=form, body="action=update&quantity=0")["statusCode"] == 400
    assert client.request("POST", path, query=mine, headers=form, body="action=dance")["statusCode"] == 400

    assert client.request("POST", path, query=mine, headers=form, body="action=leave")["statusCode"] == 303
    assert house.line() == []


def test_leaving_everything_from_the_page_ends_every_entry(house: House, client: Client) -> None:
    house.waits(ANA, "A")
    house.waits(ANA, "B")
    form = {"content-type": "application/x-www-form-urlencoded"}
    client.request("POST", "/v1/waitlist/mine/all", query=token(house, "mine"), headers=form, body="action=leave")

    assert (house.line("A"), house.line("B")) == ([], [])
    assert len(house.bus.named("CustomerLeft")) == 1


@pytest.mark.promise("P8")
def test_a_shop_hears_whom_it_could_not_bring(house: House, client: Client) -> None:
    consent = {"wording": "2026-05", "at": to_text(house.clock.now()), "source": "import"}
    house.clock.advance(hours=1)
    house.leaving.leave(address_key(ANA))
    body = {"email": ANA, "skus": [SKU], "quantity": 1, "consent": consent}
    refused = client.request("POST", "/v1/waitlist/entries", body=body, scopes="storefront")
    assert (refused["statusCode"], refused["json"]["type"]) == (409, "/problems/left")

    for number in range(MOST_ENTRIES):
        house.waits("ben@example.org", f"SKU-{number}")
    body |= {"email": "ben@example.org"}
    refused = client.request("POST", "/v1/waitlist/entries", body=body, scopes="storefront")
    assert (refused["statusCode"], refused["json"]["type"]) == (409, "/problems/too-many-entries")
    assert house.line() == []


def test_consented_entries_need_the_storefronts_key_and_the_proof(house: House, client: Client) -> None:
    given = {"wording": "2026-05", "at": "2026-05-03T09:00:00+03:00", "source": "checkout"}
    body = {"email": ANA, "skus": [SKU], "consent": given}
    path = "/v1/waitlist/entries"
    assert client.request("POST", path, body=body)["statusCode"] == 403
    assert client.request("POST", path, body=body, scopes="erp")["statusCode"] == 403
    for missing in given:
        lacking = {**body, "consent": {name: value for name, value in given.items() if name != missing}}
        assert client.request("POST", path, body=lacking, scopes="storefront")["statusCode"] == 400
    for field in ("wording", "source"):
        two_lines = {**body, "consent": {**given, field: "one\r\ntwo"}}
        assert client.request("POST", path, body=two_lines, scopes="storefront")["statusCode"] == 400
    future = {**body, "consent": {**given, "at": "2026-05-04T10:00:00Z"}}
    assert client.request("POST", path, body=future, scopes="storefront")["statusCode"] == 400

    assert client.request("POST", path, body=body, scopes="erp storefront")["statusCode"] == 202
    assert house.line() == [ANA]
    (listed,) = house.waves.stretch(SKU, "").listings
    assert listed.consented_at == "2026-05-03T06:00:00.000Z"


@pytest.mark.promise("P10")
def test_operators_see_counts_and_reasons(house: House, client: Client) -> None:
    house.waits(ANA, "SHIRT+RED", quantity=2)
    house.restocks(sku="SHIRT+RED")
    house.accepts()
    counts = client.request("GET", "/v1/waitlist/SHIRT%2BRED", scopes="ops")
    assert counts["json"] == {
        "sku": "SHIRT+RED",
        "unconfirmed": 0,
        "waiting": 0,
        "units_wanted": 0,
        "invited": 1,
        "told": 1,
        "left": 0,
        "refused": 0,
        "as_of": counts["json"]["as_of"],
    }
    why = client.request("GET", "/v1/waitlist/SHIRT%2BRED/why", scopes="ops")
    assert why["json"]["subject"] == "waitlist:SHIRT+RED"
    assert why["json"]["steps"][-1]["event"] == "CustomersInvited"

    assert client.request("GET", "/v1/waitlist/SHIRT%2BRED", scopes="storefront")["statusCode"] == 403
    assert client.request("GET", "/v1/waitlist/SHIRT%2BRED/why")["statusCode"] == 403
    assert client.request("GET", "/v1/waitlist/A%E2%80%8BB", scopes="ops")["statusCode"] == 400
    for path in ("/v1/waitlist", "/v1/waitlist/why"):
        twin = client.request("GET", path, query={"sku": "SHIRT+RED"}, scopes="ops")
        assert twin["json"].keys() == client.request("GET", path, query={"sku": "A/B"}, scopes="ops")["json"].keys()
        assert twin["json"].get("told") in (1, None)
    assert client.request("GET", "/v1/waitlist/UNKNOWN", scopes="ops")["json"]["waiting"] == 0


def test_a_busy_address_is_asked_to_try_again(house: House, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from standby.waitlist.model import ChangedMeanwhileError  # noqa: PLC0415 - beside its one use

    def busy(*_arguments: object) -> None:
        raise ChangedMeanwhileError

    monkeypatch.setattr(type(house.customers), "save", busy)
    answer = client.joins()
    assert (answer["statusCode"], answer["json"]["type"]) == (503, "/problems/busy")
    assert answer["headers"]["Retry-After"] == "1"


@pytest.mark.parametrize("quantity", ["0", "1000", "9" * 5_000, "1.5", "-1", "x"])
def test_the_form_refuses_a_quantity_that_nobody_can_want(house: House, client: Client, quantity: str) -> None:
    entry = house.waits(ANA)
    refused = client.request(
        "POST",
        f"/v1/waitlist/mine/{entry}",
        query=token(house, "mine"),
        body=urlencode({"action": "update", "quantity": quantity}),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert refused["statusCode"] == 400
    assert "quantity" in refused["json"]["detail"]


def waits_for_all(house: House) -> None:
    """Let Ana wait for as much as she may, and have a link to confirm one thing more."""
    for number in range(MOST_ENTRIES):
        house.waits(ANA, f"SKU-{number}")
    house.sign_up.join(house.wish(ANA, "ONE-MORE"))


@pytest.mark.promise("P2", "P11")
def test_who_waits_for_all_that_one_may_is_told_behind_the_link_and_nowhere_before(house: House) -> None:
    waits_for_all(house)
    client = Client(house)
    subject = house.token("confirm")
    link = token(house, "confirm", e=subject["e"])

    refused = client.request("POST", "/v1/waitlist/confirm", query=link)
    assert (refused["statusCode"], refused["json"]["type"]) == (409, "/problems/too-many-entries")
    shown = client.request("POST", "/v1/waitlist/confirm", query=link, headers=BROWSER)
    assert shown["statusCode"] == 409
    assert "as much as we can look out for" in shown["body"]

    one = next(entry for entry in house.mine.entries(address_key(ANA))[1] if entry["status"] == "waiting")
    form = re.search(rf'action="(mine/{one["id"]})\?token=([^"&]+)', shown["body"])
    assert form, "no form that ends one"
    ended = client.request(
        "POST",
        f"/v1/waitlist/{form[1]}",
        query={"token": form[2]},
        body="action=leave",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert ended["statusCode"] == 303
    assert client.request("POST", "/v1/waitlist/confirm", query=link)["statusCode"] == 200
    assert house.line("ONE-MORE") == [ANA]


def test_who_waits_for_all_that_one_may_can_still_confirm_another_quantity(house: House) -> None:
    waits_for_all(house)
    house.confirms(ANA, "SKU-3", quantity=5)

    assert house.counts("SKU-3") == {"waiting": 1, "units_wanted": 5}


def test_a_wish_has_room_for_ten_of_the_longest_skus_in_hebrew(house: House) -> None:
    skus = [f"{chr(0x5D0 + number) * 100}" for number in range(10)]
    accepted = Client(house).request("POST", "/v1/waitlist", body={"email": ANA, "skus": skus, "consent": CONSENT})
    assert accepted["statusCode"] == 202
    assert house.counts(skus[9]) == {"unconfirmed": 1}


def test_a_wish_of_more_bytes_than_there_is_room_for_is_refused_by_name(house: House) -> None:
    skus = [f"{number}{chr(0x1F600) * 90}" for number in range(10)]
    refused = Client(house).request("POST", "/v1/waitlist", body={"email": ANA, "skus": skus, "consent": CONSENT})
    assert refused["statusCode"] == 400
    assert "skus: 3,610 bytes of UTF-8 are more than 2,000" in json.dumps(refused["json"])
