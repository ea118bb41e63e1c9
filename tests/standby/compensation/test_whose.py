"""Whether the shop may take a code back, and whether it is for one customer alone: as the grant said it."""

import json
from typing import Any

import pytest
from standby.compensation.kept_remedies import content_of, remedies_of
from standby.compensation.voucher_model import Redeemer

from tests.promises.shop import Shop
from tests.standby.compensation.agent import agent
from tests.standby.compensation.chooser import Chooser, chooser
from tests.standby.compensation.remedied import FEE, choice, document, eur, percent, rule, shipping, voucher
from tests.standby.compensation.till import Till, till

pytestmark = pytest.mark.promise("P6")

API = "compensation_api"
GOOD = {"revocable": False}
BOUND = voucher(2, 500, bound=True)
OURS, WITHDRAWN = {"en": "only for you", "he": "רק בשבילכם"}, {"en": "We may withdraw", "he": "אנחנו רשאים לבטל"}


@pytest.fixture
def ana(shop: Shop) -> Till:
    return till(shop)


def problem(answer: tuple[int, Any]) -> tuple[int, str]:
    """Return status and type of what was refused."""
    return answer[0], answer[1]["type"].rpartition("/")[2]


def takes_back_the_choice(made: Chooser) -> tuple[int, Any]:
    """Take the open choice back."""
    body = {"remedy_id": made.open().grant_id}
    answer: tuple[int, Any] = made.shop.world.request(
        API, "POST", "/v1/deliveries/O/remedies/revoke", body=body, scopes="ops"
    )
    return answer


# ---- taken back ----


def test_a_voucher_of_which_the_policy_says_nothing_is_given_for_good(ana: Till) -> None:
    ana.sets(rule({"days_late": 2, "remedy": {"kind": "voucher", "amount": eur(500)}}))
    code = ana.a_code()
    assert ana.asks(f"GET /v1/vouchers/{code}")[1]["revocable"] is False
    answer = ana.revokes(code)
    assert problem(answer) == (409, "not-revocable")
    assert answer[1]["detail"].startswith("the voucher is not taken back: it was not granted as one")
    assert ana.redeems(code)[0] == 200
    assert ana.heard("VoucherRevoked") == []


def test_what_the_grant_said_holds_whatever_the_policy_says_later(ana: Till) -> None:
    ana.sets(rule(voucher(2, 500)))
    first = ana.a_code("O-1")
    ana.sets(rule(voucher(2, 500, **GOOD)))
    second = ana.a_code("O-2")
    ana.sets(rule(voucher(2, 500)))
    assert ana.revokes(first)[0] == 200
    assert problem(ana.revokes(second)) == (409, "not-revocable")


@pytest.mark.parametrize(
    ("country", "said", "expected"),
    [
        ("DE", {}, (True, True)),
        ("IL", {}, (False, False)),
        ("IL", {"vouchers_are_revocable": True, "vouchers_are_bound": True}, (True, True)),
        ("DE", {"vouchers_are_revocable": False, "vouchers_are_bound": False}, (False, False)),
        ("DE", {"voucher_valid_days": 9}, (True, True)),
        ("IL", {"voucher_valid_days": 900}, (False, False)),
    ],
    ids=["as the remedy says", "Israel", "Israel said so", "a market said so", "other words", "other words of Israel"],
)
def test_a_market_decides_where_it_says_something_and_israel_is_careful(
    ana: Till, country: str, said: dict[str, Any], expected: tuple[bool, bool]
) -> None:
    ana.sets(rule(BOUND), markets=[{"country": country, **said}] if said else [])
    ana.places(ship_to={"country": country})
    ana.late(days=3)
    (granted,) = ana.asks("GET /v1/deliveries/O/remedies", scopes="ops")[1]["granted"]
    assert (granted["revocable"], granted["bound"]) == expected
    shown = ana.asks(f"GET /v1/vouchers/{granted['code']}")[1]
    assert (shown["revocable"], shown["bound"]) == expected
    assert ana.revokes(granted["code"])[0] == (200 if expected[0] else 409)


def test_a_choice_is_taken_back_only_where_each_of_its_codes_may_be(shop: Shop) -> None:
    mixed = choice(2, voucher(2, 500, **GOOD), percent(2, 10, 800))
    ana = chooser(shop, mixed)
    assert problem(takes_back_the_choice(ana)) == (409, "not-revocable")
    assert ana.chooses("percent_off")[0] == 200
    assert Till(shop).revokes(ana.brought()[-1])[0] == 200


