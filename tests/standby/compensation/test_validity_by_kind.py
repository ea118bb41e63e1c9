"""How long a code lasts hangs on its kind where the policy says so, and on the market first of all."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from standby.compensation.reading import UnsoundError, sound
from standby.platform.identifier import TURNING
from standby.platform.schema import UnfitError, reader

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import (
    FEATURE,
    FEE,
    ONE_OF_THREE,
    TWO_LEVELS,
    document,
    eur,
    percent,
    policy,
    rule,
    shipping,
    voucher,
)

pytestmark = pytest.mark.promise("P6", "P10")
KINDS = {"percent_off": percent(2, 10, 800), "voucher": voucher(2, 500), "free_shipping": shipping(2, 600)}
BY_KIND = [{"kind": "percent_off", "days": 30}, {"kind": "free_shipping", "days": 60}]


class Ana(Chooser, Agent):
    """A customer, and people of the shop."""


def days(made: Any, country: str) -> list[int]:
    """Return for how many days each kind of code is valid in a country."""
    return [made.market(country).valid_for(kind) for kind in KINDS]


@pytest.mark.parametrize(
    ("said", "germany", "israel"),
    [
        ({}, [365, 365, 365], [1_827] * 3),
        ({"voucher_valid_days_by_kind": BY_KIND}, [30, 365, 60], [1_827] * 3),
        ({"voucher_valid_days": 90, "voucher_valid_days_by_kind": BY_KIND}, [30, 90, 60], [1_827] * 3),
        (
            {"voucher_valid_days_by_kind": BY_KIND, "markets": [{"country": "DE", "voucher_valid_days": 7}]},
            [7, 7, 7],
            [1_827] * 3,
        ),
        (
            {
                "voucher_valid_days_by_kind": BY_KIND,
                "markets": [
                    {"country": each, "voucher_valid_days_by_kind": [{"kind": "free_shipping", "days": 10}]}
                    for each in ("DE", "IL")
                ],
            },
            [30, 365, 10],
            [1_827, 1_827, 10],
        ),
    ],
    ids=["nothing", "kinds", "both", "a market for all kinds", "markets by kind"],
)
def test_what_a_market_says_counts_first_and_the_kind_before_all_kinds(
    said: dict[str, Any], germany: list[int], israel: list[int]
) -> None:
    made = policy(TWO_LEVELS, **said)
    assert (days(made, "DE"), days(made, "IL")) == (germany, israel)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"voucher_valid_days": 700}, True),
        ({"voucher_valid_days_by_kind": [{"kind": "voucher", "days": 700}]}, True),
        ({"voucher_valid_days": 700, "voucher_valid_days_by_kind": [{"kind": "voucher", "days": 800}]}, False),
        ({"voucher_valid_days_by_kind": [{"kind": "percent_off", "days": 30}]}, False),
    ],
    ids=["all kinds", "gift vouchers", "others", "a percentage"],
)
def test_a_gift_voucher_is_valid_two_years_at_least_in_israel(said: dict[str, Any], *, wrong: bool) -> None:
    body = reader(FEATURE, "policy")(document(TWO_LEVELS, markets=[{"country": "IL", **said}]))
    if not wrong:
        sound(body)
        return
    with pytest.raises(UnsoundError) as refused:
        sound(body)
    assert refused.value.wrong == ["markets: gift vouchers are valid in IL for 731 days at least"]


def test_a_kind_stands_there_once_and_the_delivery_fee_has_no_days() -> None:
    twice = [{"kind": "voucher", "days": each} for each in (3, 4)]
    for said in (
        {"voucher_valid_days_by_kind": twice},
        {"markets": [{"country": "DE", "voucher_valid_days_by_kind": twice}]},
    ):
        with pytest.raises(UnsoundError, match="voucher_valid_days_by_kind: a kind stands there twice"):
            policy(TWO_LEVELS, **said)
    with pytest.raises(UnfitError):
        policy(TWO_LEVELS, voucher_valid_days_by_kind=[{"kind": "delivery_fee_back", "days": 3}])


@pytest.mark.parametrize("how", ["granted", "approved", "by hand"])
@pytest.mark.parametrize(("kind", "lasts"), [("percent_off", 30), ("voucher", 365), ("free_shipping", 60)])
def test_mail_page_look_up_export_and_checkout_agree(shop: Shop, kind: str, lasts: int, how: str) -> None:
    ana = Ana(shop)
    more = {"approval_above": [eur(100)]} if how == "approved" else {}
    level = FEE if how == "by hand" else KINDS[kind]
    ana.sets(rule({**level, "days_late": 2}), voucher_valid_days_by_kind=BY_KIND, **more)
    ana.places(**({"delivery_fee": eur(0)} if how == "by hand" else {}))
    ana.late(days=3)
    if how == "by hand":
        ana.gives(remedy=KINDS[kind]["remedy"])
    if how == "approved":
        ana.time_passes(1)
        ana.decides("approve")
    last = ana.shop.today() + timedelta(days=lasts)
    (code,) = ana.brought()
    assert f"valid until {named(last)}" in ana.read()[-1][1]
    assert f"Valid until {named(last)}" in ana.own(page=True)
    shown = [ana.own()["remedies"][0], ana.asks("GET /v1/deliveries/O/remedies")[1]["granted"][0]]
    shown.append(ana.asks(f"GET /v1/vouchers/{code}")[1])
    assert {each["ends_on"] for each in shown} == {last.isoformat()}
    month = f"{ana.shop.today():%Y-%m}"
    sheet = ana.asks("GET /v1/reports/remedies", scopes="ops", query={"month": month})[1]
    assert last.isoformat() in sheet
    ana.shop.world.clock.advance(days=lasts)
    assert ana.redeems(code)[0] == 200
    assert ana.asks(f"POST /v1/vouchers/{code}/release", body={"order_id": "NEXT"})[0] == 200
    ana.shop.world.clock.advance(days=1)
    assert ana.redeems(code, key="k-2")[0] == 409


def named(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "valid at least until"), ("he", "בתוקף לפחות עד")], ids=["en", "he"]
)
def test_a_choice_names_the_last_day_of_each_code_where_they_differ(shop: Shop, locale: str, said: str) -> None:
    ana = Ana(shop)
    ana.sets(rule(ONE_OF_THREE), voucher_valid_days_by_kind=BY_KIND)
    ana.places(customer={"locale": locale})
    ana.late(days=3)
    lasts = {"percent_off": 30, "voucher": 365, "free_shipping": 60}
    last = {kind: ana.shop.today() + timedelta(days=lasts[kind]) for kind in KINDS}
    ((_, text),) = ana.read()
    page = ana.own(page=True).translate(TURNING)
    assert (text.count(said), page.count(said)) == (3, 3)
    if locale == "en":
        assert (
            f"The code for 10% off can be used once. It is valid at least until {named(last['percent_off'])}." in text
        )
        assert [each for each in last.values() if named(each) not in text or named(each) not in page] == []
    (own,) = ana.own()["remedies"]
    assert {each["kind"]: each["ends_on"] for each in own["options"]} == {k: d.isoformat() for k, d in last.items()}
    assert own["ends_on"] == last["percent_off"].isoformat(), "no code of it ends before that"
    ana.shop.world.clock.advance(days=1)
    ana.chooses("free_shipping")
    expected = (last["free_shipping"] + timedelta(days=1)).isoformat()
    (code,) = ana.brought()
    assert [ana.own()["remedies"][0]["ends_on"], ana.asks(f"GET /v1/vouchers/{code}")[1]["ends_on"]] == [expected] * 2


def test_a_choice_that_waited_for_approval_names_the_days_from_its_approval(shop: Shop) -> None:
    ana = Ana(shop)
    ana.sets(rule(ONE_OF_THREE), voucher_valid_days_by_kind=BY_KIND, approval_above=[eur(100)])
    ana.places()
    ana.late(days=3)
    ana.time_passes(2)
    ana.decides("approve")
    last = ana.shop.today() + timedelta(days=60)
    ((_, text),) = ana.read()
    assert "Free shipping" in text
    assert f"valid at least until {named(last)}" in text
    ana.chooses("free_shipping")
    assert ana.own()["remedies"][0]["ends_on"] == last.isoformat()


def test_a_choice_ended_by_the_clock_gives_a_code_of_its_own_kind(shop: Shop) -> None:
    ana = Ana(shop)
    asked = {**ONE_OF_THREE, "choice": {**ONE_OF_THREE["choice"], "otherwise": "percent_off", "days": 1}}
    ana.sets(rule(asked), voucher_valid_days_by_kind=BY_KIND)
    ana.places()
    ana.late(days=3)
    ana.time_passes(2)
    assert ana.own()["remedies"][0]["ends_on"] == (ana.shop.today() + timedelta(days=30)).isoformat()


def test_a_choice_of_before_has_one_number_of_days_for_all_its_codes(shop: Shop) -> None:
    """It was kept before policies said days by kind."""
    ana = Ana(shop)
    ana.sets(rule(ONE_OF_THREE), voucher_valid_days=40)
    ana.places()
    ana.late(days=3)
    known = ana.of()
    (grant,) = known.grants
    older = tuple(option._replace(valid_days=0, ends_on=None) for option in grant.options)
    ana.book.keep(
        replace(known, grants=(replace(grant, options=older),), edition=known.edition + 1), now=shop.world.clock.now()
    )
    assert "valid at least until" in ana.own(page=True)
    ana.chooses("voucher")
    assert ana.own()["remedies"][0]["ends_on"] == (ana.shop.today() + timedelta(days=40)).isoformat()
