"""The committed rules of the markets: whole, each with its source, and settable only where they are open."""

import json
from datetime import date
from typing import Any

import pytest
from standby.delivery.rights.model import SETTABLE, CertainRuleError
from standby.delivery.rights.repository import FOLDER, market, market_of, markets
from standby.platform.holidays import Country
from standby.platform.schema import checker

USED = {"promise", "days_without_a_date", "first_notice", "silence", "refund", "no_email"}
"""Rules that the product asks every market for."""
EU_MEMBERS = 27
"""Since 1 February 2020."""


def file(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", markets())
def test_a_market_s_file_fits_its_schema(name: str) -> None:
    assert checker("standby.delivery.rights", "market")(file(name)) == []


def test_a_rule_without_a_source_does_not_fit() -> None:
    said = file("us")
    del said["rules"]["refund"]["source"]
    assert checker("standby.delivery.rights", "market")(said) == ["rules.refund.source: missing"]


@pytest.mark.parametrize("name", markets())
def test_a_market_says_that_it_is_no_legal_advice_and_has_every_rule_that_is_used(name: str) -> None:
    known = market(name)
    assert "not legal advice" in known.note
    assert known.rules.keys() >= USED


def test_no_rule_is_lost_from_the_table() -> None:
    """The rows of ``rules.md``, by the names that they have here."""
    rows = {
        "us": {"silence_days", "further_delay", "no_notice", "charged_at_shipping", "promotional_code"},
        "eu": {"withdrawal_days", "withdrawal_function", "withdrawal_code", "discount_code"},
        "de": {"preorder_date", "survey", "withdrawal_days"},
        "gb": {"withdrawal_days"},
        "il": {
            *("withdrawal_days", "withdrawal_months_of_some", "cancel_fee", "gift_voucher_years", "credit_note_years"),
            *("goodwill_code_years", "advertising", "apology_code", "call_with_offer", "rest_days"),
        },
        "default": set(),
    }
    assert sorted(rows) == markets()
    assert {name: wanted - market(name).rules.keys() for name, wanted in rows.items()} == {name: set() for name in rows}


@pytest.mark.parametrize(
    ("country", "name"),
    [
        *(("US", "us"), ("us", "us"), ("FR", "eu"), ("GR", "eu"), ("DE", "de"), ("GB", "gb"), ("IL", "il")),
        *(("CH", "default"), ("NO", "default"), ("", "default"), (None, "default"), ("??", "default")),
    ],
)
def test_a_country_has_a_market_and_all_others_the_careful_default(country: str | None, name: str) -> None:
    assert market_of(country).name == name


def test_the_european_union_is_listed_with_the_day_of_the_list() -> None:
    listed = file("eu")["countries"]
    assert len(listed["codes"]) == EU_MEMBERS
    assert date.fromisoformat(listed["as_of"]) >= date(2026, 11, 27)
    assert {market_of(code).name for code in listed["codes"]} == {"eu", "de"}


def test_germany_inherits_what_the_union_says() -> None:
    assert market("de").rules.items() > market("eu").rules.items()


@pytest.mark.parametrize("name", markets())
def test_what_is_certain_is_nobody_s_setting(name: str) -> None:
    known = market(name)
    for rule, said in known.rules.items():
        if said.certainty in SETTABLE:
            assert known.chosen({rule: "chosen"}).value(rule) == "chosen"
        else:
            with pytest.raises(CertainRuleError, match=rule):
                known.chosen({rule: "chosen"})
    assert known.rules["silence"].certainty not in SETTABLE


def test_a_rule_that_a_market_has_not_cannot_be_chosen() -> None:
    with pytest.raises(CertainRuleError, match="us: rest_days cannot be chosen"):
        market("us").chosen({"rest_days": "open"})


@pytest.mark.parametrize(
    ("country", "careful"),
    [
        ("US", {"charged_at_shipping": True}),
        ("FR", {"withdrawal_code": False}),
        ("IL", {"goodwill_code_years": 5, "apology_code": "advertising", "rest_days": "closed"}),
    ],
)
def test_what_is_open_has_the_careful_value(country: str, careful: dict[str, Any]) -> None:
    assert {name: market_of(country).value(name) for name in careful} == careful


@pytest.mark.parametrize(
    ("country", "since", "by"),
    [
        ("US", "2026-11-25", "2026-12-07"),
        ("US", "2026-12-04", "2026-12-15"),
        ("DE", "2026-12-20", "2027-01-03"),
        ("FR", "2026-12-20", "2027-01-03"),
        ("GB", "2026-12-20", "2027-01-03"),
        ("IL", "2026-12-20", "2027-01-03"),
        ("CH", "2026-12-20", "2026-12-27"),
    ],
)
def test_a_refund_is_due_within_the_market_s_term(country: str, since: str, by: str) -> None:
    found = market_of(country).refund_by(date.fromisoformat(since), Country.of(country))
    assert found == date.fromisoformat(by)