def test_a_choice_between_codes_that_may_be_taken_back_is_whatever_fee_stands_beside_them(shop: Shop) -> None:
    ana = chooser(shop, choice(2, FEE, voucher(2, 500)))
    assert "We may withdraw this choice" in ana.own(page=True)
    assert takes_back_the_choice(ana)[0] == 200


def test_what_was_granted_before_anybody_said_so_may_be_taken_back_as_before(ana: Till) -> None:
    ana.sets(rule(voucher(2, 500, **GOOD)))
    code = ana.a_code()
    kept = json.loads(json.dumps(content_of(ana.of())))
    assert kept["grants"][0].pop("revocable") is False
    (grant,) = remedies_of("O", 1, kept).grants
    assert (grant.revocable, grant.bound) == (True, False)
    key, said = older(ana, "revocable", "holder_id", "holder_key")
    assert "revocable" not in said
    assert ana.asks(f"GET /v1/vouchers/{code}")[1]["revocable"] is True, key
    assert ana.revokes(code)[0] == 200


def older(ana: Till, *names: str) -> tuple[str, dict[str, Any]]:
    """Let the one voucher be kept as it was before it had some fields; return where, and what is kept."""
    table = ana.book.table
    code = ana.of().grants[0].code
    item = dict(table.item({"pk": f"VOUCHER#{code}", "sk": "VOUCHER"}) or {})
    said = {name: value for name, value in json.loads(item["text"]).items() if name not in names}
    ana.shop.world.dynamodb.update_item(
        TableName=table.name,
        Key={"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}},
        UpdateExpression="SET #t = :t",
        ExpressionAttributeNames={"#t": "text"},
        ExpressionAttributeValues={":t": {"S": json.dumps(said)}},
    )
    return item["pk"], said


# ---- one customer's alone ----


@pytest.mark.promise("P11")
def test_a_bound_voucher_is_taken_for_its_customer_by_the_shops_id_alone(ana: Till) -> None:
    ana.sets(rule(BOUND))
    ana.places(customer={"id": "C-17"})
    ana.late(days=3)
    (code,) = ana.brought()
    assert ana.asks(f"GET /v1/vouchers/{code}")[1]["bound"] is True
    others: list[dict[str, Any]] = [
        {},
        {"customer": {}},
        {"customer": {"id": "C-18"}},
        {"customer": {"email": "ana@example.org"}},
    ]
    refused = [ana.redeems(code, key=f"k-{number}", **other) for number, other in enumerate(others)]
    assert {problem(answer) for answer in refused} == {(409, "other-customer")}
    told = str([refused, ana.asks(f"GET /v1/vouchers/{code}")])
    assert not any(word in told for word in ("C-17", "ana@"))
    assert ana.redeems(code, key="own", customer={"id": "C-17", "email": "other@example.org"})[0] == 200


def test_without_an_id_it_is_bound_by_the_address_however_it_is_written(ana: Till) -> None:
    ana.sets(rule(BOUND))
    code = ana.a_code()
    assert problem(ana.redeems(code, customer={"email": "bo@example.org"})) == (409, "other-customer")
    assert problem(ana.redeems(code, key="k-2", customer={"id": "C-17"})) == (409, "other-customer")
    answer = ana.redeems(code, key="k-3", customer={"id": "C-17", "email": " ANA@example.org"})
    assert answer[0] == 200
    assert ana.redeems(code, key="k-3", customer={"id": "C-17", "email": "ana@example.org"}) == answer
    assert ana.redeems(code, key="k-3", customer={"email": "bo@example.org"})[0] == 422
    assert ana.redeems(code, key="k-4", order_total=eur(5_000), customer={"email": "bo@example.org"})[0] == 409
    items = ana.shop.world.dynamodb.scan(TableName=ana.book.table.name)["Items"]
    assert "ana@" not in str(items).lower()


def test_nobody_is_bound_of_whom_nobody_knows_who_they_are(ana: Till) -> None:
    ana.sets(rule(BOUND))
    ana.places(email=None)
    ana.late(days=3)
    (granted,) = ana.asks("GET /v1/deliveries/O/remedies", scopes="ops")[1]["granted"]
    assert granted["bound"] is False
    assert ana.redeems(granted["code"])[0] == 200


def test_a_voucher_that_is_not_bound_is_taken_for_anybody_and_nothing_is_kept_of_them(ana: Till) -> None:
    code = ana.a_code()
    found = ana.voucher(code)
    assert found is not None
    assert (found.bound, found.holder_id, found.holder_key, found.is_for(Redeemer())) == (False, None, None, True)
    assert ana.redeems(code, customer={"id": "C-18"})[0] == 200


def test_only_the_code_that_was_chosen_is_bound_and_events_say_to_whom(shop: Shop) -> None:
    ana = Chooser(shop)
    ana.sets(rule(choice(2, voucher(2, 500, bound=True), shipping(2, 600))))
    for order_id in ("O-1", "O-2"):
        ana.places(order_id, email=f"{order_id}@example.org", customer={"id": f"C-{order_id}"})
        ana.late(order_id, days=3)
    for order_id, kind in (("O-1", "voucher"), ("O-2", "free_shipping")):
        token = ana.link(f"{order_id}@example.org")
        assert ana.chooses(kind, remedy_id=ana.open(order_id).grant_id, token=token)[0] == 200
    assert [(each.bound, each.holder_id) for name in ("O-1", "O-2") for each in ana.of(name).grants] == [
        (True, "C-O-1"),
        (False, None),
    ]
    told = [(event["bound"], event.get("customer_id")) for event in ana.heard("RemedyChosen")]
    assert told == [(True, "C-O-1"), (False, None)]
    assert [event["bound"] for event in ana.heard("RemedyGranted")] == [False, False]
    assert "@" not in str([event for name, event in shop.world.events if name.startswith(("Remedy", "Voucher"))])


def test_what_a_person_gives_by_hand_may_be_bound_and_taken_back_too(shop: Shop) -> None:
    dana = agent(shop)
    dana.places()
    status, granted = dana.gives(remedy={"kind": "voucher", "amount": eur(700), "revocable": True, "bound": True})
    assert (status, granted["revocable"], granted["bound"]) == (201, True, True)


# ---- said ----


@pytest.mark.parametrize("locale", ["en", "he"])
@pytest.mark.parametrize("so", [True, False], ids=["so", "not so"])
def test_mail_and_page_say_it_where_it_is_so_and_only_there(shop: Shop, locale: str, *, so: bool) -> None:
    ana = Chooser(shop)
    ana.sets(rule(voucher(2, 500, revocable=so, bound=so)))
    ana.places(customer={"locale": locale})
    ana.late(days=3)
    ((_, text),) = ana.read()
    for said in (text, ana.own(page=True).replace("Only", "only")):
        assert [words[locale] in said for words in (OURS, WITHDRAWN)] == [so, so], said


@pytest.mark.parametrize("locale", ["en", "he"])
def test_the_mail_of_a_choice_says_it_once_where_it_is_so_of_each_and_else_of_which(shop: Shop, locale: str) -> None:
    ana = Chooser(shop)
    two = {"bound": True}
    ana.sets(rule(choice(2, voucher(2, 500, **two), percent(2, 10, 800, **two))))
    ana.places("O-1", email="ana-1@example.org", customer={"locale": locale})
    ana.late("O-1", days=3)
    ana.sets(rule(choice(2, voucher(2, 500, **two), percent(2, 10, 800, **GOOD), FEE)))
    ana.places("O-2", email="ana-2@example.org", customer={"locale": locale})
    ana.late("O-2", days=3)
    ana.sets(rule(choice(2, voucher(2, 500, **GOOD), percent(2, 10, 800, **GOOD), FEE)))
    ana.places("O-3", email="ana-3@example.org", customer={"locale": locale})
    ana.late("O-3", days=3)
    counted = [(text.count(OURS[locale]), text.count(WITHDRAWN[locale])) for _, text in ana.read()]
    assert counted == [(1, 1), (1, 1), (0, 0)]
    assert ["10%" in line for _, text in ana.read()[1:2] for line in text.splitlines() if OURS[locale] in line] == [
        False
    ]


@pytest.mark.parametrize(("name", "said"), [("revocable", True), ("bound", True)], ids=["revocable", "bound"])
def test_of_a_fee_neither_is_said(ana: Till, name: str, *, said: bool) -> None:
    body = document(rule({"days_late": 1, "remedy": {**FEE["remedy"], name: said}}))
    status, answer = ana.asks("PUT /v1/policy", scopes="ops", body=body)
    assert (status, answer["errors"]) == (400, [f"rules.0.levels.0.remedy.{name}: only codes have one"])
